//! DECISIONS: from desired, snapshot and bindings to a plan. Pure.
//!
//! No file, socket, clock or random number: the same input gives the same plan, and the same
//! digest, on any machine. What apply needs is in the steps; it makes no choices of its own.
//!
//! The way through: [`plan`] pairs wanted things with live ones (`pair`), resolves references
//! (`resolve`), draws both sides as comparable fields (`normalize`), completes the wanted side
//! from the live one (`merge`), compares them (`diff`), orders the steps (`order`), and holds
//! the whole against what is seldom meant (`guard`).

mod action;
mod change;
mod check;
mod comparable;
mod completion;
mod cost;
mod credentials;
mod defaults;
mod diff;
mod diff_blueprint;
mod diff_list;
mod diff_modules;
mod diff_text;
mod diff_value;
mod digest;
mod draft;
mod drawing;
mod drift;
mod editor;
mod ending;
mod file;
mod fill;
mod filter_words;
#[cfg(test)]
mod filter_words_tests;
mod fingerprint;
mod forecast;
mod guard;
mod hide;
mod input;
mod kept;
mod leaving;
mod limits;
mod look_alike;
mod lookup;
mod meanings;
mod merge;
mod names;
mod normalize;
mod objects;
mod occupied;
mod order;
mod pair;
mod placeholder;
mod plan_value;
mod planner;
mod rebinding;
mod resolve;
mod rewind;
mod roles;
mod select;
mod sequence;
mod standing;
mod step;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod testing;
mod ties;
mod timing;
#[cfg(test)]
pub(crate) mod twelve;
mod two_parts;
mod unlisted;
mod unsaid;
mod verify;

pub use action::{Action, Reason};
pub use change::{Change, Difference, Line, Shown, Sign};
pub use comparable::{add_unplanned, holds, masked};
pub use cost::Cost;
pub use digest::{Decided, FORMAT};
pub use drawing::{
    Catalogue, Drawing, Edge, EdgeKind, Entry, Fate, Lately, Node, Relations, Thing, Use, Week,
    catalogue, drawing, drawing_of, relations, week,
};
pub use drift::{Drift, Drifted, drift};
pub use editor::EditorDifference;
pub use file::{PlanFile, PlanFileError};
pub use fill::{Known, fill};
pub use filter_words::filter_words;
pub use fingerprint::{fingerprint, fingerprint_of_some, is_of};
pub use forecast::{Amounts, Forecast, Outlook, Runs};
pub use guard::refusals;
pub use input::{Interest, PlanInput, interest};
pub use kept::{Covering, Uncovering, kept, kept_url, uncovered};
pub use meanings::{Meanings, bare, keep_ignored_parts};
pub use normalize::{interface_form, live_form};
pub use objects::objects;
pub use plan_value::{Coverage, Plan, Summary, Target};
pub use planner::plan;
pub use rebinding::Rebinding;
pub use rewind::{Past, Rewind, Rewound, Seals, rewind};
pub use step::Step;
pub use timing::{Activity, SHOWN, Upcoming};
