//! `moved`: things that the ledger knows under another address.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    diagnostic::{Finding, Report, codes::environments as codes, codes::manifest},
    model::{Address, Desired, Handling, Moved, Place},
};

use super::{
    fields::Fields,
    node::Node,
    page::Page,
    schema::MOVED_ENTRY,
    values::{bad_value, did_you_mean, no_address, text},
};

/// An entry of `moved:`.
#[derive(Debug)]
pub(super) struct MovedEntry {
    from: Address,
    to: Address,
    place: Place,
}

/// Reads an entry.
pub(super) fn moved_entry(page: &Page, node: &Node) -> Option<MovedEntry> {
    let mut fields = Fields::of(page, node, &MOVED_ENTRY)?;
    let from = fields.required("from", |node| address(page, node));
    let to = fields.required("to", |node| Some((address(page, node)?, node)));
    fields.finish();
    let (from, (to, at)) = (from?, to?);
    let wrong = if from == to {
        Some("it moves to where it is".to_owned())
    } else if from.kind != to.kind {
        Some(format!("a {} can't become a {}", from.kind, to.kind))
    } else {
        None
    };
    if let Some(message) = wrong {
        bad_value(page, at, message, "");
        return None;
    }
    Some(MovedEntry {
        from,
        to,
        place: page.place(&node.span),
    })
}

fn address(page: &Page, node: &Node) -> Option<Address> {
    let address = match text(page, node)?.parse::<Address>() {
        Ok(address) => address,
        Err(error) => {
            no_address(page, node, &error);
            return None;
        }
    };
    if address.kind.handling() != Handling::Managed {
        let message = format!("the ledger knows no {}", address.kind);
        bad_value(
            page,
            node,
            message,
            "give its manifest another name, that is all",
        );
        return None;
    }
    Some(address)
}

/// The entries by the address that is left, each with the address at the end of its chain.
/// `declared`: all things of the project, those included that the target leaves out. What
/// contradicts that, or another entry, is reported; so is what leads nowhere, where `all`
/// manifests could be read.
pub(super) fn moved(
    entries: Vec<MovedEntry>,
    declared: &BTreeMap<Address, Place>,
    all: bool,
    desired: &mut Desired,
    report: &mut Report,
) {
    let mut next: BTreeMap<Address, MovedEntry> = BTreeMap::new();
    let mut taken: BTreeMap<Address, Place> = BTreeMap::new();
    for entry in entries {
        let MovedEntry { from, to, place } = &entry;
        let conflict = |message: String, other: &Place, label: &str| {
            Finding::new(&codes::MOVED_CONFLICT, message)
                .at(place.clone())
                .label(other.clone(), label)
        };
        let finding = if let Some(there) = declared.get(from) {
            let message = format!("`{from}` is moved and declared at once");
            Some(conflict(message, there, "declared here"))
        } else if let Some(removed) = desired.removed.get(from) {
            let message = format!("`{from}` is moved and removed at once");
            Some(conflict(message, &removed.place, "removed here"))
        } else if let Some(first) = next.get(from) {
            let message = format!("`{from}` is moved twice");
            Some(conflict(message, &first.place, "first here"))
        } else {
            taken.get(to).map(|first| {
                let message = format!("two things are moved to `{to}`");
                conflict(message, first, "the other one")
            })
        };
        match finding {
            Some(finding) => report.push(finding),
            None => {
                taken.insert(to.clone(), place.clone());
                next.insert(from.clone(), entry);
            }
        }
    }
    for (from, entry) in &next {
        let place = entry.place.clone();
        let mut seen = BTreeSet::from([from]);
        let mut to = &entry.to;
        let mut is_circle = false;
        while let Some(further) = next.get(to) {
            is_circle = !seen.insert(to);
            if is_circle {
                break;
            }
            to = &further.to;
        }
        if is_circle {
            let message = format!("what is moved from `{from}` comes back to `{to}`");
            report.push(Finding::new(&codes::MOVED_CONFLICT, message).at(place));
        } else if declared.contains_key(to) {
            let to = to.clone();
            desired.moved.insert(from.clone(), Moved { to, place });
        } else if all {
            let alike = declared.keys().filter(|other| other.kind == to.kind);
            let alike: Vec<String> = alike.map(Address::to_string).collect();
            let known = alike.iter().map(String::as_str);
            let message = format!("`{from}` is moved to `{to}`, which no manifest declares");
            let finding = Finding::new(&manifest::DANGLING_REFERENCE, message).at(place);
            report.push(finding.help(did_you_mean(&to.to_string(), known)));
        }
    }
}
