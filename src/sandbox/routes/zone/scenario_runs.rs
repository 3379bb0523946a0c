//! Switching scenarios on and off, and running them.

use serde_json::{Map, Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::engine::input;
use crate::sandbox::engine::queue;
use crate::sandbox::engine::run::{self, Kind, Start};
use crate::sandbox::quirk::{RunStatus, StartRepeat};
use crate::sandbox::routes::body::{absent, wrong};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal, accepted, reply};
use crate::sandbox::store::Batch;

use super::scope::{existing, is_true, set, text};
use super::{executions, scenario_row, scheduling};

/// `POST /scenarios/{id}/start`. One on regular intervals runs at once; what waits in the queue of
/// an instant one is run now.
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
    run::forgive(&mut row);
    scenario_row::touch(&mut row, call, batch)?;
    batch.put(Collection::Scenarios, id, &row)?;
    match scheduling::kind(row.get("scheduling").unwrap_or(&Value::Null)) {
        "indefinitely" => {
            run::begin(batch, Start::new(id, Kind::Auto, json!({}), call.now))?;
        }
        "immediately" => {
            queue::drain(batch, id, call.now)?;
        }
        _ => {}
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

/// `POST /scenarios/{id}/run`. A `callbackUrl` is checked, and never called.
pub(super) fn run(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    let row = existing(batch, Collection::Scenarios, id, "Scenario")?;
    let mut responsive = false;
    let mut data = Value::Object(Map::new());
    if call.has_body() {
        let body = call.body()?.only(&["data", "responsive", "callbackUrl"])?;
        responsive = body.flag("responsive")?.unwrap_or(false);
        match body.get("data") {
            None | Some(Value::Null) => {}
            Some(given @ Value::Object(_)) => data = given.clone(),
            Some(_) => return Err(wrong("data", "object")),
        }
        if let Some(callback) = body.get("callbackUrl").filter(|url| !url.is_null()) {
            let is_url = callback
                .as_str()
                .is_some_and(|url| url::Url::parse(url).is_ok());
            if !is_url {
                return Err(wrong("callbackUrl", "a URL"));
            }
        }
    }
    if !scenario_row::is_active(&row) {
        return Err(Refusal::conflict("Scenario is not activated"));
    }
    if run::must_wait(batch, id)? {
        return Err(Refusal::conflict("Scenario is already being executed"));
    }
    let input = input::complete(batch, id, data)?.map_err(Refusal::invalid)?;
    let run = run::begin(batch, Start::new(id, Kind::Manual, input, call.now))?;
    let mut answer = json!({ "executionId": run.id });
    // Make waits 40 seconds for a run to end. A run that makes a pause here ends when the clock
    // has passed it, which may be moved: the caller is not kept waiting.
    if responsive && run.is_over() {
        let status = run.row.get("status").cloned().unwrap_or_default();
        let status = match (call.quirks().run_status, status.as_u64()) {
            (RunStatus::Number, _) => status,
            (RunStatus::Word, Some(1)) => json!("success"),
            (RunStatus::Word, Some(2)) => json!("warning"),
            (RunStatus::Word, _) => json!("error"),
        };
        set(&mut answer, "status", status);
        let outputs = run.row.get("outputs").filter(|outputs| !outputs.is_null());
        match run.row.get("error").filter(|error| !error.is_null()) {
            Some(error) => set(&mut answer, "error", error.clone()),
            None => set(
                &mut answer,
                "outputs",
                outputs.cloned().unwrap_or_else(|| json!({})),
            ),
        }
    }
    reply(&answer)
}

/// `POST /scenarios/{id}/replay`: the same input again, through the blueprint as it is now. Make
/// documents the status of the answer; the ids in it are an addition.
pub(super) fn replay(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    existing(batch, Collection::Scenarios, id, "Scenario")?;
    let body = call.body()?.only(&["executionIds"])?;
    let ids = body
        .get("executionIds")
        .ok_or_else(|| absent("executionIds"))?;
    let ids = ids
        .as_array()
        .ok_or_else(|| wrong("executionIds", "array"))?;
    let mut inputs = Vec::new();
    for execution in ids {
        let execution = execution
            .as_str()
            .ok_or_else(|| wrong("executionIds", "array of ids"))?;
        let (_, row) = executions::find(batch, id, execution)?;
        let input = row.get("input").cloned();
        inputs.push(
            input.ok_or_else(|| Refusal::conflict("The data of the execution was not kept."))?,
        );
    }
    let mut started = Vec::new();
    for input in inputs {
        let run = run::begin(batch, Start::new(id, Kind::Manual, input, call.now))?;
        started.push(run.id);
    }
    accepted(&json!({ "executionIds": started }))
}

/// `POST /scenarios/{id}/executions/{executionId}/stop`, with or without `force`.
pub(super) fn stop_execution(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    let row = existing(batch, Collection::Scenarios, id, "Scenario")?;
    if call.has_body() {
        call.body()?.only(&["force"])?.flag("force")?;
    }
    let (key, execution) = executions::find(batch, id, call.segment(1))?;
    if !run::stop(batch, key, call.now)? {
        return Err(Refusal::conflict("Execution is not running"));
    }
    if queue::is_immediate(&row) {
        queue::drain(batch, id, call.now)?;
    }
    reply(&json!({ "executionId": text(&execution, "id") }))
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
