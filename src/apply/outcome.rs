//! What became of a plan.

use crate::{
    diagnostic::{Finding, Report},
    live::Evidence,
    model::{Address, ApplyId, Conclusion},
    plan::Action,
    state::StateError,
};

/// What became of a plan, step by step.
#[derive(Debug)]
pub struct Outcome {
    /// The apply's number; none if the plan was empty or nothing could be started.
    pub apply: Option<ApplyId>,
    /// The steps, in the plan's order.
    pub steps: Vec<StepResult>,
    /// How many writes Make carried out.
    pub writes: usize,
    /// What else there is to tell.
    pub notes: Vec<Finding>,
    /// Why the run ended before its last step.
    pub halt: Option<Halt>,
    /// What the account was seen to do, for those who keep what they read of it.
    pub evidence: Evidence,
}

/// What became of one step.
#[derive(Clone, Debug)]
pub struct StepResult {
    /// The thing.
    pub address: Address,
    /// What was to be done.
    pub action: Action,
    /// What became of it.
    pub outcome: StepOutcome,
}

/// What became of a step.
#[derive(Clone, Debug)]
pub enum StepOutcome {
    /// It was carried out, and read back well.
    Done,
    /// Make refused it, its answer was lost, or what was applied does not work.
    Failed(Box<Finding>),
    /// Somebody changed the object after the plan was made: nothing was sent.
    Stale(Box<Finding>),
    /// Something that it stands on was not done: nothing was sent.
    Skipped {
        /// The step that was not done.
        because: Address,
    },
    /// The run ended before it: nothing was sent.
    NotReached,
}

/// Why a run ended before its last step.
#[derive(Debug)]
pub enum Halt {
    /// Somebody asked for it; what was in flight was settled and recorded.
    Interrupted,
    /// The ledger could not be written.
    Ledger(StateError),
    /// The account can't be reached any more, or no longer takes the token: what comes next
    /// would fail like this, one step after the other.
    Account(Box<Finding>),
}

/// How a run ended as a whole: what exit codes are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// Everything was done.
    Complete,
    /// It was interrupted.
    Interrupted,
    /// Some of it was done.
    Partial,
    /// Nothing was done, because something failed.
    Failed,
    /// Nothing was done, because the plan no longer fits the account.
    Stale,
}

impl From<Completion> for Conclusion {
    fn from(completion: Completion) -> Self {
        match completion {
            Completion::Complete => Self::Complete,
            Completion::Interrupted => Self::Interrupted,
            Completion::Partial => Self::Partial,
            Completion::Failed => Self::Failed,
            Completion::Stale => Self::Refused,
        }
    }
}

/// How many steps ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Carried out.
    pub done: usize,
    /// Refused, lost or not working.
    pub failed: usize,
    /// Changed by somebody else.
    pub stale: usize,
    /// Standing on something that was not done.
    pub skipped: usize,
    /// Behind the end of the run.
    pub not_reached: usize,
}

impl Outcome {
    /// Counts of the steps.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for step in &self.steps {
            match step.outcome {
                StepOutcome::Done => counts.done += 1,
                StepOutcome::Failed(_) => counts.failed += 1,
                StepOutcome::Stale(_) => counts.stale += 1,
                StepOutcome::Skipped { .. } => counts.skipped += 1,
                StepOutcome::NotReached => counts.not_reached += 1,
            }
        }
        counts
    }

    /// How the run ended as a whole.
    #[must_use]
    pub fn completion(&self) -> Completion {
        let counts = self.counts();
        let whole = counts.done == self.steps.len();
        match &self.halt {
            Some(Halt::Interrupted) => Completion::Interrupted,
            None if whole => Completion::Complete,
            Some(Halt::Account(_) | Halt::Ledger(_)) | None
                if counts.done > 0 || self.writes > 0 =>
            {
                Completion::Partial
            }
            None if counts.failed == 0 => Completion::Stale,
            Some(Halt::Account(_) | Halt::Ledger(_)) | None => Completion::Failed,
        }
    }

    /// Everything there is to tell, in the order of the steps.
    pub fn findings(&self) -> Report {
        let steps = self.steps.iter().filter_map(|step| match &step.outcome {
            StepOutcome::Failed(finding) | StepOutcome::Stale(finding) => Some(named(finding)),
            StepOutcome::Done | StepOutcome::Skipped { .. } | StepOutcome::NotReached => None,
        });
        let halt = match &self.halt {
            Some(Halt::Ledger(error)) => Some(error.finding()),
            Some(Halt::Account(finding)) => {
                // The step that it stopped half-way says so itself.
                let is_said = |step: &StepResult| match &step.outcome {
                    StepOutcome::Failed(said) => said.message == finding.message,
                    StepOutcome::Done
                    | StepOutcome::Stale(_)
                    | StepOutcome::Skipped { .. }
                    | StepOutcome::NotReached => false,
                };
                (!self.steps.iter().any(is_said)).then(|| named(finding))
            }
            Some(Halt::Interrupted) | None => None,
        };
        let notes = self.notes.iter().map(named);
        steps.chain(notes).chain(halt).collect()
    }
}

/// A finding that says what it is about where only a place in a manifest would tell.
fn named(finding: &Finding) -> Finding {
    let mut finding = finding.clone();
    if let (Some(address), Some(_)) = (&finding.address, &finding.place) {
        let address = address.to_string();
        if !finding.message.contains(&address) {
            finding.message = format!("{address}: {}", finding.message);
        }
    }
    finding
}

#[cfg(test)]
mod tests {
    use super::{Completion, Halt, Outcome, StepOutcome, StepResult};
    use crate::{
        diagnostic::{Finding, codes::apply as codes},
        plan::Action,
        state::StateError,
    };

    fn outcome(steps: &[StepOutcome], writes: usize, halt: Option<Halt>) -> Completion {
        let steps = steps.iter().cloned().map(|outcome| StepResult {
            address: "folder.crm".parse().unwrap(),
            action: Action::Create,
            outcome,
        });
        let outcome = Outcome {
            apply: None,
            steps: steps.collect(),
            writes,
            notes: Vec::new(),
            halt,
            evidence: crate::live::Evidence::default(),
        };
        outcome.completion()
    }

    #[test]
    fn a_run_is_judged_by_what_was_done_and_what_was_not() {
        use StepOutcome::{Done, Failed, NotReached, Skipped, Stale};
        let finding = || Box::new(Finding::new(&codes::STEP_STALE, "changed"));
        let because = "folder.a".parse().unwrap();
        let skipped = Skipped { because };
        let (stale, failed) = (Stale(finding()), Failed(finding()));
        let broken = || {
            let place = "journal.jsonl".into();
            Some(Halt::Ledger(StateError::Broken { place }))
        };

        assert_eq!(outcome(&[], 0, None), Completion::Complete);
        assert_eq!(outcome(&[Done, Done], 2, None), Completion::Complete);
        assert_eq!(
            outcome(&[Done, stale.clone()], 1, None),
            Completion::Partial
        );
        // A step that failed half-way has changed the account too.
        assert_eq!(
            outcome(std::slice::from_ref(&failed), 1, None),
            Completion::Partial
        );
        assert_eq!(
            outcome(&[failed, skipped.clone()], 0, None),
            Completion::Failed
        );
        assert_eq!(outcome(&[stale, skipped], 0, None), Completion::Stale);
        let interrupted = Some(Halt::Interrupted);
        assert_eq!(
            outcome(&[Done, NotReached], 1, interrupted),
            Completion::Interrupted
        );
        assert_eq!(outcome(&[NotReached], 0, broken()), Completion::Failed);
        assert_eq!(outcome(&[Done], 1, broken()), Completion::Partial);
        let away = || Some(Halt::Account(finding()));
        assert_eq!(outcome(&[NotReached], 0, away()), Completion::Failed);
        assert_eq!(outcome(&[Done, NotReached], 1, away()), Completion::Partial);
    }
}
