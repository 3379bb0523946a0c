//! `export --update`: manifests that are there, brought to what the account has.
//!
//! A plan of the manifests against the account says which fields differ; just those are written,
//! in place. So what does not differ keeps its bytes, and nothing is managed that was not. All of
//! it is computed before anything is written.

mod blueprint;
mod fields;
mod gone;
mod shared;
mod sheets;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use memchr::memmem;
use serde_json::Value;

use self::{
    fields::Thing,
    shared::Shared,
    sheets::{Outcome, Sheets},
};
use super::{existing::Existing, source::Source, variables};
use crate::{
    cli::{
        error::Stop,
        files::mark_generated,
        session::{Scope, now},
    },
    diagnostic::{
        Finding, Report,
        codes::{export as codes, manifest::UNSET_VARIABLE},
    },
    export::Combined,
    manifest::{IDS_FILE, Project, TargetConfig, add_pins, emit, is_editor_file},
    model::{Address, Desired},
    plan::{self, Action, Meanings, PlanInput},
};

/// What an update has done.
pub(super) struct Updated {
    /// How many things changed, came and went.
    changed: usize,
    added: usize,
    pruned: usize,
    files: usize,
    /// What a target says otherwise: it was left as it is, and a plan goes on to show it.
    pub(super) left: BTreeSet<Address>,
}

/// An update while it is computed.
struct Update<'a> {
    root: &'a Path,
    project: &'a Project,
    config: &'a TargetConfig,
    source: &'a Source,
    existing: &'a Existing,
    meanings: Meanings<'a>,
    sheets: Sheets<'a>,
    /// The things that an apply would make.
    creates: BTreeSet<Address>,
    /// What hinders it.
    report: Report,
    /// What is told, and hinders nothing.
    told: Report,
    changed: BTreeSet<Address>,
    pruned: BTreeSet<Address>,
    left: BTreeSet<Address>,
    /// Shared schedules whose users have another one, with what each has.
    shared: BTreeMap<Address, BTreeMap<Address, Value>>,
    /// Files of blueprints that are looked at.
    blueprints: BTreeMap<PathBuf, Shared>,
}

/// Updates the project in a folder, adds what it lacks, and tells what is gone.
///
/// # Errors
/// What can't be changed in place, or is named by others; then nothing was written. What the file
/// system refuses.
pub(super) fn update(
    root: &Path,
    project: &Project,
    source: &Source,
    combined: &Combined,
    prunes: bool,
    scope: &Scope<'_>,
) -> Result<Updated, Stop> {
    let name = source.target.name.as_str();
    let (Some(existing), Some(config)) = (&source.existing, project.targets.get(name)) else {
        return Err(anyhow::anyhow!("the project has no target `{name}`").into());
    };
    let bindings = plan::bare(&existing.bindings);
    let input = PlanInput {
        target: plan::Target {
            name: name.to_owned(),
            account: source.snapshot.account.clone(),
        },
        desired: &existing.desired,
        snapshot: &source.snapshot,
        bindings: &bindings,
        only: &[],
        destroy: false,
        editor: true,
        ledger_shared: true,
        // What runs when is not looked at here.
        now: now(),
    };
    let plan = plan::plan(&input);
    let creates = plan
        .steps
        .iter()
        .filter(|step| step.action == Action::Create);
    let mut update = Update {
        root,
        project,
        config,
        source,
        existing,
        meanings: Meanings::of(&input),
        sheets: Sheets::new(root),
        creates: creates.map(|step| step.address.clone()).collect(),
        report: Report::default(),
        told: Report::default(),
        changed: BTreeSet::new(),
        pruned: BTreeSet::new(),
        left: BTreeSet::new(),
        shared: BTreeMap::new(),
        blueprints: BTreeMap::new(),
    };
    for step in plan.steps.iter().filter(|step| !step.changes.is_empty()) {
        let there = existing.desired.things.get(&step.address);
        let now = combined.desired.things.get(&step.address);
        let is_change = matches!(
            step.action,
            Action::Update | Action::Adopt | Action::Replace
        );
        let (Some(there), Some(now), true) = (there, now, is_change) else {
            continue;
        };
        update.thing(Thing {
            address: &step.address,
            there,
            now,
            step,
        })?;
    }
    update.shared_schedules()?;
    update.shared_blueprints();
    let added = update.add(combined)?;
    update.gone(prunes)?;
    scope.ui.findings(&update.told);
    if !update.report.is_empty() {
        return Err(Stop::Findings(update.report));
    }
    let mut outcome = update.sheets.outcome()?;
    update.count_blueprints(&outcome);
    refuse_unset(root, project, &outcome, scope)?;
    let secrets = secrets_in(&outcome, combined);
    let declared = variables::declared(root, project, &secrets)?;
    let beside = variables::example(root, &secrets)?
        .into_iter()
        .chain(declared);
    outcome.extend(beside.map(|file| (file.path, Some(file.bytes))));
    let is_private = source.options.keep_secrets;
    let mut files = sheets::write(root, &outcome, is_private)?;
    let has_generated = outcome
        .iter()
        .any(|(path, bytes)| bytes.is_some() && is_editor_file(path));
    if has_generated && mark_generated(root)? {
        files += 1;
    }
    Ok(Updated {
        changed: update.changed.difference(&update.left).count(),
        added,
        pruned: update.pruned.len(),
        files,
        left: update.left,
    })
}

/// Refuses to take away a reference to a variable that is not set here: nobody knows whether the
/// account has its value, which may be a secret that no rule knows.
fn refuse_unset(
    root: &Path,
    project: &Project,
    outcome: &Outcome,
    scope: &Scope<'_>,
) -> Result<(), Stop> {
    let unset = |name: &&String| {
        let value = scope.settings.variable(name);
        value.is_none_or(|value| value.is_empty())
    };
    let mut report = Report::default();
    for name in project.env.iter().filter(unset) {
        let reference = format!("${{env.{name}}}");
        let count = |bytes: &[u8]| memmem::find_iter(bytes, reference.as_bytes()).count();
        for (path, now) in outcome {
            let (Some(now), Ok(was)) = (now, fs::read(root.join(path))) else {
                continue;
            };
            if count(now) < count(&was) {
                let path = path.display();
                let message = format!("{path} names {reference}, which is not set here");
                let finding = Finding::new(&UNSET_VARIABLE, message);
                report.push(finding.help(
                    "set it to what the account has: what stands there would be written without",
                ));
            }
        }
    }
    match report.is_empty() {
        true => Ok(()),
        false => Err(Stop::Findings(report)),
    }
}

/// The variables for secrets that the files name which are to be written.
fn secrets_in<'a>(outcome: &Outcome, combined: &'a Combined) -> BTreeSet<&'a str> {
    let mut names = variables::names(combined);
    names.retain(|name| {
        let reference = format!("${{env.{name}}}");
        let mut written = outcome.values().flatten();
        written.any(|bytes| memmem::find(bytes, reference.as_bytes()).is_some())
    });
    names
}

impl Update<'_> {
    /// Declares what no manifest declares yet, below what stands in its file; the number of things.
    fn add(&mut self, combined: &Combined) -> Result<usize, Stop> {
        let existing = &self.existing.desired;
        let mut new = Desired::default();
        for (address, declared) in &combined.desired.things {
            let is_there =
                existing.things.contains_key(address) || existing.excluded.contains_key(address);
            if !is_there {
                new.things.insert(address.clone(), declared.clone());
            }
        }
        for file in emit::files(&new, &combined.places) {
            let file = file?;
            if file.path.extension().is_some_and(|end| end == "json") {
                let path = self.root.join(&file.path);
                if fs::read(&path).is_ok_and(|bytes| bytes != file.bytes) {
                    let message = format!("{} exists and says something else", path.display());
                    let finding = Finding::new(&codes::FILE_DIFFERS, message);
                    self.report
                        .push(finding.help("no manifest names it: move it away"));
                }
                self.sheets.put(&file.path, Some(file.bytes));
            } else {
                self.sheets.add(&file.path, &file.bytes)?;
            }
        }
        let path = self.root.join(IDS_FILE);
        let there = variables::read(&path)?;
        if let Some(text) = add_pins(there.as_deref(), &combined.pins)
            .with_context(|| format!("failed to write {}", path.display()))?
        {
            self.sheets
                .put(Path::new(IDS_FILE), Some(text.into_bytes()));
        }
        Ok(new.things.len())
    }

    /// Whether the target says a field of a thing otherwise than its manifest does.
    fn is_overridden(&self, address: &Address, field: &str) -> bool {
        let overridden = self.config.overridden(address);
        overridden.is_some_and(|(_, fields)| fields.iter().any(|(name, _)| name == field))
    }

    fn overrides_setting(&self, address: &Address, setting: &str) -> bool {
        let overridden = self.config.overridden(address);
        overridden.is_some_and(|(_, fields)| {
            fields
                .iter()
                .any(|(name, value)| name == "settings" && value.get(setting).is_some())
        })
    }

    /// Leaves a field to the target's own word.
    fn leave(&mut self, address: &Address, field: &str) {
        self.left.insert(address.clone());
        let target = &self.source.target.name;
        let message = format!(
            "`{field}` is otherwise in the account, and target `{target}` says its own: it was left"
        );
        let mut finding = Finding::new(&codes::UPDATE_OVERRIDDEN, message).about(address);
        if let Some((place, _)) = self.config.overridden(address) {
            finding = finding.at(place.clone());
        }
        let help = "change it there; what targets share is not changed for one of them";
        self.told.push(finding.help(help));
    }
}

impl Updated {
    /// What was done, in words.
    pub(super) fn in_words(&self, account: &str) -> String {
        let count = |number: usize, done: &str| match number {
            0 => None,
            1 => Some(format!("1 thing {done}")),
            many => Some(format!("{many} things {done}")),
        };
        let parts = [
            count(self.changed, "changed"),
            count(self.added, "added"),
            count(self.pruned, "taken away"),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let what = match parts.is_empty() {
            true => "Nothing to update".to_owned(),
            false => format!("Updated from {account}: {}", parts.join(", ")),
        };
        let plan = match self.left.is_empty() {
            true => "Planning from them shows no changes.",
            false => "Planning from them shows what is said above, and no other change.",
        };
        let files = match self.files {
            0 => "no file was written".to_owned(),
            1 => "1 file written".to_owned(),
            many => format!("{many} files written"),
        };
        format!("{what}; {files}. {plan}")
    }
}
