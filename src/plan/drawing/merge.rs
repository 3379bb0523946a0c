//! Two sides in one drawing.

use std::collections::BTreeMap;

use super::{Drawing, Edge, EdgeKind, Fate, Node, side::Side};
use crate::{
    model::{Path, blueprint::Module},
    plan::{
        Change, Difference,
        diff_blueprint::{key, shown},
    },
};

/// Draws both sides as one. What changes in a module, the changes of the plan say.
pub(super) fn merge(before: &Side<'_>, after: &Side<'_>, changes: &[Change]) -> Drawing {
    let fates = fates(changes);
    let mut order: Vec<Found<'_>> = Vec::new();
    let old: BTreeMap<_, &Module<'_>> = before.modules.iter().map(|m| (key(m), m)).collect();
    for module in &after.modules {
        let old = old.get(&key(module)).copied();
        order.push((old, Some(module)));
    }
    let is_wanted = |module: &Module<'_>| {
        let key = key(module);
        after.modules.iter().any(|other| self::key(other) == key)
    };
    for module in before.modules.iter().filter(|module| !is_wanted(module)) {
        let anchor = module.after.as_ref().or(module.container.parent.as_ref());
        let is_anchor = |found: &Found<'_>| found.0.is_some_and(|old| Some(&old.key) == anchor);
        let at = match anchor {
            Some(_) => order.iter().position(is_anchor).map(|at| at + 1),
            None => Some(0),
        };
        order.insert(at.unwrap_or(order.len()), (Some(module), None));
    }
    let nodes = order.iter().map(|found| node(found, before, after, &fates));
    Drawing {
        nodes: nodes.collect(),
        edges: edges(&order, before, after),
    }
}

/// A module on either side.
type Found<'m> = (Option<&'m Module<'m>>, Option<&'m Module<'m>>);

fn node(
    found: &Found<'_>,
    before: &Side<'_>,
    after: &Side<'_>,
    fates: &BTreeMap<&Path, Fate>,
) -> Node {
    let (side, module, fate) = match *found {
        (Some(_), Some(module)) => {
            let fate = fates.get(&shown(module)).copied();
            (after, module, fate.unwrap_or(Fate::Same))
        }
        (None, Some(module)) => (after, module, Fate::Added),
        (Some(module), None) => (before, module, Fate::Removed),
        (None, None) => return nothing(),
    };
    Node {
        key: module.key.clone(),
        module: side.type_of(module),
        label: side.label(module),
        note: side.note(module),
        fate,
        path: shown(module),
        at: side.place(module),
    }
}

/// A module that is on neither side, which none is.
fn nothing() -> Node {
    Node {
        key: String::new(),
        module: String::new(),
        label: None,
        note: None,
        fate: Fate::Same,
        path: Path::new(),
        at: None,
    }
}

/// What the changes say of modules that are on both sides, by their paths.
fn fates(changes: &[Change]) -> BTreeMap<&Path, Fate> {
    let blueprint = changes.iter().filter(|change| change.path == ["blueprint"]);
    let mut fates = BTreeMap::new();
    for change in blueprint.flat_map(|change| match &change.difference {
        Difference::Group { changes, .. } => changes.as_slice(),
        Difference::Added(_)
        | Difference::Removed(_)
        | Difference::Changed(..)
        | Difference::Text { .. }
        | Difference::Part { .. }
        | Difference::Moved { .. } => &[],
    }) {
        let fate = match &change.difference {
            Difference::Moved { .. } => Fate::Moved,
            Difference::Group { .. } => Fate::Changed,
            // Of one that comes or goes, the sides themselves tell.
            Difference::Part { .. }
            | Difference::Added(_)
            | Difference::Removed(_)
            | Difference::Changed(..)
            | Difference::Text { .. } => continue,
        };
        fates.insert(&change.path, fate);
    }
    fates
}

/// What tells a line from others: its ends, and its kind without a number, which shifts where a
/// route before it comes or goes.
type LineKey = (usize, usize, u8);

fn edges(order: &[Found<'_>], before: &Side<'_>, after: &Side<'_>) -> Vec<Edge> {
    let index = |of: fn(&Found<'_>) -> Option<String>| -> BTreeMap<String, usize> {
        let keys = order.iter().enumerate();
        keys.filter_map(|(at, found)| Some((of(found)?, at)))
            .collect()
    };
    let old = index(|found| found.0.map(|module| module.key.clone()));
    let new = index(|found| found.1.map(|module| module.key.clone()));
    let mut edges: Vec<Edge> = Vec::new();
    let mut known: BTreeMap<LineKey, usize> = BTreeMap::new();
    for line in &after.lines {
        let (Some(&from), Some(&to)) = (new.get(&line.from), new.get(&line.to)) else {
            continue;
        };
        known.insert((from, to, sort(line.kind)), edges.len());
        edges.push(Edge {
            from,
            to,
            kind: line.kind,
            filter: (None, line.filter.clone()),
            disabled: line.disabled,
            fate: Fate::Added,
        });
    }
    for line in &before.lines {
        let (Some(&from), Some(&to)) = (old.get(&line.from), old.get(&line.to)) else {
            continue;
        };
        let twin = known.get(&(from, to, sort(line.kind)));
        if let Some(edge) = twin.and_then(|at| edges.get_mut(*at)) {
            edge.filter.0.clone_from(&line.filter);
            let same = edge.filter.0 == edge.filter.1 && edge.disabled == line.disabled;
            edge.fate = if same { Fate::Same } else { Fate::Changed };
            continue;
        }
        edges.push(Edge {
            from,
            to,
            kind: line.kind,
            filter: (line.filter.clone(), None),
            disabled: line.disabled,
            fate: Fate::Removed,
        });
    }
    edges
}

fn sort(kind: EdgeKind) -> u8 {
    match kind {
        EdgeKind::Flow => 0,
        EdgeKind::Route(_) => 1,
        EdgeKind::Branch(_) => 2,
        EdgeKind::Tool(_) => 3,
        EdgeKind::Error => 4,
    }
}
