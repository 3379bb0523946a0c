//! How long the program takes to begin: `--version`, and `validate` of the examples.
//!
//! The program is the one that is published: it is built first, with `profile.dist`. Each runs forty times, one after the other. Wall time is the median; processor time, of user and
//! system, is what the kernel counted for all of them, divided by their number. `cargo bench --bench startup` prints the table of
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
    path::{Path, PathBuf},
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
    let program = published();
    let version = runs(&program, &["--version"]);
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    let validate = runs(&program, &["-C", examples, "validate"]);
    let size = fs::metadata(&program).unwrap().len();
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

/// The program as it is published, built where nobody has yet.
fn published() -> PathBuf {
    let status = Command::new(env!("CARGO"))
        .args([
            "build",
            "--locked",
            "--profile",
            "dist",
            "--bin",
            "makeform",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(status.success());
    let ours = Path::new(env!("CARGO_BIN_EXE_makeform"));
    let target = ours.parent().unwrap().parent().unwrap();
    target.join("dist").join(ours.file_name().unwrap())
}

/// The median of the wall time, and the mean of the processor time, in milliseconds.
fn runs(program: &Path, args: &[&str]) -> [f64; 2] {
    let before = ticks("self", OF_CHILDREN);
    let mut walls: Vec<f64> = (0..TIMES).map(|_| run(program, args)).collect();
    let used = ticks("self", OF_CHILDREN) - before;
    walls.sort_by(f64::total_cmp);
    [walls[walls.len() / 2] * 1e3, used * 1e3 / f64::from(TIMES)]
}

/// Seconds that a run takes.
fn run(program: &Path, args: &[&str]) -> f64 {
    let start = Instant::now();
    let status = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{args:?} ended with {status}");
    start.elapsed().as_secs_f64()
}
