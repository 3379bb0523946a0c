//! A mapping, read key by key: what is asked for is known, and the rest is an error.

use std::collections::BTreeMap;

use crate::{
    diagnostic::{codes::manifest as codes, nearest},
    model::{Field, Path, Place},
};

use super::{
    node::{Entry, Node, Shape},
    page::Page,
};

/// The keys of one mapping. [`Fields::finish`] reports those that nobody asked for.
pub(super) struct Fields<'a> {
    page: &'a Page,
    node: &'a Node,
    what: &'static str,
    known: Vec<&'static str>,
    /// Keys of the contract that this version refuses.
    later: Vec<&'static str>,
    /// Whether all other keys were taken as well.
    open: bool,
}

impl<'a> Fields<'a> {
    /// The fields of a mapping; nothing at all counts as an empty one. Anything else is reported.
    pub(super) fn of(page: &'a Page, node: &'a Node, what: &'static str) -> Option<Self> {
        match &node.shape {
            Shape::Map(_) | Shape::Null => {}
            Shape::Broken => return None,
            Shape::Bool(_) | Shape::Number(_) | Shape::Text(_) | Shape::List(_) => {
                let message = format!("{what} is a mapping, not {}", node.in_words());
                page.report(page.finding(&codes::WRONG_TYPE, &node.span, message));
                return None;
            }
        }
        Some(Self {
            page,
            node,
            what,
            known: Vec::new(),
            later: Vec::new(),
            open: false,
        })
    }

    /// The page.
    pub(super) fn page(&self) -> &'a Page {
        self.page
    }

    /// The mapping itself.
    pub(super) fn mapping(&self) -> &'a Node {
        self.node
    }

    /// The value of a key, which is known from now on.
    pub(super) fn node(&mut self, key: &'static str) -> Option<&'a Node> {
        self.known.push(key);
        self.node.get(key)
    }

    /// A field that may be absent, null or set. A value that can't be read is reported by `read`
    /// and counts as absent.
    pub(super) fn field<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&'a Node) -> Option<T>,
    ) -> Field<T> {
        match self.node(key) {
            None => Field::Absent,
            Some(node) if node.shape == Shape::Null => Field::Null,
            Some(node) => read(node).map_or(Field::Absent, Field::Set),
        }
    }

    /// A field that may be absent, but not null.
    pub(super) fn optional<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&'a Node) -> Option<T>,
    ) -> Option<T> {
        let node = self.node(key)?;
        if node.shape == Shape::Null {
            let message = format!("`{key}` of {} cannot be null", self.what);
            let finding = self
                .page
                .finding(&codes::NULL_NOT_ALLOWED, &node.span, message);
            self.page
                .report(finding.help("give it a value, or leave the key out"));
            return None;
        }
        read(node)
    }

    /// A field that is absent or set; null is an error.
    pub(super) fn unclearable<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&'a Node) -> Option<T>,
    ) -> Field<T> {
        self.optional(key, read).map_or(Field::Absent, Field::Set)
    }

    /// A field that must be there.
    pub(super) fn required<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&'a Node) -> Option<T>,
    ) -> Option<T> {
        if self.node.get(key).is_none() {
            self.known.push(key);
            let message = format!("{} has no `{key}`", self.what);
            self.page.report(
                self.page
                    .finding(&codes::MISSING_KEY, &self.node.span, message),
            );
            return None;
        }
        self.optional(key, read)
    }

    /// Keys of the contract that this version does not know yet.
    pub(super) fn later(&mut self, keys: &[&'static str]) {
        self.later.extend(keys);
        for entry in self.node.entries() {
            let key = entry.key.text.as_str();
            if keys.contains(&key) {
                let message = format!("`{key}` of {} comes in a later version", self.what);
                let help = match key {
                    "team" => {
                        "remove it: all things of a target are its team's, and those of another \
                         team are declared for a target of their own"
                    }
                    _ => "remove it for now",
                };
                self.page.report(
                    self.page
                        .finding(&codes::NOT_SUPPORTED_YET, &entry.key.span, message)
                        .help(help),
                );
            }
        }
    }

    /// The entries that nobody asked for.
    pub(super) fn rest(&self) -> impl Iterator<Item = &'a Entry> {
        self.node.entries().iter().filter(|entry| {
            let key = entry.key.text.as_str();
            !self.known.contains(&key) && !self.later.contains(&key)
        })
    }

    /// Takes all keys that nobody asked for.
    pub(super) fn take_rest(&mut self) {
        self.open = true;
    }

    /// The key asked for so far that another is probably a misspelling of.
    pub(super) fn nearest(&self, key: &str) -> Option<&'static str> {
        nearest(key, self.known.iter().copied())
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn finish(self) {
        if self.open {
            return;
        }
        for entry in self.rest() {
            let key = &entry.key;
            let message = format!("{} has no key `{}`", self.what, key.text);
            let mut finding = self.page.finding(&codes::UNKNOWN_KEY, &key.span, message);
            if let Some(word) = self.nearest(&key.text) {
                finding = finding.help(format!("did you mean `{word}`?"));
            } else if !self.known.is_empty() {
                let known = self.known.join(", ");
                finding = finding.help(format!("it takes: {known}"));
            }
            self.page.report(finding);
        }
    }

    /// Where each value stands, by its path; those of a mapping in it too.
    pub(super) fn places(&self) -> BTreeMap<Path, Place> {
        let mut places = BTreeMap::new();
        for entry in self.node.entries() {
            let path = vec![entry.key.text.clone()];
            if entry.key.text == "settings" || entry.key.text == "lifecycle" {
                for inner in entry.value.entries() {
                    let path = vec![entry.key.text.clone(), inner.key.text.clone()];
                    places.insert(path, self.page.place(&inner.value.span));
                }
            }
            places.insert(path, self.page.place(&entry.value.span));
        }
        places
    }
}
