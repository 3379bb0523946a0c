//! Edits of manifests that keep what people wrote.
//!
//! In goes the text of a file and what its documents are to say; out comes the text with just that
//! changed. What stays keeps its bytes: comments, blank lines, the order of keys, quotes, anchors,
//! line breaks. Pure: text in, text out.
//!
//! The way: `tree` tells where each part stands and how it is written, `fit` compares the values
//! and makes replacements of ranges (`put` what comes and goes, `replace` what becomes another),
//! `splice` carries them out, `documents` sees to whole documents. The result is read again: it
//! says what was wanted, or the edit is made more coarsely, or it is refused. A comment directly
//! above a key, as far in, goes with that key.

mod align;
mod documents;
mod fit;
mod lines;
mod put;
#[cfg(test)]
mod random;
mod replace;
mod splice;
#[cfg(test)]
mod tests;
mod tree;
mod write;

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use serde_json::Value;

use self::{fit::Fit, lines::Lines, splice::Splices};
use super::{node::Node, page::Page, yaml};
use crate::model::{Source, values_equal};

pub use align::{Item, align};

/// A place can't be edited so; perhaps what holds it can be written anew.
struct Unfit;

/// A file that is not edited: it is to be edited by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The document, counted from 0, and the field of it; the file where there is none.
    pub field: Option<(usize, Vec<String>)>,
}

/// What becomes of the documents of a file, by their numbers from 0; of the others nothing.
pub type Documents = BTreeMap<usize, Option<Value>>;

/// The values of the documents of a file; none where it can't be read.
#[must_use]
pub fn documents(text: &str) -> Option<Vec<Value>> {
    let nodes = nodes(text.strip_prefix('\u{feff}').unwrap_or(text))?;
    Some(nodes.iter().map(Node::to_value).collect())
}

/// Where a field of a document stands; of one that is not there, what would hold it.
#[must_use]
pub fn place_of(text: &str, index: usize, field: &[String]) -> Option<Range<usize>> {
    let shift = text.len() - text.trim_start_matches('\u{feff}').len();
    let nodes = nodes(text.get(shift..)?)?;
    let mut span = 0..0;
    let mut node = nodes.get(index)?;
    for key in field {
        let Some(entry) = node.entries().iter().find(|entry| entry.key.text == *key) else {
            break;
        };
        span = entry.key.span.clone();
        node = &entry.value;
    }
    Some(span.start + shift..span.end + shift)
}

/// Makes documents of a file say something else, or takes them away, and writes others below.
///
/// # Errors
/// Where a document holds what can't be edited safely.
pub fn edit(text: &str, changed: &Documents, added: &[Value]) -> Result<String, Refused> {
    let (mark, text) = match text.strip_prefix('\u{feff}') {
        Some(rest) => ("\u{feff}", rest),
        None => ("", text),
    };
    let whole = Refused { field: None };
    let mut wanted = documents(text).ok_or_else(|| whole.clone())?;
    let mut made = text.to_owned();
    for (index, value) in changed {
        let (Some(value), Some(slot)) = (value, wanted.get_mut(*index)) else {
            continue;
        };
        made = document(&made, *index, slot, value)?;
        slot.clone_from(value);
    }
    let gone: Vec<usize> = changed
        .iter()
        .filter(|(_, value)| value.is_none())
        .map(|(index, _)| *index)
        .collect();
    for index in gone.iter().rev() {
        made = documents::removed(&made, *index).ok_or_else(|| whole.clone())?;
        wanted.remove(*index);
    }
    made = documents::added(made, added).ok_or_else(|| whole.clone())?;
    wanted.extend(added.iter().cloned());
    if wanted.is_empty() {
        return Ok(String::new());
    }
    match says(&made, &wanted) {
        true => Ok(format!("{mark}{made}")),
        false => Err(whole),
    }
}

/// Makes one document say something else.
fn document(text: &str, index: usize, there: &Value, wanted: &Value) -> Result<String, Refused> {
    if values_equal(there, wanted) {
        return Ok(text.to_owned());
    }
    if let Some(made) = attempt(text, index, wanted, usize::MAX) {
        return Ok(made);
    }
    // Field by field: what has to be written anew is to be as little as can be.
    let (mut made, mut now) = (text.to_owned(), there.clone());
    for field in fields(there, wanted) {
        let mut next = now.clone();
        assign(&mut next, &field, value_of(wanted, &field).cloned());
        if values_equal(&next, &now) {
            continue;
        }
        let refused = || Refused {
            field: Some((index, field.clone())),
        };
        let depths = [usize::MAX].into_iter().chain((field.len()..DEEPEST).rev());
        let mut tries = depths.filter_map(|depth| attempt(&made, index, &next, depth));
        made = tries.next().ok_or_else(refused)?;
        now = next;
    }
    Ok(made)
}

/// Beyond this depth single entries are not tried one level at a time.
const DEEPEST: usize = 24;

/// The top-level keys of two documents, and those of their `spec`.
fn fields(there: &Value, wanted: &Value) -> Vec<Vec<String>> {
    let mut fields: Vec<Vec<String>> = Vec::new();
    for document in [there, wanted] {
        for (key, value) in document.as_object().into_iter().flatten() {
            let inner = value.as_object().filter(|_| key == "spec");
            let found: Vec<Vec<String>> = match inner {
                Some(inner) => inner
                    .keys()
                    .map(|field| vec![key.clone(), field.clone()])
                    .collect(),
                None => vec![vec![key.clone()]],
            };
            for field in found {
                if !fields.contains(&field) {
                    fields.push(field);
                }
            }
        }
    }
    fields
}

fn value_of<'v>(document: &'v Value, field: &[String]) -> Option<&'v Value> {
    field.iter().try_fold(document, |value, key| value.get(key))
}

fn assign(document: &mut Value, field: &[String], value: Option<Value>) {
    let Some((last, parents)) = field.split_last() else {
        return;
    };
    let parent = parents
        .iter()
        .try_fold(document, |value, key| value.get_mut(key));
    if let Some(Value::Object(members)) = parent {
        match value {
            Some(value) => drop(members.insert(last.clone(), value)),
            None => drop(members.shift_remove(last)),
        }
    }
}

/// An edit of one document down to some depth; none where that does not lead to what is wanted.
fn attempt(text: &str, index: usize, wanted: &Value, depth: usize) -> Option<String> {
    let tree = tree::read(text)?;
    let nodes = nodes(text)?;
    let root = &tree.documents.get(index)?.root;
    let mut fit = Fit {
        lines: Lines::new(text, &tree.comments),
        splices: Splices::default(),
        depth,
    };
    fit.document(root, nodes.get(index)?, wanted).ok()?;
    let made = fit.splices.apply(text)?;
    let mut all: Vec<Value> = nodes.iter().map(Node::to_value).collect();
    all.get_mut(index)?.clone_from(wanted);
    says(&made, &all).then_some(made)
}

/// Whether a text says just that.
fn says(text: &str, wanted: &[Value]) -> bool {
    documents(text).is_some_and(|documents| {
        let mut pairs = documents.iter().zip(wanted);
        documents.len() == wanted.len() && pairs.all(|(made, wanted)| values_equal(made, wanted))
    })
}

/// The documents of a file that says nothing wrong.
fn nodes(text: &str) -> Option<Vec<Node>> {
    let source = Source {
        name: String::new(),
        text: text.to_owned(),
    };
    let page = Page::new(Arc::new(source));
    let stream = yaml::read(&page);
    (stream.whole && page.is_clean()).then_some(stream.documents)
}
