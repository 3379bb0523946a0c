//! `plan`: what apply would do.

use std::path::PathBuf;

use crate::{
    apply,
    cli::{
        commit,
        document::Document,
        error::Stop,
        exit::Exit,
        files,
        forecast::look_ahead,
        session::{Connected, Opened, Scope, interest, now},
        verify::check_right_to_run,
    },
    diagnostic::Report,
    manifest::Project,
    model::{Address, Bindings, Snapshot},
    plan::{self, Coverage, Plan, PlanFile, PlanInput, Target},
    render,
    state::{Recorded, Review},
};

/// Show what apply would do
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform plan
  makeform plan --out review.json && makeform apply review.json
  makeform plan --record                 and later: makeform apply --expect recorded
  makeform plan --detailed-exitcode      0: no changes, 2: changes
  makeform plan --summary                the counts, and a line for each thing
  makeform plan --full                   long values whole
  makeform plan --editor                 positions and samples count as well
  makeform plan --refresh                trust nothing that was read before
  makeform plan --only scenario.lead-sync
  makeform --all-targets plan --format json
  makeform --all-targets plan --format markdown > comment.md
                                         for a pull request: all targets in one document
  makeform plan --html plan.html         a page for the browser: scenarios drawn, before and after
  makeform plan --format github --markdown comment.md
                                         in a workflow: its summary, notes at the lines, a comment")]
pub(crate) struct PlanArgs {
    /// Save the plan for `apply FILE` (takes one target)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Write the plan as one page for a browser (takes one target)
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,

    /// How the plan is written
    #[arg(long, value_enum, default_value_t = PlanFormat::Text)]
    format: PlanFormat,

    /// Save the plans as Markdown too, for the comment of a pull request
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,

    /// The counts, and a line for each thing
    #[arg(long)]
    summary: bool,

    /// Exit with 2 where there are changes
    #[arg(long)]
    detailed_exitcode: bool,

    /// Record the plan with the ledger under the commit, for `apply --expect recorded`
    #[arg(long)]
    record: bool,

    /// The commit that is reviewed, where it is not the one that is checked out
    #[arg(long, value_name = "SHA", requires = "record")]
    commit: Option<String>,

    #[command(flatten)]
    pub(crate) extent: Extent,
}

impl PlanArgs {
    /// What is said twice, and differently. `full`: whether long values are to be shown whole.
    pub(in crate::cli) fn contradiction(&self, full: bool) -> Option<String> {
        let other = match self.format {
            PlanFormat::Text if full => "--full",
            PlanFormat::Text => return None,
            PlanFormat::Json => "--format json",
            PlanFormat::Markdown => "--format markdown",
            PlanFormat::Github => "--format github",
        };
        let message = || {
            format!(
                "the argument '--summary' cannot be used with '{other}': it is of the text, and has no values"
            )
        };
        self.summary.then(message)
    }
}

/// How much of a project a plan covers, and how much of it is read again.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Extent {
    /// Only this thing and what it stands on (can be repeated)
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) only: Vec<Address>,

    /// Plan to delete everything that is bound
    #[arg(long)]
    pub(crate) destroy: bool,

    /// Apply the editor's part of blueprints too: positions, labels, samples, notes
    #[arg(long)]
    pub(crate) editor: bool,

    /// Read every blueprint again, also where nothing shows that it changed
    #[arg(long)]
    pub(crate) refresh: bool,
}

impl Extent {
    /// The commands that do and show the same once more.
    pub(super) fn again(&self, run: &str, look: &str) -> render::Again {
        let flags = render::coverage_flags(&Coverage {
            only: self.only.clone(),
            destroy: self.destroy,
            editor: self.editor,
        });
        render::Again {
            run: format!("{run}{flags}"),
            look: format!("{look}{flags}"),
        }
    }
}

/// How the plans of a project are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum PlanFormat {
    /// For people, in Terraform's words.
    Text,
    /// `makeform/plan/v1`, one object a line for each target.
    Json,
    /// For the comment of a pull request: one document, which GitHub takes.
    Markdown,
    /// For a workflow of GitHub: annotations, and Markdown to the file of GITHUB_STEP_SUMMARY.
    Github,
}

/// How a plan is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// For people, in Terraform's words.
    Text,
    /// `makeform/plan/v1`, one object a line for each target.
    Json,
}

pub(crate) async fn run(args: &PlanArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let out = args.out.as_ref().map(|_| "--out");
    let single = out.or(args.html.as_ref().map(|_| "--html"));
    let mut document = Document::default();
    let work = async |project: &Project, name: &str| {
        let done = one(args, scope, project, name, &mut document).await;
        if let Err(stop) = &done {
            document.failure(name, stop);
        }
        done
    };
    let done = scope.each_target(single, work).await;
    match args.format {
        PlanFormat::Text | PlanFormat::Json => {}
        PlanFormat::Markdown => document.print(scope)?,
        PlanFormat::Github => document.annotate(scope)?,
    }
    if let Some(file) = &args.markdown {
        let path = scope.settings.directory.join(file);
        files::write_private(&path, document.markdown().as_bytes())?;
    }
    done
}

async fn one(
    args: &PlanArgs,
    scope: &Scope<'_>,
    project: &Project,
    name: &str,
    document: &mut Document,
) -> Result<Exit, Stop> {
    let opened = scope.open(project, name)?;
    let commit = match args.record {
        true => {
            let named = args.commit.as_deref();
            Some(commit::reviewed(named, opened.target.root(), scope.settings).await?)
        }
        false => None,
    };
    let connected = opened.target.connect(scope).await?;
    let mut ledger = opened.target.store(scope)?.read().await?;
    ledger.check_account(&connected.identity())?;
    let cache = opened
        .target
        .cache(scope, &connected.account, args.extent.refresh);
    let wanted = interest(&opened.desired, &ledger, args.extent.destroy).with_cache(cache);
    let snapshot = connected.snapshot(&wanted, scope).await?;
    // A plan takes no lock and writes nothing: what an interrupted apply left open is
    // settled in memory.
    let settlement = apply::settle(&ledger.pending, &ledger.bindings, &snapshot);
    settlement.apply_to(&mut ledger.bindings);
    let mut plan = make(
        &opened,
        &connected,
        &snapshot,
        &ledger.bindings,
        &args.extent,
    )?;
    let findings = settlement.findings(&plan);
    plan.findings.extend(Report::from_iter(findings));
    check_right_to_run(&mut plan, &connected).await?;
    look_ahead(&mut plan, &connected, &opened.desired.policy).await;
    match args.format {
        PlanFormat::Text if args.summary => {
            let style = scope.ui.data_style();
            scope.ui.text(&render::plan_summary_text(&plan, style))?;
        }
        PlanFormat::Text => show(&plan, Format::Text, scope)?,
        PlanFormat::Json => show(&plan, Format::Json, scope)?,
        PlanFormat::Markdown | PlanFormat::Github => {}
    }
    if let Some(file) = &args.out {
        let path = scope.settings.directory.join(file);
        files::write_private(&path, render::plan_json_pretty(&plan).as_bytes())?;
        let apply = render::apply_file_command(&plan, &file.display().to_string());
        scope
            .ui
            .status(&format!("Saved the plan. To carry it out: {apply}"));
    }
    if let Some(file) = &args.html {
        let path = scope.settings.directory.join(file);
        files::write_private(&path, render::plan_html(&plan).as_bytes())?;
        let file = file.display();
        scope
            .ui
            .status(&format!("Wrote the plan as a page: {file}"));
    }
    let exit = ending(args, &plan, commit.as_deref(), &opened, scope).await;
    // What was planned is told of also where it could not be recorded.
    document.plan(plan);
    exit
}

/// Records the plan, where it is to be recorded, and says how the command ends.
async fn ending(
    args: &PlanArgs,
    plan: &Plan,
    commit: Option<&str>,
    opened: &Opened,
    scope: &Scope<'_>,
) -> Result<Exit, Stop> {
    if plan.findings.has_errors() {
        return Ok(Exit::Error);
    }
    if let Some(commit) = commit {
        let exit = record(plan, commit, opened, scope).await?;
        if exit != Exit::Done {
            return Ok(exit);
        }
    }
    Ok(match args.detailed_exitcode && plan.has_changes() {
        true => Exit::Changes,
        false => Exit::Done,
    })
}

/// Records the plan under the commit that is reviewed.
async fn record(
    plan: &Plan,
    commit: &str,
    opened: &Opened,
    scope: &Scope<'_>,
) -> Result<Exit, Stop> {
    let review = Review {
        target: plan.target.name.clone(),
        commit: commit.to_owned(),
        digest: plan.digest.clone(),
        by: scope.settings.who.clone(),
        at: now(),
        outline: PlanFile::outline(plan),
    };
    let recorded = opened.target.store(scope)?.record_review(&review).await?;
    let name = render::printable(&plan.target.name);
    match recorded {
        Recorded::Done => {
            scope.ui.status(&format!(
                "Recorded the plan under commit {commit}. To carry it out: makeform --target {name} \
                 apply --expect recorded --commit {commit}"
            ));
            Ok(Exit::Done)
        }
        Recorded::Taken(first) => {
            scope.ui.status(&format!(
                "Refused: another plan was recorded under commit {commit}, by {} at {:.0}, and \
                 whoever approved the commit may have seen that one.\n  recorded: {}\n  now:      {}\n\
                 Push another commit (an empty one does), so that the plan is reviewed again.",
                render::printable(&first.by),
                first.at,
                render::printable(&first.digest),
                plan.digest
            ));
            Ok(Exit::Refused)
        }
    }
}

/// Plans from values that were read.
pub(crate) fn make(
    opened: &Opened,
    connected: &Connected,
    snapshot: &Snapshot,
    bindings: &Bindings,
    extent: &Extent,
) -> Result<Plan, Stop> {
    let mut plan = plan::plan(&PlanInput {
        only: &extent.only,
        destroy: extent.destroy,
        editor: extent.editor,
        ..input(opened, connected, snapshot, bindings)?
    });
    opened.lints.apply(&mut plan.findings);
    plan.findings.extend(opened.findings.clone());
    Ok(plan)
}

/// What a plan of everything depends on.
pub(crate) fn input<'a>(
    opened: &'a Opened,
    connected: &Connected,
    snapshot: &'a Snapshot,
    bindings: &'a Bindings,
) -> Result<PlanInput<'a>, Stop> {
    Ok(PlanInput {
        target: Target {
            name: opened.target.name.clone(),
            account: connected.account.clone(),
        },
        desired: &opened.desired,
        snapshot,
        bindings,
        only: &[],
        destroy: false,
        editor: false,
        ledger_shared: connected.ledger_shared,
        now: connected.now()?,
    })
}

pub(super) fn show(plan: &Plan, format: Format, scope: &Scope<'_>) -> Result<(), Stop> {
    match format {
        Format::Text => scope
            .ui
            .text(&render::plan_text(plan, &[], scope.ui.data_style()))?,
        Format::Json => scope.ui.data(&render::plan_json(plan))?,
    }
    Ok(())
}
