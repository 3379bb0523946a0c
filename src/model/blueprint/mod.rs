//! Blueprints: held packed, looked at one at a time.

mod document;
mod formulas;
mod functional;
mod ids;
mod modules;

pub use document::{Blueprint, is_graph};
pub use formulas::{Formulas, formulas};
pub use functional::{EDITOR_KEYS, functional, is_functional_metadata};
pub use ids::{IdPlace, id_places, id_places_of_inputs};
pub use modules::{Container, Module, modules, visit_modules_mut};
