//! The schema of a merge patch, from that of what it is applied to.

use serde_json::{Value, json};

use super::mapping::or_null;

/// What may stand in a JSON merge patch (RFC 7396) of what a schema describes: a part of it, and
/// null for each key that goes. Lists are replaced as a whole, so that inside them all holds.
pub(super) fn patch(schema: Value) -> Value {
    let Value::Object(members) = schema else {
        return schema;
    };
    let patched = members.into_iter().filter_map(|(keyword, value)| {
        let value = match (keyword.as_str(), value) {
            // What has to be there may stand in the manifest.
            (
                "required" | "dependentSchemas" | "if" | "then" | "else" | "default" | "examples",
                _,
            ) => return None,
            // Of forms that keys tell apart, any part.
            ("oneOf", Value::Array(forms)) => {
                let forms = forms
                    .into_iter()
                    .filter(|form| form.get("properties").is_some());
                let forms: Vec<Value> = forms.map(patch).collect();
                return (!forms.is_empty()).then(|| ("anyOf".to_owned(), json!(forms)));
            }
            ("anyOf", Value::Array(forms)) => forms.into_iter().map(patch).collect(),
            ("properties", Value::Object(properties)) => {
                let properties = properties.into_iter();
                let parts = properties.map(|(key, value)| (key, or_gone(patch(value))));
                Value::Object(parts.collect())
            }
            // A part of that as well.
            ("$ref", Value::String(name)) if name.ends_with("/InlineBlueprint") => {
                return Some(("type".to_owned(), json!("object")));
            }
            ("$ref", Value::String(name)) if name.ends_with("/When") => {
                return Some((keyword, json!("#/$defs/WhenPatch")));
            }
            (_, value) => value,
        };
        Some((keyword, value))
    });
    Value::Object(patched.collect())
}

/// Null beside what is there, once.
fn or_gone(schema: Value) -> Value {
    let null = json!({ "type": "null" });
    let forms = schema.get("anyOf").and_then(Value::as_array);
    let kinds = schema.get("type").and_then(Value::as_array);
    let has_null = forms.is_some_and(|forms| forms.contains(&null))
        || kinds.is_some_and(|kinds| kinds.contains(&json!("null")));
    match has_null {
        true => schema,
        false => or_null(schema),
    }
}
