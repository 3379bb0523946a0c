//! What the answer to a create tells.

use serde_json::Value;

use crate::{
    live::{
        Performed,
        wire::{Node, Wrong},
    },
    model::{Kind, RemoteId},
};

/// The member of an answer that holds the one thing that it is about.
pub(in crate::live) fn envelope(kind: Kind) -> &'static str {
    match kind {
        Kind::Agent => "agent",
        Kind::Connection => "connection",
        Kind::DataStore => "dataStore",
        Kind::DataStructure => "dataStructure",
        Kind::Device => "device",
        Kind::Folder => "scenarioFolder",
        Kind::Key => "key",
        Kind::OrganizationRole => "userOrganizationRole",
        Kind::Scenario | Kind::Schedule => "scenario",
        Kind::Team => "team",
        Kind::TeamRole => "userTeamRole",
        // What is in the answer is not documented; a variable is known by its name.
        Kind::Variable => "variable",
        Kind::Webhook => "hook",
    }
}

/// Reads the id, and the URL of a hook, out of the answer to a create.
pub(in crate::live) fn created(kind: Kind, answer: &Value) -> Result<Performed, Wrong> {
    let id = match kind == Kind::OrganizationRole || kind == Kind::TeamRole {
        true => "userId",
        false => "id",
    };
    let object = Node::at(answer, "").get(envelope(kind))?;
    Ok(Performed {
        id: Some(RemoteId::Int(object.get(id)?.int()?)),
        url: object.find_text("url")?.map(Into::into),
    })
}
