//! What it takes to read an account, beside Make's own client for Node.
//!
//! Serves a world of 10,000 scenarios of about 12 kB over TLS, in a process of its own. The
//! official SDK lists the scenarios and gets every blueprint, with 32 requests in flight;
//! makeform takes a cold snapshot, blueprint cache included. Then makeform does it again with
//! 80 ms of latency. `cargo bench --bench reading` prints the tables of `docs/benchmarks.md`, and
//! fails where makeform is not as much cheaper as it has to be.
//! `cargo bench --bench reading -- 1000` takes another number of scenarios.
//!
//! Each reader is a process of its own, so that what it used is what the kernel says of it.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench that can't go on has failed, and its table is its result"
)]

#[path = "support/account.rs"]
mod account;
#[path = "support/usage.rs"]
mod usage;

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
    time::Duration,
};

use jiff::Timestamp;
use makeform::{
    live::{Cache, CacheKey, Client, GateOptions, Gates, HttpTransport, MINUTE, Network, Wanted},
    model::Kind,
    sandbox::TOKEN,
};

use account::seed;
use usage::{Usage, measure, ticks::ticks};

/// The scenarios of the account.
const SCENARIOS: usize = 10_000;

/// How many requests the SDK has in flight.
const IN_FLIGHT: usize = 32;

/// The most that makeform has in flight.
const PACE: usize = 32;

/// How often each reads without latency. The one that took least wall time counts.
const TIMES: usize = 3;

/// The latency of the second table.
const LATENCY: Duration = Duration::from_millis(80);

/// How much less makeform takes, at the least: processor time, and wall time.
const LESS_CPU: f64 = 4.0;
const LESS_WALL: f64 = 3.0;

/// The field of `/proc/PID/stat` with the process's own `utime`, counted from the state.
const OWN: usize = 11;

/// The most that a snapshot may hold, in kilobytes.
const MEMORY_LIMIT: u64 = 200 * 1024;

/// How much longer than the latency alone it may take.
const ABOVE_BOUND: f64 = 1.10;

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    if let [mode, url, authority, cache] = args.as_slice()
        && mode == "--snapshot"
    {
        return snapshot(url, Path::new(authority), Path::new(cache));
    }
    // cargo passes `--bench`; a number is a size.
    let scenarios = args.iter().find_map(|arg| arg.parse().ok());
    bench(scenarios.unwrap_or(SCENARIOS));
}

fn bench(scenarios: usize) {
    let conformance = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    if !conformance.join("node_modules/@makehq/sdk").is_dir() {
        let mut install = Command::new("npm");
        install.args(["ci", "--ignore-scripts"]);
        assert!(
            install
                .current_dir(&conformance)
                .status()
                .unwrap()
                .success()
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let world = folder.path().join("world");
    let mean = seed(&world, scenarios);
    println!("{scenarios} scenarios; a blueprint has {mean:.1} kB on average, as JSON\n");

    let served = Served::start(&world, Duration::ZERO);
    println!(
        "| without latency | processor time | wall time | memory | the server's processor time |"
    );
    println!("|---|---|---|---|---|");
    let with_sdk = || {
        let mut command = Command::new("node");
        command.current_dir(&conformance).arg("reading.mjs");
        command.args([&served.zone, TOKEN, &IN_FLIGHT.to_string()]);
        command.env("NODE_EXTRA_CA_CERTS", &served.authority);
        command
    };
    let sdk = best(&served, scenarios, with_sdk);
    sdk.row("the SDK, 32 in flight");
    let own = best(&served, scenarios, || served.snapshot(folder.path()));
    own.row("makeform, a cold snapshot");
    let cpu = sdk.reader.cpu / own.reader.cpu;
    let wall = sdk.reader.wall / own.reader.wall;
    println!("| the SDK takes | {cpu:.1} times | {wall:.1} times | | |\n");
    drop(served);

    let served = Served::start(&world, LATENCY);
    let late = read(&served, scenarios, served.snapshot(folder.path())).reader;
    // One page of the list, as long as there are no more than 10,000.
    let rounds = scenarios.div_ceil(PACE) + 1;
    let bound = LATENCY.as_secs_f64() * rounds as f64;
    let above = late.wall / bound;
    println!("| with 80 ms of latency | wall time | latency alone, 32 in flight | ratio |");
    println!("|---|---|---|---|");
    println!(
        "| makeform, a cold snapshot | {:.1} s | {bound:.1} s | {above:.3} |",
        late.wall
    );

    let memory = own.reader.peak.max(late.peak);
    assert!(memory <= MEMORY_LIMIT, "{memory} kB");
    assert!(
        cpu >= LESS_CPU,
        "the SDK takes {cpu:.2} times the processor time"
    );
    assert!(
        wall >= LESS_WALL,
        "the SDK takes {wall:.2} times the wall time"
    );
    assert!(above <= ABOVE_BOUND, "{above:.3} times the latency bound");
}

/// A sandbox that serves a world over TLS.
struct Served {
    child: Child,
    /// Host and port.
    zone: String,
    /// The file of the authority that its certificate is from.
    authority: PathBuf,
}

impl Served {
    fn start(world: &Path, latency: Duration) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_makeform"));
        command
            .args(["sandbox", "serve", "--tls", "--plan", "unlimited"])
            .args(["--listen", "127.0.0.1:0", "--world"])
            .arg(world)
            .args(["--latency", &format!("{}ms", latency.as_millis())])
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let zone = lines.find_map(|line| {
            let line = line.unwrap();
            let (_, rest) = line.split_once("https://")?;
            rest.split_once("/api/v2").map(|(zone, _)| zone.to_owned())
        });
        // What it says from now on is of no interest, but must not stop it.
        thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            zone: zone.unwrap(),
            authority: world.join("ca.pem"),
        }
    }

    /// A process that takes a cold snapshot.
    fn snapshot(&self, folder: &Path) -> Command {
        let cache = folder.join("cache");
        let _ = fs::remove_dir_all(&cache);
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--snapshot", &format!("https://{}", self.zone)]);
        command.args([&self.authority, &cache]);
        command
    }

    /// The seconds of processor time that it has used.
    fn cpu(&self) -> f64 {
        ticks(&self.child.id().to_string(), OWN)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// What a reader used, and the server meanwhile.
struct Reading {
    reader: Usage,
    /// Processor time of the server, in seconds.
    server: f64,
}

impl Reading {
    fn row(&self, what: &str) {
        let Usage {
            cpu, wall, peak, ..
        } = self.reader;
        let (peak, server) = (peak / 1024, self.server);
        println!("| {what} | {cpu:.2} s | {wall:.2} s | {peak} MB | {server:.2} s |");
    }
}

/// The quickest of several runs.
fn best(served: &Served, scenarios: usize, command: impl Fn() -> Command) -> Reading {
    let runs = (0..TIMES).map(|_| read(served, scenarios, command()));
    runs.min_by(|a, b| a.reader.wall.total_cmp(&b.reader.wall))
        .unwrap()
}

/// Runs a reader to its end, and checks that it read all.
fn read(served: &Served, scenarios: usize, command: Command) -> Reading {
    let before = served.cpu();
    let reader = measure(command);
    assert_eq!(reader.said.trim(), scenarios.to_string());
    let server = served.cpu() - before;
    Reading { reader, server }
}

/// Takes a cold snapshot as a command does, all kinds and all blueprints, and says how many
/// scenarios it has.
fn snapshot(url: &str, authority: &Path, cache: &Path) {
    makeform::live::install_tls();
    // As the program's own.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(2)
        .build();
    runtime.unwrap().block_on(async {
        let gates = Arc::new(Gates::new(GateOptions {
            folder: Some(cache.join("gate")),
            window: MINUTE,
            now: Timestamp::now(),
        }));
        let network = Network::default().trusting(&fs::read(authority).unwrap());
        let transport = HttpTransport::over(url, &[], &network.unwrap()).unwrap();
        let host = transport.host();
        // The sandbox's plan says that there is no limit.
        let client = Client::new(Arc::new(transport), TOKEN.into(), host).gated(&gates, None, None);
        let account = client.locate(None, None).await.unwrap();
        let key = CacheKey::kept_in(&cache.join("settings"));
        let cache = key.map(|key| Cache::at(cache, &account, key));
        let wanted = Wanted::everything(false).with_cache(cache);
        let snapshot = client
            .collect(&account, &wanted, &mut |_| {})
            .await
            .unwrap();
        let whole = snapshot.of(Kind::Scenario).filter(|live| {
            let spec = live.spec.as_scenario();
            spec.is_some_and(|spec| spec.blueprint.as_set().is_some())
        });
        println!("{}", whole.count());
    });
}
