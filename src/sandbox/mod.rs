//! Make, emulated: the documented behaviour of its API over a durable world.
//!
//! In go requests of [`crate::live::transport`], in this process through [`World`] or over
//! loopback through [`serve`]; out come answers as Make gives them. Objects are JSON values
//! from the first to the last: no type of the client is used, so that a wrong field name
//! cannot agree with itself. What Make does not document, or documents in two ways, is a
//! [quirk], to be set either way.

mod beginning;
mod clock;
mod clock_control;
pub mod collection;
mod control;
mod counts;
mod dialect;
mod engine;
mod error;
pub mod fault;
mod hook_door;
mod license;
mod limit;
mod line;
mod oauth;
mod options;
mod packed;
mod payload;
pub mod quirk;
mod reach;
mod record;
mod rendered;
mod routes;
pub mod seed;
mod server;
mod store;
mod tls;
mod token;
#[cfg(test)]
mod trial;
mod view;
mod world;
mod world_time;

pub use collection::Collection;
pub use counts::Stats;
pub use dialect::Dialect;
pub use engine::Passed;
pub use error::{UnknownPlan, WorldError};
pub use fault::{Fault, FaultState, Latency};
pub use limit::{MINUTE, PlanName, Window};
pub use oauth::{CONFIDENTIAL_CLIENT, CONFIDENTIAL_SECRET, PUBLIC_CLIENT};
pub use options::{WorldOptions, WrongOption};
pub use quirk::{Quirks, UnknownQuirk};
pub use server::serve;
pub use store::Batch;
pub use tls::{AUTHORITY, TlsListener};
pub use token::{NewToken, TOKEN, TokenKind};
pub use world::World;
