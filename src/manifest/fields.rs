//! A mapping, read key by key: what its [`Mapping`] lists is known, and the rest is an error.

use std::collections::BTreeMap;

use crate::{
    diagnostic::{codes::manifest as codes, nearest},
    model::{Field, Path, Place},
};

use super::{
    node::{Entry, Node, Shape},
    page::Page,
    schema::{Mapping, Presence},
};

/// The keys of one mapping. [`Fields::finish`] reports those that its list does not have.
///
/// In builds that check it, to read a key that is not listed stops the program, as does a listed
/// one that nobody read: the JSON Schema has the same list.
pub(super) struct Fields<'a> {
    page: &'a Page,
    node: &'a Node,
    keys: &'static Mapping,
    #[cfg(debug_assertions)]
    asked: std::collections::BTreeSet<&'static str>,
    /// Keys of the contract that this version refuses.
    later: Vec<&'static str>,
    /// Whether all other keys were taken as well.
    open: bool,
}

impl<'a> Fields<'a> {
    /// The fields of a mapping; nothing at all counts as an empty one. Anything else is reported.
    pub(super) fn of(page: &'a Page, node: &'a Node, keys: &'static Mapping) -> Option<Self> {
        match &node.shape {
            Shape::Map(_) | Shape::Null => {}
            Shape::Broken => return None,
            Shape::Bool(_) | Shape::Number(_) | Shape::Text(_) | Shape::List(_) => {
                let message = format!("{} is a mapping, not {}", keys.what, node.in_words());
                page.report(page.finding(&codes::WRONG_TYPE, &node.span, message));
                return None;
            }
        }
        Some(Self {
            page,
            node,
            keys,
            #[cfg(debug_assertions)]
            asked: std::collections::BTreeSet::new(),
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

    /// The value of a key.
    pub(super) fn node(&mut self, key: &'static str, presence: Presence) -> Option<&'a Node> {
        debug_assert_eq!(
            self.keys.key(key).map(|key| key.presence),
            Some(presence),
            "`{key}` of {}",
            self.keys.what
        );
        #[cfg(debug_assertions)]
        self.asked.insert(key);
        self.node.get(key)
    }

    /// A field that may be absent, null or set. A value that can't be read is reported by `read`
    /// and counts as absent.
    pub(super) fn field<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&'a Node) -> Option<T>,
    ) -> Field<T> {
        match self.node(key, Presence::Clearable) {
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
        let node = self.node(key, Presence::Optional)?;
        self.given(key, node, read)
    }

    /// The value of a key that is not null.
    fn given<T>(
        &self,
        key: &'static str,
        node: &'a Node,
        read: impl FnOnce(&'a Node) -> Option<T>,
    ) -> Option<T> {
        if node.shape == Shape::Null {
            let message = format!("`{key}` of {} cannot be null", self.keys.what);
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
        let Some(node) = self.node(key, Presence::Required) else {
            let message = format!("{} has no `{key}`", self.keys.what);
            self.page.report(
                self.page
                    .finding(&codes::MISSING_KEY, &self.node.span, message),
            );
            return None;
        };
        self.given(key, node, read)
    }

    /// Keys of the contract that this version does not know yet.
    pub(super) fn later(&mut self, keys: &[&'static str]) {
        self.later.extend(keys);
        for entry in self.node.entries() {
            let key = entry.key.text.as_str();
            if keys.contains(&key) {
                let message = format!("`{key}` of {} comes in a later version", self.keys.what);
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

    /// The entries that the list does not have.
    pub(super) fn rest(&self) -> impl Iterator<Item = &'a Entry> {
        self.node.entries().iter().filter(|entry| {
            let key = entry.key.text.as_str();
            self.keys.key(key).is_none() && !self.later.contains(&key)
        })
    }

    /// Takes the keys that the list does not have.
    pub(super) fn take_rest(&mut self) {
        self.open = true;
    }

    /// The key of the list that another is probably a misspelling of.
    pub(super) fn nearest(&self, key: &str) -> Option<&'static str> {
        nearest(key, self.names())
    }

    fn names(&self) -> impl Iterator<Item = &'static str> + Clone {
        self.keys.keys.iter().map(|key| key.name)
    }

    /// Reports the keys that the list does not have.
    pub(super) fn finish(self) {
        #[cfg(debug_assertions)]
        for key in self.names() {
            let what = self.keys.what;
            debug_assert!(self.asked.contains(key), "nobody read `{key}` of {what}");
        }
        if self.open {
            return;
        }
        for entry in self.rest() {
            let key = &entry.key;
            let message = format!("{} has no key `{}`", self.keys.what, key.text);
            let mut finding = self.page.finding(&codes::UNKNOWN_KEY, &key.span, message);
            if let Some(word) = self.nearest(&key.text) {
                finding = finding.help(format!("did you mean `{word}`?"));
            } else {
                let known: Vec<&str> = self.names().collect();
                finding = finding.help(format!("it takes: {}", known.join(", ")));
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Fields;
    use crate::{
        manifest::{page::Page, schema::MOVED_ENTRY, yaml},
        model::Source,
    };

    fn read(keys: &[&'static str]) {
        let source = Source {
            name: "a.yaml".to_owned(),
            text: "{}".to_owned(),
        };
        let page = Page::new(Arc::new(source));
        let documents = yaml::read(&page).documents;
        let mut fields = Fields::of(&page, &documents[0], &MOVED_ENTRY).unwrap();
        for key in keys {
            fields.required(key, Some);
        }
        fields.finish();
    }

    #[test]
    fn the_keys_of_the_list_are_those_that_are_read() {
        read(&["from", "to"]);
    }

    #[test]
    #[should_panic(expected = "`by` of an entry of `moved`")]
    fn a_key_that_no_schema_has_cannot_be_read() {
        read(&["from", "to", "by"]);
    }

    #[test]
    #[should_panic(expected = "nobody read `to` of an entry of `moved`")]
    fn a_key_that_nobody_reads_cannot_be_in_a_schema() {
        read(&["from"]);
    }
}
