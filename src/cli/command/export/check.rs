//! What was written, read back.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::{
    cli::{error::Stop, session::Scope},
    diagnostic::{Finding, codes},
    export::Exported,
    manifest,
    model::{Address, Bindings, Snapshot},
    plan::{self, PlanInput, Target},
};

/// What the project in a folder declares, and in which files.
pub(super) fn declared(out: &Path, scope: &Scope<'_>) -> Result<BTreeMap<Address, PathBuf>, Stop> {
    let project = manifest::find_project(out).map_err(Stop::Findings)?;
    let Some(target) = project.targets.keys().next() else {
        return Ok(BTreeMap::new());
    };
    let (desired, _) = manifest::load(&project, target, &|name| scope.settings.variable(name));
    // What that target leaves out is declared as well.
    let excluded = desired.excluded.into_iter();
    let excluded = excluded.filter_map(|(address, thing)| Some((address, thing.declared?)));
    let things = desired.things.into_iter().chain(excluded);
    Ok(things
        .map(|(address, thing)| (address, thing.place.source.name.clone().into()))
        .collect())
}

/// Reads back what was written and plans it against the same snapshot: nothing may change.
pub(super) fn check(
    out: &Path,
    exported: &Exported,
    target: &str,
    snapshot: &Snapshot,
    scope: &Scope<'_>,
) -> Result<(), Stop> {
    let project = manifest::find_project(out).map_err(Stop::Findings)?;
    if !project.targets.contains_key(target) {
        return Err(anyhow::anyhow!(
            "the project in {} has no target `{target}`, so what was exported can't be checked",
            out.display()
        )
        .into());
    }
    let (desired, report) = manifest::load(&project, target, &|name| scope.settings.variable(name));
    if report.has_errors() {
        return Err(Stop::Findings(report));
    }
    let is_read = |address: &Address| {
        desired.things.contains_key(address) || desired.excluded.contains_key(address)
    };
    let mut unread = exported.places.iter();
    if let Some((address, file)) = unread.find(|(address, _)| !is_read(address)) {
        let message = format!("makeform.yaml does not find {}", file.display());
        let finding = Finding::new(&codes::export::NOT_READ_BACK, message)
            .about(address)
            .help("add \"manifests/**/*.yaml\" to its `manifests`");
        return Err(Stop::finding(finding));
    }
    let plan = plan::plan(&PlanInput {
        target: Target {
            name: target.to_owned(),
            account: snapshot.account.clone(),
        },
        desired: &desired,
        snapshot,
        bindings: &Bindings::default(),
        only: &[],
        destroy: false,
        editor: true,
        ledger_shared: true,
    });
    if plan.findings.has_errors() {
        return Err(Stop::Findings(plan.findings));
    }
    if plan.has_changes() {
        let changed = plan.steps.iter().filter(|step| !step.changes.is_empty());
        let addresses: Vec<String> = changed.map(|step| step.address.to_string()).collect();
        return Err(anyhow::anyhow!(
            "what was exported does not read back as the account: planning it would change {}. \
             This is a defect of makeform; the files are kept for a report",
            addresses.join(", ")
        )
        .into());
    }
    Ok(())
}
