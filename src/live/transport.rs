//! The wire: one request out, one answer back.
//!
//! Requests are values and building them does no IO. [`Transport`] is the only seam of the
//! program that varies at run time: HTTP, or the sandbox in this process. Paging, retries and
//! decoding sit above it, so they run in every test. This module knows nothing of Make.

use std::{fmt, future::Future, pin::Pin, time::Duration};

use bytes::Bytes;

/// The verb of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, or acts.
    Post,
    /// Replaces.
    Put,
    /// Changes in part.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// The verb as HTTP writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether a request of this kind leaves the account as it was.
    #[must_use]
    pub fn is_read(self) -> bool {
        matches!(self, Self::Get)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One request, complete but for the host.
#[derive(Clone)]
pub struct Request {
    /// The verb.
    pub method: Method,
    /// The path below the API's base (`/scenarios/925`), percent-encoded, without a query.
    pub path: String,
    /// Query pairs in order, not encoded: `("pg[limit]", "10000")`, `("cols[]", "id")`.
    pub query: Vec<(String, String)>,
    /// Header pairs; `authorization` among them. Names are lowercase.
    pub headers: Vec<(&'static str, String)>,
    /// The JSON body, if the request has one.
    pub body: Option<Bytes>,
}

impl fmt::Debug for Request {
    /// Leaves out header values and the body: they hold tokens and whole blueprints.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        for (index, (name, value)) in self.query.iter().enumerate() {
            write!(f, "{}{name}={value}", if index == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}

/// What came back.
#[derive(Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Header pairs; names are lowercase.
    pub headers: Vec<(String, String)>,
    /// The body, decompressed.
    pub body: Bytes,
}

impl Response {
    /// The first value of a header, by its lowercase name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether the status is one of 200 to 299.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl fmt::Debug for Response {
    /// Leaves out the body: hook URLs and blueprints are in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}, {} bytes", self.status, self.body.len())
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// Nothing reached the server: the request was certainly not carried out.
    #[error("failed to connect to {host}: {reason}")]
    NotSent {
        /// The host, without credentials or path.
        host: String,
        /// What the operating system or TLS said.
        reason: String,
    },
    /// The request may or may not have been carried out.
    #[error("lost the answer of {host}: {reason}")]
    NoAnswer {
        /// The host, without credentials or path.
        host: String,
        /// What went wrong after sending began.
        reason: String,
    },
}

/// The future of one exchange.
pub type Exchange<'a> = Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>>;

/// Sends requests to one API base, and nothing else: no retry, no limit, no decoding.
pub trait Transport: Send + Sync {
    /// Sends one request and waits for the whole answer.
    fn send<'a>(&'a self, request: &'a Request) -> Exchange<'a>;

    /// How long a request may still be on its way to be carried out when whoever sent it is gone.
    /// Nothing, where the server goes with them.
    fn lingers(&self) -> Duration {
        Duration::ZERO
    }
}
