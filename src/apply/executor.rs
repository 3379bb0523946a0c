//! One run: the plan's steps in order, as far as what they stand on was done.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicBool, Ordering},
};

use jiff::Timestamp;
use serde_json::Value;

use super::{
    book::Book,
    outcome::{Halt, Outcome, StepOutcome, StepResult},
    parts::Begun,
    precondition::FreshLists,
    resolve::Learned,
    stop::{Stop, cut_short},
    users::takes_over,
    witness::Witness,
};
use crate::{
    diagnostic::{Finding, codes::apply as codes},
    live::{Client, Evidence},
    model::{
        Account, Address, ApplyId, Audit, Closing, Directory, Event, Identity, Kind, Record,
        RemoteId, Snapshot, Tally,
    },
    plan::{self, Action, Plan, Step},
    state::{Locked, Sealer, Started, StateError},
};

/// What an apply works from.
pub struct ApplyInput<'a> {
    /// What is to be done.
    pub plan: &'a Plan,
    /// The account as the plan saw it.
    pub snapshot: &'a Snapshot,
    /// The way to the account.
    pub client: &'a Client,
    /// Who applies: `user@host`.
    pub by: &'a str,
    /// What does: `apply`.
    pub command: &'a str,
    /// The commit of the project that the plan was made from, where there is git.
    pub commit: Option<&'a str>,
    /// Seals what is sensitive in what the journal keeps.
    pub sealer: &'a Sealer,
    /// The guards that were overridden.
    pub allowed: &'a [String],
    /// What time it is.
    pub clock: &'a (dyn Fn() -> Timestamp + Sync),
    /// Set from outside when the run is to end. What is in flight is settled and recorded first.
    pub interrupted: &'a AtomicBool,
}

/// Carries out a plan. The ledger tells what was done, whatever happens on the way.
///
/// An empty plan sends nothing and writes nothing.
pub async fn run(
    input: &ApplyInput<'_>,
    ledger: &mut Locked,
    emit: &mut (dyn FnMut(Event) + Send),
) -> Outcome {
    let mut outcome = Outcome {
        apply: None,
        steps: Vec::with_capacity(input.plan.steps.len()),
        writes: 0,
        notes: Vec::new(),
        halt: None,
        evidence: Evidence::default(),
    };
    if input.plan.is_empty() {
        return outcome;
    }
    let requests = input.client.requests();
    let account = &input.plan.target.account;
    match begin(input, ledger, account).await {
        Ok(apply) => outcome.apply = Some(apply),
        Err(error) => outcome.halt = Some(Halt::Ledger(error)),
    }
    if let Some(apply) = outcome.apply {
        let mut run = Run {
            input,
            account,
            ledger,
            apply,
            fresh: FreshLists::default(),
            learned: Learned::default(),
            directory: input.snapshot.directory.clone(),
            writes: 0,
            notes: Vec::new(),
            stopped: BTreeMap::new(),
            gone: BTreeSet::new(),
            unlisted: unlisted(input.snapshot),
            begun: BTreeMap::new(),
            unplanned: BTreeMap::new(),
            kept: BTreeSet::new(),
            witness: Witness::default(),
            mending: false,
            book: None,
        };
        outcome.halt = match run.lapse().await {
            Ok(()) => {
                let halt = run.steps(&mut outcome.steps, emit).await;
                run.leave_begun(&input.plan.steps, &mut outcome.steps);
                halt
            }
            Err(error) => Some(Halt::Ledger(error)),
        };
        outcome.writes = run.writes;
        outcome.evidence = run.witness.evidence();
        outcome.notes = std::mem::take(&mut run.notes);
        outcome.notes.extend(run.left_off());
        // Who no longer waits for a lost network asked for the end.
        if let (Some(Halt::Account(_)), true) = (&outcome.halt, run.is_interrupted()) {
            outcome.halt = Some(Halt::Interrupted);
        }
    }
    for step in input.plan.steps.iter().skip(outcome.steps.len()) {
        outcome.steps.push(result(step, StepOutcome::NotReached));
    }
    if let Some(apply) = outcome.apply {
        let closing = Closing {
            conclusion: outcome.completion().into(),
            audit: Some(audit(input, &outcome, requests)),
        };
        if let Err(error) = ledger.finish(apply, (input.clock)(), closing).await {
            outcome.halt.get_or_insert(Halt::Ledger(error));
        }
    }
    outcome
}

/// What the apply did. `before`: how many requests were sent before it.
fn audit(input: &ApplyInput<'_>, outcome: &Outcome, before: u64) -> Audit {
    let mut audit = Audit {
        requests: input.client.requests() - before,
        ..Audit::default()
    };
    for step in &outcome.steps {
        let figures = audit.steps.entry(step.action.as_str().to_owned());
        let figures = figures.or_default();
        match step.outcome {
            StepOutcome::Done => figures.done += 1,
            StepOutcome::Failed(_) | StepOutcome::Stale(_) => figures.failed += 1,
            StepOutcome::Skipped { .. } | StepOutcome::NotReached => figures.skipped += 1,
        }
    }
    let refusals = plan::refusals(input.plan, &[]);
    let met: BTreeSet<&str> = refusals.iter().map(|finding| finding.code.name).collect();
    let allowed = input
        .allowed
        .iter()
        .filter(|name| met.contains(name.as_str()));
    audit.allowed = allowed.cloned().collect();
    audit
}

/// Begins the apply, and records what the plan found without sending anything.
async fn begin(
    input: &ApplyInput<'_>,
    ledger: &mut Locked,
    account: &Account,
) -> Result<ApplyId, StateError> {
    let identity = Identity {
        host: account.host.clone(),
        organization: account.organization,
        team: account.team,
    };
    let started = Started {
        at: (input.clock)(),
        by: input.by.to_owned(),
        digest: input.plan.digest.clone(),
        commit: input.commit.map(str::to_owned),
        command: Some(input.command.to_owned()),
    };
    let apply = ledger.start(started, &identity).await?;
    let records = input.plan.records.iter();
    let bound = records.map(|(address, binding)| Record::Bound {
        address: address.clone(),
        binding: binding.clone(),
    });
    ledger.record(bound.collect()).await?;
    Ok(apply)
}

/// A run that is under way.
pub(super) struct Run<'a> {
    pub(super) input: &'a ApplyInput<'a>,
    pub(super) account: &'a Account,
    pub(super) ledger: &'a mut Locked,
    pub(super) apply: ApplyId,
    pub(super) fresh: FreshLists,
    pub(super) learned: Learned,
    /// The people and roles that the plan saw, and the people that were invited since.
    pub(super) directory: Directory,
    /// How many writes Make carried out.
    pub(super) writes: usize,
    /// What there is to tell beside what became of the steps.
    pub(super) notes: Vec<Finding>,
    /// Scenarios that were stopped for another step, with that step's thing, until they are as
    /// they are to be.
    pub(super) stopped: BTreeMap<Address, Address>,
    /// The webhooks that were deleted.
    pub(super) gone: BTreeSet<RemoteId>,
    /// The people who were invited and whom no list shows.
    pub(super) unlisted: BTreeSet<RemoteId>,
    /// The scenarios of which the first part is there.
    pub(super) begun: BTreeMap<Address, Begun>,
    /// Fields at which the plan did not look, as they were right before a step: the journal keeps
    /// them with the form before.
    pub(super) unplanned: BTreeMap<Address, BTreeMap<&'static str, Value>>,
    /// The things of which the journal keeps the form before.
    pub(super) kept: BTreeSet<Address>,
    /// What the steps see of how the account behaves.
    pub(super) witness: Witness,
    /// Whether what is sent puts right what a step has brought about.
    pub(super) mending: bool,
    /// What the steps that go together are to write down; none where each request is written down
    /// by itself.
    pub(super) book: Option<Book>,
}

impl Run<'_> {
    /// Drops the bindings of what is gone: of what is not there when it is asked for by its id,
    /// since a list may lack what is there.
    async fn lapse(&mut self) -> Result<(), StateError> {
        let mut gone = Vec::new();
        for address in &self.input.plan.lapsed {
            let bindings = &self.ledger.ledger().bindings.by_address;
            let Some(id) = bindings.get(address).map(|binding| binding.id.clone()) else {
                continue;
            };
            // What the plan saw has another address from now on.
            let why = match self.input.snapshot.get(address.kind, &id) {
                Some(_) => None,
                None => self.still_there(address, &id).await,
            };
            match why {
                Some(why) => {
                    let message = format!("the binding to {id} is kept: {why}");
                    let finding = Finding::new(&codes::BINDING_KEPT, message).about(address);
                    self.notes
                        .push(finding.help("plan again to see how things stand now"));
                }
                None => gone.push(Record::Unbound {
                    address: address.clone(),
                }),
            }
        }
        self.ledger.record(gone).await
    }

    /// Why an object may be there although the plan did not see it; none if it is gone.
    async fn still_there(&self, address: &Address, id: &RemoteId) -> Option<String> {
        let client = self.input.client;
        match client.read(self.account, address.kind, id).await {
            Ok(None) => None,
            Ok(Some(_)) => Some("the plan did not see the object, and it is there".to_owned()),
            Err(error) => Some(error.to_string()),
        }
    }

    /// Carries out the steps in order: one after the other, or those together that may go so.
    async fn steps(
        &mut self,
        results: &mut Vec<StepResult>,
        emit: &mut (dyn FnMut(Event) + Send),
    ) -> Option<Halt> {
        let steps = &self.input.plan.steps;
        // What was not done, and the step at the root of that.
        let mut undone: BTreeMap<&Address, &Address> = BTreeMap::new();
        while let Some(step) = steps.get(results.len()) {
            if self.is_interrupted() {
                return Some(Halt::Interrupted);
            }
            let next = steps.get(results.len()..).unwrap_or_default();
            let group = next.get(..self.together(next, &undone)).unwrap_or_default();
            if !group.is_empty() {
                let halt = self.group(steps, group, results, &mut undone, emit).await;
                if halt.is_some() {
                    return halt;
                }
                continue;
            }
            let tally = Tally {
                done: results.len() + 1,
                total: steps.len(),
            };
            let root = step.depends_on.iter().find_map(|on| undone.get(on));
            let root = root.or_else(|| {
                if step.action != Action::Delete || undone.is_empty() {
                    return None;
                }
                let mut before = steps.iter().take(results.len());
                let rival = before
                    .find(|other| undone.contains_key(&other.address) && takes_over(other, step))?;
                undone.get(&rival.address)
            });
            let (outcome, halt) = match root {
                Some(root) => {
                    let because = Address::clone(root);
                    (StepOutcome::Skipped { because }, None)
                }
                None => {
                    emit(Event::StepStarted {
                        address: step.address.clone(),
                        doing: doing(step.action),
                    });
                    let writes = self.writes;
                    let carried_out = match self.prepare(step).await {
                        Ok(prepared) => self.carry_out(step, prepared).await,
                        Err(stop) => Err(stop),
                    };
                    match carried_out {
                        Ok(()) => (StepOutcome::Done, None),
                        Err(Stop::Step(outcome)) => (outcome, None),
                        Err(Stop::Run(halt)) => {
                            let sent = self.writes > writes || self.is_open(step);
                            (cut_short(step, sent, Some(&halt)), Some(halt))
                        }
                    }
                }
            };
            if !matches!(outcome, StepOutcome::Done) {
                let root = root.copied().unwrap_or(&step.address);
                undone.insert(&step.address, root);
            }
            let is_half = self.begun.contains_key(&step.address);
            if let Some(event) = ended(step, &outcome, tally).filter(|_| !is_half) {
                emit(event);
            }
            results.push(result(step, outcome));
            if halt.is_some() {
                return halt;
            }
            let halt = self.finish_begun(steps, results, &mut undone, emit).await;
            if halt.is_some() {
                return halt;
            }
        }
        None
    }

    /// Carries out steps that go together.
    async fn group<'p>(
        &mut self,
        steps: &'p [Step],
        group: &'p [Step],
        results: &mut Vec<StepResult>,
        undone: &mut BTreeMap<&'p Address, &'p Address>,
        emit: &mut (dyn FnMut(Event) + Send),
    ) -> Option<Halt> {
        let total = steps.len();
        let (outcomes, halt) = self.carry_out_together(group, emit).await;
        for (step, outcome) in group.iter().zip(outcomes) {
            if !matches!(outcome, StepOutcome::Done) {
                undone.insert(&step.address, &step.address);
            }
            let done = results.len() + 1;
            if let Some(event) = ended(step, &outcome, Tally { done, total }) {
                emit(event);
            }
            results.push(result(step, outcome));
        }
        if halt.is_some() {
            return halt;
        }
        self.finish_begun(steps, results, undone, emit).await
    }

    /// Whether somebody wants the run to end.
    pub(super) fn is_interrupted(&self) -> bool {
        self.input.interrupted.load(Ordering::Relaxed)
    }
}

/// The people who were invited and whom no list of a snapshot shows.
fn unlisted(snapshot: &Snapshot) -> BTreeSet<RemoteId> {
    let roles = [Kind::OrganizationRole, Kind::TeamRole].into_iter();
    let roles = roles.flat_map(|kind| snapshot.of(kind));
    roles
        .filter(|live| live.facts.unlisted)
        .map(|live| live.id.clone())
        .collect()
}

fn result(step: &Step, outcome: StepOutcome) -> StepResult {
    StepResult {
        address: step.address.clone(),
        action: step.action,
        outcome,
    }
}

/// The event of a step's end; none for one that was not reached.
pub(super) fn ended(step: &Step, outcome: &StepOutcome, tally: Tally) -> Option<Event> {
    let address = step.address.clone();
    match outcome {
        StepOutcome::Done => Some(Event::StepDone {
            address,
            done: done(step.action),
            tally,
        }),
        StepOutcome::Failed(finding) | StepOutcome::Stale(finding) => Some(Event::StepFailed {
            address,
            reason: finding.message.clone(),
            tally,
        }),
        StepOutcome::Skipped { because } => Some(Event::StepSkipped {
            address,
            because: because.clone(),
            tally,
        }),
        StepOutcome::NotReached => None,
    }
}

pub(super) fn doing(action: Action) -> &'static str {
    match action {
        Action::Create => "creating",
        Action::Update => "updating",
        Action::Replace => "replacing",
        Action::Delete => "destroying",
        Action::Adopt => "adopting",
        Action::Forget => "forgetting",
    }
}

fn done(action: Action) -> &'static str {
    match action {
        Action::Create => "created",
        Action::Update => "updated",
        Action::Replace => "replaced",
        Action::Delete => "destroyed",
        Action::Adopt => "adopted",
        Action::Forget => "forgotten",
    }
}
