//! Which scenario a webhook starts, where the account has to be told.
//!
//! In the zone dialect that follows from the scenario's blueprint alone. In the unified one a webhook
//! is made for a scenario; what the blueprints say need not be said twice.

use std::collections::BTreeSet;

use crate::{
    diagnostic::{Finding, Report, codes::plan as codes},
    model::{Address, Desired, Field, Spec, spec::Link},
};

/// Fills in the scenarios of webhooks that say nothing of it: the one that names the webhook.
/// `started`: webhooks, each with a scenario that holds its id. Where several do, nobody knows which
/// is meant, and that is reported.
pub(super) fn scenarios_of_webhooks(
    desired: &mut Desired,
    started: &BTreeSet<(Address, Address)>,
) -> Report {
    let mut report = Report::default();
    for (address, declared) in &mut desired.things {
        let Spec::Webhook(spec) = &mut declared.spec else {
            continue;
        };
        if !spec.scenario.is_absent() {
            continue;
        }
        let named_by: Vec<&Address> = started
            .iter()
            .filter(|(webhook, _)| webhook == address)
            .map(|(_, scenario)| scenario)
            .collect();
        match named_by.as_slice() {
            [] => {}
            [scenario] => spec.scenario = Field::Set(Link::Thing((*scenario).clone())),
            [first, ..] => {
                let names: Vec<String> = named_by.iter().map(|name| format!("`{name}`")).collect();
                let message = format!(
                    "several scenarios name `{address}`, and it starts one: {}",
                    names.join(", ")
                );
                let finding = Finding::new(&codes::WEBHOOK_SCENARIO, message).about(address);
                let help = format!("say which: `scenario: {first}`, for example");
                report.push(finding.at(declared.place.clone()).help(help));
            }
        }
    }
    report
}
