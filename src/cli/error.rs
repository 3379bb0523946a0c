//! Why a command stopped, and the exit code that says so.

use crate::{
    diagnostic::{Finding, Report},
    live::{LiveError, auth::AuthError},
    manifest::emit::EmitError,
    sandbox::{WorldError, seed::SeedError},
    state::StateError,
};

use super::exit::Exit;

/// The end of a command that could not do its work.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Findings say what is wrong.
    Findings(Report),
    /// Something failed; the chain of causes says what.
    Failed(anyhow::Error),
    /// Everything was said already.
    Said(Exit),
}

impl Stop {
    /// A single finding.
    pub(crate) fn finding(finding: Finding) -> Self {
        Self::Findings(Report::from_iter([finding]))
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Findings(_) | Self::Failed(_) => Exit::Error,
            Self::Said(exit) => *exit,
        }
    }
}

impl From<LiveError> for Stop {
    fn from(error: LiveError) -> Self {
        let (code, help) = (error.code(), error.usually());
        let finding = Finding::new(code, chain(&error.into()));
        Self::finding(match help {
            Some(help) => finding.help(help),
            None => finding,
        })
    }
}

impl From<AuthError> for Stop {
    fn from(error: AuthError) -> Self {
        LiveError::from(error).into()
    }
}

impl From<StateError> for Stop {
    fn from(error: StateError) -> Self {
        Self::finding(error.finding())
    }
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<WorldError> for Stop {
    fn from(error: WorldError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<SeedError> for Stop {
    fn from(error: SeedError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<EmitError> for Stop {
    fn from(error: EmitError) -> Self {
        Self::Failed(error.into())
    }
}

/// The message of an error and of each of its causes, without saying anything twice.
pub(crate) fn chain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if text.ends_with(&cause) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&cause);
    }
    text
}
