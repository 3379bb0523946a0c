//! Keys and entries of mappings.

use crate::{
    diagnostic::codes::manifest as codes,
    manifest::{
        findings::{refuse_duplicates, unquoted_braces},
        node::{Entry, Key, Node, Shape},
        page::Page,
    },
};

/// What stands in the place of a key.
pub(super) enum MapKey {
    Text(Key),
    Merge,
    /// No text; a finding says so.
    Broken,
}

/// A node in the place of a key, in a mapping that begins at `start`.
pub(super) fn key_of(
    page: &Page,
    node: Node,
    plain: bool,
    start: usize,
    broken: &mut bool,
) -> MapKey {
    let Node { span, shape } = node;
    let written = || page.source.text.get(span.clone()).unwrap_or_default();
    let text = match shape {
        Shape::Text(text) if plain && text == "<<" => return MapKey::Merge,
        Shape::Text(text) | Shape::Number(text) => text,
        // `true: x`: a key is the text as written.
        Shape::Null | Shape::Bool(_) => written().to_owned(),
        Shape::List(_) | Shape::Map(_) | Shape::Broken => {
            let opening = page.source.text.get(start..).unwrap_or_default();
            if opening.starts_with("{{") {
                *broken = true;
                page.report(unquoted_braces(page, start));
            } else if !matches!(shape, Shape::Broken) {
                let message = "a key must be a text, not a list or a mapping";
                page.report(page.finding(&codes::UNSUPPORTED_YAML, &span, message));
            }
            return MapKey::Broken;
        }
    };
    MapKey::Text(Key { span, text })
}

/// The entries that a `<<` brings: those of a mapping, or of each mapping of a list.
pub(super) fn merge(page: &Page, node: Node, merged: &mut Vec<Entry>) {
    match node.shape {
        Shape::Map(entries) => merged.extend(entries),
        Shape::List(items) => {
            for item in items {
                merge(page, item, merged);
            }
        }
        Shape::Null | Shape::Bool(_) | Shape::Number(_) | Shape::Text(_) => {
            let message = "`<<` takes a mapping or a list of mappings";
            page.report(page.finding(&codes::UNSUPPORTED_YAML, &node.span, message));
        }
        Shape::Broken => {}
    }
}

/// The entries of a mapping, each key once.
pub(super) fn unique(page: &Page, entries: Vec<Entry>, merged: Vec<Entry>) -> Vec<Entry> {
    let mut kept = refuse_duplicates(page, entries);
    for entry in merged {
        if !kept.iter().any(|other| other.key.text == entry.key.text) {
            kept.push(entry);
        }
    }
    kept
}
