//! What the account keeps although no manifest says so: since a blueprint is saved whole, it is
//! filled in from the live one before it is compared and sent.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::{Map, Value, json};

use super::normalize::Drawn;
use crate::model::{
    Path,
    blueprint::{EDITOR_KEYS, is_editor_metadata, modules, visit_modules_mut},
    spec::Settings,
    value_at, value_at_mut,
};

/// Takes over what Make's editor keeps with a live blueprint: positions, labels of picked
/// values, samples. A colleague may have moved a module since the manifest was written; where the
/// account has nothing, the manifest's stays. Nothing that the scenario does changes.
pub(super) fn keep_editor_data(wanted: &mut Value, live: &Value) {
    let live_modules: BTreeMap<String, (Cow<'_, str>, &Value)> = modules(live)
        .into_iter()
        .map(|module| (module.key, (module.module, module.value)))
        .collect();
    visit_modules_mut(wanted, &mut |key, module| {
        let kind = module.get("module").and_then(Value::as_str).unwrap_or("");
        if let Some((live_kind, live)) = live_modules.get(key)
            && *live_kind == kind
        {
            let kind = kind.to_owned();
            if let Some(samples) = live.get("samples") {
                module.insert("samples".to_owned(), samples.clone());
            }
            if let Some(kept) = live.get("metadata") {
                let is_editors = |key: &str| is_editor_metadata(&kind, key);
                // Old warnings can make a scenario invalid.
                let in_designer = |key: &str| key != "name" && key != "messages";
                overlay(module, kept, is_editors, in_designer);
            }
        }
    });
    if let (Value::Object(wanted), Some(kept)) = (wanted, live.get("metadata")) {
        let is_editors = |key: &str| EDITOR_KEYS.contains(&key) || key == "designer";
        overlay(wanted, kept, is_editors, |key| key != "orphans");
    }
}

/// Writes the editor's part of live metadata over that of a module or a blueprint.
fn overlay(
    wanted: &mut Map<String, Value>,
    kept: &Value,
    is_editors: impl Fn(&str) -> bool,
    in_designer: impl Fn(&str) -> bool,
) {
    let Value::Object(kept) = kept else { return };
    let metadata = wanted.entry("metadata").or_insert_with(|| json!({}));
    let Value::Object(metadata) = metadata else {
        return;
    };
    for (key, value) in kept.iter().filter(|(key, _)| is_editors(key)) {
        if key != "designer" {
            metadata.insert(key.clone(), value.clone());
            continue;
        }
        let designer = metadata.entry("designer").or_insert_with(|| json!({}));
        if let (Value::Object(designer), Value::Object(kept)) = (designer, value) {
            let kept = kept.iter().filter(|(key, _)| in_designer(key));
            designer.extend(kept.map(|(key, value)| (key.clone(), value.clone())));
        }
    }
}

/// Gives fields that `ignoreChanges` names their live values: what is hidden is never written.
pub(super) fn keep_ignored(wanted: &mut Drawn, live: &Drawn, ignored: &[Path]) {
    for path in ignored {
        let path = in_form(path);
        let Some((head, rest)) = path.split_first() else {
            continue;
        };
        if head == "blueprint" {
            let (Some(document), Some(live)) = (&mut wanted.document, &live.document) else {
                continue;
            };
            let Some(to) = in_document(document, rest) else {
                if let [list, key] = rest
                    && matches!(list.as_str(), "flow" | "modules")
                    && let Some((list, index)) = keep_module(document, live, key)
                {
                    wanted.make_room(&list, index);
                }
                continue;
            };
            let value = in_document(live, rest).and_then(|from| value_at(live, &from));
            assign(document, &to, value.cloned());
            let marked: Path = std::iter::once(head.clone()).chain(to).collect();
            wanted.unmark(&marked);
        } else if rest.is_empty() {
            wanted.fields.remove(head);
            wanted.unmark(&path);
        } else if let Some(field) = wanted.fields.get_mut(head) {
            let value = live.fields.get(head).and_then(|live| value_at(live, rest));
            assign(field, rest, value.cloned());
            wanted.unmark(&path);
        }
    }
}

/// Leaves fields that name a thing of which nothing can be said as they are: that is told, and
/// no difference.
pub(super) fn keep_blocked(wanted: &mut Drawn, live: &Drawn) {
    for path in std::mem::take(&mut wanted.blocked) {
        let Some((head, rest)) = path.split_first() else {
            continue;
        };
        let kept = if head == "blueprint" {
            let (Some(document), Some(live)) = (&mut wanted.document, &live.document) else {
                continue;
            };
            let value = value_at(live, &counterpart(rest, document, live));
            value.map(|value| assign(document, rest, Some(value.clone())))
        } else {
            let value = live.fields.get(head).and_then(|live| value_at(live, rest));
            let field = wanted.fields.get_mut(head);
            value
                .zip(field)
                .map(|(value, field)| assign(field, rest, Some(value.clone())))
        };
        if kept.is_some() {
            wanted.unmark(&path);
        }
    }
}

/// Takes a module over that only the live blueprint has, to where it stands there: behind the
/// nearest module before it that both have. Gives the list, and the place in it; nothing where
/// the list itself is gone.
fn keep_module(document: &mut Value, live: &Value, key: &str) -> Option<(Path, usize)> {
    let all = modules(live);
    let module = all.iter().find(|module| module.key == key)?;
    let mut list: Path = match &module.container.parent {
        None if matches!(module.container.slot.as_str(), "flow" | "modules") => Path::new(),
        None => ["metadata", "designer"].map(str::to_owned).to_vec(),
        Some(parent) => in_document(document, &["flow".to_owned(), parent.clone()])?,
    };
    list.extend(module.container.slot.split('.').map(str::to_owned));
    if module.container.parent.is_some() && module.container.slot != "onerror" {
        list.push("flow".to_owned());
    }
    let before: Vec<&str> = all
        .iter()
        .filter(|other| other.container == module.container)
        .map(|other| other.key.as_str())
        .take_while(|other| *other != key)
        .collect();
    let index = modules(document)
        .iter()
        .filter(|other| before.contains(&other.key.as_str()))
        .filter_map(|other| other.path.split_last())
        .filter(|(_, parent)| *parent == list.as_slice())
        .filter_map(|(index, _)| index.parse::<usize>().ok())
        .max()
        .map_or(0, |index| index + 1);
    let Some(Value::Array(items)) = value_at_mut(document, &list) else {
        return None;
    };
    items.insert(index.min(items.len()), module.value.clone());
    list.insert(0, "blueprint".to_owned());
    Some((list, index))
}

/// A path as manifests write it, in terms of the form: settings live inside the blueprint.
fn in_form(path: &[String]) -> Path {
    if let [head, setting] = path
        && head == "settings"
    {
        let entries = Settings::default().entries();
        let key = entries.iter().find(|(name, ..)| name == setting);
        let key = key.map_or(setting.as_str(), |(_, key, _)| *key);
        return ["blueprint", "metadata", "scenario", key]
            .map(str::to_owned)
            .to_vec();
    }
    path.to_vec()
}

/// The JSON path that a path with a module's id stands for: `flow.12.mapper` is the mapper of
/// module 12, however deep it is nested.
fn in_document(document: &Value, path: &[String]) -> Option<Path> {
    match path {
        [list, key, rest @ ..] if list == "flow" || list == "modules" => modules(document)
            .into_iter()
            .find(|module| module.key == *key)
            .map(|module| {
                module
                    .path
                    .into_iter()
                    .chain(rest.iter().cloned())
                    .collect()
            }),
        _ => Some(path.to_vec()),
    }
}

/// The path in another blueprint of what stands at a path in this one: in the same module.
pub(super) fn counterpart(path: &[String], from: &Value, to: &Value) -> Path {
    let module = modules(from)
        .into_iter()
        .filter(|module| path.starts_with(&module.path))
        .max_by_key(|module| module.path.len());
    let other = module.and_then(|module| {
        let twin = modules(to)
            .into_iter()
            .find(|other| other.key == module.key && other.module == module.module)?;
        let below = path.get(module.path.len()..)?;
        Some(twin.path.into_iter().chain(below.iter().cloned()).collect())
    });
    other.unwrap_or_else(|| path.to_vec())
}

fn assign(document: &mut Value, path: &[String], value: Option<Value>) {
    let Some((last, parent)) = path.split_last() else {
        if let Some(value) = value {
            *document = value;
        }
        return;
    };
    match (value_at_mut(document, parent), value) {
        (Some(Value::Object(map)), Some(value)) => {
            map.insert(last.clone(), value);
        }
        (Some(Value::Object(map)), None) => {
            map.shift_remove(last);
        }
        (Some(Value::Array(items)), Some(value)) => {
            let slot = last
                .parse()
                .ok()
                .and_then(|index: usize| items.get_mut(index));
            if let Some(slot) = slot {
                *slot = value;
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{keep_editor_data, keep_ignored};
    use crate::plan::normalize::Drawn;

    #[test]
    fn what_colleagues_did_in_the_editor_outlives_a_change_in_the_manifest() {
        let live = json!({
            "flow": [
                {"id": 1, "module": "a:b", "samples": [1], "metadata": {
                    "designer": {"x": 5, "y": 6, "name": "Old label", "messages": [1]},
                    "restore": {"r": 1}, "expect": [{"name": "live"}]}},
                {"id": 3, "module": "scenario-service:ReturnData", "metadata": {
                    "expect": ["live"], "interface": ["live"]}},
                {"id": 4, "module": "old:type", "metadata": {"designer": {"x": 1}}},
            ],
            "metadata": {"zone": "eu1.make.com", "notes": [1],
                "designer": {"orphans": [[{"id": 9}]], "zoom": 2}, "scenario": {"dlq": true}},
        });
        let mut wanted = json!({
            "flow": [
                {"id": 1, "module": "a:b", "metadata": {
                    "designer": {"x": 7, "name": "Label"}, "expect": [], "interface": [1]}},
                {"id": 2, "module": "c:d", "metadata": {"designer": {"x": 8}}},
                {"id": 3, "module": "scenario-service:ReturnData", "metadata": {"expect": ["git"]}},
                {"id": 4, "module": "new:type"},
            ],
            "metadata": {"notes": [], "zone": "us1.make.com"},
        });
        keep_editor_data(&mut wanted, &live);
        assert_eq!(
            wanted,
            json!({
                "flow": [
                    {"id": 1, "module": "a:b", "samples": [1], "metadata": {
                        "designer": {"x": 5, "name": "Label", "y": 6}, "restore": {"r": 1},
                        "expect": [{"name": "live"}], "interface": [1]}},
                    {"id": 2, "module": "c:d", "metadata": {"designer": {"x": 8}}},
                    {"id": 3, "module": "scenario-service:ReturnData", "metadata": {
                        "expect": ["git"], "interface": ["live"]}},
                    {"id": 4, "module": "new:type"},
                ],
                "metadata": {"zone": "eu1.make.com", "notes": [1], "designer": {"zoom": 2}},
            })
        );
    }

    #[test]
    fn ignored_fields_take_their_live_values_modules_being_named_by_id() {
        let drawn = |text: &str, index: usize| {
            let mut flow = vec![json!({"id": 1}); index];
            flow.push(json!({"id": 3, "mapper": {"text": text}}));
            let mut drawn = Drawn {
                document: Some(json!({"flow": flow, "metadata": {"scenario": {"dlq": text}}})),
                ..Drawn::default()
            };
            drawn.fields.insert("description".into(), json!(text));
            drawn
        };
        let (mut wanted, live) = (drawn("wanted", 0), drawn("live", 2));
        let ignored = [
            "description",
            "blueprint.flow.3.mapper.text",
            "settings.keepIncomplete",
        ]
        .map(|path| path.split('.').map(str::to_owned).collect());
        keep_ignored(&mut wanted, &live, &ignored);
        assert!(wanted.fields.is_empty());
        assert_eq!(
            wanted.document,
            Some(
                json!({"flow": [{"id": 3, "mapper": {"text": "live"}}], "metadata": {"scenario": {"dlq": "live"}}})
            )
        );
    }
}
