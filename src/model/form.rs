//! A thing as comparable values: what plans compare, apply sends and ledgers remember.

use std::{collections::BTreeMap, fmt};

use serde_json::Value;

use super::{Blueprint, Path};

/// Why a value of a form is not simply shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Holds references to things that do not exist yet; the value is the text with its
    /// references, and apply fills it in.
    Unknown,
    /// Must never be shown. Says where the value comes from: `env.CRM_TOKEN`,
    /// `webhook.leads.url`, or the rule that found it in a live blueprint.
    Sensitive(String),
}

/// The fields of a thing, comparable and ready to be sent.
///
/// Field names are those of the manifest (`name`, `folder`, `schedule`, ..); an absent one is
/// not managed, a null one is cleared. References are resolved to ids where the things exist.
#[derive(Clone, Default, PartialEq)]
pub struct Form {
    /// All fields but the blueprint.
    pub fields: BTreeMap<String, Value>,
    /// The blueprint of a scenario, whole.
    pub blueprint: Option<Blueprint>,
    /// Values that are unknown or sensitive, by their path; those of the blueprint begin with
    /// `blueprint` and are JSON paths (arrays by index, as they stand in the document).
    pub marks: BTreeMap<Path, Mark>,
}

impl Form {
    /// One field's value.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.fields.get(field)
    }

    /// A text field's value.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str)
    }

    /// A boolean field's value.
    #[must_use]
    pub fn flag(&self, field: &str) -> Option<bool> {
        self.fields.get(field).and_then(Value::as_bool)
    }

    /// Sets one field.
    pub fn set(&mut self, field: &str, value: impl Into<Value>) {
        self.fields.insert(field.to_owned(), value.into());
    }

    /// Whether a value is still unknown anywhere.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.marks.values().any(|mark| *mark == Mark::Unknown)
    }
}

impl fmt::Debug for Form {
    /// Names the fields only: their values may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Form")
            .field("fields", &self.fields.keys().collect::<Vec<_>>())
            .field("blueprint", &self.blueprint)
            .finish_non_exhaustive()
    }
}
