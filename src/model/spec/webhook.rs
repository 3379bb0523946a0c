//! A webhook or mailhook.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Link;
use crate::model::{Field, reference::Template};

/// A webhook or mailhook of the team.
#[derive(Clone, Debug, Default, PartialEq)]
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
    /// Who may call it; in the unified dialect only.
    pub security: Field<Security>,
    /// The method of the requests that it takes, `HEAD` or `GET`; in the unified dialect only.
    pub hook_type: Field<String>,
    /// The scenario that it starts; in the unified dialect only. Elsewhere that follows from the
    /// scenario's blueprint.
    pub scenario: Field<Link>,
    /// An app's own fields, as `set-data` takes them (`formId`).
    pub fields: BTreeMap<String, Value>,
}

/// Who may call a webhook. What must be secret is a reference to the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Security {
    /// Whoever knows the URL.
    None,
    /// Whoever has this name and password.
    Basic {
        /// The name.
        username: Template,
        /// The password.
        password: Template,
    },
    /// Whoever has this token.
    Token {
        /// The token.
        token: Template,
    },
}
