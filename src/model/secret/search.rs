//! The walk over a document: which parts of its texts are secret.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    Found, Hit, Tree, address,
    literal::credentials,
    name::{Context, Telling, judge},
    shapes, text,
};
use crate::model::Path;

/// The shortest text that may hold a secret by itself: `pwd=abcd`.
const SHORTEST: usize = 8;

/// All that looks like a secret in a document, in its order.
#[must_use]
pub fn find<T: Tree>(document: &T) -> Vec<Found> {
    let mut search = Search::default();
    search.value(document, Name::NONE);
    search.found
}

/// The paths of all values in a document that look like secrets, or hold one: texts, and objects
/// that have a secret for a key.
#[must_use]
pub fn sensitive_paths(document: &Value) -> BTreeSet<Path> {
    find(document).into_iter().map(|found| found.path).collect()
}

/// The name that a value stands under, and what it tells.
#[derive(Clone, Copy)]
struct Name<'t> {
    label: &'t str,
    telling: Telling,
}

impl<'t> Name<'t> {
    const NONE: Self = Self {
        label: "",
        telling: Telling::Nothing,
    };

    fn of(label: &'t str, context: Context) -> Self {
        let telling = judge(label, context);
        Self { label, telling }
    }

    /// The one that tells more.
    fn or(self, other: Self) -> Self {
        match other.telling > self.telling {
            true => other,
            false => self,
        }
    }

    /// For what stands deeper inside: a hint.
    fn faded(self) -> Self {
        Self {
            label: self.label,
            telling: self.telling.min(Telling::Likely),
        }
    }
}

#[derive(Default)]
struct Search {
    path: Path,
    found: Vec<Found>,
}

impl Search {
    /// Goes through a value that stands under a name: a key, or the `name` beside a `value`.
    fn value<'t, T: Tree>(&mut self, value: &'t T, name: Name<'t>) {
        if let Some(text) = value.text() {
            for hit in hits(text, name.label, name.telling) {
                self.keep(hit, None);
            }
            return;
        }
        for (index, item) in value.items().iter().enumerate() {
            self.path.push(index.to_string());
            self.value(item, name);
            self.path.pop();
        }
        let row = row(value);
        for (key, item) in value.members() {
            let secrets = hits(key, "", Telling::Nothing);
            let own = match secrets.is_empty() {
                true => Name::of(key, Context::Field),
                // It is told of nowhere, so it names nothing.
                false => Name::NONE,
            };
            for hit in secrets {
                self.keep(hit, Some(key));
            }
            let inner = match key.to_ascii_lowercase().as_str() {
                "value" => name.or(row),
                "default" | "sample" | "example" => name.faded().or(row),
                // What a thing is called is none, whatever it is.
                "label" | "name" | "type" => Name::NONE,
                _ => own.or(name.faded()),
            };
            self.path.push(key.to_owned());
            self.value(item, inner);
            self.path.pop();
        }
    }

    fn keep(&mut self, hit: Hit, key: Option<&str>) {
        self.found.push(Found {
            path: self.path.clone(),
            part: hit.part,
            sort: hit.sort,
            label: hit.label,
            key: key.map(str::to_owned),
        });
    }
}

/// What the name tells in a row of a table of headers or parameters.
fn row<T: Tree>(row_of: &T) -> Name<'_> {
    let mut name = Name::NONE;
    for (key, value) in row_of.members() {
        if key.eq_ignore_ascii_case("name") || key.eq_ignore_ascii_case("key") {
            let text = value.text().unwrap_or_default();
            name = name.or(Name::of(text, Context::Parameter));
        } else if key.eq_ignore_ascii_case("item") {
            name = name.or(row(value));
        }
    }
    name
}

/// The secret parts of a text, in its order; none touches another.
fn hits(text: &str, label: &str, telling: Telling) -> Vec<Hit> {
    let mut hits = Vec::new();
    if telling != Telling::Nothing {
        let parts = credentials(text, telling);
        hits.extend(parts.into_iter().map(|part| Hit::named(part, label)));
    }
    if text.len() >= SHORTEST {
        text::find(text, &mut hits);
        shapes::find(text, &mut hits);
        address::find(text, &mut hits);
    }
    match hits.len() {
        0 | 1 => hits,
        _ => merged(hits),
    }
}

/// Overlapping parts as one: it goes by the first name that was found for it, and is what its
/// looks say.
fn merged(mut hits: Vec<Hit>) -> Vec<Hit> {
    // Those of one beginning stay in the order in which they were found.
    hits.sort_by_key(|hit| hit.part.start);
    let mut merged: Vec<Hit> = Vec::new();
    for hit in hits {
        match merged.last_mut() {
            Some(last) if hit.part.start < last.part.end => {
                last.part.end = last.part.end.max(hit.part.end);
                if last.sort == Found::NAMED {
                    last.sort = hit.sort;
                } else if hit.sort == Found::NAMED {
                    last.label = hit.label;
                }
            }
            Some(_) | None => merged.push(hit),
        }
    }
    merged
}
