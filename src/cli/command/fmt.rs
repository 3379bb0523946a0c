//! `fmt`: blueprint files as makeform writes them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde_json::Value;

use crate::{
    cli::{error::Stop, exit::Exit, files, session::Scope},
    diagnostic::Report,
    export::Certain,
    manifest::{self, emit, is_editor_file},
    model::{Address, Bindings, Desired, reference::escape_texts},
};

/// Bring blueprint files into their canonical form
///
/// A raw export from Make's editor that a manifest names becomes two files: what the scenario
/// does, in canonical order, and what only the editor needs, in NAME.editor.json beside it. Ids
/// become references where the ledger, makeform.ids.yaml or the name that the editor left beside
/// an id says which declared thing it is; the others are told and stay. Prints the files that it
/// writes. The account is not asked.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform fmt
  makeform fmt --check                   0: all are as they should be, 2: some are not
  makeform --target production fmt       with what that target's ledger knows")]
pub(crate) struct FmtArgs {
    /// Write nothing; print the files that are not in their form, and exit with 2 if there are any
    #[arg(long)]
    check: bool,
}

pub(crate) async fn run(args: &FmtArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let project = scope.project()?;
    let target = scope.one_target(&project, "fmt")?;
    // No value of a variable matters here.
    let (desired, report) = manifest::load(&project, &target, &|_| Some(String::new()));
    if report.has_errors() {
        return Err(Stop::Findings(report));
    }
    let ledger = scope
        .target(&project, &target)?
        .store(scope)?
        .read()
        .await?;
    let (formatted, findings) = formatted(&desired, &ledger.bindings)?;
    scope.ui.findings(&findings);
    let mut differing: Vec<(PathBuf, emit::File)> = Vec::new();
    for file in formatted {
        let path = on_disk(&project.root, &file.path);
        if !fs::read(&path).is_ok_and(|bytes| bytes == file.bytes) {
            differing.push((path, file));
        }
    }
    for (path, file) in &differing {
        if !args.check {
            emit::write(path, &file.bytes)
                .with_context(|| format!("failed to write {}", path.display()))?;
        }
        scope.ui.data(&format!("{}\n", file.path.display()))?;
    }
    if args.check {
        return Ok(match differing.is_empty() {
            true => Exit::Done,
            false => Exit::Changes,
        });
    }
    if differing.iter().any(|(path, _)| is_editor_file(path)) {
        files::mark_generated(&project.root)?;
    }
    scope.ui.status(&match differing.len() {
        0 => "All blueprint files are in their form.".to_owned(),
        1 => "Wrote 1 file.".to_owned(),
        many => format!("Wrote {many} files."),
    });
    Ok(Exit::Done)
}

/// All blueprint files of a project as they should be, and which of their ids are doubtful.
fn formatted(desired: &Desired, bindings: &Bindings) -> Result<(Vec<emit::File>, Report), Stop> {
    // Several scenarios may share a file.
    let mut blueprints: BTreeMap<&str, (&Address, Value, bool)> = BTreeMap::new();
    for (address, file) in &desired.blueprint_files {
        let thing = desired.things.get(address);
        let spec = thing.and_then(|thing| thing.spec.as_scenario());
        let Some(blueprint) = spec.and_then(|spec| spec.blueprint.as_set()) else {
            continue;
        };
        let mut document = blueprint
            .document()
            .with_context(|| format!("failed to read {}", file.path))?;
        let mut references = blueprint.has_references();
        if !references && file.may_refer {
            escape_texts(&mut document);
            references = true;
        }
        let entry = (address, document, references);
        blueprints.entry(&file.path).or_insert(entry);
    }
    let all = blueprints.values().map(|(_, document, _)| document);
    let certain = Certain::of(all, desired, bindings);
    let mut report = Report::default();
    let mut files = Vec::new();
    for (path, (address, mut document, references)) in blueprints {
        if references {
            report.extend(certain.refer(&mut document, address).into_iter().collect());
        }
        files.extend(emit::blueprint_files(Path::new(path), document, references));
    }
    Ok((files, report))
}

/// Where a file of the project is; of a link, what it leads to.
fn on_disk(root: &Path, path: &Path) -> PathBuf {
    let path = root.join(path);
    path.canonicalize().unwrap_or(path)
}
