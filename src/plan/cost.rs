//! What carrying a plan out costs in requests.
//!
//! So that nobody is surprised by how long it takes. It counts what apply sends where nothing goes
//! wrong: each object is read again right before its step, and a scenario right after it too. What
//! cannot be known before is left out: what is sent again, what Make switches off, how often a run
//! that verifies a scenario is asked for, lists that grow old while they are used, and pages beyond
//! the first.

use std::{collections::BTreeSet, time::Duration};

use serde_json::Value;

use super::{Action, Plan, Reason, Step};
use crate::model::{Address, Dialect, Form, Kind, Mark, RemoteId, blueprint::modules};

/// The requests a minute of Make's smallest plan.
const SMALLEST: u32 = 30;

/// What an apply costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// The requests, about.
    pub requests: usize,
    /// The requests a minute that the organization's plan allows, where the account says.
    pub limit: Option<u32>,
}

impl Cost {
    /// How long that takes at the least: what Make allows in a minute goes at once.
    #[must_use]
    pub fn lasts(self) -> Duration {
        let limit = u64::from(self.limit.unwrap_or(SMALLEST).max(1));
        let more = u64::try_from(self.requests).unwrap_or(u64::MAX);
        let more = more.saturating_sub(limit);
        Duration::from_secs(more.saturating_mul(60).div_ceil(limit))
    }
}

impl Plan {
    /// What carrying it out costs, reading the account left aside.
    #[must_use]
    pub fn cost(&self) -> Cost {
        let account = &self.target.account;
        let limit = match account.dialect {
            Dialect::Zone => account.licence.requests,
            Dialect::Unified => None,
        };
        let mut bill = Bill {
            plan: self,
            dialect: account.dialect,
            listed: BTreeSet::new(),
            stopped: BTreeSet::new(),
        };
        let steps: usize = self.steps.iter().map(|step| bill.step(step)).sum();
        Cost {
            requests: bill.lapsed() + steps,
            limit,
        }
    }
}

/// What was counted so far.
struct Bill<'p> {
    plan: &'p Plan,
    dialect: Dialect,
    /// The kinds of which a list was read before a create: it is believed for a while.
    listed: BTreeSet<Kind>,
    /// The scenarios that were stopped for another step.
    stopped: BTreeSet<&'p Address>,
}

impl<'p> Bill<'p> {
    /// Looks for what is bound and was not seen, before its binding is dropped.
    fn lapsed(&self) -> usize {
        let of = |kind: Kind| {
            let moved = self.plan.rebindings.iter();
            moved.filter(|moved| moved.address.kind == kind).count()
        };
        let kinds: BTreeSet<Kind> = self.plan.lapsed.iter().map(|gone| gone.kind).collect();
        let of_kind = |kind: Kind| {
            let lapsed = self.plan.lapsed.iter().filter(|gone| gone.kind == kind);
            // What has another address is there.
            lapsed.count().saturating_sub(of(kind)) * self.look(kind)
        };
        kinds.into_iter().map(of_kind).sum()
    }

    /// The requests of one step.
    fn step(&mut self, step: &'p Step) -> usize {
        if step.sends_nothing() {
            return 0;
        }
        let read = self.read(step);
        match step.action {
            Action::Create => self.make(step),
            Action::Update | Action::Adopt => read + self.change(step) + self.look_after(step),
            Action::Replace => read + self.take_away(step) + self.make(step),
            Action::Delete => read + self.release(step) + self.take_away(step),
            Action::Forget => 0,
        }
    }

    /// The list of a kind. The other dialect does not say that a page is the last one: an empty one
    /// does.
    fn list(&self, kind: Kind) -> usize {
        match (self.dialect, kind) {
            (Dialect::Unified, Kind::OrganizationRole | Kind::TeamRole) => 2,
            (Dialect::Unified, _) => {
                let is_there = |step: &Step| step.address.kind == kind && step.id.is_some();
                1 + usize::from(self.plan.steps.iter().any(is_there))
            }
            // People, roles, and who has which.
            (Dialect::Zone, Kind::OrganizationRole | Kind::TeamRole) => 3,
            // Those of the organization, and those of the team.
            (Dialect::Zone, Kind::Variable) => 2,
            (_, _) => 1,
        }
    }

    /// One object, where it may be gone: a request of its own, or the list.
    fn look(&self, kind: Kind) -> usize {
        let kinds: &[Kind] = match self.dialect {
            Dialect::Zone => &[
                Kind::DataStore,
                Kind::DataStructure,
                Kind::Scenario,
                Kind::Webhook,
            ],
            Dialect::Unified => &[Kind::Scenario],
        };
        match kinds.contains(&kind) {
            true => 1,
            false => self.list(kind),
        }
    }

    /// The object of a step: a scenario has its row, its blueprint and its custom properties.
    fn read(&self, step: &Step) -> usize {
        if step.address.kind != Kind::Scenario || self.dialect == Dialect::Unified {
            return self.look(step.address.kind);
        }
        let mut forms = step.before.iter().chain(&step.after);
        2 + usize::from(forms.any(|form| form.get("customProperties").is_some()))
    }

    /// A create: nobody may have made one of that name. Then what one request can't say.
    fn make(&mut self, step: &Step) -> usize {
        let kind = step.address.kind;
        let list = match self.listed.insert(kind) {
            true => self.list(kind),
            false => 0,
        };
        let vanished = |reason: &Reason| matches!(reason, Reason::Vanished(_));
        let looked = match step.reasons.iter().any(vanished) {
            true => self.look(kind),
            false => 0,
        };
        let rest = step.after.as_ref().map_or(0, |form| self.rest(step, form));
        list + looked + 1 + rest + self.look_after(step)
    }

    /// What follows the request that makes an object.
    fn rest(&self, step: &Step, form: &Form) -> usize {
        let has = |field: &str| form.get(field).is_some_and(|value| !value.is_null());
        let said = |fields: &[&str]| fields.iter().filter(|field| has(field)).count();
        match (self.dialect, step.address.kind) {
            (dialect, Kind::Scenario) => {
                let apart = match dialect {
                    Dialect::Zone => {
                        let text = form.text("description").unwrap_or_default();
                        usize::from(!text.is_empty()) + said(&["interface", "customProperties"])
                    }
                    Dialect::Unified => 0,
                };
                let later = !step.later.is_empty() && is_open(form);
                apart + usize::from(later) + usize::from(form.flag("active") == Some(true))
            }
            (Dialect::Zone, Kind::Webhook) => {
                usize::from(said(&["ip", "dataStructure"]) > 0)
                    + usize::from(form.flag("enabled") == Some(false))
            }
            // Whether the lists show who was invited.
            (Dialect::Zone, Kind::OrganizationRole) => 1,
            (Dialect::Unified, Kind::OrganizationRole | Kind::TeamRole) => {
                self.list(step.address.kind)
            }
            (_, _) => 0,
        }
    }

    /// What an object is changed with.
    fn change(&self, step: &Step) -> usize {
        let heads: BTreeSet<&str> = step
            .changes
            .iter()
            .filter_map(|change| change.path.first().map(String::as_str))
            .collect();
        let apart: &[&str] = match (self.dialect, step.address.kind) {
            (Dialect::Zone, Kind::Scenario) => &["active", "interface", "customProperties"],
            (Dialect::Unified, Kind::Scenario) => &["active"],
            (_, Kind::Webhook) => &["name", "enabled"],
            (_, _) => &[],
        };
        let single = heads.iter().filter(|head| apart.contains(head)).count();
        let together = usize::from(heads.iter().any(|head| !apart.contains(head)));
        if !self.stopped.contains(&step.address) {
            return single + together;
        }
        // It is off already, and on again where its manifest says so.
        let after = step.after.as_ref().and_then(|form| form.flag("active"));
        let switched = usize::from(heads.contains("active"));
        single - switched + together + usize::from(after == Some(true))
    }

    /// Whether a scenario works after the step, and what a run of it costs at the least.
    fn look_after(&self, step: &Step) -> usize {
        if step.address.kind != Kind::Scenario {
            return 0;
        }
        self.read(step) + 2 * usize::from(step.health.verify.is_some())
    }

    /// Stops the scenarios that stand on an object, deletes it, and sees that it is gone.
    fn take_away(&mut self, step: &'p Step) -> usize {
        let mut requests = 0;
        for user in &self.plan.steps {
            let waits = user.id.is_some() && user.depends_on.contains(&step.address);
            let is_user = waits && user.address.kind == Kind::Scenario && is_on(user);
            if is_user && self.stopped.insert(&user.address) {
                requests += self.read(user) + 1;
            }
        }
        let stop = usize::from(step.address.kind == Kind::Scenario && is_on(step));
        requests + stop + 1 + self.look(step.address.kind)
    }

    /// Takes the webhook out of a scenario that goes without it: it is stopped and saved.
    fn release(&self, step: &Step) -> usize {
        if step.address.kind != Kind::Scenario || self.dialect == Dialect::Unified {
            return 0;
        }
        let Some(hook) = step.before.as_ref().and_then(hook_of) else {
            return 0;
        };
        let goes = self.plan.steps.iter().any(|other| {
            other.address.kind == Kind::Webhook
                && matches!(other.action, Action::Delete | Action::Replace)
                && other.id.as_ref() == Some(&hook)
        });
        match goes {
            true => 0,
            false => 1 + usize::from(is_on(step)),
        }
    }
}

/// Whether a scenario is on before a step.
fn is_on(step: &Step) -> bool {
    let before = step.before.as_ref();
    before.and_then(|form| form.flag("active")) == Some(true)
}

/// Whether a blueprint names what only apply will know.
fn is_open(form: &Form) -> bool {
    let mut marks = form.marks.iter();
    marks.any(|(path, mark)| {
        *mark == Mark::Unknown && path.first().is_some_and(|head| head == "blueprint")
    })
}

/// The webhook that starts a scenario.
fn hook_of(form: &Form) -> Option<RemoteId> {
    let document: Value = form.blueprint.as_ref()?.document().ok()?;
    let modules = modules(&document);
    let hook = modules.first()?.value.get("parameters")?.get("hook")?;
    RemoteId::from_value(hook)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Cost;
    use crate::plan::testing::leads;

    #[test]
    fn what_is_allowed_in_a_minute_goes_at_once() {
        let lasts = |requests, limit| {
            let limit = Some(limit);
            Cost { requests, limit }.lasts()
        };
        assert_eq!(lasts(240, 240), Duration::ZERO);
        assert_eq!(lasts(640, 240), Duration::from_secs(100));
    }

    #[test]
    fn a_plan_without_a_change_costs_nothing() {
        let mut world = leads();
        let plan = world.plan();
        assert!(plan.cost().requests >= plan.steps.len() * 2);
        world.settle();
        assert_eq!(world.plan().cost().requests, 0);
    }
}
