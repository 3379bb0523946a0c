//! Scenarios of this dialect: one call for what takes several in the zone dialect.

use serde_json::{Map, Value, json};

use crate::live::transport::Method;
use crate::sandbox::beginning::ORGANIZATION;
use crate::sandbox::collection::Collection;
use crate::sandbox::routes::body::Body;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use super::inner::Inner;
use super::page::Page;
use super::scenario_view::{Shown, keep, kept, last_run, stamp, time_zone};
use super::{cron, modules};

/// What a scenario may be written with.
const FIELDS: [&str; 8] = [
    "name",
    "blueprint",
    "active",
    "priority",
    "maxErrors",
    "autoCommit",
    "description",
    "schedule",
];

/// The team of scenarios that are made here: this dialect has no teams.
const TEAM: u64 = 1;

/// What a priority may be. Its values are not documented; these are those of a licence.
const PRIORITIES: [&str; 3] = ["low", "medium", "high"];

/// `GET /scenarios?limit&offset&folder`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let folder = call.query_number("folder")?;
    let mut rows = Vec::new();
    view.each_in(Collection::Scenarios, 0..=u64::MAX, |id, row: Value| {
        let in_folder = row.get("folderId").and_then(Value::as_u64);
        if folder.is_none() || folder == in_folder {
            rows.push((id, row));
        }
    })?;
    let zone = time_zone(view)?;
    let page = Page::of(call)?;
    let shown = rows.iter().map(|(id, row)| {
        let shown = Shown {
            row,
            blueprint: &Value::Null,
            zone: &zone,
            last_run: last_run(view, *id).unwrap_or_default(),
        };
        shown.short()
    });
    page.answer(shown)
}

/// `GET /scenarios/{id}`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    let id = call.id(0)?;
    let row = existing(view, id)?;
    let saved = view.object(Collection::Blueprints, id)?;
    let blueprint = saved.as_ref().and_then(|saved| saved.get("blueprint"));
    let shown = Shown {
        row: &row,
        blueprint: blueprint.unwrap_or(&Value::Null),
        zone: &time_zone(view)?,
        last_run: last_run(view, id)?,
    };
    reply(&shown.whole())
}

/// `POST /scenarios`
pub(super) fn create(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let body = call.body()?.only(&FIELDS)?;
    let name = body.required_text("name", 120)?;
    let empty = json!({ "modules": [] });
    let written = body.get("blueprint").unwrap_or(&empty);
    let mut blueprint = modules::to_blueprint(name, written)?;
    write_settings(&mut blueprint, &body)?;
    let zone = time_zone(batch)?;
    let scheduling = cron::to_scheduling(body.get("schedule").unwrap_or(&Value::Null), &zone)?;
    let made = Inner::new(Method::Post, "/scenarios".to_owned())
        .query("confirmed", true)
        .body(&json!({
            "teamId": TEAM, "blueprint": blueprint.to_string(),
            "scheduling": sayable(&scheduling).to_string(),
        }))
        .carry_out(call, batch)?;
    let id = made.pointer("/scenario/id").and_then(Value::as_u64);
    let id = id.ok_or_else(|| Refusal::broken("a new scenario has no id"))?;
    set_cron(id, &scheduling, batch)?;
    remember(id, &body, batch)?;
    if let Some(description) = body.text("description", 240)? {
        patch(id, &json!({ "description": description }), call, batch)?;
    }
    if body.flag("active")? == Some(true) {
        switch(id, "start", call, batch)?;
    }
    reply(&json!({ "id": id }))
}

/// `PATCH /scenarios/{id}`: what is not sent stays.
pub(super) fn update(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    let row = existing(batch, id)?;
    let body = call.body()?.only(&FIELDS)?;
    let is_active = row.get("isActive") == Some(&Value::Bool(true));
    let wanted = body.flag("active")?;
    if wanted == Some(false) && is_active {
        switch(id, "stop", call, batch)?;
    }
    let changes = changes(id, &row, &body, batch)?;
    if !changes.is_empty() {
        let hook = row.get("hookId").and_then(Value::as_u64);
        patch(id, &Value::Object(changes), call, batch)?;
        keep_hook(id, hook, batch)?;
    }
    if let Some(schedule) = body.get("schedule") {
        let scheduling = cron::to_scheduling(schedule, &time_zone(batch)?)?;
        set_cron(id, &scheduling, batch)?;
    }
    remember(id, &body, batch)?;
    if wanted == Some(true) && !is_active {
        switch(id, "start", call, batch)?;
    }
    reply(&json!({ "id": id }))
}

/// `DELETE /scenarios/{id}`
pub(super) fn remove(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    Inner::new(Method::Delete, format!("/scenarios/{id}")).carry_out(call, batch)?;
    reply(&json!({ "id": id }))
}

/// The zone dialect's change of what a body says.
fn changes(
    id: u64,
    row: &Value,
    body: &Body,
    batch: &Batch<'_>,
) -> Result<Map<String, Value>, Refusal> {
    let mut changes = Map::new();
    let name = body.text("name", 120)?;
    let shown = row.get("name").and_then(Value::as_str).unwrap_or_default();
    let has_settings = ["maxErrors", "autoCommit"]
        .iter()
        .any(|field| body.get(field).is_some());
    let saved = batch.get(Collection::Blueprints, id)?;
    let before = saved.as_ref().and_then(|saved| saved.get("blueprint"));
    let before = before.unwrap_or(&Value::Null);
    let mut blueprint = match body.get("blueprint") {
        Some(written) => {
            let mut blueprint = modules::to_blueprint(name.unwrap_or(shown), written)?;
            // Settings have fields of their own here; a blueprint that has none leaves them.
            if let (None, Some(settings)) = (
                blueprint.pointer("/metadata/scenario"),
                before.pointer("/metadata/scenario"),
            ) && let Some(metadata) =
                blueprint.get_mut("metadata").and_then(Value::as_object_mut)
            {
                metadata.insert("scenario".to_owned(), settings.clone());
            }
            Some(blueprint)
        }
        None => has_settings.then(|| before.clone()),
    };
    if let Some(blueprint) = &mut blueprint {
        write_settings(blueprint, body)?;
        changes.insert("blueprint".to_owned(), json!(blueprint.to_string()));
    }
    if let Some(name) = name {
        changes.insert("name".to_owned(), json!(name));
    }
    if let Some(description) = body.text("description", 240)? {
        changes.insert("description".to_owned(), json!(description));
    }
    if let Some(schedule) = body.get("schedule") {
        let scheduling = cron::to_scheduling(schedule, &time_zone(batch)?)?;
        changes.insert(
            "scheduling".to_owned(),
            json!(sayable(&scheduling).to_string()),
        );
    }
    Ok(changes)
}

/// What the zone dialect takes for a schedule: cron is set past it.
fn sayable(scheduling: &Value) -> Value {
    match is_cron(scheduling) {
        true => json!({ "type": "on-demand" }),
        false => scheduling.clone(),
    }
}

fn is_cron(scheduling: &Value) -> bool {
    scheduling.get("type").and_then(Value::as_str) == Some("cron")
}

/// Sets a schedule that the zone dialect can't say.
fn set_cron(id: u64, scheduling: &Value, batch: &mut Batch<'_>) -> Result<(), Refusal> {
    if !is_cron(scheduling) {
        return Ok(());
    }
    let mut row = existing(batch, id)?;
    if let Some(row) = row.as_object_mut() {
        row.insert("scheduling".to_owned(), scheduling.clone());
    }
    batch.put(Collection::Scenarios, id, &row)?;
    Ok(())
}

/// Writes the settings that have fields of their own into a blueprint.
fn write_settings(blueprint: &mut Value, body: &Body) -> Result<(), Refusal> {
    let mut settings = Map::new();
    if let Some(errors) = body.nullable_id("maxErrors")?.flatten() {
        settings.insert("maxErrors".to_owned(), json!(errors));
    }
    if let Some(commit) = body.flag("autoCommit")? {
        settings.insert("autoCommit".to_owned(), json!(commit));
    }
    if settings.is_empty() {
        return Ok(());
    }
    if let Some(metadata) = blueprint.get_mut("metadata").and_then(Value::as_object_mut) {
        let scenario = metadata.entry("scenario").or_insert_with(|| json!({}));
        if let Value::Object(scenario) = scenario {
            scenario.extend(settings);
        }
    }
    Ok(())
}

/// Keeps what the zone dialect has no place for.
fn remember(id: u64, body: &Body, batch: &mut Batch<'_>) -> Result<(), Refusal> {
    let mut row = existing(batch, id)?;
    if let Some(blueprint) = body.get("blueprint") {
        keep(&mut row, "blueprint", blueprint.clone());
    }
    // A setting changes what is saved too, and the blueprint as it was written stands still.
    let of_blueprint = ["blueprint", "maxErrors", "autoCommit"];
    if of_blueprint.iter().any(|field| body.get(field).is_some())
        && kept(&row, "blueprint").is_some()
    {
        let saved = batch.get(Collection::Blueprints, id)?;
        let blueprint = saved.as_ref().and_then(|saved| saved.get("blueprint"));
        keep(
            &mut row,
            "stamp",
            stamp(blueprint.unwrap_or(&Value::Null)).into(),
        );
    }
    if let Some(schedule) = body.get("schedule") {
        let scheduling = row.get("scheduling").cloned().unwrap_or(Value::Null);
        keep(&mut row, "schedule", schedule.clone());
        keep(&mut row, "scheduling", scheduling);
    }
    match body.get("priority") {
        None => {}
        Some(Value::Null) => keep(&mut row, "priority", Value::Null),
        Some(Value::String(priority)) if PRIORITIES.contains(&priority.as_str()) => {
            keep(&mut row, "priority", json!(priority));
        }
        Some(_) => {
            return Err(Refusal::invalid("'priority' should be low, medium or high"));
        }
    }
    batch.put(Collection::Scenarios, id, &row)?;
    Ok(())
}

/// A webhook that was made for a scenario stays with it, whether its blueprint names it or not.
fn keep_hook(id: u64, hook: Option<u64>, batch: &mut Batch<'_>) -> Result<(), Refusal> {
    let mut row = existing(batch, id)?;
    let named = row.get("hookId").and_then(Value::as_u64);
    let Some(hook_id) = hook.filter(|_| named.is_none()) else {
        return Ok(());
    };
    if let Some(mut hook) = batch.get(Collection::Hooks, hook_id)?
        && hook.get("scenarioId").is_none()
        && hook.get(super::KEPT).is_some()
    {
        if let Some(hook) = hook.as_object_mut() {
            hook.insert("scenarioId".to_owned(), json!(id));
        }
        batch.put(Collection::Hooks, hook_id, &hook)?;
        if let Some(row) = row.as_object_mut() {
            row.insert("hookId".to_owned(), json!(hook_id));
        }
        batch.put(Collection::Scenarios, id, &row)?;
    }
    Ok(())
}

fn patch(id: u64, body: &Value, call: &Call<'_>, batch: &mut Batch<'_>) -> Result<(), Refusal> {
    Inner::new(Method::Patch, format!("/scenarios/{id}"))
        .query("confirmed", true)
        .body(body)
        .carry_out(call, batch)
        .map(drop)
}

fn switch(id: u64, verb: &str, call: &Call<'_>, batch: &mut Batch<'_>) -> Result<(), Refusal> {
    Inner::new(Method::Post, format!("/scenarios/{id}/{verb}"))
        .carry_out(call, batch)
        .map(drop)
}

/// The row of a scenario that must be there.
pub(super) fn existing(world: &impl Objects, id: u64) -> Result<Value, Refusal> {
    world
        .object(Collection::Scenarios, id)?
        .ok_or_else(|| Refusal::missing(format!("Scenario not found '{id}'.")))
}

/// Refuses any organization but the world's.
pub(super) fn check_organization(id: u64) -> Result<(), Refusal> {
    match id == ORGANIZATION {
        true => Ok(()),
        false => Err(Refusal::forbidden(format!(
            "No access to organization {id}."
        ))),
    }
}
