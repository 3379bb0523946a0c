//! The step that ends a thing.

use std::collections::BTreeSet;

use super::{
    Action, Decided, Reason, Sign, Step, diff,
    diff_value::{Around, Sides},
    draft::values,
    hide::hide,
    normalize::{Drawn, draw_live},
};
use crate::model::{Address, Binding, HealthRule, Live};

/// The step that deletes a live object.
pub(super) fn deleted(
    address: &Address,
    live: &Live,
    binding: &Binding,
    reason: Reason,
    around: &Around<'_>,
) -> Step {
    let mut before = draw_live(live).unwrap_or_default();
    let last = binding.form.as_ref();
    let last = last.and_then(|form| form.document().ok());
    hide(&mut before, live, last.as_ref(), &around.secrets);
    let nothing = Drawn::default();
    let sides = Sides {
        before: &before.marks,
        after: &nothing.marks,
        around,
    };
    Step {
        address: address.clone(),
        action: Action::Delete,
        id: Some(live.id.clone()),
        reasons: vec![reason],
        changes: diff::whole(sides, values(&before), Sign::Remove, last.as_ref()),
        unchanged: 0,
        upcoming: None,
        depends_on: BTreeSet::new(),
        later: BTreeSet::new(),
        before: Some(before.into_form()),
        after: None,
        remembered: None,
        prevent_destroy: false,
        releases: false,
        health: HealthRule::default(),
        place: None,
        edited: live.facts.edited(),
        decided: Decided::default(),
    }
}
