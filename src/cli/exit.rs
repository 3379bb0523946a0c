//! Exit codes: the contract with scripts and CI. `docs/exit-codes.md` says the same.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Done, or nothing to do.
    Done,
    /// An error, a wrong flag included.
    Error,
    /// `plan --detailed-exitcode` or `drift` found changes; `fmt --check`, files that it would write.
    Changes,
    /// Refused: a guard, a stale plan, another digest.
    Refused,
    /// Applied in part.
    Partial,
    /// It ran, and is not healthy.
    Unhealthy,
    /// Interrupted, after the request in flight was settled and recorded.
    Interrupted,
}

impl Exit {
    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Error => 1,
            Self::Changes => 2,
            Self::Refused => 3,
            Self::Partial => 4,
            Self::Unhealthy => 5,
            Self::Interrupted => 130,
        }
    }

    /// The exit of a run over several targets: an interruption wins, then an error, then what is
    /// worse.
    pub(crate) fn worst(self, other: Self) -> Self {
        let rank = |exit: Self| match exit {
            Self::Done => 0,
            Self::Changes => 1,
            Self::Unhealthy => 2,
            Self::Refused => 3,
            Self::Partial => 4,
            Self::Error => 5,
            Self::Interrupted => 6,
        };
        if rank(other) > rank(self) {
            other
        } else {
            self
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
