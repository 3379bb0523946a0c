//! The roles that Make has, by ids as its documents show them.

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
    permissions: &'static [&'static str],
}

const VIEW: &[&str] = &["scenario view", "scenario get", "scenario logs", "dlq view"];

const OPERATE: &[&str] = &[
    "scenario view",
    "scenario get",
    "scenario logs",
    "dlq view",
    "accounts get",
    "hooks get",
    "keys get",
    "datastores get",
    "scenario start",
    "scenario stop",
    "scenario scheduling",
];

const EDIT: &[&str] = &[
    "scenario view",
    "scenario get",
    "scenario logs",
    "scenario edit",
    "scenario start",
    "scenario stop",
    "scenario scheduling",
    "dlq view",
    "dlq edit",
    "accounts get",
    "account add",
    "hooks get",
    "hook add",
    "hook edit",
    "keys get",
    "key add",
    "datastores get",
    "datastore add",
    "udt add",
];

const BUILD: &[&str] = &[
    "scenario view",
    "scenario get",
    "scenario logs",
    "scenario add",
    "scenario edit",
    "scenario delete",
    "scenario start",
    "scenario stop",
    "scenario scheduling",
    "dlq view",
    "dlq edit",
    "accounts get",
    "account add",
    "hooks get",
    "hook add",
    "hook edit",
    "keys get",
    "key add",
    "datastores get",
    "datastore add",
    "udt add",
];

const ADMINISTER: &[&str] = &[
    "scenario view",
    "scenario get",
    "scenario logs",
    "scenario add",
    "scenario edit",
    "scenario delete",
    "scenario start",
    "scenario stop",
    "scenario scheduling",
    "dlq view",
    "dlq edit",
    "accounts get",
    "account add",
    "hooks get",
    "hook add",
    "hook edit",
    "keys get",
    "key add",
    "datastores get",
    "datastore add",
    "udt add",
    "team user add",
    "team user edit",
    "team delete",
];

const ROLES: [Role; 10] = [
    role(1, "Team Admin", "company:team-admin", "team", ADMINISTER),
    role(3, "Team Member", "company:team-member", "team", BUILD),
    role(
        4,
        "Team Monitoring",
        "company:team-monitoring",
        "team",
        VIEW,
    ),
    role(6, "Team Operator", "company:team-operator", "team", OPERATE),
    role(
        7,
        "Team Restricted Member",
        "company:team-restricted-member",
        "team",
        EDIT,
    ),
    role(
        11,
        "Owner",
        "organization:owner",
        "organization",
        &["organization view"],
    ),
    role(
        12,
        "Admin",
        "organization:admin",
        "organization",
        &["organization view"],
    ),
    role(
        13,
        "Member",
        "organization:member",
        "organization",
        &["organization view"],
    ),
    role(
        14,
        "Accountant",
        "organization:accountant",
        "organization",
        &["payments get"],
    ),
    role(
        15,
        "App developer",
        "organization:app-developer",
        "organization",
        &["app install"],
    ),
];

const fn role(
    id: u64,
    name: &'static str,
    identifier: &'static str,
    category: &'static str,
    permissions: &'static [&'static str],
) -> Role {
    Role {
        id,
        name,
        identifier,
        category,
        permissions,
    }
}

/// `GET /users/roles`
pub(super) fn list(call: &Call<'_>, _: &View<'_>) -> Answer {
    let category = call.query("category");
    if let Some(unknown) = category.filter(|name| !["team", "organization"].contains(name)) {
        return Err(Refusal::invalid(format!("unknown category '{unknown}'")));
    }
    let wanted = ROLES
        .iter()
        .filter(|role| category.is_none_or(|name| name == role.category));
    let rows = wanted.map(|role| {
        json!({
            "id": role.id, "name": role.name, "identifier": role.identifier,
            "category": role.category, "subsidiary": false, "managementType": "system_managed",
            "description": null, "permissions": role.permissions,
        })
    });
    reply(&json!({ "usersRoles": rows.collect::<Vec<Value>>() }))
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
