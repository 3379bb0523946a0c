//! `sandbox`: Make, emulated.

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
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
    diagnostic::{Report, codes},
    sandbox::{
        AUTHORITY, Dialect, Fault, Latency, MINUTE, PlanName, Quirks, TlsListener, UnknownQuirk,
        Window, World, WorldOptions,
        quirk::Quirk,
        seed::{SeedOptions, seed_account, seed_blueprints},
        serve,
    },
    state::Locked,
};

/// Work with a sandbox: an emulator of Make's API, kept in a folder
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  makeform sandbox serve                               to any client of Make's API
  makeform sandbox seed --scenarios 50                 an account to try things on
  makeform sandbox stats                               how often it was asked for what
  makeform sandbox reset")]
pub(crate) enum SandboxCommand {
    Serve(ServeArgs),
    Seed(SeedArgs),
    Reset(ResetArgs),
    Stats(StatsArgs),
    Quirks(QuirksArgs),
}

/// Serve the sandbox to any client of Make's API, under /api/v2
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  makeform sandbox serve --listen 127.0.0.1:8090
  makeform sandbox serve --listen 127.0.0.1:8090 --plan core    with the plan's rate limit
  makeform sandbox serve --listen 127.0.0.1:8443 --tls
  makeform sandbox serve --unified 127.0.0.1:8091               both dialects, one world
  NODE_EXTRA_CA_CERTS=.makeform/sandbox/ca.pem MAKE_ZONE=127.0.0.1:8443 make-cli whoami

  makeform sandbox serve --fault '3rd POST /scenarios: 500 after' --latency 80ms..120ms
  makeform sandbox serve --quirk last-edit=save --quirk page-cap=3

A fault is WHICH REQUESTS: WHAT HAPPENS.
  which   [3rd | from 3rd | first 3] VERB [PATH]; VERB is GET, POST, PUT, PATCH, DELETE, read, write
          or any; in PATH * stands for one segment, ** for all that follow
  what    STATUS [after] [for 20s] [retry-after 5s], drop [after], reset mid-body, truncated, html,
          hang, unreachable, latency 2s; with `after` the request is carried out first
  Behind it `, 2 times` ends it after two. `makeform sandbox quirks` lists the quirks. Both can be
  changed while it serves, under /_sandbox.

With --tls the certificate is from an authority that is the world's own: its path is printed. It
is good for localhost, 127.0.0.1 and ::1.

A new world has organization 1, team 1 and the token
5a4db0c5-0000-4000-8000-000000000001. Stop it with Ctrl-C.")]
pub(crate) struct ServeArgs {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// Limit requests as this plan does: free, core, pro, teams, enterprise, unlimited
    #[arg(long, value_name = "PLAN")]
    plan: Option<PlanName>,
    /// Let every answer take so long, or any time between two: 80ms, 80ms..120ms
    #[arg(long, value_name = "TIME", default_value = "0s")]
    latency: Latency,
    /// Let requests go wrong by this rule; may be given repeatedly
    #[arg(long = "fault", value_name = "RULE")]
    faults: Vec<Fault>,
    /// Answer what Make leaves open in this way; may be given repeatedly
    #[arg(long = "quirk", value_name = "NAME=SETTING", value_parser = quirk)]
    quirks: Vec<String>,
    /// Also serve the unified dialect (that of api.make.com) at this address
    #[arg(long, value_name = "ADDRESS")]
    unified: Option<SocketAddr>,
    /// Serve HTTPS, with a certificate from an authority of the world's own
    #[arg(long)]
    tls: bool,
    /// A further host name or address that the certificate is good for; may be given repeatedly
    #[arg(long = "tls-name", value_name = "NAME", requires = "tls")]
    tls_names: Vec<String>,
    /// In what window the limit counts, sliding or fixed: Make does not say which it has
    #[arg(long, value_name = "KIND", default_value = "sliding", hide = true)]
    window: Window,
    /// The seconds of the minute that limits count in, for tests
    #[arg(long, value_name = "SECONDS", default_value_t = MINUTE.as_secs_f64(), hide = true,
          value_parser = seconds)]
    minute: f64,
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

/// Make the sandbox as new, and forget what was applied there
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  makeform sandbox reset
  makeform sandbox reset --world .makeform/account

Ids start again in a new sandbox. The ledgers of the project's targets whose `url` names it
are emptied with it; what stood in them is kept in .makeform/TARGET/history.")]
pub(crate) struct ResetArgs {
    #[command(flatten)]
    world: WorldArgs,
}

/// Print how many requests the sandbox answered, by route, as JSON
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  makeform sandbox stats
  makeform sandbox stats --world .makeform/account")]
pub(crate) struct StatsArgs {
    #[command(flatten)]
    world: WorldArgs,
}

/// List what Make leaves open, and how a sandbox can answer it
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  makeform sandbox quirks
  makeform sandbox serve --quirk last-edit=save
  MAKEFORM_SANDBOX='quirk last-edit=save; fault 1st write: drop after' makeform apply

The first setting of each is how a sandbox behaves unasked. MAKEFORM_SANDBOX sets up the sandboxes of
targets whose `url` is `sandbox:`; it has the words of the flags of serve, separated by semicolons.")]
pub(crate) struct QuirksArgs {}

/// Accepts a quirk that there is.
fn quirk(text: &str) -> Result<String, UnknownQuirk> {
    Quirks::default().set_from(text).map(|()| text.to_owned())
}

impl ServeArgs {
    fn options(&self) -> Result<WorldOptions, Stop> {
        let mut quirks = Quirks::default();
        for quirk in &self.quirks {
            quirks.set_from(quirk).map_err(anyhow::Error::from)?;
        }
        Ok(WorldOptions {
            plan: self.plan,
            window: self.window,
            minute: Duration::from_secs_f64(self.minute),
            quirks,
            latency: self.latency,
            faults: self.faults.clone(),
        })
    }
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

    fn open(&self, scope: &Scope<'_>) -> Result<World, Stop> {
        self.open_with(WorldOptions::default(), scope)
    }

    fn open_with(&self, options: WorldOptions, scope: &Scope<'_>) -> Result<World, Stop> {
        Ok(World::open(&self.folder(scope)?, options)?)
    }
}

/// A time that a limit can count in.
fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.1..=3_600.0).contains(&seconds) => Ok(seconds),
        _ => Err("it is no number of seconds from 0.1 to 3600".to_owned()),
    }
}

pub(crate) async fn run(command: &SandboxCommand, scope: &Scope<'_>) -> Result<Exit, Stop> {
    match command {
        SandboxCommand::Serve(args) => run_server(args, scope).await,
        SandboxCommand::Seed(args) => seed(args, scope),
        SandboxCommand::Reset(args) => reset(args, scope).await,
        SandboxCommand::Stats(args) => {
            let folder = args.world.folder(scope)?;
            if !World::is_at(&folder) {
                return Err(anyhow::anyhow!("there is no sandbox in {}", folder.display()).into());
            }
            let world = args.world.open(scope)?;
            let stats = serde_json::to_string(&world.stats()?).map_err(anyhow::Error::from)?;
            scope.ui.data(&format!("{stats}\n"))?;
            Ok(Exit::Done)
        }
        SandboxCommand::Quirks(QuirksArgs {}) => {
            for quirk in Quirks::all() {
                scope.ui.data(&described(quirk))?;
            }
            Ok(Exit::Done)
        }
    }
}

/// A quirk with its settings, a line each.
fn described(quirk: &Quirk) -> String {
    let settings = quirk.settings.iter().map(|setting| {
        let (name, meaning) = (setting.name, setting.meaning);
        format!("  {name:<14} {meaning}\n")
    });
    let (name, question) = (quirk.name, quirk.question);
    format!("{name}: {question}\n{}", settings.collect::<String>())
}

/// Makes a world new, and first forgets what ledgers know of it: its ids start again, and would
/// be those of other objects.
async fn reset(args: &ResetArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let world = args.world.open(scope)?;
    // A lock that is held refuses the reset before anything is touched.
    let mut ledgers = ledgers_of(&world, scope).await?;
    for (target, ledger) in &mut ledgers {
        let kept = ledger.discard().await?;
        scope.ui.status(&format!(
            "Forgot what was applied to target {target}; its ledger is kept as {kept}"
        ));
    }
    forget_blueprints(&world, scope)?;
    world.reset()?;
    for (_, ledger) in ledgers {
        ledger.close().await?;
    }
    scope.ui.status(&format!(
        "The sandbox in {} is as new.",
        shown(world.folder())
    ));
    Ok(Exit::Done)
}

/// Deletes what the project's targets have read of a world: its ids start again, and a seed may
/// give them the same times.
fn forget_blueprints(world: &World, scope: &Scope<'_>) -> Result<(), Stop> {
    let Ok(project) = scope.project() else {
        return Ok(());
    };
    let reset = world.folder().canonicalize()?;
    for name in project.targets.keys() {
        let target = scope.target(&project, name)?;
        let Ok(Some(folder)) = target.world(scope) else {
            continue;
        };
        if folder.canonicalize().is_ok_and(|folder| folder == reset) {
            let cache = target.cache_folder();
            match fs::remove_dir_all(&cache) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(anyhow::Error::new(error)
                        .context(format!("failed to delete {}", cache.display()))
                        .into());
                }
                Ok(()) | Err(_) => {}
            }
        }
    }
    Ok(())
}

/// The ledgers of the project's targets that know of a world, locked.
async fn ledgers_of(world: &World, scope: &Scope<'_>) -> Result<Vec<(String, Locked)>, Stop> {
    let project = match scope.project() {
        Ok(project) => project,
        // A world may be of no project, and then no ledger is.
        Err(Stop::Findings(report)) if is_no_project(&report) => return Ok(Vec::new()),
        Err(stop) => return Err(stop),
    };
    let reset = world.folder().canonicalize()?;
    let mut ledgers = Vec::new();
    for name in project.targets.keys() {
        let target = scope.target(&project, name)?;
        // A URL from a variable that is not set names nothing.
        let (Ok(Some(folder)), Ok(url)) = (target.world(scope), target.url(scope)) else {
            continue;
        };
        let store = target.store(scope)?;
        let is_same = folder.canonicalize().is_ok_and(|folder| folder == reset);
        if !is_same || !store.is_begun().await? {
            continue;
        }
        let owner = scope.owner("sandbox reset");
        let ledger = store.lock(&owner, Duration::ZERO).await?;
        // A ledger that is still of another account is not ours to drop.
        let identity = ledger.ledger().bindings.identity.as_ref();
        if identity.is_some_and(|identity| identity.host == url) {
            ledgers.push((name.clone(), ledger));
        } else {
            ledger.close().await?;
        }
    }
    Ok(ledgers)
}

fn is_no_project(report: &Report) -> bool {
    let none = codes::manifest::NO_PROJECT.name;
    report.iter().all(|finding| finding.code.name == none)
}

async fn run_server(args: &ServeArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let world = args.world.open_with(args.options()?, scope)?;
    let zone = open_door(args, args.listen, &world.speaking(Dialect::Zone), scope).await?;
    let unified = match args.unified {
        Some(address) => {
            Some(open_door(args, address, &world.speaking(Dialect::Unified), scope).await?)
        }
        None => None,
    };
    if args.tls {
        let authority = world.folder().canonicalize()?.join(AUTHORITY);
        scope.ui.status(&format!(
            "Its certificate is from the authority {}",
            shown(&authority)
        ));
    }
    match unified {
        Some(unified) => drop(tokio::try_join!(zone, unified)?),
        None => zone.await?,
    }
    Ok(Exit::Done)
}

/// Listens for one dialect and says so; what comes back serves until the process is told to stop.
async fn open_door(
    args: &ServeArgs,
    address: SocketAddr,
    world: &World,
    scope: &Scope<'_>,
) -> Result<impl Future<Output = Result<(), Stop>> + use<>, Stop> {
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .with_context(|| format!("failed to listen on {address}"))?;
    let address = listener.local_addr()?;
    let (plain, tls) = match args.tls {
        true => (
            None,
            Some(TlsListener::new(listener, world.folder(), &args.tls_names)?),
        ),
        false => (Some(listener), None),
    };
    let protocol = if args.tls { "https" } else { "http" };
    world.take_hooks_at(format!("{protocol}://{address}/wh"));
    let dialect = match world.dialect() {
        Dialect::Zone => "",
        Dialect::Unified => " in the unified dialect",
    };
    scope.ui.status(&format!(
        "Serving the sandbox in {} at {protocol}://{address}/api/v2{dialect}",
        shown(world.folder())
    ));
    let world = Arc::new(world.clone());
    let told = told_to_stop(scope.ui);
    Ok(async move {
        let stop = async {
            // Without a signal handler the process still ends, only less politely.
            let _ = told.await;
        };
        let served = match (plain, tls) {
            (Some(listener), _) => serve(world, listener, stop).await,
            (None, Some(listener)) => serve(world, listener, stop).await,
            (None, None) => Ok(()),
        };
        served.with_context(|| format!("failed to serve {address}"))?;
        Ok(())
    })
}

fn seed(args: &SeedArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let world = args.world.open(scope)?;
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
