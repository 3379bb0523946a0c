//! Devices: phones and tablets, which register themselves. The API only looks at them, renames
//! them and lets them go.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use super::scope::{existing, number, required_team, set};
use super::uses::{Uses, scenarios_by_thing};

/// The longest name. Make does not state it; it is that of other things of a team.
const LONGEST_NAME: usize = 128;

const LIST: List = List {
    collection: Collection::Devices,
    name: "devices",
    usual: &[
        "id",
        "name",
        "teamId",
        "udid",
        "scope",
        "info",
        "gone",
        "queueCount",
        "queueLimit",
        "scenarioId",
    ],
    further: &[],
    sorts: &["name"],
    order: Order::Ascending,
    page: None,
};

/// `GET /devices`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let scope = required_team(call, view)?;
    let assigned = call.query_flag("assigned")?;
    let scopes: Vec<&str> = call.query_all("scope[]").collect();
    let viewer = call.query_number("viewForScenarioId")?;
    let users = scenarios_by_thing(view, Collection::Devices)?;
    let users: BTreeMap<u64, Vec<u64>> = users
        .iter()
        .map(|(device, rows)| (*device, ids(rows)))
        .collect();
    let of = |device: &Value| {
        let id = number(device, "id").unwrap_or_default();
        users.get(&id).cloned().unwrap_or_default()
    };
    LIST.answer(
        call,
        view,
        |device| {
            let users = of(device);
            scope.holds(device)
                && can_all(device, &scopes)
                && (assigned.is_none_or(|wanted| wanted != users.is_empty())
                    || is_viewed(&users, viewer))
        },
        |mut device| {
            let users = of(&device);
            set(&mut device, "scenarioId", users);
            device
        },
    )
}

/// Whether a device can do everything that is asked for. That all of several are meant, not any,
/// is not documented.
fn can_all(device: &Value, scopes: &[&str]) -> bool {
    let can = device.get("scope").and_then(Value::as_array);
    scopes
        .iter()
        .all(|wanted| can.is_some_and(|can| can.iter().any(|one| one == wanted)))
}

/// Whether a device is listed because the scenario that is looked at has it. What the parameter
/// does is not documented; in the editor, a scenario's own device is always among the choices.
fn is_viewed(users: &[u64], viewer: Option<u64>) -> bool {
    viewer.is_some_and(|viewer| users.contains(&viewer))
}

/// `GET /devices/{id}`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    answer_one(call, view, find(call, view)?)
}

/// `PATCH /devices/{id}`: the name, and nothing else.
pub(super) fn rename(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let mut device = find(call, batch)?;
    let body = call.body()?.only(&["name"])?;
    let name = body.required_text("name", LONGEST_NAME)?;
    if name.trim().is_empty() {
        return Err(Refusal::unusable("A device needs a name."));
    }
    set(&mut device, "name", name);
    batch.put(Collection::Devices, call.id(0)?, &device)?;
    answer_one(call, batch, device)
}

/// `DELETE /devices/{id}`: one that a scenario uses, or whose queue has something in it, only
/// with `confirmed=true`.
pub(super) fn remove(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let device = find(call, batch)?;
    let id = call.id(0)?;
    let uses = Uses::of(batch, Collection::Devices, id)?;
    uses.confirm(call, "deleteDevice")?;
    check_queue(call, &device)?;
    uses.let_go(call, batch)?;
    batch.remove(Collection::Devices, id)?;
    reply(&json!({ "device": id }))
}

/// The code of this refusal is documented, when it comes is not: here, when items wait.
fn check_queue(call: &Call<'_>, device: &Value) -> Result<(), Refusal> {
    match number(device, "queueCount").unwrap_or(0) {
        waiting if waiting > 0 && !call.is_confirmed()? => Err(Refusal::queue_not_empty(format!(
            "{waiting} items wait in the queue of the device."
        ))),
        _ => Ok(()),
    }
}

fn find(call: &Call<'_>, world: &impl Objects) -> Result<Value, Refusal> {
    existing(world, Collection::Devices, call.id(0)?, "Device")
}

fn answer_one(call: &Call<'_>, world: &impl Objects, mut device: Value) -> Answer {
    let uses = Uses::of(world, Collection::Devices, call.id(0)?)?;
    set(&mut device, "scenarioId", ids(&uses.scenarios()));
    reply(&json!({ "device": LIST.row(call, device)? }))
}

fn ids(rows: &[Value]) -> Vec<u64> {
    rows.iter().filter_map(|row| number(row, "id")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::{Delete, Get, Patch};
    use crate::sandbox::collection::Collection;
    use crate::sandbox::trial::Trial;

    /// Two devices; the second has items in its queue.
    fn trial() -> Trial {
        let trial = Trial::new();
        let put = trial.world.batch(|batch| {
            let all = [
                (2501, "Phone", &["button", "scan"][..], 0),
                (2502, "Tablet", &["scan"], 3),
            ];
            for (id, name, scope, waiting) in all {
                let device = json!({
                    "id": id, "name": name, "teamId": 1, "udid": "x", "scope": scope,
                    "info": { "os": "iOS" }, "gone": false, "queueCount": waiting,
                    "queueLimit": 10_000,
                });
                batch.put(Collection::Devices, id, &device)?;
            }
            Ok(())
        });
        assert!(put.is_ok());
        trial
    }

    fn using(trial: &Trial, device: u64) -> u64 {
        let flow = json!([{
            "id": 1, "module": "android:Notify", "version": 1, "parameters": { "device": device },
        }]);
        let path = "/scenarios?confirmed=true";
        let blueprint = json!({ "name": "x", "flow": flow, "metadata": {} });
        let body = crate::sandbox::trial::save(&blueprint, &json!({ "type": "on-demand" }));
        trial.post(path, body)["scenario"]["id"].as_u64().unwrap()
    }

    #[test]
    fn devices_are_listed_by_what_they_can_and_who_uses_them() {
        let trial = trial();
        let scenario = using(&trial, 2501);
        let names = |query: &str| {
            let rows = trial.get(&format!("/devices?teamId=1{query}"))["devices"].clone();
            let names = rows.as_array().unwrap().iter();
            names.map(|row| row["name"].clone()).collect::<Value>()
        };
        assert_eq!(names(""), json!(["Phone", "Tablet"]));
        assert_eq!(names("&assigned=true"), json!(["Phone"]));
        assert_eq!(names("&assigned=false"), json!(["Tablet"]));
        let seen = format!("&assigned=false&viewForScenarioId={scenario}");
        assert_eq!(names(&seen), json!(["Phone", "Tablet"]));
        assert_eq!(names("&scope[]=scan&scope[]=button"), json!(["Phone"]));
        let rows = trial.get("/devices?teamId=1&cols[]=scenarioId");
        assert_eq!(
            rows["devices"],
            json!([{ "scenarioId": [scenario] }, { "scenarioId": [] }])
        );
        let one = trial.get("/devices/2501")["device"].clone();
        assert_eq!(
            (&one["scenarioId"], &one["info"]["os"]),
            (&json!([scenario]), &json!("iOS"))
        );
        assert!(trial.refused(Get, "/devices", None).starts_with("400"));
        assert!(trial.refused(Get, "/devices/9", None).starts_with("404"));
    }

    #[test]
    fn a_device_is_renamed_and_goes_when_nothing_is_lost_by_it() {
        let trial = trial();
        let renamed = trial.patch("/devices/2501", json!({ "name": "Mine" }));
        assert_eq!(renamed["device"]["name"], "Mine");
        let patch = |body: Value| trial.refused(Patch, "/devices/2501", Some(body));
        assert!(patch(json!({ "name": " " })).starts_with("400 IM005"));
        assert!(patch(json!({ "gone": true })).starts_with("400 SC400"));

        assert!(
            trial
                .refused(Delete, "/devices/2502", None)
                .starts_with("406 IM405")
        );
        using(&trial, 2501);
        assert!(
            trial
                .refused(Delete, "/devices/2501", None)
                .starts_with("406 IM004")
        );
        for id in [2501, 2502] {
            let gone = trial.delete(&format!("/devices/{id}?confirmed=true"));
            assert_eq!(gone, json!({ "device": id }));
        }
        assert_eq!(trial.get("/devices?teamId=1"), json!({ "devices": [] }));
    }
}
