//! When a scenario runs, in all the forms of manifests and of Make, compared by meaning.
//!
//! [`Schedule::from_make`] and [`Schedule::to_make`] speak the API's JSON,
//! [`Schedule::to_manifest`] the manifest's form, [`Schedule::in_words`] a sentence's; and
//! [`Schedule::normal`] makes equal what means the same. Reading a manifest is not done here: it
//! needs places and findings, so `manifest` does it.

mod count;
mod cron;
mod cron_rhythm;
mod make;
mod manifest_form;
mod next;
#[cfg(test)]
mod next_tests;
mod normal;
mod phrase;
mod shape;
#[cfg(test)]
pub(crate) mod testing;
mod words;
mod zone;

pub use cron::Cron;
pub use next::{Clocks, NextRun, NextRuns};
pub use shape::{SHORTEST_INTERVAL, Schedule, When, Window};
pub use words::interval_text;
pub(crate) use words::parse_time;
pub use zone::{nearest_time_zone, same_clock, time_zone};
