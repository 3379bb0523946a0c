//! `sandbox`: Make, emulated.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use clap::{Args, Subcommand};

use crate::{
    cli::{
        error::Stop,
        exit::Exit,
        progress::Count,
        session::{Scope, told_to_stop, world_folder},
    },
    sandbox::{
        PlanName, World, WorldOptions,
        seed::{SeedOptions, seed_account, seed_blueprints},
        serve,
    },
};

/// Work with a sandbox: an emulator of Make's API, kept in a folder
#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    Serve(ServeArgs),
    Seed(SeedArgs),
    Reset(ResetArgs),
    Stats(StatsArgs),
}

/// Serve the sandbox to any client of Make's API, under /api/v2
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  makeform sandbox serve --listen 127.0.0.1:8090
  makeform sandbox serve --listen 127.0.0.1:8090 --plan core    with the plan's rate limit

A new world has organization 1, team 1 and the token
5a4db0c5-0000-4000-8000-000000000001. Stop it with Ctrl-C.")]
pub(crate) struct ServeArgs {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// Limit requests as this plan does: free, core, pro, teams, enterprise, unlimited
    #[arg(long, value_name = "PLAN")]
    plan: Option<PlanName>,
    #[command(flatten)]
    world: WorldArgs,
}

/// Fill the sandbox with a believable account, or with raw blueprint files
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  makeform sandbox seed --scenarios 200 --seed 7
  makeform sandbox seed --blueprints ./exported-by-hand")]
pub(crate) struct SeedArgs {
    /// How many scenarios to invent
    #[arg(long, value_name = "N", required_unless_present = "blueprints")]
    scenarios: Option<usize>,
    /// The same number gives the same account
    #[arg(
        long,
        value_name = "S",
        default_value_t = 1,
        conflicts_with = "blueprints"
    )]
    seed: u64,
    /// A folder of blueprint files as Make's editor exports them: one scenario each, with
    /// stand-ins for the connections, hooks and other things that they name
    #[arg(long, value_name = "DIR", conflicts_with = "scenarios")]
    blueprints: Option<PathBuf>,
    /// With --blueprints: make the stand-ins, but no scenarios
    #[arg(long, requires = "blueprints")]
    stand_ins_only: bool,
    #[command(flatten)]
    world: WorldArgs,
}

/// Make the sandbox as new
#[derive(Debug, Args)]
pub(crate) struct ResetArgs {
    #[command(flatten)]
    world: WorldArgs,
}

/// Print how many requests the sandbox answered, by route, as JSON
#[derive(Debug, Args)]
pub(crate) struct StatsArgs {
    #[command(flatten)]
    world: WorldArgs,
}

/// Which world.
#[derive(Debug, Args)]
struct WorldArgs {
    /// The world's folder [default: the project's .makeform/sandbox]
    #[arg(long = "world", value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl WorldArgs {
    fn folder(&self, scope: &Scope<'_>) -> Result<PathBuf, Stop> {
        match &self.folder {
            Some(folder) => Ok(scope.settings.directory.join(folder)),
            None => Ok(scope.project()?.root.join(world_folder(""))),
        }
    }

    fn open(&self, plan: Option<PlanName>, scope: &Scope<'_>) -> Result<World, Stop> {
        Ok(World::open(&self.folder(scope)?, WorldOptions { plan })?)
    }
}

pub(crate) async fn run(command: &SandboxCommand, scope: &Scope<'_>) -> Result<Exit, Stop> {
    match command {
        SandboxCommand::Serve(args) => run_server(args, scope).await,
        SandboxCommand::Seed(args) => seed(args, scope),
        SandboxCommand::Reset(args) => {
            let world = args.world.open(None, scope)?;
            world.reset()?;
            scope.ui.status(&format!(
                "The sandbox in {} is as new.",
                shown(world.folder())
            ));
            Ok(Exit::Done)
        }
        SandboxCommand::Stats(args) => {
            let folder = args.world.folder(scope)?;
            if !World::is_at(&folder) {
                return Err(anyhow::anyhow!("there is no sandbox in {}", folder.display()).into());
            }
            let world = args.world.open(None, scope)?;
            let stats = serde_json::to_string(&world.stats()?).map_err(anyhow::Error::from)?;
            scope.ui.data(&format!("{stats}\n"))?;
            Ok(Exit::Done)
        }
    }
}

async fn run_server(args: &ServeArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let world = Arc::new(args.world.open(args.plan, scope)?);
    let listener = tokio::net::TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("failed to listen on {}", args.listen))?;
    let address = listener.local_addr()?;
    scope.ui.status(&format!(
        "Serving the sandbox in {} at http://{address}/api/v2",
        shown(world.folder())
    ));
    let stop = async {
        // Without a signal handler the process still ends, only less politely.
        let _ = told_to_stop().await;
    };
    serve(world, listener, stop)
        .await
        .with_context(|| format!("failed to serve {address}"))?;
    Ok(Exit::Done)
}

fn seed(args: &SeedArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let world = args.world.open(None, scope)?;
    let report = match (&args.blueprints, args.scenarios) {
        (Some(folder), _) => {
            let folder = scope.settings.directory.join(folder);
            seed_blueprints(&world, &folder, args.stand_ins_only)?
        }
        (None, scenarios) => {
            let options = SeedOptions {
                scenarios: scenarios.unwrap_or_default(),
                seed: args.seed,
            };
            let total = options.scenarios;
            let bar = Count::new(scope.ui, "inventing scenarios", total);
            let report = seed_account(&world, &options, &mut |done| bar.show(done))?;
            bar.finish();
            report
        }
    };
    scope.ui.status(&report.to_string());
    Ok(Exit::Done)
}

fn shown(folder: &Path) -> String {
    folder.display().to_string()
}
