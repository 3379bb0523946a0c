//! Webhooks and the scenarios that stand on them. Make allows one scenario for each hook, refuses
//! to save a second one that names it, and switches a scenario off as its hook goes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Action, PlanInput, Step};
use crate::{
    diagnostic::{
        Finding,
        codes::{guards, plan as codes},
    },
    model::{Field, Form, Kind, RemoteId, Spec, blueprint::modules},
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

/// The guard of active scenarios that lose their webhook in a step, and have no later step that
/// brings them back: nothing would switch them on again.
pub(super) fn strands(input: &PlanInput<'_>, step: &Step, steps: &[Step]) -> Option<Finding> {
    let verb = match step.action {
        Action::Delete => "deleted",
        Action::Replace => "replaced",
        Action::Create | Action::Update | Action::Adopt | Action::Forget => return None,
    };
    let hook = step
        .id
        .as_ref()
        .filter(|_| step.address.kind == Kind::Webhook)?;
    let users = users(input, hook).into_iter();
    let stranded: Vec<String> = users
        .filter(|user| !is_seen_to(user, step, steps))
        .map(|user| {
            let bound = input.bindings.address_of(Kind::Scenario, &user);
            bound.map_or_else(
                || format!("scenario {user}"),
                |address| format!("`{address}`"),
            )
        })
        .collect();
    if stranded.is_empty() {
        return None;
    }
    let message = format!(
        "`{}` would be {verb}, and Make switches off what it starts: {}",
        step.address,
        stranded.join(", ")
    );
    let help = format!(
        "write `${{{}}}` into its blueprint, or switch it off first",
        step.address
    );
    let finding = Finding::new(&guards::STOPS_ACTIVE, message);
    let finding = finding.about(&step.address).help(help);
    Some(match &step.place {
        Some(place) => finding.at(place.clone()),
        None => finding,
    })
}

/// The active scenarios that a webhook starts.
fn users(input: &PlanInput<'_>, hook: &RemoteId) -> BTreeSet<RemoteId> {
    let scenarios = input.snapshot.of(Kind::Scenario);
    let by_row = scenarios.filter(|live| live.facts.attached.as_ref() == Some(hook));
    let of_hook = input.snapshot.get(Kind::Webhook, hook);
    let of_hook = of_hook.and_then(|live| live.facts.attached.as_ref());
    let mut users: BTreeSet<RemoteId> = by_row.map(|live| live.id.clone()).collect();
    users.extend(of_hook.cloned());
    users.retain(|user| {
        let live = input.snapshot.get(Kind::Scenario, user);
        live.is_some_and(
            |live| matches!(&live.spec, Spec::Scenario(spec) if spec.active == Field::Set(true)),
        )
    });
    users
}

/// Whether a step of its own takes a scenario away, off the webhook before that goes, or brings
/// it to its final form after that came again.
fn is_seen_to(user: &RemoteId, step: &Step, steps: &[Step]) -> bool {
    let mut own = steps
        .iter()
        .filter(|other| other.address.kind == Kind::Scenario && other.id.as_ref() == Some(user));
    own.any(|own| match own.action {
        Action::Delete | Action::Replace => true,
        Action::Update | Action::Adopt => match step.action {
            Action::Delete => own.after.as_ref().and_then(trigger) != step.id,
            Action::Create | Action::Update | Action::Replace | Action::Adopt | Action::Forget => {
                own.depends_on.contains(&step.address)
            }
        },
        Action::Create | Action::Forget => false,
    })
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
