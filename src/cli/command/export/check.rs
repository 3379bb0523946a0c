//! What was written, read back.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use secrecy::ExposeSecret as _;
use serde_json::{Map, Value};

use super::source::Source;
use crate::{
    cli::{
        error::Stop,
        session::{Scope, now},
    },
    diagnostic::{
        Finding, Report,
        codes::{export as codes, manifest::PATTERN_WITHOUT_MATCH},
    },
    export::{Combined, Otherwise},
    manifest::{self, Project},
    model::{Address, Bindings, Desired},
    plan::{self, PlanInput, Step, Target},
};

/// The fields whose values a proposal shows: no secret was ever seen in them.
const SHOWN: [&str; 20] = [
    "active",
    "connection",
    "dataStructure",
    "enabled",
    "folder",
    "headers",
    "hookType",
    "limits",
    "maxSizeMB",
    "method",
    "name",
    "parent",
    "priority",
    "role",
    "scenario",
    "schedule",
    "scope",
    "settings",
    "strict",
    "stringify",
];

/// How many paths of a thing a finding names.
const MOST_PATHS: usize = 8;

/// Reads back what was written, and plans it against the snapshot it was made of: nothing may
/// change, but for what the manifests of another target say otherwise, which is returned, and for
/// things that were `left` as the target has them.
pub(super) fn check(
    out: &Path,
    combined: &Combined,
    source: &Source,
    left: &BTreeSet<Address>,
    scope: &Scope<'_>,
) -> Result<Report, Stop> {
    let project = manifest::find_project(out).map_err(Stop::Findings)?;
    let target = source.target.name.as_str();
    let part = combined.targets.get(target).cloned().unwrap_or_default();
    // What was found in the account stands for itself, whatever the environment has.
    let environment = |name: &str| match part.secrets.get(name) {
        Some(found) => Some(found.expose_secret().to_owned()),
        None => scope.settings.variable(name),
    };
    let (desired, mut report) = manifest::load(&project, target, &environment);
    if combined.places.is_empty() {
        report.retain(|finding| finding.code != &PATTERN_WITHOUT_MATCH);
    }
    if report.has_errors() {
        return Err(Stop::Findings(report));
    }
    let is_read = |address: &Address| {
        desired.things.contains_key(address) || desired.excluded.contains_key(address)
    };
    let mut unread = combined.places.iter();
    if let Some((address, file)) = unread.find(|(address, _)| !is_read(address)) {
        let message = format!("makeform.yaml does not find {}", file.display());
        let finding = Finding::new(&codes::NOT_READ_BACK, message)
            .about(address)
            .help("add \"manifests/**/*.yaml\" to its `manifests`");
        return Err(Stop::finding(finding));
    }
    // What else is declared there is not what was exported.
    let written = |address: &&Address| combined.places.contains_key(*address);
    let only: Vec<Address> = match desired.things.keys().all(|address| written(&address)) {
        true => Vec::new(),
        false => desired.things.keys().filter(written).cloned().collect(),
    };
    let mut plan = plan::plan(&PlanInput {
        target: Target {
            name: target.to_owned(),
            account: source.snapshot.account.clone(),
        },
        desired: &desired,
        snapshot: &source.snapshot,
        bindings: &Bindings::default(),
        only: &only,
        destroy: false,
        // That of another target's manifests is not this one's, and without addresses it is
        // another.
        editor: combined.targets.len() == 1 && !source.options.no_personal_data,
        ledger_shared: true,
        // What runs when is not looked at here.
        now: now(),
    });
    let has_errors = plan.findings.has_errors();
    let is_own = |address: &Address| -> bool {
        part.things.contains(address)
            && !part.differences.contains_key(address)
            && !left.contains(address)
    };
    // What needs something that a target lacks is told below.
    let is_alone = combined.targets.len() == 1;
    plan.findings
        .retain(|finding| finding.address.as_ref().map_or(is_alone, is_own));
    if plan.findings.has_errors() {
        return Err(Stop::Findings(plan.findings));
    }
    let steps = plan.steps.iter().filter(|step| !step.changes.is_empty());
    let changed: BTreeMap<&Address, &Step> = steps.map(|step| (&step.address, step)).collect();
    let own = changed.values().filter(|step| is_own(&step.address));
    let wrong: Report = own.map(|step| differs(step, &project, target)).collect();
    if !wrong.is_empty() {
        return Err(Stop::Findings(wrong));
    }
    let mut told = Report::default();
    for (address, otherwise) in &part.differences {
        // `overrides` or variables may say so already.
        if has_errors || changed.contains_key(address) {
            told.push(otherwise_there(address, otherwise, &desired, target));
        }
    }
    let lacks = changed.keys().copied();
    let lacks = lacks.filter(|address| written(address) && !part.things.contains(*address));
    told.extend(lacking(&lacks.collect(), target).into_iter().collect());
    Ok(told)
}

/// That a target has something otherwise than the manifest that was written, and how to say so.
fn otherwise_there(
    address: &Address,
    otherwise: &Otherwise,
    desired: &Desired,
    target: &str,
) -> Finding {
    let mut differing: Vec<&str> = otherwise.patch.keys().map(String::as_str).collect();
    if otherwise.blueprint {
        differing.push("blueprint");
    }
    let differing = differing.join(", ");
    let message = format!("target `{target}` has {address} otherwise: {differing}");
    let finding = Finding::new(&codes::TARGETS_DIFFER, message).about(address);
    let place = desired.things.get(address).map(|thing| thing.place.clone());
    let finding = match place {
        Some(place) => finding.at(place),
        None => finding,
    };
    let patch: Map<String, Value> = otherwise
        .patch
        .iter()
        .map(|(key, value)| match SHOWN.contains(&key.as_str()) {
            true => (key.clone(), value.clone()),
            false => (key.clone(), Value::from("..")),
        })
        .collect();
    let mut help = Vec::new();
    if !patch.is_empty() {
        let patch = Value::Object(patch);
        help.push(format!(
            "say so at target `{target}` in makeform.yaml: `overrides: {{ {address}: {patch} }}`"
        ));
    }
    if otherwise.blueprint {
        help.push(format!(
            "where a blueprint differs in a value, write `${{var.NAME}}` there and give each target \
             its `vars`; where it does something else, give target `{target}` a file of its own: \
             `overrides: {{ {address}: {{ blueprint: {{ file: {}.{target}.blueprint.json }} }} }}`",
            address.name
        ));
    }
    finding.help(help.join("; "))
}

/// That a target has nothing of some things, which an apply would make there.
fn lacking(lacks: &Vec<&Address>, target: &str) -> Option<Finding> {
    let names: Vec<String> = lacks.iter().map(ToString::to_string).collect();
    let message = match names.as_slice() {
        [] => return None,
        [one] => format!("target `{target}` has no {one}"),
        several => format!(
            "target `{target}` has nothing of {} things: {}",
            several.len(),
            several.join(", ")
        ),
    };
    let finding = Finding::new(&codes::TARGET_LACKS, message);
    Some(finding.help(format!(
        "apply makes them there; where that is not meant, leave them out at target `{target}` in \
         makeform.yaml: `exclude: [{}]`",
        names.join(", ")
    )))
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
    let address = &step.address;
    let message = format!("what was exported of {address} is not as in the account: {paths}");
    let finding = Finding::new(&codes::NOT_THE_ACCOUNT, message).about(address);
    let finding = match &step.place {
        Some(place) => finding.at(place.clone()),
        None => finding,
    };
    let config = project.targets.get(target);
    let is_overridden = config.is_some_and(|config| config.overrides_thing(address));
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
