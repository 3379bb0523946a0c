//! How long `plan` takes, and how much memory it holds at its peak.
//!
//! Runs the real program on seeded accounts, with the sandbox in its process and over loopback.
//! `cargo bench` prints a table for `docs/benchmarks.md`; `cargo bench -- 10000` takes one size.
//! It fails when 10,000 scenarios take more than 200 MB.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench that can't go on has failed, and its table is its result"
)]

#[path = "support/usage.rs"]
mod usage;

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use usage::{Usage, measure};

const TOKEN: &str = "5a4db0c5-0000-4000-8000-000000000001";

/// The most that a plan of 10,000 scenarios may hold, in kilobytes.
const MEMORY_LIMIT: u64 = 200 * 1024;

fn makeform(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_makeform"));
    command
        .args(args)
        .current_dir(folder)
        .env("MAKE_API_KEY", TOKEN)
        .stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn succeed(mut command: Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Serves a world on a free port.
fn serve(folder: &Path) -> (Child, String) {
    let args = [
        "sandbox",
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--world",
        "world",
    ];
    let mut child = makeform(folder, &args).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let url = line
        .split_whitespace()
        .find(|word| word.starts_with("http://"))
        .unwrap();
    (child, url.trim_end_matches("/api/v2").to_owned())
}

fn project(url: &str) -> String {
    format!(
        "apiVersion: makeform/v1\nkind: Project\nmetadata: {{ name: bench }}\nspec:\n  \
         manifests: []\n  targets: {{ main: {{ url: \"{url}\", token: \
         \"${{env.MAKE_API_KEY}}\" }} }}\n"
    )
}

fn bench(scenarios: usize) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("makeform.yaml"), project("sandbox:world")).unwrap();
    let count = scenarios.to_string();
    let seed = [
        "sandbox",
        "seed",
        "--scenarios",
        &count,
        "--seed",
        "1",
        "--world",
        "world",
    ];
    succeed(makeform(folder, &seed));
    measured(
        scenarios,
        "export, in process",
        makeform(folder, &["export", "--keep-secrets", "--out", "exported"]),
    );
    let plan = ["-C", "exported", "plan", "--detailed-exitcode"];
    let alone = measured(scenarios, "plan, in process", makeform(folder, &plan));

    let (mut server, url) = serve(folder);
    let file = folder.join("exported/makeform.yaml");
    let text = fs::read_to_string(&file).unwrap();
    let lines = text.lines().map(|line| match line.split_once("url:") {
        Some((indent, _)) => format!("{indent}url: \"{url}\"\n"),
        None => format!("{line}\n"),
    });
    let text: String = lines.collect();
    fs::write(file, text).unwrap();
    let peak = measured(scenarios, "plan, over loopback", makeform(folder, &plan));
    server.kill().unwrap();
    server.wait().unwrap();
    let peak = peak.max(alone);
    assert!(
        scenarios > 10_000 || peak <= MEMORY_LIMIT,
        "{peak} kB at {scenarios} scenarios"
    );
}

/// Runs a command and prints its row; the peak of its memory in kilobytes.
fn measured(scenarios: usize, what: &str, mut command: Command) -> u64 {
    let Usage {
        cpu,
        wall,
        peak,
        said,
    } = measure({
        command.stderr(Stdio::null());
        command
    });
    println!(
        "| {scenarios} | {what} | {wall:.1} s | {cpu:.1} s | {} MB |",
        peak / 1024
    );
    // What was just exported is adopted as it is.
    assert!(
        what.starts_with("export") || said.contains("\nNo changes. "),
        "{said}"
    );
    peak
}

fn main() {
    // cargo passes `--bench`; a number is a size.
    let sizes: Vec<usize> = std::env::args()
        .filter_map(|arg| arg.parse().ok())
        .collect();
    println!(
        "| scenarios | what | wall time | processor time | peak memory |\n|---|---|---|---|---|"
    );
    for size in if sizes.is_empty() {
        vec![1_000, 10_000]
    } else {
        sizes
    } {
        bench(size);
    }
}
