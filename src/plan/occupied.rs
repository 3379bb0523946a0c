//! Webhooks that a scenario would take over from another one. Make allows one scenario for each
//! hook, and refuses to save a second one that names it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Action, PlanInput, Step};
use crate::{
    diagnostic::{Finding, codes::plan as codes},
    model::{Form, Kind, RemoteId, blueprint::modules},
};

/// The parameters of a trigger that name its webhook.
const PARAMETERS: [&str; 2] = ["hook", "__IMTHOOK__"];

/// Findings on steps that name a webhook which another scenario still has at that moment.
///
/// Make would refuse them in the middle of an apply, and again in each later one.
pub(super) fn occupied(input: &PlanInput<'_>, steps: &[Step]) -> Vec<Finding> {
    let mut found = Vec::new();
    // Scenarios that an earlier step took from their webhook.
    let mut freed: BTreeMap<&RemoteId, Option<RemoteId>> = BTreeMap::new();
    for step in steps
        .iter()
        .filter(|step| step.address.kind == Kind::Scenario)
    {
        let wanted = step.after.as_ref().and_then(trigger);
        if touches_blueprint(step)
            && let Some(hook) = &wanted
            && let Some(live) = input.snapshot.get(Kind::Webhook, hook)
            && let Some(holder) = &live.facts.attached
            && step.id.as_ref() != Some(holder)
            && freed
                .get(holder)
                .is_none_or(|now| now.as_ref() == Some(hook))
        {
            found.push(finding(input, step, hook, holder, steps));
        }
        if let Some(id) = &step.id {
            freed.insert(id, wanted);
        }
    }
    found
}

fn finding(
    input: &PlanInput<'_>,
    step: &Step,
    hook: &RemoteId,
    holder: &RemoteId,
    steps: &[Step],
) -> Finding {
    let bound = input.bindings.address_of(Kind::Scenario, holder);
    let name = bound.map_or_else(|| format!("scenario {holder}"), ToString::to_string);
    let message = format!("it takes webhook {hook} from {name}, which still has it then");
    let goes = steps.iter().any(|other| {
        other.address.kind == Kind::Scenario
            && other.id.as_ref() == Some(holder)
            && other.action == Action::Delete
    });
    let help = match bound {
        Some(old) if goes => format!(
            "if it is the same scenario under another name, say `makeform state mv {old} {}`; \
             otherwise delete {old} in an apply of its own first",
            step.address
        ),
        _ => format!("take the webhook out of {name} in an apply of its own first"),
    };
    let finding = Finding::new(&codes::WEBHOOK_IN_USE, message);
    let finding = finding.about(&step.address).help(help);
    match &step.place {
        Some(place) => finding.at(place.clone()),
        None => finding,
    }
}

fn touches_blueprint(step: &Step) -> bool {
    let mut heads = step.changes.iter().filter_map(|change| change.path.first());
    heads.any(|head| head == "blueprint")
}

/// The webhook that starts a scenario, if it is known yet.
fn trigger(form: &Form) -> Option<RemoteId> {
    let document = form.blueprint.as_ref()?.document().ok()?;
    let first = modules(&document).into_iter().next()?;
    let parameters = first.value.get("parameters")?;
    let id = PARAMETERS.iter().find_map(|name| parameters.get(name))?;
    match id {
        Value::Number(_) => RemoteId::from_value(id),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    }
}
