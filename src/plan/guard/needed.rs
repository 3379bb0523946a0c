//! What active scenarios name in their blueprints, and would lose.

use std::collections::{BTreeMap, BTreeSet};

use super::{about, codes, destroys};
use crate::{
    diagnostic::Finding,
    model::{Field, Kind, Live, RemoteId, blueprint::id_places},
    plan::{PlanInput, Step},
};

/// Steps that take away what an active scenario names, where no step of its own sees to the scenario: Make
/// finds it invalid then, and stops it. What webhooks start is found elsewhere.
pub(super) fn needed(input: &PlanInput<'_>, steps: &[Step]) -> Vec<Finding> {
    let gone: BTreeMap<(Kind, RemoteId), &Step> = steps
        .iter()
        .filter(|step| destroys(step) && step.address.kind != Kind::Webhook)
        .filter_map(|step| Some(((step.address.kind, step.id.clone()?), step)))
        .collect();
    if gone.is_empty() {
        return Vec::new();
    }
    let seen_to: BTreeSet<&RemoteId> = steps
        .iter()
        .filter(|step| step.address.kind == Kind::Scenario)
        .filter_map(|step| step.id.as_ref())
        .collect();
    let mut users: BTreeMap<(Kind, RemoteId), BTreeSet<String>> = BTreeMap::new();
    for live in input.snapshot.of(Kind::Scenario) {
        if seen_to.contains(&live.id) {
            continue;
        }
        for named in named(live) {
            if gone.contains_key(&named) {
                users.entry(named).or_default().insert(told(input, live));
            }
        }
    }
    let finding = |(lost, users): (_, BTreeSet<String>)| {
        let step = gone.get(&lost)?;
        let users: Vec<String> = users.into_iter().collect();
        let message = format!(
            "`{}` would be deleted, and Make stops the active scenarios that need it: {}",
            step.address,
            users.join(", ")
        );
        Some(about(step, Finding::new(&codes::STOPS_ACTIVE, message)))
    };
    users.into_iter().filter_map(finding).collect()
}

/// The ids in the blueprint of a scenario that is active.
fn named(live: &Live) -> Vec<(Kind, RemoteId)> {
    let spec = live.spec.as_scenario();
    let active = spec.filter(|spec| spec.active == Field::Set(true));
    let blueprint = active.and_then(|spec| spec.blueprint.as_set());
    let Some(document) = blueprint.and_then(|blueprint| blueprint.document().ok()) else {
        return Vec::new();
    };
    let places = id_places(&document);
    let ids = places
        .iter()
        .filter_map(|place| Some((place.kind, place.id()?)));
    ids.collect()
}

/// A scenario as people know it.
fn told(input: &PlanInput<'_>, live: &Live) -> String {
    match input.bindings.address_of(Kind::Scenario, &live.id) {
        Some(address) => format!("`{address}`"),
        None => format!("scenario {}", live.id),
    }
}
