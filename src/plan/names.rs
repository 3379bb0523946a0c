//! Ids in words: what people call the object that an id names.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{input::PlanInput, resolve::Standing};
use crate::model::{Address, Kind, RemoteId, Snapshot};

/// What the objects of an account are called.
pub(super) struct Names<'a> {
    /// The things of the project: as the manifests declare them, else as the ledger knows them.
    addresses: BTreeMap<(Kind, RemoteId), &'a Address>,
    snapshot: &'a Snapshot,
}

impl<'a> Names<'a> {
    pub(super) fn new(input: &PlanInput<'a>, standings: &BTreeMap<Address, Standing>) -> Self {
        let bound = input.bindings.by_address.iter();
        let bound = bound.map(|(address, binding)| (address, binding.id.clone()));
        let declared = input.desired.things.keys();
        let found = declared.filter_map(|address| match standings.get(address)? {
            Standing::Known { id, url: _ } => Some((address, id.clone())),
            Standing::Open | Standing::Blocked => None,
        });
        Self {
            addresses: bound
                .chain(found)
                .map(|(address, id)| ((address.kind, id), address))
                .collect(),
            snapshot: input.snapshot,
        }
    }

    /// What the object of an id is called, if it is there.
    pub(super) fn of(&self, kind: Kind, id: &RemoteId) -> Option<String> {
        let live = self.snapshot.get(kind, id)?;
        let address = self.addresses.get(&(kind, id.clone()));
        address
            .map(|address| format!("`{address}`"))
            .or_else(|| live.spec.match_key().map(|name| format!("{name:?}")))
    }

    /// What stands at a path in words, if it is the id of an object that is there.
    pub(super) fn words(&self, path: &[String], value: &Value) -> Option<String> {
        let kind = kind_at(path)?;
        let id = match value.as_str() {
            Some(text) if kind == Kind::Scenario => RemoteId::from(text.strip_prefix("SCN_")?),
            _ => RemoteId::from_value(value)?,
        };
        let live = self.snapshot.get(kind, &id);
        // What the account does not list is what the target's `map` says it is.
        let is_there = live.is_some() || !self.snapshot.account.dialect.has(kind);
        let address = self.addresses.get(&(kind, id)).filter(|_| is_there);
        if let Some(address) = address {
            return Some(address.to_string());
        }
        let live = live?;
        let name = live.spec.match_key()?;
        Some(format!("{name:?} (id {})", live.id))
    }
}

/// The kind of object that a value at a path is the id of.
fn kind_at(path: &[String]) -> Option<Kind> {
    match path.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["folder" | "parent"] => Some(Kind::Folder),
        ["dataStructure"] => Some(Kind::DataStructure),
        ["blueprint", .., "parameters", "datastore"] => Some(Kind::DataStore),
        ["connection"] | ["blueprint", .., "parameters", "__IMTCONN__" | "account"] => {
            Some(Kind::Connection)
        }
        ["blueprint", .., "parameters", "hook" | "__IMTHOOK__"] => Some(Kind::Webhook),
        [
            "blueprint",
            ..,
            "parameters",
            "apiKeyKeychain" | "proxyKeychain",
        ] => Some(Kind::Key),
        ["scenario"] | ["blueprint", .., "parameters", "scenario"] => Some(Kind::Scenario),
        _ => None,
    }
}
