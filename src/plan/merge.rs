//! What the account keeps although no manifest says so: since a blueprint is saved whole, it is
//! filled in from the live one before it is compared and sent.

use serde_json::Value;

use super::normalize::Drawn;
use crate::model::{Path, blueprint::modules, spec::Settings, value_at, value_at_mut};

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

    use super::keep_ignored;
    use crate::plan::normalize::Drawn;

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
