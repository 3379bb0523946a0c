//! Bindings that apply changes without a step.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Address, Binding, RemoteId};

/// A binding that becomes another without a request: an object gets another address, or its
/// protection comes or goes. It is part of what is approved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rebinding {
    /// The thing.
    pub address: Address,
    /// The object that it is bound to from then on.
    pub id: RemoteId,
    /// Whether it is protected from then on.
    pub prevent_destroy: bool,
}

/// What becomes of bindings by what apply records. That a form is remembered otherwise decides
/// nothing, and is left out.
pub(super) fn rebindings(
    records: &BTreeMap<Address, Binding>,
    today: &BTreeMap<Address, Binding>,
) -> Vec<Rebinding> {
    let changed = records.iter().filter(|(address, binding)| {
        today.get(*address).is_none_or(|held| {
            held.id != binding.id || held.prevent_destroy != binding.prevent_destroy
        })
    });
    changed
        .map(|(address, binding)| Rebinding {
            address: address.clone(),
            id: binding.id.clone(),
            prevent_destroy: binding.prevent_destroy,
        })
        .collect()
}
