//! How addresses were bound before a run, which is what a rollback goes back to.

use std::collections::BTreeSet;

use crate::model::{Address, Binding, Bindings, Record};

/// The addresses of which the journal says how they were bound.
#[derive(Debug, Default)]
pub(super) struct Stood(BTreeSet<Address>);

impl Stood {
    /// Records with how each address was bound before the first of a run that is about it.
    pub(super) fn with_past(&mut self, bindings: &Bindings, records: Vec<Record>) -> Vec<Record> {
        let mut all = Vec::with_capacity(records.len());
        for record in records {
            match &record {
                Record::Started { .. } => self.0.clear(),
                Record::Intent(intent) => all.extend(self.past(bindings, &intent.address)),
                Record::Unbound { address } => all.extend(self.past(bindings, address)),
                Record::Bound { address, binding } => {
                    let held = bindings.by_address.get(address);
                    let holder = match held.is_some_and(|held| held.id == binding.id) {
                        true => None,
                        false => bindings.address_of(address.kind, &binding.id),
                    };
                    // It loses its object to the new address.
                    all.extend(holder.and_then(|holder| self.past(bindings, holder)));
                    all.extend(self.past(bindings, address));
                }
                Record::Ended { .. }
                | Record::Stood { .. }
                | Record::Checked { .. }
                | Record::Finished { .. } => {}
            }
            all.push(record);
        }
        all
    }

    /// How an address is bound, if the journal does not say it yet.
    fn past(&mut self, bindings: &Bindings, address: &Address) -> Option<Record> {
        let is_new = self.0.insert(address.clone());
        is_new.then(|| Record::Stood {
            address: address.clone(),
            binding: bindings.by_address.get(address).map(|binding| Binding {
                unchecked: None,
                ..binding.clone()
            }),
        })
    }
}
