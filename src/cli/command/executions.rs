//! `executions`: what ran, how it ended, and stopping what runs.

use std::str::FromStr;

use clap::Subcommand;
use jiff::{SpanRelativeTo, Timestamp, civil::Date, tz::TimeZone};

use crate::{
    cli::{
        error::Stop,
        exit::Exit,
        scenario::{Account, ScenarioArg, failed},
        session::{Scope, now},
    },
    model::{Dialect, ExecutionFilter, ExecutionStatus},
    render,
};

/// Look at executions of scenarios, and stop them
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  makeform executions list scenario.lead-sync --status error --from 7d
  makeform executions show scenario.lead-sync EXECUTION     what it put out, and why it failed
  makeform executions stop scenario.lead-sync EXECUTION")]
pub(crate) enum ExecutionsCommand {
    List(ListArgs),
    Show(ShowArgs),
    Stop(StopArgs),
}

/// List executions of a scenario, the newest first
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform executions list scenario.lead-sync
  makeform executions list scenario.lead-sync --status error,warning --from 7d
  makeform executions list 925 --from 2026-11-01 --to 2026-11-02T12:00:00Z --limit 200")]
pub(crate) struct ListArgs {
    /// The scenario: its address or id
    #[arg(value_name = "ADDRESS")]
    scenario: ScenarioArg,

    /// Those that began then or later: a time, a date (its midnight in UTC), or how long ago (24h, 7d)
    #[arg(long, value_name = "TIME")]
    from: Option<Moment>,

    /// Those that began then or earlier, in the same words
    #[arg(long, value_name = "TIME")]
    to: Option<Moment>,

    /// Those that stand like this: running, success, warning or error (can be repeated)
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    status: Vec<ExecutionStatus>,

    /// The most to list
    #[arg(long, value_name = "COUNT", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,

    /// How they are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Show one execution, with what it put out and why it failed
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform executions show scenario.lead-sync da518adcd14b4b64ac6358823ccb80ca
  makeform executions show 925 da518adcd14b4b64ac6358823ccb80ca --format json")]
pub(crate) struct ShowArgs {
    /// The scenario: its address or id
    #[arg(value_name = "ADDRESS")]
    scenario: ScenarioArg,

    /// The execution's id
    execution: String,

    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Stop an execution that runs
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform executions stop scenario.lead-sync da518adcd14b4b64ac6358823ccb80ca")]
pub(crate) struct StopArgs {
    /// The scenario: its address or id
    #[arg(value_name = "ADDRESS")]
    scenario: ScenarioArg,

    /// The execution's id
    execution: String,

    /// Stop it in the middle of a module (zone dialect; the unified one always does)
    #[arg(long)]
    force: bool,
}

/// How something is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// JSON, one object a line.
    Json,
}

pub(crate) async fn run(command: &ExecutionsCommand, scope: &Scope<'_>) -> Result<Exit, Stop> {
    match command {
        ExecutionsCommand::List(args) => list(args, scope).await,
        ExecutionsCommand::Show(args) => show(args, scope).await,
        ExecutionsCommand::Stop(args) => stop(args, scope).await,
    }
}

async fn list(args: &ListArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let (account, chosen) = Account::open(scope, "executions", &[&args.scenario]).await?;
    let client = &account.connected.client;
    if client.dialect() == Dialect::Unified && args.status.contains(&ExecutionStatus::Warning) {
        return Err(anyhow::anyhow!(
            "the unified dialect of Make's API has no status `warning`: it counts as success there"
        )
        .into());
    }
    let now = now();
    let moment = |moment: Option<&Moment>| moment.map(|moment| moment.at(now)).transpose();
    let filter = ExecutionFilter {
        from: moment(args.from.as_ref())?,
        to: moment(args.to.as_ref())?,
        status: args.status.clone(),
        limit: usize::try_from(args.limit).unwrap_or(usize::MAX),
    };
    for chosen in chosen {
        let executions = client.executions(&chosen.id, &filter).await?;
        scope.ui.data(&match args.format {
            Format::Text => render::executions_text(&executions, scope.ui.data_style()),
            Format::Json => render::executions_json(&chosen.label, &executions),
        })?;
    }
    Ok(Exit::Done)
}

async fn show(args: &ShowArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let (account, chosen) = Account::open(scope, "executions", &[&args.scenario]).await?;
    let client = &account.connected.client;
    for chosen in chosen {
        let found = client.execution(&chosen.id, &args.execution).await?;
        let (execution, outcome) = found.ok_or_else(|| {
            anyhow::anyhow!(
                "{} has no execution {}",
                chosen.label,
                render::printable(&args.execution)
            )
        })?;
        let label = &chosen.label;
        scope.ui.data(&match args.format {
            Format::Text => {
                render::execution_text(label, &execution, &outcome, scope.ui.data_style())
            }
            Format::Json => render::execution_json(label, &execution, &outcome),
        })?;
    }
    Ok(Exit::Done)
}

async fn stop(args: &StopArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let (account, chosen) = Account::open(scope, "executions", &[&args.scenario]).await?;
    let client = &account.connected.client;
    for chosen in chosen {
        let execution = render::printable(&args.execution);
        let stopped = client.stop_execution(&chosen.id, &args.execution, args.force);
        stopped.await.map_err(|error| {
            failed(
                error,
                &format!("execution {execution} may have been stopped"),
                &format!("makeform executions show {} {execution}", chosen.typed),
            )
        })?;
        let label = &chosen.label;
        scope
            .ui
            .status(&format!("Stopped execution {execution} of {label}"));
    }
    Ok(Exit::Done)
}

/// A moment as it is typed.
#[derive(Clone, Debug)]
enum Moment {
    At(Timestamp),
    Ago(jiff::Span),
}

impl Moment {
    fn at(&self, now: Timestamp) -> anyhow::Result<Timestamp> {
        match self {
            Self::At(moment) => Ok(*moment),
            Self::Ago(span) => {
                let ago = span.to_duration(SpanRelativeTo::days_are_24_hours())?;
                Ok(now.checked_sub(ago)?)
            }
        }
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(moment) = text.parse() {
            return Ok(Self::At(moment));
        }
        if let Ok(date) = text.parse::<Date>()
            && let Ok(midnight) = date.to_zoned(TimeZone::UTC)
        {
            return Ok(Self::At(midnight.timestamp()));
        }
        let span: Option<jiff::Span> = text.parse().ok();
        span.filter(|span| {
            let years = SpanRelativeTo::days_are_24_hours();
            !span.is_negative() && span.to_duration(years).is_ok()
        })
        .map(Self::Ago)
        .ok_or_else(|| {
            "expected a time such as 2026-11-01T09:00:00Z, a date such as 2026-11-01, or how long \
             ago: 90m, 24h, 7d"
                .to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn moments_are_times_dates_and_spans() {
        let now = "2026-11-10T12:00:00Z".parse().unwrap();
        for (text, moment) in [
            ("2026-11-01T09:00:00Z", "2026-11-01T09:00:00Z"),
            ("2026-11-01T09:00:00+02:00", "2026-11-01T07:00:00Z"),
            ("2026-11-01", "2026-11-01T00:00:00Z"),
            ("24h", "2026-11-09T12:00:00Z"),
            ("7d", "2026-11-03T12:00:00Z"),
            ("90m", "2026-11-10T10:30:00Z"),
        ] {
            let read: Moment = text.parse().unwrap();
            assert_eq!(read.at(now).unwrap().to_string(), moment, "{text}");
        }
        for text in ["", "yesterday", "-2h", "1 month", "2026-13-01"] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}
