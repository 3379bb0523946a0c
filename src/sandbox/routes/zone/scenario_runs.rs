//! Switching scenarios on and off, and the rows that their runs leave. Nothing is ever run.

use serde_json::{Value, json};

use crate::sandbox::beginning::{ORGANIZATION, OWNER};
use crate::sandbox::collection::Collection;
use crate::sandbox::quirk::{RunStatus, StartRepeat};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, View};

use super::scope::{existing, is_true, number};
use super::{scenario_row, scheduling};

const LOGS: List = List {
    collection: Collection::Executions,
    name: "scenarioLogs",
    usual: &[
        "imtId",
        "id",
        "duration",
        "operations",
        "centicredits",
        "transfer",
        "organizationId",
        "teamId",
        "type",
        "authorId",
        "instant",
        "timestamp",
        "status",
    ],
    further: &[],
    sorts: &["imtId"],
    order: Order::Descending,
    page: Some(50),
};

/// `POST /scenarios/{id}/start`. One on regular intervals runs at once.
pub(super) fn start(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    let mut row = existing(batch, Collection::Scenarios, id, "Scenario")?;
    if scenario_row::is_active(&row) {
        return repeated(call, id, true, "Scenario is already running");
    }
    if is_true(&row, "isinvalid") {
        return Err(Refusal::not_startable(
            "Scenario contains errors",
            call.quirks(),
        ));
    }
    let saved = existing(batch, Collection::Blueprints, id, "Blueprint")?;
    let blueprint = saved.get("blueprint").unwrap_or(&Value::Null);
    scenario_row::check_interval(&row, blueprint, call)?;
    scenario_row::activate(&mut row, call, batch)?;
    scenario_row::touch(&mut row, call, batch)?;
    batch.put(Collection::Scenarios, id, &row)?;
    if scheduling::kind(row.get("scheduling").unwrap_or(&Value::Null)) == "indefinitely" {
        execute(&row, "auto", call, batch)?;
    }
    answer_state(id, true)
}

/// `POST /scenarios/{id}/stop`
pub(super) fn stop(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    let mut row = existing(batch, Collection::Scenarios, id, "Scenario")?;
    if !scenario_row::is_active(&row) {
        return repeated(call, id, false, "Scenario is not running");
    }
    scenario_row::deactivate(&mut row);
    scenario_row::touch(&mut row, call, batch)?;
    batch.put(Collection::Scenarios, id, &row)?;
    answer_state(id, false)
}

/// `POST /scenarios/{id}/run`
pub(super) fn run(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let row = existing(batch, Collection::Scenarios, call.id(0)?, "Scenario")?;
    let mut responsive = false;
    if call.has_body() {
        let body = call.body()?.only(&["data", "responsive", "callbackUrl"])?;
        responsive = body.flag("responsive")?.unwrap_or(false);
    }
    if !scenario_row::is_active(&row) {
        return Err(Refusal::conflict("Scenario is not activated"));
    }
    let execution = execute(&row, "manual", call, batch)?;
    match responsive {
        true => reply(&json!({
            "executionId": execution, "outputs": {},
            "status": match call.quirks().run_status {
                RunStatus::Number => json!(1),
                RunStatus::Word => json!("success"),
            },
        })),
        false => reply(&json!({ "executionId": execution })),
    }
}

/// `GET /scenarios/{id}/logs`
pub(super) fn logs(call: &Call<'_>, view: &View<'_>) -> Answer {
    let id = call.id(0)?;
    existing(view, Collection::Scenarios, id, "Scenario")?;
    LOGS.answer(
        call,
        view,
        |row| number(row, "scenarioId") == Some(id),
        |row| row,
    )
}

/// The answer to switching on what is on, or off what is off.
fn repeated(call: &Call<'_>, id: u64, is_active: bool, message: &str) -> Answer {
    match call.quirks().start_repeat {
        StartRepeat::Refused422 => Err(Refusal::conflict(message)),
        StartRepeat::Refused400 => Err(Refusal::unwelcome(message)),
        StartRepeat::Idempotent => answer_state(id, is_active),
    }
}

fn answer_state(id: u64, is_active: bool) -> Answer {
    reply(&json!({ "scenario": { "id": id, "isActive": is_active, "islinked": is_active } }))
}

/// Leaves the row of a run that went well, and returns its id.
fn execute(
    row: &Value,
    kind: &str,
    call: &Call<'_>,
    batch: &mut Batch<'_>,
) -> Result<String, Refusal> {
    let scenario = number(row, "id").unwrap_or_default();
    let sequence = batch.next_id(Collection::Executions)?;
    // The number, scattered: ids differ within a world, and are the same in every fresh one.
    let id = format!("{:032x}", fastrand::Rng::with_seed(sequence).u128(..));
    let operations = row
        .get("usedPackages")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    let milliseconds = call.now.as_millisecond();
    let execution = json!({
        "imtId": format!("{milliseconds}_scenario.{scenario}.{kind}.{id}"), "id": id,
        "scenarioId": scenario, "duration": 1000, "operations": operations,
        "centicredits": operations * 100, "transfer": 0, "organizationId": ORGANIZATION,
        "teamId": row.get("teamId"), "type": kind,
        "authorId": if kind == "manual" { json!(OWNER) } else { Value::Null },
        "instant": false, "timestamp": call.stamp(), "status": 1,
    });
    batch.put(
        Collection::Executions,
        Collection::pair(scenario, sequence),
        &execution,
    )?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::Post;
    use crate::sandbox::trial::Trial;

    #[test]
    fn a_scenario_on_intervals_runs_when_it_is_started() {
        let trial = Trial::new();
        let path = format!("/scenarios/{}", trial.scenario("x", json!([])));
        let start = format!("{path}/start");
        let stop = format!("{path}/stop");
        assert_eq!(
            trial.refused(Post, &stop, None),
            "422 IM016 Scenario is not running"
        );
        let run = format!("{path}/run");
        assert_eq!(
            trial.refused(Post, &run, None),
            "422 IM016 Scenario is not activated"
        );
        trial.patch(
            &path,
            json!({ "scheduling": r#"{"type":"indefinitely","interval":900}"# }),
        );
        let started = trial.post(&start, json!({}));
        assert_eq!(started["scenario"]["isActive"], true);
        assert_eq!(
            trial.refused(Post, &start, None),
            "422 IM016 Scenario is already running"
        );
        assert!(trial.get(&path)["scenario"]["nextExec"].is_string());
        let logs = trial.get(&format!("{path}/logs"));
        assert_eq!(logs["scenarioLogs"].as_array().unwrap().len(), 1);
        assert_eq!(logs["scenarioLogs"][0]["type"], "auto");

        let execution = trial.post(&run, json!({ "data": { "email": "a@b.example" } }));
        assert_eq!(execution["executionId"].as_str().unwrap().len(), 32);
        trial.post(&stop, json!({}));
        assert_eq!(trial.get(&path)["scenario"]["nextExec"], Value::Null);
        let logs = trial.get(&format!("{path}/logs"));
        assert_eq!(logs["scenarioLogs"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn an_instant_trigger_cannot_be_polled_and_errors_cannot_be_started() {
        let trial = Trial::new();
        let hook = trial.hook("leads");
        let flow = json!([{
            "id": 1, "module": "gateway:CustomWebHook", "version": 1,
            "parameters": { "hook": hook },
        }]);
        let path = format!("/scenarios/{}", trial.scenario("x", flow));
        let interval = json!({ "scheduling": r#"{"type":"indefinitely","interval":900}"# });
        trial.patch(&path, interval);
        let start = format!("{path}/start");
        assert_eq!(
            trial.refused(Post, &start, None),
            "422 IM016 Invalid interval."
        );
        trial.patch(&path, json!({ "scheduling": r#"{"type":"immediately"}"# }));
        trial.post(&start, json!({}));

        let broken = json!({ "name": "x", "metadata": {}, "flow": [
            { "id": 1, "module": "http:ActionSendData", "onerror": [
                { "id": 2, "module": "builtin:Break" },
            ] },
        ] });
        let row = trial.patch(&path, json!({ "blueprint": broken.to_string() }));
        assert_eq!(row["scenario"]["isinvalid"], true);
        assert_eq!(row["scenario"]["isActive"], false);
        assert_eq!(
            trial.refused(Post, &start, None),
            "422 IM016 Scenario contains errors"
        );
    }
}
