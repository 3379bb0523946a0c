//! The account: reads it whole into a snapshot, and carries out single writes.
//!
//! In go forms and the names of accounts; out come [`crate::model::Snapshot`] and the outcome of
//! each write. `wire` turns forms into requests and answers into specs without any IO; `page`,
//! `retry` and [`Client`] sit above the one seam, [`transport::Transport`], so that they run
//! in every test. Nothing here decides what should change.

mod answer;
pub mod auth;
mod cache;
mod change;
mod client;
mod collect;
mod directory;
mod error;
mod expected;
mod failpoint;
mod fill;
mod gate;
mod health;
mod host;
mod http;
mod locate;
mod mask;
mod network;
mod pace;
mod page;
mod patience;
mod refusal;
mod request;
mod retry;
mod run_log;
mod runs;
#[cfg(test)]
mod script;
pub mod transport;
mod unified;
mod usage;
mod wanted;
mod wire;
mod write;

pub use cache::{Cache, CacheKey, Evidence};
pub use change::{create, delete, update};
pub use client::Client;
pub use error::LiveError;
pub use failpoint::{failpoint, failpoint_with};
pub use gate::{Gate, GateOptions, Gates, MINUTE};
pub use host::{Barred, ZONES, allowed_host, is_unlisted};
pub use http::{HttpTransport, install_tls};
pub use network::{Network, NetworkError, Timeouts, TimeoutsError};
pub use refusal::{Asked, Refusal};
pub use runs::Waited;
pub use wanted::{Blueprints, Scenarios, Wanted};
pub use write::{Performed, Write, WriteError};
