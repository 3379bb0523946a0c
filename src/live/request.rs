//! Builders of requests. They do no IO.

use std::fmt::Write as _;

use bytes::Bytes;
use serde_json::Value;

use super::transport::{Method, Request};

impl Request {
    /// A request without query and body; the path is made of segments, which are encoded here.
    pub(crate) fn new(method: Method, segments: &[&str]) -> Self {
        Self {
            method,
            path: segments.iter().fold(String::new(), |mut path, segment| {
                path.push('/');
                encode_into(segment, &mut path);
                path
            }),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
        }
    }

    /// A reading request.
    pub(crate) fn get(segments: &[&str]) -> Self {
        Self::new(Method::Get, segments)
    }

    /// A request that creates or acts.
    pub(crate) fn post(segments: &[&str]) -> Self {
        Self::new(Method::Post, segments)
    }

    /// A request that changes in part.
    pub(crate) fn patch(segments: &[&str]) -> Self {
        Self::new(Method::Patch, segments)
    }

    /// A request that removes.
    pub(crate) fn delete(segments: &[&str]) -> Self {
        Self::new(Method::Delete, segments)
    }

    /// Adds a query pair.
    pub(crate) fn query(mut self, key: &str, value: impl ToString) -> Self {
        self.query.push((key.to_owned(), value.to_string()));
        self
    }

    /// Asks for exactly these columns.
    pub(crate) fn columns(self, names: &[&str]) -> Self {
        names
            .iter()
            .fold(self, |request, name| request.query("cols[]", name))
    }

    /// Adds a JSON body.
    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.headers
            .push(("content-type", "application/json".to_owned()));
        self.body = Some(Bytes::from(body.to_string()));
        self
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
fn encode_into(segment: &str, out: &mut String) {
    for byte in segment.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Request;

    #[test]
    fn segments_are_encoded_and_cannot_leave_their_place() {
        let request = Request::get(&["hooks", "../teams?x=1", "ä b"]);
        assert_eq!(request.path, "/hooks/..%2Fteams%3Fx%3D1/%C3%A4%20b");
        let request = request.columns(&["id", "name"]);
        assert_eq!(
            format!("{request:?}"),
            "GET /hooks/..%2Fteams%3Fx%3D1/%C3%A4%20b?cols[]=id&cols[]=name"
        );
    }
}
