//! Going back: from what journals recorded to what is wanted, and from there the ordinary way.
//!
//! [`Past`] says what the things were that some applies touched. [`rewind`] makes of that what
//! manifests of the time would have said of exactly these things: ids that are bound become
//! references, so that what is made anew is named by its new id; everything else stays as it is,
//! since the plan is asked for these alone. Then [`Rewound::plan`] lets the planner decide, and
//! gives the bindings back the forms that they remembered.

use std::collections::{BTreeMap, BTreeSet};

use super::{Plan, PlanInput};
use crate::{
    diagnostic::Report,
    model::{Address, Binding, Bindings, Declared, Desired, Hidden, Snapshot},
};

mod finish;
mod hidden;
mod ids;
mod keep;
mod past;
mod secrets;
mod spec;
#[cfg(test)]
mod stories;
mod symbols;
mod wanted;
mod weave;

pub use past::Past;

use self::wanted::Rewinding;

/// Opens the sensitive values of journals.
pub trait Seals {
    /// The value; none if only a hash was kept, or the key is not at hand.
    fn open(&self, address: &Address, hidden: &Hidden) -> Option<serde_json::Value>;

    /// Whether a value is the one that was kept.
    fn is(&self, address: &Address, hidden: &Hidden, value: &serde_json::Value) -> bool;
}

/// What going back depends on.
#[derive(Clone, Copy)]
pub struct Rewind<'a> {
    /// What the journals say.
    pub past: &'a Past,
    /// The bindings of today.
    pub bindings: &'a Bindings,
    /// The manifests of today: what they ignore stays ignored, and what they look up is looked up.
    pub manifests: &'a Desired,
    /// The account; none before it is read, when only what has to be read is asked for.
    pub snapshot: Option<&'a Snapshot>,
    /// What opens sensitive values.
    pub seals: &'a dyn Seals,
    /// Only these things; none means all that were touched.
    pub only: &'a [Address],
}

/// What is wanted in order to go back.
pub struct Rewound {
    /// What manifests of that time would have said of the things that were touched.
    pub desired: Desired,
    /// The bindings to plan with: those of today, and those of objects that were only forgotten.
    pub bindings: Bindings,
    /// The bindings of today.
    today: BTreeMap<Address, Binding>,
    /// The things that were touched.
    pub only: Vec<Address>,
    /// What there is to tell beside the plan.
    findings: Report,
    /// What becomes of each.
    fates: BTreeMap<Address, Fate>,
    /// What the last apply left of the things that go.
    left: BTreeMap<Address, Declared>,
    /// The things of which nobody knows whether somebody changed them in Make since.
    unsure: BTreeMap<Address, Unsure>,
    /// The things that go back and name others which are gone in Make and do not: those.
    missing: BTreeMap<Address, BTreeSet<Address>>,
}

/// What becomes of a thing.
#[derive(Clone, Debug, PartialEq)]
enum Fate {
    /// It goes back to what it was, and its binding to this.
    Back(Binding),
    /// It goes back to what it was before it was adopted, and is nobody's again.
    Released,
    /// It was made since, and goes.
    Gone,
    /// It was adopted as it is, and is nobody's again.
    Forgotten,
    /// Nothing was sent about it: it is bound as it was.
    Bound(Binding),
}

/// Why nobody knows whether somebody changed a thing in Make since.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Unsure {
    /// The apply that made it was cut short.
    CutShort,
    /// A secret of it is none that is known: of what an apply has sent, no secret is kept.
    Secret,
}

/// Makes of the past what is wanted.
#[must_use]
pub fn rewind(input: &Rewind<'_>) -> Rewound {
    Rewinding::new(input).all()
}

impl Rewound {
    /// Plans the way back. `input` says all but what is wanted.
    #[must_use]
    pub fn plan(&self, input: &PlanInput<'_>) -> Plan {
        finish::plan(self, input)
    }
}
