//! Blueprints: held packed, looked at one at a time.

mod packed;

pub use packed::{Blueprint, BlueprintError};
