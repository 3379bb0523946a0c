//! What can go wrong between us and the account.

use std::borrow::Cow;

use super::{
    auth::AuthError,
    host::{Barred, ZONES},
    refusal::{Asked, Refusal},
    transport::TransportError,
};
use crate::diagnostic::{Code, codes::account, nearest};

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

    /// What is usually behind it, where that is known, and what to do.
    #[must_use]
    pub fn usually(&self) -> Option<Cow<'static, str>> {
        match self.refusal() {
            Some(refusal) => Some(refusal.usually()),
            None => self.meant().or_else(|| self.hint().map(Cow::Borrowed)),
        }
    }

    /// The zone that was meant by a slip.
    fn meant(&self) -> Option<Cow<'static, str>> {
        let Self::HostRefused {
            host,
            reason: Barred::Foreign | Barred::NoZone,
        } = self
        else {
            return None;
        };
        let zone = nearest(host, ZONES)?;
        Some(format!("did you mean `{zone}`? Make's address bar shows the zone").into())
    }

    /// The same where it is not Make that refused.
    fn hint(&self) -> Option<&'static str> {
        match self {
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
            Self::Unending { .. } => Some(
                "the list may have changed while it was read: try again; if it stays so, please \
                 report it",
            ),
            Self::Setup { .. } => Some("check the proxy and the certificates of the environment"),
            Self::NoRole { .. } => Some("give the manifest a role that there is"),
            Self::Refused(_) | Self::HostRefused { .. } | Self::Unsayable { .. } => None,
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
