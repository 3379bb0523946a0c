//! The roles that teams and the organization can give, and the people who may have them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    live::{
        LiveError,
        page::{List, Paging},
        transport::Request,
        wire::{Node, Wrong},
    },
    model::{Person, Role},
};

/// Whose role it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::live) enum Category {
    /// Of a team.
    Team,
    /// Of an organization.
    Organization,
}

/// All roles, of teams and of organizations. Custom ones are told of the organization that is
/// named only.
pub(in crate::live) fn roles(organization: u64) -> List {
    List {
        request: Request::get(&["users", "roles"]).query("organizationId", organization),
        key: "usersRoles",
        paging: Paging::Whole,
    }
}

/// Reads a role; none where it is of a category that nobody knows.
pub(in crate::live) fn role(row: &Node<'_>) -> Result<Option<(Category, Role)>, Wrong> {
    let category = match row.find_text("category")?.as_deref() {
        None | Some("team") => Category::Team,
        Some("organization") => Category::Organization,
        Some(_) => return Ok(None),
    };
    let role = Role {
        id: row.get("id")?.int()?,
        name: row.get("name")?.text()?,
        identifier: row.find_text("identifier")?,
        permissions: row
            .find("permissions")
            .and_then(|node| permissions(node.value())),
    };
    Ok(Some((category, role)))
}

/// What a role allows; none where that is told in another way than by names.
fn permissions(value: &Value) -> Option<BTreeSet<String>> {
    let names = value.as_array()?.iter();
    names.map(|name| name.as_str().map(str::to_owned)).collect()
}

/// The members of an organization (`organizationId`) or of a team (`teamId`).
pub(in crate::live) fn people(of: &str, id: u64) -> List {
    List {
        request: Request::get(&["users"])
            .query(of, id)
            .columns(&["id", "name", "email"]),
        key: "users",
        paging: Paging::Sorted {
            limit: 1_000,
            by: "id",
        },
    }
}

/// Reads a member. One without an e-mail address can't be named in a manifest.
pub(in crate::live) fn person(row: &Node<'_>) -> Result<Option<Person>, Wrong> {
    let id = row.get("id")?.int()?;
    let name = row.find_text("name")?.unwrap_or_default();
    let email = row.find_text("email")?.filter(|email| !email.is_empty());
    Ok(email.map(|email| Person { id, name, email }))
}

/// The role of a name.
pub(in crate::live) fn role_named<'r>(
    roles: &'r [Role],
    name: &str,
) -> Result<&'r Role, LiveError> {
    roles
        .iter()
        .find(|role| role.name == name)
        .or_else(|| {
            roles
                .iter()
                .find(|role| role.name.eq_ignore_ascii_case(name))
        })
        .ok_or_else(|| LiveError::NoRole {
            role: name.to_owned(),
            there: roles.iter().map(|role| role.name.clone()).collect(),
        })
}
