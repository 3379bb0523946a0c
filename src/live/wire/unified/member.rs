//! Members of the organization, each with one role: `viewer`, `builder`, `manager` or `admin`.

use serde_json::json;

use super::{ROWS, id_of};
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
        Facts, Form, Kind, Live, RemoteId, Spec,
        spec::{OrganizationRoleSpec, TeamRoleSpec},
    },
};

/// All members; open invitations count.
pub(in crate::live) fn list(organization: u64) -> List {
    List {
        request: Request::get(&["organizations", &organization.to_string(), "users"]),
        key: ROWS,
        paging: Paging::Offset { limit: 50 },
    }
}

/// Reads a row as a role of either kind: here they are the same.
pub(in crate::live) fn live(kind: Kind, row: &Node<'_>) -> Result<Live, Wrong> {
    let (email, role) = (row.get("email")?.text()?, row.get("role")?.text()?);
    let spec = match kind == Kind::TeamRole {
        true => Spec::TeamRole(TeamRoleSpec { email, role }),
        false => Spec::OrganizationRole(OrganizationRoleSpec {
            email,
            role,
            name: None,
            note: None,
        }),
    };
    Ok(Live {
        id: id_of(row)?,
        spec,
        facts: Facts::default(),
    })
}

/// The request that gives somebody a role, and the form that stands then. Sent once: whoever is
/// not there yet is invited.
pub(in crate::live) fn create(
    organization: u64,
    kind: Kind,
    after: &Form,
) -> Result<(Write, Form), LiveError> {
    let (email, role) = after
        .text("email")
        .zip(after.text("role"))
        .ok_or_else(|| unsayable("it has no e-mail address or no role"))?;
    let request = Request::post(&["organizations", &organization.to_string(), "users"])
        .json(&json!({ "email": email, "role": role }));
    Ok((Write::create_unified(kind, request), after.clone()))
}

/// The requests that turn one form into another: the role alone can change.
pub(in crate::live) fn update(
    organization: u64,
    id: &RemoteId,
    before: &Form,
    after: &Form,
) -> Vec<Write> {
    let Some(role) = changed(before, after, "role") else {
        return Vec::new();
    };
    let (organization, user) = (organization.to_string(), id.to_string());
    let request = Request::patch(&["organizations", &organization, "users", &user])
        .json(&json!({ "role": role }));
    vec![Write::change("update role", request, Expected::OBJECT)]
}

/// Nothing takes a member away.
pub(in crate::live) fn delete() -> LiveError {
    unsayable("this dialect removes nobody")
}

fn unsayable(reason: &str) -> LiveError {
    LiveError::Unsayable {
        kind: "role",
        reason: reason.to_owned(),
    }
}
