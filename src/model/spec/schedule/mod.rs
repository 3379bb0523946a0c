//! When a scenario runs, in all the forms of manifests and of Make, compared by meaning.
//!
//! [`Schedule::from_make`] and [`Schedule::to_make`] speak the API's JSON,
//! [`Schedule::to_manifest`] the manifest's form, [`Schedule::in_words`] a sentence's; and
//! [`Schedule::normal`] makes equal what means the same. Reading a manifest is not done here: it
//! needs places and findings, so `manifest` does it.

mod cron;
mod make;
mod manifest_form;
mod normal;
mod phrase;
mod shape;
mod words;

pub use cron::Cron;
pub use shape::{Schedule, When, Window};
pub(crate) use words::parse_time;
