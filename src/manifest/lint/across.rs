//! Scenarios together with their schedules, and with those that call them.

use std::collections::BTreeMap;

use crate::{
    diagnostic::{Finding, Report, codes::lints as codes},
    model::{
        Address, Declared, Desired, Place,
        spec::{Schedule, schedule::When},
    },
};

use super::{Facts, listed};

/// Checks scenarios against their schedules and their callers. `facts` is what their blueprints say.
pub(in crate::manifest) fn across(desired: &Desired, facts: &BTreeMap<Address, Facts>) -> Report {
    let mut report = Report::default();
    for (address, fact) in facts {
        let Some(declared) = desired.things.get(address) else {
            continue;
        };
        let Some(schedule) = schedule_of(desired, declared) else {
            continue;
        };
        let at = |code, message: String| {
            Finding::new(code, message)
                .about(address)
                .at(place_of_schedule(declared))
        };
        let finding = match (&fact.instant, &fact.polling) {
            (Some((words, place)), _) if is_timed(schedule) => {
                let message =
                    format!("{words} tells of news at once, and a schedule says when to look");
                at(&codes::INSTANT_ON_INTERVAL, message)
                    .label(place.clone(), "the trigger")
                    .help("write `schedule: { immediately: true }`")
            }
            (None, Some(words)) if schedule.when == When::Immediately => {
                let message =
                    format!("{words} is told of nothing, so that it never runs immediately");
                at(&codes::IMMEDIATELY_NEVER, message)
                    .help("say when it is to look: `schedule: { every: 15m }`")
            }
            _ => continue,
        };
        report.push(finding);
    }
    for (address, callers) in callers(facts) {
        let Some(declared) = desired.things.get(address) else {
            continue;
        };
        let has_its_own = schedule_of(desired, declared)
            .is_some_and(|schedule| is_timed(schedule) || schedule.when == When::Immediately);
        if let (true, Some((_, _, place))) = (has_its_own, callers.first()) {
            let names: Vec<String> = callers
                .iter()
                .map(|(caller, module, _)| format!("{module} of `{caller}`"))
                .collect();
            let message = format!("it is not on demand, and is called by {}", listed(&names));
            let finding = Finding::new(&codes::CALLED_NOT_ON_DEMAND, message)
                .about(address)
                .at(place_of_schedule(declared))
                .label((*place).clone(), "called here")
                .help("write `schedule: { onDemand: true }`");
            report.push(finding);
        }
    }
    report
}

type Call<'a> = (&'a Address, &'a str, &'a Place);

/// The scenarios that are called, each with who does.
fn callers(facts: &BTreeMap<Address, Facts>) -> BTreeMap<&Address, Vec<Call<'_>>> {
    let mut callers: BTreeMap<&Address, Vec<Call<'_>>> = BTreeMap::new();
    for (caller, fact) in facts {
        for (called, module, place) in &fact.calls {
            let calls = callers.entry(called).or_default();
            calls.push((caller, module, place));
        }
    }
    callers
}

fn schedule_of<'d>(desired: &'d Desired, declared: &'d Declared) -> Option<&'d Schedule> {
    desired.schedule_of(declared.spec.as_scenario()?)
}

/// Whether a clock starts it. What Make's own JSON says is not looked into.
fn is_timed(schedule: &Schedule) -> bool {
    match schedule.when {
        When::Every(_)
        | When::Daily(_)
        | When::Weekly(..)
        | When::Monthly(..)
        | When::Yearly(..)
        | When::Once(_)
        | When::Cron(_) => true,
        When::Immediately | When::OnDemand | When::Raw(_) => false,
    }
}

fn place_of_schedule(declared: &Declared) -> Place {
    let place = declared.places.get(&["schedule".to_owned()][..]);
    place.unwrap_or(&declared.place).clone()
}
