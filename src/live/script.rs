//! A transport for tests that answers from a script and writes down what it was asked.

use std::{collections::VecDeque, sync::Mutex};

use super::transport::{Exchange, Request, Response, Transport, TransportError};

/// One answer of a script.
#[derive(Clone)]
pub(super) enum Line {
    /// A status, headers and a body.
    Answer(u16, Vec<(String, String)>, String),
    /// The server can't be reached.
    NotSent,
    /// The connection breaks after the request was written.
    NoAnswer,
}

impl Line {
    pub(super) fn ok(body: &str) -> Self {
        Self::Answer(200, Vec::new(), body.to_owned())
    }

    pub(super) fn status(status: u16) -> Self {
        Self::Answer(status, Vec::new(), String::new())
    }

    pub(super) fn refused(status: u16, body: &str) -> Self {
        Self::Answer(status, Vec::new(), body.to_owned())
    }

    pub(super) fn limited(seconds: &str) -> Self {
        let headers = vec![("retry-after".to_owned(), seconds.to_owned())];
        Self::Answer(429, headers, String::new())
    }
}

/// The answers that are left, in order, and the requests that came.
pub(super) struct Script {
    lines: Mutex<VecDeque<Line>>,
    asked: Mutex<Vec<Request>>,
}

impl Script {
    pub(super) fn new(lines: impl IntoIterator<Item = Line>) -> Self {
        Self {
            lines: Mutex::new(lines.into_iter().collect()),
            asked: Mutex::default(),
        }
    }

    /// The requests so far.
    pub(super) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}

impl Transport for Script {
    fn send<'a>(&'a self, request: &'a Request) -> Exchange<'a> {
        Box::pin(async move {
            self.asked.lock().unwrap().push(request.clone());
            let host = "script".to_owned();
            let reason = "as scripted".to_owned();
            match self.lines.lock().unwrap().pop_front() {
                Some(Line::Answer(status, headers, body)) => Ok(Response {
                    status,
                    headers,
                    body: body.into(),
                }),
                Some(Line::NotSent) => Err(TransportError::NotSent { host, reason }),
                Some(Line::NoAnswer) => Err(TransportError::NoAnswer { host, reason }),
                None => panic!("the script has no answer to {request:?}"),
            }
        })
    }
}
