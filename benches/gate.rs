//! How much of an organization's limit is used, and how often it is hit.
//!
//! Serves sandboxes on loopback whose minute lasts three seconds, and sends requests through the
//! gate: in both dialects, with either kind of window, alone, beside another client that takes a
//! third, and from two commands at once. Then it runs the real program, twice at once and once
//! more. `cargo bench --bench gate` prints the tables of `docs/benchmarks.md`; it fails where less
//! than 97 % is used, or where a request is refused that need not have been.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "a bench that can't go on has failed, and its table is its result"
)]

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;
use makeform::{
    live::{
        Gate, GateOptions, Gates, HttpTransport,
        transport::{Method, Request, Transport as _},
    },
    sandbox::{Dialect, PlanName, TOKEN, Window, World, WorldOptions, serve},
};
use tokio::{
    net::TcpListener,
    task::JoinSet,
    time::{interval, sleep_until},
};

/// What a minute lasts here.
const MINUTE: Duration = Duration::from_secs(3);

/// For how many of them requests are sent.
const MINUTES: u32 = 8;

/// The smallest part of the limit that has to be used, in percent.
const LEAST: f64 = 97.0;

/// A sandbox on loopback.
struct Served {
    world: World,
    transport: HttpTransport,
    dialect: Dialect,
    folder: tempfile::TempDir,
}

impl Served {
    async fn new(dialect: Dialect, window: Window) -> Arc<Self> {
        let folder = tempfile::tempdir().unwrap();
        let options = WorldOptions {
            plan: Some(PlanName::Teams),
            window,
            minute: MINUTE,
            ..WorldOptions::default()
        };
        let world = World::open(folder.path(), options).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let door = Arc::new(world.speaking(dialect));
        tokio::spawn(serve(door, listener, std::future::pending()));
        Arc::new(Self {
            world,
            transport: HttpTransport::new(&url, &[]).unwrap(),
            dialect,
            folder,
        })
    }

    fn request(&self) -> Request {
        let path = match self.dialect {
            Dialect::Zone => "/users/me",
            Dialect::Unified => "/scenarios",
        };
        Request {
            method: Method::Get,
            path: path.to_owned(),
            query: Vec::new(),
            headers: vec![("authorization", format!("Token {TOKEN}"))],
            body: None,
        }
    }

    /// What the plan allows in all: the unified dialect's burst comes once.
    fn allowed(&self) -> usize {
        let minutes = MINUTES as usize;
        match self.dialect {
            Dialect::Zone => 240 * minutes,
            Dialect::Unified => 1_000 + 600 * minutes,
        }
    }

    /// A third of what a minute brings.
    fn third(&self) -> u32 {
        match self.dialect {
            Dialect::Zone => 80,
            Dialect::Unified => 200,
        }
    }

    /// A gate as a command has it that starts now.
    async fn gate(&self, remembered: bool) -> Arc<Gate> {
        let gates = Gates::new(GateOptions {
            folder: remembered.then(|| self.folder.path().join("cache")),
            window: MINUTE,
            now: Timestamp::now(),
        });
        let gate = gates.of("bench", 1);
        if self.dialect == Dialect::Zone {
            gate.learn(240).await;
        }
        gate
    }
}

/// What became of requests, by windows of the bench.
#[derive(Default)]
struct Count {
    admitted: AtomicUsize,
    refused: [AtomicUsize; MINUTES as usize],
}

impl Count {
    fn add(&self, status: u16, start: Instant) {
        let minute = start.elapsed().as_millis() / MINUTE.as_millis();
        match status {
            200 => drop(self.admitted.fetch_add(1, Ordering::Relaxed)),
            429 => {
                let minute = usize::try_from(minute).unwrap();
                let of_it = self.refused.get(minute).or(self.refused.last()).unwrap();
                of_it.fetch_add(1, Ordering::Relaxed);
            }
            status => assert_eq!(status, 200),
        }
    }

    fn admitted(&self) -> usize {
        self.admitted.load(Ordering::Relaxed)
    }

    /// In all, and the most in one minute.
    fn refused(&self) -> (usize, usize) {
        let each = || self.refused.iter().map(|one| one.load(Ordering::Relaxed));
        (each().sum(), each().max().unwrap_or(0))
    }
}

/// Sends through a gate, 16 at once, from `start` for all the minutes.
async fn command(served: Arc<Served>, gate: Arc<Gate>, start: Instant, count: Arc<Count>) {
    let end = start + MINUTE * MINUTES;
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let (served, gate, count) = (Arc::clone(&served), Arc::clone(&gate), Arc::clone(&count));
        tasks.spawn(async move {
            let request = served.request();
            loop {
                let answer = tokio::select! {
                    answer = gate.send(&served.transport, &request) => answer.unwrap(),
                    () = sleep_until(end.into()) => return,
                };
                count.add(answer.status, start);
            }
        });
    }
    tasks.join_all().await;
}

/// Another client, which sends evenly from before `start` on and heeds nothing.
async fn other(served: Arc<Served>, start: Instant, count: Arc<Count>) {
    let end = start + MINUTE * MINUTES;
    let mut tasks = JoinSet::new();
    let mut clock = interval(MINUTE / served.third());
    while Instant::now() < end {
        clock.tick().await;
        let (served, count) = (Arc::clone(&served), Arc::clone(&count));
        tasks.spawn(async move {
            let answer = served.transport.send(&served.request()).await.unwrap();
            if Instant::now() >= start {
                count.add(answer.status, start);
            }
        });
    }
    tasks.join_all().await;
}

#[derive(Clone, Copy, PartialEq)]
enum Story {
    Alone,
    BesideAnother,
    TwoCommands,
}

async fn tell(story: Story, dialect: Dialect, window: Window) {
    let served = Served::new(dialect, window).await;
    let (ours, theirs) = (Arc::new(Count::default()), Arc::new(Count::default()));
    let what = match story {
        Story::Alone => "alone",
        Story::BesideAnother => "beside a client that takes a third",
        Story::TwoCommands => "two commands at once",
    };
    match story {
        Story::Alone => {
            let gate = served.gate(false).await;
            let start = Instant::now();
            command(Arc::clone(&served), gate, start, Arc::clone(&ours)).await;
        }
        Story::BesideAnother => {
            let start = Instant::now() + MINUTE;
            let busy = tokio::spawn(other(Arc::clone(&served), start, Arc::clone(&theirs)));
            sleep_until(start.into()).await;
            let gate = served.gate(false).await;
            command(Arc::clone(&served), gate, start, Arc::clone(&ours)).await;
            busy.await.unwrap();
        }
        Story::TwoCommands => {
            let (one, two) = (served.gate(true).await, served.gate(true).await);
            let start = Instant::now();
            tokio::join!(
                command(Arc::clone(&served), one, start, Arc::clone(&ours)),
                command(Arc::clone(&served), two, start, Arc::clone(&ours)),
            );
        }
    }
    let used = 100.0 * (ours.admitted() + theirs.admitted()) as f64 / served.allowed() as f64;
    let ((refused, most), (of_other, _)) = (ours.refused(), theirs.refused());
    let kind = match (dialect, window) {
        (Dialect::Unified, _) => "unified".to_owned(),
        (Dialect::Zone, window) => format!("zone, {window:?} window").to_lowercase(),
    };
    println!("| {kind} | {what} | {used:.1} % | {refused} | {most} | {of_other} |");
    assert!(used >= LEAST, "{used} % is too little");
    let may_be = usize::from(story == Story::BesideAnother);
    assert!(most <= may_be, "{most} were refused in one minute");
    if story != Story::BesideAnother {
        assert_eq!(served.world.stats().unwrap().limited, 0);
    }
}

fn makeform(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_makeform"));
    command
        .args(args)
        .current_dir(folder)
        .env("MAKE_API_KEY", TOKEN)
        .env("MAKEFORM_CACHE_DIR", folder.join("cache"))
        .env("MAKEFORM_MINUTE", MINUTE.as_secs().to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// The program itself: two plans at once and one after them, of 300 scenarios each.
fn programs() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let project = |url: &str| {
        format!(
            "apiVersion: makeform/v1\nkind: Project\nmetadata: {{ name: bench }}\nspec:\n  \
             manifests: []\n  targets: {{ main: {{ url: \"{url}\", token: \
             \"${{env.MAKE_API_KEY}}\" }} }}\n"
        )
    };
    fs::write(folder.join("makeform.yaml"), project("sandbox:world")).unwrap();
    let seed = ["sandbox", "seed", "--scenarios", "300", "--world", "world"];
    run(makeform(folder, &seed).spawn().unwrap());
    let serve = [
        "sandbox",
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--world",
        "world",
        "--plan",
        "teams",
        "--minute",
        "3",
    ];
    let mut server = makeform(folder, &serve).spawn().unwrap();
    let mut line = String::new();
    let mut said = BufReader::new(server.stderr.take().unwrap());
    said.read_line(&mut line).unwrap();
    let mut words = line.split_whitespace();
    let url = words.find(|word| word.starts_with("http://")).unwrap();
    let base = url.trim_end_matches("/api/v2");
    fs::write(folder.join("makeform.yaml"), project(base)).unwrap();

    let start = Instant::now();
    let export = |name| {
        makeform(folder, &["export", "--out", name])
            .spawn()
            .unwrap()
    };
    let both = [export("one"), export("two")];
    for export in both {
        run(export);
    }
    run(export("three"));
    let seconds = start.elapsed().as_secs_f64();
    let stats = stats(base.trim_start_matches("http://"));
    server.kill().unwrap();
    server.wait().unwrap();
    drop(said);
    let (total, limited) = (stats["total"].as_u64().unwrap(), &stats["limited"]);
    println!(
        "\nThree exports, two of them at once: {total} requests in {seconds:.1} s, {limited} refused"
    );
    assert_eq!(*limited, 0);
    let minutes = f64::from(u32::try_from(total).unwrap().div_ceil(240) - 1);
    println!(
        "The limit alone makes that {:.1} s.",
        minutes * MINUTE.as_secs_f64()
    );
}

/// What the server counted.
fn stats(address: &str) -> serde_json::Value {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = "GET /_sandbox/stats HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

fn run(child: Child) {
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

fn main() {
    println!(
        "| dialect | what | used | refused | most a minute | refused of the other |\n\
         |---|---|---|---|---|---|"
    );
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        for story in [Story::Alone, Story::BesideAnother, Story::TwoCommands] {
            tell(story, Dialect::Zone, Window::Sliding).await;
            tell(story, Dialect::Zone, Window::Fixed).await;
            tell(story, Dialect::Unified, Window::Sliding).await;
        }
    });
    programs();
}
