//! A data structure, and the fields that it has in common with the interfaces of scenarios.

use serde_json::{Map, Value};

use crate::model::Field;

/// A data structure of the team (Make's API says `udt`).
#[derive(Clone, Debug, PartialEq)]
pub struct DataStructureSpec {
    /// The name that Make shows; at most 128 characters.
    pub name: String,
    /// Whether what has other fields is refused.
    pub strict: Field<bool>,
    /// The fields, in order, as Make's API has them: `{"name": "email", "type": "text"}`. Saved
    /// as a whole.
    pub fields: Field<Vec<Value>>,
}

/// The types of fields that Make documents.
pub const FIELD_TYPES: [&str; 7] = [
    "text",
    "number",
    "boolean",
    "date",
    "buffer",
    "collection",
    "array",
];

/// Fields without what goes without saying: nulls, empty labels, and flags that are off. The
/// editor writes those out, the API need not.
#[must_use]
pub fn normal_fields(fields: &[Value]) -> Value {
    fields.iter().map(normal_field).collect()
}

fn normal_field(field: &Value) -> Value {
    match field {
        Value::Object(members) => {
            let said = members.iter().filter(|(key, value)| is_said(key, value));
            let said = said.map(|(key, value)| {
                let value = match (key.as_str(), value) {
                    // Of a collection the fields, of an array its items.
                    ("spec", Value::Array(fields)) => normal_fields(fields),
                    ("spec", inner) => normal_field(inner),
                    (_, other) => other.clone(),
                };
                (key.clone(), value)
            });
            Value::Object(said.collect::<Map<_, _>>())
        }
        other @ (Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)) => other.clone(),
    }
}

fn is_said(key: &str, value: &Value) -> bool {
    match (key, value) {
        (_, Value::Null) | ("required" | "multiline", Value::Bool(false)) => false,
        ("label" | "help", Value::String(text)) => !text.is_empty(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::normal_fields;

    #[test]
    fn what_the_editor_spells_out_says_no_more_than_what_is_left_out() {
        let short = json!([
            {"name": "a", "type": "text"},
            {"name": "b", "type": "collection", "spec": [{"name": "c", "type": "date", "required": true}]},
            {"name": "d", "type": "array", "spec": {"type": "text", "default": ""}},
        ]);
        let long = json!([
            {"type": "text", "name": "a", "label": "", "default": null, "required": false, "multiline": false},
            {"name": "b", "type": "collection", "label": null, "spec": [
                {"name": "c", "type": "date", "required": true, "help": ""}]},
            {"name": "d", "type": "array", "spec": {"type": "text", "default": "", "required": false}},
        ]);
        assert_eq!(normal_fields(long.as_array().unwrap()), short);
        assert_eq!(normal_fields(short.as_array().unwrap()), short);
    }
}
