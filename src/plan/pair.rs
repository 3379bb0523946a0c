//! Which live object a wanted thing is: by binding, else by pin, else by its name.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    defaults::is_sayable,
    input::{PlanInput, is_managed},
};
use crate::{
    diagnostic::{
        Finding, Report,
        codes::{environments, plan as codes},
    },
    model::{Address, Declared, Kind, Place, RemoteId},
};

/// How a wanted thing relates to the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pairing {
    /// The ledger knows it.
    Bound(RemoteId),
    /// `makeform.ids.yaml` names it.
    Pinned(RemoteId),
    /// It is the one object of that name that is nobody's.
    SameName(RemoteId),
    /// The ledger knows it under an address that no manifest declares any more.
    Renamed {
        /// The object.
        id: RemoteId,
        /// The address that is left.
        from: Address,
    },
    /// The ledger knew it, and it is gone.
    Vanished(RemoteId),
    /// There is no such object.
    New,
    /// Nothing can be said of it, and a finding says why.
    Blocked,
}

impl Pairing {
    /// The live object.
    pub(super) fn id(&self) -> Option<&RemoteId> {
        match self {
            Self::Bound(id)
            | Self::Pinned(id)
            | Self::SameName(id)
            | Self::Renamed { id, from: _ } => Some(id),
            Self::Vanished(_) | Self::New | Self::Blocked => None,
        }
    }
}

/// Pairs all wanted things that the account can have.
pub(super) fn pair(input: &PlanInput<'_>, findings: &mut Report) -> BTreeMap<Address, Pairing> {
    let candidates = Candidates::new(input);
    let wanted: Vec<(&Address, &Declared)> = input
        .desired
        .things
        .iter()
        .filter(|(address, declared)| {
            is_managed(address.kind) && is_sayable(input.snapshot.account.dialect, &declared.spec)
        })
        .collect();
    // How many wanted things would take an object of that name.
    let mut rivals: BTreeMap<(Kind, String), Vec<&Address>> = BTreeMap::new();
    for (address, declared) in &wanted {
        if !candidates.is_known(address)
            && let Some(key) = declared.spec.match_key()
        {
            rivals.entry((address.kind, key)).or_default().push(address);
        }
    }
    wanted
        .into_iter()
        .map(|(address, declared)| {
            let (pairing, finding) = candidates.pair(address, declared, &rivals);
            if let Some(finding) = finding {
                findings.push(finding.about(address).at(declared.place.clone()));
            }
            (address.clone(), pairing)
        })
        .collect()
}

struct Candidates<'i, 'a> {
    input: &'i PlanInput<'a>,
    /// The address that each object is bound to.
    bound: BTreeMap<(Kind, &'a RemoteId), &'a Address>,
    /// The addresses that are pinned to each object.
    pinned: BTreeMap<(Kind, &'a RemoteId), Vec<&'a Address>>,
    /// Objects by name.
    named: BTreeMap<(Kind, String), Vec<&'a RemoteId>>,
}

impl<'i, 'a> Candidates<'i, 'a> {
    fn new(input: &'i PlanInput<'a>) -> Self {
        let bound = input
            .bindings
            .by_address
            .iter()
            .map(|(address, binding)| ((address.kind, &binding.id), address))
            .collect();
        let mut pinned: BTreeMap<(Kind, &RemoteId), Vec<&Address>> = BTreeMap::new();
        for (address, pin) in &input.desired.pins {
            let unbound = !input.bindings.by_address.contains_key(address);
            if unbound && input.desired.things.contains_key(address) {
                let pinned = pinned.entry((address.kind, &pin.id)).or_default();
                pinned.push(address);
            }
        }
        let mut named: BTreeMap<(Kind, String), Vec<&RemoteId>> = BTreeMap::new();
        for kind in Kind::ALL.into_iter().filter(|kind| is_managed(*kind)) {
            for live in input.snapshot.of(kind) {
                if let Some(key) = live.spec.match_key().filter(|key| !key.is_empty()) {
                    named.entry((kind, key)).or_default().push(&live.id);
                }
            }
        }
        Self {
            input,
            bound,
            pinned,
            named,
        }
    }

    /// Whether an object is said to be this thing, and is there.
    fn is_known(&self, address: &Address) -> bool {
        let binding = self.input.bindings.by_address.get(address);
        let pin = self.input.desired.pins.get(address);
        let id = binding.map(|b| &b.id).or(pin.map(|pin| &pin.id));
        let id = id.or(self.moved_here(address).map(|(_, id)| id));
        id.is_some_and(|id| self.input.snapshot.get(address.kind, id).is_some())
    }

    fn pair(
        &self,
        address: &Address,
        declared: &Declared,
        rivals: &BTreeMap<(Kind, String), Vec<&Address>>,
    ) -> (Pairing, Option<Finding>) {
        let snapshot = self.input.snapshot;
        if let Some(finding) = self.bound_twice(address) {
            return (Pairing::Blocked, Some(finding));
        }
        let binding = self.input.bindings.by_address.get(address);
        if let Some(binding) = binding {
            if snapshot.get(address.kind, &binding.id).is_some() {
                return (Pairing::Bound(binding.id.clone()), None);
            }
            if !snapshot.is_whole(address.kind) {
                // It may be there: the guard for incomplete readings says so.
                return (Pairing::Blocked, None);
            }
        } else if let Some((from, id)) = self.moved_here(address)
            && (snapshot.get(address.kind, id).is_some() || !snapshot.is_whole(address.kind))
        {
            return match snapshot.get(address.kind, id) {
                Some(_) => renamed(address, from, id),
                // It may be there, as above.
                None => (Pairing::Blocked, None),
            };
        } else if let Some(pin) = self.input.desired.pins.get(address) {
            return match snapshot.get(address.kind, &pin.id) {
                Some(live) => self.pinned(address, &live.id, &pin.place),
                None => {
                    let message = format!("the account has no object {} for it", pin.id);
                    let finding = Finding::new(&codes::PIN_NOT_FOUND, message)
                        .label(pin.place.clone(), "pinned here")
                        .help("correct or remove the pin");
                    (Pairing::Blocked, Some(finding))
                }
            };
        }
        let Some(key) = declared.spec.match_key() else {
            return (Pairing::New, None);
        };
        let slot = (address.kind, key.clone());
        let named = self.named.get(&slot).map_or(&[][..], Vec::as_slice);
        let free: Vec<&RemoteId> = named
            .iter()
            .copied()
            .filter(|id| self.is_free(address.kind, id))
            .collect();
        let rivals = rivals.get(&slot).map_or(&[][..], Vec::as_slice);
        match free.as_slice() {
            [] => {
                let pairing = match binding {
                    Some(binding) => Pairing::Vanished(binding.id.clone()),
                    None => Pairing::New,
                };
                (pairing, None)
            }
            [id] if rivals.len() <= 1 => self
                .renamed(address, id)
                .unwrap_or_else(|| (Pairing::SameName((*id).clone()), None)),
            [id] => {
                let rivals = rivals
                    .iter()
                    .map(|address| format!("`{address}`"))
                    .collect::<BTreeSet<_>>();
                let rivals = rivals.into_iter().collect::<Vec<_>>().join(" and ");
                let message = format!("{rivals} could each be the one object named `{key}` ({id})");
                let finding = Finding::new(&codes::AMBIGUOUS_NAME, message)
                    .help(format!("say which: `makeform import {address} {id}`"));
                (Pairing::Blocked, Some(finding))
            }
            several => {
                let ids = ids_of(several.iter().copied());
                let message = format!("the account has several objects named `{key}`: {ids}");
                let finding = Finding::new(&codes::AMBIGUOUS_NAME, message)
                    .help(format!("say which: `makeform import {address} ID`"));
                (Pairing::Blocked, Some(finding))
            }
        }
    }

    /// Whether an object is nobody's: or that of an address which no manifest declares any more.
    fn is_free(&self, kind: Kind, id: &RemoteId) -> bool {
        let bound = self.bound.get(&(kind, id));
        !self.pinned.contains_key(&(kind, id)) && bound.is_none_or(|address| self.is_left(address))
    }

    /// The address that `moved:` says a thing had, and its object, if the ledger knows both.
    fn moved_here(&self, address: &Address) -> Option<(&'a Address, &'a RemoteId)> {
        let bindings = &self.input.bindings.by_address;
        let mut former = self.input.desired.former(address);
        let (from, binding) = former.find_map(|from| bindings.get_key_value(from))?;
        Some((from, &binding.id))
    }

    /// That the ledger knows several objects which `moved:` says are one thing.
    fn bound_twice(&self, address: &Address) -> Option<Finding> {
        let desired = self.input.desired;
        let bindings = &self.input.bindings.by_address;
        let known: Vec<&Address> = desired
            .former(address)
            .chain([address])
            .filter(|known| bindings.contains_key(*known))
            .collect();
        let [first, .., last] = known.as_slice() else {
            return None;
        };
        let message = format!("`{first}` is moved here, and the ledger knows `{last}` as well");
        let help = format!(
            "take the entry out of `moved`; or forget one of the two: `makeform state rm {last}`"
        );
        let finding = Finding::new(&environments::MOVED_CONFLICT, message).help(help);
        let moved = desired.moved.get(*first);
        Some(match moved {
            Some(moved) => finding.label(moved.place.clone(), "moved here"),
            None => finding,
        })
    }

    /// Whether an address gives its object up, and does not ask for its end. A role can't be
    /// there twice: it is kept in any case where another manifest declares it.
    fn is_left(&self, address: &Address) -> bool {
        let desired = self.input.desired;
        let removed = desired.removed.get(address);
        let ends = removed.is_some_and(|removed| removed.destroy);
        // What is moved goes on under one address, and under no other.
        !desired.things.contains_key(address)
            && !desired.moved.contains_key(address)
            && (!ends || address.kind.is_role())
    }

    /// The object of an address that is left, under its new one.
    fn renamed(&self, address: &Address, id: &RemoteId) -> Option<(Pairing, Option<Finding>)> {
        let from = self.bound.get(&(address.kind, id))?;
        Some(renamed(address, from, id))
    }

    /// The object that a pin names, unless another thing has it.
    fn pinned(
        &self,
        address: &Address,
        id: &RemoteId,
        place: &Place,
    ) -> (Pairing, Option<Finding>) {
        let slot = (address.kind, id);
        let rivals = self.pinned.get(&slot).into_iter().flatten().copied();
        let holder = self.bound.get(&slot).copied();
        let holder = holder.filter(|holder| !self.is_left(holder));
        match holder
            .into_iter()
            .chain(rivals)
            .find(|other| *other != address)
        {
            None => self
                .renamed(address, id)
                .unwrap_or_else(|| (Pairing::Pinned(id.clone()), None)),
            Some(other) => {
                let message = format!("object {id} is `{other}` already");
                let finding = Finding::new(&codes::PIN_TAKEN, message)
                    .label(place.clone(), "pinned here")
                    .help("pin it to another object, or declare only one of the two");
                (Pairing::Blocked, Some(finding))
            }
        }
    }
}

/// An object of one address, under another.
fn renamed(address: &Address, from: &Address, id: &RemoteId) -> (Pairing, Option<Finding>) {
    let message = format!("`{from}` is now `{address}` (id {id})");
    let pairing = Pairing::Renamed {
        id: id.clone(),
        from: from.clone(),
    };
    (pairing, Some(Finding::new(&codes::RENAMED, message)))
}

pub(super) fn ids_of<'i>(ids: impl Iterator<Item = &'i RemoteId>) -> String {
    ids.map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
