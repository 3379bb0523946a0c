//! `incomplete`: what Make kept of executions that could not go on.

use anyhow::Context as _;
use clap::Subcommand;

use crate::{
    cli::{
        error::Stop,
        exit::Exit,
        scenario::{Account, Chosen, ScenarioArg, failed},
        session::Scope,
    },
    model::{IncompleteExecution, Kind},
    render,
};

use super::executions::Format;

/// Look at incomplete executions, retry and delete them (zone dialect)
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  makeform incomplete list                              of all scenarios that are managed
  makeform incomplete show scenario.lead-sync EXECUTION
  makeform incomplete retry scenario.lead-sync --all
  makeform incomplete delete scenario.lead-sync EXECUTION")]
pub(crate) enum IncompleteCommand {
    List(ListArgs),
    Show(ShowArgs),
    Retry(RetryArgs),
    Delete(DeleteArgs),
}

/// List incomplete executions: those of some scenarios, or of all that are managed
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform incomplete list
  makeform incomplete list scenario.lead-sync --format json")]
pub(crate) struct ListArgs {
    /// The scenarios: addresses or ids
    #[arg(value_name = "ADDRESS")]
    scenarios: Vec<ScenarioArg>,

    /// How they are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Show one incomplete execution, without its data
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform incomplete show scenario.lead-sync a07e16f2ad134bf49cf83a00aa95c0a5")]
pub(crate) struct ShowArgs {
    /// The scenario: its address or id
    #[arg(value_name = "ADDRESS")]
    scenario: ScenarioArg,

    /// The incomplete execution's id
    id: String,

    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Run incomplete executions again from where they failed
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform incomplete retry scenario.lead-sync --all
  makeform incomplete retry scenario.lead-sync a07e16f2ad134bf49cf83a00aa95c0a5")]
pub(crate) struct RetryArgs {
    #[command(flatten)]
    which: Which,
}

/// Delete incomplete executions with their data, for good
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform incomplete delete scenario.lead-sync a07e16f2ad134bf49cf83a00aa95c0a5
  makeform incomplete delete scenario.lead-sync --all --auto-approve")]
pub(crate) struct DeleteArgs {
    #[command(flatten)]
    which: Which,

    /// Don't ask
    #[arg(long)]
    auto_approve: bool,
}

#[derive(Debug, clap::Args)]
struct Which {
    /// The scenario: its address or id
    #[arg(value_name = "ADDRESS")]
    scenario: ScenarioArg,

    /// The ids of incomplete executions
    #[arg(
        value_name = "ID",
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    ids: Vec<String>,

    /// All that the scenario has now (of those, `retry` takes what is not resolved)
    #[arg(long)]
    all: bool,
}

/// What incomplete executions are called where there are none.
const WHAT: &str = "incomplete executions";

pub(crate) async fn run(command: &IncompleteCommand, scope: &Scope<'_>) -> Result<Exit, Stop> {
    match command {
        IncompleteCommand::List(args) => list(args, scope).await,
        IncompleteCommand::Show(args) => show(args, scope).await,
        IncompleteCommand::Retry(args) => retry(args, scope).await,
        IncompleteCommand::Delete(args) => delete(args, scope).await,
    }
}

async fn list(args: &ListArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let wanted: Vec<&ScenarioArg> = args.scenarios.iter().collect();
    let (account, mut chosen) = Account::open(scope, "incomplete", &wanted).await?;
    account.needs_zone(WHAT)?;
    if wanted.is_empty() {
        chosen = with_some(&account).await?;
    }
    let mut items = Vec::new();
    for chosen in chosen {
        let of_one = account.connected.client.incomplete(&chosen.id).await?;
        items.extend(of_one.into_iter().map(|item| (chosen.label.clone(), item)));
    }
    scope.ui.data(&match args.format {
        Format::Text => render::incomplete_list_text(&items, scope.ui.data_style()),
        Format::Json => render::incomplete_list_json(&items),
    })?;
    Ok(Exit::Done)
}

/// The managed scenarios that have any, which their rows tell.
async fn with_some(account: &Account) -> Result<Vec<Chosen>, Stop> {
    let Account {
        bindings,
        connected,
    } = account;
    let rows = connected.client.scenario_rows(&connected.account).await?;
    let chosen = rows.into_iter().filter(|row| {
        let is_managed = bindings.address_of(Kind::Scenario, &row.id).is_some();
        // A row that does not tell may have some.
        is_managed && row.incomplete != Some(0)
    });
    Ok(chosen.map(|row| Chosen::of(row.id, bindings)).collect())
}

async fn show(args: &ShowArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let (account, chosen) = Account::open(scope, "incomplete", &[&args.scenario]).await?;
    account.needs_zone(WHAT)?;
    for chosen in chosen {
        let client = &account.connected.client;
        let item = client.incomplete_execution(&args.id).await?;
        let item = item
            .filter(|item| item.scenario.as_ref().is_none_or(|id| *id == chosen.id))
            .ok_or_else(|| {
                anyhow::anyhow!(
                    "{} has no incomplete execution {}",
                    chosen.label,
                    render::printable(&args.id)
                )
            })?;
        scope.ui.data(&match args.format {
            Format::Text => render::incomplete_text(&chosen.label, &item, scope.ui.data_style()),
            Format::Json => render::incomplete_json(&chosen.label, &item),
        })?;
    }
    Ok(Exit::Done)
}

async fn retry(args: &RetryArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let (account, chosen, items) = args.which.find(scope).await?;
    let ids = ids(items.iter().filter(|item| !item.resolved));
    if ids.is_empty() {
        let label = &chosen.label;
        scope
            .ui
            .status(&format!("{label} has no incomplete execution to retry"));
        return Ok(Exit::Done);
    }
    let retried = account.connected.client.retry_incomplete(&chosen.id, &ids);
    let shortfall = retried.await.map_err(|error| {
        failed(
            error,
            &format!("some of {} may have been retried", chosen.label),
            &format!("makeform incomplete list {}", chosen.typed),
        )
    })?;
    ended("Retried", "retry", &ids, &chosen, shortfall, scope)
}

async fn delete(args: &DeleteArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    if !args.auto_approve && !scope.ui.can_ask() {
        return Err(anyhow::anyhow!(
            "delete needs an approval and there is no terminal to ask on: say --auto-approve"
        )
        .into());
    }
    let (account, chosen, items) = args.which.find(scope).await?;
    let ids = ids(items.iter());
    if ids.is_empty() {
        let label = &chosen.label;
        scope
            .ui
            .status(&format!("{label} has no incomplete execution to delete"));
        return Ok(Exit::Done);
    }
    if !args.auto_approve {
        let rows: Vec<_> = items
            .into_iter()
            .map(|item| (chosen.label.clone(), item))
            .collect();
        let style = scope.ui.status_style();
        scope.ui.status(&render::incomplete_list_text(&rows, style));
        if !ask(ids.len())? {
            scope.ui.status("Nothing was deleted.");
            return Ok(Exit::Error);
        }
    }
    // Exactly those that were shown: what comes in meanwhile stays.
    let deleted = account.connected.client.delete_incomplete(&chosen.id, &ids);
    let shortfall = deleted.await.map_err(|error| {
        failed(
            error,
            &format!("some of {} may have been deleted", chosen.label),
            &format!("makeform incomplete list {}", chosen.typed),
        )
    })?;
    ended("Deleted", "delete", &ids, &chosen, shortfall, scope)
}

impl Which {
    /// Those that are meant, as the account has them. One that is not there stops, and nothing
    /// is done to the others.
    async fn find(
        &self,
        scope: &Scope<'_>,
    ) -> Result<(Account, Chosen, Vec<IncompleteExecution>), Stop> {
        let (account, chosen) = Account::open(scope, "incomplete", &[&self.scenario]).await?;
        account.needs_zone(WHAT)?;
        let chosen = chosen.into_iter().next().context("no scenario was named")?;
        let mut items = account.connected.client.incomplete(&chosen.id).await?;
        if !self.all {
            for id in &self.ids {
                if !items.iter().any(|item| item.id == *id) {
                    return Err(anyhow::anyhow!(
                        "{} has no incomplete execution {}",
                        chosen.label,
                        render::printable(id)
                    )
                    .into());
                }
            }
            items.retain(|item| self.ids.contains(&item.id));
        }
        Ok((account, chosen, items))
    }
}

fn ids<'a>(items: impl Iterator<Item = &'a IncompleteExecution>) -> Vec<String> {
    items.map(|item| item.id.clone()).collect()
}

fn ask(count: usize) -> Result<bool, Stop> {
    let answer: String = dialoguer::Input::new()
        .with_prompt(format!(
            "Do you want to delete these {count} with their data? Only `yes` is accepted"
        ))
        .allow_empty(true)
        .interact_text()
        .context("failed to ask")?;
    Ok(answer.trim() == "yes")
}

fn ended(
    done: &str,
    verb: &str,
    ids: &[String],
    chosen: &Chosen,
    shortfall: Option<String>,
    scope: &Scope<'_>,
) -> Result<Exit, Stop> {
    let list = format!("makeform incomplete list {}", chosen.typed);
    if let Some(words) = shortfall {
        return Err(anyhow::anyhow!(
            "Make could not {verb} all of them: {}; to see what is left: {list}",
            render::printable(&words)
        )
        .into());
    }
    let (label, count) = (&chosen.label, ids.len());
    scope.ui.status(&format!("{done} {count} of {label}"));
    if verb == "retry" {
        scope.ui.status(&format!("How they end: {list}"));
    }
    Ok(Exit::Done)
}
