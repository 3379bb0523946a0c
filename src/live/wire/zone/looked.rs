//! Connections, keys, devices and agents: looked up, never written.

use crate::{
    live::{
        page::{List, Paging},
        transport::Request,
        wire::{Node, Wrong},
    },
    model::{Account, Facts, Live, RemoteId, Spec, spec::LookedSpec},
};

/// All connections of a team; the list comes whole.
pub(in crate::live) fn connections(account: &Account) -> List {
    List {
        request: Request::get(&["connections"]).query("teamId", account.team),
        key: "connections",
        paging: Paging::Whole,
    }
}

/// All keys of a team; the list comes whole. Their types only come when they are asked for.
pub(in crate::live) fn keys(account: &Account) -> List {
    List {
        request: Request::get(&["keys"])
            .query("teamId", account.team)
            .columns(&["id", "name", "typeName"]),
        key: "keys",
        paging: Paging::Whole,
    }
}

/// All devices of a team; the list comes whole.
pub(in crate::live) fn devices(account: &Account) -> List {
    List {
        request: Request::get(&["devices"]).query("teamId", account.team),
        key: "devices",
        paging: Paging::Whole,
    }
}

/// The on-premise agents of an organization. No list of AI agents is documented.
pub(in crate::live) fn agents(account: &Account) -> List {
    List {
        request: Request::get(&["agents"]).query("organizationId", account.organization),
        key: "agents",
        paging: Paging::Whole,
    }
}

/// All custom functions of a team; the list comes whole.
pub(in crate::live) fn functions(account: &Account) -> List {
    List {
        request: Request::get(&["functions"]).query("teamId", account.team),
        key: "functions",
        paging: Paging::Whole,
    }
}

/// Reads the name of a custom function.
pub(in crate::live) fn function(row: &Node<'_>) -> Result<String, Wrong> {
    row.get("name")?.text()
}

/// Reads a connection. In answers `accountName` is the type, and `name` what people gave it.
pub(in crate::live) fn connection(row: &Node<'_>) -> Result<Live, Wrong> {
    let types = vec![row.get("accountName")?.text()?];
    live(row, types, Spec::Connection)
}

/// Reads a key.
pub(in crate::live) fn key(row: &Node<'_>) -> Result<Live, Wrong> {
    let types = row.find_text("typeName")?.into_iter().collect();
    live(row, types, Spec::Key)
}

/// Reads a device, which may do several things.
pub(in crate::live) fn device(row: &Node<'_>) -> Result<Live, Wrong> {
    let types = match row.find("scope") {
        Some(scope) => scope
            .items()?
            .iter()
            .map(Node::text)
            .collect::<Result<_, _>>()?,
        None => Vec::new(),
    };
    live(row, types, Spec::Device)
}

/// Reads an agent, whose id is no number.
pub(in crate::live) fn agent(row: &Node<'_>) -> Result<Live, Wrong> {
    live(row, Vec::new(), Spec::Agent)
}

fn live(
    row: &Node<'_>,
    types: Vec<String>,
    spec: impl FnOnce(LookedSpec) -> Spec,
) -> Result<Live, Wrong> {
    let name = row.get("name")?.text()?;
    Ok(Live {
        id: RemoteId::from(row.get("id")?.text()?.as_str()),
        spec: spec(LookedSpec { name, types }),
        facts: Facts::default(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Node, agent, connection, device, key};
    use crate::model::{Kind, Live};

    fn is(read: Live, kind: Kind, id: &str, types: &[&str]) {
        assert_eq!((read.spec.kind(), read.id.to_string().as_str()), (kind, id));
        assert_eq!(read.spec.as_looked().unwrap().types, types);
    }

    #[test]
    fn each_kind_has_its_type_where_make_keeps_it() {
        let row = |row: &Value, read: fn(&Node<'_>) -> Result<Live, super::Wrong>| {
            read(&Node::at(row, "")).unwrap()
        };
        let slack = json!({"id": 15, "name": "x", "accountName": "slack", "accountType": "oauth"});
        is(row(&slack, connection), Kind::Connection, "15", &["slack"]);
        let basic = json!({"id": "17", "name": "x", "typeName": "basicauth"});
        is(row(&basic, key), Kind::Key, "17", &["basicauth"]);
        let phone = json!({"id": 3, "name": "x", "scope": ["sms", "call"]});
        is(row(&phone, device), Kind::Device, "3", &["sms", "call"]);
        let id = "0d6f3f6e-6a5c-4a58-9f5c-3f9a2a3ad111";
        is(
            row(&json!({"id": id, "name": "x"}), agent),
            Kind::Agent,
            id,
            &[],
        );
    }
}
