//! Whether the data of a record is what the data structure of its store says.

use serde_json::{Map, Value};

use crate::sandbox::routes::refusal::Refusal;

use super::scope::{is_true, text};

/// Refuses data that a structure does not allow. What Make checks is not documented beyond
/// "strict validation"; here a field that is required must be there, and in a strict structure
/// no other field may be, and each must have its type.
pub(super) fn check(structure: &Value, data: &Map<String, Value>) -> Result<(), Refusal> {
    let strict = is_true(structure, "strict");
    check_fields(structure.get("spec"), data, strict)
}

fn check_fields(
    spec: Option<&Value>,
    data: &Map<String, Value>,
    strict: bool,
) -> Result<(), Refusal> {
    let fields = spec.and_then(Value::as_array);
    let fields: Vec<&Value> = fields.into_iter().flatten().collect();
    for field in &fields {
        let name = text(field, "name").unwrap_or_default();
        let value = data.get(name).unwrap_or(&Value::Null);
        if value.is_null() {
            if is_true(field, "required") {
                return Err(Refusal::invalid(format!(
                    "data should have required property '{name}'"
                )));
            }
        } else if strict {
            check_value(field, name, value)?;
        }
    }
    let is_known = |name: &str| fields.iter().any(|field| text(field, "name") == Some(name));
    match data.keys().find(|name| strict && !is_known(name)) {
        None => Ok(()),
        Some(name) => Err(Refusal::invalid(format!(
            "data should NOT have additional property '{name}'"
        ))),
    }
}

fn check_value(field: &Value, name: &str, value: &Value) -> Result<(), Refusal> {
    let kind = text(field, "type").unwrap_or_default();
    let spec = field.get("spec");
    let fits = match (kind, value) {
        ("collection", Value::Object(inner)) => return check_fields(spec, inner, true),
        ("array", Value::Array(items)) => {
            for item in items {
                check_item(spec, name, item)?;
            }
            true
        }
        ("collection" | "array", _) => false,
        // Make turns text into what a field wants where it can.
        ("number" | "integer" | "uinteger", Value::String(text)) => text.parse::<f64>().is_ok(),
        ("number" | "integer" | "uinteger", value) => value.is_number(),
        ("boolean", Value::String(text)) => matches!(text.as_str(), "true" | "false"),
        ("boolean", value) => value.is_boolean(),
        (_, value) => !value.is_object() && !value.is_array(),
    };
    match fits {
        true => Ok(()),
        false => Err(Refusal::invalid(format!("data.{name} should be {kind}"))),
    }
}

/// The items of an array have the type that its `spec` says, or the fields that it lists.
fn check_item(spec: Option<&Value>, name: &str, item: &Value) -> Result<(), Refusal> {
    match (spec, item) {
        (Some(spec), Value::Object(inner)) if spec.is_array() => {
            check_fields(Some(spec), inner, true)
        }
        (Some(spec), item) if spec.is_object() => check_value(spec, name, item),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::check;

    fn says(strict: bool, data: &Value) -> bool {
        let structure = json!({ "strict": strict, "spec": [
            { "name": "n", "type": "number" },
            { "name": "on", "type": "boolean" },
            { "name": "who", "type": "collection", "spec": [
                { "name": "mail", "type": "text", "required": true },
            ] },
            { "name": "tags", "type": "array", "spec": { "type": "text" } },
            { "name": "lines", "type": "array", "spec": [{ "name": "sum", "type": "number" }] },
        ] });
        check(&structure, data.as_object().unwrap()).is_ok()
    }

    #[test]
    fn a_strict_structure_looks_at_types_and_all_the_way_down() {
        for good in [
            json!({}),
            json!({ "n": 1, "on": true, "tags": ["a"], "lines": [{ "sum": 1 }] }),
            json!({ "n": "1.5", "on": "false", "who": { "mail": "a" }, "tags": [] }),
            json!({ "n": null }),
        ] {
            assert!(says(true, &good), "{good}");
        }
        for bad in [
            json!({ "n": "one" }),
            json!({ "n": true }),
            json!({ "on": 1 }),
            json!({ "on": "yes" }),
            json!({ "who": "a" }),
            json!({ "who": {} }),
            json!({ "who": { "mail": "a", "more": 1 } }),
            json!({ "tags": "a" }),
            json!({ "tags": [{}] }),
            json!({ "lines": [{ "sum": "x" }] }),
            json!({ "other": 1 }),
        ] {
            assert!(!says(true, &bad), "{bad}");
            assert!(says(false, &bad), "{bad}");
        }
    }
}
