//! Values that a journal does not say: where they are got from, and what is told of those that are
//! nowhere to be had.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::ExposeSecret as _;
use serde_json::Value;

use super::{Seals, ids::Ids};
use crate::{
    diagnostic::{Finding, codes::rollback as codes},
    model::{
        Address, Cover, Hidden, Kind, Snapshot, Variables,
        blueprint::modules,
        reference::{Part, Reference, Template, escape},
        secret::stands_in,
    },
};

/// What is written where a value is to be had nowhere. The guard for placeholders tells of it.
const PLACEHOLDER: &str = "REPLACE_ME";

/// What is put where a value is covered.
pub(super) enum Fate {
    /// A text with references.
    Template(String),
    /// The value itself.
    Value(Value),
}

/// Where values come from.
///
/// A value that goes back is written as a reference to a variable that only this plan has: so it is
/// shown nowhere, as those of the environment are not.
pub(super) struct Values<'a> {
    pub(super) seals: &'a dyn Seals,
    pub(super) snapshot: Option<&'a Snapshot>,
    /// Those of the environment, and those of this plan.
    pub(super) variables: Variables,
    /// The names of the latter, by value.
    names: BTreeMap<String, String>,
    /// The URLs that webhooks had, which come back with others.
    pub(super) urls: Vec<(String, Address)>,
}

impl<'a> Values<'a> {
    pub(super) fn new(
        seals: &'a dyn Seals,
        snapshot: Option<&'a Snapshot>,
        variables: Variables,
    ) -> Self {
        Self {
            seals,
            snapshot,
            variables,
            names: BTreeMap::new(),
            urls: Vec::new(),
        }
    }

    /// A value that no plan shows, as it is written where references are read.
    pub(super) fn secret(&mut self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::from(self.secret_text(&text)),
            Value::Array(items) => items.into_iter().map(|item| self.secret(item)).collect(),
            Value::Object(map) => map
                .into_iter()
                .map(|(key, item)| (key, self.secret(item)))
                .collect(),
            plain @ (Value::Null | Value::Bool(_) | Value::Number(_)) => plain,
        }
    }

    fn secret_text(&mut self, text: &str) -> String {
        let found = self.urls.iter().find_map(|(url, address)| {
            let (before, after) = text.split_once(url.as_str())?;
            Some((before.to_owned(), address.clone(), after.to_owned()))
        });
        if let Some((before, address, after)) = found {
            let (before, after) = (self.secret_text(&before), self.secret_text(&after));
            return format!("{before}${{{address}.url}}{after}");
        }
        // What only stands for a secret is none, and what is empty tells nothing.
        if text.is_empty() || stands_in(text) {
            return escape(text);
        }
        let next = format!("rollback-{}", self.names.len() + 1);
        let name = self.names.entry(text.to_owned()).or_insert(next).clone();
        let value = text.to_owned().into();
        self.variables.env.entry(name.clone()).or_insert(value);
        format!("${{env.{name}}}")
    }

    /// What is put where a value is to be had nowhere.
    pub(super) fn placeholder(&mut self) -> Fate {
        let name = "rollback-lacking".to_owned();
        let text = format!("${{env.{name}}}");
        let value = PLACEHOLDER.to_owned().into();
        self.variables.env.entry(name).or_insert(value);
        Fate::Template(text)
    }

    /// What a text with references stands for today; none where that can't be said.
    pub(super) fn resolved(&self, symbol: &str, ids: &Ids<'_>) -> Option<String> {
        let mut text = String::new();
        for part in Template::parse(symbol).parts() {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Reference(Reference::Env(name)) => {
                    text.push_str(self.variables.env.get(name)?.expose_secret());
                }
                Part::Reference(Reference::Thing { address, attribute }) => {
                    let id = &ids.bindings.by_address.get(address)?.id;
                    match attribute.as_deref() {
                        Some("url") => {
                            let live = self.snapshot?.get(Kind::Webhook, id)?;
                            text.push_str(live.facts.url.as_ref()?.expose_secret());
                        }
                        Some("id") | None => text.push_str(&id.to_string()),
                        Some(_) => return None,
                    }
                }
                Part::Reference(Reference::Var(_) | Reference::Target(_)) => return None,
            }
        }
        Some(text)
    }

    /// Whether a text names a thing that goes back, and all else of it is known.
    pub(super) fn names_restored(&self, symbol: &str, ids: &Ids<'_>) -> bool {
        let template = Template::parse(symbol);
        let mut named = false;
        for reference in template.references() {
            match reference {
                Reference::Thing { address, .. } => named |= ids.restored.contains(address),
                Reference::Env(name) if self.variables.env.contains_key(name) => {}
                Reference::Env(_) | Reference::Var(_) | Reference::Target(_) => return false,
            }
        }
        named
    }
}

/// A value that can't go back.
pub(super) struct Lacking {
    /// Where, in words.
    place: String,
    path: Vec<String>,
    why: &'static str,
    instead: &'static str,
}

impl Lacking {
    fn new(path: &[String], hidden: Option<&Hidden>, instead: &'static str) -> Self {
        Self {
            place: path.join("."),
            path: path.to_vec(),
            why: match hidden.map(|hidden| &hidden.cover) {
                Some(Cover::Sealed { .. }) => {
                    "it is sealed with a MAKEFORM_STATE_KEY that is not at hand"
                }
                Some(Cover::Hashed { .. }) => {
                    "only a hash of it was kept: MAKEFORM_STATE_KEY was not set when it was changed"
                }
                None => "nothing was kept of it",
            },
            instead,
        }
    }

    /// It stays as it is.
    pub(super) fn stays(path: &[String], hidden: Option<&Hidden>) -> Self {
        Self::new(path, hidden, "stays as it is")
    }

    /// It gets what the environment says.
    pub(super) fn of_today(path: &[String], hidden: Option<&Hidden>) -> Self {
        Self::new(path, hidden, "gets what the environment says today")
    }

    /// There is nothing for it.
    pub(super) fn gone(path: &[String], hidden: Option<&Hidden>) -> Self {
        Self::new(path, hidden, "is made with a placeholder")
    }

    /// The same, with the module that it is in.
    pub(super) fn within(mut self, document: Option<&Value>) -> Self {
        let Some((head, rest)) = self.path.split_first() else {
            return self;
        };
        let modules = document.filter(|_| head == "blueprint").map(modules);
        let module = modules.into_iter().flatten();
        let module = module
            .filter(|module| rest.starts_with(&module.path))
            .max_by_key(|module| module.path.len());
        if let Some(module) = module {
            let inner = rest.get(module.path.len()..).unwrap_or_default().join(".");
            self.place = format!("{inner} of module {} ({})", module.key, module.module);
        }
        self
    }

    /// What is told of the values of one thing.
    pub(super) fn findings(address: &Address, all: Vec<Self>) -> Vec<Finding> {
        let mut grouped: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
        for one in all {
            let places = grouped.entry((one.instead, one.why)).or_default();
            places.insert(one.place);
        }
        let finding = |((instead, why), places): ((&str, &str), BTreeSet<String>)| {
            let places: Vec<String> = places.into_iter().collect();
            let places = places.join(", ");
            let message = format!("{address}: {places} {instead}; {why}");
            Finding::new(&codes::ROLLBACK_LACKS_VALUE, message).about(address)
        };
        grouped.into_iter().map(finding).collect()
    }
}
