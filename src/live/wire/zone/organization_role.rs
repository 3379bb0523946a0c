//! Roles of people in the organization. Rows hold ids only; names come from the directory.

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
        Directory, Facts, Form, Invitation, Kind, Live, Membership, RemoteId, Role, Spec,
        spec::OrganizationRoleSpec,
    },
};

use super::role::role_named;

/// Who has which role in an organization; the list comes whole.
pub(in crate::live) fn list(organization: u64) -> List {
    let id = organization.to_string();
    List {
        request: Request::get(&["organizations", &id, "user-organization-roles"]),
        key: "userOrganizationRoles",
        paging: Paging::Whole,
    }
}

/// Reads a row.
pub(in crate::live) fn membership(row: &Node<'_>) -> Result<Membership, Wrong> {
    Ok(Membership {
        user: row.get("userId")?.int()?,
        role: row.find_int("usersRoleId")?,
        invitation: match row.find_text("invitation")?.as_deref() {
            None => Invitation::None,
            Some("expired") => Invitation::Expired,
            Some(_) => Invitation::Pending,
        },
    })
}

/// The roles that people have. An open invitation counts, one that has expired does not.
pub(in crate::live) fn lives(directory: &Directory) -> Vec<Live> {
    let there = directory
        .memberships
        .iter()
        .filter(|membership| membership.invitation != Invitation::Expired);
    there
        .filter_map(|membership| {
            let user = membership.user;
            let role = membership.role?;
            let mut roles = directory.organization_roles.iter();
            let role = roles.find(|known| known.id == role)?;
            let mut people = directory.people.iter();
            // Lists of people may leave out whom was only invited.
            let email = people
                .find(|person| person.id == user)
                .map_or_else(String::new, |person| person.email.clone());
            Some(Live {
                id: RemoteId::Int(user),
                spec: Spec::OrganizationRole(OrganizationRoleSpec {
                    email,
                    role: role.name.clone(),
                    name: None,
                    note: None,
                }),
                facts: Facts::default(),
            })
        })
        .collect()
}

/// The request that invites somebody, and the form that stands then. Sent once: whoever is
/// invited gets a letter.
pub(in crate::live) fn create(
    organization: u64,
    directory: &Directory,
    after: &Form,
) -> Result<(Write, Form), LiveError> {
    let (email, role) =
        after
            .text("email")
            .zip(after.text("role"))
            .ok_or_else(|| LiveError::Unsayable {
                kind: "organization role",
                reason: "it has no e-mail address or no role".to_owned(),
            })?;
    let role_id = named(directory, role)?.id;
    let own = email.split_once('@').map_or(email, |(name, _)| name);
    let name = after.text("name").unwrap_or(own);
    let mut body = json!({
        "email": email, "name": name, "usersRoleId": role_id, "teamsId": [],
    });
    if let (Some(body), Some(note)) = (body.as_object_mut(), after.text("note")) {
        body.insert("note".to_owned(), json!(note));
    }
    let id = organization.to_string();
    let request = Request::post(&["organizations", &id, "invite"]).json(&body);
    let mut standing = Form::default();
    standing.set("email", email);
    standing.set("role", role);
    Ok((Write::create(Kind::OrganizationRole, request), standing))
}

/// The requests that turn one form into another: the role alone can change.
pub(in crate::live) fn update(
    organization: u64,
    directory: &Directory,
    id: &RemoteId,
    before: &Form,
    after: &Form,
) -> Result<Vec<Write>, LiveError> {
    let Some(name) = changed(before, after, "role") else {
        return Ok(Vec::new());
    };
    let role = named(directory, name.as_str().unwrap_or_default())?;
    let body: Value = json!({ "usersRoleId": role.id });
    let request = assignment(id, organization).json(&body);
    let answer = Expected::member("userOrganizationRole");
    let write = Write::change("update organization role", request, answer);
    Ok(vec![write])
}

/// The requests that take somebody out of the organization: the same call with an empty body.
/// Connections stay.
pub(in crate::live) fn delete(organization: u64, id: &RemoteId) -> Vec<Write> {
    let request = assignment(id, organization)
        .query("confirmed", true)
        .json(&json!({}));
    let what = "delete organization role";
    vec![Write::remove(what, request, Expected::OBJECT)]
}

fn assignment(user: &RemoteId, organization: u64) -> Request {
    Request::post(&[
        "users",
        &user.to_string(),
        "user-organization-roles",
        &organization.to_string(),
    ])
}

fn named<'d>(directory: &'d Directory, name: &str) -> Result<&'d Role, LiveError> {
    role_named(&directory.organization_roles, name)
}
