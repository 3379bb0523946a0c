//! `export`: the manifests of an account that was built by hand.

mod check;
mod existing;
mod files;
mod lately;
mod source;
mod update;
mod variables;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use self::{check::check, existing::project_in, files::Files, source::Source, update::update};
use crate::{
    cli::{error::Stop, exit::Exit, files::write_private, session::Scope},
    export::{self, Combined, Layout},
    manifest::Project,
    model::{Address, Kind},
    plan, render,
};

/// Write the manifests of an account
///
/// What a scenario does stands in NAME.blueprint.json, for people to review; what only Make's
/// editor needs in NAME.editor.json beside it, which .gitattributes marks as generated.
///
/// Things keep the addresses and the files that they have; new ones get free names, and the files
/// that the layout says. Into a folder without a project it also writes a makeform.yaml that names
/// the same target. Several targets share the manifests of their project; with --out each gets a
/// project of its own, in DIR/TARGET.
///
/// What it wrote is read back and planned against the account: export fails if that shows a
/// change. It never touches the ledger, and never replaces a file that says something else.
///
/// What looks like a secret is never written: ${env.NAME} stands in its place, the name is declared
/// in makeform.yaml and listed in .env.example, and is to be set to plan.
///
/// With --update it changes the manifests that are there, in place: just what differs from the
/// account. Comments, the order of keys, quotes and references of all else stay as they are, and
/// no field is managed that was not. What has no manifest yet gets one. What is gone from the
/// account is told, and taken away with --prune.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform export --out backup
  makeform export --layout kinds                        a folder for each kind, not each of Make's
  makeform --target production export --out . --kind Scenario --kind Folder
  makeform --all-targets export --out backup            backup/TARGET for each client
  makeform --target staging --target production export  what they share, once
  makeform export --out to-share --no-personal-data     no e-mail address in any label
  makeform export --out /mnt/vault/backup --keep-secrets
  makeform export --update                              after an edit in Make's editor
  makeform export --update --only scenario.lead-sync
  makeform export --html account.html                   a catalogue for the browser, and no manifests
  makeform export --html account.html --runs            and how often each scenario ran and failed
  makeform export --update --prune                      manifests of what is gone go too")]
pub(crate) struct ExportArgs {
    /// Where to; of several targets each goes to DIR/TARGET [default: the project's folder]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write no manifests but one page for a browser: what runs, when, on what, called by whom
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "update", "keep_secrets", "layout"])]
    html: Option<PathBuf>,
    /// With --html: how often each scenario ran of late and failed, of its newest 100 runs; that
    /// takes one request more for each scenario, sometimes two
    #[arg(long, requires = "html")]
    runs: bool,
    /// Change the manifests that are there in place (one target at a time)
    #[arg(long)]
    update: bool,
    /// With --update: take the manifests away of what the account has no more
    #[arg(long, requires = "update")]
    prune: bool,
    /// Where things go that have no file yet
    #[arg(long, value_enum, default_value_t = LayoutArg::Folders)]
    layout: LayoutArg,
    /// Write secrets as they are, not as variables: files can be read by you alone (0600)
    #[arg(long)]
    keep_secrets: bool,
    /// Take e-mail addresses out of what only Make's editor needs: labels, samples, notes
    #[arg(long)]
    no_personal_data: bool,
    /// Only things of this kind and what they name (can be repeated)
    #[arg(long, value_name = "KIND", value_parser = parse_kind)]
    kind: Vec<Kind>,
    /// Only this thing and what it names (can be repeated)
    #[arg(long, value_name = "ADDRESS")]
    only: Vec<Address>,
}

impl ExportArgs {
    /// All of an account, into the project that is there.
    pub(in crate::cli::command) fn whole() -> Self {
        Self {
            out: None,
            html: None,
            runs: false,
            update: false,
            prune: false,
            layout: LayoutArg::Folders,
            keep_secrets: false,
            no_personal_data: false,
            kind: Vec::new(),
            only: Vec::new(),
        }
    }
}

/// How files are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum LayoutArg {
    /// Scenarios in folders as in Make; folders, connections and the like in one file a kind
    Folders,
    /// A folder for each kind, and a file for each thing
    Kinds,
}

impl From<LayoutArg> for Layout {
    fn from(layout: LayoutArg) -> Self {
        match layout {
            LayoutArg::Folders => Self::Folders,
            LayoutArg::Kinds => Self::Kinds,
        }
    }
}

fn parse_kind(text: &str) -> Result<Kind, String> {
    Kind::from_manifest(text)
        .or_else(|| Kind::from_prefix(text))
        .ok_or_else(|| {
            let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
            format!("the kinds are {}", known.join(", "))
        })
}

pub(crate) async fn run(args: &ExportArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let project = scope.project()?;
    if args.update {
        scope.one_target(&project, "--update")?;
    }
    if let Some(file) = &args.html {
        return catalogue(args, file, scope, &project).await;
    }
    let names = scope.target_names(&project)?;
    let Some(out) = &args.out else {
        let root = project.root.clone();
        return into(args, scope, &project, &names, &root).await;
    };
    let out = scope.settings.directory.join(out);
    if names.len() == 1 && !scope.all_targets {
        return into(args, scope, &project, &names, &out).await;
    }
    let work = async |project: &Project, name: &str| {
        let folder = out.join(name);
        into(args, scope, project, &[name.to_owned()], &folder).await
    };
    scope.each_target(None, work).await
}

/// Writes what an account has as a page.
async fn catalogue(
    args: &ExportArgs,
    file: &Path,
    scope: &Scope<'_>,
    project: &Project,
) -> Result<Exit, Stop> {
    let name = scope.one_target(project, "--html")?;
    let source = Source::read(args, project, Some(project), &name, scope).await?;
    let exports = export::export_all(&[(&source.snapshot, &source.options)]);
    for exported in &exports {
        scope.ui.findings(&exported.findings);
        if exported.findings.has_errors() {
            return Err(Stop::Said(Exit::Error));
        }
    }
    let Some(exported) = exports.first() else {
        return Ok(Exit::Done);
    };
    let lately = lately::read(args.runs, &source, scope).await?;
    let catalogue = plan::catalogue(
        &exported.desired,
        &exported.objects,
        &source.snapshot,
        &lately,
    );
    let page = render::account_html(&name, &source.connected.account, &catalogue);
    write_private(&scope.settings.directory.join(file), page.as_bytes())?;
    let account = source.connected.account.in_words();
    scope.ui.status(&format!(
        "Wrote a catalogue of {account}: {}",
        file.display()
    ));
    Ok(Exit::Done)
}

/// Exports targets into one project. One that can't be read hinders no other.
async fn into(
    args: &ExportArgs,
    scope: &Scope<'_>,
    project: &Project,
    names: &[String],
    out: &Path,
) -> Result<Exit, Stop> {
    let there = project_in(out)?;
    let (mut exit, mut sources) = (Exit::Done, Vec::new());
    for name in names {
        match Source::read(args, project, there.as_ref(), name, scope).await {
            Ok(source) => sources.push(source),
            Err(stop) if names.len() > 1 => exit = exit.worst(scope.told(name, stop)),
            Err(stop) => return Err(stop),
        }
    }
    let accounts: Vec<_> = sources
        .iter()
        .map(|source| (&source.snapshot, &source.options))
        .collect();
    let exports = export::export_all(&accounts);
    let mut has_errors = false;
    for (source, exported) in sources.iter().zip(&exports) {
        if names.len() > 1 && !exported.findings.is_empty() {
            scope.ui.status(&format!("Target {}:", source.target.name));
        }
        scope.ui.findings(&exported.findings);
        has_errors |= exported.findings.has_errors();
    }
    if has_errors {
        return Err(Stop::Said(Exit::Error));
    }
    let combined = export::combine(exports);
    if let (true, Some(there), [source]) = (args.update, &there, sources.as_slice()) {
        let updated = update(out, there, source, &combined, args.prune, scope)?;
        let findings = check(out, &combined, source, &updated.left, scope)?;
        scope.ui.findings(&findings);
        let account = source.connected.account.in_words();
        scope.ui.status(&updated.in_words(&account));
        tell_variables(&combined, scope);
        return Ok(exit);
    }
    let files = Files::new(args, out, &combined, there.as_ref(), sources.first(), scope)?;
    files.refuse_conflicts(out)?;
    let written = files.write(out)?;
    // Also where the check fails: they stay, to be looked at.
    if !sources.is_empty() {
        let (files, folder) = (if written == 1 { "file" } else { "files" }, out.display());
        scope
            .ui
            .status(&format!("{written} {files} written to {folder}."));
    }
    for source in &sources {
        let checked = check(out, &combined, source, &BTreeSet::new(), scope);
        let told = checked.map(|findings| {
            let is_clean = findings.is_empty();
            scope.ui.findings(&findings);
            is_clean
        });
        match told {
            Ok(is_clean) => scope.ui.status(&exported(source, &combined, is_clean)),
            Err(stop) if names.len() > 1 => {
                exit = exit.worst(scope.told(&source.target.name, stop));
            }
            Err(stop) => return Err(stop),
        }
    }
    tell_variables(&combined, scope);
    Ok(exit)
}

/// Tells what is to be set before planning.
fn tell_variables(combined: &Combined, scope: &Scope<'_>) {
    for line in variables::to_set(combined, scope) {
        scope.ui.status(&line);
    }
}

/// What was exported of a target, in words.
fn exported(source: &Source, combined: &Combined, is_clean: bool) -> String {
    let part = combined.targets.get(&source.target.name);
    let count = part.map_or(0, |part| part.things.len());
    let things = if count == 1 { "thing" } else { "things" };
    let account = source.connected.account.in_words();
    let plan = match is_clean {
        true => "Planning from them shows no changes.",
        false => "Planning from them shows what is said above, and no other change.",
    };
    format!("Exported {count} {things} of {account}. {plan}")
}
