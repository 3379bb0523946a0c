//! `export`: the manifests of an account that was built by hand.

mod check;
mod files;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use secrecy::SecretString;

use self::{check::check, files::Files};
use crate::{
    cli::{
        error::Stop,
        exit::Exit,
        session::{Scope, TargetHandle},
    },
    export::{self, ExportOptions},
    live::Wanted,
    manifest::{self, PROJECT_FILE, Project},
    model::{Address, Kind},
};

/// Write the manifests of an account
///
/// What a scenario does stands in NAME.blueprint.json, for people to review; what only Make's
/// editor needs in NAME.editor.json beside it, which .gitattributes marks as generated.
///
/// Into a folder without a project it also writes a makeform.yaml that names the same target.
/// What it wrote is read back and planned against the account: export fails if that shows a
/// change. It never touches the ledger, and never replaces a file that says something else.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform export --out backup
  makeform --target production export --out . --kind Scenario --kind Folder")]
pub(crate) struct ExportArgs {
    /// Where to [default: the project's folder]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Only things of this kind and what they name (can be repeated)
    #[arg(long, value_name = "KIND", value_parser = parse_kind)]
    kind: Vec<Kind>,
    /// Only this thing and what it names (can be repeated)
    #[arg(long, value_name = "ADDRESS")]
    only: Vec<Address>,
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
    let single = args.out.as_ref().map(|_| "--out");
    let work = async |project: &Project, name: &str| one(args, scope, project, name).await;
    scope.each_target(single, work).await
}

async fn one(
    args: &ExportArgs,
    scope: &Scope<'_>,
    project: &Project,
    name: &str,
) -> Result<Exit, Stop> {
    let target = scope.target(project, name)?;
    let out = match &args.out {
        Some(out) => scope.settings.directory.join(out),
        None => project.root.clone(),
    };
    let connected = target.connect(scope).await?;
    // Unless the account says that its plan has none.
    let properties = connected.account.licence.custom_properties != Some(false);
    // What it writes is what there is, on no trust at all. The next plan need not read it again.
    let cache = target.cache(scope, &connected.account, true);
    let wanted = Wanted::everything(properties).with_cache(cache);
    let snapshot = connected.snapshot(&wanted, scope).await?;
    let options = ExportOptions {
        kinds: args.kind.iter().copied().collect(),
        only: args.only.iter().cloned().collect(),
        target: name.to_owned(),
        environment: environment(&out, &target, scope)?,
    };
    let exported = export::export(&snapshot, &options);
    scope.ui.findings(&exported.findings);
    if exported.findings.has_errors() {
        return Err(Stop::Said(Exit::Error));
    }
    let files = Files::new(&out, &exported, &options, &target, &connected, scope)?;
    files.refuse_conflicts(&out, scope)?;
    let written = files.write(&out)?;
    check(&out, &exported, &options.target, &snapshot, scope)?;
    scope.ui.status(&format!(
        "Exported {} things of {} to {}: {written} files written. Planning from them shows no \
         changes.",
        exported.desired.things.len(),
        connected.account.in_words(),
        out.display(),
    ));
    Ok(Exit::Done)
}

/// The variables that what is exported may name, with their values: those of the target's project,
/// as far as the project that is exported to declares them.
fn environment(
    out: &Path,
    target: &TargetHandle,
    scope: &Scope<'_>,
) -> Result<BTreeMap<String, SecretString>, Stop> {
    let there = match out.join(PROJECT_FILE).exists() {
        true => Some(manifest::find_project(out).map_err(Stop::Findings)?),
        false => None,
    };
    let is_known = |name: &&String| there.as_ref().is_none_or(|there| there.env.contains(name));
    let known = target.env.iter().filter(is_known);
    let set = known.filter_map(|name| Some((name.clone(), scope.settings.variable(name)?.into())));
    Ok(set.collect())
}
