//! Scenarios that are made in two parts: those that call each other, and, in a dialect whose
//! webhooks need the scenario that they start, those that name their webhook.

use std::collections::{BTreeMap, BTreeSet};

use super::{Action, Step, input::PlanInput, normalize::Drawn, order::Needs};
use crate::model::{
    Address, Dialect, Kind,
    reference::{Reference, Template},
};

/// What scenarios can be made without.
#[derive(Default)]
pub(super) struct Parts {
    /// What they name in their blueprints alone.
    later: BTreeMap<Address, BTreeSet<Address>>,
    /// Scenarios with the webhooks that are made for them.
    hooks: Vec<(Address, Address)>,
}

impl Parts {
    /// Notes what a step that makes something can do without, and for which scenario it is.
    pub(super) fn note(&mut self, input: &PlanInput<'_>, step: &Step, wanted: &Drawn) {
        if step.action != Action::Create {
            return;
        }
        let dialect = input.snapshot.account.dialect;
        let address = &step.address;
        if address.kind == Kind::Scenario {
            let in_fields = wanted.symbols.iter();
            let in_fields =
                in_fields.filter(|(path, _)| path.first().is_some_and(|head| head != "blueprint"));
            let at_once: BTreeSet<Address> =
                in_fields.flat_map(|(_, text)| things_in(text)).collect();
            let later = wanted.uses.difference(&at_once).cloned();
            self.later.entry(address.clone()).or_default().extend(later);
        }
        if address.kind == Kind::Webhook && dialect == Dialect::Unified {
            // A scenario is switched on when its webhook is there, whether it names it or not.
            let scenarios = wanted.uses.iter();
            let scenarios = scenarios.filter(|used| used.kind == Kind::Scenario);
            self.hooks
                .extend(scenarios.map(|scenario| (scenario.clone(), address.clone())));
        }
    }

    /// Those of the things that are made without which a first part of a scenario can be sent.
    pub(super) fn later(&self, address: &Address, made: &BTreeSet<Address>) -> BTreeSet<Address> {
        let later = self.later.get(address).into_iter().flatten();
        later
            .filter(|other| made.contains(*other))
            .cloned()
            .collect()
    }

    /// Has scenarios that are to run wait for their webhooks.
    pub(super) fn wait_for_hooks(
        &self,
        steps: &BTreeMap<Address, Step>,
        needs: &mut BTreeMap<Address, Needs>,
    ) {
        for (scenario, webhook) in &self.hooks {
            let is_started = steps.get(scenario).is_some_and(|step| {
                let after = step.after.as_ref();
                step.action == Action::Create
                    && after.and_then(|form| form.flag("active")) == Some(true)
            });
            if let Some(needs) = needs.get_mut(scenario).filter(|_| is_started) {
                needs.made.insert(webhook.clone());
                needs.later.insert(webhook.clone());
            }
        }
    }
}

/// The things that a text refers to.
fn things_in(text: &str) -> Vec<Address> {
    let template = Template::parse(text);
    let things = template
        .references()
        .filter_map(|reference| match reference {
            Reference::Thing { address, .. } => Some(address.clone()),
            Reference::Var(_) | Reference::Env(_) | Reference::Target(_) => None,
        });
    things.collect()
}
