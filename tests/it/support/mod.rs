//! What stories stand on.

pub mod account;
pub mod world;
