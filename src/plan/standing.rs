//! What is known of each thing that a reference may name, and what is looked up in vain.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    defaults::is_sayable,
    input::PlanInput,
    pair::{Pairing, looked_up},
    resolve::Standing,
    unsaid::unlisted,
};
use crate::{
    diagnostic::{Finding, Report},
    model::{Address, Handling, Kind},
};

/// What is known of each thing that a reference may name, and the things that are looked up and
/// can't be found.
pub(super) fn standings(
    input: &PlanInput<'_>,
    pairs: &BTreeMap<Address, Pairing>,
) -> (BTreeMap<Address, Standing>, BTreeMap<Address, Finding>) {
    let mut standings = BTreeMap::new();
    let mut missing = BTreeMap::new();
    for (address, declared) in &input.desired.things {
        let standing = match (address.kind.handling(), declared.spec.as_looked()) {
            // It is no object of the account.
            (Handling::Local, _) => continue,
            (Handling::Looked | Handling::Managed, Some(spec)) => {
                match looked_up(input, address, spec) {
                    Ok(id) => Standing::Known { id, url: None },
                    Err(finding) => {
                        let mut finding = finding.about(address);
                        finding.place.get_or_insert_with(|| declared.place.clone());
                        missing.insert(address.clone(), finding);
                        Standing::Blocked
                    }
                }
            }
            // Nothing lists such things here: only who writes the manifests knows their ids.
            (Handling::Looked | Handling::Managed, None)
                if !is_sayable(input.snapshot.account.dialect, &declared.spec) =>
            {
                match input.desired.pins.get(address) {
                    Some(pin) => Standing::Known {
                        id: pin.id.clone(),
                        url: None,
                    },
                    None => {
                        // Variables are named by their names, not by ids.
                        if address.kind != Kind::Variable {
                            let dialect = input.snapshot.account.dialect;
                            let finding = unlisted(dialect, address).about(address);
                            let finding = finding.at(declared.place.clone());
                            missing.insert(address.clone(), finding);
                        }
                        Standing::Blocked
                    }
                }
            }
            (Handling::Looked | Handling::Managed, None) => {
                let pairing = pairs.get(address);
                let live = pairing
                    .and_then(Pairing::id)
                    .and_then(|id| input.snapshot.get(address.kind, id));
                match live {
                    Some(live) => Standing::Known {
                        id: live.id.clone(),
                        url: live.facts.url.clone(),
                    },
                    None if pairing == Some(&Pairing::Blocked) => Standing::Blocked,
                    None => Standing::Open,
                }
            }
        };
        standings.insert(address.clone(), standing);
    }
    (standings, missing)
}

/// What references stood for when things were last applied: the ids of the ledger, else today's.
pub(super) fn past(
    input: &PlanInput<'_>,
    standings: &BTreeMap<Address, Standing>,
) -> BTreeMap<Address, Standing> {
    let mut past = standings.clone();
    for (address, binding) in &input.bindings.by_address {
        let live = input.snapshot.get(address.kind, &binding.id);
        let standing = Standing::Known {
            id: binding.id.clone(),
            url: live.and_then(|live| live.facts.url.clone()),
        };
        past.insert(address.clone(), standing);
    }
    past
}

/// Things that can't be found, with who needs them.
pub(super) fn missed(
    missing: BTreeMap<Address, Finding>,
    users: &BTreeMap<Address, BTreeSet<Address>>,
) -> Report {
    missing
        .into_iter()
        .filter_map(|(address, mut finding)| {
            // One that nothing in the plan needs hinders nothing.
            let users = users.get(&address)?;
            let users: Vec<String> = users.iter().map(|user| format!("`{user}`")).collect();
            let need = if users.len() == 1 { "needs" } else { "need" };
            finding.message = format!("{}; {} {need} it", finding.message, users.join(", "));
            Some(finding)
        })
        .collect()
}
