//! Points at which a test makes the process die, in test builds only.

/// Kills this process where the environment asks for it.
///
/// With `MAKEFORM_FAILPOINT=after-answer:7` the seventh passing of the point `after-answer`
/// ends in SIGKILL: no destructor runs and nothing is flushed, as when a machine loses power.
/// Without the feature `failpoints` this does nothing.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub fn failpoint(_name: &'static str) {}

/// The same of a point that has something to show.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub fn failpoint_with(_name: &'static str, _at_hand: &dyn std::fmt::Debug) {}

/// Kills this process where the environment asks for it.
///
/// With `MAKEFORM_FAILPOINT=after-answer:7` the seventh passing of the point `after-answer`
/// ends in SIGKILL: no destructor runs and nothing is flushed, as when a machine loses power.
/// With `after-answer:7:pause` it stops there until somebody kills it.
#[cfg(feature = "failpoints")]
pub fn failpoint(name: &'static str) {
    failpoint_with(name, &"nothing");
}

/// The same of a point that has something to show: with `after-answer:7:panic` there is a panic in
/// the words of what is at hand.
#[cfg(feature = "failpoints")]
#[expect(
    clippy::disallowed_methods,
    reason = "only test builds have this, and no caller should know of it"
)]
pub fn failpoint_with(name: &'static str, at_hand: &dyn std::fmt::Debug) {
    use std::sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    };

    /// The point that is armed, and at which of its passings.
    static ARMED: OnceLock<Option<(String, usize, End)>> = OnceLock::new();
    /// How often the armed point was passed.
    static PASSED: AtomicUsize = AtomicUsize::new(0);

    let armed = ARMED.get_or_init(|| armed(&std::env::var("MAKEFORM_FAILPOINT").ok()?));
    if let Some((armed, at, end)) = armed
        && armed == name
        && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == *at
    {
        match end {
            End::Kill => die(),
            End::Pause => stop_here(),
            End::Panic => panic_elsewhere(format!("at {name}: {at_hand:?}")),
        }
    }
}

/// What happens at a point.
#[cfg(feature = "failpoints")]
#[derive(Clone, Copy)]
enum End {
    Kill,
    Pause,
    Panic,
}

#[cfg(feature = "failpoints")]
fn armed(text: &str) -> Option<(String, usize, End)> {
    let (name, at) = text.split_once(':')?;
    let (at, end) = match at.split_once(':') {
        None => (at, End::Kill),
        Some((at, "pause")) => (at, End::Pause),
        Some((at, "panic")) => (at, End::Panic),
        Some(_) => return None,
    };
    Some((name.to_owned(), at.parse().ok()?, end))
}

/// Panics on another thread: whoever is here goes on, unless a panic ends the process.
#[cfg(feature = "failpoints")]
#[expect(clippy::panic, reason = "that is what it is for")]
fn panic_elsewhere(words: String) {
    let _ = std::thread::spawn(move || panic!("{words}")).join();
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
