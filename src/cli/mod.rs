//! THE PROCESS: arguments, environment, terminal, clock, signals, exit codes.
//!
//! A command is one file: its arguments, and a function that resolves them, calls the library
//! and hands values to `render`. Nothing below this module knows of clap, the environment, the
//! clock or a terminal.

mod access;
mod approval;
mod args;
mod command;
mod commit;
mod complete;
mod document;
mod embedded;
mod ending;
mod error;
mod exit;
mod files;
mod forecast;
mod ledger;
mod log;
mod network;
mod panicked;
mod progress;
mod scenario;
mod session;
mod settings;
mod straggler;
mod suggest;
mod ui;
mod verify;

use std::{process::ExitCode, sync::Arc};

use clap::Parser as _;
use tracing::{Dispatch, instrument::WithSubscriber as _};

use crate::{
    live::{self, transport::Transport},
    render,
};

use self::{
    args::{Args, Command},
    error::{Stop, chain},
    exit::Exit,
    settings::Settings,
    ui::Ui,
};

pub use self::embedded::{Embedded, Ran};

/// Runs the program: the whole of `main`.
#[must_use]
pub fn main() -> ExitCode {
    panicked::end_the_process();
    if complete::answered() {
        return Exit::Done.into();
    }
    let args = match Args::try_parse().and_then(Args::checked) {
        Ok(args) => args,
        Err(mut error) => {
            suggest::suggest(&mut error);
            let _ = error.print();
            return misread(&error).into();
        }
    };
    let settings = match Settings::read() {
        Ok(settings) => settings,
        Err(error) => {
            let ui = Ui::new(settings::ColorChoice::Auto, None);
            ui.status(&format!(
                "error: failed to find the working directory: {error}"
            ));
            return Exit::Error.into();
        }
    };
    let ui = Ui::new(settings.color(args.color), settings.columns);
    let progress = args.progress.unwrap_or_default();
    let ui = ui.with(args.full, settings.words_for_signs(), progress);
    let mut runtime = match matches!(args.command, Command::Sandbox(_)) {
        // A server: what one client asks is no reason for another to wait.
        true => tokio::runtime::Builder::new_multi_thread(),
        // A client, which waits most of the time. To hand each answer from thread to thread would
        // take a fifth of the processor time of reading an account.
        false => tokio::runtime::Builder::new_current_thread(),
    };
    let runtime = runtime
        .enable_all()
        // Who answers for the sandbox: each has a heap of its own, which does not shrink.
        .max_blocking_threads(2)
        .build();
    let exit = match runtime {
        Ok(runtime) => {
            let exit = runtime.block_on(run(args, settings, &ui, None));
            if exit == Exit::Interrupted {
                // A thread that asks the terminal, or answers for the sandbox, is not waited for.
                runtime.shutdown_background();
            }
            exit
        }
        Err(error) => told(Stop::from(error), &ui),
    };
    exit.into()
}

/// The exit of a command line that could not be read, or that asked for help only.
fn misread(error: &clap::Error) -> Exit {
    // clap counts a wrong flag as 2; for makeform 2 means changes.
    match error.use_stderr() {
        true => Exit::Error,
        false => Exit::Done,
    }
}

/// Carries out a command, and says why where it can't. `account` answers in the place of the
/// sandboxes in this process.
async fn run(
    args: Args,
    mut settings: Settings,
    ui: &Ui,
    account: Option<Arc<dyn Transport>>,
) -> Exit {
    if let Some(directory) = &args.directory {
        settings.directory = settings.directory.join(directory);
        if !settings.directory.is_dir() {
            let folder = settings.directory.display();
            ui.status(&format!("error: there is no folder {folder}"));
            return Exit::Error;
        }
    }
    let log = match args.log.clone().or_else(|| settings.log()) {
        Some(file) => match log::Log::open(&settings.directory.join(&file)) {
            Ok(log) => Dispatch::new(log),
            Err(error) => {
                let file = file.display();
                ui.status(&format!("error: failed to open the log {file}: {error}"));
                return Exit::Error;
            }
        },
        None => Dispatch::none(),
    };
    logged(args, &settings, ui, account)
        .with_subscriber(log)
        .await
}

/// Carries out a command whose events go to the log, if there is one.
async fn logged(
    args: Args,
    settings: &Settings,
    ui: &Ui,
    account: Option<Arc<dyn Transport>>,
) -> Exit {
    let (version, command) = (env!("CARGO_PKG_VERSION"), args.command.name());
    tracing::info!(version, command, by = settings.who, "begun");
    live::install_tls();
    // Their clock is the runtime's.
    let gates = network::gates(settings);
    let scope = session::Scope {
        settings,
        ui,
        targets: &args.targets,
        all_targets: args.all_targets,
        gates: &gates,
        account,
    };
    let done = carry_out(args.command, &scope).await;
    let exit = done.unwrap_or_else(|stop| told(stop, ui));
    tracing::info!(exit = u64::from(exit.code()), "ended");
    exit
}

/// Says why a command, or its work on one of several targets, stopped.
fn told(stop: Stop, ui: &Ui) -> Exit {
    match &stop {
        Stop::Findings(report) => ui.findings(report),
        Stop::Failed(error) => {
            let style = ui.status_style();
            let head = style.paint(render::Role::Error, "error:");
            ui.status(&format!("{head} {}", render::printable(&chain(error))));
        }
        Stop::Said(_) => {}
    }
    stop.exit()
}

async fn carry_out(command: Command, scope: &session::Scope<'_>) -> Result<Exit, Stop> {
    match command {
        Command::Init(args) => command::init::run(&args, scope).await,
        Command::Validate(args) => command::validate::run(&args, scope),
        Command::Plan(args) => command::plan::run(&args, scope).await,
        Command::Apply(args) => command::apply::run(&args, scope).await,
        Command::Rollback(args) => command::rollback::run(&args, scope).await,
        Command::Drift(args) => command::drift::run(&args, scope).await,
        Command::Export(args) => command::export::run(&args, scope).await,
        Command::Fmt(args) => command::fmt::run(&args, scope).await,
        Command::Graph(args) => command::graph::run(&args, scope),
        Command::Import(args) => command::import::run(&args, scope).await,
        Command::State(command) => command::state::run(&command, scope).await,
        Command::Run(args) => command::run::run(&args, scope).await,
        Command::Executions(command) => command::executions::run(&command, scope).await,
        Command::Incomplete(command) => command::incomplete::run(&command, scope).await,
        Command::Status(args) => command::status::run(&args, scope).await,
        Command::Sandbox(command) => command::sandbox::run(&command, scope).await,
        Command::Auth(command) => command::auth::run(&command, scope).await,
        Command::Doctor(args) => command::doctor::run(&args, scope).await,
        Command::Schema(args) => command::schema::run(&args, scope),
        Command::Explain(args) => command::explain::run(&args, scope),
        Command::Completions(args) => command::completions::run(&args, scope),
        Command::Man(args) => command::man::run(&args, scope),
    }
}
