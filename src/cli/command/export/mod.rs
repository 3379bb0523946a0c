//! `export`: the manifests of an account that was built by hand.

mod check;
mod existing;
mod files;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use secrecy::SecretString;

use self::{
    check::check,
    existing::{Existing, project_in},
    files::Files,
};
use crate::{
    cli::{
        error::Stop,
        exit::Exit,
        session::{Connected, Scope, TargetHandle},
    },
    export::{self, ExportOptions, Known, Layout},
    live::Wanted,
    manifest::Project,
    model::{Address, Kind, Snapshot},
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
    /// Where things go that have no file yet
    #[arg(long, value_enum, default_value_t = LayoutArg::Folders)]
    layout: LayoutArg,
    /// Only things of this kind and what they name (can be repeated)
    #[arg(long, value_name = "KIND", value_parser = parse_kind)]
    kind: Vec<Kind>,
    /// Only this thing and what it names (can be repeated)
    #[arg(long, value_name = "ADDRESS")]
    only: Vec<Address>,
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
    let out = match &args.out {
        Some(out) => scope.settings.directory.join(out),
        None => project.root.clone(),
    };
    let there = project_in(&out)?;
    let source = Source::read(project, there.as_ref(), name, scope).await?;
    let options = source.options(args, project, there.as_ref(), scope)?;
    let exported = export::export(&source.snapshot, &options);
    scope.ui.findings(&exported.findings);
    if exported.findings.has_errors() {
        return Err(Stop::Said(Exit::Error));
    }
    let Source {
        target,
        connected,
        snapshot,
        ..
    } = &source;
    let files = Files::new(&out, &exported, &options, target, connected, scope)?;
    files.refuse_conflicts(&out)?;
    let written = files.write(&out)?;
    check(&out, &exported, &options.target, snapshot, scope)?;
    scope.ui.status(&format!(
        "Exported {} things of {} to {}: {written} files written. Planning from them shows no \
         changes.",
        exported.desired.things.len(),
        connected.account.in_words(),
        out.display(),
    ));
    Ok(Exit::Done)
}

/// The account of a target, and what is known of it where it is exported to.
struct Source {
    /// The target, as the project has it that the command runs in.
    target: TargetHandle,
    connected: Connected,
    snapshot: Snapshot,
}

impl Source {
    /// Reads an account. `there`: the project that is exported to, which has to have the target.
    async fn read(
        project: &Project,
        there: Option<&Project>,
        name: &str,
        scope: &Scope<'_>,
    ) -> Result<Self, Stop> {
        let target = scope.target(project, name)?;
        if let Some(there) = there {
            scope.target(there, name)?;
        }
        let connected = target.connect(scope).await?;
        // Unless the account says that its plan has none.
        let properties = connected.account.licence.custom_properties != Some(false);
        // What it writes is what there is, on no trust at all. The next plan need not read it
        // again.
        let cache = target.cache(scope, &connected.account, true);
        let wanted = Wanted::everything(properties).with_cache(cache);
        let snapshot = connected.snapshot(&wanted, scope).await?;
        Ok(Self {
            target,
            connected,
            snapshot,
        })
    }

    /// What is exported of it, and under which names.
    fn options(
        &self,
        args: &ExportArgs,
        project: &Project,
        there: Option<&Project>,
        scope: &Scope<'_>,
    ) -> Result<ExportOptions, Stop> {
        let read = |project: &Project| {
            let target = scope.target(project, &self.target.name)?;
            Existing::read(project, &target, &self.connected, &self.snapshot, scope)
        };
        let known = match there {
            Some(there) => {
                let (existing, doubts) = read(there)?;
                if doubts.has_errors() {
                    return Err(Stop::Findings(doubts));
                }
                existing.known()
            }
            // The addresses that this project has, so that the two can be compared. A backup can
            // do without.
            None => match read(project) {
                Ok((existing, _)) => existing.known().elsewhere(),
                Err(_) => Known::default(),
            },
        };
        Ok(ExportOptions {
            kinds: args.kind.iter().copied().collect(),
            only: args.only.iter().cloned().collect(),
            target: self.target.name.clone(),
            environment: environment(there, &self.target, scope),
            known,
            layout: args.layout.into(),
            declared: BTreeSet::new(),
            keep_secrets: false,
            no_personal_data: false,
        })
    }
}

/// The variables that what is exported may name, with their values: those of the target's project,
/// as far as the project that is exported to declares them.
fn environment(
    there: Option<&Project>,
    target: &TargetHandle,
    scope: &Scope<'_>,
) -> BTreeMap<String, SecretString> {
    let is_known = |name: &&String| there.is_none_or(|there| there.env.contains(name));
    let known = target.env.iter().filter(is_known);
    let set = known.filter_map(|name| Some((name.clone(), scope.settings.variable(name)?.into())));
    set.collect()
}
