//! What can go wrong between us and the account.

use std::fmt;

use serde_json::Value;

use super::{
    auth::AuthError,
    host::Barred,
    mask::Mask,
    transport::{Method, Request, Response, TransportError},
};
use crate::diagnostic::{Code, codes::account};

/// Why the account could not be read or changed. Holds no token, hook URL or body.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// There was no answer.
    #[error("failed to get an answer to {asked}")]
    Unreached {
        /// What was asked.
        asked: Asked,
        /// Why there was none.
        #[source]
        source: TransportError,
    },
    /// Make said no.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// The answer is not what the API documents.
    #[error("failed to read the answer to {asked}: {problem}")]
    Unreadable {
        /// What was asked.
        asked: Asked,
        /// What is missing or wrong, by its path.
        problem: String,
    },
    /// The pages of a list don't come to an end.
    #[error("failed to read the list of {asked} to its end: {problem}")]
    Unending {
        /// What was asked, page by page.
        asked: Asked,
        /// What keeps it from ending.
        problem: &'static str,
    },
    /// The URL of the target may not get a token.
    #[error("refused to send a token to `{host}`: {reason}")]
    HostRefused {
        /// The host.
        host: String,
        /// Why.
        reason: Barred,
    },
    /// The token has a form that no token has. Nothing was sent.
    #[error("the token is malformed: it {problem}")]
    TokenMalformed {
        /// What is wrong with it, without showing it.
        problem: &'static str,
    },
    /// The stored login can't be used. Nothing was sent to the account.
    #[error(transparent)]
    Login(#[from] AuthError),
    /// The HTTP client could not be set up.
    #[error("failed to set up the HTTP client: {reason}")]
    Setup {
        /// What the library said.
        reason: String,
    },
    /// The account has no organization or team of that name or id, or several of that name.
    #[error("there is {} {what} `{wanted}`; there is {}",
        if *.several { "more than one" } else { "no" }, list(.there))]
    NotThere {
        /// `organization` or `team`.
        what: &'static str,
        /// The name or id that the target gives.
        wanted: String,
        /// Whether the name fits several.
        several: bool,
        /// Those that the token can see, as `Name (id)`.
        there: Vec<String>,
    },
    /// The target names none, and there is not exactly one.
    #[error("the target names no {what}, and there is {}", list(.there))]
    Unnamed {
        /// `organization` or `team`.
        what: &'static str,
        /// Those that the token can see, as `Name (id)`.
        there: Vec<String>,
    },
    /// A role is meant for somebody who is no member of the organization.
    #[error("`{email}` is no member of the organization")]
    NoMember {
        /// The e-mail address.
        email: String,
    },
    /// The account has no such role.
    #[error("there is no team role `{role}`; there is {}", list(.there))]
    NoRole {
        /// The role.
        role: String,
        /// The roles that there are.
        there: Vec<String>,
    },
    /// A form can't be said in requests of this dialect.
    #[error("failed to write a {kind}: {reason}")]
    Unsayable {
        /// The kind, in lower case.
        kind: &'static str,
        /// Why.
        reason: String,
    },
}

impl LiveError {
    /// The status of the answer, where Make refused.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.refusal().map(|refusal| refusal.status)
    }

    /// What Make said, where it refused.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Unreached { .. }
            | Self::Unreadable { .. }
            | Self::Unending { .. }
            | Self::HostRefused { .. }
            | Self::TokenMalformed { .. }
            | Self::Login(_)
            | Self::Setup { .. }
            | Self::NotThere { .. }
            | Self::Unnamed { .. }
            | Self::NoMember { .. }
            | Self::NoRole { .. }
            | Self::Unsayable { .. } => None,
        }
    }

    /// The code under which findings report this.
    #[must_use]
    pub fn code(&self) -> &'static Code {
        match self {
            Self::Unreached { .. } | Self::Setup { .. } => &account::ACCOUNT_UNREACHED,
            Self::Refused(refusal) => match refusal.status {
                401 => &account::TOKEN_REFUSED,
                403 => &account::ACCESS_DENIED,
                _ => &account::REQUEST_REFUSED,
            },
            Self::Unreadable { .. } | Self::Unending { .. } => &account::ANSWER_UNREADABLE,
            Self::HostRefused { .. } => &account::HOST_NOT_ALLOWED,
            Self::TokenMalformed { .. } => &account::TOKEN_MALFORMED,
            Self::Login(error) => error.code(),
            Self::NotThere { .. } | Self::Unnamed { .. } => &account::ACCOUNT_NOT_FOUND,
            Self::NoMember { .. } => &account::NOT_A_MEMBER,
            Self::NoRole { .. } => &account::UNKNOWN_ROLE,
            Self::Unsayable { .. } => &account::NOT_SAYABLE,
        }
    }

    /// What is usually behind it, where that is known.
    #[must_use]
    pub fn usually(&self) -> Option<&'static str> {
        match self {
            Self::Refused(refusal) => refusal.usually(),
            Self::HostRefused {
                reason: Barred::Foreign,
                ..
            } => Some(
                "name the host in the environment variable MAKEFORM_ALLOWED_HOSTS if it is yours",
            ),
            Self::TokenMalformed { .. } => {
                Some("copy the token again, without anything before, behind or inside it")
            }
            Self::Login(error) => error.help(),
            Self::NotThere { several: true, .. } => Some("give the target the id"),
            Self::NotThere { .. } => {
                Some("each zone has its own accounts and tokens: check the target's `url`")
            }
            Self::Unnamed { what, .. } => Some(if *what == "team" {
                "give the target a `team`"
            } else {
                "give the target an `organization`"
            }),
            Self::NoMember { .. } => {
                Some("invite the person to the organization first; roles are given to members")
            }
            Self::Unreached { .. } => Some(
                "check the network and the proxy, and try again; `makeform doctor` looks for what \
                 is wrong",
            ),
            Self::Unreadable { .. } => Some(
                "something else than Make may have answered, such as a proxy or a login page: try \
                 again; `makeform doctor` looks for what is wrong",
            ),
            Self::Unending { .. }
            | Self::HostRefused { .. }
            | Self::Setup { .. }
            | Self::NoRole { .. }
            | Self::Unsayable { .. } => None,
        }
    }
}

/// `A, B and C`, or `none`.
fn list(items: &[String]) -> String {
    match items {
        [] => "none".to_owned(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

/// What was asked: verb and path, never query, headers or body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The verb.
    pub method: Method,
    /// The path below the API's base.
    pub path: String,
}

impl From<&Request> for Asked {
    fn from(request: &Request) -> Self {
        Self {
            method: request.method,
            path: request.path.clone(),
        }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// An answer that says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Refusal {
    /// What was asked.
    pub asked: Asked,
    /// The HTTP status.
    pub status: u16,
    /// Make's message; where the body is no JSON, its beginning.
    pub message: String,
    /// Make's detail, where it is a text.
    pub detail: Option<String>,
    /// Make's code: `IM304`.
    pub code: Option<String>,
    /// The messages of the errors inside the error.
    pub suberrors: Vec<String>,
}

impl Refusal {
    /// Reads an answer whose status is not 2xx, and takes out what must not be shown.
    pub(super) fn read(asked: Asked, response: &Response, mask: &Mask) -> Self {
        let body: Value = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
        let quoted = |text: &str| mask.quoted(text);
        let text = |key: &str| body.get(key).and_then(Value::as_str).map(quoted);
        let message = text("message")
            .or_else(|| text("error"))
            .unwrap_or_else(|| quoted(&String::from_utf8_lossy(&response.body)));
        Self {
            asked,
            status: response.status,
            message,
            detail: text("detail"),
            code: text("code"),
            suberrors: body
                .get("suberrors")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|error| error.get("message").and_then(Value::as_str))
                .map(quoted)
                .collect(),
        }
    }

    /// Whether any of its texts holds a phrase.
    pub(super) fn says(&self, phrase: &str) -> bool {
        std::iter::once(&self.message)
            .chain(&self.detail)
            .chain(&self.suberrors)
            .any(|text| text.contains(phrase))
    }

    fn usually(&self) -> Option<&'static str> {
        let team = self.asked.path.starts_with("/teams/");
        match (self.status, self.code.as_deref()) {
            (401, _) => Some("the token is wrong, expired, or belongs to another zone"),
            (402, _) => Some("the organization's plan does not include this"),
            (403, _) => Some(
                "the token lacks the scope for this, its user the right, or the team is in \
                 another zone",
            ),
            (_, Some("IM304")) => {
                Some("the blueprint names a connection that this team does not have")
            }
            (404, _) if team => Some("the team is in another zone, or its id is wrong"),
            (406, _) => Some("Make wants this confirmed, because other things depend on it"),
            (429, Some("IM310")) => Some("the organization or team is paused"),
            (429, _) => Some(
                "other clients use up the organization's limit of requests: try again when they \
                 are done",
            ),
            (300..=399, _) => Some(
                "something between here and Make sends requests elsewhere: check the target's \
                 `url` and the proxy",
            ),
            (404, _) => {
                Some("it is gone, or what it belongs to, or the token does not see it: plan again")
            }
            (409, _) => Some("something in Make stands in its way: the message says what"),
            (500..=599, _) => Some("Make failed, not what was asked: try again later"),
            (_, _) if self.asked.method.is_read() => {
                Some("try again; `makeform doctor` looks for what is wrong if it stays so")
            }
            (_, _) => Some("mend what Make does not accept in the manifest, and apply again"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match self.status {
            400..=499 => "refused",
            _ => "answered",
        };
        write!(f, "{} was {how} with status {}", self.asked, self.status)?;
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        for text in self.detail.iter().chain(&self.suberrors) {
            if *text != self.message {
                write!(f, "; {text}")?;
            }
        }
        match &self.code {
            Some(code) => write!(f, " ({code})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{Asked, LiveError, Mask, Refusal};
    use crate::live::transport::{Method, Response};

    fn refused(status: u16, body: &'static str) -> LiveError {
        let asked = Asked {
            method: Method::Post,
            path: "/scenarios".into(),
        };
        let response = Response {
            status,
            headers: Vec::new(),
            body: Bytes::from_static(body.as_bytes()),
        };
        LiveError::Refused(Box::new(Refusal::read(asked, &response, &Mask::default())))
    }

    #[test]
    fn make_s_own_words_stand_in_the_error() {
        let error = refused(
            404,
            r#"{"detail":"Connection not found 'google-email:9'.","message":"Account doesn't exist",
                "code":"IM304","suberrors":[{"message":"module 3"},{"x":1}]}"#,
        );
        assert_eq!(
            error.to_string(),
            "POST /scenarios was refused with status 404: Account doesn't exist; \
             Connection not found 'google-email:9'.; module 3 (IM304)"
        );
        assert!(
            error
                .usually()
                .is_some_and(|hint| hint.contains("connection"))
        );
    }

    #[test]
    fn bodies_of_any_shape_make_an_error() {
        for (body, text) in [
            (r#"{"error":"no"}"#, "status 400: no"),
            ("<html>\n 1010  </html>", "status 400: <html> 1010 </html>"),
            ("", "status 400"),
            (r#"{"message":"no","detail":{"a":1}}"#, "status 400: no"),
        ] {
            let error = refused(400, body).to_string();
            assert!(error.ends_with(text), "{error}");
        }
    }

    #[test]
    fn errors_hide_hook_urls_and_tokens() {
        let error = refused(
            400,
            r#"{"message":"hook https://hook.eu1.make.com/abc123 and abc123@hook.make.com",
                "detail":"bad token '5a4db0c5-0000-4000-8000-000000000001'."}"#,
        );
        let text = format!("{error} {error:?}");
        assert!(!text.contains("abc123"), "{text}");
        assert!(!text.contains("5a4db0c5"), "{text}");
    }
}
