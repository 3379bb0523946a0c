//! Points at which a test makes the process die, in test builds only.

/// Kills this process where the environment asks for it.
///
/// With `MAKEFORM_FAILPOINT=after-answer:7` the seventh passing of the point `after-answer`
/// ends in SIGKILL: no destructor runs and nothing is flushed, as when a machine loses power.
/// Without the feature `failpoints` this does nothing.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub fn failpoint(_name: &'static str) {}

/// Kills this process where the environment asks for it.
///
/// With `MAKEFORM_FAILPOINT=after-answer:7` the seventh passing of the point `after-answer`
/// ends in SIGKILL: no destructor runs and nothing is flushed, as when a machine loses power.
/// With `after-answer:7:pause` it stops there until somebody kills it.
#[cfg(feature = "failpoints")]
#[expect(
    clippy::disallowed_methods,
    reason = "only test builds have this, and no caller should know of it"
)]
pub fn failpoint(name: &'static str) {
    use std::sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    };

    /// The point that is armed, and at which of its passings.
    static ARMED: OnceLock<Option<(String, usize, bool)>> = OnceLock::new();
    /// How often the armed point was passed.
    static PASSED: AtomicUsize = AtomicUsize::new(0);

    let armed = ARMED.get_or_init(|| armed(&std::env::var("MAKEFORM_FAILPOINT").ok()?));
    if let Some((armed, at, pause)) = armed
        && armed == name
        && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == *at
    {
        if *pause { stop_here() } else { die() }
    }
}

#[cfg(feature = "failpoints")]
fn armed(text: &str) -> Option<(String, usize, bool)> {
    let (name, at) = text.split_once(':')?;
    let (at, pause) = at
        .strip_suffix(":pause")
        .map_or((at, false), |at| (at, true));
    Some((name.to_owned(), at.parse().ok()?, pause))
}

/// Waits for somebody else to kill the process.
#[cfg(feature = "failpoints")]
fn stop_here() -> ! {
    loop {
        std::thread::park();
    }
}

/// Ends the process as the kernel would. `kill` is a program because a signal of one's own
/// takes unsafe code.
#[cfg(feature = "failpoints")]
fn die() -> ! {
    let _ = std::process::Command::new("kill")
        .args(["-9", &std::process::id().to_string()])
        .status();
    // Not reached where there is a `kill`.
    std::process::abort()
}
