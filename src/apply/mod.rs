//! CARRYING OUT: a plan onto the account, step by step, each request written down before it is
//! sent.
//!
//! In go a [`Plan`](crate::plan::Plan) and the locked ledger, out comes an [`Outcome`]; on the
//! way, events. Apply makes no choices: what it does is in the steps. It reads again what a step
//! is about to touch, and sends nothing where that has changed. What becomes of an interrupted
//! request is found out by [`settle`] on the next run.

mod book;
mod executor;
mod group;
mod health;
mod outcome;
mod owed;
mod parts;
mod precondition;
mod prepared;
mod request;
mod resolve;
mod settle;
mod step;
mod stop;
mod users;
mod verify;
mod witness;

pub use executor::{ApplyInput, run};
pub use outcome::{Completion, Counts, Halt, Outcome, StepOutcome, StepResult};
pub use settle::{Settlement, settle};
