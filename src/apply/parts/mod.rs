//! Steps in two parts: a scenario that is made first, switched off, and gets its final form when
//! what needs its id is there.
//!
//! The ledger is bound to it in between, without a form: whatever ends the run, the next plan
//! finds the scenario and brings about the rest.

use std::collections::BTreeMap;

use super::{
    executor::{Run, ended},
    outcome::{Halt, StepOutcome, StepResult},
    prepared::Making,
    stop::{Stop, cut_short, finding},
};
use crate::{
    diagnostic::codes::apply as codes,
    model::{Address, Event, Form, RemoteId, Tally},
    plan::Step,
};

/// A scenario of which the first part is there.
pub(super) struct Begun {
    id: RemoteId,
    /// The form that stands.
    standing: Form,
}

impl Run<'_> {
    /// Makes the first part of a step.
    pub(super) async fn begin(&mut self, step: &Step, making: Making) -> Result<(), Stop> {
        let (id, standing) = self.create(step, making).await?;
        self.bind(step, &id, false).await?;
        let begun = Begun { id, standing };
        self.begun.insert(step.address.clone(), begun);
        Ok(())
    }

    /// Ends the steps in two parts of which all is known by now what they wait for. `undone`:
    /// what was not done, and the step at the root of that.
    pub(super) async fn finish_begun<'p>(
        &mut self,
        steps: &'p [Step],
        results: &mut [StepResult],
        undone: &mut BTreeMap<&'p Address, &'p Address>,
        emit: &mut (dyn FnMut(Event) + Send),
    ) -> Option<Halt> {
        let tally = Tally {
            done: results.len(),
            total: steps.len(),
        };
        for (index, step) in steps.iter().enumerate().take(results.len()) {
            let is_over = |other: &Address| results.iter().any(|done| done.address == *other);
            if !self.begun.contains_key(&step.address) || !step.later.iter().all(is_over) {
                continue;
            }
            let Some(begun) = self.begun.remove(&step.address) else {
                continue;
            };
            let missing = step.later.iter().find(|other| undone.contains_key(other));
            let ended_so = match missing {
                Some(missing) => Err(Stop::failed(
                    finding(
                        step,
                        &codes::STEP_FAILED,
                        format!(
                            "it is there (id {}), and stays switched off: `{missing}` was not done",
                            begun.id
                        ),
                    )
                    .help("apply again: only the rest is done"),
                )),
                None => self.finish(step, begun).await,
            };
            let (outcome, halt) = match ended_so {
                Ok(()) => (StepOutcome::Done, None),
                Err(Stop::Step(outcome)) => (outcome, None),
                Err(Stop::Run(halt)) => (cut_short(step, true, Some(&halt)), Some(halt)),
            };
            if !matches!(outcome, StepOutcome::Done) {
                undone.insert(&step.address, &step.address);
            }
            if let Some(event) = ended(step, &outcome, tally) {
                emit(event);
            }
            if let Some(result) = results.get_mut(index) {
                result.outcome = outcome;
            }
            if halt.is_some() {
                return halt;
            }
        }
        None
    }

    /// Says of the steps that the end of the run leaves half done what became of them.
    pub(super) fn leave_begun(&mut self, steps: &[Step], results: &mut [StepResult]) {
        for (step, result) in steps.iter().zip(results) {
            if self.begun.remove(&step.address).is_some() {
                result.outcome = cut_short(step, true, None);
            }
        }
    }

    /// Brings the first part to the form that is wanted.
    async fn finish(&mut self, step: &Step, begun: Begun) -> Result<(), Stop> {
        let Begun { id, standing } = begun;
        let writes = self.writes;
        let after = self.learned.fill(step)?;
        self.write_all(step, &id, standing, &after).await?;
        self.complete(step, &id, writes, None).await
    }
}

#[cfg(test)]
mod tests;
