//! Two blueprints, module by module. Modules are matched by id and type, never by index: one
//! that is inserted shifts all behind it.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::{Map, Value, json};

use super::{
    Change, Difference, Sign,
    comparable::SENSITIVE,
    diff_modules::{Lists, base_of, last_modules},
    diff_value::{Base, Sides, Spot},
};
use crate::model::{
    Mark, Origin, Path,
    blueprint::{Module, functional, is_graph, modules},
    values_equal,
};

/// The difference of two blueprints, and how many modules are the same. Both, and what was
/// applied last, are functional forms.
pub(super) fn compare(
    sides: Sides<'_>,
    before: &Value,
    after: &Value,
    base: Base<'_>,
) -> Option<(Change, usize)> {
    if values_equal(before, after) {
        return None;
    }
    let mut changes = Vec::new();
    let settings = (rest(before), rest(after));
    let base_rest = match base {
        Base::Known(Some(base)) => Some(rest(base)),
        Base::Known(None) | Base::Unknown => None,
    };
    let base_of_rest = match (base, &base_rest) {
        (Base::Unknown, _) => Base::Unknown,
        (Base::Known(_), rest) => Base::Known(rest.as_ref()),
    };
    let spot = Spot {
        title: Vec::new(),
        ..Spot::field("blueprint")
    };
    let (old, new) = (Some(&settings.0), Some(&settings.1));
    sides.compare(&spot, old, new, base_of_rest, &mut changes);
    let mut notes = Vec::new();
    if !changes.is_empty() {
        notes.push("settings".to_owned());
    }

    let lists = Lists::new(before, after, base);
    let mut touched = 0;
    for module in &lists.after {
        if let Some(change) = lists.wanted(sides, module) {
            touched += 1;
            // Another type is another module: the old one goes where the new one comes.
            let old = lists.before.iter().find(|old| old.key == module.key);
            let old = old.filter(|old| !lists.has_after(old));
            changes.extend(old.map(|old| lists.unwanted(sides, old)));
            changes.push(change);
        }
    }
    let same = lists.after.len().saturating_sub(touched);
    let mut total = lists.after.len();
    for module in &lists.before {
        if !lists.has_after(module) {
            touched += 1;
            total += 1;
            if !lists.after.iter().any(|other| other.key == module.key) {
                changes.push(lists.unwanted(sides, module));
            }
        }
    }
    if touched > 0 {
        notes.push(format!("{touched} of {}", count(total)));
    }
    if changes.is_empty() {
        // What differs is no module and no setting: lists of routes that hold nothing, say.
        sides.compare(&spot, Some(before), Some(after), base, &mut changes);
    }
    let difference = Difference::Group {
        sign: Sign::Change,
        note: notes.join(", "),
        changes,
    };
    Some((heading(difference), same))
}

/// A blueprint that comes or goes as a whole, as a functional form.
pub(super) fn whole(sides: Sides<'_>, document: &Value, sign: Sign, base: Base<'_>) -> Change {
    let modules = modules(document);
    let marks = match sign {
        Sign::Remove => sides.before,
        Sign::Add | Sign::Change => sides.after,
    };
    let mut changes = Vec::new();
    if sign == Sign::Add {
        let spot = Spot {
            title: Vec::new(),
            ..Spot::field("blueprint")
        };
        let defaults = match is_graph(document) {
            true => json!({ "connections": [] }),
            false => rest(&functional(&json!({}))),
        };
        let settings = rest(document);
        let (old, new) = (Some(&defaults), Some(&settings));
        sides.compare(&spot, old, new, Base::Unknown, &mut changes);
        for change in &mut changes {
            if let Difference::Changed(_, after) = &change.difference {
                change.difference = Difference::Added(after.clone());
            }
        }
    }
    let last = last_modules(base);
    for module in &modules {
        let own = own(module);
        let base = base_of(last.as_ref(), module);
        let (before, after) = match sign {
            Sign::Remove => (Some(&own), None),
            Sign::Add | Sign::Change => (None, Some(&own)),
        };
        let origin = sides.origin(base, before, after);
        changes.push(part(sides, module, marks, sign, origin));
    }
    heading(Difference::Group {
        sign,
        note: count(modules.len()),
        changes,
    })
}

/// The heading of a blueprint; who changed it, where that is the same in all of it.
fn heading(difference: Difference) -> Change {
    let origin = match &difference {
        Difference::Group { changes, .. } => Sides::common(changes),
        Difference::Added(_)
        | Difference::Removed(_)
        | Difference::Changed(..)
        | Difference::Text { .. }
        | Difference::Part { .. }
        | Difference::Moved { .. } => None,
    };
    Change {
        path: vec!["blueprint".to_owned()],
        title: "blueprint".to_owned(),
        difference,
        origin,
    }
}

fn count(modules: usize) -> String {
    match modules {
        1 => "1 module".to_owned(),
        n => format!("{n} modules"),
    }
}

pub(super) fn part(
    sides: Sides<'_>,
    module: &Module<'_>,
    marks: &BTreeMap<Path, Mark>,
    sign: Sign,
    origin: Option<Origin>,
) -> Change {
    let mut own = own(module);
    let mut changes = Vec::new();
    if sign == Sign::Add {
        let spot = Spot {
            shown: shown(module),
            title: Vec::new(),
            before: Path::new(),
            after: in_form(module),
        };
        // Of a router there is nothing to tell but its routes.
        let told = Some(told(&own)).filter(|told| *told != json!({}));
        sides.compare(&spot, None, told.as_ref(), Base::Unknown, &mut changes);
        name_route(module, &mut changes);
        name_label(&mut changes);
    }
    own = sides.conceal(&own, marks, &in_form(module));
    let mut value = Map::new();
    value.insert("module".to_owned(), Value::from(module.module.as_ref()));
    value.insert("position".to_owned(), Value::from(place(module)));
    if let Value::Object(own) = own {
        value.extend(own);
    }
    Change {
        path: shown(module),
        title: title(sides, marks, module),
        difference: Difference::Part {
            sign,
            note: place(module),
            value: Value::Object(value),
            changes,
        },
        origin,
    }
}

/// What reviewers want to see of a module that comes: what it does, with what, and when.
fn told(own: &Value) -> Value {
    let is_there = |value: &Value| match value {
        Value::Null => false,
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    };
    ["parameters", "mapper", "filter"]
        .into_iter()
        .filter_map(|key| Some((key.to_owned(), own.get(key)?.clone())))
        .filter(|(_, value)| is_there(value))
        .collect()
}

pub(super) fn key<'a>(module: &Module<'a>) -> (String, Cow<'a, str>) {
    (module.key.clone(), module.module.clone())
}

/// The path by which plans name a module, however deep it is nested.
pub(super) fn shown(module: &Module<'_>) -> Path {
    let list = match module.container.slot.as_str() {
        "modules" => "modules",
        _ => "flow",
    };
    ["blueprint", list, module.key.as_str()]
        .map(str::to_owned)
        .to_vec()
}

pub(super) fn in_form(module: &Module<'_>) -> Path {
    std::iter::once("blueprint".to_owned())
        .chain(module.path.iter().cloned())
        .collect()
}

/// `3 google-sheets:addRow "Add lead"`.
pub(super) fn title(sides: Sides<'_>, marks: &BTreeMap<Path, Mark>, module: &Module<'_>) -> String {
    let label = module.label.map_or_else(String::new, |label| {
        let mut path = in_form(module);
        path.extend(["metadata", "designer", "name"].map(str::to_owned));
        match sides.hides(marks, &path, label) {
            true => format!(" {SENSITIVE}"),
            false => format!(" {label:?}"),
        }
    });
    format!("{} {}{label}", module.key, module.module)
}

/// Where a module stands: `after 3`.
pub(super) fn place(module: &Module<'_>) -> String {
    if let Some(after) = &module.after {
        return format!("after {after}");
    }
    let Some(parent) = &module.container.parent else {
        let parked = module.container.slot.starts_with("orphans");
        return if parked { "parked" } else { "first" }.to_owned();
    };
    let (list, index) = match module.container.slot.split_once('.') {
        Some((list, index)) => (list, index.parse::<usize>().unwrap_or(0) + 1),
        None => return format!("on an error of {parent}"),
    };
    let list = match list {
        "routes" => "route",
        "branches" => "branch",
        _ => "tool",
    };
    format!("first in {list} {index} of module {parent}")
}

/// The label of a module, which the editor keeps deep in its metadata.
pub(super) fn name_label(changes: &mut [Change]) {
    for change in changes {
        if change.title == "metadata.designer.name" {
            "label".clone_into(&mut change.title);
        }
    }
}

/// Names the route that a module's filter decides on: the filter of the first module in it.
pub(super) fn name_route(module: &Module<'_>, changes: &mut [Change]) {
    let container = &module.container;
    let (None, Some(("routes", index))) = (&module.after, container.slot.split_once('.')) else {
        return;
    };
    let Ok(index) = index.parse::<usize>() else {
        return;
    };
    for change in changes {
        if change.title == "filter" {
            change.title = format!("route {}", index.saturating_add(1));
        }
    }
}

/// A module without its id, its type and the modules below it.
pub(super) fn own(module: &Module<'_>) -> Value {
    let Value::Object(map) = module.value else {
        return Value::Null;
    };
    let mut own = serde_json::Map::new();
    for (key, value) in map {
        let value = match (key.as_str(), value) {
            ("id" | "module" | "onerror", _) => continue,
            ("app" | "action", _) if !map.contains_key("module") => continue,
            ("routes" | "branches" | "tools", Value::Array(branches)) => {
                branches.iter().map(without_flow).collect()
            }
            (_, value) => value.clone(),
        };
        own.insert(key.clone(), value);
    }
    Value::Object(own)
}

fn without_flow(branch: &Value) -> Value {
    let mut branch = branch.clone();
    if let Value::Object(map) = &mut branch {
        map.shift_remove("flow");
    }
    branch
}

/// A blueprint without its modules.
fn rest(document: &Value) -> Value {
    let is_graph = is_graph(document);
    let mut rest = document.clone();
    if let Value::Object(map) = &mut rest {
        map.shift_remove("flow");
        if is_graph {
            map.shift_remove("modules");
        }
        if let Some(Value::Object(metadata)) = map.get_mut("metadata") {
            metadata.shift_remove("designer");
        }
    }
    rest
}
