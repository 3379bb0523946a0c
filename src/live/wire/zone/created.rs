//! What the answer to a create tells.

use serde_json::Value;

use crate::{
    live::{
        Performed,
        wire::{Node, Wrong},
    },
    model::{Kind, RemoteId},
};

/// Reads the id, and the URL of a hook, out of the answer to a create.
pub(in crate::live) fn created(kind: Kind, answer: &Value) -> Result<Performed, Wrong> {
    let (envelope, id) = match kind {
        Kind::Connection => ("connection", "id"),
        Kind::Folder => ("scenarioFolder", "id"),
        Kind::Scenario | Kind::Schedule => ("scenario", "id"),
        Kind::TeamRole => ("userTeamRole", "userId"),
        Kind::Webhook => ("hook", "id"),
    };
    let object = Node::at(answer, "").get(envelope)?;
    Ok(Performed {
        id: Some(RemoteId::Int(object.get(id)?.int()?)),
        url: object.find_text("url")?.map(Into::into),
    })
}
