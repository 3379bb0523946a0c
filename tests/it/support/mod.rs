//! What stories stand on.

pub mod account;
pub mod blueprint_files;
pub mod world;
