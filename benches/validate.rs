//! How long `validate` takes, beside merely parsing the same bytes.
//!
//! A seeded account of 5,000 scenarios of about 12 kB, exported: each scenario has a manifest and the
//! two files of its blueprint. One process reads all these files and parses them, JSON into
//! `serde_json::Value` and YAML into the events of the crate that the loader uses; another is
//! `makeform validate`. Each runs three times, and the quickest counts. `cargo bench --bench validate`
//! prints the table of `docs/benchmarks.md`, and fails where validating takes more than 2.5 times as
//! long, or more than 300 MB. `cargo bench --bench validate -- 1000` takes another number.

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
    path::Path,
    process::{Command, Stdio},
};

use account::seed;
use granit_parser::Parser;
use serde_json::Value;
use usage::{Usage, measure};

/// The scenarios of the project.
const SCENARIOS: usize = 5_000;

/// How often each runs.
const TIMES: usize = 3;

/// How many times as long as parsing alone it may take, in wall time.
const LONGER: f64 = 2.5;

/// The most that it may hold, in kilobytes.
const MEMORY_LIMIT: u64 = 300 * 1024;

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    if let [mode, folder] = args.as_slice()
        && mode == "--parse"
    {
        println!("{}", parse(Path::new(folder)));
        return;
    }
    // cargo passes `--bench`; a number is a size.
    let scenarios = args.iter().find_map(|arg| arg.parse().ok());
    bench(scenarios.unwrap_or(SCENARIOS));
}

fn bench(scenarios: usize) {
    let folder = tempfile::tempdir().unwrap();
    let mean = seed(&folder.path().join("world"), scenarios);
    println!("{scenarios} scenarios; a blueprint has {mean:.1} kB on average, as JSON");
    let project = "apiVersion: makeform/v1\nkind: Project\nmetadata: { name: bench }\nspec:\n  \
                   manifests: []\n  targets: { main: { url: \"sandbox:world\" } }\n";
    fs::write(folder.path().join("makeform.yaml"), project).unwrap();
    let exported = folder.path().join("exported");
    let mut export = makeform(folder.path(), "export");
    assert!(
        export
            // Otherwise it would have to be told what stands for them.
            .arg("--keep-secrets")
            .arg("--out")
            .arg(&exported)
            .status()
            .unwrap()
            .success()
    );

    let parsed = best(|| {
        let mut command = Command::new(env::current_exe().unwrap());
        command.arg("--parse").arg(&exported);
        command
    });
    println!("{}\n", parsed.said.trim());
    let validated = best(|| makeform(&exported, "validate"));
    println!("| what | processor time | wall time | memory |");
    println!("|---|---|---|---|");
    for (
        what,
        Usage {
            cpu, wall, peak, ..
        },
    ) in [("parsing alone", &parsed), ("`validate`", &validated)]
    {
        println!("| {what} | {cpu:.2} s | {wall:.2} s | {} MB |", peak / 1024);
    }
    let longer = validated.wall / parsed.wall;
    let more = validated.cpu / parsed.cpu;
    println!("| times as much | {more:.2} | {longer:.2} | |");
    assert!(
        longer <= LONGER,
        "validating takes {longer:.2} times as long"
    );
    assert!(validated.peak <= MEMORY_LIMIT, "{} kB", validated.peak);
}

fn makeform(folder: &Path, command: &str) -> Command {
    let mut makeform = Command::new(env!("CARGO_BIN_EXE_makeform"));
    makeform.arg("-C").arg(folder).arg(command);
    makeform
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    makeform
}

/// The quickest of several runs.
fn best(command: impl Fn() -> Command) -> Usage {
    let runs = (0..TIMES).map(|_| measure(command()));
    runs.min_by(|a, b| a.wall.total_cmp(&b.wall)).unwrap()
}

/// Parses all files below a folder, one after the other; what they were, in words.
fn parse(folder: &Path) -> String {
    let (mut files, mut bytes, mut events) = (0, 0, 0);
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("json") => drop(serde_json::from_str::<Value>(&text).unwrap()),
                Some("yaml") => events += Parser::new_from_str(&text).map(Result::unwrap).count(),
                _ => continue,
            }
            files += 1;
            bytes += text.len();
        }
    }
    let megabytes = bytes as f64 / 1e6;
    format!("{files} files of {megabytes:.1} MB in all; {events} events of YAML")
}
