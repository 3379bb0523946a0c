//! Why a command stopped, and the exit code that says so.

use crate::diagnostic::{Finding, Report};

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

impl<E: Into<anyhow::Error>> From<E> for Stop {
    fn from(error: E) -> Self {
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
