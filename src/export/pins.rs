//! The ids that `makeform.ids.yaml` has to say: those of things that names do not tell apart.
//!
//! What is pinned stays pinned: here is only what has no pin yet.

use std::collections::BTreeSet;

use super::{compose::Exported, known::Known, name::Names, place::nowhere};
use crate::{
    diagnostic::{Finding, codes::export as codes},
    manifest::IDS_FILE,
    model::{Address, Kind, Pin, RemoteId},
};

/// Pins agents that are in no list: nothing else finds them.
pub(super) fn pin_agents(
    agents: &BTreeSet<RemoteId>,
    names: &Names,
    known: &Known,
    exported: &mut Exported,
) {
    let addresses = agents
        .iter()
        .filter_map(|id| Some((names.address(Kind::Agent, id)?, id)));
    let mut pinned = 0;
    for (address, id) in addresses {
        if is_wanted(address, known, exported) {
            exported.desired.pins.insert(address.clone(), pin_of(id));
            pinned += 1;
        }
    }
    if pinned > 0 {
        let message = match pinned {
            1 => format!("an AI agent is in no list of Make, so its id stands in {IDS_FILE}"),
            _ => format!(
                "{pinned} AI agents are in no list of Make, so their ids stand in {IDS_FILE}"
            ),
        };
        let finding = Finding::new(&codes::EXPORT_AGENTS, message);
        let help = "for another target, write the ids of its own agents there";
        exported.findings.push(finding.help(help));
    }
}

/// Pins the things whose name in Make several objects have.
pub(super) fn pin(names: &Names, known: &Known, exported: &mut Exported) {
    let mut shared = 0;
    let mut example = None;
    for (kind, label, ids) in names.shared() {
        let mut pinned = Vec::new();
        for id in ids {
            let Some(address) = names.address(kind, id) else {
                continue;
            };
            if is_wanted(address, known, exported) {
                pinned.push(address);
                exported.desired.pins.insert(address.clone(), pin_of(id));
            }
        }
        if let Some(first) = pinned.first() {
            shared += 1;
            example.get_or_insert_with(|| {
                let ids: Vec<String> = ids.iter().map(RemoteId::to_string).collect();
                let objects = format!("{kind} `{label}` of the objects {}", ids.join(", "));
                (Address::clone(first), objects)
            });
        }
    }
    if let Some((first, objects)) = example {
        let message = match shared {
            1 => format!("a name is shared: {objects}"),
            many => format!("{many} names are shared by several objects each, such as {objects}"),
        };
        let help = format!("commit {IDS_FILE}, which tells them apart");
        let finding = Finding::new(&codes::EXPORT_NAME_SHARED, message);
        exported.findings.push(finding.about(&first).help(help));
    }
}

/// Whether a thing is exported, and has no pin.
fn is_wanted(address: &Address, known: &Known, exported: &Exported) -> bool {
    exported.desired.things.contains_key(address) && !known.is_pinned(address)
}

fn pin_of(id: &RemoteId) -> Pin {
    Pin {
        id: id.clone(),
        place: nowhere(IDS_FILE),
    }
}
