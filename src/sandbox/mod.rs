//! Make, emulated: the documented behaviour of its API over a durable world.
//!
//! In go requests of [`crate::live::transport`], in this process through [`World`] or over
//! loopback through [`serve`]; out come answers as Make gives them. Objects are JSON values
//! from the first to the last: no type of the client is used, so that a wrong field name
//! cannot agree with itself. What Make does not document is decided where it is answered,
//! in a comment that says so.

mod beginning;
mod clock;
mod clock_control;
pub mod collection;
mod counts;
mod engine;
mod error;
mod hook_door;
mod limit;
mod packed;
mod payload;
mod routes;
pub mod seed;
mod server;
mod store;
#[cfg(test)]
mod trial;
mod world;
mod world_time;

pub use collection::Collection;
pub use counts::Stats;
pub use engine::Passed;
pub use error::{UnknownPlan, WorldError};
pub use limit::PlanName;
pub use server::serve;
pub use store::Batch;
pub use world::{TOKEN, World, WorldOptions};
