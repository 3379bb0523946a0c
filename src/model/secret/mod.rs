//! What looks like a secret in a document.
//!
//! Three things tell: the name that a value stands under (a header, a parameter, a field), the
//! shape of the value (tokens of well-known vendors, private keys), and addresses that need no
//! login. The rule is for texts that people review: where a value may as well be an id, a date
//! or a placeholder, it says nothing. It is no promise that nothing else is secret.
//! `docs/secrets.md` says it in full.

mod address;
mod known;
mod literal;
mod name;
mod pieces;
mod placeholder;
mod search;
mod shapes;
mod text;
mod tree;
mod vendor;

#[cfg(test)]
mod tests;

use std::{fmt, ops::Range};

use super::Path;

pub use placeholder::stands_in;
pub use search::{find, sensitive_paths};
pub use tree::Tree;

/// Something in a document that looks like a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// The text that holds it; the object, where it is a key of one.
    pub path: Path,
    /// The bytes of the text, or of the key, that are secret.
    pub part: Range<usize>,
    /// What it is, in words: `Slack token`.
    pub sort: &'static str,
    /// What it goes by: the name of its header, parameter or field, or what it is.
    pub label: String,
    /// The key, where it is one.
    pub key: Option<String>,
}

impl fmt::Debug for Found {
    /// Says what it is only: a key may be the secret, and a path may lead through one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Found({}, {:?})", self.sort, self.part)
    }
}

impl Found {
    /// The sort of a value that its name gives away, and nothing else.
    pub const NAMED: &str = "credential";
}

/// A part of one text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Hit {
    part: Range<usize>,
    sort: &'static str,
    label: String,
}

impl Hit {
    fn named(part: Range<usize>, label: &str) -> Self {
        Self {
            part,
            sort: Found::NAMED,
            label: label.to_owned(),
        }
    }

    fn of_sort(part: Range<usize>, sort: &'static str) -> Self {
        Self {
            part,
            sort,
            label: sort.to_owned(),
        }
    }
}
