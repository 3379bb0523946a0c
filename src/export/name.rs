//! Stable names for the things of accounts.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    known::Known,
    secrets::has_secret,
    slug::{is_device, slug},
};
use crate::model::{Address, Dialect, Handling, Kind, Live, Name, RemoteId, Snapshot, Spec};

/// The address of each thing of a snapshot.
#[derive(Default)]
pub(super) struct Names {
    addresses: BTreeMap<(Kind, RemoteId), Address>,
    /// Things whose label pairs with several objects of the account, by kind and that label.
    shared: BTreeMap<(Kind, String), Vec<RemoteId>>,
    /// Things with a blank label, or one that holds a secret, for which no manifest can stand.
    nameless: BTreeSet<(Kind, RemoteId)>,
    /// What the target leaves out: others may name it.
    left_out: BTreeSet<Address>,
}

impl Names {
    /// Names everything that has a label, whatever is exported of it: a part has the same names
    /// as the whole. What has an address keeps it, and things of one label in several accounts
    /// have one.
    pub(super) fn of(accounts: &[(&Snapshot, &Known)]) -> Vec<Self> {
        let mut names: Vec<Self> = accounts
            .iter()
            .map(|(_, known)| Self {
                left_out: known.left_out.clone(),
                ..Self::default()
            })
            .collect();
        let kinds = Kind::ALL
            .into_iter()
            .filter(|kind| kind.handling() != Handling::Local);
        for kind in kinds {
            add(kind, accounts, &mut names);
        }
        for names in &mut names {
            names.shared.retain(|_, ids| ids.len() > 1);
        }
        names
    }

    /// The address of a thing.
    pub(super) fn address(&self, kind: Kind, id: &RemoteId) -> Option<&Address> {
        self.addresses.get(&(kind, id.clone()))
    }

    /// The thing that has an address.
    pub(super) fn thing(&self, address: &Address) -> Option<(Kind, RemoteId)> {
        let mut things = self.addresses.iter();
        let (thing, _) = things.find(|(_, given)| *given == address)?;
        Some(thing.clone())
    }

    /// All addresses, with the things they name, but for those that the target leaves out.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Address, Kind, &RemoteId)> {
        let all = self.addresses.iter();
        let meant = all.filter(|(_, address)| !self.left_out.contains(address));
        meant.map(|((kind, id), address)| (address, *kind, id))
    }

    /// Whether the target leaves a thing out.
    pub(super) fn is_left_out(&self, address: &Address) -> bool {
        self.left_out.contains(address)
    }

    /// The things that have no address, since their label is blank or holds a secret.
    pub(super) fn nameless(&self) -> &BTreeSet<(Kind, RemoteId)> {
        &self.nameless
    }

    /// The labels that do not tell their things apart.
    pub(super) fn shared(&self) -> impl Iterator<Item = (Kind, &str, &[RemoteId])> {
        self.shared
            .iter()
            .map(|((kind, label), ids)| (*kind, label.as_str(), ids.as_slice()))
    }

    /// Takes over what the project says of a kind that the account has no list of: others may name
    /// it, and there is nothing of it to write.
    fn take_over(&mut self, kind: Kind, known: &Known) {
        for ((of, id), address) in &known.objects {
            if *of == kind && known.places.contains_key(address) {
                self.left_out.insert(address.clone());
                self.give(kind, id, address.clone());
            }
        }
    }

    fn give(&mut self, kind: Kind, id: &RemoteId, address: Address) {
        self.addresses.insert((kind, id.clone()), address);
    }
}

/// Names the things of a kind: those that have an address, those that share a label with such a
/// thing of another account, then the others by label and id, so that only things of the same
/// name depend on each other's.
fn add(kind: Kind, accounts: &[(&Snapshot, &Known)], names: &mut [Names]) {
    let known = accounts.iter().flat_map(|(_, known)| &known.taken);
    let known = known.filter(|address| address.kind == kind);
    let mut taken: BTreeSet<String> = known.map(|address| address.name.to_string()).collect();
    // The addresses that things of a label have, in any account.
    let mut labelled: BTreeMap<String, Vec<Address>> = BTreeMap::new();
    let mut open: Vec<Vec<(String, &RemoteId)>> = Vec::new();
    for ((snapshot, known), names) in accounts.iter().zip(&mut *names) {
        if !snapshot.account.dialect.has(kind) {
            names.take_over(kind, known);
        }
        let mut without = Vec::new();
        for (label, id) in labels(kind, snapshot) {
            let address = known.objects.get(&(kind, id.clone()));
            if address.is_some_and(|address| known.removed.contains(address)) {
                continue;
            }
            // No reference can stand in a name.
            if label.trim().is_empty() || has_secret(&label) {
                names.nameless.insert((kind, id.clone()));
                continue;
            }
            let sharing = names.shared.entry((kind, label.clone())).or_default();
            sharing.push(id.clone());
            match address {
                Some(address) => {
                    names.give(kind, id, address.clone());
                    let alike = labelled.entry(label).or_default();
                    if !alike.contains(address) {
                        alike.push(address.clone());
                    }
                }
                None => without.push((label, id)),
            }
        }
        open.push(without);
    }
    // What the accounts have of each label that is new, the first with the first.
    let mut new: BTreeMap<(String, usize), Vec<(usize, &RemoteId)>> = BTreeMap::new();
    for (account, things) in open.into_iter().enumerate() {
        let Some(names) = names.get_mut(account) else {
            continue;
        };
        let mut used: BTreeSet<Address> = names.addresses.values().cloned().collect();
        used.extend(names.left_out.iter().cloned());
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for (label, id) in things {
            let mut alike = labelled.get(&label).into_iter().flatten();
            if let Some(address) = alike.find(|address| !used.contains(*address)) {
                used.insert(address.clone());
                names.give(kind, id, address.clone());
                continue;
            }
            let count = counts.entry(label.clone()).or_default();
            new.entry((label, *count)).or_default().push((account, id));
            *count += 1;
        }
    }
    let mut numbers: BTreeMap<String, u64> = BTreeMap::new();
    for ((label, _), things) in new {
        let Some((_, id)) = things.first() else {
            continue;
        };
        let base = base(kind, &label, id);
        let number = numbers.entry(base.clone()).or_default();
        let Some(name) = Name::new(&next_free(&base, number, &mut taken)) else {
            continue;
        };
        for (account, id) in things {
            if let Some(names) = names.get_mut(account) {
                names.give(kind, id, Address::new(kind, name.clone()));
            }
        }
    }
}

/// The things of a kind that manifests can stand for, by label and then by id.
fn labels(kind: Kind, snapshot: &Snapshot) -> Vec<(String, &RemoteId)> {
    if kind == Kind::TeamRole && snapshot.account.dialect == Dialect::Unified {
        // A member has one role there: that in the organization says it.
        return Vec::new();
    }
    let mut things: Vec<(String, &RemoteId)> = snapshot
        .of(kind)
        .filter(|live| !is_owner(live))
        .map(|live| (label_of(live), &live.id))
        .collect();
    things.sort_unstable();
    things
}

/// Whether it is the role of the organization's owner, which no manifest gives or takes.
fn is_owner(live: &Live) -> bool {
    matches!(&live.spec, Spec::OrganizationRole(spec) if spec.role.eq_ignore_ascii_case("owner"))
}

/// What pairs a thing with its manifest where no id is known.
pub(super) fn label_of(live: &Live) -> String {
    live.spec.match_key().unwrap_or_default()
}

/// The name that a label suggests: of an e-mail address what stands before the `@`, and of what
/// has no letters to take, kind and id.
fn base(kind: Kind, label: &str, id: &RemoteId) -> String {
    let label = match kind {
        Kind::OrganizationRole | Kind::TeamRole => {
            label.split_once('@').map_or(label, |(person, _)| person)
        }
        Kind::Agent
        | Kind::Connection
        | Kind::DataStore
        | Kind::DataStructure
        | Kind::Device
        | Kind::Folder
        | Kind::Key
        | Kind::Scenario
        | Kind::Schedule
        | Kind::Team
        | Kind::Webhook => label,
        // Most belong to the team: those of the organization are told apart by a word.
        Kind::Variable => label.strip_prefix("team/").unwrap_or(label),
    };
    let name = slug(label);
    if name.is_empty() {
        return slug(&format!("{} {id}", kind.prefix()));
    }
    if is_device(&name) {
        return slug(&format!("{} {name}", kind.prefix()));
    }
    name
}

/// The base itself, or with the first number behind it that makes it one of its own. `number` is
/// the last that was tried for this base.
fn next_free(base: &str, number: &mut u64, taken: &mut BTreeSet<String>) -> String {
    loop {
        *number += 1;
        let name = match *number {
            1 => base.to_owned(),
            number => format!("{base}-{number}"),
        };
        if taken.insert(name.clone()) {
            return name;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::Names;
    use crate::{
        export::{
            fixture::{folder, snapshot},
            known::Known,
        },
        model::{Address, Kind, Name, RemoteId, Snapshot},
    };
    use proptest::prelude::*;

    fn names(labels: &[(u64, String)]) -> Names {
        let things = labels.iter().map(|(id, label)| folder(*id, label, None));
        name_one(&snapshot(things), &Known::default())
    }

    fn name_one(snapshot: &Snapshot, known: &Known) -> Names {
        Names::of(&[(snapshot, known)]).remove(0)
    }

    fn given(names: &Names) -> BTreeMap<u64, String> {
        let all = names.addresses.iter();
        all.map(|((_, id), address)| (id.as_int().unwrap(), address.name.to_string()))
            .collect()
    }

    fn expected<const N: usize>(names: [(u64, &str); N]) -> BTreeMap<u64, String> {
        names.map(|(id, name)| (id, name.to_owned())).into()
    }

    fn folders(labels: &[(u64, &str)]) -> Snapshot {
        snapshot(labels.iter().map(|(id, label)| folder(*id, label, None)))
    }

    fn address(name: &str) -> Address {
        format!("folder.{name}").parse().unwrap()
    }

    /// A project where folder 1 is `old`, which is its label no more.
    fn known() -> Known {
        let mut known = Known::default();
        let slot = (Kind::Folder, RemoteId::Int(1));
        known.objects.insert(slot, address("old"));
        for name in ["old", "leads", "idle"] {
            known.taken.insert(address(name));
        }
        known
    }

    #[test]
    fn what_has_an_address_keeps_it_and_new_things_get_free_names_beside() {
        let account = folders(&[
            (1, "New"),
            (2, "Leads"),
            (3, "Idle"),
            (4, "New"),
            (5, "con"),
        ]);
        let names = name_one(&account, &known());
        assert_eq!(
            given(&names),
            expected([
                (1, "old"),
                (2, "leads-2"),
                (3, "idle-2"),
                (4, "new"),
                (5, "folder-con")
            ])
        );
        assert_eq!(names.shared().count(), 1, "two are called New");
    }

    #[test]
    fn what_a_target_leaves_out_is_named_and_not_meant_and_what_is_removed_is_not_there() {
        let mut known = known();
        known.left_out.insert(address("old"));
        let account = folders(&[(1, "New"), (2, "B")]);
        let names = name_one(&account, &known);
        assert_eq!(given(&names), expected([(1, "old"), (2, "b")]));
        let meant: Vec<String> = names
            .iter()
            .map(|(address, ..)| address.to_string())
            .collect();
        assert_eq!(meant, ["folder.b"]);

        known.removed = std::mem::take(&mut known.left_out);
        let names = name_one(&account, &known);
        assert_eq!(given(&names), expected([(2, "b")]));
    }

    #[test]
    fn things_of_one_name_in_several_accounts_have_one_address() {
        let (first, second) = (
            folders(&[(1, "New"), (2, "Sales"), (3, "Sales"), (4, "Own")]),
            folders(&[(21, "Sales!"), (12, "Sales"), (13, "New"), (14, "New")]),
        );
        let none = Known::default();
        let names = Names::of(&[(&first, &known()), (&second, &none)]);
        assert_eq!(
            given(&names[0]),
            expected([(1, "old"), (2, "sales"), (3, "sales-2"), (4, "own")])
        );
        assert_eq!(
            given(&names[1]),
            expected([(12, "sales"), (13, "old"), (14, "new"), (21, "sales-3")])
        );
        // Whichever is asked for first.
        let turned = Names::of(&[(&second, &none), (&first, &known())]);
        assert_eq!(given(&turned[0]), given(&names[1]));
        assert_eq!(given(&turned[1]), given(&names[0]));
    }

    #[test]
    fn things_of_one_name_are_numbered_by_id_and_known_as_shared() {
        let labels = [
            (9, "Leads"),
            (4, "Leads"),
            (7, "leads!"),
            (5, "Leads 2"),
            (1, "売上"),
        ];
        let names = names(&labels.map(|(id, label)| (id, label.to_owned())));
        let numbered = expected([
            (1, "folder-1"),
            (4, "leads"),
            (5, "leads-2-2"),
            (7, "leads-3"),
            (9, "leads-2"),
        ]);
        assert_eq!(given(&names), numbered);
        let shared: Vec<_> = names.shared().collect();
        assert_eq!(
            shared,
            [(
                Kind::Folder,
                "Leads",
                [RemoteId::Int(4), RemoteId::Int(9)].as_slice()
            )]
        );
    }

    proptest! {
        #[test]
        fn names_are_valid_and_unique_whatever_the_labels(
            labels in proptest::collection::vec("\\PC{0,12}|[aA]( 2)?(-2)?|a{70,90}", 0..20)
        ) {
            let labels: Vec<(u64, String)> = (1..).zip(labels).collect();
            let names = names(&labels);
            let given: BTreeSet<&str> = names.iter().map(|(address, ..)| address.name.as_str()).collect();
            let blank = labels.iter().filter(|(_, label)| label.trim().is_empty()).count();
            prop_assert_eq!(names.nameless().len(), blank);
            prop_assert_eq!(given.len(), labels.len() - blank);
            prop_assert!(given.iter().all(|name| Name::is_valid(name)));
        }
    }
}
