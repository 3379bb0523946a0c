//! What goes into the `authorization` header.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

use super::{error::AuthError, session::Session};
use crate::{live::mask::is_uuid, model::Dialect};

/// The word before the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// API keys everywhere, and access tokens in the unified dialect.
    Token,
    /// Access tokens of OAuth in the zones.
    Bearer,
}

impl Scheme {
    /// How the zones want a token whose origin is not known: API keys are UUIDs, anything else
    /// came from an authorization server.
    #[must_use]
    pub fn of(token: &SecretString) -> Self {
        match is_uuid(token.expose_secret()) {
            true => Self::Token,
            false => Self::Bearer,
        }
    }

    /// How a dialect wants the access tokens of OAuth.
    #[must_use]
    pub fn of_access(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Zone => Self::Bearer,
            Dialect::Unified => Self::Token,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Token => "Token",
            Self::Bearer => "Bearer",
        }
    }
}

/// What lets a client in.
pub struct Credential {
    source: Source,
}

enum Source {
    Fixed(Presented),
    Session(Box<Session>),
}

/// One token, as it is shown to the server.
#[derive(Clone)]
pub struct Presented {
    /// The token.
    pub token: SecretString,
    /// The word before it.
    pub scheme: Scheme,
}

impl Presented {
    /// The value of the `authorization` header.
    pub(in crate::live) fn header(&self) -> String {
        format!("{} {}", self.scheme.word(), self.token.expose_secret())
    }
}

impl Credential {
    /// A token that stays as it is. Line breaks at its end, which secret stores like to add, are
    /// left out.
    #[must_use]
    pub fn fixed(token: &SecretString, scheme: Option<Scheme>) -> Self {
        let token: SecretString = token.expose_secret().trim_end_matches(['\r', '\n']).into();
        let scheme = scheme.unwrap_or_else(|| Scheme::of(&token));
        Self {
            source: Source::Fixed(Presented { token, scheme }),
        }
    }

    /// A login that is refreshed as need be.
    #[must_use]
    pub fn session(session: Session) -> Self {
        Self {
            source: Source::Session(Box::new(session)),
        }
    }

    /// What a login was made for; none of a token whose origin is not known.
    pub(in crate::live) async fn scope(&self) -> Option<Vec<String>> {
        match &self.source {
            Source::Fixed(_) => None,
            Source::Session(session) => Some(session.scope().await),
        }
    }

    /// What is wrong with the form of a token that stays as it is.
    pub(in crate::live) fn malformed(&self) -> Option<&'static str> {
        match &self.source {
            Source::Fixed(presented) => malformed(presented.token.expose_secret()),
            // Checked when they came.
            Source::Session(_) => None,
        }
    }

    /// The token for the next request; a login that is about to expire is refreshed first.
    ///
    /// # Errors
    /// When it has expired and can't be refreshed.
    pub async fn present(&self) -> Result<Presented, AuthError> {
        match &self.source {
            Source::Fixed(presented) => Ok(presented.clone()),
            Source::Session(session) => session.present().await,
        }
    }

    /// Another token in place of one that was refused; none where there is no other.
    ///
    /// # Errors
    /// When the login can't be refreshed.
    pub async fn replace(&self, refused: &Presented) -> Result<Option<Presented>, AuthError> {
        match &self.source {
            Source::Fixed(_) => Ok(None),
            Source::Session(session) => session.replace(refused).await.map(Some),
        }
    }
}

impl fmt::Debug for Credential {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.source {
            Source::Fixed(_) => "Credential::Fixed",
            Source::Session(_) => "Credential::Session",
        })
    }
}

/// What no header can carry and no token holds.
fn malformed(token: &str) -> Option<&'static str> {
    if token.is_empty() {
        Some("is empty")
    } else if token.chars().any(char::is_control) {
        Some("holds a line break or another control character")
    } else if token.chars().any(char::is_whitespace) {
        Some("holds a blank")
    } else if !token.is_ascii() {
        Some("holds a character outside ASCII")
    } else {
        None
    }
}
