//! The things of a Make team that a blueprint names by id.

use fastrand::Rng;

/// A sort of thing that modules name by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sort {
    /// An account at some app; `account:` in type tags.
    Connection,
    /// An entry of the keychain; `keychain:` in type tags.
    Key,
    /// A webhook or mailhook; `hook:` in type tags.
    Hook,
    /// A data store; its tag is `datastore`.
    DataStore,
    /// A data structure; its tag is `udt`.
    DataStructure,
    /// Another scenario, written `SCN_<id>`; its tag is `scenario`.
    Scenario,
}

impl Sort {
    /// Every sort.
    pub(super) const ALL: [Self; 6] = [
        Self::Connection,
        Self::Key,
        Self::Hook,
        Self::DataStore,
        Self::DataStructure,
        Self::Scenario,
    ];

    /// What people call it in a report.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Key => "key",
            Self::Hook => "hook",
            Self::DataStore => "data store",
            Self::DataStructure => "data structure",
            Self::Scenario => "scenario",
        }
    }

    /// Reads a type tag of the editor: the sort, and the types that fit, comma-separated.
    pub(super) fn of_tag(tag: &str) -> Option<(Self, &str)> {
        let (head, types) = tag.split_once(':').unwrap_or((tag, ""));
        let sort = match head {
            "account" => Self::Connection,
            "keychain" => Self::Key,
            "hook" => Self::Hook,
            "datastore" => Self::DataStore,
            "udt" => Self::DataStructure,
            "scenario" => Self::Scenario,
            _ => return None,
        };
        Some((sort, types))
    }

    /// The type tag that the editor writes for it.
    pub(super) fn tag(self, types: &str) -> String {
        match self {
            Self::Connection => format!("account:{types}"),
            Self::Key => format!("keychain:{types}"),
            Self::Hook => format!("hook:{types}"),
            Self::DataStore => "datastore".to_owned(),
            Self::DataStructure => "udt".to_owned(),
            Self::Scenario => "scenario".to_owned(),
        }
    }
}

/// A thing that modules may name: its id, what the editor shows, and its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its id in the team.
    pub id: u64,
    /// Its display name.
    pub label: String,
    /// Make's name of its type (`google`, `basicauth`, `gateway-webhook`); empty where there
    /// are no types.
    pub type_name: String,
}

/// What a team has for modules to name; hooks are not here, since each belongs to one scenario.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    /// Accounts at apps.
    pub connections: Vec<Named>,
    /// Entries of the keychain.
    pub keys: Vec<Named>,
    /// Data stores.
    pub data_stores: Vec<Named>,
    /// Data structures.
    pub data_structures: Vec<Named>,
    /// Scenarios that others may call.
    pub scenarios: Vec<Named>,
}

impl Pool {
    /// One thing of a sort whose type is among the comma-separated ones.
    pub(super) fn choose(&self, rng: &mut Rng, sort: Sort, types: &str) -> Option<&Named> {
        let shelf = match sort {
            Sort::Connection => &self.connections,
            Sort::Key => &self.keys,
            Sort::DataStore => &self.data_stores,
            Sort::DataStructure => &self.data_structures,
            Sort::Scenario => &self.scenarios,
            Sort::Hook => return None,
        };
        rng.choice(
            shelf
                .iter()
                .filter(|named| fits(&named.type_name, types))
                .collect::<Vec<_>>(),
        )
    }
}

/// Whether a type is among comma-separated ones; no types means that any fits.
pub(super) fn fits(type_name: &str, types: &str) -> bool {
    types.is_empty() || types.split(',').any(|one| one == type_name)
}
