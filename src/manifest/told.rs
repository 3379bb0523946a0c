//! What manifests say that matters to others, noted while each is read.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Address, BlueprintFile, Mentions};

use super::lint::Facts;

/// Notes on the manifests that were read.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Who names whom.
    pub(super) uses: BTreeSet<(Address, Address)>,
    /// Webhooks, each with a scenario that holds its id.
    pub(super) started: BTreeSet<(Address, Address)>,
    /// The files of blueprints, relative to the root.
    pub(super) blueprint_files: BTreeMap<Address, BlueprintFile>,
    /// What blueprints say that lints of other manifests need.
    pub(super) facts: BTreeMap<Address, Facts>,
    /// What blueprints name beside things of the project.
    pub(super) mentions: Mentions,
}

impl Told {
    /// Adds what later manifests told. Of two things with one address the first counts.
    pub(super) fn extend(&mut self, later: Self) {
        let Self {
            uses,
            started,
            blueprint_files,
            facts,
            mentions,
        } = later;
        self.uses.extend(uses);
        self.started.extend(started);
        for (address, file) in blueprint_files {
            self.blueprint_files.entry(address).or_insert(file);
        }
        for (address, facts) in facts {
            self.facts.entry(address).or_insert(facts);
        }
        self.mentions.extend(mentions);
    }
}
