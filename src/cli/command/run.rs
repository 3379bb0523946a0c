//! `run`: runs a scenario, and waits for the end.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
    pin::pin,
    time::Duration,
};

use anyhow::Context as _;
use secrecy::SecretString;
use serde_json::{Map, Value};

use crate::{
    cli::{
        error::Stop,
        exit::Exit,
        scenario::{Account, Chosen, ScenarioArg, failed},
        session::{Scope, told_to_stop},
    },
    live::Waited,
    model::{ExecutionStatus, Outcome},
    render,
};

use super::executions::Format;

/// Run a scenario, which must be active
///
/// Prints the id of the execution. Its outputs are shown by `executions show` alone. A run whose
/// answer is lost is never started again by itself.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform run scenario.lead-sync
  makeform run scenario.lead-sync --input lead.json --wait
  echo '{\"email\": \"ada@example.org\"}' | makeform run scenario.lead-sync --input -
  makeform run 925 --wait --timeout 60

Exit codes: 0 started, or with --wait: success; 5 it ran and did not end in success; 1 otherwise")]
pub(crate) struct RunArgs {
    /// The scenario: its address or id
    #[arg(value_name = "ADDRESS")]
    scenario: ScenarioArg,

    /// A file with the inputs, one JSON object (`-` for standard input)
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,

    /// Wait until the run is over
    #[arg(long)]
    wait: bool,

    /// The longest to wait, in seconds; the run goes on then
    #[arg(long, value_name = "SECONDS", default_value_t = 600, requires = "wait")]
    timeout: u64,

    /// How the run is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(crate) async fn run(args: &RunArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let input = match &args.input {
        Some(path) => Some(read_input(path, scope)?),
        None => None,
    };
    let (account, chosen) = Account::open(scope, "run", &[&args.scenario]).await?;
    let Some(chosen) = chosen.into_iter().next() else {
        return Ok(Exit::Error);
    };
    // What a refusal quotes of the input is the user's data, and errors end up in logs.
    let client = account.connected.client.hide(texts(input.as_ref()));
    let mut told = pin!(told_to_stop(scope.ui));
    let mut starting = pin!(client.run(&chosen.id, input.as_ref()));
    // Who interrupts a request in flight gets to know how it ended.
    let (started, mut interrupted) = tokio::select! {
        biased;
        told = &mut told => {
            told?;
            (starting.await, true)
        }
        started = &mut starting => (started, false),
    };
    let execution = started.map_err(|error| {
        failed(
            error,
            &format!("a run of {} may have been started", chosen.label),
            &format!("makeform status, makeform executions list {}", chosen.typed),
        )
    })?;
    let said = Said {
        chosen: &chosen,
        execution: &execution,
        format: args.format,
        scope,
    };
    scope.ui.status(&format!("Started {}", chosen.label));
    if args.format == Format::Text {
        scope
            .ui
            .data(&format!("{}\n", render::printable(&execution)))?;
    }
    if !args.wait && !interrupted {
        said.json(None)?;
        return Ok(Exit::Done);
    }
    let mut waited = Waited::Running;
    if !interrupted {
        let timeout = Duration::from_secs(args.timeout);
        tokio::select! {
            biased;
            told = &mut told => {
                told?;
                interrupted = true;
            }
            ended = client.wait(&chosen.id, &execution, timeout) => waited = ended?,
        }
    }
    if interrupted {
        said.json(Some(&ExecutionStatus::Running))?;
        let stop = said.stop();
        scope
            .ui
            .status(&format!("Interrupted: the run goes on; to stop it: {stop}"));
        return Ok(Exit::Interrupted);
    }
    match waited {
        Waited::Over(outcome) => said.over(&outcome),
        Waited::Running => {
            said.json(Some(&ExecutionStatus::Running))?;
            scope.ui.status(&format!(
                "error: {} still runs after {} seconds, and goes on; to look: {}",
                chosen.label,
                args.timeout,
                said.show()
            ));
            Ok(Exit::Error)
        }
        Waited::Unseen => {
            said.json(None)?;
            scope.ui.status(&format!(
                "error: Make started {} and does not know the execution yet; to look: {}",
                chosen.label,
                said.show()
            ));
            Ok(Exit::Error)
        }
    }
}

/// What is told of a run.
struct Said<'a> {
    chosen: &'a Chosen,
    execution: &'a str,
    format: Format,
    scope: &'a Scope<'a>,
}

impl Said<'_> {
    fn json(&self, status: Option<&ExecutionStatus>) -> Result<(), Stop> {
        if self.format == Format::Json {
            let text = render::run_json(&self.chosen.label, self.execution, status);
            self.scope.ui.data(&text)?;
        }
        Ok(())
    }

    fn over(&self, outcome: &Outcome) -> Result<Exit, Stop> {
        self.json(Some(&outcome.status))?;
        let label = &self.chosen.label;
        if outcome.status == ExecutionStatus::Success {
            self.scope.ui.status(&format!("{label} ended in success"));
            return Ok(Exit::Done);
        }
        // The message of an error may quote data of the user: it is shown where it is asked for.
        let failure = outcome.failure.as_ref();
        let name = failure.and_then(|failure| failure.name.as_deref());
        let module = failure.and_then(|failure| failure.module.as_deref());
        let mut text = format!("{label} ended in {}", outcome.status.word());
        if let Some(name) = name {
            text.push_str(&format!(", a {name}"));
        }
        if let Some(module) = module {
            text.push_str(&format!(" of {module}"));
        }
        let text = render::printable(&text);
        self.scope
            .ui
            .status(&format!("{text}; to see why: {}", self.show()));
        Ok(Exit::Unhealthy)
    }

    fn show(&self) -> String {
        self.command("show")
    }

    fn stop(&self) -> String {
        self.command("stop")
    }

    fn command(&self, verb: &str) -> String {
        let execution = render::printable(self.execution);
        format!(
            "makeform executions {verb} {} {execution}",
            self.chosen.typed
        )
    }
}

/// Reads the inputs. What is wrong with them is told without quoting them.
fn read_input(path: &Path, scope: &Scope<'_>) -> Result<Map<String, Value>, Stop> {
    let (name, text) = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .context("failed to read the inputs from standard input")?;
        ("standard input".to_owned(), text)
    } else {
        let file = scope.settings.directory.join(path);
        let name = path.display().to_string();
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("failed to read the inputs of {name}"))?;
        (name, text)
    };
    match serde_json::from_str(&text) {
        Ok(Value::Object(input)) => Ok(input),
        Ok(_) => Err(anyhow::anyhow!(
            "the inputs in {name} are no JSON object: write {{\"name of an input\": value}}"
        )
        .into()),
        Err(error) => Err(anyhow::anyhow!(
            "the inputs in {name} are no JSON: see line {}, column {}",
            error.line(),
            error.column()
        )
        .into()),
    }
}

/// Every text of the inputs.
fn texts(input: Option<&Map<String, Value>>) -> Vec<SecretString> {
    let mut left: Vec<&Value> = input.into_iter().flat_map(Map::values).collect();
    let mut texts = Vec::new();
    while let Some(value) = left.pop() {
        match value {
            Value::String(text) => texts.push(SecretString::from(text.as_str())),
            Value::Array(items) => left.extend(items),
            Value::Object(fields) => left.extend(fields.values()),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    texts
}
