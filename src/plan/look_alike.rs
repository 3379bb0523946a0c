//! What goes and what comes, and is probably one thing under two names.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Action, Reason, Step, input::PlanInput};
use crate::{
    diagnostic::{Finding, codes::environments as codes},
    model::{Address, Kind, PackedJson},
};

/// Things of one content.
#[derive(Default)]
struct Alike<'a> {
    going: Vec<&'a Address>,
    coming: Vec<&'a Step>,
}

/// Proposes `moved` for each thing that is deleted, since no manifest declares it any more, and
/// the one that is created with the same content; not where several are alike.
pub(super) fn look_alike(input: &PlanInput<'_>, steps: &[Step]) -> Vec<Finding> {
    let mut alike: BTreeMap<(Kind, String), Alike<'_>> = BTreeMap::new();
    // Who a role belongs to is all that it is.
    for step in steps.iter().filter(|step| !step.address.kind.is_role()) {
        let address = &step.address;
        let goes = step.action == Action::Delete && step.reasons == [Reason::NoLongerDeclared];
        let form = match step.action {
            Action::Create => step.remembered.as_ref(),
            Action::Delete if goes => {
                let binding = input.bindings.by_address.get(address);
                binding.and_then(|binding| binding.form.as_ref())
            }
            Action::Delete | Action::Update | Action::Replace | Action::Adopt | Action::Forget => {
                None
            }
        };
        let Some(content) = form.and_then(content) else {
            continue;
        };
        let alike = alike.entry((address.kind, content)).or_default();
        match goes {
            true => alike.going.push(address),
            false => alike.coming.push(step),
        }
    }
    let findings = alike.values().filter_map(|alike| {
        let ([from], [step]) = (alike.going.as_slice(), alike.coming.as_slice()) else {
            return None;
        };
        let to = &step.address;
        let message = format!("`{from}` goes, and `{to}` comes with the same content");
        let help = format!(
            "if it is the same thing, keep it: `moved: [{{ from: {from}, to: {to} }}]` in a manifest"
        );
        let finding = Finding::new(&codes::LOOKS_MOVED, message).about(to);
        Some(Finding {
            place: step.place.clone(),
            ..finding.help(help)
        })
    });
    findings.collect()
}

/// A form without its name, as a text.
fn content(form: &PackedJson) -> Option<String> {
    let mut form = form.document().ok()?;
    let nameless = |value: &mut Value| {
        if let Some(fields) = value.as_object_mut() {
            fields.remove("name");
        }
    };
    nameless(&mut form);
    if let Some(blueprint) = form.get_mut("blueprint") {
        nameless(blueprint);
    }
    Some(form.to_string())
}
