//! Roles of people in the team. Rows hold ids only; names come from the directory.

use serde_json::{Value, json};

use crate::{
    live::{
        LiveError,
        expected::Expected,
        page::{List, Paging},
        transport::Request,
        wire::{Node, Wrong},
        write::{Write, changed},
    },
    model::{
        Directory, Facts, Form, Invitation, Kind, Live, RemoteId, Role, Spec, spec::TeamRoleSpec,
    },
};

use super::role::role_named;

/// Who has which role in a team; the list comes whole.
pub(in crate::live) fn list(team: u64) -> List {
    List {
        request: Request::get(&["teams", &team.to_string(), "user-team-roles"]),
        key: "userTeamRoles",
        paging: Paging::Whole,
    }
}

/// Reads a row; none where its person or role is not in the directory, or the role was taken
/// away (`usersRoleId` null).
pub(in crate::live) fn live(row: &Node<'_>, directory: &Directory) -> Result<Option<Live>, Wrong> {
    let user = row.get("userId")?.int()?;
    let Some(role) = row.find_int("usersRoleId")? else {
        return Ok(None);
    };
    let person = directory.people.iter().find(|person| person.id == user);
    let email = person.map(|person| person.email.clone()).or_else(|| {
        // Lists of people may leave out whom was only invited.
        let mut memberships = directory.memberships.iter();
        let invited = memberships.any(|membership| {
            membership.user == user && membership.invitation == Invitation::Pending
        });
        invited.then(String::new)
    });
    let role = directory.team_roles.iter().find(|known| known.id == role);
    Ok(email.zip(role).map(|(email, role)| Live {
        id: RemoteId::Int(user),
        spec: Spec::TeamRole(TeamRoleSpec {
            email,
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
    let role = role_named(
        &directory.team_roles,
        after.text("role").unwrap_or_default(),
    )?;
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
    let role = role_named(&directory.team_roles, name.as_str().unwrap_or_default())?;
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
