//! Roles of people in the team. Rows hold ids only; names come from the directory.

use serde_json::{Value, json};

use crate::{
    live::{
        LiveError,
        expected::Expected,
        page::List,
        transport::Request,
        wire::{Node, Wrong},
        write::{Write, changed},
    },
    model::{Directory, Facts, Form, Kind, Live, Person, RemoteId, Role, Spec, spec::TeamRoleSpec},
};

/// Who has which role in a team; the list comes whole.
pub(in crate::live) fn list(team: u64) -> List {
    List {
        request: Request::get(&["teams", &team.to_string(), "user-team-roles"]),
        key: "userTeamRoles",
        paging: None,
    }
}

/// The roles that a team can give.
pub(in crate::live) fn roles() -> List {
    List {
        request: Request::get(&["users", "roles"]).query("category", "team"),
        key: "usersRoles",
        paging: None,
    }
}

/// The members of an organization (`organizationId`) or of a team (`teamId`).
pub(in crate::live) fn people(of: &str, id: u64) -> List {
    List {
        request: Request::get(&["users"])
            .query(of, id)
            .columns(&["id", "name", "email"]),
        key: "users",
        paging: Some((1_000, "id")),
    }
}

/// Reads a member. One without an e-mail address can't be named in a manifest.
pub(in crate::live) fn person(row: &Node<'_>) -> Result<Option<Person>, Wrong> {
    let id = row.get("id")?.int()?;
    let name = row.find_text("name")?.unwrap_or_default();
    let email = row.find_text("email")?.filter(|email| !email.is_empty());
    Ok(email.map(|email| Person { id, name, email }))
}

/// Reads a role; none where it is one of organizations.
pub(in crate::live) fn role(row: &Node<'_>) -> Result<Option<Role>, Wrong> {
    let category = row.find_text("category")?;
    if category.is_some_and(|category| category != "team") {
        return Ok(None);
    }
    Ok(Some(Role {
        id: row.get("id")?.int()?,
        name: row.get("name")?.text()?,
        identifier: row.find_text("identifier")?,
    }))
}

/// Reads a row; none where its person or role is not in the directory, or the role was taken
/// away (`usersRoleId` null).
pub(in crate::live) fn live(row: &Node<'_>, directory: &Directory) -> Result<Option<Live>, Wrong> {
    let user = row.get("userId")?.int()?;
    let Some(role) = row.find_int("usersRoleId")? else {
        return Ok(None);
    };
    let person = directory.people.iter().find(|person| person.id == user);
    let role = directory.team_roles.iter().find(|known| known.id == role);
    Ok(person.zip(role).map(|(person, role)| Live {
        id: RemoteId::Int(user),
        spec: Spec::TeamRole(TeamRoleSpec {
            email: person.email.clone(),
            role: role.name.clone(),
        }),
        facts: Facts::default(),
    }))
}

/// The request that gives a role, and the form that stands then.
pub(in crate::live) fn create(
    team: u64,
    directory: &Directory,
    after: &Form,
) -> Result<(Write, Form), LiveError> {
    let email = after.text("email").unwrap_or_default();
    let person = directory
        .people
        .iter()
        .find(|person| person.email.to_lowercase() == email.to_lowercase())
        .ok_or_else(|| LiveError::NoMember {
            email: email.to_owned(),
        })?;
    let role = role_named(directory, after.text("role").unwrap_or_default())?;
    let request = give(&RemoteId::Int(person.id), team, role);
    Ok((Write::create(Kind::TeamRole, request), after.clone()))
}

/// The requests that turn one form into another: the role alone can change.
pub(in crate::live) fn update(
    team: u64,
    directory: &Directory,
    id: &RemoteId,
    before: &Form,
    after: &Form,
) -> Result<Vec<Write>, LiveError> {
    let Some(name) = changed(before, after, "role") else {
        return Ok(Vec::new());
    };
    let role = role_named(directory, name.as_str().unwrap_or_default())?;
    Ok(vec![Write::change(
        "update team role",
        give(id, team, role),
        Expected::member("userTeamRole"),
    )])
}

/// The requests that take a role away: the same call with an empty body, as Make documents it
/// for organizations. What it answers here is not documented.
pub(in crate::live) fn delete(team: u64, id: &RemoteId) -> Vec<Write> {
    let request = assignment(id, team).json(&json!({}));
    vec![Write::remove("delete team role", request, Expected::OBJECT)]
}

fn assignment(user: &RemoteId, team: u64) -> Request {
    Request::post(&[
        "users",
        &user.to_string(),
        "user-team-roles",
        &team.to_string(),
    ])
}

fn give(user: &RemoteId, team: u64, role: &Role) -> Request {
    let body: Value = json!({ "usersRoleId": role.id });
    assignment(user, team).json(&body)
}

fn role_named<'d>(directory: &'d Directory, name: &str) -> Result<&'d Role, LiveError> {
    let roles = &directory.team_roles;
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
