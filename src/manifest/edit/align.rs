//! Which items of one list are those of another.

use serde_json::Value;

use crate::model::values_equal;

/// An item of the list that is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// It becomes of the item of the list that is there.
    Of(usize),
    /// It is new.
    New,
}

/// Aligns the items that are wanted with those that are there, in order: equal ones, and those of
/// one `id` or `name`. What is left between two of them is aligned one by one, unless ids or names
/// say that they are others.
#[must_use]
pub fn align(there: &[Value], wanted: &[Value]) -> Vec<Item> {
    let alike = |a: &Value, b: &Value| match (key(a), key(b)) {
        (Some(a), Some(b)) => a == b,
        (None, None) => values_equal(a, b),
        (Some(_), None) | (None, Some(_)) => false,
    };
    let mut aligned = vec![Item::New; wanted.len()];
    let pairs = common(there, wanted, &alike);
    let (mut from, mut to) = (0, 0);
    let ends = pairs.iter().copied().map(Some).chain([None]);
    for end in ends {
        let (next_from, next_to) = end.unwrap_or((there.len(), wanted.len()));
        // What stands between.
        let gap = (from..next_from).zip(to..next_to);
        for (old, new) in gap {
            let items = there.get(old).zip(wanted.get(new));
            let is_other = items.is_none_or(
                |(old, new)| matches!((key(old), key(new)), (Some(a), Some(b)) if a != b),
            );
            if let Some(slot) = aligned.get_mut(new).filter(|_| !is_other) {
                *slot = Item::Of(old);
            }
        }
        if let Some((old, new)) = end
            && let Some(slot) = aligned.get_mut(new)
        {
            *slot = Item::Of(old);
        }
        (from, to) = (next_from + 1, next_to + 1);
    }
    aligned
}

/// What tells an item from others.
fn key(item: &Value) -> Option<&Value> {
    let names = ["id", "name"].into_iter();
    let mut keys = names.filter_map(|name| item.get(name));
    keys.find(|key| key.is_string() || key.is_number())
}

/// The longest common subsequence, as pairs of indices.
fn common(
    there: &[Value],
    wanted: &[Value],
    alike: &dyn Fn(&Value, &Value) -> bool,
) -> Vec<(usize, usize)> {
    let width = wanted.len() + 1;
    let mut lengths = vec![0_usize; (there.len() + 1) * width];
    let at = |old: usize, new: usize| old * width + new;
    let mut matches = vec![false; there.len() * wanted.len()];
    for (old, left) in there.iter().enumerate().rev() {
        for (new, right) in wanted.iter().enumerate().rev() {
            let is_alike = alike(left, right);
            let get = |old, new| lengths.get(at(old, new)).copied().unwrap_or_default();
            let best = match is_alike {
                true => get(old + 1, new + 1) + 1,
                false => get(old + 1, new).max(get(old, new + 1)),
            };
            if let Some(length) = lengths.get_mut(at(old, new)) {
                *length = best;
            }
            if let Some(found) = matches.get_mut(old * wanted.len() + new) {
                *found = is_alike;
            }
        }
    }
    let get = |old, new| lengths.get(at(old, new)).copied().unwrap_or_default();
    let (mut old, mut new) = (0, 0);
    let mut pairs = Vec::new();
    while old < there.len() && new < wanted.len() {
        let is_alike = matches.get(old * wanted.len() + new) == Some(&true);
        if is_alike {
            pairs.push((old, new));
            (old, new) = (old + 1, new + 1);
        } else if get(old + 1, new) >= get(old, new + 1) {
            old += 1;
        } else {
            new += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{
        Item::{New, Of},
        align,
    };

    #[test]
    fn items_keep_their_places_by_ids_by_names_and_by_what_they_are() {
        let items = |value: Value| value.as_array().unwrap().clone();
        for (there, wanted, expected) in [
            (json!([1, 2, 3]), json!([1, 3]), vec![Of(0), Of(2)]),
            (json!([1, 3]), json!([1, 2, 3]), vec![Of(0), New, Of(1)]),
            (
                json!([1, 2, 3]),
                json!([1, 9, 3]),
                vec![Of(0), Of(1), Of(2)],
            ),
            (
                json!([{"id": 1}, {"id": 2, "a": 1}]),
                json!([{"id": 3}, {"id": 2, "a": 5}]),
                vec![New, Of(1)],
            ),
            (
                json!([{"name": "a"}, {"name": "b"}]),
                json!([{"name": "b"}, {"name": "a"}]),
                vec![Of(1), New],
            ),
            (json!([]), json!([1]), vec![New]),
            (json!(["a"]), json!([{"a": 1}]), vec![Of(0)]),
        ] {
            assert_eq!(align(&items(there), &items(wanted)), expected);
        }
    }
}
