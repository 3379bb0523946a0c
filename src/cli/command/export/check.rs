//! What was written, read back.

use std::path::Path;

use crate::{
    cli::{error::Stop, session::Scope},
    diagnostic::{Finding, Report, codes::export as codes},
    export::Exported,
    manifest::{self, Project},
    model::{Address, Bindings, Snapshot},
    plan::{self, PlanInput, Step, Target},
};

/// How many paths of a thing a finding names.
const MOST_PATHS: usize = 8;

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
        let finding = Finding::new(&codes::NOT_READ_BACK, message)
            .about(address)
            .help("add \"manifests/**/*.yaml\" to its `manifests`");
        return Err(Stop::finding(finding));
    }
    // What else is declared there is not what was exported.
    let all = desired
        .things
        .keys()
        .all(|address| exported.places.contains_key(address));
    let only: Vec<Address> = match all {
        true => Vec::new(),
        false => exported.places.keys().cloned().collect(),
    };
    let mut plan = plan::plan(&PlanInput {
        target: Target {
            name: target.to_owned(),
            account: snapshot.account.clone(),
        },
        desired: &desired,
        snapshot,
        bindings: &Bindings::default(),
        only: &only,
        destroy: false,
        editor: true,
        ledger_shared: true,
    });
    let is_exported = |address: &Address| exported.places.contains_key(address);
    plan.findings
        .retain(|finding| finding.address.as_ref().is_none_or(is_exported));
    if plan.findings.has_errors() {
        return Err(Stop::Findings(plan.findings));
    }
    let changed = plan.steps.iter().filter(|step| !step.changes.is_empty());
    let changed = changed.filter(|step| is_exported(&step.address));
    let report: Report = changed
        .map(|step| differs(step, &project, target))
        .collect();
    match report.is_empty() {
        true => Ok(()),
        false => Err(Stop::Findings(report)),
    }
}

/// That a thing does not read back as the account has it, and at which paths.
fn differs(step: &Step, project: &Project, target: &str) -> Finding {
    let mut paths: Vec<String> = step
        .changes
        .iter()
        .map(|change| change.path.join("."))
        .collect();
    let more = paths.len().saturating_sub(MOST_PATHS);
    paths.truncate(MOST_PATHS);
    let mut paths = paths.join(", ");
    if more > 0 {
        paths.push_str(&format!(" and {more} more"));
    }
    let message = format!("what was exported does not read back as the account: {paths}");
    let finding = Finding::new(&codes::NOT_THE_ACCOUNT, message).about(&step.address);
    let finding = match &step.place {
        Some(place) => finding.at(place.clone()),
        None => finding,
    };
    let config = project.targets.get(target);
    let is_overridden = config.is_some_and(|config| config.overrides_thing(&step.address));
    finding.help(match is_overridden {
        true => format!(
            "the `overrides` of target `{target}` in makeform.yaml say something else than the \
             account: mend one of the two"
        ),
        false => "this is a defect of makeform: the files are kept as they were written, please \
                  report it with them"
            .to_owned(),
    })
}
