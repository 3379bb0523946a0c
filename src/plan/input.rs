//! What planning reads.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Target, unlisted::unlisted};
use crate::{
    diagnostic::{Finding, codes::plan as codes},
    model::{
        Address, Binding, Bindings, Desired, Handling, Identity, Kind, Live, RemoteId, Snapshot,
        spec::{ScenarioSpec, schedule::When},
    },
};

/// All that a plan depends on.
#[derive(Clone, Debug)]
pub struct PlanInput<'a> {
    /// What the plan is for.
    pub target: Target,
    /// What the manifests ask for.
    pub desired: &'a Desired,
    /// What the account has.
    pub snapshot: &'a Snapshot,
    /// Which address is which id.
    pub bindings: &'a Bindings,
    /// Plan these and what they depend on; none means everything.
    pub only: &'a [Address],
    /// Delete everything that is bound, whatever the manifests say.
    pub destroy: bool,
    /// Whether the editor's part of blueprints is applied too, where it alone differs.
    pub editor: bool,
    /// Whether the ledger will still be there for the next run; false for a file on a runner's
    /// disk, unless the account is a sandbox.
    pub ledger_shared: bool,
    /// What time it is in the account: next runs come after it. No part of the digest.
    pub now: Timestamp,
}

/// What of an account planning needs: a team may hold thousands of things that no manifest is
/// about.
#[derive(Clone, Debug, Default)]
pub struct Interest {
    /// The kinds that are declared or bound.
    pub kinds: BTreeSet<Kind>,
    /// The scenarios whose blueprints are needed, by name..
    pub names: BTreeSet<String>,
    /// ..and by id.
    pub ids: BTreeSet<RemoteId>,
    /// The scenarios whose interfaces are needed, by name..
    pub interface_names: BTreeSet<String>,
    /// ..and by id.
    pub interface_ids: BTreeSet<RemoteId>,
    /// The scenarios that are to start by themselves, by name: of those among them that run on
    /// demand, the interfaces are needed, since what takes inputs has to stay so..
    pub scheduled_names: BTreeSet<String>,
    /// ..and by id.
    pub scheduled_ids: BTreeSet<RemoteId>,
    /// The scenarios whose custom properties are needed, by name..
    pub property_names: BTreeSet<String>,
    /// ..and by id.
    pub property_ids: BTreeSet<RemoteId>,
    /// The roles of people who were invited, for where no list has them.
    pub unlisted: Vec<Live>,
    /// Whether the names of the team's custom functions are needed.
    pub functions: bool,
}

/// What of an account planning needs. `destroy`: all that is bound is to go.
///
/// Of what goes, all is needed that could not be made again from what is left: the journal keeps
/// it.
#[must_use]
pub fn interest(desired: &Desired, bindings: &Bindings, destroy: bool) -> Interest {
    let mut interest = Interest {
        unlisted: unlisted(bindings),
        // Whether what blueprints name is there.
        kinds: desired.mentions.kinds.clone(),
        functions: desired.mentions.functions,
        ..Interest::default()
    };
    for (address, declared) in &desired.things {
        interest.kinds.insert(address.kind);
        let Some(spec) = declared.spec.as_scenario() else {
            continue;
        };
        interest.names.insert(spec.name.clone());
        let pin = desired.pins.get(address).map(|pin| &pin.id);
        let mut known = [address].into_iter().chain(desired.former(address));
        let binding = known.find_map(|address| bindings.by_address.get(address));
        // What was set, and is gone from the manifest, has to be seen to be taken away.
        let was_set = |field| binding.is_some_and(|binding| has(binding, field));
        let ids = || pin.into_iter().chain(binding.map(|binding| &binding.id));
        if !spec.interface.is_absent() || was_set("interface") {
            interest.interface_names.insert(spec.name.clone());
            interest.interface_ids.extend(ids().cloned());
        }
        if starts_by_itself(desired, spec) {
            interest.scheduled_ids.extend(ids().cloned());
            // A namesake of one whose id is known would be read for nothing.
            if ids().next().is_none() {
                interest.scheduled_names.insert(spec.name.clone());
            }
        }
        if !spec.custom_properties.is_absent() || was_set("customProperties") {
            interest.property_names.insert(spec.name.clone());
            interest.property_ids.extend(ids().cloned());
        }
    }
    // Where others name what is left out, it is looked up.
    let excluded = desired.excluded.keys();
    interest.kinds.extend(excluded.map(|address| address.kind));
    let bound = bindings.by_address.iter();
    let bound = bound.map(|(address, binding)| (address, &binding.id));
    let pinned = desired.pins.iter().map(|(at, pin)| (at, &pin.id));
    for (address, id) in bound.chain(pinned) {
        interest.kinds.insert(address.kind);
        if address.kind == Kind::Scenario {
            interest.ids.insert(id.clone());
        }
    }
    for (address, binding) in &bindings.by_address {
        let removed = desired.removed.get(address);
        let is_kept = desired.things.contains_key(address)
            || desired.excluded.contains_key(address)
            || removed.is_some_and(|removed| !removed.destroy);
        if address.kind == Kind::Scenario && (destroy || !is_kept) {
            interest.interface_ids.insert(binding.id.clone());
            // Not every account has any: those of whom it is known that they do.
            if has(binding, "customProperties") {
                interest.property_ids.insert(binding.id.clone());
            }
        }
    }
    interest
}

/// Whether a scenario has a schedule by which it starts.
fn starts_by_itself(desired: &Desired, spec: &ScenarioSpec) -> bool {
    let schedule = desired.schedule_of(spec);
    schedule.is_some_and(|schedule| schedule.when != When::OnDemand)
}

/// Whether a field was part of the form last applied.
fn has(binding: &Binding, field: &str) -> bool {
    let form = binding.form.as_ref();
    let form = form.and_then(|form| form.document().ok());
    form.is_some_and(|form| form.get(field).is_some_and(|value| !value.is_null()))
}

/// Whether things of a kind are created, changed and deleted.
pub(super) fn is_managed(kind: Kind) -> bool {
    kind.handling() == Handling::Managed
}

/// A ledger that was written for another account: nothing is planned by it.
pub(super) fn foreign_ledger(input: &PlanInput<'_>) -> Option<Finding> {
    let account = &input.target.account;
    let here = Identity {
        host: account.host.clone(),
        organization: account.organization,
        team: account.team,
    };
    let there = input.bindings.identity.as_ref()?;
    if *there == here || input.bindings.by_address.is_empty() {
        return None;
    }
    let words = |identity: &Identity| {
        let Identity {
            host,
            organization,
            team,
        } = identity;
        match team {
            0 => format!("{host}, organization {organization}"),
            team => format!("{host}, organization {organization}, team {team}"),
        }
    };
    let message = format!(
        "the ledger of target `{}` belongs to {}, and the target is {}",
        input.target.name,
        words(there),
        words(&here)
    );
    Some(Finding::new(&codes::FOREIGN_LEDGER, message))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::interest;
    use crate::model::{Address, Binding, Bindings, Desired, PackedJson, RemoteId};

    #[test]
    fn all_is_needed_of_a_scenario_that_goes() {
        let address: Address = "scenario.sync".parse().unwrap();
        let form = json!({"name": "Sync", "customProperties": {"cost": 1}});
        let binding = Binding {
            id: RemoteId::Int(9),
            form: Some(PackedJson::new(&form)),
            prevent_destroy: false,
            invited: false,
            unchecked: None,
        };
        let mut bindings = Bindings::default();
        bindings.by_address.insert(address, binding);
        let interest = interest(&Desired::default(), &bindings, false);
        let goes = [RemoteId::Int(9)].into();
        assert_eq!(interest.interface_ids, goes);
        assert_eq!(interest.property_ids, goes);
        assert_eq!(interest.ids, goes);
    }
}
