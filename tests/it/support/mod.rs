//! What stories stand on.

pub(crate) mod account;
pub(crate) mod blueprint_files;
#[cfg(feature = "external-tests")]
pub(crate) mod chromium;
pub(crate) mod commands;
pub(crate) mod compact;
pub(crate) mod examples;
pub(crate) mod far;
pub(crate) mod faulty_wire;
pub(crate) mod found;
pub(crate) mod git;
pub(crate) mod hunt;
pub(crate) mod inventory;
pub(crate) mod logging_in;
pub(crate) mod pairwise;
pub(crate) mod parrot;
pub(crate) mod relay;
pub(crate) mod server;
#[cfg(feature = "external-tests")]
pub(crate) mod stores;
pub(crate) mod tap;
#[cfg(unix)]
pub(crate) mod terminal;
pub(crate) mod trial;
pub(crate) mod tunnels;
pub(crate) mod world;
