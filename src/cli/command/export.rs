//! `export`: the manifests of an account that was built by hand.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use secrecy::SecretString;

use crate::{
    cli::{
        error::Stop,
        exit::Exit,
        files,
        session::{Connected, Scope, TargetHandle, now},
    },
    diagnostic::{Finding, Report, codes},
    export::{self, ExportOptions, Exported},
    live::Wanted,
    manifest::{
        self, IDS_FILE, PROJECT_FILE, Project, editor_file_name,
        emit::{self, ProjectFile},
        is_editor_file,
    },
    model::{Address, Bindings, Dialect, Kind, Snapshot},
    plan::{self, PlanInput, Target},
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
    let project = scope.project()?;
    if args.out.is_some() {
        scope.one_target(&project, "--out")?;
    }
    let names = scope.target_names(&project)?;
    let work = async |name: &str| one(args, scope, &project, name).await;
    scope.each(&names, work).await
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

/// What is to be written.
struct Files<'a> {
    exported: &'a Exported,
    /// `makeform.yaml` and `makeform.ids.yaml`, where they are needed.
    beside: Vec<emit::File>,
}

impl<'a> Files<'a> {
    fn new(
        out: &Path,
        exported: &'a Exported,
        options: &ExportOptions,
        target: &TargetHandle,
        connected: &Connected,
        scope: &Scope<'_>,
    ) -> Result<Self, Stop> {
        let mut beside = Vec::new();
        if !exported.desired.pins.is_empty() {
            let pins = BTreeMap::from([(target.name.clone(), exported.desired.pins.clone())]);
            let bytes = emit::ids_file(&pins)?.into_bytes();
            beside.push(emit::File {
                path: IDS_FILE.into(),
                bytes,
            });
        }
        if !out.join(PROJECT_FILE).exists() {
            // The same sandbox, seen from another folder.
            let url = match target.world(scope)? {
                Some(folder) => format!("sandbox:{}", fs::canonicalize(folder)?.display()),
                None => target.url(scope)?,
            };
            // A pattern that matches no file is an error.
            let patterns = ["manifests/**/*.yaml"];
            let manifests = if exported.places.is_empty() {
                &[][..]
            } else {
                &patterns[..]
            };
            let text = emit::project_file(&ProjectFile {
                name: target.project(),
                manifests,
                target: &target.name,
                url: &url,
                organization: connected.account.organization,
                team: match connected.account.dialect {
                    Dialect::Zone => Some(&connected.account.team_name),
                    Dialect::Unified => None,
                },
                dialect: connected.account.dialect,
                env: options.environment.keys().map(String::as_str).collect(),
            })?;
            beside.push(emit::File {
                path: PROJECT_FILE.into(),
                bytes: text.into_bytes(),
            });
        }
        Ok(Self { exported, beside })
    }

    /// Each file in turn; manifests are made as they are asked for.
    fn each(&self, mut visit: impl FnMut(&emit::File) -> Result<(), Stop>) -> Result<(), Stop> {
        for file in emit::files(&self.exported.desired, &self.exported.places) {
            visit(&file?)?;
        }
        // The project file comes last: a folder half written is no project.
        self.beside.iter().try_for_each(visit)
    }

    /// Refuses to replace what somebody else wrote, or to declare a thing twice.
    fn refuse_conflicts(&self, out: &Path, scope: &Scope<'_>) -> Result<(), Stop> {
        let mut report = Report::default();
        // Of blueprints that have no editor's part: read back, it would be one.
        let mut beside = BTreeSet::new();
        self.each(|file| {
            let path = out.join(&file.path);
            let editors = editor_file_of(&path).filter(|editors| editors.exists());
            beside.extend(editors);
            beside.remove(&path);
            if fs::read(&path).is_ok_and(|bytes| bytes != file.bytes) {
                report.push(
                    Finding::new(
                        &codes::export::FILE_DIFFERS,
                        format!("{} exists and says something else", path.display()),
                    )
                    .help("move it away, or export to another folder with --out"),
                );
            }
            Ok(())
        })?;
        for path in beside {
            let message = format!(
                "{} exists, and the account has nothing of it",
                path.display()
            );
            let finding = Finding::new(&codes::export::FILE_DIFFERS, message);
            report.push(finding.help("move it away, or export to another folder with --out"));
        }
        if out.join(PROJECT_FILE).exists() {
            for (address, file) in declared(out, scope)? {
                if self
                    .exported
                    .places
                    .get(&address)
                    .is_some_and(|place| *place != file)
                {
                    report.push(
                        Finding::new(
                            &codes::export::DECLARED_ELSEWHERE,
                            format!("{address} is declared already, in {}", file.display()),
                        )
                        .about(&address)
                        .help("export to another folder with --out and compare the two"),
                    );
                }
            }
        }
        if report.is_empty() {
            Ok(())
        } else {
            Err(Stop::Findings(report))
        }
    }

    /// Writes what is not there yet; the number of files.
    fn write(&self, out: &Path) -> Result<usize, Stop> {
        let mut written = 0;
        let mut has_generated = false;
        self.each(|file| {
            let path = out.join(&file.path);
            has_generated |= is_editor_file(&path);
            if !path.exists() {
                emit::write(&path, &file.bytes)
                    .with_context(|| format!("failed to write {}", path.display()))?;
                written += 1;
            }
            Ok(())
        })?;
        if has_generated && files::mark_generated(out)? {
            written += 1;
        }
        Ok(written)
    }
}

/// The file that would hold the editor's part, if this one holds a blueprint.
fn editor_file_of(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let is_blueprint = path.extension()? == "json" && !is_editor_file(path);
    is_blueprint.then(|| path.with_file_name(editor_file_name(name)))
}

/// What the project in a folder declares, and in which files.
fn declared(out: &Path, scope: &Scope<'_>) -> Result<BTreeMap<Address, PathBuf>, Stop> {
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
fn check(
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
        // What runs when is not looked at here.
        now: now(),
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
