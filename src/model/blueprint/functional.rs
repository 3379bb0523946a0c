//! What a blueprint does, without what only Make's editor needs.

use serde_json::{Map, Value, json};

use super::visit_modules_mut;

/// The keys of a blueprint's `metadata` that the editor or the server writes for itself.
/// (`designer` too, but for the modules parked in it.)
pub const EDITOR_KEYS: [&str; 3] = ["instant", "notes", "zone"];

/// The comparable form of a blueprint: two documents that make a scenario do the same, and look
/// the same to its author, have equal ones. Compare with [`crate::model::values_equal`].
///
/// Left out are the editor's caches and coordinates, what the server computes, and the name,
/// which is the scenario's own field. Settings that are not mentioned get Make's defaults. No
/// list loses or moves an item, so that paths into the document hold in the result.
#[must_use]
pub fn functional(mut document: Value) -> Value {
    visit_modules_mut(&mut document, &mut |_, module| strip_module(module));
    if let Value::Object(map) = &mut document {
        map.shift_remove("name");
        let metadata = map.entry("metadata").or_insert_with(|| json!({}));
        if let Value::Object(metadata) = metadata {
            strip_metadata(metadata);
        }
    }
    document
}

/// Whether a key of a module's `metadata` is read when the scenario runs: the inputs and outputs
/// of a scenario that others call.
#[must_use]
pub fn is_functional_metadata(module: &str, key: &str) -> bool {
    matches!(
        (module, key),
        ("scenario-service:StartSubscenario", "interface")
            | ("scenario-service:ReturnData", "expect")
    )
}

fn strip_metadata(metadata: &mut Map<String, Value>) {
    for key in EDITOR_KEYS {
        metadata.shift_remove(key);
    }
    let orphans = metadata
        .shift_remove("designer")
        .and_then(|mut designer| designer.get_mut("orphans").map(Value::take));
    if let Some(orphans) = orphans.filter(|value| !is_empty(value)) {
        metadata.insert("designer".to_owned(), json!({ "orphans": orphans }));
    }
    metadata.entry("version").or_insert_with(|| json!(1));
    let settings = metadata.entry("scenario").or_insert_with(|| json!({}));
    if let (Value::Object(settings), Value::Object(defaults)) = (settings, default_settings()) {
        for (key, value) in defaults {
            settings.entry(key).or_insert(value);
        }
    }
}

/// What Make assumes for settings that a blueprint does not mention.
fn default_settings() -> Value {
    json!({
        "roundtrips": 1,
        "maxErrors": 3,
        "autoCommit": true,
        "autoCommitTriggerLast": true,
        "sequential": false,
        "slots": null,
        "confidential": false,
        "dataloss": false,
        "dlq": false,
        "freshVariables": false,
    })
}

fn strip_module(module: &mut Map<String, Value>) {
    let kind = module
        .get("module")
        .and_then(Value::as_str)
        .unwrap_or("")
        .to_owned();
    // Routers have `mapper: null`, and some editors leave it out.
    if module.get("mapper").is_some_and(Value::is_null) {
        module.shift_remove("mapper");
    }
    if module.get("onerror").is_some_and(is_empty) {
        module.shift_remove("onerror");
    }
    module.shift_remove("samples");
    let Some(Value::Object(metadata)) = module.shift_remove("metadata") else {
        return;
    };
    let kept: Map<String, Value> = metadata
        .into_iter()
        .filter_map(|(key, value)| {
            if key == "designer" {
                let label = value.get("name").filter(|name| !is_empty(name))?;
                return Some((key, json!({ "name": label })));
            }
            is_functional_metadata(&kind, &key).then_some((key, value))
        })
        .collect();
    if !kept.is_empty() {
        module.insert("metadata".to_owned(), Value::Object(kept));
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::functional;
    use crate::model::values_equal;
    use serde_json::{Value, json};

    fn blueprint(module_metadata: Value, metadata: Value) -> Value {
        json!({
            "name": "Leads",
            "flow": [{
                "id": 3, "module": "google-sheets:addRow", "version": 2,
                "mapper": {"values": {"0": "{{1.email}}"}},
                "metadata": module_metadata,
            }],
            "metadata": metadata,
        })
    }

    #[test]
    fn what_the_editor_and_the_server_write_for_themselves_is_no_difference() {
        let edited = blueprint(
            json!({"designer": {"x": 300, "y": -20, "messages": []}, "restore": {"a": 1},
                   "expect": [], "interface": [], "setupValidation": {}}),
            json!({"instant": true, "version": 1, "zone": "eu1.make.com", "notes": [{}],
                   "designer": {"orphans": []}, "scenario": {"maxErrors": 3, "dlq": false}}),
        );
        let mut bare = blueprint(json!({}), json!({}));
        bare["name"] = json!("another");
        assert!(values_equal(&functional(edited), &functional(bare)));
    }

    #[test]
    fn labels_settings_and_parked_modules_are_differences() {
        let plain = functional(blueprint(json!({}), json!({})));
        for other in [
            blueprint(json!({"designer": {"name": "Add lead"}}), json!({})),
            blueprint(json!({}), json!({"scenario": {"maxErrors": 4}})),
            blueprint(json!({}), json!({"designer": {"orphans": [[{"id": 9}]]}})),
        ] {
            assert!(!values_equal(&plain, &functional(other)));
        }
    }

    #[test]
    fn the_interface_of_a_called_scenario_is_read_when_it_runs() {
        let called = |interface: Value| {
            json!({"flow": [{"id": 1, "module": "scenario-service:StartSubscenario",
                             "metadata": {"interface": interface}}], "metadata": {}})
        };
        assert!(!values_equal(
            &functional(called(json!([{"name": "a"}]))),
            &functional(called(json!([{"name": "b"}])))
        ));
    }
}
