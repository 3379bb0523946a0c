//! The roles that Make has, by ids as its documents show them, and what each may do.

use serde_json::Value;

use crate::sandbox::routes::call::Call;

use super::scope::{number, set};

/// A role of the system.
pub(super) struct Role {
    pub(super) id: u64,
    pub(super) name: &'static str,
    pub(super) identifier: &'static str,
    /// What it is a role in: `team` or `organization`.
    pub(super) category: &'static str,
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

/// Team Admin: what the owner is in every team.
pub(super) const TEAM_ADMIN: u64 = 1;

/// Team Member: what an invitation makes somebody in the teams that it names.
pub(super) const TEAM_MEMBER: u64 = 3;

/// The one role that is not given, but handed over.
pub(super) const OWNER_ROLE: u64 = 11;

/// Admin of an organization: what the owner becomes who hands that over.
pub(super) const ADMIN_ROLE: u64 = 12;

/// The identifiers of team roles are as documented, those of organizations made in their manner.
#[rustfmt::skip] // a table
pub(super) const ROLES: [Role; 10] = [
    role(TEAM_ADMIN, "team", "Team Admin", "company:team-admin", 'A'),
    role(TEAM_MEMBER, "team", "Team Member", "company:team-member", 'M'),
    role(4, "team", "Team Monitoring", "company:team-monitoring", 'V'),
    role(6, "team", "Team Operator", "company:team-operator", 'O'),
    role(7, "team", "Team Restricted Member", "company:team-restricted-member", 'R'),
    role(OWNER_ROLE, "organization", "Owner", "organization:owner", 'w'),
    role(ADMIN_ROLE, "organization", "Admin", "organization:admin", 'a'),
    role(13, "organization", "Member", "organization:member", 'm'),
    role(14, "organization", "Accountant", "organization:accountant", 'c'),
    role(15, "organization", "App developer", "organization:app-developer", 'd'),
];

/// How much higher the ids of Make's own roles are where they are not as documented.
const SHIFT: u64 = 100;

/// The id that requests and answers have for a role.
pub(super) fn outward(call: &Call<'_>, id: u64) -> u64 {
    match call.has_other_role_ids() && ROLES.iter().any(|role| role.id == id) {
        true => id + SHIFT,
        false => id,
    }
}

/// The role that an id of a request means; 0, which no role has, where it means none.
pub(super) fn inward(call: &Call<'_>, id: u64) -> u64 {
    if !call.has_other_role_ids() {
        return id;
    }
    let is_system = |id: u64| ROLES.iter().any(|role| role.id == id);
    match id.checked_sub(SHIFT).filter(|id| is_system(*id)) {
        Some(id) => id,
        None if is_system(id) => 0,
        None => id,
    }
}

/// A row that names a role, with the id that answers have for it.
pub(super) fn shown(call: &Call<'_>, mut row: Value) -> Value {
    if let Some(id) = number(&row, "usersRoleId") {
        set(&mut row, "usersRoleId", outward(call, id));
    }
    row
}

/// Each permission, with the letters of the roles that have it: capitals are roles of teams. The
/// id of a permission is its place here, counted from 1: new ones go to the end.
#[rustfmt::skip] // a table
const PERMISSIONS: [(&str, &str); 50] = [
    ("account add", "AMR"), ("accounts get", "AMOR"), ("datastore add", "AMR"),
    ("datastores get", "AMOR"), ("device add", "AMR"), ("dlq edit", "AMR"), ("dlq view", "AMVOR"),
    ("function add", "AMR"), ("hook add", "AMR"), ("hook edit", "AMR"), ("hooks get", "AMOR"),
    ("key add", "AMR"), ("scenario add", "AM"), ("scenario delete", "AM"),
    ("scenario edit", "AMR"), ("scenario scheduling", "AMOR"), ("scenario start", "AMOR"),
    ("scenario stop", "AMOR"), ("scenario view", "AMVOR"), ("team delete", "A"),
    ("team user add", "A"), ("udt add", "AMR"),
    ("app install", "wad"), ("organization delete", "w"), ("organization edit", "wa"),
    ("organization user add", "wa"), ("organization view", "wamcd"), ("payments get", "wc"),
    ("account edit", "AMR"), ("account delete", "AMR"), ("datastore edit", "AMR"),
    ("datastore delete", "AMR"), ("device delete", "AMR"), ("function delete", "AMR"),
    ("hook delete", "AMR"), ("key edit", "AMR"), ("key delete", "AMR"),
    ("scenario logs", "AMVOR"), ("scenario verify", "AMOR"), ("team edit", "A"),
    ("team user edit", "A"), ("team variables edit", "AMR"), ("team variables view", "AMVOR"),
    ("organization user edit", "wa"), ("organization variables edit", "wa"),
    ("organization variables view", "wamcd"), ("payments edit", "w"), ("team add", "wa"),
    ("organization teams access", "wa"), ("custom properties edit", "wa"),
];

/// Something that a role can allow.
pub(super) struct Permission {
    pub(super) id: u64,
    pub(super) name: &'static str,
    /// The category of the roles that can allow it.
    pub(super) role_category: &'static str,
    letters: &'static str,
}

impl Role {
    /// What it allows.
    pub(super) fn permissions(&self) -> Vec<&'static str> {
        permissions()
            .filter(|permission| permission.letters.contains(self.letter))
            .map(|permission| permission.name)
            .collect()
    }
}

/// Every permission, in order of ids.
pub(super) fn permissions() -> impl Iterator<Item = Permission> {
    (1..)
        .zip(PERMISSIONS)
        .map(|(id, (name, letters))| Permission {
            id,
            name,
            role_category: match letters.starts_with(char::is_uppercase) {
                true => "team",
                false => "organization",
            },
            letters,
        })
}

impl Permission {
    /// What the editor of roles lists it under: the thing it is about.
    pub(super) fn category(&self) -> String {
        let thing = self.name.split(' ').next().unwrap_or_default();
        format!("{}s", thing.strip_suffix('s').unwrap_or(thing))
    }
}
