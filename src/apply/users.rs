//! Scenarios that stand on what a step takes away: they are stopped before, and brought to what
//! the plan wants of them by their own steps, later in the same run.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    executor::Run,
    outcome::StepOutcome,
    stop::{Stop, finding, stale},
};
use crate::{
    diagnostic::{Finding, codes::health as codes},
    model::{Blueprint, Dialect, Form, Kind, RemoteId, blueprint::visit_modules_mut},
    plan::{self, Action, Step},
};

impl Run<'_> {
    /// Stops the active scenarios that have a later step which waits for this one. Make would
    /// switch them off as their webhook goes; until their own steps are done they can't work.
    pub(super) async fn stop_users(&mut self, step: &Step) -> Result<(), Stop> {
        let steps = &self.input.plan.steps;
        let users = steps.iter().filter_map(|user| {
            let waits = user.depends_on.contains(&step.address);
            let id = user.id.as_ref().filter(|_| waits)?;
            let before = user.before.as_ref().filter(|_| is_running(user))?;
            Some((user, id, before))
        });
        let users: Vec<(&Step, &RemoteId, &Form)> = users
            .filter(|(user, ..)| !self.stopped.contains_key(&user.address))
            .collect();
        for (user, id, _) in &users {
            let unchanged = self.check_unchanged(user, id).await;
            unchanged.map_err(|stop| blame(step, user, stop, "can't be read"))?;
        }
        for (user, id, before) in users {
            let mut off = before.clone();
            off.set("active", false);
            let stopped = self.write_all(user, id, before.clone(), &off).await;
            stopped.map_err(|stop| blame(step, user, stop, "can't be stopped"))?;
            self.stopped
                .insert(user.address.clone(), step.address.clone());
        }
        Ok(())
    }

    /// Takes the webhook out of a scenario that is about to go, unless it goes too: whether Make
    /// deletes a webhook with its scenario, nobody documents, and its URL would be lost. Where Make
    /// refuses to save the scenario so, it goes as it is.
    pub(super) async fn release_webhook(
        &mut self,
        step: &Step,
        id: &RemoteId,
        before: Form,
    ) -> Result<(), Stop> {
        let live = self.input.snapshot.get(Kind::Scenario, id);
        let live = live.filter(|_| step.address.kind == Kind::Scenario);
        let Some(hook) = live.and_then(|live| live.facts.attached.as_ref()) else {
            return Ok(());
        };
        let mut others = self.input.plan.steps.iter();
        let goes = others.any(|other| {
            let is_hook = other.address.kind == Kind::Webhook && other.id.as_ref() == Some(hook);
            is_hook && matches!(other.action, Action::Delete | Action::Replace)
        });
        if goes || self.account.dialect == Dialect::Unified {
            return Ok(());
        }
        let document = json!({"name": before.text("name"), "flow": [], "metadata": {}});
        let mut bare = before.clone();
        bare.set("active", false);
        bare.blueprint = Some(Blueprint::new(&document, false));
        match self.write_all(step, id, before, &bare).await {
            Err(Stop::Step(_)) => Ok(()),
            released => released,
        }
    }

    /// Whether a scenario is what the plan decided upon, but for what this run did to it: it is
    /// off, and the webhooks that were deleted are no longer in it.
    pub(super) fn is_ours(&self, step: &Step, now: &Form) -> bool {
        let Some(before) = step.before.as_ref() else {
            return false;
        };
        let mut ours = before.clone();
        ours.set("active", false);
        self.stopped.contains_key(&step.address)
            && plan::holds(&self.detached(&ours), &self.detached(now))
    }

    /// A form without the webhooks that this run has deleted.
    fn detached(&self, form: &Form) -> Form {
        let mut form = form.clone();
        let document = form.blueprint.as_ref();
        let Some(Ok(mut document)) = document.map(Blueprint::document) else {
            return form;
        };
        visit_modules_mut(&mut document, &mut |_, module| {
            let parameters = module.get_mut("parameters").and_then(Value::as_object_mut);
            if let Some(parameters) = parameters
                && let Some(hook) = parameters.get("hook")
                && RemoteId::from_value(hook).is_none_or(|id| self.gone.contains(&id))
            {
                parameters.shift_remove("hook");
            }
        });
        form.blueprint = Some(Blueprint::new(&document, false));
        form
    }

    /// What was stopped, and is not on again.
    pub(super) fn left_off(&self) -> Vec<Finding> {
        let steps = self.input.plan.steps.iter();
        let off = steps.filter_map(|step| {
            let because = self.stopped.get(&step.address)?;
            let message = format!("it was stopped for `{because}`, and is still off");
            let help =
                "apply again; what its manifest does not say to be active, switch on in Make";
            Some(finding(step, &codes::SCENARIO_LEFT_OFF, message).help(help))
        });
        off.collect()
    }
}

/// Why a step is not done: for what became of a scenario that stands on its thing.
fn blame(step: &Step, user: &Step, stop: Stop, what: &str) -> Stop {
    let user = &user.address;
    match stop {
        Stop::Step(StepOutcome::Stale(_)) => {
            let message = format!("{user} stands on it, and changed after the plan was made");
            stale(step, &message)
        }
        Stop::Step(StepOutcome::Failed(why)) => {
            let message = format!("{user} stands on it, and {what}: {}", why.message);
            let mut finding = finding(step, why.code, message);
            finding.help = why.help;
            Stop::failed(finding)
        }
        stop @ (Stop::Step(_) | Stop::Run(_)) => stop,
    }
}

/// Whether a step that was not done was to take over the name or a webhook of what another one
/// deletes: that would leave neither of them.
pub(super) fn takes_over(undone: &Step, goes: &Step) -> bool {
    let (Action::Delete, Some(after), Some(before)) = (goes.action, &undone.after, &goes.before)
    else {
        return false;
    };
    let same_name = ["name", "email"].into_iter().any(|field| {
        let name = before.text(field);
        name.is_some() && name == after.text(field)
    });
    undone.address.kind == goes.address.kind
        && (same_name || !hooks(after).is_disjoint(&hooks(before)))
}

/// The webhooks that a form's modules name.
pub(super) fn hooks(form: &Form) -> BTreeSet<RemoteId> {
    let mut hooks = BTreeSet::new();
    let document = form.blueprint.as_ref().map(Blueprint::document);
    if let Some(Ok(mut document)) = document {
        visit_modules_mut(&mut document, &mut |_, module| {
            let parameters = module.get("parameters");
            let hook = parameters.and_then(|parameters| parameters.get("hook"));
            hooks.extend(hook.and_then(RemoteId::from_value));
        });
    }
    hooks
}

/// Whether a step is about a scenario that is on.
fn is_running(step: &Step) -> bool {
    let before = step.before.as_ref();
    step.address.kind == Kind::Scenario
        && before.and_then(|before| before.flag("active")) == Some(true)
}
