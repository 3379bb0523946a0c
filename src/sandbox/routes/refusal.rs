//! Answers: JSON, or a refusal in Make's envelope.

use std::error::Error;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::live::transport::Response;
use crate::sandbox::dialect::Dialect;
use crate::sandbox::error::WorldError;
use crate::sandbox::quirk::{
    ConfirmationBody, ErrorDetail, LimitBody, LimitRetryAfter, Quirks, StartFailure,
};

/// What a handler returns.
pub(crate) type Answer = Result<Response, Refusal>;

/// A successful answer.
pub(crate) fn reply(body: &Value) -> Answer {
    Ok(response(200, body))
}

/// The answer to a request that is carried out later.
pub(crate) fn accepted(body: &Value) -> Answer {
    Ok(response(202, body))
}

/// A successful answer whose JSON is already written.
pub(crate) fn reply_bytes(body: Vec<u8>) -> Answer {
    Ok(json_response(200, body.into()))
}

fn response(status: u16, body: &Value) -> Response {
    json_response(status, body.to_string().into())
}

fn json_response(status: u16, body: Bytes) -> Response {
    let kind = "application/json; charset=utf-8".to_owned();
    Response {
        status,
        headers: vec![("content-type".to_owned(), kind)],
        body,
    }
}

/// A request that is not carried out: nothing it asked for has happened.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    code: &'static str,
    message: String,
    detail: String,
    metadata: Option<Box<Value>>, // boxed: most refusals have none, and all are moved about
}

impl Refusal {
    fn new(
        status: u16,
        code: &'static str,
        message: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        let (message, detail) = (message.into(), detail.into());
        Self {
            status,
            code,
            message,
            detail,
            metadata: None,
        }
    }

    /// 400: the request is not well formed.
    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(400, "SC400", "Bad Request", detail)
    }

    /// 400: a body over Make's limit.
    pub(crate) fn too_large() -> Self {
        Self::new(
            400,
            "SC400",
            "request entity too large",
            "request entity too large",
        )
    }

    /// 401: no token, or not the world's.
    pub(crate) fn unauthorized() -> Self {
        Self::new(
            401,
            "IM015",
            "Unauthorized",
            "Access denied. No valid token was given.",
        )
    }

    /// 403: not this user's to do.
    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(403, "SC403", "Permission denied", detail)
    }

    /// 402: the plan does not include it.
    pub(crate) fn not_in_plan(what: &str) -> Self {
        let detail = format!("The organization's license has no '{what}'.");
        Self::new(402, "SC402", "Payment Required", detail)
    }

    /// 403: as many of them as the license allows are there. Make documents the code alone.
    pub(crate) fn limit_reached(what: &str) -> Self {
        let detail = format!("The license allows no more {what}.");
        Self::new(403, "IM011", "Entity limit reached", detail)
    }

    /// 400: it is there already. Make documents the code alone.
    pub(crate) fn exists(detail: impl Into<String>) -> Self {
        Self::new(400, "IM005", "Entity already exists", detail)
    }

    /// 404: what is to be changed was never set. Make documents the code alone.
    pub(crate) fn never_set(detail: impl Into<String>) -> Self {
        Self::new(404, "IM013", "Entity not found", detail)
    }

    /// 403: custom properties are switched off. Make documents the code alone.
    pub(crate) fn properties_off() -> Self {
        let detail = "Custom properties are not enabled for the organization.";
        Self::new(403, "IM027", "Feature is not enabled", detail)
    }

    /// 403: private spaces are switched off. Make documents the code alone.
    pub(crate) fn private_spaces_off() -> Self {
        let detail = "Private spaces are not enabled for the organization.";
        Self::new(403, "IM903", "Feature is not enabled", detail)
    }

    /// 404: no such thing.
    pub(crate) fn missing(detail: impl Into<String>) -> Self {
        Self::new(404, "SC404", "Not Found", detail)
    }

    /// 400: a blueprint holds a module that cannot be one.
    pub(crate) fn unknown_module(name: &str) -> Self {
        let detail = format!("Module name '{name}' should match '^(app#)?.*:.*$'.");
        Self::new(400, "IM007", "Module not found", detail)
    }

    /// 404: a blueprint names something that does not exist. Make documents this for connections
    /// only; here it is the same for hooks and data stores.
    pub(crate) fn unknown_reference(what: &str, id: &str) -> Self {
        let subject = if what == "Connection" {
            "Account"
        } else {
            what
        };
        let detail = format!("{what} not found '{id}'.");
        Self::new(404, "IM304", format!("{subject} doesn't exist"), detail)
    }

    /// 405: the path exists, for another method. Make says nothing about this; a plain 404
    /// would read as "no such object".
    pub(crate) fn wrong_method() -> Self {
        Self::new(
            405,
            "SC405",
            "Method Not Allowed",
            "This path has other methods.",
        )
    }

    /// 406: it has consequences, and wants `confirmed=true`.
    pub(crate) fn unconfirmed(metadata: Value) -> Self {
        let detail = "Repeat the request with confirmed=true.";
        let mut refusal = Self::new(406, "IM004", "Confirmation required.", detail);
        refusal.metadata = Some(Box::new(metadata));
        refusal
    }

    /// 413: the outputs of an execution are larger than the caller allows.
    pub(crate) fn outputs_too_large(bytes: u64) -> Self {
        let detail = format!("The outputs have {bytes} bytes.");
        Self::new(413, "SC413", "Payload Too Large", detail)
    }

    /// 400: the state of something forbids it.
    pub(crate) fn unwelcome(message: impl Into<String>) -> Self {
        let message = message.into();
        Self::new(400, "SC400", message.clone(), message)
    }

    /// A scenario that cannot be started as it is.
    pub(crate) fn not_startable(message: &str, quirks: &Quirks) -> Self {
        match quirks.start_failure {
            StartFailure::Status422 => Self::conflict(message),
            StartFailure::Status400 => Self::unwelcome(message),
        }
    }

    /// 400: more than a data store holds, or than the license allows all of them to hold.
    pub(crate) fn no_space(detail: impl Into<String>) -> Self {
        Self::new(400, "IM003", "Storage space exceeded.", detail)
    }

    /// 400: a value that is well formed and still cannot be.
    pub(crate) fn unusable(detail: impl Into<String>) -> Self {
        Self::new(400, "IM005", "Invalid input parameters.", detail)
    }

    /// 406: what waits in a device's queue would be lost. Only the code is documented.
    pub(crate) fn queue_not_empty(detail: impl Into<String>) -> Self {
        Self::new(406, "IM405", "Device queue is not empty.", detail)
    }

    /// 422: the state of something forbids it.
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        let message = message.into();
        Self::new(422, "IM016", message.clone(), message)
    }

    /// 429: too many requests in this minute.
    pub(crate) fn too_many_requests(message: &str) -> Self {
        Self::new(429, "SC429", message, message)
    }

    /// Any status, because a fault says so.
    pub(crate) fn by_fault(status: u16) -> Self {
        let code = match status {
            400 => "SC400",
            401 => "IM015",
            402 => "SC402",
            403 => "SC403",
            404 => "SC404",
            429 => "SC429",
            _ => "SC500",
        };
        let message = format!("The sandbox answers {status} by a fault's rule.");
        Self::new(status, code, message.clone(), message)
    }

    /// 500: what Make answers where it trips over its own feet.
    pub(crate) fn broken(detail: impl Into<String>) -> Self {
        Self::new(500, "SC500", "Internal Server Error", detail)
    }

    /// The refusal as an answer: the unified dialect has the words alone.
    pub(crate) fn into_response(self, dialect: Dialect, quirks: &Quirks) -> Response {
        if dialect == Dialect::Unified {
            return response(self.status, &json!({ "message": self.detail }));
        }
        let is_limit = self.status == 429;
        let mut response = match quirks.limit_body {
            LimitBody::Text if is_limit => Response {
                status: self.status,
                headers: vec![("content-type".to_owned(), "text/plain".to_owned())],
                body: self.message.into(),
            },
            LimitBody::Json | LimitBody::Text => self.in_envelope(quirks),
        };
        if is_limit && quirks.limit_retry_after == LimitRetryAfter::Present {
            // What Make's pages advise.
            let seconds = ("retry-after".to_owned(), "60".to_owned());
            response.headers.push(seconds);
        }
        response
    }

    fn in_envelope(self, quirks: &Quirks) -> Response {
        let Self {
            status,
            code,
            message,
            detail,
            metadata,
        } = self;
        let mut body = Map::new();
        match quirks.error_detail {
            ErrorDetail::Text => {
                body.insert("detail".to_owned(), json!(detail));
            }
            ErrorDetail::Object => {
                body.insert("detail".to_owned(), json!({ "reason": detail }));
            }
            ErrorDetail::Absent => {}
        }
        body.insert("message".to_owned(), json!(message));
        body.insert("code".to_owned(), json!(code));
        if let Some(metadata) = metadata
            && quirks.confirmation_body == ConfirmationBody::Listed
        {
            body.insert("status".to_owned(), json!(status));
            body.insert("metadata".to_owned(), *metadata);
        }
        response(status, &Value::Object(body))
    }
}

impl From<WorldError> for Refusal {
    /// The emulator itself failed, and whoever reads the answer learns why; or the caller's
    /// roles do not reach so far.
    fn from(error: WorldError) -> Self {
        if let WorldError::OutOfReach { .. } = error {
            return Self::forbidden(error.to_string());
        }
        let mut detail = error.to_string();
        let mut cause = error.source();
        while let Some(source) = cause {
            detail = format!("{detail}: {source}");
            cause = source.source();
        }
        Self::broken(detail)
    }
}
