//! `drift`: what somebody changed in Make since the last apply.

use crate::{
    apply,
    cli::{
        command::plan::input,
        error::Stop,
        exit::Exit,
        session::{Scope, interest},
    },
    manifest::Project,
    model::Address,
    plan, render,
};

/// Show what somebody changed in Make since the last apply
///
/// Reads only: it takes no lock and writes nothing. What `lifecycle.ignoreChanges` of a manifest
/// and `drift.ignore` of makeform.yaml name is no drift, and no apply writes it either.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 no drift, 2 drift, 1 it can't be told.

Examples:
  makeform drift
  makeform drift --only scenario.lead-sync
  makeform --all-targets drift --format json
  makeform drift --refresh               trust nothing that was read before")]
pub(crate) struct DriftArgs {
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Only this thing (can be repeated)
    #[arg(long, value_name = "ADDRESS")]
    only: Vec<Address>,

    /// Read every blueprint again, also where nothing shows that it changed
    #[arg(long)]
    refresh: bool,
}

/// How drift is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// `makeform/drift/v1`, one object a line for each target.
    Json,
}

pub(crate) async fn run(args: &DriftArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let work = async |project: &Project, name: &str| one(args, scope, project, name).await;
    scope.each_target(None, work).await
}

async fn one(
    args: &DriftArgs,
    scope: &Scope<'_>,
    project: &Project,
    name: &str,
) -> Result<Exit, Stop> {
    let opened = scope.open(project, name)?;
    let connected = opened.target.connect(scope).await?;
    let mut ledger = opened.target.store(scope)?.read().await?;
    ledger.check_account(&connected.identity())?;
    let cache = opened.target.cache(scope, &connected.account, args.refresh);
    let wanted = interest(&opened.desired, &ledger, false).with_cache(cache);
    let snapshot = connected.snapshot(&wanted, scope).await?;
    let settlement = apply::settle(&ledger.pending, &ledger.bindings, &snapshot);
    settlement.apply_to(&mut ledger.bindings);
    let mut input = input(&opened, &connected, &snapshot, &ledger.bindings)?;
    input.only = &args.only;
    let drift = plan::drift(&input);
    scope.ui.data(&match args.format {
        Format::Text => render::drift_text(&drift, scope.ui.data_style()),
        Format::Json => render::drift_json(&drift),
    })?;
    Ok(
        match (drift.findings.has_errors(), drift.things.is_empty()) {
            (true, _) => Exit::Error,
            (false, false) => Exit::Changes,
            (false, true) => Exit::Done,
        },
    )
}
