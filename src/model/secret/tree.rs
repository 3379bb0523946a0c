//! Documents of any make.

use serde_json::Value;

/// A value of a document: a text, a list, a mapping, or nothing that a secret could be in.
pub trait Tree: Sized {
    /// The text, if it is one.
    fn text(&self) -> Option<&str>;
    /// The items, if it is a list.
    fn items(&self) -> &[Self];
    /// The keys and values, if it is a mapping.
    fn members(&self) -> impl Iterator<Item = (&str, &Self)>;
}

impl Tree for Value {
    fn text(&self) -> Option<&str> {
        self.as_str()
    }

    fn items(&self) -> &[Self] {
        self.as_array().map(Vec::as_slice).unwrap_or_default()
    }

    fn members(&self) -> impl Iterator<Item = (&str, &Self)> {
        let members = self.as_object().into_iter().flatten();
        members.map(|(key, value)| (key.as_str(), value))
    }
}
