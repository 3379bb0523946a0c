//! What a step does when its scenario does not work, and whether a run can tell.

use super::{Reason, Step};
use crate::{
    diagnostic::{Finding, codes::health as codes},
    model::{Declared, Kind},
};

/// Writes the rules of a scenario into its step. Says where they can't be kept.
pub(super) fn look_after(step: &mut Step, declared: &Declared) -> Option<Finding> {
    if step.address.kind != Kind::Scenario || step.sends_nothing() {
        return None;
    }
    step.health = declared.lifecycle.health.clone();
    let verify = step.health.verify.as_ref()?;
    if step.is_to_be_on() {
        step.reasons.push(Reason::Verified(verify.within));
        return None;
    }
    step.health.verify = None;
    let message = "it is switched off after this step, so it is not run to verify it";
    let finding = Finding::new(&codes::VERIFY_SKIPPED, message)
        .about(&step.address)
        .at(declared.place.clone());
    Some(finding.help("say `active: true`, or leave `verify` out"))
}
