//! Blueprints: held packed, looked at one at a time.

mod functional;
mod modules;
mod packed;

pub use functional::{EDITOR_KEYS, functional, is_functional_metadata};
pub use modules::{Container, Module, modules, visit_modules_mut};
pub use packed::{Blueprint, BlueprintError};
