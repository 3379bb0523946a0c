//! A blueprint in two parts: what the scenario does, and what only Make's editor needs.
//!
//! People review the first. The second is four fifths of an export, changes whenever somebody
//! opens the scenario, and is kept by the keys of the modules, so that it stands in a file of its
//! own and finds its place again.
//!
//! Joining is exact: `join` of what `split` gave is the same document as unordered JSON, but for
//! `metadata.instant`, which Make computes. What is not known to be the editor's stays with what
//! the scenario does, odd shapes included.

use serde_json::{Map, Value};

use super::{
    functional::{EDITOR_KEYS, is_editor_metadata, label, parked},
    is_graph,
    modules::{type_of, visit_modules_mut},
};

/// What Make's editor keeps with a blueprint.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EditorPart {
    /// What it keeps with each module, by the module's key (see [`super::Module::key`]): an object
    /// of `module`, the type that it was kept for, `metadata` and `samples`. Numbers ascending.
    pub modules: Map<String, Value>,
    /// What it keeps with the blueprint: `notes`, `zone`, `designer`.
    pub metadata: Map<String, Value>,
}

impl EditorPart {
    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.modules.is_empty() && self.metadata.is_empty()
    }

    /// The part as a document: `{"modules": {"3": {..}}, "metadata": {..}}`.
    #[must_use]
    pub fn into_value(self) -> Value {
        let Self { modules, metadata } = self;
        let parts = [("modules", modules), ("metadata", metadata)];
        let said = parts.into_iter().filter(|(_, map)| !map.is_empty());
        let said = said.map(|(key, map)| (key.to_owned(), Value::Object(map)));
        Value::Object(said.collect())
    }

    /// The part that a document of that form holds. What else it holds is left out.
    #[must_use]
    pub fn from_value(document: Value) -> Self {
        let Value::Object(mut map) = document else {
            return Self::default();
        };
        let mut part = |key: &str| match map.shift_remove(key) {
            Some(Value::Object(part)) => part,
            Some(_) | None => Map::new(),
        };
        Self {
            modules: part("modules"),
            metadata: part("metadata"),
        }
    }
}

/// Takes a blueprint apart. One of modules and connections has no editor's part.
#[must_use]
pub fn split(mut document: Value) -> (Value, EditorPart) {
    let mut editor = EditorPart::default();
    if is_graph(&document) {
        return (document, editor);
    }
    visit_modules_mut(&mut document, &mut |key, module| {
        let kind = type_of(module).into_owned();
        let entry = taken_from_module(module, &kind);
        if !entry.is_empty() {
            let mut whole = Map::new();
            if !kind.is_empty() {
                whole.insert("module".to_owned(), Value::from(kind));
            }
            whole.extend(entry);
            editor.modules.insert(key.to_owned(), Value::Object(whole));
        }
    });
    let number = |key: &str| key.parse().unwrap_or(u64::MAX);
    let sorted = std::mem::take(&mut editor.modules);
    let mut sorted: Vec<(String, Value)> = sorted.into_iter().collect();
    sorted.sort_by(|(a, _), (b, _)| (number(a), a).cmp(&(number(b), b)));
    editor.modules.extend(sorted);
    if let Some(Value::Object(metadata)) = document.get_mut("metadata") {
        let is_editors = |key: &str| EDITOR_KEYS.contains(&key) || key == "designer";
        editor.metadata = taken(metadata, is_editors, |designer| {
            parked(designer).is_some().then_some("orphans")
        });
        // Make computes it from the trigger whenever it saves.
        editor.metadata.shift_remove("instant");
    }
    (document, editor)
}

/// Puts a blueprint together. What it says itself stays as it is: of a file that is whole, what
/// lies beside it may be out of date. So is what was kept for a module that is gone, or is of
/// another type by now.
#[must_use]
pub fn join(mut functional: Value, mut editor: EditorPart) -> Value {
    if is_graph(&functional) {
        return functional;
    }
    visit_modules_mut(&mut functional, &mut |key, module| {
        let Some(Value::Object(mut entry)) = editor.modules.shift_remove(key) else {
            return;
        };
        let kept_for = entry.get("module").and_then(Value::as_str).unwrap_or("");
        if kept_for != type_of(module) {
            return;
        }
        if let Some(samples) = entry.shift_remove("samples") {
            module.entry("samples").or_insert(samples);
        }
        if let Some(Value::Object(metadata)) = entry.shift_remove("metadata") {
            give(module, metadata);
        }
    });
    if let Value::Object(map) = &mut functional
        && !editor.metadata.is_empty()
    {
        give(map, editor.metadata);
    }
    functional
}

/// Takes from a module what is the editor's.
fn taken_from_module(module: &mut Map<String, Value>, kind: &str) -> Map<String, Value> {
    let mut entry = Map::new();
    if let Some(Value::Object(metadata)) = module.get_mut("metadata") {
        let is_editors = |key: &str| is_editor_metadata(kind, key);
        let kept = taken(metadata, is_editors, |designer| {
            label(designer).is_some().then_some("name")
        });
        if !kept.is_empty() {
            if metadata.is_empty() {
                module.shift_remove("metadata");
            }
            entry.insert("metadata".to_owned(), Value::Object(kept));
        }
    }
    if let Some(samples) = module.shift_remove("samples") {
        entry.insert("samples".to_owned(), samples);
    }
    entry
}

/// Takes the editor's keys out of some metadata, sorted. `staying`: the key of a `designer` that
/// is not the editor's.
fn taken(
    metadata: &mut Map<String, Value>,
    is_editors: impl Fn(&str) -> bool,
    staying: impl Fn(&Value) -> Option<&'static str>,
) -> Map<String, Value> {
    let mut keys: Vec<String> = metadata.keys().cloned().collect();
    keys.retain(|key| is_editors(key));
    keys.sort_unstable();
    let mut kept = Map::new();
    for key in keys {
        let Some(value) = metadata.get_mut(&key) else {
            continue;
        };
        let staying = (key == "designer").then(|| staying(value)).flatten();
        let moved = match (staying, value) {
            (Some(staying), Value::Object(designer)) => {
                let mut rest = std::mem::take(designer);
                designer.extend(rest.shift_remove_entry(staying));
                (!rest.is_empty()).then_some(Value::Object(rest))
            }
            _ => metadata.shift_remove(&key),
        };
        kept.extend(moved.map(|value| (key, value)));
    }
    kept
}

/// Gives metadata back to what it was taken from, where that has none of its own.
fn give(owner: &mut Map<String, Value>, kept: Map<String, Value>) {
    let metadata = owner.entry("metadata");
    let Value::Object(metadata) = metadata.or_insert_with(|| Value::Object(Map::new())) else {
        return;
    };
    for (key, value) in kept {
        match (metadata.get_mut(&key), value) {
            (None, value) => {
                metadata.insert(key, value);
            }
            (Some(Value::Object(designer)), Value::Object(kept)) if key == "designer" => {
                for (key, value) in kept {
                    designer.entry(key).or_insert(value);
                }
            }
            (Some(_), _) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{EditorPart, join, split};
    use crate::model::{
        blueprint::{functional, random::blueprint},
        values_equal,
    };

    fn exported() -> Value {
        json!({
            "name": "Leads",
            "flow": [
                {"id": 10, "module": "scenario-service:StartSubscenario", "metadata": {
                    "designer": {"x": 0, "y": 0}, "interface": ["in"], "expect": ["e"]}},
                {"id": 2, "module": "builtin:BasicRouter", "mapper": null, "routes": [{"flow": [
                    {"id": 3, "module": "http:Get", "mapper": {"url": "u"}, "samples": {"a": 1},
                     "metadata": {"designer": {"name": "Ask", "x": 300, "y": 0, "messages": []},
                                  "restore": {"r": 1}, "unheardOf": 1}}]}],
                 "metadata": {}},
            ],
            "metadata": {"instant": true, "version": 1, "zone": "eu1.make.com", "notes": [{}],
                "scenario": {"dlq": true}, "designer": {"orphans": [[{"id": 4,
                    "metadata": {"designer": {"x": 9, "y": 9}}}]], "zoom": 2}},
        })
    }

    #[test]
    fn reviewers_read_what_the_scenario_does_and_nothing_else() {
        let (does, editor) = split(exported());
        assert_eq!(
            does,
            json!({
                "name": "Leads",
                "flow": [
                    {"id": 10, "module": "scenario-service:StartSubscenario", "metadata": {
                        "interface": ["in"]}},
                    {"id": 2, "module": "builtin:BasicRouter", "mapper": null, "routes": [{"flow": [
                        {"id": 3, "module": "http:Get", "mapper": {"url": "u"},
                         "metadata": {"designer": {"name": "Ask"}, "unheardOf": 1}}]}],
                     "metadata": {}},
                ],
                "metadata": {"version": 1, "scenario": {"dlq": true},
                    "designer": {"orphans": [[{"id": 4}]]}},
            })
        );
        assert_eq!(
            editor.into_value().to_string(),
            json!({
                "modules": {
                    "3": {"module": "http:Get", "metadata": {"designer": {"x": 300, "y": 0,
                        "messages": []}, "restore": {"r": 1}}, "samples": {"a": 1}},
                    "4": {"metadata": {"designer": {"x": 9, "y": 9}}},
                    "10": {"module": "scenario-service:StartSubscenario", "metadata": {
                        "designer": {"x": 0, "y": 0}, "expect": ["e"]}},
                },
                "metadata": {"designer": {"zoom": 2}, "notes": [{}], "zone": "eu1.make.com"},
            })
            .to_string()
        );
    }

    #[test]
    fn what_a_file_says_itself_is_not_replaced_by_what_lies_beside_it() {
        let (_, mut editor) = split(exported());
        let mut other = exported();
        other["flow"][1]["routes"][0]["flow"][0]["metadata"]["designer"]["x"] = json!(5);
        other["metadata"]["zone"] = json!("us1.make.com");
        assert_eq!(join(other.clone(), editor.clone()), other);
        let changed = json!({"flow": [{"id": 3, "module": "http:Post"}, {"id": 99}]});
        editor.metadata.clear();
        assert_eq!(join(changed.clone(), editor), changed, "another module");
    }

    #[test]
    fn modules_and_connections_have_no_part_of_the_editor_s() {
        let graph = json!({"modules": [{"id": 1, "app": "a", "metadata": {"designer": {"x": 1}}}]});
        let (same, editor) = split(graph.clone());
        assert!(same == graph && editor.is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn what_is_split_is_joined_again_to_the_very_same(document in blueprint()) {
            let (does, editor) = split(document.clone());
            prop_assert_eq!(&EditorPart::from_value(editor.clone().into_value()), &editor);
            // All that counts is in the functional part, and nothing of it in the other.
            prop_assert!(values_equal(&functional(&does), &functional(&document)));
            let (again, nothing) = split(does.clone());
            prop_assert!(nothing.is_empty());
            prop_assert_eq!(&again, &does);

            let mut whole = document;
            if let Some(Value::Object(metadata)) = whole.get_mut("metadata")
                && whole_has_flow(&does)
            {
                metadata.shift_remove("instant");
            }
            let joined = join(does, editor);
            prop_assert!(values_equal(&joined, &whole), "{} is not {}", joined, whole);
        }
    }

    fn whole_has_flow(document: &Value) -> bool {
        !super::is_graph(document)
    }
}
