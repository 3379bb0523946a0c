//! A panic is the end of the process.

use std::{panic, process};

/// What the process ends with: what Rust's own `main` would end with.
const PANICKED: i32 = 101;

/// Ends the process once a panic was told of, on whatever thread it is.
///
/// It is a bug of ours, and nobody knows what it left half done. Nothing goes on without the task
/// that is gone, and no destructor acts on what it finds: the process is gone as if it had been
/// killed there, and what a kill leaves behind the next command takes up. So no build unwinds, and
/// what is published has no code to do so (`panic = "abort"`, which alone would leave a dump of
/// memory, with tokens, where the system keeps such).
#[expect(
    clippy::disallowed_methods,
    clippy::exit,
    reason = "there is no way back to main from here"
)]
pub(super) fn end_the_process() {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        tell(panic);
        process::exit(PANICKED);
    }));
}
