//! Two JSON values, leaf by leaf.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Change, Difference, Shown,
    comparable::{SENSITIVE, Secrets},
    diff_text,
    filter_words::filter_words,
    names::Names,
    resolve::{Past, Resolver},
};
use crate::model::{
    Address, Mark, Origin, Path,
    reference::{Reference, Template},
    spec::Schedule,
    value_at_mut, values_equal,
};

/// What is known of two forms beside their values.
#[derive(Clone, Copy)]
pub(super) struct Sides<'a> {
    /// The marks of the live form.
    pub(super) before: &'a BTreeMap<Path, Mark>,
    /// The marks of the wanted form.
    pub(super) after: &'a BTreeMap<Path, Mark>,
    /// What is known beside the forms.
    pub(super) around: &'a Around<'a>,
}

/// What all comparisons of a plan have in common.
pub(super) struct Around<'a> {
    /// What must not be shown wherever it stands.
    pub(super) secrets: Secrets,
    /// What references stood for when the form last applied was applied.
    pub(super) past: Resolver<'a>,
    /// What ids mean.
    pub(super) names: Names<'a>,
}

/// Where a pair of values stands.
#[derive(Clone, Default)]
pub(super) struct Spot {
    /// As plans name it, modules by their ids.
    pub(super) shown: Path,
    /// What is written before the colon, below the last heading.
    pub(super) title: Vec<String>,
    /// In the live form.
    pub(super) before: Path,
    /// In the wanted form.
    pub(super) after: Path,
}

impl Spot {
    /// The spot of a field.
    pub(super) fn field(name: &str) -> Self {
        let path = vec![name.to_owned()];
        Self {
            shown: path.clone(),
            title: path.clone(),
            before: path.clone(),
            after: path,
        }
    }

    pub(super) fn below(&self, before: &str, after: &str, shown: &str) -> Self {
        let mut spot = self.clone();
        spot.before.push(before.to_owned());
        spot.after.push(after.to_owned());
        spot.shown.push(shown.to_owned());
        spot.title.push(shown.to_owned());
        spot
    }

    fn key(&self, key: &str) -> Self {
        self.below(key, key, key)
    }

    /// Whether a module's filter stands here, or the conditions of one of its branches.
    fn is_filter(&self) -> bool {
        let title: Vec<&str> = self.title.iter().map(String::as_str).collect();
        let is_of_blueprint = self.shown.first().is_some_and(|head| head == "blueprint");
        is_of_blueprint && matches!(title.as_slice(), ["filter"] | ["branches", _, "conditions"])
    }

    /// Whether a route stands here of which nothing is to tell: its modules are told for
    /// themselves.
    fn is_empty_route(&self, value: &Value) -> bool {
        let title: Vec<&str> = self.title.iter().map(String::as_str).collect();
        matches!(title.as_slice(), ["routes" | "branches" | "tools", _])
            && value.as_object().is_some_and(serde_json::Map::is_empty)
    }

    /// What stands before the colon. Routes are counted from one, as Make's editor does.
    fn words(&self) -> String {
        let title: Vec<&str> = self.title.iter().map(String::as_str).collect();
        let (list, index, rest) = match title.as_slice() {
            ["routes", index, rest @ ..] => ("route", index, rest),
            ["branches", index, "conditions"] => ("branch", index, &[] as &[&str]),
            ["branches", index, rest @ ..] => ("branch", index, rest),
            [..] => return self.title.join("."),
        };
        let Ok(index) = index.parse::<usize>() else {
            return self.title.join(".");
        };
        let head = format!("{list} {}", index.saturating_add(1));
        let rest = rest.iter().map(|key| format!(".{key}"));
        std::iter::once(head).chain(rest).collect()
    }
}

/// What was applied last at a spot.
#[derive(Clone, Copy)]
pub(super) enum Base<'a> {
    /// The ledger does not know.
    Unknown,
    /// This, or nothing.
    Known(Option<&'a Value>),
}

impl<'a> Base<'a> {
    pub(super) fn below(self, key: &str) -> Self {
        match self {
            Self::Unknown => Self::Unknown,
            Self::Known(value) => Self::Known(value.and_then(|value| match value {
                Value::Object(map) => map.get(key),
                Value::Array(items) => items.get(key.parse::<usize>().ok()?),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
            })),
        }
    }
}

impl Sides<'_> {
    /// Who changed a value since it was applied; none where that can't be told.
    pub(super) fn origin(
        self,
        base: Base<'_>,
        before: Option<&Value>,
        after: Option<&Value>,
    ) -> Option<Origin> {
        let Base::Known(base) = base else { return None };
        let is = |value: Option<&Value>| match (base, value) {
            (Some(base), Some(value)) => self.was(base, value),
            (None, None) => Some(true),
            _ => Some(false),
        };
        // What a lookup gives today is what is wanted today, and proves nothing of what was applied.
        let proves_nothing = || base.is_some_and(|base| self.looks_up(base));
        match (is(before), is(after)) {
            (Some(true), _) => Some(Origin::Git),
            (None, Some(true)) if proves_nothing() => None,
            (_, Some(true)) => Some(Origin::Make),
            (Some(false), Some(false)) => Some(Origin::Both),
            _ => None,
        }
    }

    /// The origin that all of some changes have.
    pub(super) fn common(changes: &[Change]) -> Option<Origin> {
        let of = |change: &Change| match &change.difference {
            Difference::Moved { changes, .. } if !changes.is_empty() => change
                .origin
                .filter(|mover| Self::common(changes) == Some(*mover)),
            Difference::Added(_)
            | Difference::Removed(_)
            | Difference::Changed(..)
            | Difference::Text { .. }
            | Difference::Part { .. }
            | Difference::Group { .. }
            | Difference::Moved { .. } => change.origin,
        };
        let (first, rest) = changes.split_first()?;
        let first = of(first)?;
        rest.iter()
            .all(|change| of(change) == Some(first))
            .then_some(first)
    }

    /// Whether a remembered value, references by their texts, was this one.
    pub(super) fn was(self, base: &Value, value: &Value) -> Option<bool> {
        if values_equal(base, value) {
            return Some(true);
        }
        match (base, value) {
            (Value::Object(base), Value::Object(map)) => {
                let same_keys = base.len() == map.len();
                let inner = base.iter().map(|(key, base)| match map.get(key) {
                    Some(value) => self.was(base, value),
                    None => Some(false),
                });
                all(std::iter::once(Some(same_keys)).chain(inner))
            }
            (Value::Array(base), Value::Array(items)) => {
                let same_length = base.len() == items.len();
                let inner = base
                    .iter()
                    .zip(items)
                    .map(|(base, item)| self.was(base, item));
                all(std::iter::once(Some(same_length)).chain(inner))
            }
            // Only that there was a secret is remembered.
            (Value::String(text), _) if text == SENSITIVE => None,
            (Value::String(text), _) => match self.around.past.value(text) {
                Past::Same => Some(false),
                Past::Value(past) => Some(values_equal(&past, value)),
                Past::Perhaps(past) => values_equal(&past, value).then_some(true),
                Past::Lost => None,
            },
            _ => Some(false),
        }
    }

    /// Whether a remembered value names something that is only looked up.
    fn looks_up(self, base: &Value) -> bool {
        match base {
            Value::String(text) => matches!(self.around.past.value(text), Past::Perhaps(_)),
            Value::Array(items) => items.iter().any(|item| self.looks_up(item)),
            Value::Object(map) => map.values().any(|value| self.looks_up(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// Adds the differences of two values.
    pub(super) fn compare(
        self,
        spot: &Spot,
        before: Option<&Value>,
        after: Option<&Value>,
        base: Base<'_>,
        changes: &mut Vec<Change>,
    ) {
        match (before, after) {
            (None, None) => {}
            (Some(a), Some(b)) if values_equal(a, b) => {}
            // Its keys are not for showing either.
            (before, after) if self.hides_whole(spot) => {
                changes.extend(self.leaf(spot, before, after, base));
            }
            (before, after) if self.reads_as_a_filter(spot, before, after) => {
                changes.extend(self.leaf(spot, before, after, base));
            }
            (Some(Value::Object(a)), Some(Value::Object(b))) => {
                let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
                for key in keys {
                    let (before, after) = (a.get(key), b.get(key));
                    self.compare(&spot.key(key), before, after, base.below(key), changes);
                }
            }
            (Some(Value::Array(a)), Some(Value::Array(b))) => {
                self.compare_items(spot, a, b, base, changes);
            }
            // What comes or goes is shown by its leaves, so that each is hidden or not by itself.
            (None, Some(Value::Object(map))) | (Some(Value::Object(map)), None)
                if !map.is_empty() =>
            {
                let sorted: BTreeMap<&String, &Value> = map.iter().collect();
                for (key, value) in sorted {
                    let value = Some(value);
                    let (before, after) = (before.and(value), after.and(value));
                    self.compare(&spot.key(key), before, after, base.below(key), changes);
                }
            }
            (None, Some(Value::Array(items))) | (Some(Value::Array(items)), None)
                if !items.is_empty() =>
            {
                for (index, value) in items.iter().enumerate() {
                    let (key, value) = (index.to_string(), Some(value));
                    let (before, after) = (before.and(value), after.and(value));
                    self.compare(&spot.key(&key), before, after, base.below(&key), changes);
                }
            }
            (before, after) => changes.extend(self.leaf(spot, before, after, base)),
        }
    }

    /// Whether a filter is shown as one sentence: where all of it may be shown, and the sentence
    /// tells what differs.
    fn reads_as_a_filter(self, spot: &Spot, before: Option<&Value>, after: Option<&Value>) -> bool {
        let is_open = |value: &Value| !self.around.secrets.are_in(value);
        let words = |value: &Value| filter_words(value).filter(|_| is_open(value));
        let is_covered = is_marked(self.before, &spot.before, |_| true)
            || is_marked(self.after, &spot.after, |_| true);
        if !spot.is_filter() || is_covered {
            return false;
        }
        match (before, after) {
            (Some(a), Some(b)) => match (words(a), words(b)) {
                (Some(a), Some(b)) => a != b,
                (_, _) => false,
            },
            (Some(value), None) | (None, Some(value)) => words(value).is_some(),
            (None, None) => false,
        }
    }

    /// Whether a text at a path of one side must not be shown.
    pub(super) fn hides(self, marks: &BTreeMap<Path, Mark>, path: &[String], text: &str) -> bool {
        is_marked(marks, path, is_sensitive) || self.around.secrets.are_in(&Value::from(text))
    }

    fn hides_whole(self, spot: &Spot) -> bool {
        self.before.get(&spot.before).is_some_and(is_sensitive)
            || self.after.get(&spot.after).is_some_and(is_sensitive)
    }

    fn leaf(
        self,
        spot: &Spot,
        before: Option<&Value>,
        after: Option<&Value>,
        base: Base<'_>,
    ) -> Option<Change> {
        // What is marked below a route that has nothing of its own are its modules.
        let sides = before.into_iter().chain(after);
        let marked = match sides.clone().all(|value| spot.is_empty_route(value)) {
            true => is_marked_itself,
            false => is_marked,
        };
        let hidden = sides.clone().any(|value| self.around.secrets.are_in(value))
            || marked(self.before, &spot.before, is_sensitive)
            || marked(self.after, &spot.after, is_sensitive);
        let open = after.is_some() && marked(self.after, &spot.after, is_unknown);
        let show = |value: &Value| {
            if hidden {
                Shown::Sensitive
            } else if spot.shown == ["schedule"] {
                Shown::Words(value.clone(), Schedule::from_make(value).in_words())
            } else if let Some(words) = filter_words(value).filter(|_| spot.is_filter()) {
                Shown::Words(value.clone(), words)
            } else if spot.is_empty_route(value) {
                Shown::Words(
                    value.clone(),
                    "(its modules are listed separately)".to_owned(),
                )
            } else if let Some(words) = self.around.names.words(&spot.shown, value) {
                Shown::Words(value.clone(), words)
            } else {
                Shown::Value(value.clone())
            }
        };
        let show_after = |value: &Value| match open {
            true => Shown::Unknown(id_of(value)),
            false => show(value),
        };
        let difference = match (before, after) {
            (Some(Value::String(a)), Some(Value::String(b)))
                if !hidden && !open && (diff_text::is_long(a) || diff_text::is_long(b)) =>
            {
                Difference::Text {
                    before: Value::from(a.as_str()),
                    after: Value::from(b.as_str()),
                    lines: diff_text::lines(a, b),
                }
            }
            (None, Some(Value::String(text))) if !hidden && !open && text.contains('\n') => {
                Difference::Text {
                    before: Value::Null,
                    after: Value::from(text.as_str()),
                    lines: diff_text::lines("", text),
                }
            }
            (Some(a), Some(b)) => Difference::Changed(show(a), show_after(b)),
            (Some(a), None) => Difference::Removed(show(a)),
            (None, Some(b)) => Difference::Added(show_after(b)),
            (None, None) => return None,
        };
        Some(Change {
            path: spot.shown.clone(),
            title: spot.words(),
            difference,
            // A hidden value is remembered by its reference only, which tells nothing of it.
            origin: match (hidden, open) {
                (true, _) => None,
                (false, false) => self.origin(base, before, after),
                // It comes from git for sure where the account has what was applied.
                (false, true) => {
                    let origin = self.origin(base, before, before);
                    origin.filter(|origin| *origin == Origin::Git)
                }
            },
        })
    }

    /// A field that is compared as one value: a schedule.
    pub(super) fn whole(
        self,
        spot: &Spot,
        before: Option<&Value>,
        after: Option<&Value>,
        base: Base<'_>,
        changes: &mut Vec<Change>,
    ) {
        match (before, after) {
            (Some(a), Some(b)) if values_equal(a, b) => {}
            (before, after) => changes.extend(self.leaf(spot, before, after, base)),
        }
    }

    /// A part for machines, its hidden values covered. `path` is where it stands on its side.
    pub(super) fn conceal(
        self,
        part: &Value,
        marks: &BTreeMap<Path, Mark>,
        path: &[String],
    ) -> Value {
        let mut part = part.clone();
        self.cover_secrets(&mut part);
        let below = marks
            .range(path.to_vec()..)
            .take_while(|(key, _)| key.starts_with(path));
        for (key, mark) in below {
            let inner = key.get(path.len()..).unwrap_or_default();
            if let Some(value) = value_at_mut(&mut part, inner) {
                *value = Value::from(match mark {
                    Mark::Sensitive(_) => SENSITIVE,
                    Mark::Unknown => "(known after apply)",
                });
            }
        }
        part
    }

    fn cover_secrets(self, value: &mut Value) {
        match value {
            Value::String(_) if self.around.secrets.are_in(value) => {
                *value = Value::from(SENSITIVE);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            Value::Array(items) => items.iter_mut().for_each(|item| self.cover_secrets(item)),
            Value::Object(map) => map.values_mut().for_each(|item| self.cover_secrets(item)),
        }
    }
}

/// The thing whose id a text will be, and nothing else beside it.
fn id_of(value: &Value) -> Option<Address> {
    let template = Template::parse(value.as_str()?);
    let Reference::Thing {
        address,
        attribute: None,
    } = template.single()?
    else {
        return None;
    };
    Some(address.clone())
}

/// Whether all hold; none where that hangs on one that can't be told.
fn all(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = true;
    for part in parts {
        match part {
            Some(true) => {}
            Some(false) => return Some(false),
            None => known = false,
        }
    }
    known.then_some(true)
}

fn is_sensitive(mark: &Mark) -> bool {
    matches!(mark, Mark::Sensitive(_))
}

fn is_unknown(mark: &Mark) -> bool {
    *mark == Mark::Unknown
}

/// Whether a value at a path, one that holds it or one in it has such a mark.
fn is_marked(marks: &BTreeMap<Path, Mark>, path: &[String], is: fn(&Mark) -> bool) -> bool {
    let mut within = marks
        .range(path.to_vec()..)
        .take_while(|(key, _)| key.starts_with(path));
    within.any(|(_, mark)| is(mark)) || is_marked_itself(marks, path, is)
}

/// Whether a value at a path or one that holds it has such a mark.
fn is_marked_itself(marks: &BTreeMap<Path, Mark>, path: &[String], is: fn(&Mark) -> bool) -> bool {
    (0..=path.len()).any(|end| {
        path.get(..end)
            .and_then(|outer| marks.get(outer))
            .is_some_and(is)
    })
}
