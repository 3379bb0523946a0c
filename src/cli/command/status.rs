//! `status`: how every managed scenario fares.

use std::collections::BTreeSet;

use crate::{
    cli::{
        error::Stop,
        exit::Exit,
        session::{Scope, TargetHandle},
    },
    model::{
        Address, Binding, Bindings, Consumed, Dialect, Kind, RemoteId, ScenarioHealth, Trouble,
    },
    render::{self, StatusRow},
};

use super::executions::Format;

/// Show how every managed scenario fares
///
/// Costs one request for the list of scenarios and one for each managed scenario, to see its last
/// run; no blueprint is read. In the unified dialect it is not told which scenarios are invalid,
/// how many incomplete executions they have, and when they run next.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform status
  makeform status --format json
  makeform status --usage
  makeform status --fail-on invalid,errors,incomplete,inactive")]
pub(crate) struct StatusArgs {
    /// Exit with 5 where a scenario is like this (can be repeated); one that is gone from the account always counts
    #[arg(long, value_enum, value_name = "TROUBLE", value_delimiter = ',')]
    fail_on: Vec<FailOn>,

    /// Also show the operations and credits of this period (one more request; zone dialect)
    #[arg(long)]
    usage: bool,

    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// What a scenario must not be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// Make can't run it because of errors
    Invalid,
    /// Its last run failed
    Errors,
    /// It has incomplete executions
    Incomplete,
    /// It is paused, or switched off though it was not applied so
    Inactive,
}

impl FailOn {
    fn trouble(self) -> Trouble {
        match self {
            Self::Invalid => Trouble::Invalid,
            Self::Errors => Trouble::Errors,
            Self::Incomplete => Trouble::Incomplete,
            Self::Inactive => Trouble::Inactive,
        }
    }

    /// Whether the unified dialect tells of it.
    fn is_told_by_unified(self) -> bool {
        matches!(self, Self::Errors | Self::Inactive)
    }
}

pub(crate) async fn run(args: &StatusArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let project = scope.project()?;
    let names = scope.target_names(&project)?;
    let several = names.len() > 1;
    let mut exit = Exit::Done;
    for name in names {
        let target = scope.target(&project, &name)?;
        if several && args.format == Format::Text {
            scope.ui.status(&format!("Target {name}"));
        }
        exit = exit.worst(one(args, &target, scope).await?);
    }
    Ok(exit)
}

async fn one(args: &StatusArgs, target: &TargetHandle, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let connected = target.connect(scope).await?;
    let untold = args.fail_on.iter().find(|on| !on.is_told_by_unified());
    if let (Dialect::Unified, Some(untold)) = (connected.client.dialect(), untold) {
        return Err(anyhow::anyhow!(
            "the unified dialect of Make's API does not tell which scenarios are {}: leave it out \
             of --fail-on, or use a target whose `url` is a zone",
            match untold.trouble() {
                Trouble::Incomplete => "incomplete",
                Trouble::Invalid | Trouble::Errors | Trouble::Inactive | Trouble::Gone => "invalid",
            }
        )
        .into());
    }
    if args.usage && connected.client.dialect() == Dialect::Unified {
        return Err(anyhow::anyhow!(
            "the unified dialect of Make's API does not tell what scenarios consume: leave out \
             --usage, or use a target whose `url` is a zone"
        )
        .into());
    }
    let ledger = target.store(scope)?.read().await?;
    ledger.check_account(&connected.identity())?;
    let managed = scenarios(&ledger.bindings);
    let wanted: BTreeSet<RemoteId> = managed
        .iter()
        .map(|(_, binding)| binding.id.clone())
        .collect();
    let health = connected.client.health(&connected.account, &wanted).await?;
    let consumptions = match args.usage {
        true => Some(connected.client.consumptions(&connected.account).await?),
        false => None,
    };
    let rows: Vec<StatusRow> = managed
        .into_iter()
        .map(|(address, binding)| {
            let health = health.iter().find(|health| health.id == binding.id);
            let consumed = consumptions.as_ref().map(|all| {
                let mut all = all.scenarios.iter();
                let own = all.find(|(id, _)| *id == binding.id);
                own.map_or_else(Consumed::none, |(_, consumed)| *consumed)
            });
            StatusRow {
                consumed,
                ..row(address.clone(), binding, health)
            }
        })
        .collect();
    let since = consumptions.and_then(|consumptions| consumptions.since);
    scope.ui.data(&match args.format {
        Format::Text => render::status_text(&rows, since, scope.ui.data_style()),
        Format::Json => render::status_json(&target.name, &connected.account, &rows, since),
    })?;
    let is_failed = |trouble: &Trouble| {
        let named = args.fail_on.iter().any(|on| on.trouble() == *trouble);
        named || (*trouble == Trouble::Gone && !args.fail_on.is_empty())
    };
    Ok(
        match rows.iter().flat_map(|row| &row.troubles).any(is_failed) {
            true => Exit::Unhealthy,
            false => Exit::Done,
        },
    )
}

fn scenarios(bindings: &Bindings) -> Vec<(&Address, &Binding)> {
    let all = bindings.by_address.iter();
    all.filter(|(address, _)| address.kind == Kind::Scenario)
        .collect()
}

fn row(address: Address, binding: &Binding, health: Option<&ScenarioHealth>) -> StatusRow {
    StatusRow {
        address,
        id: binding.id.clone(),
        troubles: match health {
            Some(health) => health.troubles(is_meant_off(binding)),
            None => vec![Trouble::Gone],
        },
        health: health.cloned(),
        consumed: None,
    }
}

/// Whether its manifest switched it off when it was last applied.
fn is_meant_off(binding: &Binding) -> bool {
    let applied = binding.form.as_ref().and_then(|form| form.document().ok());
    let active = applied.as_ref().and_then(|form| form.get("active"));
    active.and_then(serde_json::Value::as_bool) == Some(false)
}
