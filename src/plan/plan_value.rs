//! The plan itself.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Action, EditorDifference, Forecast, Rebinding, Step};
use crate::{
    diagnostic::Report,
    model::{Account, Address, Binding},
};

/// Everything that was decided, in the order in which apply may do it.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it is a plan for.
    pub target: Target,
    /// How much it covers: whoever carries it out plans as much again.
    pub coverage: Coverage,
    /// The steps: by address, within what order demands; deletes last.
    pub steps: Vec<Step>,
    /// How many managed things stay as they are.
    pub unchanged: usize,
    /// Scenarios of whose blueprints the editor's part alone differs: that is left as it is.
    pub editor: BTreeMap<Address, EditorDifference>,
    /// What it does to the runs and operations of a month. No part of the digest.
    pub forecast: Forecast,
    /// What there is to tell, guards among it.
    pub findings: Report,
    /// Bindings that apply records without sending anything: forms that manifests and account
    /// agree on by now, and objects that have another address. (An adoption that changes nothing
    /// is a step, so that it is shown.)
    pub records: BTreeMap<Address, Binding>,
    /// Those of them that are part of the decision.
    pub rebindings: Vec<Rebinding>,
    /// Bindings that no manifest declares, of objects that are gone or have another address:
    /// apply drops them.
    pub lapsed: Vec<Address>,
    /// SHA-256 over exactly what was decided: `sha256:..`.
    pub digest: String,
}

/// What a plan is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The target's name in makeform.yaml.
    pub name: String,
    /// Its account and team.
    pub account: Account,
}

/// How much of a project a plan covers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// These things and what they stand on; none means everything.
    pub only: Vec<Address>,
    /// Everything that is bound is to go.
    pub destroy: bool,
    /// The editor's part of blueprints counts too.
    pub editor: bool,
}

/// Counts of steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Creates.
    pub create: usize,
    /// Updates in place.
    pub update: usize,
    /// Replaces.
    pub replace: usize,
    /// Deletes.
    pub delete: usize,
    /// Adoptions, whether they change something or not.
    pub adopt: usize,
    /// Managed things that stay as they are.
    pub unchanged: usize,
}

impl Plan {
    /// Counts of the steps.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut summary = Summary {
            unchanged: self.unchanged,
            ..Summary::default()
        };
        for step in &self.steps {
            match step.action {
                Action::Create => summary.create += 1,
                Action::Update => summary.update += 1,
                Action::Replace => summary.replace += 1,
                Action::Delete => summary.delete += 1,
                Action::Adopt => summary.adopt += 1,
                Action::Forget => {}
            }
        }
        summary
    }

    /// Whether apply would send a write. Adopting or forgetting without a change is none.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.steps.iter().any(|step| !step.sends_nothing())
    }

    /// Whether apply has anything to do, be it only in the ledger.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.records.is_empty() && self.lapsed.is_empty()
    }
}
