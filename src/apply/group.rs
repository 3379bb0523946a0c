//! Steps that go together, where a write of the journal costs a journey.
//!
//! All are prepared: what they are about is read again, and those that no longer fit are left out.
//! Then their intents are written, all at once. Then each sends its requests; then what has come
//! of them is written, all at once.

use std::collections::BTreeMap;

use super::{
    executor::{Run, doing},
    outcome::{Halt, StepOutcome},
    prepared::Prepared,
    stop::{Stop, cut_short},
    users::takes_over,
};
use crate::{
    model::{Address, Event, spec::match_key_of},
    plan::{Action, Step},
};

impl Run<'_> {
    /// How many of the steps that come next can go together. `undone`: what was not done.
    pub(super) fn together(&self, next: &[Step], undone: &BTreeMap<&Address, &Address>) -> usize {
        let most = self.ledger.group();
        // Where writing costs next to nothing, each request has an intent of its own.
        if most <= 1 {
            return 0;
        }
        let mut count = 0;
        for (index, step) in next.iter().enumerate().take(most) {
            let before = next.get(..index).unwrap_or_default();
            let is_ready = !step.depends_on.iter().any(|on| {
                undone.contains_key(on) || before.iter().any(|other| other.address == *on)
            });
            let is_apart = before
                .iter()
                .all(|other| !(is_same_name(other, step) || takes_over(other, step)));
            let is_rival = step.action == Action::Delete && !undone.is_empty();
            if !is_ready || !is_apart || is_rival || !self.goes_with_others(step, next) {
                break;
            }
            count += 1;
        }
        count
    }

    /// Whether a step is one that can go with others: it stops nothing but what it is about, and
    /// is done when it is done.
    fn goes_with_others(&self, step: &Step, next: &[Step]) -> bool {
        let has_users = || {
            next.iter()
                .any(|user| user.depends_on.contains(&step.address))
        };
        match step.action {
            Action::Create => step.later.is_empty(),
            Action::Update | Action::Adopt | Action::Forget => true,
            Action::Delete => !has_users(),
            Action::Replace => false,
        }
    }

    /// Carries out steps that go together; what became of each.
    pub(super) async fn carry_out_together(
        &mut self,
        steps: &[Step],
        emit: &mut (dyn FnMut(Event) + Send),
    ) -> (Vec<StepOutcome>, Option<Halt>) {
        let mut prepared: Vec<Result<Prepared, StepOutcome>> = Vec::new();
        let mut halt = None;
        for step in steps {
            if halt.is_some() || self.is_interrupted() {
                halt = halt.or(Some(Halt::Interrupted));
                prepared.push(Err(StepOutcome::NotReached));
                continue;
            }
            prepared.push(match self.prepare(step).await {
                Ok(ready) => Ok(ready),
                Err(Stop::Step(outcome)) => Err(outcome),
                Err(Stop::Run(why)) => {
                    let outcome = cut_short(step, false, Some(&why));
                    halt = Some(why);
                    Err(outcome)
                }
            });
        }
        if halt.is_none() {
            let mut intents = Vec::new();
            for (step, ready) in steps.iter().zip(&prepared) {
                let Ok(ready) = ready else { continue };
                intents.extend(self.intent_of(step, ready).await);
            }
            halt = self.open_book(intents).await.err().map(Halt::Ledger);
        }
        let mut outcomes = Vec::with_capacity(steps.len());
        for (step, ready) in steps.iter().zip(prepared) {
            let ready = match ready {
                Ok(ready) if halt.is_none() => ready,
                Ok(_) => {
                    outcomes.push(StepOutcome::NotReached);
                    continue;
                }
                Err(outcome) => {
                    outcomes.push(outcome);
                    continue;
                }
            };
            emit(Event::StepStarted {
                address: step.address.clone(),
                doing: doing(step.action),
            });
            let writes = self.writes;
            outcomes.push(match self.carry_out(step, ready).await {
                Ok(()) => StepOutcome::Done,
                Err(Stop::Step(outcome)) => outcome,
                Err(Stop::Run(why)) => {
                    let sent = self.writes > writes || self.is_open(step);
                    let outcome = cut_short(step, sent, Some(&why));
                    halt = Some(why);
                    outcome
                }
            });
        }
        if let Err(error) = self.close_book().await {
            halt.get_or_insert(Halt::Ledger(error));
        }
        (outcomes, halt)
    }
}

/// Whether both make something that is known by the same name: what a lost answer has made could
/// not be told apart.
fn is_same_name(one: &Step, other: &Step) -> bool {
    let key = |step: &Step| {
        let form = step
            .after
            .as_ref()
            .filter(|_| step.action == Action::Create)?;
        Some(match_key_of(step.address.kind, form))
    };
    one.address.kind == other.address.kind && key(one).is_some() && key(one) == key(other)
}
