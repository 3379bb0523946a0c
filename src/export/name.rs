//! Stable names for the things of an account.

use std::collections::{BTreeMap, BTreeSet};

use super::slug::slug;
use crate::model::{Address, Dialect, Handling, Kind, Live, Name, RemoteId, Snapshot, Spec};

/// The address of each thing of a snapshot.
pub(super) struct Names {
    addresses: BTreeMap<(Kind, RemoteId), Address>,
    /// Things whose label pairs with several objects of the account, by kind and that label.
    shared: BTreeMap<(Kind, String), Vec<RemoteId>>,
    /// Things with a blank label, for which no manifest can stand.
    nameless: BTreeSet<(Kind, RemoteId)>,
}

impl Names {
    /// Names everything that has a label, whatever is exported of it: a part has the same names
    /// as the whole.
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let mut names = Self {
            addresses: BTreeMap::new(),
            shared: BTreeMap::new(),
            nameless: BTreeSet::new(),
        };
        let kinds = Kind::ALL
            .into_iter()
            .filter(|kind| kind.handling() != Handling::Local);
        for kind in kinds {
            names.add(kind, snapshot);
        }
        names.shared.retain(|_, ids| ids.len() > 1);
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

    /// All addresses, with the things they name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Address, Kind, &RemoteId)> {
        self.addresses
            .iter()
            .map(|((kind, id), address)| (address, *kind, id))
    }

    /// The things that have no address, since their label is blank.
    pub(super) fn nameless(&self) -> &BTreeSet<(Kind, RemoteId)> {
        &self.nameless
    }

    /// The labels that do not tell their things apart.
    pub(super) fn shared(&self) -> impl Iterator<Item = (Kind, &str, &[RemoteId])> {
        self.shared
            .iter()
            .map(|((kind, label), ids)| (*kind, label.as_str(), ids.as_slice()))
    }

    /// Names the things of a kind, by label and then by id, so that only things of the same name
    /// depend on each other's.
    fn add(&mut self, kind: Kind, snapshot: &Snapshot) {
        if kind == Kind::TeamRole && snapshot.account.dialect == Dialect::Unified {
            // A member has one role there: that in the organization says it.
            return;
        }
        let mut things: Vec<(String, &RemoteId)> = snapshot
            .of(kind)
            .filter(|live| !is_owner(live))
            .map(|live| (label_of(live), &live.id))
            .collect();
        things.sort_unstable();
        let mut taken = BTreeSet::new();
        let mut numbers: BTreeMap<String, u64> = BTreeMap::new();
        for (label, id) in things {
            if label.trim().is_empty() {
                self.nameless.insert((kind, id.clone()));
                continue;
            }
            let base = base(kind, &label, id);
            let number = numbers.entry(base.clone()).or_default();
            if let Some(name) = Name::new(&next_free(&base, number, &mut taken)) {
                let address = Address::new(kind, name);
                self.addresses.insert((kind, id.clone()), address);
            }
            self.shared
                .entry((kind, label))
                .or_default()
                .push(id.clone());
        }
    }
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
        export::fixture::{folder, snapshot},
        model::{Kind, Name, RemoteId},
    };
    use proptest::prelude::*;

    fn names(labels: &[(u64, String)]) -> Names {
        let things = labels.iter().map(|(id, label)| folder(*id, label, None));
        Names::of(&snapshot(things))
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
        let given: BTreeMap<u64, String> = names
            .iter()
            .map(|(address, _, id)| (id.as_int().unwrap(), address.to_string()))
            .collect();
        let expected = [
            (1, "folder.folder-1"),
            (4, "folder.leads"),
            (5, "folder.leads-2-2"),
            (7, "folder.leads-3"),
            (9, "folder.leads-2"),
        ];
        assert_eq!(
            given,
            expected.map(|(id, name)| (id, name.to_owned())).into()
        );
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
