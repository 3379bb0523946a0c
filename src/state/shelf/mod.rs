//! What a remote backend has to offer: documents with versions, and writes that happen only where
//! nobody else has written.
//!
//! Locks, leases, groups and generations stand on this alone, so that they are written once. An
//! implementation repeats no write whose answer was lost: whether it was done is found out above, by
//! reading.

mod encrypted;
#[cfg(any(test, feature = "failpoints"))]
mod memory;
mod object;

use std::{fmt, pin::Pin};

use super::CryptError;

pub(super) use encrypted::EncryptedShelf;
#[cfg(any(test, feature = "failpoints"))]
pub use memory::{MemoryShelf, Mishap};
pub use object::{ObjectSetting, ObjectShelf, OpenError};

/// A call to a shelf that is under way.
pub type Doing<'a, T> = Pin<Box<dyn Future<Output = Result<T, ShelfError>> + Send + 'a>>;

/// Documents of one target, by names such as `ledger.json` and `journal/3-1.jsonl`.
pub trait Shelf: fmt::Debug + Send + Sync {
    /// What people call it: `s3://bucket/prefix`, `refs/makeform/production of origin`.
    fn name(&self) -> String;

    /// Whether others than this machine find it there.
    fn is_shared(&self) -> Doing<'_, bool> {
        Box::pin(std::future::ready(Ok(true)))
    }

    /// From now on, [`Shelf::read`] and [`Shelf::list`] tell how things stand now or later. Of use
    /// to those that keep a copy; others always ask.
    fn refresh(&self) -> Doing<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Whether [`Shelf::write`] writes all of a batch or none, at the price of one write.
    fn is_atomic(&self) -> bool {
        false
    }

    /// A document; none if there is none of that name.
    fn read<'a>(&'a self, name: &'a str) -> Doing<'a, Option<Document>>;

    /// The names that begin so, in any order.
    fn list<'a>(&'a self, prefix: &'a str) -> Doing<'a, Vec<String>>;

    /// Writes documents one after the other, each only if it stands as expected; durable when this
    /// returns. Ends with the first that is not. Gives back the new version of each.
    fn write<'a>(&'a self, batch: &'a [Change], note: &'a Note) -> Doing<'a, Vec<Version>>;

    /// Deletes documents that nobody reads any more. Those that are not there are no error.
    fn delete<'a>(&'a self, names: &'a [String], note: &'a Note) -> Doing<'a, ()>;
}

/// Which writing of a document it is: equal only for equal bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(pub String);

/// A document as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Which writing of it that is.
    pub version: Version,
}

/// How a document has to stand for a write to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// There is none of that name.
    Absent,
    /// It is still that writing of it.
    Is(Version),
    /// Any way: whoever writes it writes the same.
    Any,
}

/// One document to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// When to.
    pub expect: Expect,
}

/// What a write is for, where the backend keeps a log of its own (git).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// `apply #3: 2 intents`.
    pub subject: String,
    /// Who writes: `user@host`.
    pub who: String,
    /// Further lines: `Digest: sha256:..`.
    pub trailers: Vec<(&'static str, String)>,
}

/// Why a shelf did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// A document does not stand as expected: somebody else wrote it, or an earlier try of ours.
    #[error("{name} was changed by somebody else")]
    Conflict {
        /// The document.
        name: String,
    },
    /// It could not be reached, or did not answer: a write may have been done or not.
    #[error("{0}")]
    Unreachable(String),
    /// A document could not be encrypted or decrypted. Nothing was done.
    #[error(transparent)]
    Crypt(#[from] CryptError),
    /// It says no, and will say no again: no rights, no such bucket. Nothing was done.
    #[error("{0}")]
    Refused(String),
}
