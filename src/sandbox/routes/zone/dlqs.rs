//! Incomplete executions, which the API calls `dlqs`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::engine::incomplete;
use crate::sandbox::routes::body::wrong;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::chosen::Chosen;
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use super::scope::{existing, is_true, number, set, text};
use super::{blueprint, executions};

/// All that is read of one to find it.
#[derive(Deserialize)]
struct Named {
    id: String,
}

/// `GET /dlqs`, of one scenario.
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let mut rows = Vec::new();
    view.each_in(
        Collection::IncompleteExecutions,
        wanted(call, view)?,
        |_, item: Value| {
            rows.push(columns(
                &item,
                &[
                    "id", "reason", "created", "size", "resolved", "retry", "attempts",
                ],
            ));
        },
    )?;
    reply(&json!({ "dlqs": rows }))
}

/// `GET /dlqs/{id}`. What it calls a company is the team.
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    let (_, item) = find(call, view)?;
    let id = number(&item, "scenarioId").unwrap_or_default();
    let scenario = existing(view, Collection::Scenarios, id, "Scenario")?;
    let team = number(&scenario, "teamId").unwrap_or_default();
    let team = existing(view, Collection::Teams, team, "Team")?;
    let mut shown = columns(
        &item,
        &[
            "id",
            "reason",
            "resolved",
            "deleted",
            "index",
            "created",
            "executionId",
            "retry",
            "attempts",
            "size",
        ],
    );
    set(&mut shown, "scenarioId", id);
    set(&mut shown, "scenarioName", scenario.get("name").cloned());
    set(&mut shown, "companyId", team.get("id").cloned());
    set(&mut shown, "companyName", team.get("name").cloned());
    reply(&json!({ "dlq": shown }))
}

/// `GET /dlqs/{id}/blueprint`: as it was when the run could not go on.
pub(super) fn blueprint(call: &Call<'_>, view: &View<'_>) -> Answer {
    let (_, item) = find(call, view)?;
    let blueprint = item.get("blueprint").cloned().unwrap_or_default();
    let next = blueprint::next_module_id(&blueprint);
    reply(&json!({
        "code": "OK",
        "response": {
            "blueprint": blueprint::shown(blueprint, call.quirks()), "failer": item.get("failer"),
            "idSequence": next, "created": item.get("created"),
        },
    }))
}

/// `GET /dlqs/{id}/bundle`: what each module had put out.
pub(super) fn bundle(call: &Call<'_>, view: &View<'_>) -> Answer {
    let (_, item) = find(call, view)?;
    reply(&json!({ "code": "OK", "response": item.get("bundle") }))
}

/// `GET /dlqs/{id}/logs`: the executions that took it up again.
pub(super) fn logs(call: &Call<'_>, view: &View<'_>) -> Answer {
    let (key, item) = find(call, view)?;
    let id = text(&item, "id");
    executions::list(call, view, key >> 32, "dlqLogs", |row| {
        row.retries.as_deref() == id
    })
}

/// `GET /dlqs/{id}/logs/{executionId}`
pub(super) fn log(call: &Call<'_>, view: &View<'_>) -> Answer {
    let (key, item) = find(call, view)?;
    let (_, row) = executions::find(view, key >> 32, call.segment(1))?;
    match text(&row, "retries") == text(&item, "id") {
        true => reply(&json!({ "dlqLog": executions::shown(&row) })),
        false => Err(Refusal::missing("Execution not found.")),
    }
}

/// `PATCH /dlqs/{id}`: another blueprint to go on with, or another module to go on at.
pub(super) fn update(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let (key, mut item) = find(call, batch)?;
    let body = call.body()?.only(&["blueprint", "failer"])?;
    match body.get("blueprint") {
        None | Some(Value::Null) => {}
        Some(Value::String(written)) => set(&mut item, "blueprint", blueprint::parse(written)?),
        Some(_) => return Err(wrong("blueprint", "string")),
    }
    if let Some(failer) = body.nullable_id("failer")?.flatten() {
        set(&mut item, "failer", failer);
    }
    let blueprint = item.get("blueprint").cloned().unwrap_or_default();
    let failer = number(&item, "failer");
    let mut ids = blueprint::modules(&blueprint)
        .into_iter()
        .map(|module| number(module, "id"));
    if !ids.any(|id| id == failer) {
        return Err(Refusal::invalid(
            "failer should be a module of the blueprint",
        ));
    }
    batch.put(Collection::IncompleteExecutions, key, &item)?;
    reply(
        &json!({ "dlq": { "failer": failer, "blueprint": blueprint::shown(blueprint, call.quirks()) } }),
    )
}

/// `POST /dlqs/{id}/retry`
pub(super) fn retry(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let (key, item) = find(call, batch)?;
    if is_true(&item, "resolved") {
        return Err(Refusal::conflict(
            "The incomplete execution is already resolved",
        ));
    }
    let id = item.get("id").cloned();
    incomplete::retry(batch, key, item, call.now)?;
    reply(&json!({ "dlq": id }))
}

/// `POST /dlqs/retry`: those of a scenario that are chosen and not resolved.
pub(super) fn retry_many(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let chosen = Chosen::of(call.body()?)?;
    let mut retried = Vec::new();
    for (key, id) in choose(call, batch, &chosen)? {
        if let Some(item) = batch.get(Collection::IncompleteExecutions, key)?
            && !is_true(&item, "resolved")
        {
            incomplete::retry(batch, key, item, call.now)?;
            retried.push(id);
        }
    }
    answer_many(&chosen, retried)
}

/// `DELETE /dlqs`: those of a scenario that are chosen; all of them only with `confirmed=true`.
pub(super) fn remove_many(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let chosen = Chosen::of(call.body()?)?;
    let found = choose(call, batch, &chosen)?;
    if matches!(chosen, Chosen::AllBut(_)) && !call.is_confirmed()? {
        return Err(Refusal::unconfirmed(
            json!([{ "type": "deleteDlqs", "data": [{ "count": found.len() }] }]),
        ));
    }
    let mut removed = Vec::new();
    for (key, id) in found {
        if let Some(item) = batch.get(Collection::IncompleteExecutions, key)? {
            incomplete::remove(batch, key, &item)?;
            removed.push(id);
        }
    }
    answer_many(&chosen, removed)
}

/// `DELETE /dlqs/{id}`, which Make calls deprecated.
pub(super) fn remove(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let (key, item) = find(call, batch)?;
    incomplete::remove(batch, key, &item)?;
    reply(&json!({ "dlq": item.get("id") }))
}

/// What was done, and under `error` what was named in vain: that is how Make answers where it
/// could do a part. What else is in its `error` is not documented.
fn answer_many(chosen: &Chosen, done: Vec<String>) -> Answer {
    let missing = chosen.missing(&done);
    let mut answer = json!({ "dlqs": done });
    if !missing.is_empty() {
        let error =
            json!({ "message": "Some incomplete executions were not found.", "ids": missing });
        set(&mut answer, "error", error);
    }
    reply(&answer)
}

/// The ids of a scenario's incomplete executions, from the query.
fn wanted(call: &Call<'_>, world: &impl Objects) -> Result<std::ops::RangeInclusive<u64>, Refusal> {
    let scenario = call.required_number("scenarioId")?;
    existing(world, Collection::Scenarios, scenario, "Scenario")?;
    Ok(Collection::pair(scenario, 0)..=Collection::pair(scenario, u64::MAX))
}

fn choose(
    call: &Call<'_>,
    world: &impl Objects,
    chosen: &Chosen,
) -> Result<Vec<(u64, String)>, Refusal> {
    let mut found = Vec::new();
    let ids = wanted(call, world)?;
    world.each_in(Collection::IncompleteExecutions, ids, |key, item: Named| {
        if chosen.holds(&item.id) {
            found.push((key, item.id));
        }
    })?;
    Ok(found)
}

fn find(call: &Call<'_>, world: &impl Objects) -> Result<(u64, Value), Refusal> {
    let wanted = call.segment(0);
    let mut found = None;
    world.each_in(
        Collection::IncompleteExecutions,
        0..=u64::MAX,
        |key, item: Named| {
            if item.id == wanted {
                found = Some(key);
            }
        },
    )?;
    let missing = || Refusal::missing(format!("Incomplete execution not found '{wanted}'."));
    let key = found.ok_or_else(missing)?;
    let item = world.object(Collection::IncompleteExecutions, key)?;
    Ok((key, item.ok_or_else(missing)?))
}

fn columns(item: &Value, names: &[&str]) -> Value {
    let columns = names.iter().map(|name| {
        (
            (*name).to_owned(),
            item.get(*name).cloned().unwrap_or_default(),
        )
    });
    Value::Object(columns.collect())
}
