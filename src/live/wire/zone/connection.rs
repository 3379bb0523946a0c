//! Connections: looked up, never written.

use crate::{
    live::{
        page::List,
        transport::Request,
        wire::{Node, Wrong},
    },
    model::{Facts, Live, RemoteId, Spec, spec::ConnectionSpec},
};

/// All connections of a team; the list comes whole.
pub(in crate::live) fn list(team: u64) -> List {
    List {
        request: Request::get(&["connections"]).query("teamId", team),
        key: "connections",
        paging: None,
    }
}

/// One connection.
pub(in crate::live) fn get(id: &RemoteId) -> Request {
    Request::get(&["connections", &id.to_string()])
}

/// Reads a row. In answers `accountName` is the type, and `name` what people gave it.
pub(in crate::live) fn live(row: &Node<'_>) -> Result<Live, Wrong> {
    Ok(Live {
        id: RemoteId::Int(row.get("id")?.int()?),
        spec: Spec::Connection(ConnectionSpec {
            name: row.get("name")?.text()?,
            types: vec![row.get("accountName")?.text()?],
        }),
        facts: Facts::default(),
    })
}
