//! Two blueprints, module by module. Modules are matched by id and type, never by index: one
//! that is inserted shifts all behind it.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::{Map, Value, json};

use super::{
    Change, Difference, Sign,
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
        sides.compare(
            &spot,
            Some(before),
            Some(after),
            Base::Unknown,
            &mut changes,
        );
    }
    let difference = Difference::Group {
        sign: Sign::Change,
        note: notes.join(", "),
        changes,
    };
    Some((heading(difference), same))
}

/// A blueprint that comes or goes as a whole, as a functional form.
pub(super) fn whole(sides: Sides<'_>, document: &Value, sign: Sign) -> Change {
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
    changes.extend(
        modules
            .iter()
            .map(|module| part(sides, module, marks, sign, None)),
    );
    heading(Difference::Group {
        sign,
        note: count(modules.len()),
        changes,
    })
}

fn heading(difference: Difference) -> Change {
    Change {
        path: vec!["blueprint".to_owned()],
        title: "blueprint".to_owned(),
        difference,
        origin: None,
    }
}

fn count(modules: usize) -> String {
    match modules {
        1 => "1 module".to_owned(),
        n => format!("{n} modules"),
    }
}

/// The modules of both sides, and of what was applied last.
struct Lists<'a> {
    before: Vec<Module<'a>>,
    after: Vec<Module<'a>>,
    /// Positions in `before`, by key and type.
    index: BTreeMap<(String, Cow<'a, str>), usize>,
    /// Keys of modules that keep their place.
    settled: Vec<bool>,
    base: Option<BTreeMap<(String, Cow<'a, str>), Value>>,
}

impl<'a> Lists<'a> {
    fn new(before: &'a Value, after: &'a Value, base: Base<'a>) -> Self {
        let (before, after) = (modules(before), modules(after));
        let index: BTreeMap<_, _> = before.iter().map(key).zip(0..).collect();
        let base = match base {
            Base::Unknown => None,
            Base::Known(base) => Some(
                base.map(modules)
                    .unwrap_or_default()
                    .iter()
                    .map(|module| (key(module), own(module)))
                    .collect(),
            ),
        };
        let settled = settled(&before, &after, &index);
        Self {
            before,
            after,
            index,
            settled,
            base,
        }
    }

    fn has_after(&self, module: &Module<'_>) -> bool {
        self.after
            .iter()
            .any(|other| other.key == module.key && other.module == module.module)
    }

    fn base_of(&self, module: &Module<'a>) -> Base<'_> {
        match &self.base {
            None => Base::Unknown,
            Some(base) => Base::Known(base.get(&key(module))),
        }
    }

    /// The end of a module that the wanted blueprint has not.
    fn unwanted(&self, sides: Sides<'_>, module: &Module<'a>) -> Change {
        let origin = sides.origin(self.base_of(module), Some(&own(module)), None);
        part(sides, module, sides.before, Sign::Remove, origin)
    }

    /// What changes in a module of the wanted blueprint.
    fn wanted(&self, sides: Sides<'_>, module: &Module<'a>) -> Option<Change> {
        let position = self.index.get(&key(module));
        let Some((position, live)) = position.and_then(|at| Some((at, self.before.get(*at)?)))
        else {
            let origin = sides.origin(self.base_of(module), None, Some(&own(module)));
            return Some(part(sides, module, sides.after, Sign::Add, origin));
        };
        let spot = Spot {
            shown: shown(module),
            title: Vec::new(),
            before: in_form(live),
            after: in_form(module),
        };
        let (old, new) = (own(live), own(module));
        let mut changes = Vec::new();
        let base = self.base_of(module);
        sides.compare(&spot, Some(&old), Some(&new), base, &mut changes);
        let stays = self.settled.get(*position).copied().unwrap_or(false);
        if changes.is_empty() && stays {
            return None;
        }
        let difference = if stays {
            Difference::Group {
                sign: Sign::Change,
                note: String::new(),
                changes,
            }
        } else {
            Difference::Moved {
                from: place(live),
                to: place(module),
                changes,
            }
        };
        Some(Change {
            path: shown(module),
            title: title(module),
            difference,
            origin: None,
        })
    }
}

/// Which modules of the live blueprint keep their list and their order in it: in each list, as
/// many as can.
fn settled(
    before: &[Module<'_>],
    after: &[Module<'_>],
    index: &BTreeMap<(String, Cow<'_, str>), usize>,
) -> Vec<bool> {
    let mut lists: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for module in after {
        let position = index.get(&key(module)).copied();
        let live = position.and_then(|at| before.get(at));
        if let (Some(position), Some(live)) = (position, live)
            && live.container == module.container
        {
            lists.entry(&module.container).or_default().push(position);
        }
    }
    let mut settled = vec![false; before.len()];
    for position in lists.into_values().flat_map(|list| longest_rise(&list)) {
        if let Some(slot) = settled.get_mut(position) {
            *slot = true;
        }
    }
    settled
}

/// The longest rising subsequence.
fn longest_rise(positions: &[usize]) -> Vec<usize> {
    // For each position: the length of the longest rise that ends there, and what is before it.
    let mut best: Vec<(usize, Option<usize>)> = Vec::with_capacity(positions.len());
    for (index, position) in positions.iter().enumerate() {
        let previous = positions
            .iter()
            .zip(&best)
            .enumerate()
            .take(index)
            .filter(|(_, (other, _))| *other < position)
            .max_by_key(|(at, (_, (length, _)))| (*length, std::cmp::Reverse(*at)));
        best.push(previous.map_or((1, None), |(at, (_, (length, _)))| (length + 1, Some(at))));
    }
    let last = (0..best.len()).max_by_key(|at| {
        let length = best.get(*at).map_or(0, |(length, _)| *length);
        (length, std::cmp::Reverse(*at))
    });
    let mut rise = Vec::new();
    let mut next = last;
    while let Some(at) = next {
        rise.extend(positions.get(at));
        next = best.get(at).and_then(|(_, previous)| *previous);
    }
    rise
}

fn part(
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
        title: title(module),
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

fn key<'a>(module: &Module<'a>) -> (String, Cow<'a, str>) {
    (module.key.clone(), module.module.clone())
}

/// The path by which plans name a module, however deep it is nested.
fn shown(module: &Module<'_>) -> Path {
    let list = match module.container.slot.as_str() {
        "modules" => "modules",
        _ => "flow",
    };
    ["blueprint", list, module.key.as_str()]
        .map(str::to_owned)
        .to_vec()
}

fn in_form(module: &Module<'_>) -> Path {
    std::iter::once("blueprint".to_owned())
        .chain(module.path.iter().cloned())
        .collect()
}

/// `3 google-sheets:addRow "Add lead"`.
fn title(module: &Module<'_>) -> String {
    let label = module
        .label
        .map_or_else(String::new, |label| format!(" {label:?}"));
    format!("{} {}{label}", module.key, module.module)
}

/// Where a module stands: `after 3`.
fn place(module: &Module<'_>) -> String {
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
    format!("first in {list} {index} of {parent}")
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
