//! Snapshot -> Desired, for an account that was built by hand.
//!
//! In goes a [`Snapshot`](crate::model::Snapshot) with blueprints; out come the things as
//! manifests would declare them, the file of each, and findings on what is missing or ambiguous.
//! The same snapshot gives the same names, places and values. Nothing is written here
//! (`manifest::emit` does that) and no ledger is touched. Ids become references, and so do values
//! of the environment.

mod agents;
mod certain;
mod combine;
mod compose;
mod declare;
mod environment;
#[cfg(test)]
mod fixture;
mod keep;
mod known;
mod name;
mod personal;
mod pins;
mod place;
#[cfg(test)]
mod reads_back;
mod references;
mod secrets;
mod select;
mod slug;
mod urls;

pub use certain::Certain;
pub use combine::{Combined, Otherwise, Part, combine};
pub use compose::{ExportOptions, Exported, export, export_all};
pub use keep::{Side, keep};
pub use known::Known;
pub use place::Layout;
