//! What a project has of an account before it is exported to: addresses, and files.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use super::secrets::Former;
use crate::model::{Address, Bindings, Desired, Kind, RemoteId, Spec, spec::LookedSpec};

/// The addresses and files that things have already. They keep them, whatever they are called in
/// Make by now.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The address of each object that has one.
    pub(super) objects: BTreeMap<(Kind, RemoteId), Address>,
    /// The file that each thing is declared in, relative to the project.
    pub(super) places: BTreeMap<Address, PathBuf>,
    /// Addresses that nothing new may have.
    pub(super) taken: BTreeSet<Address>,
    /// Things that are declared, and that the target leaves out.
    pub(super) left_out: BTreeSet<Address>,
    /// Things that the project is about to delete or to forget.
    pub(super) removed: BTreeSet<Address>,
    /// What is looked up under a name that the project has for it, as declared.
    pub(super) looked: BTreeMap<Address, LookedSpec>,
    /// What is pinned already.
    pub(super) pinned: BTreeSet<Address>,
    /// The variables that manifests name, and where.
    pub(super) variables: Former,
}

impl Known {
    /// What manifests, pins and the ledger of a target say. `objects`: the object that each
    /// declared thing is, those among them that the target leaves out.
    #[must_use]
    pub fn of(
        desired: &Desired,
        bindings: &Bindings,
        objects: &BTreeMap<Address, RemoteId>,
    ) -> Self {
        let mut known = Self::default();
        let excluded = desired.excluded.iter();
        let excluded = excluded.map(|(address, thing)| (address, thing.declared.as_ref()));
        let things = desired.things.iter();
        let things = things.map(|(address, thing)| (address, Some(thing)));
        for (address, declared) in things.chain(excluded) {
            known.taken.insert(address.clone());
            let Some(declared) = declared else { continue };
            let place = PathBuf::from(&declared.place.source.name);
            known.places.insert(address.clone(), place);
            if let (Some(looked), true) = (declared.spec.as_looked(), objects.contains_key(address))
            {
                known.looked.insert(address.clone(), looked.clone());
            }
        }
        // Of two addresses of one object the first counts: what is declared, then what is bound.
        let bound = bindings.by_address.iter();
        let bound = bound.map(|(address, binding)| (address, &binding.id));
        let pinned = desired.pins.iter().map(|(at, pin)| (at, &pin.id));
        let is_declared = |address: &Address| desired.things.contains_key(address);
        let (declared, left): (Vec<_>, Vec<_>) = objects
            .iter()
            .partition(|(address, _)| is_declared(address));
        let mut given = BTreeSet::new();
        for (address, id) in declared.into_iter().chain(left).chain(bound.chain(pinned)) {
            let slot = (address.kind, id.clone());
            known.taken.insert(address.clone());
            // A declared thing that could not be paired may be any object.
            let is_open = is_declared(address) && !objects.contains_key(address);
            if !is_open && !known.objects.contains_key(&slot) && given.insert(address) {
                known.objects.insert(slot, address.clone());
            }
        }
        known.taken.extend(desired.moved.keys().cloned());
        known.taken.extend(desired.removed.keys().cloned());
        known.left_out = desired.excluded.keys().cloned().collect();
        known.removed = desired.removed.keys().cloned().collect();
        known.pinned = desired.pins.keys().cloned().collect();
        known.variables = Former::of(desired);
        known
    }

    /// The file that a thing is declared in.
    #[must_use]
    pub fn place(&self, address: &Address) -> Option<&PathBuf> {
        self.places.get(address)
    }

    /// Whether a thing has a pin.
    pub(super) fn is_pinned(&self, address: &Address) -> bool {
        self.pinned.contains(address)
    }

    /// What a thing is declared to be, where it is looked up and was found.
    pub(super) fn looked(&self, address: &Address) -> Option<Spec> {
        let looked = self.looked.get(address)?.clone();
        match address.kind {
            Kind::Agent => Some(Spec::Agent(looked)),
            Kind::Connection => Some(Spec::Connection(looked)),
            Kind::Device => Some(Spec::Device(looked)),
            Kind::Key => Some(Spec::Key(looked)),
            Kind::DataStore
            | Kind::DataStructure
            | Kind::Folder
            | Kind::OrganizationRole
            | Kind::Scenario
            | Kind::Schedule
            | Kind::Team
            | Kind::TeamRole
            | Kind::Variable
            | Kind::Webhook => None,
        }
    }
}
