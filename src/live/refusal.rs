//! An answer that says no: what Make said, and what that usually means.

use std::{borrow::Cow, fmt};

use serde_json::Value;

use super::{
    auth::needed,
    mask::Mask,
    transport::{Method, Request, Response},
};
use crate::model::Dialect;

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
    /// The dialect that was spoken: each has scopes of its own.
    pub dialect: Dialect,
}

impl Refusal {
    /// Reads an answer whose status is not 2xx, and takes out what must not be shown.
    pub(super) fn read(asked: Asked, dialect: Dialect, response: &Response, mask: &Mask) -> Self {
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
            dialect,
        }
    }

    /// Whether any of its texts holds a phrase.
    pub(super) fn says(&self, phrase: &str) -> bool {
        std::iter::once(&self.message)
            .chain(&self.detail)
            .chain(&self.suberrors)
            .any(|text| text.contains(phrase))
    }

    /// What is usually behind it, and what to do.
    pub(super) fn usually(&self) -> Cow<'static, str> {
        let Self { asked, status, .. } = self;
        match (*status, self.code.as_deref()) {
            (403, _) => match needed(self.dialect, asked.method, &asked.path) {
                Some(scope) => format!(
                    "the token lacks the scope `{scope}`, its user the right, or the team is in \
                     another zone: `makeform auth status` shows what the token may do"
                )
                .into(),
                None => {
                    "the token lacks the scope for this, its user the right, or the team is in \
                         another zone: `makeform auth status` shows what the token may do"
                        .into()
                }
            },
            (_, Some("IM304")) => match self.connection() {
                Some(connection) => format!(
                    "the blueprint names the connection `{connection}`, which this team does not \
                     have: name one of this team, or share that one with it"
                )
                .into(),
                None => "the blueprint names a connection that this team does not have: name one \
                         of this team"
                    .into(),
            },
            (status, code) => self.in_general(status, code).into(),
        }
    }

    /// The connection that is not there, as Make quotes it: `google-email:9`.
    fn connection(&self) -> Option<&str> {
        let texts = self
            .detail
            .iter()
            .chain([&self.message])
            .chain(&self.suberrors);
        texts
            .filter(|text| text.contains("onnection"))
            .find_map(|text| text.split('\'').nth(1))
            .filter(|quoted| !quoted.is_empty())
    }

    /// What a status and a code usually mean.
    fn in_general(&self, status: u16, code: Option<&str>) -> &'static str {
        let team = self.asked.path.starts_with("/teams/");
        match (status, code) {
            (401, _) => {
                "the token is wrong, expired, or belongs to another zone: `makeform auth login` \
                 keeps another"
            }
            (402, _) => "the organization's plan does not include this",
            (404, _) if team => "the team is in another zone, or its id is wrong",
            (404, _) => {
                "it is gone, or what it belongs to, or the token does not see it: plan again"
            }
            (406, _) => "Make wants this confirmed, because other things depend on it",
            (409, _) => "something in Make stands in its way: the message says what",
            (413, _) => {
                "Make takes no request of this size: take data out of the blueprint, or make two \
                 scenarios of it"
            }
            (_, Some("IM016")) => {
                "something else has to change first, as the schedule has to be on demand where a \
                 scenario has inputs: the message says what"
            }
            (_, Some("IM310")) => {
                "the organization or team is paused: see to its subscription in Make"
            }
            (429, _) => {
                "other clients use up the organization's limit of requests: try again when they \
                 are done"
            }
            (300..=399, _) => {
                "something between here and Make sends requests elsewhere: check the target's \
                 `url` and the proxy"
            }
            (500..=599, _) => "Make failed, not what was asked: try again later",
            (_, _) if self.asked.method.is_read() => {
                "try again; `makeform doctor` looks for what is wrong if it stays so"
            }
            (_, _) => "mend what Make does not accept in the manifest, and apply again",
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

    use super::{Asked, Dialect, Mask, Refusal};
    use crate::live::{
        LiveError,
        transport::{Method, Response},
    };

    fn refused(status: u16, body: &'static str) -> LiveError {
        refused_in(Dialect::Zone, status, body)
    }

    fn refused_in(dialect: Dialect, status: u16, body: &'static str) -> LiveError {
        let asked = Asked {
            method: Method::Post,
            path: "/scenarios".into(),
        };
        let response = Response {
            status,
            headers: Vec::new(),
            body: Bytes::from_static(body.as_bytes()),
        };
        let refusal = Refusal::read(asked, dialect, &response, &Mask::default());
        LiveError::Refused(Box::new(refusal))
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
                .is_some_and(|hint| hint.contains("`google-email:9`"))
        );
    }

    #[test]
    fn each_refusal_says_what_to_do() {
        for (status, body, said) in [
            (401, "{}", "auth login"),
            (403, "{}", "`scenarios:write`"),
            (
                404,
                r#"{"code":"IM304"}"#,
                "a connection that this team does not have",
            ),
            (413, "{}", "size"),
            (422, r#"{"code":"IM016"}"#, "on demand"),
            (429, r#"{"code":"IM310"}"#, "paused"),
            (429, "{}", "other clients"),
            (302, "", "proxy"),
            (503, "", "later"),
            (400, "{}", "manifest"),
        ] {
            let usually = refused(status, body).usually().unwrap();
            assert!(usually.contains(said), "{status}: {usually}");
        }
    }

    #[test]
    fn a_scope_is_named_as_its_dialect_has_it() {
        let usually = refused_in(Dialect::Unified, 403, "{}").usually().unwrap();
        assert!(usually.contains("the scope `write`"), "{usually}");
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
