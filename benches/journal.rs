//! What writing the journal costs an apply.
//!
//! Serves sandboxes on loopback that take 80 ms for each answer, and makes 60 things in each with the
//! real program, its ledger in a file, in git with a remote, and in git without one. How long the
//! journal took is told by the program's own log. `cargo bench --bench journal` prints the table of
//! `docs/benchmarks.md`; it fails where a file takes 3 % of the time or more.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench that can't go on has failed, and its table is its result"
)]

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
    time::Instant,
};

use makeform::sandbox::TOKEN;
use serde_json::Value;

/// How long each answer takes.
const LATENCY: &str = "80ms";

/// The largest part of an apply's time that the journal of a file may take, in percent.
const MOST: f64 = 3.0;

/// How many scenarios there are; each has a folder or a webhook beside it, in turn.
const SCENARIOS: usize = 30;

/// Where a ledger is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Backend {
    File,
    GitRemote,
    GitAlone,
}

/// What an apply cost.
struct Cost {
    seconds: f64,
    requests: usize,
    writes: usize,
    journal: f64,
}

/// A sandbox on loopback.
struct Server {
    child: Child,
    url: String,
    /// Held open: a server whose words nobody takes would fail to say more.
    _stderr: BufReader<ChildStderr>,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let args = [
            "sandbox",
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--latency",
            LATENCY,
            "--world",
            ".",
        ];
        let mut command = makeform(folder);
        let command = command.args(args).stdout(Stdio::null());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        stderr.read_line(&mut said).unwrap();
        let mut words = said.split_whitespace();
        let url = words.find(|word| word.starts_with("http")).unwrap();
        let url = url.trim_end_matches("/api/v2").to_owned();
        Self {
            child,
            url,
            _stderr: stderr,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn makeform(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_makeform"));
    command
        .env("MAKE_API_KEY", TOKEN)
        .env("MAKEFORM_MINUTE", "0.01")
        .env_remove("CI")
        .arg("-C")
        .arg(folder);
    command
}

fn git(folder: &Path, args: &[&str]) {
    let run = Command::new("git")
        .args([
            "-c",
            "user.name=bench",
            "-c",
            "user.email=bench@example.com",
        ])
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "git {args:?}: {said}");
}

fn manifests() -> String {
    let mut text = String::new();
    for index in 0..SCENARIOS {
        let other = match index % 2 {
            0 => {
                format!("kind: Folder\nmetadata: {{ name: f{index} }}\nspec: {{ name: F{index} }}")
            }
            _ => format!(
                "kind: Webhook\nmetadata: {{ name: h{index} }}\nspec: {{ name: H{index}, type: custom }}"
            ),
        };
        let _ = write!(
            text,
            "---\napiVersion: makeform/v1\n{other}\n---\napiVersion: makeform/v1\nkind: Scenario\n\
             metadata: {{ name: s{index} }}\nspec:\n  name: S{index}\n  active: false\n  \
             schedule: {{ every: 15m }}\n  blueprint:\n    flow:\n      - {{ id: 1, module: \
             \"util:SetVariable\", version: 1, mapper: {{ name: x, value: \"{index}\" }} }}\n    \
             metadata: {{ version: 1 }}\n"
        );
    }
    text
}

fn apply(backend: Backend) -> Cost {
    let folder = tempfile::tempdir().unwrap();
    let (account, project) = (folder.path().join("account"), folder.path().join("project"));
    fs::create_dir_all(project.join("manifests")).unwrap();
    fs::create_dir(&account).unwrap();
    let server = Server::start(&account);
    let url = &server.url;
    let state = match backend {
        Backend::File => "file",
        Backend::GitRemote | Backend::GitAlone => "git",
    };
    let text = format!(
        "apiVersion: makeform/v1\nkind: Project\nmetadata: {{ name: bench }}\nspec:\n  \
         manifests: [\"manifests/*.yaml\"]\n  state: {state}\n  targets:\n    main: {{ url: \"{url}\", \
         organization: \"1\", team: \"1\", token: \"${{env.MAKE_API_KEY}}\" }}\n"
    );
    fs::write(project.join("makeform.yaml"), text).unwrap();
    fs::write(project.join("manifests/all.yaml"), manifests()).unwrap();
    git(&project, &["init", "-q"]);
    git(&project, &["add", "."]);
    git(&project, &["commit", "-qm", "Begin"]);
    if backend == Backend::GitRemote {
        git(folder.path(), &["init", "-q", "--bare", "remote.git"]);
        git(&project, &["remote", "add", "origin", "../remote.git"]);
    }
    let begun = Instant::now();
    let ran = makeform(&project)
        .args(["apply", "--auto-approve", "--log", "log.jsonl"])
        .output()
        .unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
    let log = fs::read_to_string(project.join("log.jsonl")).unwrap();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let all = |event: &str| {
        lines
            .iter()
            .filter(move |line| line["event"] == event)
            .count()
    };
    let microseconds = lines
        .iter()
        .filter_map(|line| line["microseconds"].as_u64());
    Cost {
        seconds,
        requests: all("request answered"),
        writes: all("journal written") + all("ledger written"),
        journal: microseconds.sum::<u64>() as f64 / 1e6,
    }
}

fn main() {
    let things = 2 * SCENARIOS;
    println!("| ledger | things | requests | seconds | writes | seconds in them | share |");
    println!("|---|---|---|---|---|---|---|");
    for backend in [Backend::File, Backend::GitRemote, Backend::GitAlone] {
        let Cost {
            seconds,
            requests,
            writes,
            journal,
        } = apply(backend);
        let share = 100.0 * journal / seconds;
        println!(
            "| {backend:?} | {things} | {requests} | {seconds:.1} | {writes} | {journal:.2} | {share:.1} % |"
        );
        assert!(backend != Backend::File || share < MOST, "{share:.1} %");
    }
}
