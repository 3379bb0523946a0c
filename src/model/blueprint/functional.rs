//! What a blueprint does, without what only Make's editor needs.

use serde_json::{Map, Value, json};

use super::{
    is_graph,
    modules::{BRANCHING, type_of},
};

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
pub fn functional(document: &Value) -> Value {
    let Value::Object(map) = document else {
        return document.clone();
    };
    if is_graph(document) {
        return graph(map);
    }
    let mut kept = Map::new();
    for (key, value) in map {
        match key.as_str() {
            "name" | "metadata" => {}
            "flow" => {
                kept.insert(key.clone(), flow(value));
            }
            _ => {
                kept.insert(key.clone(), value.clone());
            }
        }
    }
    kept.insert("metadata".to_owned(), metadata(map.get("metadata")));
    Value::Object(kept)
}

/// A blueprint of modules and connections. Where it has no connections, each module follows the
/// one before it.
fn graph(document: &Map<String, Value>) -> Value {
    let mut kept = document.clone();
    let modules = document.get("modules").and_then(Value::as_array);
    if let Some(modules) = modules {
        kept.insert(
            "modules".to_owned(),
            modules.iter().map(graph_module).collect(),
        );
    }
    if kept.get("connections").is_none_or(Value::is_null) {
        let ids = modules.into_iter().flatten().map(|module| module.get("id"));
        let ids: Vec<Option<&Value>> = ids.collect();
        let pairs = ids.iter().zip(ids.iter().skip(1));
        let chain = pairs.map(|(from, to)| json!({ "from": from, "to": to }));
        kept.insert("connections".to_owned(), chain.collect());
    }
    Value::Object(kept)
}

/// A module without what says nothing.
fn graph_module(value: &Value) -> Value {
    let Value::Object(map) = value else {
        return value.clone();
    };
    let says = |key: &str, value: &Value| {
        !(matches!(key, "parameters" | "mapper" | "filter") && is_empty(value))
    };
    let kept = map.iter().filter(|(key, value)| says(key, value));
    let kept = kept.map(|(key, value)| (key.clone(), value.clone()));
    Value::Object(kept.collect())
}

/// The keys of a module's `metadata` that the editor keeps for itself: positions, labels of
/// picked values, copies of what an app says of its modules. (`designer` but for the module's
/// own label.) Whatever is not among them counts as what the module does.
const MODULE_EDITOR_KEYS: [&str; 7] = [
    "advanced",
    "designer",
    "expect",
    "interface",
    "parameters",
    "restore",
    "setupValidation",
];

/// Whether a key of the `metadata` of a module of some type is the editor's. The inputs and
/// outputs of a scenario that others call are not: they are read when it runs.
#[must_use]
pub fn is_editor_metadata(module: &str, key: &str) -> bool {
    let is_read = matches!(
        (module, key),
        ("scenario-service:StartSubscenario", "interface")
            | ("scenario-service:ReturnData", "expect")
    );
    !is_read && MODULE_EDITOR_KEYS.contains(&key)
}

/// The label in a module's `designer` that its author gave it.
pub(super) fn label(designer: &Value) -> Option<&Value> {
    designer.get("name").filter(|name| !is_empty(name))
}

/// The modules in the `designer` of a blueprint that are parked there.
pub(super) fn parked(designer: &Value) -> Option<&Vec<Value>> {
    let lists = designer.get("orphans")?.as_array()?;
    (!lists.is_empty()).then_some(lists)
}

/// The metadata of the blueprint itself: its settings, and the modules that are parked in it.
fn metadata(metadata: Option<&Value>) -> Value {
    let mut kept = Map::new();
    if let Some(Value::Object(map)) = metadata {
        for (key, value) in map {
            let value = match (key.as_str(), value) {
                (key, _) if EDITOR_KEYS.contains(&key) => continue,
                ("designer", designer) => match parked(designer) {
                    Some(lists) => json!({ "orphans": lists.iter().map(flow).collect::<Value>() }),
                    None => continue,
                },
                (_, value) => value.clone(),
            };
            kept.insert(key.clone(), value);
        }
    }
    kept.entry("version").or_insert_with(|| json!(1));
    let settings = kept.entry("scenario").or_insert_with(|| json!({}));
    if let (Value::Object(settings), Value::Object(defaults)) = (settings, default_settings()) {
        for (key, value) in defaults {
            settings.entry(key).or_insert(value);
        }
    }
    Value::Object(kept)
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

/// A list of modules.
fn flow(list: &Value) -> Value {
    list.as_array().map_or_else(
        || list.clone(),
        |modules| modules.iter().map(module).collect(),
    )
}

fn module(value: &Value) -> Value {
    let Value::Object(map) = value else {
        return value.clone();
    };
    let kind = type_of(map);
    let mut kept = Map::new();
    for (key, value) in map {
        let value = match (key.as_str(), value) {
            // Routers have `mapper: null`, and some editors leave it out.
            ("mapper", Value::Null) | ("samples", _) => continue,
            ("onerror", handlers) if is_empty(handlers) => continue,
            ("onerror", handlers) => flow(handlers),
            (key, Value::Array(branches)) if BRANCHING.contains(&key) => {
                branches.iter().map(branch).collect()
            }
            ("metadata", metadata) => match module_metadata(metadata, &kind) {
                Some(metadata) => metadata,
                None => continue,
            },
            (_, value) => value.clone(),
        };
        kept.insert(key.clone(), value);
    }
    Value::Object(kept)
}

/// A route, a branch or a tool.
fn branch(value: &Value) -> Value {
    let Value::Object(map) = value else {
        return value.clone();
    };
    let copy = |(key, value): (&String, &Value)| {
        let value = if key == "flow" {
            flow(value)
        } else {
            value.clone()
        };
        (key.clone(), value)
    };
    Value::Object(map.iter().map(copy).collect())
}

/// What counts of a module's metadata: its label, and whatever is not the editor's.
fn module_metadata(metadata: &Value, kind: &str) -> Option<Value> {
    let Value::Object(map) = metadata else {
        return (!metadata.is_null()).then(|| metadata.clone());
    };
    let kept: Map<String, Value> = map
        .iter()
        .filter_map(|(key, value)| {
            if key == "designer" {
                return Some((key.clone(), json!({ "name": label(value)? })));
            }
            (!is_editor_metadata(kind, key)).then(|| (key.clone(), value.clone()))
        })
        .collect();
    (!kept.is_empty()).then_some(Value::Object(kept))
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
        assert!(values_equal(&functional(&edited), &functional(&bare)));
    }

    #[test]
    fn modules_follow_each_other_where_no_connections_are_said() {
        let modules = json!([{"id": 1, "app": "a", "action": "b"}, {"id": 2, "parameters": {}}]);
        let plain = functional(&json!({ "modules": modules }));
        let told = json!({ "modules": [{"id": 1, "app": "a", "action": "b"}, {"id": 2}],
            "connections": [{"from": 1, "to": 2}] });
        assert!(values_equal(&plain, &functional(&told)));
        let apart = functional(&json!({ "modules": modules, "connections": [] }));
        assert!(!values_equal(&plain, &apart));
    }

    #[test]
    fn labels_settings_and_parked_modules_are_differences() {
        let plain = functional(&blueprint(json!({}), json!({})));
        for other in [
            blueprint(json!({"designer": {"name": "Add lead"}}), json!({})),
            blueprint(json!({}), json!({"scenario": {"maxErrors": 4}})),
            blueprint(json!({}), json!({"designer": {"orphans": [[{"id": 9}]]}})),
        ] {
            assert!(!values_equal(&plain, &functional(&other)));
        }
    }

    #[test]
    fn the_interface_of_a_called_scenario_is_read_when_it_runs() {
        let called = |interface: Value| {
            json!({"flow": [{"id": 1, "module": "scenario-service:StartSubscenario",
                             "metadata": {"interface": interface}}], "metadata": {}})
        };
        assert!(!values_equal(
            &functional(&called(json!([{"name": "a"}]))),
            &functional(&called(json!([{"name": "b"}])))
        ));
    }
}
