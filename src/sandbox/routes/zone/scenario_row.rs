//! The row of a scenario: how one begins, and what follows when something in it changes.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::sandbox::beginning::OWNER;
use crate::sandbox::collection::Collection;
use crate::sandbox::engine::{due, queue};
use crate::sandbox::quirk::{
    CustomPropertiesRow, EmptyDescription, HookTaken, LastEdit, ScenarioRow, ScenarioVersion,
    UnsetConnection,
};
use crate::sandbox::routes::call::{Call, stamp};
use crate::sandbox::routes::refusal::Refusal;
use crate::sandbox::store::{Batch, Objects};

use super::references::references;
use super::scope::{existing, is_true, number, set, text};
use super::{apps, blueprint, plan_limits, scheduling};

/// The row of a scenario that was never saved: inactive, on demand, with nothing in it.
pub(super) fn new(
    id: u64,
    team: u64,
    call: &Call<'_>,
    batch: &Batch<'_>,
) -> Result<Value, Refusal> {
    let (now, author) = (call.stamp(), author(batch)?);
    Ok(json!({
        "id": id, "name": "", "teamId": team, "hookId": null, "deviceId": null,
        "deviceScope": null, "concept": false, "type": "scenario", "description": "",
        "folderId": null, "isinvalid": false, "islinked": false, "isActive": false,
        "islocked": false, "isPaused": false, "usedPackages": [], "lastEdit": now,
        "scheduling": { "type": "on-demand" }, "iswaiting": false, "dlqCount": 0,
        "createdByUser": author, "updatedByUser": author, "nextExec": null, "created": now,
        "scenarioVersion": 1, "moduleSequenceId": 1, "operations": 0, "transfer": 0,
        "devices": [],
    }))
}

/// Notes a change of the scenario that is no save of it.
pub(super) fn touch(row: &mut Value, call: &Call<'_>, batch: &Batch<'_>) -> Result<(), Refusal> {
    match call.quirks().last_edit {
        LastEdit::Any => edit(row, call, batch),
        LastEdit::Save | LastEdit::Blueprint => Ok(()),
    }
}

/// Notes that the scenario was saved, with a blueprint or without.
pub(super) fn touch_saved(
    row: &mut Value,
    has_blueprint: bool,
    call: &Call<'_>,
    batch: &Batch<'_>,
) -> Result<(), Refusal> {
    match call.quirks().last_edit {
        LastEdit::Blueprint if !has_blueprint => Ok(()),
        LastEdit::Any | LastEdit::Save | LastEdit::Blueprint => edit(row, call, batch),
    }
}

/// The time of the last edit always moves: two edits in one millisecond are two edits.
fn edit(row: &mut Value, call: &Call<'_>, batch: &Batch<'_>) -> Result<(), Refusal> {
    if call.quirks().scenario_version == ScenarioVersion::Any {
        let version = number(row, "scenarioVersion").unwrap_or(1);
        set(row, "scenarioVersion", version + 1);
    }
    let before = text(row, "lastEdit").and_then(|time| time.parse::<Timestamp>().ok());
    let after = before.and_then(|time| time.checked_add(SignedDuration::from_millis(1)).ok());
    set(
        row,
        "lastEdit",
        stamp(after.map_or(call.now, |after| after.max(call.now))),
    );
    set(row, "updatedByUser", author(batch)?);
    Ok(())
}

fn author(batch: &Batch<'_>) -> Result<Value, Refusal> {
    let user = existing(batch, Collection::Users, OWNER, "User")?;
    Ok(json!({ "id": OWNER, "name": user.get("name"), "email": user.get("email") }))
}

/// Takes over what follows from a blueprint: the hook that becomes the scenario's own, the apps
/// it uses, whether it could run. Refuses one that names what is not there or another's.
pub(super) fn bind(
    row: &mut Value,
    blueprint: &Value,
    call: &Call<'_>,
    batch: &mut Batch<'_>,
) -> Result<(), Refusal> {
    let team = number(row, "teamId").unwrap_or_default();
    blueprint::check_references(blueprint, team, call, batch)?;
    let packages = blueprint::packages(blueprint);
    let used = row
        .get("usedPackages")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let new = packages
        .iter()
        .filter(|app| !used.iter().any(|known| known == app.as_str()));
    apps::install(batch, new, call.is_confirmed()?)?;
    let trigger = match blueprint::trigger_hook(blueprint).filter(|id| *id != 0) {
        Some(id) if batch.get(Collection::Hooks, id)?.is_none() => None, // accepted all the same
        trigger => trigger,
    };
    assign_hook(row, trigger, call, batch)?;
    set(row, "usedPackages", packages);
    set(row, "devices", devices(blueprint, batch)?);
    set(
        row,
        "moduleSequenceId",
        blueprint::next_module_id(blueprint),
    );
    let is_invalid = blueprint::is_invalid(blueprint)
        || call.quirks().unset_connection == UnsetConnection::Invalid
            && blueprint::lacks_connection(blueprint);
    set(row, "isinvalid", is_invalid);
    if is_invalid {
        deactivate(row);
    }
    Ok(())
}

/// The devices that a blueprint names, each with what it may do.
fn devices(blueprint: &Value, batch: &Batch<'_>) -> Result<Vec<Value>, Refusal> {
    let named = references(blueprint).into_iter();
    let named = named.filter(|found| found.collection == Collection::Devices);
    let ids: BTreeSet<u64> = named.map(|found| found.id).collect();
    let mut devices = Vec::new();
    for id in ids {
        if let Some(device) = batch.get(Collection::Devices, id)? {
            devices.push(json!({ "id": id, "scope": device.get("scope") }));
        }
    }
    Ok(devices)
}

/// Gives the scenario this hook and no other; two scenarios never share one.
pub(super) fn assign_hook(
    row: &mut Value,
    wanted: Option<u64>,
    call: &Call<'_>,
    batch: &mut Batch<'_>,
) -> Result<(), Refusal> {
    let scenario = number(row, "id");
    if let Some(id) = wanted {
        let mut hook = existing(batch, Collection::Hooks, id, "Hook")?;
        match number(&hook, "scenarioId") {
            Some(other)
                if Some(other) != scenario && call.quirks().hook_taken == HookTaken::Moved =>
            {
                lose_hook(other, call, batch)?;
                set(&mut hook, "scenarioId", scenario);
                batch.put(Collection::Hooks, id, &hook)?;
            }
            Some(other) if Some(other) != scenario => {
                return Err(Refusal::conflict(format!(
                    "Webhook '{id}' is already used by scenario '{other}'."
                )));
            }
            Some(_) => {}
            None => {
                set(&mut hook, "scenarioId", scenario);
                set(&mut hook, queue::UNATTACHED, Value::Null);
                batch.put(Collection::Hooks, id, &hook)?;
            }
        }
    }
    if let Some(id) = number(row, "hookId").filter(|id| Some(*id) != wanted)
        && let Some(mut hook) = batch.get(Collection::Hooks, id)?
    {
        if let Some(fields) = hook.as_object_mut() {
            fields.shift_remove("scenarioId"); // absent, not null, where there is none
        }
        set(&mut hook, queue::UNATTACHED, call.stamp());
        batch.put(Collection::Hooks, id, &hook)?;
    }
    set(row, "hookId", wanted);
    Ok(())
}

/// Leaves a scenario without its hook, and so without a trigger it could start on.
pub(super) fn lose_hook(
    scenario: u64,
    call: &Call<'_>,
    batch: &mut Batch<'_>,
) -> Result<(), Refusal> {
    let mut row = existing(batch, Collection::Scenarios, scenario, "Scenario")?;
    set(&mut row, "hookId", Value::Null);
    set(&mut row, "isinvalid", true);
    deactivate(&mut row);
    touch(&mut row, call, batch)?;
    batch.put(Collection::Scenarios, scenario, &row)?;
    Ok(())
}

/// The row as the API shows it.
pub(super) fn shown(call: &Call<'_>, mut row: Value) -> Value {
    let quirks = call.quirks();
    if quirks.empty_description == EmptyDescription::Newline
        && text(&row, "description") == Some("")
    {
        set(&mut row, "description", "\n");
    }
    let Some(fields) = row.as_object_mut() else {
        return row;
    };
    if quirks.scenario_version == ScenarioVersion::Absent {
        fields.shift_remove("scenarioVersion");
    }
    if quirks.custom_properties_row != CustomPropertiesRow::Shown {
        fields.shift_remove("customProperties");
    }
    if quirks.scenario_row == ScenarioRow::Listed {
        fields.retain(|name, _| !UNLISTED.contains(&name.as_str()));
    }
    row
}

/// Columns that were seen in answers and are not in Make's own list of them.
const UNLISTED: [&str; 7] = [
    "created",
    "type",
    "concept",
    "operations",
    "transfer",
    "customProperties",
    "devices",
];

/// Whether it is switched on.
pub(in crate::sandbox) fn is_active(row: &Value) -> bool {
    is_true(row, "isActive")
}

/// Switches it on; its next run follows from its schedule.
pub(super) fn activate(
    row: &mut Value,
    call: &Call<'_>,
    world: &impl Objects,
) -> Result<(), Refusal> {
    let zone = due::zone_of(world, row)?;
    let schedule = row.get("scheduling").unwrap_or(&Value::Null);
    let next = due::next(schedule, &zone, call.now).map(stamp);
    set(row, "isActive", true);
    set(row, "islinked", true);
    set(row, "nextExec", next);
    plan_limits::check_active(row, call, world)
}

/// Switches it off.
pub(in crate::sandbox) fn deactivate(row: &mut Value) {
    set(row, "isActive", false);
    set(row, "islinked", false);
    set(row, "nextExec", Value::Null);
}

/// Refuses what Make refuses of a scenario that is on: an instant trigger cannot be polled.
pub(super) fn check_interval(
    row: &Value,
    blueprint: &Value,
    call: &Call<'_>,
) -> Result<(), Refusal> {
    let schedule = row.get("scheduling").unwrap_or(&Value::Null);
    match blueprint::is_instant(blueprint) && scheduling::kind(schedule) == "indefinitely" {
        true => Err(Refusal::not_startable("Invalid interval.", call.quirks())),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::live::transport::Method::{Delete, Post};
    use crate::sandbox::trial::{Trial, save};

    #[test]
    fn a_hook_belongs_to_the_scenario_whose_first_module_names_it() {
        let trial = Trial::new();
        let hook = trial.hook("leads");
        let flow = |hook: u64| {
            json!([{
                "id": 1, "module": "gateway:CustomWebHook", "version": 1,
                "parameters": { "hook": hook, "maxResults": 1 },
            }])
        };
        let first = trial.scenario("first", flow(hook));
        assert_eq!(
            trial.get(&format!("/scenarios/{first}"))["scenario"]["hookId"],
            hook
        );
        let row = trial.get(&format!("/hooks/{hook}"));
        assert_eq!(row["hook"]["scenarioId"], first);

        let second = json!({ "name": "second", "flow": flow(hook), "metadata": {} });
        let refused = trial.refused(
            Post,
            "/scenarios",
            Some(save(&second, &json!({ "type": "on-demand" }))),
        );
        assert!(refused.starts_with("422"), "{refused}");
        let empty = json!({ "name": "first", "flow": [], "metadata": {} }).to_string();
        trial.patch(
            &format!("/scenarios/{first}"),
            json!({ "blueprint": empty }),
        );
        assert_eq!(
            trial.get(&format!("/hooks/{hook}"))["hook"].get("scenarioId"),
            None
        );
        let second = trial.scenario("second", flow(hook));
        trial.delete(&format!("/scenarios/{second}"));
        assert_eq!(
            trial.get(&format!("/hooks/{hook}"))["hook"].get("scenarioId"),
            None
        );
        assert!(
            trial
                .refused(Delete, &format!("/scenarios/{second}"), None)
                .starts_with("404")
        );
    }
}
