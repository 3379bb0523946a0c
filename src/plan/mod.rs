//! DECISIONS: from desired, snapshot and bindings to a plan. Pure.
//!
//! No file, socket, clock or random number: the same input gives the same plan, and the same
//! digest, on any machine. What apply needs is in the steps; it makes no choices of its own.

mod action;
mod change;
mod plan_value;
mod step;

pub use action::{Action, Reason};
pub use change::{Change, Difference, Line, Shown, Sign};
pub use plan_value::{Plan, Summary, Target};
pub use step::Step;
