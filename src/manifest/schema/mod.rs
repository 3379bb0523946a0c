//! What documents may hold: the keys of every mapping, listed once.
//!
//! The reader asks for keys of these lists and for no others, and reports every other as unknown
//! ([`crate::manifest::fields`]). The JSON Schema is made of the same lists, so that an editor knows
//! what the reader knows. What stands behind a key is said by a function of `values`.

mod document;
mod documents;
mod mapping;
mod patch;
mod project;
mod scenario;
mod schedule;
mod specs;
#[cfg(test)]
mod tests;
mod things;
mod values;

pub use document::{Document, json_schema};
pub(super) use documents::{FORMER, METADATA, MOVED_ENTRY, REMOVED_ENTRY, THING};
pub(super) use mapping::{Mapping, Presence};
pub(super) use project::{
    DRIFT, GUARDS, IDS, IGNORE, PROJECT, PROJECT_METADATA, PROJECT_SPEC, TARGET, THRESHOLD,
};
pub(super) use scenario::{BLUEPRINT_FILE, INTERFACE, SETTINGS, VERIFY, VERIFY_RUN};
pub(super) use schedule::{MONTHLY, SCHEDULE, WEEKLY, WINDOW, YEARLY};
pub(super) use specs::keys;
pub(super) use things::{BASIC_SECURITY, LIFECYCLE, LIMITS, NO_SECURITY, TOKEN_SECURITY};
