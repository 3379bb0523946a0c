//! A login: what was saved, for which target, and for which host.

use std::fmt;

use jiff::Timestamp;
use secrecy::SecretString;
use url::Url;

/// Which target a login is for. An agency holds one for each client's target, so the host alone
/// would not tell them apart; and since the host is part of it, a target whose URL was changed
/// has no login.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoginKey {
    /// The project's name.
    pub project: String,
    /// The target's name.
    pub target: String,
    /// The host, with its port where that is not the usual one.
    pub host: String,
}

impl fmt::Display for LoginKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            project,
            target,
            host,
        } = self;
        write!(f, "{project}/{target}@{host}")
    }
}

/// What is kept of a login.
#[derive(Clone, Debug)]
pub struct Login {
    /// Which target it is for.
    pub key: LoginKey,
    /// Who logged in, as the account tells it.
    pub who: Option<String>,
    /// When.
    pub saved: Timestamp,
    /// What lets us in.
    pub kept: Kept,
}

/// What lets us in. Its Debug form shows no secret.
#[derive(Clone, Debug)]
pub enum Kept {
    /// A key that its user made in Make.
    ApiKey(SecretString),
    /// What an authorization server gave.
    Oauth(Box<Tokens>),
}

/// What an authorization server gave, and where it takes it back.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Lets us in until it expires.
    pub access: SecretString,
    /// Gets another one. Public clients are usually given none.
    pub refresh: Option<SecretString>,
    /// When the access token ends, if the server said so.
    pub expires: Option<Timestamp>,
    /// What it is for.
    pub scope: Vec<String>,
    /// The application that the tokens were given to.
    pub client: String,
    /// Where they were given, and where alone the refresh token may be sent.
    pub token_url: Url,
    /// Where they can be revoked.
    pub revoke_url: Option<Url>,
}
