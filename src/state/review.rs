//! Plans that were shown for review, by the commit that they were made from.

use std::{borrow::Cow, path::Path};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{StateError, format};

const FORMAT: &str = "makeform/review/v1";

/// That a plan was shown for review: a merge job takes from it which plan it may carry out.
///
/// It is a document of its own beside the ledger, written once and without the lock, so that it is
/// in nobody's way. The first of a commit stays: whoever approved the commit saw that one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Review {
    /// The target's name.
    pub target: String,
    /// The head commit that was reviewed, in full.
    pub commit: String,
    /// The digest of the plan.
    pub digest: String,
    /// Who recorded it: `user@host`.
    pub by: String,
    /// When, by the clock of their machine. For people.
    pub at: Timestamp,
    /// The plan's steps without their values, to tell later what has moved.
    pub outline: Value,
}

/// What became of a review that was to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It is there, now or since an earlier run.
    Done,
    /// Another plan was recorded under that commit before, and stays.
    Taken(Box<Review>),
}

#[derive(Serialize, Deserialize)]
struct ReviewFile<'a> {
    format: Cow<'a, str>,
    #[serde(flatten)]
    review: Cow<'a, Review>,
}

/// The document of a commit. `commit`: hexadecimal digits only, so that it names no other file.
pub(super) fn document(commit: &str) -> Option<String> {
    let is_whole = matches!(commit.len(), 40 | 64);
    let is_hexadecimal = commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_whole && is_hexadecimal).then(|| format!("reviews/{}.json", commit.to_ascii_lowercase()))
}

/// A review as its document.
pub(super) fn to_bytes(review: &Review) -> serde_json::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(&ReviewFile {
        format: FORMAT.into(),
        review: Cow::Borrowed(review),
    })?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A document as the review that it is.
pub(super) fn from_bytes(path: &Path, bytes: &[u8]) -> Result<Review, StateError> {
    let damaged = |error: serde_json::Error| StateError::Damaged {
        path: path.to_owned(),
        line: None,
        reason: format::without_content(&error),
    };
    format::check_format(path, bytes, FORMAT)?;
    let file: ReviewFile<'_> = serde_json::from_slice(bytes).map_err(damaged)?;
    Ok(file.review.into_owned())
}
