//! What stories stand on.

pub mod account;
pub mod blueprint_files;
pub(crate) mod faulty_wire;
pub mod world;
