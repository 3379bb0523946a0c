//! A run of a scenario that was just changed: whether it does what it is for.

use std::time::Duration;

use super::{
    executor::Run,
    health::Unhealthy,
    outcome::Halt,
    stop::{Stop, failed, in_full, reason},
};
use crate::{
    live::{LiveError, Waited, WriteError},
    model::{Ending, ExecutionStatus, RemoteId, Verify, spec::schedule::interval_text},
    plan::Step,
};

/// What the journal says of the request.
const RUN: &str = "run scenario";

/// How often a run that is waited for looks whether the user wants it all to end.
const LOOK: Duration = Duration::from_millis(100);

impl Run<'_> {
    /// Runs a scenario and waits for the end. Sent once: a second try could be a second run.
    pub(super) async fn verify(
        &mut self,
        step: &Step,
        id: &RemoteId,
        verify: &Verify,
    ) -> Result<Option<Unhealthy>, Stop> {
        let pending = self.intend(step, RUN, Some(id), None).await?;
        self.ledger.ready().await?;
        let ledger = &*self.ledger;
        let may = || ledger.may_send().is_ok();
        let input = verify.input.as_ref();
        let started = self.input.client.run_while(id, input, &may).await;
        let is_ours = self.ledger.may_send();
        let ending = match &started {
            Ok(_) => Ending::Confirmed { id: None },
            Err(WriteError::Refused(error)) => Ending::Refused {
                reason: reason(error),
            },
            // Nothing of the account depends on it: it need not be found out later.
            Err(WriteError::Unknown(_)) => Ending::Settled { id: None },
        };
        self.end(step, pending, ending).await?;
        if started.is_err() {
            // What was not sent since the lock is not ours any more says nothing of the scenario.
            is_ours?;
        }
        let execution = match started {
            Ok(execution) => execution,
            Err(WriteError::Refused(error)) => return refused(step, &error),
            Err(WriteError::Unknown(error)) => {
                let why = format!("nobody knows how its run ended: {}", in_full(&error));
                return Ok(Some(Unhealthy {
                    why,
                    help: format!("look for it: makeform executions list {}", step.address),
                }));
            }
        };
        let within = Duration::from_secs(verify.within);
        let waited = tokio::select! {
            biased;
            waited = self.input.client.wait(id, &execution, within) => waited,
            () = self.until_interrupted() => return Err(Stop::Run(Halt::Interrupted)),
        };
        let show = format!(
            "to see why: makeform executions show {} {execution}",
            step.address
        );
        let within = interval_text(verify.within);
        let why = match waited {
            Ok(Waited::Over(outcome)) if outcome.status == ExecutionStatus::Success => {
                return Ok(None);
            }
            Ok(Waited::Over(outcome)) => {
                // The message of an error may quote data of the user.
                let failure = outcome.failure.as_ref();
                let name = failure.and_then(|failure| failure.name.as_deref());
                let module = failure.and_then(|failure| failure.module.as_deref());
                let name = name.map(|name| format!(", a {name}"));
                let module = module.map(|module| format!(" of {module}"));
                format!(
                    "its run ended in {}{}{}",
                    outcome.status.word(),
                    name.unwrap_or_default(),
                    module.unwrap_or_default()
                )
            }
            Ok(Waited::Running) => format!("its run did not end within {within}"),
            Ok(Waited::Unseen) => format!("Make did not know its run within {within}"),
            Err(error @ LiveError::Unreached { .. }) => return Err(failed(step, &error)),
            Err(error) => format!("its run can't be followed: {}", in_full(&error)),
        };
        Ok(Some(Unhealthy { why, help: show }))
    }

    /// Waits until somebody wants the run to end.
    async fn until_interrupted(&self) {
        while !self.is_interrupted() {
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// What it means that Make does not run a scenario.
fn refused(step: &Step, error: &LiveError) -> Result<Option<Unhealthy>, Stop> {
    match failed(step, error) {
        Stop::Run(halt) => Err(Stop::Run(halt)),
        Stop::Step(_) => Ok(Some(Unhealthy {
            why: format!("Make does not run it: {}", in_full(error)),
            help: "mend it and apply again".to_owned(),
        })),
    }
}
