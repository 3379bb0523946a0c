//! References at places of which only the form last applied tells.
//!
//! The account tells ids. Where a place is known to hold one, [`Ids`] says what it means; a manifest
//! may have a reference anywhere else, and there the form that the ledger remembered shows it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{ids::Ids, weave::Sheet};
use crate::{
    model::{
        Address, Path, Trail, each_text,
        reference::{Part, Reference, Template, escape},
    },
    plan::merge::counterpart,
};

impl Sheet {
    /// Writes references where the form last applied had them and the account has the ids that they
    /// stood for.
    pub(super) fn put_symbols(&mut self, was: &Self, ids: &Ids<'_>) {
        for (path, symbol) in was.symbols() {
            let Some(then) = ids.as_of_then(&symbol) else {
                continue;
            };
            let path = match (path.split_first(), &was.document, &self.document) {
                (Some((head, rest)), Some(from), Some(to)) if head == "blueprint" => {
                    let mut path = vec![head.clone()];
                    path.extend(counterpart(rest, from, to));
                    path
                }
                _ => path,
            };
            let Some(value) = self.at_mut(&path) else {
                continue;
            };
            let is_it = match &*value {
                Value::String(text) => *text == then,
                Value::Number(number) => number.to_string() == then,
                Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => false,
            };
            if is_it {
                *value = Value::from(symbol);
            }
        }
    }

    /// The things that its references name.
    pub(super) fn named(&self) -> BTreeSet<Address> {
        let symbols = self.symbols();
        let named = symbols.iter().flat_map(|(_, symbol)| {
            let template = Template::parse(symbol);
            template.references().filter_map(thing).collect::<Vec<_>>()
        });
        named.collect()
    }

    /// The texts with references to things, and where they stand.
    fn symbols(&self) -> Vec<(Path, String)> {
        let mut found = Vec::new();
        let mut visit = |value: &Value, head: &str| {
            let start = [head.to_owned()];
            each_text(value, &Trail::from(&start), &mut |text, trail| {
                if text.contains("${") && Template::parse(text).references().any(is_thing) {
                    found.push((trail.path(), text.to_owned()));
                }
            });
        };
        for (field, value) in &self.fields {
            visit(value, field);
        }
        if let Some(document) = &self.document {
            visit(document, "blueprint");
        }
        found
    }
}

impl Ids<'_> {
    /// What a text with references stood for, as it stands where references are read; none where
    /// that is not known, or where a thing that it names is not there today and does not go back.
    fn as_of_then(&self, symbol: &str) -> Option<String> {
        let mut text = String::new();
        for part in Template::parse(symbol).parts() {
            match part {
                Part::Text(literal) => text.push_str(&escape(literal)),
                Part::Reference(Reference::Thing { address, attribute }) => {
                    match attribute.as_deref() {
                        None | Some("id") => text.push_str(&self.then.get(address)?.to_string()),
                        Some(_) => return None,
                    }
                    let is_there = self.bindings.by_address.contains_key(address);
                    if !is_there && !self.restored.contains(address) {
                        return None;
                    }
                }
                Part::Reference(Reference::Env(_) | Reference::Var(_) | Reference::Target(_)) => {
                    return None;
                }
            }
        }
        Some(text)
    }
}

fn is_thing(reference: &Reference) -> bool {
    thing(reference).is_some()
}

fn thing(reference: &Reference) -> Option<Address> {
    match reference {
        Reference::Thing { address, .. } => Some(address.clone()),
        Reference::Env(_) | Reference::Var(_) | Reference::Target(_) => None,
    }
}
