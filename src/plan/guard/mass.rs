//! Guards of much at once, and of an account half read.

use std::collections::BTreeSet;

use super::destroys;
use crate::{
    diagnostic::{Finding, codes::guards as codes},
    model::{Address, Kind, Reading, RemoteId},
    plan::{
        Action, Step,
        input::{PlanInput, is_managed},
    },
};

/// Whether the step is right only if the account was read whole.
fn trusts_absence(step: &Step) -> bool {
    match step.action {
        Action::Create | Action::Adopt | Action::Delete | Action::Replace => true,
        Action::Update | Action::Forget => false,
    }
}

pub(super) fn mass_delete(input: &PlanInput<'_>, steps: &[Step]) -> Option<Finding> {
    let gone = steps.iter().filter(|step| destroys(step)).count();
    let all = managed_bindings(input).count();
    let message = format!("{gone} of {all} managed things would be deleted");
    input
        .desired
        .policy
        .mass_delete
        .is_exceeded(gone, all)
        .then(|| Finding::new(&codes::MASS_DELETE, message))
}

/// Things that are adopted have a guard of their own.
pub(super) fn mass_update(input: &PlanInput<'_>, steps: &[Step]) -> Option<Finding> {
    let updates = steps.iter().filter(|step| step.action == Action::Update);
    let changed = updates.count();
    let all = managed_bindings(input).count();
    let threshold = input.desired.policy.mass_update;
    let message = format!("{changed} of {all} managed things would be changed");
    let is_exceeded = threshold.is_exceeded(changed, all);
    is_exceeded.then(|| Finding::new(&codes::MASS_UPDATE, message))
}

pub(super) fn incomplete(input: &PlanInput<'_>, steps: &[Step]) -> Vec<Finding> {
    let mut found = Vec::new();
    let declared = input.desired.things.keys();
    let kinds: BTreeSet<Kind> = declared
        .chain(input.bindings.by_address.keys())
        .map(|address| address.kind)
        .filter(|kind| is_managed(*kind) && input.snapshot.account.dialect.has(*kind))
        .collect();
    for kind in kinds {
        let (why, usually) = match input.snapshot.reading.get(&kind) {
            Some(Reading::Whole) => continue,
            Some(Reading::Partial(unread)) => (unread.why.as_str(), unread.usually.as_deref()),
            None => ("it was not read", None),
        };
        let message = format!("things of kind {kind} were not read to the end: {why}");
        let finding = Finding::new(&codes::INCOMPLETE_SNAPSHOT, message);
        found.push(match usually {
            Some(usually) => finding.help(usually),
            None => finding,
        });
    }
    let (mut all, mut missing) = (0, 0);
    for (address, id) in managed_bindings(input) {
        if input.snapshot.is_whole(address.kind) {
            all += 1;
            missing += usize::from(input.snapshot.get(address.kind, id).is_none());
        }
    }
    if input.desired.policy.mass_delete.is_exceeded(missing, all)
        && steps.iter().any(trusts_absence)
    {
        let message = format!("{missing} of {all} bound objects are missing from the account");
        let finding = Finding::new(&codes::INCOMPLETE_SNAPSHOT, message);
        found.push(finding.help("check that this is the right team, and what the token may read"));
    }
    found
}

fn managed_bindings<'a>(
    input: &PlanInput<'a>,
) -> impl Iterator<Item = (&'a Address, &'a RemoteId)> {
    let bindings = input.bindings.by_address.iter();
    bindings
        .filter(|(address, _)| is_managed(address.kind))
        .map(|(address, binding)| (address, &binding.id))
}
