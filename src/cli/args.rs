//! What was typed.

use std::path::PathBuf;

use clap::{CommandFactory as _, Error, Parser, Subcommand, error::ErrorKind};

use super::{command, progress::ProgressMode, settings::ColorChoice};

/// Where `--help` lists the options that all commands take: below those of the command itself.
const EVERYWHERE: &str = "Options of all commands";

/// Plan, review and apply Make (make.com) accounts from YAML in git.
#[derive(Debug, Parser)]
#[command(
    name = "makeform",
    version,
    propagate_version = true,
    after_help = "Examples:
  makeform init                          begin a project
  makeform plan                          show what apply would do to the default target
  makeform --target production plan      the same for another target
  makeform --all-targets validate        all targets that share the manifests
  makeform apply                         show the plan, ask, and carry it out
  makeform export --out backup           write the manifests of an account"
)]
pub(crate) struct Args {
    /// Run as if started in this folder
    #[arg(short = 'C', value_name = "DIR", global = true, help_heading = EVERYWHERE)]
    pub(crate) directory: Option<PathBuf>,

    /// The target of makeform.yaml to work on (can be repeated)
    #[arg(long = "target", value_name = "NAME", global = true, help_heading = EVERYWHERE)]
    pub(crate) targets: Vec<String>,

    /// All targets of makeform.yaml, by name
    #[arg(long, global = true, conflicts_with = "targets", help_heading = EVERYWHERE)]
    pub(crate) all_targets: bool,

    /// When to colour [default: auto]
    #[arg(long, value_name = "WHEN", global = true, help_heading = EVERYWHERE)]
    pub(crate) color: Option<ColorChoice>,

    /// Show long values whole
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub(crate) full: bool,

    /// How progress is shown [default: auto]
    #[arg(long, value_name = "MODE", global = true, help_heading = EVERYWHERE)]
    pub(crate) progress: Option<ProgressMode>,

    /// Append what is done to a file, as JSON lines without secrets
    #[arg(long, value_name = "FILE", global = true, help_heading = EVERYWHERE)]
    pub(crate) log: Option<PathBuf>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Args {
    /// Refuses what contradicts itself in a way that clap can't see: an option of all commands may stand
    /// before the command that it does not go with.
    pub(super) fn checked(self) -> Result<Self, Error> {
        let contradiction = match &self.command {
            Command::Plan(plan) => plan.contradiction(self.full),
            Command::Init(_)
            | Command::Validate(_)
            | Command::Apply(_)
            | Command::Rollback(_)
            | Command::Drift(_)
            | Command::Export(_)
            | Command::Fmt(_)
            | Command::Graph(_)
            | Command::Import(_)
            | Command::State(_)
            | Command::Run(_)
            | Command::Executions(_)
            | Command::Incomplete(_)
            | Command::Status(_)
            | Command::Auth(_)
            | Command::Doctor(_)
            | Command::Sandbox(_)
            | Command::Schema(_)
            | Command::Explain(_)
            | Command::Completions(_)
            | Command::Man(_) => None,
        };
        match contradiction {
            Some(message) => Err(Self::command().error(ErrorKind::ArgumentConflict, message)),
            None => Ok(self),
        }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(command::init::InitArgs),
    Validate(command::validate::ValidateArgs),
    Plan(command::plan::PlanArgs),
    Apply(command::apply::ApplyArgs),
    Rollback(command::rollback::RollbackArgs),
    Drift(command::drift::DriftArgs),
    Export(command::export::ExportArgs),
    Fmt(command::fmt::FmtArgs),
    Graph(command::graph::GraphArgs),
    Import(command::import::ImportArgs),
    #[command(subcommand)]
    State(command::state::StateCommand),
    Run(command::run::RunArgs),
    #[command(subcommand)]
    Executions(command::executions::ExecutionsCommand),
    #[command(subcommand)]
    Incomplete(command::incomplete::IncompleteCommand),
    Status(command::status::StatusArgs),
    #[command(subcommand)]
    Auth(command::auth::AuthCommand),
    Doctor(command::doctor::DoctorArgs),
    #[command(subcommand)]
    Sandbox(command::sandbox::SandboxCommand),
    Schema(command::schema::SchemaArgs),
    Explain(command::explain::ExplainArgs),
    Completions(command::completions::CompletionsArgs),
    Man(command::man::ManArgs),
}

impl Command {
    /// What it is called; what it was told besides may be secret.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Validate(_) => "validate",
            Self::Plan(_) => "plan",
            Self::Drift(_) => "drift",
            Self::Apply(_) => "apply",
            Self::Rollback(_) => "rollback",
            Self::Export(_) => "export",
            Self::Fmt(_) => "fmt",
            Self::Graph(_) => "graph",
            Self::Import(_) => "import",
            Self::State(_) => "state",
            Self::Run(_) => "run",
            Self::Executions(_) => "executions",
            Self::Incomplete(_) => "incomplete",
            Self::Status(_) => "status",
            Self::Auth(_) => "auth",
            Self::Doctor(_) => "doctor",
            Self::Sandbox(_) => "sandbox",
            Self::Schema(_) => "schema",
            Self::Explain(_) => "explain",
            Self::Completions(_) => "completions",
            Self::Man(_) => "man",
            Self::Init(_) => "init",
        }
    }
}
