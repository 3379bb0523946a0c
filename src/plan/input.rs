//! What planning reads.

use std::collections::BTreeSet;

use super::Target;
use crate::model::{Address, Bindings, Desired, Handling, Kind, RemoteId, Snapshot};

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
    /// Whether the ledger will still be there for the next run; false for a file on a runner's
    /// disk, unless the account is a sandbox.
    pub ledger_shared: bool,
}

/// The scenarios whose blueprints planning needs, by name and by id: a team may hold thousands
/// that no manifest is about.
#[must_use]
pub fn interest(desired: &Desired, bindings: &Bindings) -> (BTreeSet<String>, BTreeSet<RemoteId>) {
    let names = desired
        .things
        .iter()
        .filter(|(address, _)| address.kind == Kind::Scenario)
        .filter_map(|(_, declared)| declared.spec.match_key())
        .collect();
    let bound = bindings
        .by_address
        .iter()
        .map(|(at, binding)| (at, &binding.id));
    let pinned = desired.pins.iter().map(|(at, pin)| (at, &pin.id));
    let ids = bound
        .chain(pinned)
        .filter(|(address, _)| address.kind == Kind::Scenario)
        .map(|(_, id)| id.clone())
        .collect();
    (names, ids)
}

/// Whether things of a kind are created, changed and deleted.
pub(super) fn is_managed(kind: Kind) -> bool {
    kind.handling() == Handling::Managed
}
