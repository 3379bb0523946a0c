//! Runs of scenarios: what starts them, what they do, what they leave.
//!
//! ```text
//!  API: run, start, replay --+                +--> executions, incomplete executions,
//!  hook: post --> queue -----+--> run --walk--+    consumption, the scenario's row
//!  clock: sweep <-- due -----+
//! ```
//!
//! Everything happens in the transaction of whoever asks, at a time that is handed in: nothing
//! here waits, reads a clock or reaches out of the world.

pub(crate) mod due;
mod failure;
mod filter;
pub(crate) mod incomplete;
pub(crate) mod input;
mod mapping;
mod module;
pub(crate) mod queue;
pub(crate) mod run;
pub(crate) mod sweep;
#[cfg(test)]
mod tests;
pub(crate) mod usage;
mod walk;
pub(crate) mod watch;

pub use sweep::Passed;
