//! What the manifests of one target ask for.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use secrecy::SecretString;
use serde_json::Value;

use super::{
    Address, HealthRule, Kind, Path, Place, Policy, RemoteId, Spec,
    blueprint::{Formulas, IdPlace, formulas},
    spec::{ScenarioSpec, Schedule, ScheduleUse},
};

/// All manifests of one target, checked, and resolved as far as possible without the account.
#[derive(Clone, Debug, Default)]
pub struct Desired {
    /// The things, by address.
    pub things: BTreeMap<Address, Declared>,
    /// Things that are to be forgotten or deleted although no manifest names them any more.
    pub removed: BTreeMap<Address, Removed>,
    /// Things that the ledger may know under an address that no manifest declares any more, by
    /// that address.
    pub moved: BTreeMap<Address, Moved>,
    /// Things that are declared, and that the target leaves out.
    pub excluded: BTreeMap<Address, Excluded>,
    /// Ids that `makeform.ids.yaml` gives to addresses whose names are not unique in the account.
    pub pins: BTreeMap<Address, Pin>,
    /// The files of blueprints that are not written in their manifests, relative to the project.
    pub blueprint_files: BTreeMap<Address, BlueprintFile>,
    /// What `${var.*}`, `${env.*}` and `${target.*}` stand for.
    pub variables: Variables,
    /// What blueprints name beside what is declared.
    pub mentions: Mentions,
    /// What the project says of all its plans.
    pub policy: Policy,
}

impl Desired {
    /// The schedule that a scenario's manifest asks for: its own, or that of another document.
    #[must_use]
    pub fn schedule_of<'d>(&'d self, spec: &'d ScenarioSpec) -> Option<&'d Schedule> {
        match spec.schedule.as_set()? {
            ScheduleUse::Inline(schedule) => Some(schedule),
            ScheduleUse::Shared(address) => self.things.get(address)?.spec.as_schedule(),
        }
    }

    /// The addresses that a thing had before.
    pub fn former<'a>(&'a self, address: &'a Address) -> impl Iterator<Item = &'a Address> {
        let moved = self
            .moved
            .iter()
            .filter(move |(_, moved)| moved.to == *address);
        moved.map(|(from, _)| from)
    }
}

/// What blueprints name by ids and in formulas: the account's lists tell whether it is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// The kinds of it.
    pub kinds: BTreeSet<Kind>,
    /// Whether formulas call functions that are not Make's own.
    pub functions: bool,
}

impl Mentions {
    /// Adds what a blueprint names. `places` are those of its ids.
    pub fn add(&mut self, document: &Value, places: &[IdPlace<'_>]) {
        let Formulas {
            variables,
            functions,
            modules: _,
        } = formulas(document);
        self.functions |= !functions.is_empty();
        if !variables.is_empty() {
            self.kinds.insert(Kind::Variable);
        }
        let named = places.iter().filter(|place| place.id().is_some());
        self.kinds.extend(named.map(|place| place.kind));
    }

    /// Adds what other blueprints name.
    pub fn extend(&mut self, other: Self) {
        let Self { kinds, functions } = other;
        self.kinds.extend(kinds);
        self.functions |= functions;
    }
}

/// One thing that a manifest declares.
#[derive(Clone, Debug)]
pub struct Declared {
    /// What it is to be.
    pub spec: Spec,
    /// How it may change.
    pub lifecycle: Lifecycle,
    /// Its `metadata.name`.
    pub place: Place,
    /// Where single fields stand, by their path in `spec`, so that later findings can point at
    /// them.
    pub places: BTreeMap<Path, Place>,
}

/// The file that a manifest names for its blueprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlueprintFile {
    /// Its path, relative to the project.
    pub path: String,
    /// Whether it may be made one that holds references: not where the manifest says
    /// `references: false`.
    pub may_refer: bool,
}

/// Rules on how a thing may change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// A plan that would delete or replace it is refused.
    pub prevent_destroy: bool,
    /// What is neither compared nor written: JSON Pointers into the form, modules by id.
    pub ignore_changes: Vec<Path>,
    /// What is done with a scenario that does not work, and how that is found out. Manifests have
    /// it beside `lifecycle`.
    pub health: HealthRule,
}

/// An entry of `removed:`.
#[derive(Clone, Debug)]
pub struct Removed {
    /// Whether the thing is deleted in Make too; otherwise it is only forgotten.
    pub destroy: bool,
    /// Where it stands.
    pub place: Place,
}

/// An entry of `moved:`.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The address that the thing has now, at the end of a chain of moves.
    pub to: Address,
    /// Where it stands.
    pub place: Place,
}

/// A thing that a target leaves out: it is neither made, changed nor deleted there, but others
/// may name it if the account has it.
#[derive(Clone, Debug)]
pub struct Excluded {
    /// What its manifest says; none where that can't be read for this target.
    pub declared: Option<Declared>,
    /// Where the target says so.
    pub place: Place,
}

/// An entry of `makeform.ids.yaml`.
#[derive(Clone, Debug)]
pub struct Pin {
    /// The id in Make.
    pub id: RemoteId,
    /// Where it stands.
    pub place: Place,
}

/// The values of references that need no account.
#[derive(Clone, Default)]
pub struct Variables {
    /// `${var.NAME}`.
    pub vars: BTreeMap<String, String>,
    /// `${env.NAME}`, for the names that the project declares.
    pub env: BTreeMap<String, SecretString>,
    /// `${target.name}`.
    pub target: String,
}

impl fmt::Debug for Variables {
    /// Names only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Variables")
            .field("vars", &self.vars.keys().collect::<Vec<_>>())
            .field("env", &self.env.keys().collect::<Vec<_>>())
            .field("target", &self.target)
            .finish()
    }
}
