//! Why a step did not end well, as what there is to tell.

use std::error::Error as _;

use super::outcome::{Halt, StepOutcome};
use crate::{
    diagnostic::{Code, Finding, codes::apply as codes},
    live::LiveError,
    plan::Step,
    state::StateError,
};

/// Why a step did not end well.
pub(super) enum Stop {
    /// It ended, and others may go on.
    Step(StepOutcome),
    /// Nothing may go on.
    Run(Halt),
}

impl From<StateError> for Stop {
    fn from(error: StateError) -> Self {
        Self::Run(Halt::Ledger(error))
    }
}

impl Stop {
    /// A step that failed.
    pub(super) fn failed(finding: Finding) -> Self {
        Self::Step(StepOutcome::Failed(Box::new(finding)))
    }
}

/// A finding about a step, at its place in the manifest.
pub(super) fn finding(step: &Step, code: &'static Code, message: impl Into<String>) -> Finding {
    let finding = Finding::new(code, message).about(&step.address);
    match &step.place {
        Some(place) => finding.at(place.clone()),
        None => finding,
    }
}

/// A step that Make refused or that can't be sent. Where the account is out of reach or takes the
/// token no longer, so is every step after it.
pub(super) fn failed(step: &Step, error: &LiveError) -> Stop {
    let mut finding = finding(step, error.code(), in_full(error));
    if let Some(hint) = error.usually() {
        finding = finding.help(hint);
    }
    let is_over = matches!(error, LiveError::Unreached { .. }) || error.status() == Some(401);
    if is_over {
        return Stop::Run(Halt::Account(Box::new(finding)));
    }
    Stop::failed(finding)
}

/// A step of which nobody knows how it ended.
pub(super) fn lost(step: &Step, reason: &str) -> Stop {
    let message = format!("nobody knows whether it was carried out: {reason}");
    let finding = finding(step, &codes::STEP_FAILED, message)
        .help("apply again: the account is read first, and nothing is made twice");
    Stop::failed(finding)
}

/// An invitation of which nobody knows whether it was sent.
pub(super) fn invitation_lost(step: &Step, reason: &str) -> Stop {
    let message = format!(
        "nobody knows whether the invitation was sent, and the account does not list the person: \
         {reason}"
    );
    let finding = finding(step, &codes::STEP_FAILED, message)
        .help("apply again: unless they are listed by then, they are invited again");
    Stop::failed(finding)
}

/// The same end of a deletion, with what to do about a role: Make does not document how one in a
/// team is taken away, nor how an invitation is withdrawn.
pub(super) fn not_taken_away(step: &Step, stop: Stop) -> Stop {
    let address = &step.address;
    if !address.kind.is_role() {
        return stop;
    }
    let Stop::Step(StepOutcome::Failed(finding)) = stop else {
        return stop;
    };
    Stop::failed(finding.help(format!(
        "where Make's API does not do it, take the person out in Make; to leave them as they are, \
         forget them with `makeform state rm {address}`"
    )))
}

/// A step that no longer fits the account.
pub(super) fn stale(step: &Step, message: &str) -> Stop {
    let finding =
        finding(step, &codes::STEP_STALE, message).help("plan again to see how things stand now");
    Stop::Step(StepOutcome::Stale(Box::new(finding)))
}

/// What becomes of a step that the end of the run cuts short.
pub(super) fn cut_short(step: &Step, sent: bool, halt: Option<&Halt>) -> StepOutcome {
    if !sent {
        return StepOutcome::NotReached;
    }
    if let Some(Halt::Account(finding)) = halt
        && finding.address.as_ref() == Some(&step.address)
    {
        return StepOutcome::Failed(finding.clone());
    }
    let message = "the run ended before all of its requests were sent";
    let finding =
        finding(step, &codes::STEP_FAILED, message).help("apply again: only the rest is done");
    StepOutcome::Failed(Box::new(finding))
}

/// An error as the journal keeps it: Make's own words only where Make's code says that they are
/// its own. Any other answer may quote what was sent, secrets included.
pub(super) fn reason(error: &LiveError) -> String {
    let Some(refusal) = error.refusal() else {
        return error.to_string();
    };
    let status = refusal.status;
    match &refusal.code {
        Some(code) => format!("status {status}: {} ({code})", refusal.message),
        None => format!("status {status}"),
    }
}

/// An error and what caused it, in one line.
pub(super) fn in_full(error: &LiveError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::reason;
    use crate::live::{Asked, LiveError, Refusal, transport::Method};

    #[test]
    fn the_journal_keeps_no_words_that_are_not_makes_own() {
        let refused = |code: Option<&str>| {
            LiveError::Refused(Box::new(Refusal {
                asked: Asked {
                    method: Method::Post,
                    path: "/hooks".into(),
                },
                status: 400,
                message: "Bad request".into(),
                detail: Some("`s3cr3t` is no value".into()),
                code: code.map(str::to_owned),
                suberrors: vec!["s3cr3t".into()],
                dialect: crate::model::Dialect::Zone,
            }))
        };
        let told = reason(&refused(Some("IM007")));
        assert_eq!(told, "status 400: Bad request (IM007)");
        assert_eq!(reason(&refused(None)), "status 400");
    }
}
