//! How long a plan of 500 changed scenarios takes to be written, in each form.
//!
//! Runs the real program on a seeded account, with the sandbox in its process; every scenario is
//! described anew in its manifest, and its first module does something else. What a form costs is the processor time that it takes more than
//! `--summary`, which writes a line for each thing. `cargo bench --bench render` prints a table for
//! `docs/benchmarks.md`, and fails where a form costs more than it may.

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
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use usage::{Usage, measure};

/// How many scenarios change.
const SCENARIOS: usize = 500;

/// How often each form is written; the quickest counts.
const TIMES: usize = 5;

/// The forms: what asks for each, and what it may cost more than the summary, in seconds.
const FORMS: [(&str, &[&str], f64); 5] = [
    ("summary", &["--summary"], 0.0),
    ("text", &[], 0.3),
    ("json", &["--format", "json"], 0.3),
    ("markdown", &["--format", "markdown"], 0.3),
    ("html", &["--summary", "--html", PAGE], 2.0),
];

/// Where the page goes.
const PAGE: &str = "plan.html";

const PROJECT: &str = "apiVersion: makeform/v1\nkind: Project\nmetadata: { name: bench }\nspec:\n  manifests: []\n  \
                       targets: { main: { url: \"sandbox:world\" } }\n";

fn makeform(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_makeform"));
    command
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Describes every scenario below a folder anew, and changes its first module.
fn edit(folder: &Path) -> usize {
    let mut edited = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            edited += edit(&path);
        } else if name.ends_with(".blueprint.json") {
            let text = fs::read_to_string(&path).unwrap();
            let mut blueprint: Value = serde_json::from_str(&text).unwrap();
            let first = blueprint.pointer_mut("/flow/0").unwrap();
            let first = first.as_object_mut().unwrap();
            first.insert("mapper".into(), json!({ "text": "Of a bench." }));
            fs::write(&path, blueprint.to_string()).unwrap();
            edited += 1;
        } else if name.ends_with(".yaml") {
            describe(&path);
        }
    }
    edited
}

/// Describes the scenario of a manifest anew.
fn describe(path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    if !text.contains("kind: Scenario\n") {
        return;
    }
    // What was said before may go over several lines.
    let mut is_said = false;
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines() {
        let goes_on = line.is_empty() || line.starts_with("    ");
        is_said = line.starts_with("  description:") || is_said && goes_on;
        if !is_said {
            lines.push(line);
        }
        if line == "spec:" {
            lines.push("  description: Of a bench.");
        }
    }
    fs::write(path, lines.join("\n") + "\n").unwrap();
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("makeform.yaml"), PROJECT).unwrap();
    let number = SCENARIOS.to_string();
    let seed = [
        "sandbox",
        "seed",
        "--scenarios",
        &number,
        "--seed",
        "1",
        "--world",
        "world",
    ];
    assert!(makeform(folder, &seed).status().unwrap().success());
    let export = ["export", "--keep-secrets", "--out", "exported"];
    assert!(makeform(folder, &export).status().unwrap().success());
    let edited = edit(&folder.join("exported"));
    assert!(edited >= SCENARIOS, "{edited} scenarios were edited");
    println!(
        "| form | wall | processor time | more than the summary | peak memory | size |\n\
         |---|---|---|---|---|---|"
    );
    // All forms in turn, so that what else the machine does is not one form's.
    let mut best: [Option<Usage>; FORMS.len()] = Default::default();
    for _ in 0..TIMES {
        for (best, (_, flags, _)) in best.iter_mut().zip(FORMS) {
            let run = measure(makeform(
                folder,
                &[&["-C", "exported", "plan"], flags].concat(),
            ));
            if best.as_ref().is_none_or(|best| run.cpu < best.cpu) {
                *best = Some(run);
            }
        }
    }
    let mut least = None;
    let mut slow = Vec::new();
    for (best, (name, _, bound)) in best.into_iter().zip(FORMS) {
        let best = best.unwrap();
        let cost = best.cpu - *least.get_or_insert(best.cpu);
        let size = match name {
            "html" => fs::metadata(folder.join("exported").join(PAGE))
                .unwrap()
                .len(),
            _ => u64::try_from(best.said.len()).unwrap(),
        };
        println!(
            "| {name} | {:.2} s | {:.2} s | {cost:.2} s | {} MB | {} kB |",
            best.wall,
            best.cpu,
            best.peak / 1024,
            size / 1000
        );
        if cost > bound {
            slow.push(format!("{name}: {cost:.2} s, at most {bound} s"));
        }
    }
    assert!(slow.is_empty(), "{slow:?}");
}
