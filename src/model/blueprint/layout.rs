//! Places on the editor's canvas for modules that have none.
//!
//! A flow runs to the right; routes, branches, tools and error handlers begin one step to the
//! right of their module, each below the other, as Make's editor draws them. The same document
//! always gets the same places.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    is_graph,
    modules::{Container, Module, modules, visit_modules_mut},
};

/// How far modules stand from each other, in the units of `designer.x` and `designer.y`: two
/// bubbles that are closer in both touch.
const STEP: f64 = 300.0;

/// Modules that are closer than this lie on top of each other: a bubble with its label.
const CLOSE: f64 = 150.0;

/// A place: `designer.x` and `designer.y`.
type Point = (f64, f64);

/// Gives modules without a place one, and says whether there were any. The others stay where they
/// are; none lies on top of another one because of this.
pub fn lay_out(document: &mut Value) -> bool {
    let found = places(document);
    if found.is_empty() {
        return false;
    }
    visit_modules_mut(document, &mut |key, module| {
        if let Some((x, y)) = found.get(key) {
            put(module, *x, *y);
        }
    });
    true
}

/// The places of the modules that have none.
fn places(document: &Value) -> BTreeMap<String, Point> {
    let mut found = BTreeMap::new();
    if is_graph(document) {
        return found;
    }
    let all = modules(document);
    if all.iter().all(|module| place(module.value).is_some()) {
        return found;
    }
    let ideal = Grid::of(&all);
    let mut taken: Vec<Point> = all.iter().filter_map(|m| place(m.value)).collect();
    let mut known: BTreeMap<&str, Point> = BTreeMap::new();
    for module in &all {
        let key = module.key.as_str();
        if let Some(at) = place(module.value) {
            known.insert(key, at);
            continue;
        }
        let drawn = ideal.point(key);
        let anchor = module
            .after
            .as_deref()
            .or(module.container.parent.as_deref());
        let anchor = anchor.and_then(|anchor| Some((*known.get(anchor)?, ideal.point(anchor))));
        let (x, mut y) = match anchor {
            Some(((x, y), from)) => (x + drawn.0 - from.0, y + drawn.1 - from.1),
            None => drawn,
        };
        let is_free = |y: f64| {
            !taken
                .iter()
                .any(|at| (at.0 - x).abs() < CLOSE && (at.1 - y).abs() < CLOSE)
        };
        while !is_free(y) {
            y += STEP;
        }
        taken.push((x, y));
        known.insert(key, (x, y));
        found.insert(module.key.clone(), (x, y));
    }
    found
}

/// Where a module stands.
fn place(module: &Value) -> Option<Point> {
    place_of(module.get("metadata")?.get("designer"))
}

/// The place that a `designer` says, which takes both coordinates.
#[must_use]
pub fn place_of(designer: Option<&Value>) -> Option<(f64, f64)> {
    let number = |key: &str| designer?.get(key)?.as_f64();
    Some((number("x")?, number("y")?))
}

/// Writes a place into a module, unless something odd stands in its way.
fn put(module: &mut Map<String, Value>, x: f64, y: f64) {
    let metadata = module.entry("metadata").or_insert(Value::Null);
    if metadata.is_null() {
        *metadata = json!({});
    }
    let Value::Object(metadata) = metadata else {
        return;
    };
    let designer = metadata.entry("designer").or_insert(Value::Null);
    if !designer.is_object() {
        *designer = json!({});
    }
    if let Value::Object(designer) = designer {
        designer.insert("x".to_owned(), whole(x));
        designer.insert("y".to_owned(), whole(y));
    }
}

/// A coordinate as people write it.
#[expect(
    clippy::cast_possible_truncation,
    reason = "coordinates of a canvas are small; a larger one saturates"
)]
fn whole(coordinate: f64) -> Value {
    match coordinate.fract() == 0.0 {
        true => json!(coordinate as i64),
        false => json!(coordinate),
    }
}

/// Where each module would stand if all of them were laid out: columns and rows.
struct Grid {
    cells: BTreeMap<String, (u32, u32)>,
}

impl Grid {
    fn of(all: &[Module<'_>]) -> Self {
        let mut lists: BTreeMap<&Container, Vec<&str>> = BTreeMap::new();
        let mut order: Vec<&Container> = Vec::new();
        for module in all {
            let list = lists.entry(&module.container).or_default();
            if list.is_empty() {
                order.push(&module.container);
            }
            list.push(&module.key);
        }
        let mut grid = Self {
            cells: BTreeMap::new(),
        };
        let mut row = 0;
        for container in order.iter().filter(|list| list.parent.is_none()) {
            row += grid.list(container, &lists, &order, (0, row));
        }
        grid
    }

    /// Places a list and all below it from a cell on. Gives the number of rows that it takes.
    fn list(
        &mut self,
        container: &Container,
        lists: &BTreeMap<&Container, Vec<&str>>,
        order: &[&Container],
        (column, row): (u32, u32),
    ) -> u32 {
        let keys = lists.get(container).map(Vec::as_slice).unwrap_or_default();
        let mut height = 1;
        let mut column = column + u32::try_from(keys.len()).unwrap_or(0);
        let mut is_last = true;
        // From the end: the routes of the last module go on in its row, and what belongs to
        // those before it comes below.
        for key in keys.iter().rev() {
            let right = column;
            column -= 1;
            self.cells.insert((*key).to_owned(), (column, row));
            let own = |list: &&&Container| list.parent.as_deref() == Some(*key);
            let mut below = if is_last { 0 } else { height };
            for list in order.iter().filter(own) {
                if list.slot == "onerror" {
                    below = below.max(1);
                }
                below += self.list(list, lists, order, (right, row + below));
            }
            height = height.max(below);
            is_last = false;
        }
        height
    }

    fn point(&self, key: &str) -> Point {
        let (column, row) = self.cells.get(key).copied().unwrap_or_default();
        (f64::from(column) * STEP, f64::from(row) * STEP)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{CLOSE, lay_out, place};
    use crate::model::{
        blueprint::{functional, modules, random::blueprint},
        values_equal,
    };

    fn drawn(document: &Value) -> Vec<String> {
        let all = modules(document);
        all.iter()
            .map(|module| {
                let (x, y) = place(module.value).unwrap();
                format!("{} {x},{y}", module.key)
            })
            .collect()
    }

    #[test]
    fn a_blueprint_without_places_is_drawn_as_the_editor_would() {
        let mut document = json!({
            "flow": [
                {"id": 1, "onerror": [{"id": 2}]},
                {"id": 3, "routes": [
                    {"flow": [{"id": 4}, {"id": 5, "routes": [{"flow": [{"id": 6}]}, {"flow": [{"id": 7}]}]}]},
                    {"flow": [{"id": 8}]},
                ]},
            ],
            "metadata": {"designer": {"orphans": [[{"id": 9}]]}},
        });
        assert!(lay_out(&mut document));
        assert_eq!(
            drawn(&document),
            [
                "1 0,0",
                "2 300,900",
                "3 300,0",
                "4 600,0",
                "5 900,0",
                "6 1200,0",
                "7 1200,300",
                "8 600,600",
                "9 0,1200",
            ]
        );
        assert!(!lay_out(&mut document));
    }

    #[test]
    fn a_new_module_comes_behind_the_one_before_it_and_on_top_of_none() {
        let at = |x: i64, y: i64| json!({"designer": {"x": x, "y": y}});
        let mut document = json!({"flow": [
            {"id": 1, "metadata": at(-20, 10)},
            {"id": 2},
            {"id": 3, "metadata": at(280, 10)},
            {"id": 4, "metadata": {"designer": {"name": "Last"}}},
        ]});
        assert!(lay_out(&mut document));
        assert_eq!(
            drawn(&document),
            ["1 -20,10", "2 280,310", "3 280,10", "4 580,10"]
        );
        assert_eq!(document["flow"][3]["metadata"]["designer"]["name"], "Last");
    }

    proptest! {
        #[test]
        fn no_module_is_put_on_top_of_another_and_nothing_else_changes(document in blueprint()) {
            let mut laid_out = document.clone();
            lay_out(&mut laid_out);
            prop_assert!(values_equal(&functional(&laid_out), &functional(&document)));
            let before = modules(&document);
            let after = modules(&laid_out);
            for (index, module) in after.iter().enumerate() {
                let Some((x, y)) = place(module.value) else { continue };
                if let Some(old) = place(before[index].value) {
                    prop_assert_eq!((x, y), old);
                    continue;
                }
                let others = after.iter().enumerate().filter(|(other, _)| *other != index);
                for (_, other) in others {
                    let far = place(other.value)
                        .is_none_or(|(a, b)| (a - x).abs() >= CLOSE || (b - y).abs() >= CLOSE);
                    prop_assert!(far, "{} and {}", module.key, other.key);
                }
            }
        }
    }
}
