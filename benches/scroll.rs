//! How smoothly the page of a plan of 500 changed scenarios scrolls in Chromium.
//!
//! The real program plans them against the sandbox and writes the page; a headless Chromium scrolls
//! through it, a window and more with each frame, and through an empty page beside it.
//! `cargo bench --bench scroll` prints a table for `docs/benchmarks.md`, and fails where 5 of 100
//! frames take longer than three of a screen that shows 60 each second.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench that can't go on has failed, and its table is its result"
)]

#[expect(
    dead_code,
    clippy::indexing_slicing,
    reason = "it is of the tests, which also press keys"
)]
#[path = "../tests/it/support/chromium.rs"]
mod chromium;

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use chromium::Browser;
use serde_json::Value;

/// How many scenarios change.
const SCENARIOS: usize = 500;

/// How often each page is scrolled through; the best counts.
const TIMES: usize = 3;

/// How long the gap between two frames is at most, for 95 of 100, in milliseconds.
const SMOOTH: f64 = 50.0;

const PROJECT: &str = "apiVersion: makeform/v1\nkind: Project\nmetadata: { name: bench }\nspec:\n  manifests: [manifests/many.yaml]\n  targets: { main: { url: \"sandbox:world\" } }\n";

/// A page as long as what is scrolled through, and empty.
const EMPTY: &str = "<!doctype html><title>empty</title><body style='height: 190000px'>";

/// Scrolls through at most 180,000 pixels, and tells the gaps between frames in milliseconds.
const SCROLL: &str = "new Promise(done => { scrollTo(0, 0); const gaps = []; \
    let last = performance.now(), y = 0; \
    const end = Math.min(document.documentElement.scrollHeight, 180000); \
    function frame(now) { gaps.push(now - last); last = now; y += 900; scrollTo(0, y); \
    y < end ? requestAnimationFrame(frame) : done(gaps) } \
    requestAnimationFrame(frame) })";

/// Scenarios of eight modules, of which one changes with a word.
fn manifests(word: &str) -> String {
    let scenario = |number: usize| {
        let modules: Vec<String> = (1..9)
            .map(|id| {
                let word = if id == 4 { word } else { "same" };
                format!(
                    "{{ id: {id}, module: \"app-{id}:Do\", version: 1, mapper: {{ a: \"{word}\", b: \"{{{{1.x}}}}\" }} }}"
                )
            })
            .collect();
        format!(
            "apiVersion: makeform/v1\nkind: Scenario\nmetadata: {{ name: s{number} }}\nspec:\n  name: S{number}\n  \
             blueprint: {{ flow: [{}], metadata: {{ version: 1 }} }}\n",
            modules.join(", ")
        )
    };
    let scenarios: Vec<String> = (0..SCENARIOS).map(scenario).collect();
    scenarios.join("---\n")
}

fn makeform(folder: &Path, args: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_makeform"));
    command.args(args).current_dir(folder).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{args:?}: {output:?}");
}

/// The gaps of one way through, sorted.
fn scroll(browser: &mut Browser) -> Vec<f64> {
    let gaps = browser.value(SCROLL);
    let gaps = gaps.as_array().unwrap().iter();
    let mut gaps: Vec<f64> = gaps.filter_map(Value::as_f64).collect();
    gaps.sort_by(f64::total_cmp);
    gaps
}

/// The gap that so many of all gaps are no longer than.
fn at(gaps: &[f64], part: f64) -> f64 {
    let last = gaps.len() - 1;
    gaps.get((last as f64 * part) as usize).copied().unwrap()
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("makeform.yaml"), PROJECT).unwrap();
    fs::create_dir(folder.join("manifests")).unwrap();
    let manifest = folder.join("manifests/many.yaml");
    fs::write(&manifest, manifests("a")).unwrap();
    makeform(
        folder,
        &["apply", "--auto-approve", "--allow", "mass-update"],
    );
    fs::write(&manifest, manifests("b")).unwrap();
    makeform(folder, &["plan", "--html", "plan.html"]);
    fs::write(folder.join("empty.html"), EMPTY).unwrap();
    let mut browser = Browser::start(folder);
    println!("| page | frames | median | 95 of 100 within | longest |\n|---|---|---|---|---|");
    let mut told = 0.0;
    for (name, file) in [
        ("empty", "empty.html"),
        ("500 changed scenarios", "plan.html"),
    ] {
        browser.visit(&format!("file://{}", folder.join(file).display()));
        browser.await_value(&format!(
            "document.readyState === 'complete' && location.pathname.endsWith('{file}') ? 1 : null"
        ));
        let passes = (0..TIMES).map(|_| scroll(&mut browser));
        let best = passes
            .min_by(|one, other| at(one, 0.95).total_cmp(&at(other, 0.95)))
            .unwrap();
        told = at(&best, 0.95);
        println!(
            "| {name} | {} | {:.1} ms | {told:.1} ms | {:.1} ms |",
            best.len(),
            at(&best, 0.5),
            at(&best, 1.0)
        );
    }
    assert!(told <= SMOOTH, "95 of 100 frames came within {told:.1} ms");
}
