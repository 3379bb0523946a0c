//! What goes: things that the ledger knows, and no manifest declares any more.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Action, Decided, Reason, Step,
    diff_value::Around,
    digest,
    ending::deleted,
    input::{PlanInput, is_managed},
    order::{Needs, order},
    pair::Pairing,
};
use crate::{
    diagnostic::{Finding, codes::plan as codes},
    model::{
        Address, Binding, Dialect, HealthRule, Kind, RemoteId, Spec,
        blueprint::id_places,
        spec::{DataStoreSpec, Link, ScenarioSpec, WebhookSpec},
    },
};

/// Steps that end things, each with its digest.
#[derive(Default)]
pub(super) struct Leaving {
    steps: BTreeMap<Address, Step>,
    /// Bindings of objects that are gone already.
    pub(super) lapsed: Vec<Address>,
}

/// Decides what goes. `selected`: only these; none means all.
pub(super) fn leaving(
    input: &PlanInput<'_>,
    pairs: &BTreeMap<Address, Pairing>,
    selected: Option<&BTreeSet<Address>>,
    around: &Around<'_>,
) -> Leaving {
    // What another manifest declares now is no longer theirs: it goes with its new address.
    let renamed: BTreeSet<&Address> = pairs
        .values()
        .filter_map(|pairing| match pairing {
            Pairing::Renamed { id: _, from } => Some(from),
            Pairing::Bound(_)
            | Pairing::Pinned(_)
            | Pairing::SameName(_)
            | Pairing::Vanished(_)
            | Pairing::New
            | Pairing::Blocked => None,
        })
        .collect();
    let mut leaving = Leaving::default();
    for (address, binding) in &input.bindings.by_address {
        let declared = pairs.contains_key(address) && !input.destroy;
        let chosen = selected.is_none_or(|selected| selected.contains(address));
        let named = input.only.is_empty() || input.only.contains(address);
        let renamed = renamed.contains(address) && !input.destroy;
        if declared || renamed || !chosen || !named || !is_managed(address.kind) {
            continue;
        }
        let live = input.snapshot.get(address.kind, &binding.id);
        let removed = input
            .desired
            .removed
            .get(address)
            .filter(|_| !input.destroy);
        let mut step = match (live, removed) {
            (_, Some(removed)) if !removed.destroy => {
                forgotten(address, binding, Reason::RemovedAndKept)
            }
            _ if !input.destroy && is_left_out(input, address) => {
                forgotten(address, binding, Reason::Excluded)
            }
            // A member has one role: it stays where another manifest says which.
            (Some(_), _) if !input.destroy && is_held_otherwise(input, pairs, address, binding) => {
                forgotten(address, binding, Reason::RemovedAndKept)
            }
            (Some(live), removed) => {
                let reason = match removed {
                    _ if input.destroy => Reason::DestroyAll,
                    Some(_) => Reason::Removed,
                    None => Reason::NoLongerDeclared,
                };
                deleted(address, live, binding, reason, around)
            }
            (None, _) => {
                if input.snapshot.is_whole(address.kind) {
                    leaving.lapsed.push(address.clone());
                }
                continue;
            }
        };
        step.prevent_destroy = binding.prevent_destroy;
        step.place = removed.map(|removed| removed.place.clone());
        step.decided = digest::of_step(&step, None, Some(binding), None, None);
        leaving.steps.insert(address.clone(), step);
    }
    leaving
}

/// Whether the account has one role for each member, and the other kind of role is declared for
/// this one.
fn is_held_otherwise(
    input: &PlanInput<'_>,
    pairs: &BTreeMap<Address, Pairing>,
    address: &Address,
    binding: &Binding,
) -> bool {
    input.snapshot.account.dialect == Dialect::Unified
        && address.kind.is_role()
        && pairs.iter().any(|(other, pairing)| {
            other.kind.is_role() && other != address && pairing.id() == Some(&binding.id)
        })
}

/// Entries of `removed:` that name nothing which the ledger knows.
pub(super) fn unknown_removals(input: &PlanInput<'_>) -> Vec<Finding> {
    let is_unknown = |address: &&Address| !input.bindings.by_address.contains_key(*address);
    if input.destroy || !input.only.is_empty() {
        return Vec::new();
    }
    let unknown = input.desired.removed.iter();
    unknown
        .filter(|(address, _)| is_unknown(address))
        .map(|(address, removed)| {
            let message = "the ledger does not know it, so there is nothing to remove";
            Finding::new(&codes::REMOVED_UNKNOWN, message)
                .about(address)
                .at(removed.place.clone())
                .help("correct the address, or take the entry out if its work is done")
        })
        .collect()
}

/// Whether the target leaves a thing out, be it under the address that it has now.
pub(super) fn is_left_out(input: &PlanInput<'_>, address: &Address) -> bool {
    let moved = input.desired.moved.get(address);
    let now = moved.map_or(address, |moved| &moved.to);
    input.desired.excluded.contains_key(now)
}

pub(super) fn forgotten(address: &Address, binding: &Binding, reason: Reason) -> Step {
    Step {
        address: address.clone(),
        action: Action::Forget,
        id: Some(binding.id.clone()),
        reasons: vec![reason],
        changes: Vec::new(),
        unchanged: 0,
        upcoming: None,
        depends_on: BTreeSet::new(),
        later: BTreeSet::new(),
        before: None,
        after: None,
        remembered: None,
        prevent_destroy: false,
        releases: false,
        health: HealthRule::default(),
        place: None,
        edited: None,
        decided: Decided::default(),
    }
}

impl Leaving {
    /// The steps, what stands on something before it: also after the steps before them, which
    /// may take a scenario out of a folder or off a webhook.
    pub(super) fn in_order(mut self, input: &PlanInput<'_>, before: &[Step]) -> Vec<Step> {
        let users = self.users(input);
        let by_id: BTreeMap<(Kind, &RemoteId), &Address> = before
            .iter()
            .chain(self.steps.values())
            .filter_map(|step| Some(((step.address.kind, step.id.as_ref()?), &step.address)))
            .collect();
        let mut needs = BTreeMap::new();
        let mut earlier = BTreeMap::new();
        for (address, step) in &self.steps {
            let ids = step.id.as_ref().map(|id| (address.kind, id.clone()));
            let users = ids.and_then(|id| users.get(&id)).into_iter().flatten();
            let all: BTreeSet<Address> = users
                .filter_map(|(kind, id)| by_id.get(&(*kind, id)))
                .map(|address| (*address).clone())
                .collect();
            let (here, there) = all
                .into_iter()
                .partition(|address| self.steps.contains_key(address));
            earlier.insert(address.clone(), there);
            let settled = match step.action {
                Action::Delete => here,
                // Nothing happens to the object.
                Action::Forget
                | Action::Create
                | Action::Update
                | Action::Replace
                | Action::Adopt => BTreeSet::new(),
            };
            let needed = Needs {
                settled,
                ..Needs::default()
            };
            needs.insert(address.clone(), needed);
        }
        let mut out = Vec::new();
        for (address, mut needs) in order(&needs).steps {
            if let Some(mut step) = self.steps.remove(&address) {
                if step.action == Action::Delete {
                    let there: Option<BTreeSet<Address>> = earlier.remove(&address);
                    needs.extend(there.unwrap_or_default());
                }
                step.depends_on = needs;
                out.push(step);
            }
        }
        out
    }

    /// Which objects stand on which, as the account has it: (what is used) -> (its users).
    fn users(&self, input: &PlanInput<'_>) -> Users {
        let mut users = Users::new();
        if self.steps.is_empty() {
            return users;
        }
        let going: BTreeSet<(Kind, &RemoteId)> = self
            .steps
            .values()
            .filter_map(|step| Some((step.address.kind, step.id.as_ref()?)))
            .collect();
        let mut note = |used: (Kind, &RemoteId), user: (Kind, &RemoteId)| {
            let entry = users.entry((used.0, used.1.clone())).or_default();
            entry.insert((user.0, user.1.clone()));
        };
        for live in input.snapshot.of(Kind::Folder) {
            if let Spec::Folder(spec) = &live.spec
                && let Some(Link::Id(parent)) = spec.parent.as_set()
            {
                note((Kind::Folder, parent), (Kind::Folder, &live.id));
            }
        }
        for live in input.snapshot.of(Kind::Webhook) {
            if let Some(scenario) = &live.facts.attached {
                note((Kind::Webhook, &live.id), (Kind::Scenario, scenario));
            }
        }
        for kind in [Kind::DataStore, Kind::Webhook] {
            for live in input.snapshot.of(kind) {
                if let Spec::DataStore(DataStoreSpec { data_structure, .. })
                | Spec::Webhook(WebhookSpec { data_structure, .. }) = &live.spec
                    && let Some(Link::Id(structure)) = data_structure.as_set()
                {
                    note((Kind::DataStructure, structure), (kind, &live.id));
                }
            }
        }
        // A person is in the teams as long as in the organization.
        for live in input.snapshot.of(Kind::TeamRole) {
            note(
                (Kind::OrganizationRole, &live.id),
                (Kind::TeamRole, &live.id),
            );
        }
        for live in input.snapshot.of(Kind::Scenario) {
            let Spec::Scenario(spec) = &live.spec else {
                continue;
            };
            let user = (Kind::Scenario, &live.id);
            if let Some(Link::Id(folder)) = spec.folder.as_set() {
                note((Kind::Folder, folder), user);
            }
            if let Some(hook) = &live.facts.attached {
                note((Kind::Webhook, hook), user);
            }
            if going.contains(&user) {
                for (kind, id) in named(spec) {
                    note((kind, &id), user);
                }
            }
        }
        users
    }
}

type Users = BTreeMap<(Kind, RemoteId), BTreeSet<(Kind, RemoteId)>>;

/// What the blueprint of a scenario names by id: scenarios that it calls, data stores that it looks
/// into, data structures of its modules, and whatever else.
fn named(spec: &ScenarioSpec) -> BTreeSet<(Kind, RemoteId)> {
    let blueprint = spec.blueprint.as_set();
    let Some(Ok(document)) = blueprint.map(crate::model::Blueprint::document) else {
        return BTreeSet::new();
    };
    let places = id_places(&document);
    let ids = places
        .iter()
        .filter_map(|place| Some((place.kind, place.id()?)));
    ids.collect()
}
