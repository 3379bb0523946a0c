//! Finding out what became of requests whose ending nobody knows, by reading the account.
//!
//! Only creates matter: an update or a deletion that was lost shows in the snapshot, and the next
//! plan decides upon it. A create that was carried out left an object that no binding holds, and
//! planning without it would make a second one.

use crate::{
    diagnostic::{Finding, codes::apply as codes},
    model::{
        Address, Binding, Bindings, Creates, Ending, Intent, Kind, Live, RemoteId, Sequence,
        Snapshot,
    },
    state::{Locked, StateError},
};

/// What the account says of requests whose ending nobody knew.
#[derive(Clone, Debug, Default)]
pub struct Settlement {
    /// Creates that did make an object, which nothing was bound to yet.
    pub bound: Vec<(Address, RemoteId, Sequence)>,
    /// Requests that made nothing, or whose effect the snapshot shows anyway.
    pub closed: Vec<Sequence>,
    /// Creates of which the account does not say enough. Nothing may be planned before somebody
    /// has.
    pub unclear: Vec<Finding>,
}

/// Finds out which unended requests made an object. Pure.
#[must_use]
pub fn settle(pending: &[Intent], bindings: &Bindings, snapshot: &Snapshot) -> Settlement {
    let mut settlement = Settlement::default();
    // What one create is found to have made, no other has.
    let mut held = bindings.clone();
    for intent in pending {
        let kind = intent.address.kind;
        let Some(creates) = &intent.creates else {
            settlement.closed.push(intent.sequence);
            continue;
        };
        // Somebody has said which object it is, or a later create has succeeded.
        if held.by_address.contains_key(&intent.address) {
            settlement.closed.push(intent.sequence);
            continue;
        }
        let made = made_by(creates, kind, snapshot.of(kind), &held);
        match made.as_slice() {
            _ if !snapshot.is_whole(kind) => {
                settlement.unclear.push(unread(&intent.address, creates));
            }
            [] => settlement.closed.push(intent.sequence),
            [one] => {
                let id = one.id.clone();
                bind(&mut held, &intent.address, &id);
                settlement
                    .bound
                    .push((intent.address.clone(), id, intent.sequence));
            }
            several => settlement
                .unclear
                .push(ambiguous(&intent.address, creates, several)),
        }
    }
    settlement
}

/// The objects that a create may have made: those of its kind and key that were not there when it
/// was sent, and that nothing is bound to.
pub(super) fn made_by<'l>(
    creates: &Creates,
    kind: Kind,
    live: impl Iterator<Item = &'l Live>,
    bindings: &Bindings,
) -> Vec<&'l Live> {
    live.filter(|live| live.spec.match_key().as_deref() == Some(&creates.key))
        .filter(|live| !creates.existing.contains(&live.id))
        .filter(|live| bindings.address_of(kind, &live.id).is_none())
        .collect()
}

impl Settlement {
    /// Counts the objects that were found into bindings that are not written: for a plan, which
    /// takes no lock.
    pub fn apply_to(&self, bindings: &mut Bindings) {
        for (address, id, _) in &self.bound {
            bind(bindings, address, id);
        }
    }

    /// Writes down what was found.
    ///
    /// # Errors
    /// When the ledger can't be written.
    pub fn record(&self, ledger: &mut Locked) -> Result<(), StateError> {
        for (_, id, sequence) in &self.bound {
            let id = Some(id.clone());
            ledger.settle(*sequence, Ending::Settled { id })?;
        }
        for sequence in &self.closed {
            ledger.settle(*sequence, Ending::Settled { id: None })?;
        }
        Ok(())
    }
}

fn bind(bindings: &mut Bindings, address: &Address, id: &RemoteId) {
    let binding = Binding {
        id: id.clone(),
        form: None,
        prevent_destroy: false,
    };
    bindings.by_address.insert(address.clone(), binding);
}

fn unread(address: &Address, creates: &Creates) -> Finding {
    let Creates { key, existing: _ } = creates;
    let kind = address.kind;
    Finding::new(
        &codes::CREATE_UNSETTLED,
        format!(
            "an earlier apply may have made the {kind} `{key}`, and not all things of that kind \
             could be read"
        ),
    )
    .about(address)
    .help("try again when the account can be read whole")
}

pub(super) fn ambiguous(address: &Address, creates: &Creates, several: &[&Live]) -> Finding {
    let Creates { key, existing: _ } = creates;
    let kind = address.kind;
    let ids: Vec<String> = several.iter().map(|live| live.id.to_string()).collect();
    Finding::new(
        &codes::CREATE_UNSETTLED,
        format!(
            "an earlier apply may have made the {kind} `{key}`, and several have that name: {}",
            ids.join(", ")
        ),
    )
    .about(address)
    .help(format!(
        "say which one it is with `makeform import {address} ID`, or delete the others"
    ))
}
