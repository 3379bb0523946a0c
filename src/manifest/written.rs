//! A document, and where its values stand in the file that holds it.

use std::ops::Range;

use serde_json::Value;

use crate::{
    diagnostic::{Code, Finding, codes::manifest as codes},
    model::Path,
};

use super::{
    json,
    node::{Node, Shape, Span},
    page::Page,
};

/// Where a document was read from: a file of JSON, or a node of a manifest.
#[derive(Clone, Copy)]
pub(super) struct Written<'a> {
    pub(super) page: &'a Page,
    node: Option<&'a Node>,
}

impl<'a> Written<'a> {
    /// All of a file of JSON.
    pub(super) fn in_json(page: &'a Page) -> Self {
        Self { page, node: None }
    }

    /// A part of a manifest.
    pub(super) fn in_yaml(page: &'a Page, node: &'a Node) -> Self {
        let node = Some(node);
        Self { page, node }
    }

    /// Where the value of a path stands; the nearest around it that is written, if it is not.
    pub(super) fn span(&self, path: &[impl AsRef<str>]) -> Span {
        match self.node {
            Some(node) => node.nearest(path).span.clone(),
            None => json::span_of(&self.page.source.text, path),
        }
    }

    /// Where a part of the text of a path stands; the whole text, where escapes hide it.
    pub(super) fn span_of_part(&self, path: &Path, part: &str) -> Span {
        let whole = self.span(path);
        match self.page.written(&whole).find(part) {
            Some(start) if !part.is_empty() => {
                let start = whole.start + start;
                start..start + part.len()
            }
            Some(_) | None => whole,
        }
    }

    /// Where a range of a path's text stands, whatever else of the text reads the same; the whole text,
    /// where the way it is written hides that.
    pub(super) fn span_of_range(&self, path: &Path, text: &str, range: Range<usize>) -> Span {
        let whole = self.span(path);
        let written = self.page.written(&whole);
        if let Some(start) = written.find(text) {
            let start = whole.start + start;
            return start + range.start..start + range.end;
        }
        let part = text.get(range.clone()).unwrap_or_default();
        let mut alike = text.match_indices(part);
        let found = match alike.position(|(at, _)| at == range.start) {
            Some(before) if written.matches(part).count() == text.matches(part).count() => {
                written.match_indices(part).nth(before)
            }
            Some(_) | None => None,
        };
        match found {
            Some((start, _)) if !part.is_empty() => {
                let start = whole.start + start;
                start..start + part.len()
            }
            Some(_) | None => whole,
        }
    }

    /// Where a key of the mapping at a path stands; the mapping, where it has no such key.
    pub(super) fn span_of_key(&self, path: &Path, key: &str) -> Span {
        let whole = self.span(path);
        match self.node {
            Some(node) => {
                let mut entries = node.nearest(path).entries().iter();
                let entry = entries.find(|entry| entry.key.text == key);
                entry.map_or(whole, |entry| entry.key.span.clone())
            }
            None => json::key_of(&self.page.source.text, whole.start, key),
        }
    }

    /// Reports a value of the wrong type. What could not be read was told of already.
    pub(super) fn wrong_type(&self, path: &[impl AsRef<str>], found: &Value, wanted: &str) {
        let broken = |node: &Node| node.nearest(path).shape == Shape::Broken;
        if self.node.is_some_and(broken) {
            return;
        }
        let message = format!("expected {wanted}, found {}", in_words(found));
        self.page
            .report(self.finding(&codes::WRONG_TYPE, path, message));
    }

    /// A finding at a path. It still has to be reported.
    pub(super) fn finding(
        &self,
        code: &'static Code,
        path: &[impl AsRef<str>],
        message: impl Into<String>,
    ) -> Finding {
        self.page.finding(code, &self.span(path), message)
    }
}

/// A value in words, for messages, as [`Node::in_words`] has them.
fn in_words(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(true) => "true",
        Value::Bool(false) => "false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}
