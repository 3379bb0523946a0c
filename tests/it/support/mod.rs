//! What stories stand on.

pub(crate) mod blueprint_files;
