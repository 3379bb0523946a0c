//! What a process used, as the kernel says.

#[path = "ticks.rs"]
pub(crate) mod ticks;

use std::{
    fs,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use self::ticks::{OF_CHILDREN, ticks};

/// How often the kernel is asked for a process's memory. What it reached in its last such moment is
/// missed.
const LOOK: Duration = Duration::from_millis(5);

/// What a process used.
pub(crate) struct Usage {
    /// Processor time, in seconds, of user and system.
    pub(crate) cpu: f64,
    /// Seconds from its start to its end.
    pub(crate) wall: f64,
    /// The peak of its resident memory, in kilobytes.
    pub(crate) peak: u64,
    /// What it wrote to stdout.
    pub(crate) said: String,
}

/// Runs a process to its end. No other child may end meanwhile.
pub(crate) fn measure(mut command: Command) -> Usage {
    let ended = ticks("self", OF_CHILDREN);
    let start = Instant::now();
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let stdout = child.stdout.take().unwrap();
    let said = thread::spawn(|| std::io::read_to_string(stdout).unwrap());
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let code = loop {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let mark = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let mark = mark.and_then(|mark| mark.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(mark.unwrap_or(0));
        if let Some(code) = child.try_wait().unwrap() {
            break code;
        }
        thread::sleep(LOOK);
    };
    let wall = start.elapsed().as_secs_f64();
    assert!(code.success(), "{command:?} ended with {code}");
    Usage {
        cpu: ticks("self", OF_CHILDREN) - ended,
        wall,
        peak,
        said: said.join().unwrap(),
    }
}
