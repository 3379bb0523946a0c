//! The one walk over all modules of a blueprint, wherever they are nested.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use serde_json::{Map, Value};

use crate::model::Path;

/// A module, and where it stands.
#[derive(Clone, Debug)]
pub struct Module<'a> {
    /// Its JSON path in the document.
    pub path: Path,
    /// Its id as text, which stays the same across edits. Ids are not always numbers, and not
    /// always unique: the second module of an id is `3#2`.
    pub key: String,
    /// Its type: `google-sheets:addRow`; empty where it has none.
    pub module: Cow<'a, str>,
    /// The label that its author gave it.
    pub label: Option<&'a str>,
    /// The list that holds it.
    pub container: Container,
    /// The module before it in that list.
    pub after: Option<String>,
    /// The module itself.
    pub value: &'a Value,
}

/// A list of modules.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Container {
    /// The module that has the list; none for the blueprint itself.
    pub parent: Option<String>,
    /// Which of its lists: `flow`, `modules`, `routes.0`, `onerror`, `branches.1`, `tools.0`, `orphans.0`.
    pub slot: String,
}

/// The keys of a module whose items each have a `flow`.
pub(super) const BRANCHING: [&str; 3] = ["routes", "branches", "tools"];

/// All modules of a document: those before their own branches, parked ones last.
#[must_use]
pub fn modules(document: &Value) -> Vec<Module<'_>> {
    let mut walk = Walk::default();
    if let Some(flow) = document.get("flow") {
        walk.list(flow, vec!["flow".to_owned()], None, "flow");
    } else if let Some(modules) = document.get("modules") {
        walk.list(modules, vec!["modules".to_owned()], None, "modules");
    }
    if let Some(Value::Array(lists)) = document.pointer("/metadata/designer/orphans") {
        for (index, list) in lists.iter().enumerate() {
            let path = ["metadata", "designer", "orphans"].map(str::to_owned);
            let path = path.into_iter().chain([index.to_string()]).collect();
            walk.list(list, path, None, &format!("orphans.{index}"));
        }
    }
    walk.found
}

/// The first module of a flow, without a walk through the others.
pub(super) fn first_module(document: &Value) -> Option<Module<'_>> {
    let value = document.get("flow")?.get(0)?;
    let map = value.as_object()?;
    Some(Module {
        path: ["flow", "0"].map(str::to_owned).to_vec(),
        key: Keys::default().next(map),
        module: type_of(map),
        label: value
            .pointer("/metadata/designer/name")
            .and_then(Value::as_str),
        container: Container {
            parent: None,
            slot: "flow".to_owned(),
        },
        after: None,
        value,
    })
}

#[derive(Default)]
struct Walk<'a> {
    found: Vec<Module<'a>>,
    keys: Keys,
}

impl<'a> Walk<'a> {
    fn list(&mut self, list: &'a Value, path: Path, parent: Option<&str>, slot: &str) {
        let Value::Array(items) = list else { return };
        let container = Container {
            parent: parent.map(str::to_owned),
            slot: slot.to_owned(),
        };
        let mut after = None;
        for (index, value) in items.iter().enumerate() {
            let Value::Object(map) = value else { continue };
            let path = below(&path, &[&index.to_string()]);
            let key = self.keys.next(map);
            self.found.push(Module {
                path: path.clone(),
                key: key.clone(),
                module: type_of(map),
                label: value
                    .pointer("/metadata/designer/name")
                    .and_then(Value::as_str),
                container: container.clone(),
                after: after.replace(key.clone()),
                value,
            });
            self.branches(map, &path, &key);
        }
    }

    fn branches(&mut self, module: &'a Map<String, Value>, path: &Path, key: &str) {
        for branching in BRANCHING {
            let Some(Value::Array(branches)) = module.get(branching) else {
                continue;
            };
            for (index, branch) in branches.iter().enumerate() {
                if let Some(flow) = branch.get("flow") {
                    let path = below(path, &[branching, &index.to_string(), "flow"]);
                    self.list(flow, path, Some(key), &format!("{branching}.{index}"));
                }
            }
        }
        if let Some(handlers) = module.get("onerror") {
            self.list(handlers, below(path, &["onerror"]), Some(key), "onerror");
        }
    }
}

/// The type of a module: one word, or an app and its action.
pub(super) fn type_of(module: &Map<String, Value>) -> Cow<'_, str> {
    let text = |key: &str| module.get(key).and_then(Value::as_str);
    match (text("module"), text("app"), text("action")) {
        (Some(module), _, _) => module.into(),
        (None, Some(app), Some(action)) => format!("{app}:{action}").into(),
        (None, app, action) => app.or(action).unwrap_or_default().into(),
    }
}

/// Gives each module, with its key, to a function that may change it: in the order of
/// [`modules`], each before its branches.
pub fn visit_modules_mut(
    document: &mut Value,
    visit: &mut dyn FnMut(&str, &mut Map<String, Value>),
) {
    let mut keys = Keys::default();
    if let Some(flow) = document.get_mut("flow") {
        visit_list(flow, &mut keys, visit);
    } else if let Some(modules) = document.get_mut("modules") {
        visit_list(modules, &mut keys, visit);
    }
    if let Some(Value::Array(lists)) = document.pointer_mut("/metadata/designer/orphans") {
        for list in lists {
            visit_list(list, &mut keys, visit);
        }
    }
}

fn visit_list(
    list: &mut Value,
    keys: &mut Keys,
    visit: &mut dyn FnMut(&str, &mut Map<String, Value>),
) {
    let Value::Array(items) = list else { return };
    for item in items {
        let Value::Object(module) = item else {
            continue;
        };
        let key = keys.next(module);
        visit(&key, module);
        for branching in BRANCHING {
            if let Some(Value::Array(branches)) = module.get_mut(branching) {
                for branch in branches {
                    if let Some(flow) = branch.get_mut("flow") {
                        visit_list(flow, keys, visit);
                    }
                }
            }
        }
        if let Some(handlers) = module.get_mut("onerror") {
            visit_list(handlers, keys, visit);
        }
    }
}

/// Gives out the keys of modules, each once.
#[derive(Default)]
struct Keys {
    /// How often an id was met.
    counts: BTreeMap<String, usize>,
    /// The keys that are no mere ids, and ids that look like such keys.
    given: BTreeSet<String>,
}

impl Keys {
    fn next(&mut self, module: &Map<String, Value>) -> String {
        let id = match module.get("id") {
            Some(Value::String(id)) => id.clone(),
            Some(id) => id.to_string(),
            None => "?".to_owned(),
        };
        loop {
            let count = self.counts.entry(id.clone()).or_default();
            *count += 1;
            let key = match *count {
                1 => id.clone(),
                n => format!("{id}#{n}"),
            };
            if !key.contains('#') || self.given.insert(key.clone()) {
                return key;
            }
        }
    }
}

fn below(path: &Path, keys: &[&str]) -> Path {
    path.iter()
        .map(String::as_str)
        .chain(keys.iter().copied())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{modules, visit_modules_mut};
    use serde_json::{Value, json};

    fn every_nesting() -> Value {
        json!({
            "name": "All of it",
            "flow": [
                {"id": 1, "module": "gateway:CustomWebHook"},
                {"id": 2, "module": "builtin:BasicRouter", "mapper": null, "routes": [
                    {"flow": [{"id": 3, "module": "http:ActionSendData",
                               "onerror": [{"id": 4, "module": "builtin:Break"}]}]},
                    {"disabled": true, "flow": [{"id": "5", "module": "a:b"}, {"id": 1, "module": "c:d"}]},
                ]},
                {"id": 6, "module": "builtin:BasicIfElse", "branches": [{"type": "if", "flow": [{"id": 7}]}]},
                {"id": 8, "module": "ai:RunAgent", "tools": [{"name": "t", "flow": [{"id": 9}]}]},
            ],
            "metadata": {"designer": {"orphans": [[{"id": 10, "module": "x:y"}]]}},
        })
    }

    #[test]
    fn every_module_is_found_once_with_its_path_and_place() {
        let document = every_nesting();
        let found: Vec<String> = modules(&document)
            .iter()
            .map(|m| {
                let parent = m.container.parent.as_deref().unwrap_or("-");
                let after = m.after.as_deref().unwrap_or("-");
                assert_eq!(
                    document.pointer(&format!("/{}", m.path.join("/"))),
                    Some(m.value)
                );
                format!("{} in {parent} {} after {after}", m.key, m.container.slot)
            })
            .collect();
        assert_eq!(
            found,
            [
                "1 in - flow after -",
                "2 in - flow after 1",
                "3 in 2 routes.0 after -",
                "4 in 3 onerror after -",
                "5 in 2 routes.1 after -",
                "1#2 in 2 routes.1 after 5",
                "6 in - flow after 2",
                "7 in 6 branches.0 after -",
                "8 in - flow after 6",
                "9 in 8 tools.0 after -",
                "10 in - orphans.0 after -",
            ]
        );
    }

    #[test]
    fn no_two_modules_have_one_key_whatever_their_ids_are() {
        let ids = ["3", "3#2", "3", "3", "3#2"].map(|id| json!({ "id": id }));
        let document = json!({ "flow": ids });
        let keys: Vec<String> = modules(&document).into_iter().map(|m| m.key).collect();
        assert_eq!(keys, ["3", "3#2", "3#3", "3#4", "3#2#2"]);
    }

    #[test]
    fn both_walks_give_the_same_keys_in_the_same_order() {
        let mut document = every_nesting();
        let keys: Vec<String> = modules(&document).into_iter().map(|m| m.key).collect();
        let mut visited = Vec::new();
        visit_modules_mut(&mut document, &mut |key, _| visited.push(key.to_owned()));
        assert_eq!(visited, keys);
    }
}
