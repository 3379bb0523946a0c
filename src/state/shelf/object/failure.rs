//! What an object store said, in words that hold no secret.
//!
//! Its own words are never shown: addresses may carry a signature, and answers quote what was sent.
//! Of them only the status, and the name of the error where it looks like one, come through.

use std::error::Error as _;

use object_store::{
    Error,
    client::{HttpError, HttpErrorKind},
};

use crate::state::shelf::ShelfError;

/// The names of errors that mean that there is no such bucket.
const NO_BUCKET: [&str; 3] = ["NoSuchBucket", "ContainerNotFound", "ContainerBeingDeleted"];

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// There is no such object.
    Missing,
    /// An object does not stand as expected.
    Conflict,
    /// It says no.
    Refused(String),
    /// It did not answer, or could not: what was asked may have been done.
    Unreachable(String),
}

impl Failure {
    /// The error of a shelf, after what was being done.
    pub(super) fn of(self, doing: &str) -> ShelfError {
        match self {
            Self::Missing => ShelfError::Refused(format!("{doing}: there is no such thing")),
            Self::Conflict => ShelfError::Refused(format!("{doing}: it was changed meanwhile")),
            Self::Refused(reason) => ShelfError::Refused(format!("{doing}: {reason}")),
            Self::Unreachable(reason) => ShelfError::Unreachable(format!("{doing}: {reason}")),
        }
    }
}

/// What an error of the library means.
pub(super) fn failure(error: &Error) -> Failure {
    let text = whole(error);
    let (status, name) = (status(&text), name(&text));
    let named = name.map(|name| format!(" ({name})")).unwrap_or_default();
    if name.is_some_and(|name| NO_BUCKET.contains(&name)) {
        return Failure::Refused(format!("there is no such bucket{named}"));
    }
    let is_conflict = matches!(
        error,
        Error::Precondition { .. } | Error::AlreadyExists { .. } | Error::NotModified { .. }
    );
    if is_conflict {
        return Failure::Conflict;
    }
    match status {
        Some(404) => Failure::Missing,
        None if matches!(error, Error::NotFound { .. }) => Failure::Missing,
        Some(401) => Failure::Refused(format!("the credentials do not count there{named}")),
        Some(403) => Failure::Refused(format!(
            "the credentials do not allow it (HTTP 403{})",
            name.map(|name| format!(", {name}")).unwrap_or_default()
        )),
        // Nobody told in which region the bucket is, or told wrong.
        Some(300..=399) => Failure::Refused(format!("it is elsewhere: check the region{named}")),
        Some(status @ (408 | 429 | 500..)) => {
            Failure::Unreachable(format!("it answered HTTP {status}{named}"))
        }
        Some(status) => Failure::Refused(format!("it answered HTTP {status}{named}")),
        None if text.contains("without LOCATION") => {
            Failure::Refused("it is elsewhere: check the region".to_owned())
        }
        None => match kind(error) {
            Some(HttpErrorKind::Connect) => Failure::Unreachable("no connection".to_owned()),
            Some(HttpErrorKind::Timeout) => Failure::Unreachable("no answer in time".to_owned()),
            Some(HttpErrorKind::Decode) => {
                Failure::Unreachable("the answer makes no sense".to_owned())
            }
            Some(_) => Failure::Unreachable("the connection broke".to_owned()),
            None => Failure::Refused("the request could not be made".to_owned()),
        },
    }
}

/// An error and all its causes.
fn whole(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(" / ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

/// The kind of trouble with the connection, where that was it.
fn kind(error: &Error) -> Option<HttpErrorKind> {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(http) = inner.downcast_ref::<HttpError>() {
            return Some(http.kind());
        }
        cause = inner.source();
    }
    None
}

/// The status that a text tells of.
fn status(text: &str) -> Option<u16> {
    let (_, after) = text.split_once("status code: ")?;
    after.get(..3)?.parse().ok()
}

/// The name of the error in an answer of S3, Google or Azure.
fn name(text: &str) -> Option<&str> {
    let (_, after) = text.split_once("<Code>")?;
    let (name, _) = after.split_once("</Code>")?;
    let is_name = name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_name.then_some(name)
}
