//! What there is already where an export goes: the project in that folder, and what it knows of
//! the account.

use std::{collections::BTreeMap, path::Path};

use crate::{
    apply,
    cli::{
        error::Stop,
        session::{Connected, Scope, TargetHandle, now},
    },
    diagnostic::{
        Report,
        codes::{manifest as manifest_codes, plan as codes},
    },
    export::Known,
    manifest::{self, PROJECT_FILE, Project},
    model::{Address, Bindings, Desired, RemoteId, Snapshot},
    plan::{self, PlanInput},
};

/// What a target of the project in the folder has before an export.
pub(super) struct Existing {
    /// What its manifests ask for, as they are loaded for the target.
    pub(super) desired: Desired,
    /// Which object of the account each declared thing is.
    pub(super) objects: BTreeMap<Address, RemoteId>,
    /// What its ledger knows.
    pub(super) bindings: Bindings,
}

/// The project in a folder, if there is one in that very folder.
pub(super) fn project_in(folder: &Path) -> Result<Option<Project>, Stop> {
    match folder.join(PROJECT_FILE).exists() {
        true => manifest::find_project(folder)
            .map(Some)
            .map_err(Stop::Findings),
        false => Ok(None),
    }
}

impl Existing {
    /// Pairs what a project declares with what its account has.
    ///
    /// # Errors
    /// Mistakes in its manifests. Beside what there is: the things that may be one object or
    /// another.
    pub(super) async fn read(
        project: &Project,
        target: &TargetHandle,
        connected: &Connected,
        snapshot: &Snapshot,
        scope: &Scope<'_>,
    ) -> Result<(Self, Report), Stop> {
        // What a variable stands for is nothing that objects are told apart by. One that is not set
        // would take with it what names it.
        let environment = |name: &str| {
            let value = scope.settings.variable(name);
            Some(value.unwrap_or_else(|| "unset".to_owned()))
        };
        let (desired, mut report) = manifest::load(project, &target.name, &environment);
        // There may be no manifest yet.
        report.retain(|finding| finding.code != &manifest_codes::PATTERN_WITHOUT_MATCH);
        if report.has_errors() {
            return Err(Stop::Findings(report));
        }
        let mut ledger = target.store(scope)?.read().await?;
        ledger.check_account(&connected.identity())?;
        let settlement = apply::settle(&ledger.pending, &ledger.bindings, snapshot);
        settlement.apply_to(&mut ledger.bindings);
        let bindings = ledger.bindings;
        let (objects, mut findings) = plan::objects(&PlanInput {
            target: plan::Target {
                name: target.name.clone(),
                account: connected.account.clone(),
            },
            desired: &desired,
            snapshot,
            bindings: &bindings,
            only: &[],
            destroy: false,
            editor: true,
            ledger_shared: true,
            // What runs when is not looked at here.
            now: now(),
        });
        // What is gone from the account hinders nobody.
        findings.retain(|finding| finding.code != &codes::PIN_NOT_FOUND);
        let existing = Self {
            desired,
            objects,
            bindings,
        };
        Ok((existing, findings))
    }

    /// The addresses and files that things have.
    pub(super) fn known(&self) -> Known {
        Known::of(&self.desired, &self.bindings, &self.objects)
    }
}
