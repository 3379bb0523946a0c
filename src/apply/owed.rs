//! What is known of scenarios that an earlier apply changed, and at which nobody has looked yet.
//!
//! The journal says with each request that a look is owed; the ledger keeps that, with the form
//! before, until somebody has looked: see [`Unchecked`].

use serde_json::Value;

use super::executor::Run;
use crate::{
    model::{Form, Hidden, Kind, OnUnhealthy, Owes, RemoteId, Unchecked},
    plan::{self, Action, Step},
};

impl Run<'_> {
    /// What is told of a form before that is in the journal, and can't be put back as it is there:
    /// a value of it is covered, and another one now.
    pub(super) fn way_back(&self, step: &Step, previous: Option<&Form>) -> Option<String> {
        let unchecked = self.unchecked(step)?;
        let is_kept = previous.is_none() && unchecked.before.is_some();
        if !is_kept || step.health.on_unhealthy != OnUnhealthy::Restore {
            return None;
        }
        let number = unchecked.apply.map_or_else(
            || "N (the apply that changed it, see makeform state history)".to_owned(),
            |apply| apply.0.to_string(),
        );
        let address = &step.address;
        let command = format!("makeform rollback {number} --only {address}");
        Some(format!("; to have the form before back: {command}"))
    }

    /// What is to be known when a scenario that a step changes is looked at later.
    pub(super) fn owes(&self, step: &Step, id: Option<&RemoteId>) -> Option<Owes> {
        let is_left = matches!(step.action, Action::Delete | Action::Forget);
        if step.address.kind != Kind::Scenario || is_left {
            return None;
        }
        let was_invalid = id.is_some_and(|id| self.was_invalid(step, id));
        Some(Owes { was_invalid })
    }

    /// The form that a step goes back to if what it brings about does not work: the one that it
    /// begins with, or, where an earlier run has changed that and was cut off before anybody had
    /// looked whether it works, the one before that. None where that can't be put back.
    pub(super) async fn former(&self, step: &Step, before: &Form) -> Option<Form> {
        let Some(unchecked) = self.unchecked(step) else {
            let mut former = before.clone();
            // It may have been stopped for another step.
            if let Some(active) = step.before.as_ref().and_then(|before| before.get("active")) {
                former.set("active", active.clone());
            }
            return Some(former);
        };
        let kept = unchecked.before.as_ref()?;
        let sealer = self.input.sealer;
        // To make a hash takes its time: first all that are going to be asked for.
        let ahead = sealer.ahead();
        let _ = plan::uncovered(kept, before, &|hidden, now| {
            let now = now.inspect(|now| ahead.compares(hidden, now));
            Some(now.cloned().unwrap_or_default())
        });
        ahead.make().await;
        let value = |hidden: &Hidden, now: Option<&Value>| {
            let now = now.filter(|now| sealer.is(&step.address, hidden, now));
            now.cloned().or_else(|| sealer.open(&step.address, hidden))
        };
        let mut former = plan::uncovered(kept, before, &value)?;
        former.fields.retain(|field, _| before.get(field).is_some());
        Some(former)
    }

    /// What is known of a scenario that was changed, and at which nobody has looked yet.
    pub(super) fn unchecked(&self, step: &Step) -> Option<&Unchecked> {
        let bindings = &self.ledger.ledger().bindings.by_address;
        let binding = bindings.get(&step.address)?;
        let is_its = step.id.as_ref() == Some(&binding.id);
        binding.unchecked.as_deref().filter(|_| is_its)
    }

    /// Whether the scenario was invalid before the plan was made.
    pub(super) fn was_invalid(&self, step: &Step, id: &RemoteId) -> bool {
        if let Some(unchecked) = self.unchecked(step) {
            return unchecked.was_invalid;
        }
        let before = self.input.snapshot.get(Kind::Scenario, id);
        before.is_some_and(|live| live.facts.invalid)
    }
}
