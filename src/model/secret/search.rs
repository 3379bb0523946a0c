//! The walk over a document: which of its values are secret.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{
    address::holds_capability,
    literal::is_credential,
    name::{Telling, judge},
    text::assigns_a_secret,
    vendor::holds_token,
};
use crate::model::Path;

/// The paths of all values in a document that look like secrets: texts, and objects that have a
/// secret for a key.
#[must_use]
pub fn sensitive_paths(document: &Value) -> BTreeSet<Path> {
    let mut found = BTreeSet::new();
    search(document, Telling::Nothing, &mut Vec::new(), &mut found);
    found
}

/// Goes through a value that stands under a name: a key, or the `name` beside a `value`.
fn search(value: &Value, telling: Telling, path: &mut Path, found: &mut BTreeSet<Path>) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(text) => {
            if is_credential(text, telling) || shows_by_itself(text) || assigns_a_secret(text) {
                found.insert(path.clone());
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                search(item, telling, path, found);
                path.pop();
            }
        }
        Value::Object(map) => {
            if map.keys().any(|key| shows_by_itself(key)) {
                found.insert(path.clone());
                return;
            }
            let row = row(map);
            for (key, item) in map {
                let inner = match key.to_lowercase().as_str() {
                    "value" => row.max(telling),
                    // What a thing is called is none, whatever it is.
                    "label" | "name" | "type" => Telling::Nothing,
                    _ => judge(key).max(telling),
                };
                path.push(key.clone());
                search(item, inner, path, found);
                path.pop();
            }
        }
    }
}

/// Whether a text is secret wherever it stands.
fn shows_by_itself(text: &str) -> bool {
    holds_capability(text) || holds_token(text)
}

/// What the name tells in a row of a table of headers or parameters.
fn row(map: &Map<String, Value>) -> Telling {
    let mut telling = Telling::Nothing;
    for (key, value) in map {
        match (key.to_lowercase().as_str(), value) {
            ("name" | "key", Value::String(name)) => telling = telling.max(judge(name)),
            ("item", Value::Object(item)) => telling = telling.max(row(item)),
            _ => {}
        }
    }
    telling
}
