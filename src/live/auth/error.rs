//! What can go wrong with a login.

use std::{io, path::PathBuf};

use crate::{
    diagnostic::{Code, codes::login},
    live::host::Barred,
};

/// Why a login can't be made, kept or used. Holds no token and no secret.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The file of logins is sealed, and there is no key.
    #[error("{path} is sealed, and MAKEFORM_STATE_KEY is not set")]
    Sealed {
        /// The file.
        path: PathBuf,
    },
    /// The file of logins is sealed with another key, or was changed.
    #[error("{path} can't be opened with this MAKEFORM_STATE_KEY")]
    WrongKey {
        /// The file.
        path: PathBuf,
    },
    /// The file of logins may be read by others.
    #[error("{path} can be read by others (mode {mode:o})")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The file of logins holds something else.
    #[error("failed to read {path}: {problem}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong, without quoting it.
        problem: String,
    },
    /// The operating system refused.
    #[error("failed to {doing} {path}")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On which path.
        path: PathBuf,
        /// What it said.
        #[source]
        source: io::Error,
    },
    /// Another process has held the logins for too long.
    #[error("{path} has been locked by another process for {seconds} s")]
    Held {
        /// The lock.
        path: PathBuf,
        /// For how long we waited.
        seconds: u64,
    },
    /// The system has no source of random numbers, or the key can't be derived.
    #[error("failed to seal logins: {reason}")]
    Sealing {
        /// What the library said.
        reason: String,
    },
    /// The access token is no longer good, and can't be replaced.
    #[error("the login has expired: {reason}")]
    Expired {
        /// Why it can't be refreshed.
        reason: String,
    },
    /// The authorization server, or the user at its page, said no.
    #[error("the authorization server refused: {error}{}", described(.description.as_deref()))]
    Refused {
        /// OAuth's word for it: `access_denied`.
        error: String,
        /// What the server adds.
        description: Option<String>,
    },
    /// A token or code must not be sent there.
    #[error("refused to use `{host}` for the login: {reason}")]
    Endpoint {
        /// The host.
        host: String,
        /// Why.
        reason: Barred,
    },
    /// The setting can't be used.
    #[error("{name} can't be used: {problem}")]
    Setting {
        /// The environment variable.
        name: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// There was no answer.
    #[error("failed to reach the authorization server {host}: {reason}")]
    Unreached {
        /// The host.
        host: String,
        /// What the system said.
        reason: String,
    },
    /// The answer is no answer of an authorization server.
    #[error("failed to read the answer of the authorization server: {problem}")]
    Answer {
        /// What is wrong, without quoting it.
        problem: String,
    },
    /// Nobody came back from the browser.
    #[error("nobody came back from the browser within {seconds} s")]
    TimedOut {
        /// For how long we waited.
        seconds: u64,
    },
}

impl AuthError {
    /// The code under which findings report this.
    #[must_use]
    pub fn code(&self) -> &'static Code {
        match self {
            Self::Sealed { .. } | Self::WrongKey { .. } => &login::LOGINS_SEALED,
            Self::Exposed { .. }
            | Self::Unreadable { .. }
            | Self::Io { .. }
            | Self::Held { .. }
            | Self::Sealing { .. } => &login::LOGINS_UNUSABLE,
            Self::Expired { .. } => &login::LOGIN_EXPIRED,
            Self::Refused { .. }
            | Self::Setting { .. }
            | Self::Unreached { .. }
            | Self::Answer { .. }
            | Self::TimedOut { .. } => &login::LOGIN_FAILED,
            Self::Endpoint { .. } => &crate::diagnostic::codes::account::HOST_NOT_ALLOWED,
        }
    }

    /// What to do, where that is known.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Sealed { .. } => Some("set MAKEFORM_STATE_KEY to the key it was sealed with"),
            Self::WrongKey { .. } => {
                Some("set the key it was sealed with, or remove the file and log in again")
            }
            Self::Exposed { .. } => Some(
                "run `chmod 600` on it; if others had access to this \
                 machine, revoke what is in it",
            ),
            Self::Unreadable { .. } => Some("remove the file and log in again"),
            Self::Expired { .. } => Some("run `makeform auth login` for this target"),
            Self::Endpoint {
                reason: Barred::Foreign,
                ..
            } => Some(
                "name the host in the environment variable MAKEFORM_ALLOWED_HOSTS if it is yours",
            ),
            Self::TimedOut { .. } => Some(
                "run `makeform auth login` again; with --no-browser it \
                 prints the address to open",
            ),
            Self::Endpoint { .. }
            | Self::Io { .. }
            | Self::Held { .. }
            | Self::Sealing { .. }
            | Self::Refused { .. }
            | Self::Setting { .. }
            | Self::Unreached { .. }
            | Self::Answer { .. } => None,
        }
    }
}

fn described(description: Option<&str>) -> String {
    description.map_or_else(String::new, |text| format!(" ({text})"))
}
