//! Scenarios: their rows, and saving them.
//!
//! A name stands in two places, the row and the blueprint. Make does not say which wins; here
//! both are always the same: a `name` in the request is written into the blueprint, and without
//! one the blueprint's is taken.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::body::{Body, absent, wrong};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, View};

use super::scope::{Scope, check_team, existing, is_true, number, set, text};
use super::{blueprint, scenario_blueprints, scenario_interface, scenario_row, scheduling};

/// The longest description.
const LONGEST_DESCRIPTION: usize = 240;

const LIST: List = List {
    collection: Collection::Scenarios,
    name: "scenarios",
    usual: &[
        "id",
        "name",
        "teamId",
        "hookId",
        "deviceId",
        "deviceScope",
        "description",
        "folderId",
        "isinvalid",
        "islinked",
        "isActive",
        "islocked",
        "isPaused",
        "usedPackages",
        "lastEdit",
        "scheduling",
        "iswaiting",
        "dlqCount",
        "createdByUser",
        "updatedByUser",
        "nextExec",
        "scenarioVersion",
        "moduleSequenceId",
        "created",
        "type",
        "concept",
        "operations",
        "transfer",
        "devices",
    ],
    further: &[],
    sorts: &[
        "proprietal",
        "id",
        "name",
        "teamId",
        "folderId",
        "isActive",
        "islinked",
        "isinvalid",
        "islocked",
        "lastEdit",
        "createdByUserName",
        "updatedByUserName",
        "created",
    ],
    order: Order::Descending,
    page: Some(10),
};

/// `GET /scenarios`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let scope = Scope::of(call, view)?;
    let ids: Vec<&str> = call.query_all("id[]").collect();
    let folder = call.query_number("folderId")?;
    let kind = call.query("type");
    let mut flags = Vec::new();
    for name in ["isActive", "islinked", "concept"] {
        flags.extend(call.query_flag(name)?.map(|wanted| (name, wanted)));
    }
    let is_wanted = |row: &Value| {
        let id = || number(row, "id").unwrap_or_default().to_string();
        (ids.is_empty() || ids.contains(&id().as_str()))
            && (folder.is_none() || number(row, "folderId") == folder)
            && (kind.is_none() || text(row, "type").unwrap_or("scenario") == kind.unwrap_or(""))
            && flags
                .iter()
                .all(|(name, wanted)| is_true(row, name) == *wanted)
    };
    LIST.answer(
        call,
        view,
        |row| scope.holds(row) && is_wanted(row),
        |row| row,
    )
}

/// `GET /scenarios/{id}`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    let row = existing(view, Collection::Scenarios, call.id(0)?, "Scenario")?;
    answer_one(call, row)
}

/// `POST /scenarios`: new, inactive, with a description to be added later.
pub(super) fn create(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let fields = [
        "teamId",
        "blueprint",
        "scheduling",
        "folderId",
        "basedon",
        "metadata",
    ];
    let body = call.body()?.only(&fields)?;
    let team = body.required_id("teamId")?;
    check_team(batch, team)?;
    let blueprint = blueprint::parse(json_text(&body, "blueprint")?.ok_or(absent("blueprint"))?)?;
    let scheduling =
        scheduling::parse(json_text(&body, "scheduling")?.ok_or(absent("scheduling"))?)?;

    let id = batch.next_id(Collection::Scenarios)?;
    let mut row = scenario_row::new(id, team, call, batch)?;
    set(&mut row, "name", blueprint::name(&blueprint));
    set(&mut row, "scheduling", scheduling);
    put_in_folder(&mut row, &body, batch)?;
    let interface = scenario_interface::of_save(&body)?.unwrap_or_else(scenario_interface::none);
    scenario_interface::check_schedule(&interface, &row)?;
    scenario_row::bind(&mut row, &blueprint, call, batch)?;
    batch.put(Collection::Scenarios, id, &row)?;
    let saved = json!({ "created": call.stamp(), "blueprint": blueprint, "metadata": interface });
    batch.put(Collection::Blueprints, id, &saved)?;
    answer_one(call, row)
}

/// `PATCH /scenarios/{id}`: what is not sent stays. `isActive` and `teamId` are no fields of it.
pub(super) fn update(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    let mut row = existing(batch, Collection::Scenarios, id, "Scenario")?;
    let fields = [
        "name",
        "blueprint",
        "scheduling",
        "folderId",
        "description",
        "metadata",
    ];
    let body = call.body()?.only(&fields)?;
    let blueprint = json_text(&body, "blueprint")?
        .map(blueprint::parse)
        .transpose()?;
    let scheduling = json_text(&body, "scheduling")?
        .map(scheduling::parse)
        .transpose()?;
    let interface = scenario_interface::of_save(&body)?;
    let name = body.text("name", blueprint::LONGEST_NAME)?;

    if let Some(description) = body.text("description", LONGEST_DESCRIPTION)? {
        set(&mut row, "description", description);
    }
    put_in_folder(&mut row, &body, batch)?;
    if blueprint.is_some() || scheduling.is_some() || interface.is_some() || name.is_some() {
        let mut saved = existing(batch, Collection::Blueprints, id, "Blueprint")?;
        let has_schedule = scheduling.is_some();
        if let Some(scheduling) = scheduling {
            set(&mut row, "scheduling", scheduling);
        }
        if let Some(blueprint) = blueprint {
            scenario_blueprints::keep_version(&mut row, &saved, batch)?;
            scenario_row::bind(&mut row, &blueprint, call, batch)?;
            set(&mut row, "name", blueprint::name(&blueprint));
            set(&mut saved, "blueprint", blueprint);
            set(&mut saved, "created", call.stamp());
        }
        if let Some(name) = name {
            blueprint::check_name(name)?;
            set(&mut row, "name", name);
            if let Some(blueprint) = saved.get_mut("blueprint") {
                set(blueprint, "name", name);
            }
        }
        if let Some(interface) = interface {
            set(&mut saved, "metadata", interface);
        }
        let interface = saved.get("metadata").unwrap_or(&Value::Null);
        scenario_interface::check_schedule(interface, &row)?;
        if scenario_row::is_active(&row) {
            let blueprint = saved.get("blueprint").unwrap_or(&Value::Null);
            scenario_row::check_interval(&row, blueprint)?;
            if has_schedule {
                scenario_row::activate(&mut row, call, batch)?; // another next run
            }
        }
        batch.put(Collection::Blueprints, id, &saved)?;
    }
    scenario_row::touch(&mut row, call, batch)?;
    batch.put(Collection::Scenarios, id, &row)?;
    answer_one(call, row)
}

/// `DELETE /scenarios/{id}`, active or not; its hook stays, free for another.
pub(super) fn remove(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    let mut row = existing(batch, Collection::Scenarios, id, "Scenario")?;
    scenario_row::assign_hook(&mut row, None, batch)?;
    batch.remove(Collection::Scenarios, id)?;
    batch.remove(Collection::Blueprints, id)?;
    batch.remove_of(Collection::BlueprintVersions, id)?;
    batch.remove_of(Collection::Executions, id)?;
    reply(&json!({ "scenario": id }))
}

fn answer_one(call: &Call<'_>, row: Value) -> Answer {
    reply(&json!({ "scenario": LIST.row(call, row)? }))
}

/// A field that holds JSON as text. The reply to plain JSON is not documented; taking it would
/// hide a client's mistake.
fn json_text<'b>(body: &'b Body, name: &str) -> Result<Option<&'b str>, Refusal> {
    match body.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong(name, "string")),
    }
}

fn put_in_folder(row: &mut Value, body: &Body, batch: &Batch<'_>) -> Result<(), Refusal> {
    let Some(wanted) = body.nullable_id("folderId")? else {
        return Ok(());
    };
    if let Some(id) = wanted {
        let folder = existing(batch, Collection::Folders, id, "Folder")?;
        if number(&folder, "teamId") != number(row, "teamId") {
            return Err(Refusal::missing(format!("Folder not found '{id}'.")));
        }
    }
    set(row, "folderId", wanted);
    Ok(())
}
