//! Guards: what makes a plan refuse itself, unless somebody says `--allow CODE`.
//!
//! What can't be told, because the account does not say or was not read, counts as the worst.

mod loss;
mod mass;
mod needed;
mod people;

use super::{Action, Plan, Reason, Step, input::PlanInput, occupied::strands};
use crate::diagnostic::{Finding, codes::guards as codes};

pub(super) use loss::own_team;
pub(super) use people::needs_of_demotions;

/// The findings of guards that a plan runs into and that were not allowed.
#[must_use]
pub fn refusals<'p>(plan: &'p Plan, allowed: &[String]) -> Vec<&'p Finding> {
    let is_refused = |finding: &&Finding| {
        codes::GUARDS.contains(&finding.code)
            && !allowed.iter().any(|name| name == finding.code.name)
    };
    plan.findings.iter().filter(is_refused).collect()
}

/// All guards that steps run into.
pub(super) fn guard(input: &PlanInput<'_>, steps: &[Step]) -> Vec<Finding> {
    let mut found = Vec::new();
    for step in steps {
        found.extend(protected(input, step));
        found.extend(overwrites(step));
        found.extend(loss::waiting_work(input, step));
        found.extend(loss::hook_url(step));
        found.extend(loss::stops(input, step));
        found.extend(people::own_user(input, step));
        found.extend(loss::kept_things(input, step));
        found.extend(people::not_supported(input, step));
        found.extend(strands(input, step, steps));
    }
    found.extend(needed::needed(input, steps));
    found.extend(mass::mass_delete(input, steps));
    found.extend(mass::mass_update(input, steps));
    found.extend(people::last_admins(input, steps));
    found.extend(mass::incomplete(input, steps));
    if !input.ledger_shared && !steps.is_empty() {
        let message = "the ledger is on this machine alone, which is gone after this run";
        let finding = Finding::new(&codes::LEDGER_NOT_SHARED, message);
        let help = "keep it where every run finds it: set `state: git` in makeform.yaml in a repository \
                    with a remote, or the URL of an object store";
        found.push(finding.help(help));
    }
    found.into_iter().map(with_way_out).collect()
}

/// Says how to go on all the same.
pub(super) fn with_way_out(mut finding: Finding) -> Finding {
    let flag = format!("`--allow {}`", finding.code);
    finding.help = Some(match finding.help.take() {
        Some(help) => format!("{help}, or go on with {flag}"),
        None => format!("if that is meant, go on with {flag}"),
    });
    finding
}

/// Whether the step makes an object go.
fn destroys(step: &Step) -> bool {
    match step.action {
        Action::Delete | Action::Replace => true,
        Action::Create | Action::Update | Action::Adopt | Action::Forget => false,
    }
}

fn protected(input: &PlanInput<'_>, step: &Step) -> Option<Finding> {
    if !destroys(step) {
        return None;
    }
    let bindings = &input.bindings;
    // One that has another address today is still protected as it was.
    let bound = bindings.by_address.get(&step.address).or_else(|| {
        let address = bindings.address_of(step.address.kind, step.id.as_ref()?)?;
        bindings.by_address.get(address)
    });
    if !step.prevent_destroy && !bound.is_some_and(|binding| binding.prevent_destroy) {
        return None;
    }
    let verb = if step.action == Action::Replace {
        "replaced"
    } else {
        "deleted"
    };
    let message = format!("`{}` is protected and would be {verb}", step.address);
    Some(about(step, Finding::new(&codes::PREVENT_DESTROY, message)))
}

fn overwrites(step: &Step) -> Option<Finding> {
    let adopts = |reason: &Reason| matches!(reason, Reason::SameName | Reason::Pinned);
    if step.changes.is_empty() || !step.reasons.iter().any(adopts) {
        return None;
    }
    let id = step.id.as_ref()?;
    let message = format!(
        "object {id} is unmanaged and would be taken over as `{}` and changed",
        step.address
    );
    Some(about(step, Finding::new(&codes::ADOPT_OVERWRITES, message)))
}

/// Says which step a finding is about, and where that is declared.
pub(super) fn about(step: &Step, finding: Finding) -> Finding {
    let finding = finding.about(&step.address);
    match &step.place {
        Some(place) => finding.at(place.clone()),
        None => finding,
    }
}
