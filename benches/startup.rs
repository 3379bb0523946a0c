//! How long the program takes to begin: `--version`, and `validate` of the examples.
//!
//! Each runs forty times, one after the other. Wall time is the median; processor time, of user and
//! system, is what the kernel counted for all of them, divided by their number. The size is that of the
//! program without symbols, as it is published. `cargo bench --bench startup` prints the table of
//! `docs/benchmarks.md`, and fails where `--version` takes more than 15 ms, `validate` more than 50 ms
//! of processor time, or the program has more than 20 MB.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench that can't go on has failed, and its table is its result"
)]

#[path = "support/ticks.rs"]
mod ticks;

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use ticks::{OF_CHILDREN, ticks};

/// How often each runs.
const TIMES: u32 = 40;

/// The most that `--version` may take, in milliseconds of wall time.
const VERSION_LIMIT: f64 = 15.0;

/// The most that `validate` may take, in milliseconds of processor time.
const VALIDATE_LIMIT: f64 = 50.0;

/// The most that the program may have, in bytes.
const SIZE_LIMIT: u64 = 20_000_000;

fn main() {
    let version = runs(&["--version"]);
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    let validate = runs(&["-C", examples, "validate"]);
    let size = size();
    println!("| what | wall time, median | processor time |");
    println!("|---|---|---|");
    for (what, [wall, cpu]) in [
        ("`makeform --version`", version),
        ("`makeform -C examples validate`", validate),
    ] {
        println!("| {what} | {wall:.1} ms | {cpu:.1} ms |");
    }
    println!("\n{:.1} MB without symbols", size as f64 / 1e6);
    assert!(version[0] <= VERSION_LIMIT, "{:.1} ms", version[0]);
    assert!(validate[1] <= VALIDATE_LIMIT, "{:.1} ms", validate[1]);
    assert!(size <= SIZE_LIMIT, "{size} bytes");
}

/// The median of the wall time, and the mean of the processor time, in milliseconds.
fn runs(args: &[&str]) -> [f64; 2] {
    let before = ticks("self", OF_CHILDREN);
    let mut walls: Vec<f64> = (0..TIMES).map(|_| run(args)).collect();
    let used = ticks("self", OF_CHILDREN) - before;
    walls.sort_by(f64::total_cmp);
    [walls[walls.len() / 2] * 1e3, used * 1e3 / f64::from(TIMES)]
}

/// Seconds that a run takes.
fn run(args: &[&str]) -> f64 {
    let start = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_makeform"))
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{args:?} ended with {status}");
    start.elapsed().as_secs_f64()
}

/// The size of the program without symbols. `strip` is where a linker is.
fn size() -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let stripped = folder.path().join("makeform");
    let program = Path::new(env!("CARGO_BIN_EXE_makeform"));
    let status = Command::new("strip")
        .arg("-o")
        .arg(&stripped)
        .arg(program)
        .status()
        .unwrap();
    assert!(status.success());
    fs::metadata(stripped).unwrap().len()
}
