//! The roles that Make has, by ids as its documents show them, and what each may do.

use serde_json::{Value, json};

use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::View;

/// A role of the system.
struct Role {
    id: u64,
    name: &'static str,
    identifier: &'static str,
    category: &'static str,
    /// Its letter in [`PERMISSIONS`].
    letter: char,
}

const fn role(
    id: u64,
    category: &'static str,
    name: &'static str,
    identifier: &'static str,
    letter: char,
) -> Role {
    Role {
        id,
        name,
        identifier,
        category,
        letter,
    }
}

/// The identifiers of team roles are as documented, those of organizations made in their manner.
#[rustfmt::skip] // a table
const ROLES: [Role; 10] = [
    role(1, "team", "Team Admin", "company:team-admin", 'A'),
    role(3, "team", "Team Member", "company:team-member", 'M'),
    role(4, "team", "Team Monitoring", "company:team-monitoring", 'V'),
    role(6, "team", "Team Operator", "company:team-operator", 'O'),
    role(7, "team", "Team Restricted Member", "company:team-restricted-member", 'R'),
    role(11, "organization", "Owner", "organization:owner", 'w'),
    role(12, "organization", "Admin", "organization:admin", 'a'),
    role(13, "organization", "Member", "organization:member", 'm'),
    role(14, "organization", "Accountant", "organization:accountant", 'c'),
    role(15, "organization", "App developer", "organization:app-developer", 'd'),
];

/// Each permission, with the letters of the roles that have it.
const PERMISSIONS: [(&str, &str); 28] = [
    ("account add", "AMR"),
    ("accounts get", "AMOR"),
    ("datastore add", "AMR"),
    ("datastores get", "AMOR"),
    ("device add", "AMR"),
    ("dlq edit", "AMR"),
    ("dlq view", "AMVOR"),
    ("function add", "AMR"),
    ("hook add", "AMR"),
    ("hook edit", "AMR"),
    ("hooks get", "AMOR"),
    ("key add", "AMR"),
    ("scenario add", "AM"),
    ("scenario delete", "AM"),
    ("scenario edit", "AMR"),
    ("scenario scheduling", "AMOR"),
    ("scenario start", "AMOR"),
    ("scenario stop", "AMOR"),
    ("scenario view", "AMVOR"),
    ("team delete", "A"),
    ("team user add", "A"),
    ("udt add", "AMR"),
    ("app install", "wad"),
    ("organization delete", "w"),
    ("organization edit", "wa"),
    ("organization user add", "wa"),
    ("organization view", "wamcd"),
    ("payments get", "wc"),
];

/// `GET /users/roles`
pub(super) fn list(call: &Call<'_>, _: &View<'_>) -> Answer {
    let category = call.query("category");
    if let Some(unknown) = category.filter(|name| !["team", "organization"].contains(name)) {
        return Err(Refusal::invalid(format!("unknown category '{unknown}'")));
    }
    let wanted = ROLES
        .iter()
        .filter(|role| category.is_none_or(|name| name == role.category));
    let rows: Vec<Value> = wanted.map(row).collect();
    reply(&json!({ "usersRoles": rows }))
}

fn row(role: &Role) -> Value {
    let Role {
        id,
        name,
        identifier,
        category,
        letter,
    } = role;
    let may = PERMISSIONS
        .iter()
        .filter(|(_, letters)| letters.contains(*letter));
    let permissions: Vec<&str> = may.map(|(permission, _)| *permission).collect();
    json!({
        "id": id, "name": name, "identifier": identifier, "category": category,
        "subsidiary": false, "managementType": "system_managed", "description": null,
        "permissions": permissions,
    })
}

/// Refuses an id that is no role of a team.
pub(super) fn check_team_role(id: u64) -> Result<(), Refusal> {
    match ROLES
        .iter()
        .any(|role| role.id == id && role.category == "team")
    {
        true => Ok(()),
        false => Err(Refusal::invalid(format!("role {id} is no team role"))),
    }
}
