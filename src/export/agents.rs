//! AI agents: no API lists them, so what blueprints say of them is all that is known.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use crate::model::{
    Facts, Kind, Live, RemoteId, Snapshot, Spec, blueprint::id_places, spec::LookedSpec,
};

/// Adds the agents that blueprints name and that the account does not list, by the names that
/// Make's editor remembers. Says which they are.
pub(super) fn with_agents(snapshot: &Snapshot) -> (Cow<'_, Snapshot>, BTreeSet<RemoteId>) {
    let mut found: BTreeMap<RemoteId, Option<String>> = BTreeMap::new();
    for live in snapshot.of(Kind::Scenario) {
        let spec = live.spec.as_scenario();
        let blueprint = spec.and_then(|spec| spec.blueprint.as_set());
        // One that can't be read is reported where it is declared.
        let Some(Ok(document)) = blueprint.map(crate::model::Blueprint::document) else {
            continue;
        };
        for place in id_places(&document) {
            if place.kind == Kind::Agent
                && let Some(id) = place.id()
                && snapshot.get(Kind::Agent, &id).is_none()
            {
                let name = found.entry(id).or_default();
                let label = place.label.map(str::to_owned);
                // Labels may be out of date: the same one on every run, whatever is read first.
                *name = match (name.take(), label) {
                    (Some(one), Some(other)) => Some(one.min(other)),
                    (one, other) => one.or(other),
                };
            }
        }
    }
    if found.is_empty() {
        return (Cow::Borrowed(snapshot), BTreeSet::new());
    }
    let ids = found.keys().cloned().collect();
    let mut snapshot = snapshot.clone();
    let agents = snapshot.live.entry(Kind::Agent).or_default();
    for (id, name) in found {
        let name = name.unwrap_or_else(|| format!("Agent {id}"));
        let types = Vec::new();
        let spec = Spec::Agent(LookedSpec { name, types });
        let facts = Facts::default();
        agents.insert(id.clone(), Live { id, spec, facts });
    }
    (Cow::Owned(snapshot), ids)
}
