//! The plan's own promises, checked in debug builds and tests.

use std::collections::BTreeSet;

use super::{Action, Plan, Step};
use crate::model::{Address, Kind};

/// What is wrong with a plan: nothing, unless planning has a mistake.
pub(super) fn problems(plan: &Plan) -> Vec<String> {
    let mut problems = Vec::new();
    let mut seen: BTreeSet<&Address> = BTreeSet::new();
    let has_errors = plan.findings.has_errors();
    for step in &plan.steps {
        for need in &step.depends_on {
            // A cycle is an error, and such a plan is never applied.
            if !seen.contains(need) && !has_errors {
                problems.push(format!("{} comes before {need}", step.address));
            }
        }
        let is_later = |other: &Address| !seen.contains(other);
        if !step.later.iter().all(is_later)
            || (!step.later.is_empty() && step.action != Action::Create)
        {
            problems.push(format!("{} can't be finished later", step.address));
        }
        if !seen.insert(&step.address) {
            problems.push(format!("{} has two steps", step.address));
        }
        problems.extend(problem(step));
        let record = plan.records.get(&step.address);
        if record.is_some_and(|record| step.id.as_ref() != Some(&record.id)) {
            problems.push(format!("{} has a record of another object", step.address));
        }
    }
    problems
}

fn problem(step: &Step) -> Option<String> {
    // id, changes, before, after: whether it must be there.
    let is_light = step.address.kind == Kind::Scenario && step.sends_nothing();
    let (id, changes, before, after) = match step.action {
        Action::Create => (false, true, false, true),
        Action::Update if step.only_checks() => (true, false, true, true),
        Action::Update | Action::Replace => (true, true, true, true),
        Action::Adopt => (true, !step.changes.is_empty(), !is_light, !is_light),
        Action::Delete => (true, true, true, false),
        Action::Forget => (true, false, false, false),
    };
    let has = (
        step.id.is_some(),
        !step.changes.is_empty(),
        step.before.is_some(),
        step.after.is_some(),
    );
    if has != (id, changes, before, after) {
        return Some(format!(
            "{} lacks a part, or has one too many",
            step.address
        ));
    }
    let remembers = step.remembered.is_some();
    (remembers != (after || is_light))
        .then(|| format!("{} remembers the wrong thing", step.address))
}
