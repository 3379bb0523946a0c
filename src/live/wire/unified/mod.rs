//! The unified dialect: the API of `api.make.com`, as integration guides describe it.
//!
//! It has scenarios, webhooks and members. Nothing is documented of what an answer to a change
//! holds, nor of the limit that a page is cut at: what is created answers with its `id`, and a
//! list is read until a page is empty.

pub(in crate::live) mod execution;
pub(in crate::live) mod member;
pub(in crate::live) mod scenario;
pub(in crate::live) mod webhook;

use serde_json::Value;

use super::{Node, Wrong};
use crate::{live::Performed, model::RemoteId};

/// The key of every list.
pub(in crate::live) const ROWS: &str = "data";

/// Reads the id, and the URL of a webhook, out of the answer to a create.
pub(in crate::live) fn created(answer: &Value) -> Result<Performed, Wrong> {
    let object = Node::at(answer, "");
    Ok(Performed {
        id: Some(id_of(&object)?),
        url: object.find_text("url")?.map(Into::into),
    })
}

/// An id: which type ids have is not documented.
fn id_of(row: &Node<'_>) -> Result<RemoteId, Wrong> {
    let id = row.get("id")?;
    match RemoteId::from_value(id.value()) {
        Some(id) => Ok(id),
        None => id.text().map(|text| RemoteId::from(text.as_str())),
    }
}
