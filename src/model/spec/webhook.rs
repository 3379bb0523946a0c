//! A webhook or mailhook.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Link;
use crate::model::{Field, reference::Template};

/// A webhook or mailhook of the team.
#[derive(Clone, Debug, PartialEq)]
pub struct WebhookSpec {
    /// The name that Make shows; at most 128 characters.
    pub name: String,
    /// `custom`, `raw`, `mail`, or an app's hook type (`jotform`). On the live side Make's
    /// `typeName` is turned into these words; `raw` is `custom` with `stringify`.
    pub kind: String,
    /// The connection of an app's hook (`__IMTCONN__`).
    pub connection: Field<Link>,
    /// Whether it takes requests.
    pub enabled: Field<bool>,
    /// Whether request headers are handed to the scenario.
    pub headers: Field<bool>,
    /// Whether the request's method is handed to the scenario.
    pub method: Field<bool>,
    /// Whether JSON is handed over as a string.
    pub stringify: Field<bool>,
    /// The addresses that may call it, comma separated; null is everybody.
    pub ip: Field<Template>,
    /// The id of the data structure that its payload has; null is none.
    pub data_structure: Field<Link>,
    /// An app's own fields, as `set-data` takes them (`formId`).
    pub fields: BTreeMap<String, Value>,
}
