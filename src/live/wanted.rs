//! What is read of an account: calls are the currency, so that what nobody manages and nothing
//! names is left alone.

use std::collections::{BTreeMap, BTreeSet};

use super::cache::Cache;
use crate::model::{
    Blueprint, Field, Handling, Kind, Live, RemoteId,
    spec::{ScheduleUse, schedule::When},
};

/// What a snapshot is to hold.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The kinds. Those that a ledger knows must be among them: what is not read can't be
    /// deleted, and is not known to be gone.
    pub kinds: BTreeSet<Kind>,
    /// Which scenarios' blueprints are read: a request for each.
    pub blueprints: Blueprints,
    /// Which scenarios' interfaces are read: from the cache only in an account whose rows were
    /// seen to show that one was edited. The others of a snapshot have none.
    pub interfaces: Scenarios,
    /// Which scenarios are to start by themselves. Where one of them runs on demand as yet, its
    /// interface is read, too: only such scenarios take inputs, and those must stay so.
    pub scheduled: Scenarios,
    /// Which scenarios' custom properties are read: another request for each whose row does not
    /// show them.
    pub properties: Scenarios,
    /// Where blueprints are kept between runs, if they are.
    pub cache: Option<Cache>,
    /// The roles of people who were invited, for where the lists leave them out.
    pub unlisted: Vec<Live>,
    /// Whether the names of the team's custom functions are read.
    pub functions: bool,
}

impl Wanted {
    /// All that an account has. Custom properties only where its plan has them.
    #[must_use]
    pub fn everything(custom_properties: bool) -> Self {
        let mut kinds: BTreeSet<Kind> = Kind::ALL.into();
        kinds.retain(|kind| kind.handling() != Handling::Local);
        Self {
            kinds,
            blueprints: Blueprints::All,
            interfaces: Scenarios::All,
            scheduled: Scenarios::none(),
            cache: None,
            unlisted: Vec::new(),
            functions: false,
            properties: match custom_properties {
                true => Scenarios::All,
                false => Scenarios::none(),
            },
        }
    }

    /// The same, with blueprints kept between runs, if there is a cache for them.
    #[must_use]
    pub fn with_cache(self, cache: Option<Cache>) -> Self {
        Self { cache, ..self }
    }

    /// Whether a scenario's interface is read, as far as its row says.
    pub(super) fn reads_interface(&self, live: &Live) -> bool {
        self.interfaces.includes(live) || (self.scheduled.includes(live) && is_on_demand(live))
    }

    /// The kinds that are read: a plan about scenarios also looks at what they stand in and on,
    /// and calls it by name.
    pub(super) fn read_kinds(&self) -> BTreeSet<Kind> {
        let mut kinds = self.kinds.clone();
        let about_scenarios = [Kind::Folder, Kind::Scenario, Kind::Webhook];
        if about_scenarios.iter().any(|kind| kinds.contains(kind)) {
            kinds.extend(about_scenarios);
            kinds.insert(Kind::Connection);
        }
        kinds.retain(|kind| kind.handling() != Handling::Local);
        kinds
    }
}

/// Some scenarios, or all.
#[derive(Clone, Debug)]
pub enum Scenarios {
    /// All.
    All,
    /// Those whose name or id is here.
    Of {
        /// Names.
        names: BTreeSet<String>,
        /// Ids.
        ids: BTreeSet<RemoteId>,
    },
}

impl Scenarios {
    /// None.
    #[must_use]
    pub fn none() -> Self {
        Self::Of {
            names: BTreeSet::new(),
            ids: BTreeSet::new(),
        }
    }

    pub(super) fn is_none(&self) -> bool {
        match self {
            Self::All => false,
            Self::Of { names, ids } => names.is_empty() && ids.is_empty(),
        }
    }

    pub(super) fn includes(&self, live: &Live) -> bool {
        match self {
            Self::All => true,
            Self::Of { names, ids } => is_of(names, ids, live),
        }
    }
}

/// Which scenarios' blueprints are read.
#[derive(Clone, Debug)]
pub enum Blueprints {
    /// All.
    All,
    /// Those of scenarios whose name or id is here.
    Of {
        /// Names.
        names: BTreeSet<String>,
        /// Ids.
        ids: BTreeSet<RemoteId>,
        /// Blueprints at hand, by the names of their scenarios: what is the same, or what such a one
        /// becomes once its references are filled in, is not held twice.
        known: BTreeMap<String, Blueprint>,
    },
}

impl Blueprints {
    /// The same blueprint, held once.
    pub(super) fn shared(&self, live: &Live, read: Blueprint) -> Blueprint {
        let known = match self {
            Self::All => None,
            Self::Of { known, .. } => live.spec.match_key().and_then(|name| known.get(&name)),
        };
        known
            .and_then(|known| read.held_with(known))
            .unwrap_or(read)
    }

    pub(super) fn includes(&self, live: &Live) -> bool {
        match self {
            Self::All => true,
            Self::Of { names, ids, .. } => is_of(names, ids, live),
        }
    }
}

fn is_on_demand(live: &Live) -> bool {
    let schedule = live.spec.as_scenario().map(|spec| &spec.schedule);
    match schedule.and_then(Field::as_set) {
        Some(ScheduleUse::Inline(schedule)) => schedule.when == When::OnDemand,
        Some(ScheduleUse::Shared(_)) | None => false,
    }
}

fn is_of(names: &BTreeSet<String>, ids: &BTreeSet<RemoteId>, live: &Live) -> bool {
    let name = live.spec.match_key();
    ids.contains(&live.id) || name.is_some_and(|name| names.contains(&name))
}
