//! Blueprints: held packed, looked at one at a time.
//!
//! [`functional`] is what a blueprint does, comparable. [`split`] takes a blueprint apart for
//! files: what it does, and the [`EditorPart`], which only Make's editor needs; [`join`] gives
//! back the whole. [`lay_out`] finds places for modules that have none.

mod document;
mod filled;
mod formulas;
mod functional;
mod ids;
mod layout;
mod modules;
mod parts;
#[cfg(test)]
pub(crate) mod random;
mod trigger;

pub use document::{Blueprint, is_graph};
pub use formulas::{Formulas, formulas, formulas_of, own_functions};
pub use functional::{EDITOR_KEYS, functional, is_editor_metadata};
pub use ids::{IdPlace, id_places, id_places_of_inputs};
pub use layout::{lay_out, place_of};
pub use modules::{Container, Module, modules, visit_modules_mut};
pub use parts::{EditorPart, join, split};
pub use trigger::{Trigger, trigger};
