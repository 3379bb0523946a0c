//! What a target says otherwise: JSON merge patches (RFC 7396) of specs, by address.
//!
//! A patch stands in `makeform.yaml`, and what it is applied to in a manifest. The patched
//! document holds values of both: those of the patch have places behind the end of the manifest,
//! which its page knows how to find (see [`Page::lay`]).

use std::collections::BTreeMap;

use crate::{
    diagnostic::{
        Finding, Report,
        codes::{environments, manifest as codes},
        nearest,
    },
    model::{Address, Place},
};

use super::{
    node::{Entry, Key, Node, Shape, Span},
    page::Page,
    values::{did_you_mean, with_meant_address, wrong_type},
};

/// What one target says otherwise of one thing.
#[derive(Clone, Debug)]
pub(super) struct Patch {
    /// Where its address stands.
    pub(super) place: Place,
    key: Span,
    pub(super) spec: Node,
}

/// Reads the `overrides` of a target.
pub(super) fn overrides(page: &Page, node: &Node) -> BTreeMap<Address, Patch> {
    let mut patches = BTreeMap::new();
    if !matches!(node.shape, Shape::Map(_) | Shape::Null) {
        wrong_type(page, node, "a mapping from addresses to parts of specs");
    }
    for entry in node.entries() {
        let key = &entry.key.span;
        let address = match entry.key.text.parse::<Address>() {
            Ok(address) => address,
            Err(error) => {
                let finding = page.finding(&codes::BAD_VALUE, key, error.to_string());
                page.report(with_meant_address(finding, &entry.key.text));
                continue;
            }
        };
        if !matches!(entry.value.shape, Shape::Map(_)) {
            wrong_type(page, &entry.value, "a mapping: fields of its `spec`");
            continue;
        }
        let patch = Patch {
            place: page.place(key),
            key: key.clone(),
            spec: entry.value.clone(),
        };
        patches.insert(address, patch);
    }
    patches
}

/// Reports patches of things that no manifest declares.
pub(super) fn check<'a>(
    patches: &BTreeMap<Address, Patch>,
    is_declared: impl Fn(&Address) -> bool,
    declared: impl Iterator<Item = &'a Address>,
) -> Report {
    let declared: Vec<String> = declared.map(ToString::to_string).collect();
    let unknown = patches.iter().filter(|(address, _)| !is_declared(address));
    let findings = unknown.map(|(address, patch)| {
        let message = format!("no manifest declares `{address}`");
        let known = declared.iter().map(String::as_str);
        let finding = Finding::new(&environments::OVERRIDE_UNKNOWN, message);
        finding
            .at(patch.place.clone())
            .help(did_you_mean(&address.to_string(), known))
    });
    findings.collect()
}

impl Patch {
    /// Applies it to the `spec` of a document; what it takes away and is not there is reported.
    pub(super) fn apply(&self, page: &Page, document: &mut Node) {
        let patch = shifted(&self.spec, page.overlay_start());
        let Shape::Map(entries) = &mut document.shape else {
            return;
        };
        match entries.iter_mut().find(|entry| entry.key.text == "spec") {
            Some(entry) => merge(page, &mut entry.value, patch),
            None => {
                let key = Key {
                    span: shifted_span(&self.key, page.overlay_start()),
                    text: "spec".to_owned(),
                };
                let mut value = Node {
                    span: patch.span.clone(),
                    shape: Shape::Map(Vec::new()),
                };
                merge(page, &mut value, patch);
                entries.push(Entry { key, value });
            }
        }
    }
}

/// RFC 7396: mappings are merged key by key, null takes a key away, all else replaces.
fn merge(page: &Page, target: &mut Node, patch: Node) {
    let changes = match patch.shape {
        Shape::Map(changes) => changes,
        shape @ (Shape::Null
        | Shape::Bool(_)
        | Shape::Number(_)
        | Shape::Text(_)
        | Shape::List(_)
        | Shape::Broken) => {
            let span = patch.span;
            *target = Node { span, shape };
            return;
        }
    };
    if !matches!(target.shape, Shape::Map(_)) {
        *target = Node {
            span: patch.span,
            shape: Shape::Map(Vec::new()),
        };
    }
    let Shape::Map(entries) = &mut target.shape else {
        return;
    };
    for Entry { key, value } in changes {
        let at = entries.iter().position(|entry| entry.key.text == key.text);
        match (at, value.shape == Shape::Null) {
            (Some(at), true) => drop(entries.remove(at)),
            (None, true) => {
                let message = format!("there is no `{}` to take away", key.text);
                let finding =
                    page.finding(&environments::OVERRIDE_REMOVES_NOTHING, &key.span, message);
                let known = entries.iter().map(|entry| entry.key.text.as_str());
                page.report(match nearest(&key.text, known) {
                    Some(near) => finding.help(format!("did you mean `{near}`?")),
                    None => finding,
                });
            }
            (Some(at), false) => {
                if let Some(entry) = entries.get_mut(at) {
                    merge(page, &mut entry.value, value);
                }
            }
            (None, false) => {
                let mut added = Node {
                    span: value.span.clone(),
                    shape: Shape::Null,
                };
                merge(page, &mut added, value);
                entries.push(Entry { key, value: added });
            }
        }
    }
}

/// The same value, so many bytes further on.
fn shifted(node: &Node, by: usize) -> Node {
    let shape = match &node.shape {
        Shape::List(items) => Shape::List(items.iter().map(|item| shifted(item, by)).collect()),
        Shape::Map(entries) => Shape::Map(
            entries
                .iter()
                .map(|entry| Entry {
                    key: Key {
                        span: shifted_span(&entry.key.span, by),
                        text: entry.key.text.clone(),
                    },
                    value: shifted(&entry.value, by),
                })
                .collect(),
        ),
        scalar @ (Shape::Null
        | Shape::Bool(_)
        | Shape::Number(_)
        | Shape::Text(_)
        | Shape::Broken) => scalar.clone(),
    };
    Node {
        span: shifted_span(&node.span, by),
        shape,
    }
}

fn shifted_span(span: &Span, by: usize) -> Span {
    span.start + by..span.end + by
}
