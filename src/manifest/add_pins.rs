//! Further pins in `makeform.ids.yaml`: what stands there stays as it is, comments included.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use serde_json::{Map, Value};

use super::{
    discover::IDS_FILE,
    emit::{EmitError, ids_file, to_yaml},
    ids::pins_of,
    node::{Node, Shape},
    page::Page,
    yaml,
};
use crate::model::{Address, Pin, Source};

/// Pins, by target.
type Pins = BTreeMap<String, BTreeMap<Address, Pin>>;

/// The text of `makeform.ids.yaml` with further pins, each where its address belongs; nothing if
/// all of them stand there. An address that has a pin keeps it.
///
/// Lines are added only, unless the file has its mappings in braces: then it is written anew, with
/// all pins that it has.
///
/// # Errors
/// When a value has no form in YAML.
pub fn add_pins(existing: Option<&str>, pins: &Pins) -> Result<Option<String>, EmitError> {
    let page = Page::new(Arc::new(Source {
        name: IDS_FILE.to_owned(),
        text: existing.unwrap_or_default().to_owned(),
    }));
    let documents = yaml::read(&page).documents;
    let spec = documents.iter().find_map(|document| document.get("spec"));
    let mut there = Pins::new();
    for entry in spec.into_iter().flat_map(Node::entries) {
        let of_target = pins_of(&page, &entry.value);
        there.insert(entry.key.text.clone(), of_target);
    }
    let mut new = Pins::new();
    for (target, pins) in pins {
        for (address, pin) in pins {
            let has = |pins: &BTreeMap<Address, Pin>| pins.contains_key(address);
            if !there.get(target).is_some_and(has) {
                let of_target = new.entry(target.clone()).or_default();
                of_target.insert(address.clone(), pin.clone());
            }
        }
    }
    if new.is_empty() {
        return Ok(None);
    }
    let text = &page.source.text;
    if let Some(spec) = spec
        && let Some(edits) = edits(text, spec, &new)?
    {
        return Ok(Some(edited(text, edits)));
    }
    for (target, pins) in new {
        there.entry(target).or_default().extend(pins);
    }
    ids_file(&there).map(Some)
}

/// A line or several, and where they go.
type Edit = (usize, String);

/// The lines to add, if the file has each entry on a line of its own.
fn edits(text: &str, spec: &Node, new: &Pins) -> Result<Option<Vec<Edit>>, EmitError> {
    let Some(outer) = indent_of(text, spec) else {
        return Ok(None);
    };
    let mut edits = Vec::new();
    for (target, pins) in new {
        let mut entries = spec.entries().iter();
        let Some(entry) = entries.find(|entry| entry.key.text == *target) else {
            let before = spec.entries().iter();
            let before = before.filter(|entry| entry.key.text < *target);
            let at = match before.max_by_key(|entry| &entry.key.text) {
                Some(before) => line_end(text, end_of(&before.value).max(before.key.span.end)),
                None => line_start(text, spec.span.start),
            };
            let ids = Value::Object(ids(pins));
            let target = Value::Object(Map::from_iter([(target.clone(), ids)]));
            edits.push((at, indented(&to_yaml(&target)?, outer)));
            continue;
        };
        let Some(inner) = indent_of(text, &entry.value) else {
            return Ok(None);
        };
        for (address, pin) in pins {
            let known = entry.value.entries().iter().filter_map(|entry| {
                let known: Address = entry.key.text.parse().ok()?;
                Some((known, &entry.value))
            });
            let before = known.filter(|(known, _)| known < address);
            let at = match before.max_by(|(one, _), (other, _)| one.cmp(other)) {
                Some((_, value)) => line_end(text, value.span.end),
                None => line_end(text, entry.key.span.end),
            };
            let pin = BTreeMap::from([(address.clone(), pin.clone())]);
            edits.push((at, indented(&to_yaml(&Value::Object(ids(&pin)))?, inner)));
        }
    }
    Ok(Some(edits))
}

/// Ids by addresses.
fn ids(pins: &BTreeMap<Address, Pin>) -> Map<String, Value> {
    let pins = pins.iter();
    pins.map(|(address, pin)| (address.to_string(), pin.id.to_value()))
        .collect()
}

/// How far the entries of a mapping are indented, if each stands on a line of its own and there
/// is one.
fn indent_of(text: &str, node: &Node) -> Option<usize> {
    let column = |at: usize| {
        let start = line_start(text, at);
        let before = text.get(start..at)?;
        before
            .chars()
            .all(|letter| letter == ' ')
            .then_some(before.len())
    };
    let entries = node.entries();
    let first = column(entries.first()?.key.span.start)?;
    let all = |at: usize| column(at) == Some(first);
    entries
        .iter()
        .all(|entry| all(entry.key.span.start))
        .then_some(first)
}

/// Where the last value within a value ends.
fn end_of(node: &Node) -> usize {
    match &node.shape {
        Shape::Map(entries) => entries
            .iter()
            .map(|entry| end_of(&entry.value).max(entry.key.span.end))
            .max()
            .unwrap_or(node.span.end),
        Shape::Null
        | Shape::Bool(_)
        | Shape::Number(_)
        | Shape::Text(_)
        | Shape::List(_)
        | Shape::Broken => node.span.end,
    }
}

fn line_start(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    before.rfind('\n').map_or(0, |newline| newline + 1)
}

/// Where the line behind the one that a byte stands on begins.
fn line_end(text: &str, at: usize) -> usize {
    let behind = text.get(at..).unwrap_or_default();
    behind
        .find('\n')
        .map_or(text.len(), |newline| at + newline + 1)
}

fn indented(lines: &str, by: usize) -> String {
    let lines = lines.lines();
    lines
        .map(|line| format!("{}{line}\n", " ".repeat(by)))
        .collect()
}

/// A text with lines added. Those for one place keep their order.
fn edited(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(at, _)| *at);
    let mut edited = String::with_capacity(text.len());
    let mut from = 0;
    for (at, lines) in edits {
        edited.push_str(
            text.get(Range {
                start: from,
                end: at,
            })
            .unwrap_or_default(),
        );
        if !edited.is_empty() && !edited.ends_with('\n') {
            edited.push('\n');
        }
        edited.push_str(&lines);
        from = at;
    }
    edited.push_str(text.get(from..).unwrap_or_default());
    edited
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Pins, add_pins};
    use crate::model::{Pin, Place, RemoteId, Source};

    fn pins(all: &[(&str, &[(&str, &str)])]) -> Pins {
        let source = Source {
            name: String::new(),
            text: String::new(),
        };
        let place = Place::new(&Arc::new(source), 0..0);
        let pin = |id: &str| Pin {
            id: RemoteId::from(id),
            place: place.clone(),
        };
        let of_target = |pins: &[(&str, &str)]| {
            let pins = pins.iter();
            pins.map(|(address, id)| (address.parse().unwrap(), pin(id)))
                .collect()
        };
        all.iter()
            .map(|(target, pins)| ((*target).to_owned(), of_target(pins)))
            .collect()
    }

    #[test]
    fn lines_are_added_where_they_belong_and_nothing_else_changes() {
        let there = "# ours\napiVersion: makeform/v1\nkind: Ids\nspec:\n  # the shop\n  \
                     shop:   # live\n      # the old one\n      scenario.b: 2  # stays\n      \
                     scenario.d: 4\n# the end";
        let new = pins(&[
            ("a", &[("agent.x", "0f-1")]),
            (
                "shop",
                &[
                    ("scenario.a", "1"),
                    ("scenario.b", "9"),
                    ("scenario.c", "3"),
                    ("webhook.e", "5"),
                ],
            ),
            ("test", &[("scenario.b", "7"), ("scenario.c", "8")]),
        ]);
        let text = add_pins(Some(there), &new).unwrap().unwrap();
        assert_eq!(
            text,
            "# ours\napiVersion: makeform/v1\nkind: Ids\nspec:\n  # the shop\n  a:\n    \
             agent.x: 0f-1\n  shop:   # live\n      scenario.a: 1\n      # the old one\n      \
             scenario.b: 2  # stays\n      scenario.c: 3\n      scenario.d: 4\n      webhook.e: 5\n  \
             test:\n    scenario.b: 7\n    scenario.c: 8\n# the end"
        );
        assert_eq!(
            add_pins(Some(&text), &new).unwrap(),
            None,
            "all of them stand there"
        );
    }

    #[test]
    fn a_file_in_braces_or_none_is_written_with_all_pins() {
        let new = pins(&[("a", &[("scenario.b", "2")])]);
        let fresh = "apiVersion: makeform/v1\nkind: Ids\nspec:\n  a:\n    scenario.b: 2\n";
        for there in [
            "",
            "spec: {}\n",
            "kind: Ids\nspec:\n  a: {}\n",
            "spec:\n",
            "spec: {a: }",
        ] {
            assert_eq!(
                add_pins(Some(there), &new).unwrap().unwrap(),
                fresh,
                "{there}"
            );
        }
        assert_eq!(add_pins(None, &new).unwrap().unwrap(), fresh);
        let there = "kind: Ids\nspec: {a: {scenario.a: 1}, b: {scenario.b: 3}}\n";
        let all = "apiVersion: makeform/v1\nkind: Ids\nspec:\n  a:\n    scenario.a: 1\n    \
                   scenario.b: 2\n  b:\n    scenario.b: 3\n";
        assert_eq!(add_pins(Some(there), &new).unwrap().unwrap(), all);
    }
}
