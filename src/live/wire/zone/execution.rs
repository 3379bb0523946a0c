//! Executions of the zone dialect: they are run, logged, looked at and stopped scenario by
//! scenario.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::{
    live::{
        page::{List, Paging},
        transport::Request,
        wire::{Node, Wrong},
    },
    model::{
        Execution, ExecutionFilter, ExecutionStatus, Failure, Outcome, RemoteId, ScenarioHealth,
    },
};

/// All that is read of a scenario to see how it fares.
const COLUMNS: [&str; 9] = [
    "id",
    "name",
    "islinked",
    "isActive",
    "isinvalid",
    "isPaused",
    "lastEdit",
    "dlqCount",
    "nextExec",
];

/// The key of the rows of a log.
pub(in crate::live) const LOGS: &str = "scenarioLogs";

/// The key of the answer to a run.
pub(in crate::live) const STARTED: &str = "executionId";

/// The request that runs a scenario. It does not wait for the end.
pub(in crate::live) fn run(scenario: &RemoteId, input: Option<&Map<String, Value>>) -> Request {
    let mut body = json!({ "responsive": false });
    if let (Some(body), Some(input)) = (body.as_object_mut(), input) {
        body.insert("data".to_owned(), Value::Object(input.clone()));
    }
    Request::post(&["scenarios", &scenario.to_string(), "run"]).json(&body)
}

/// A page of a scenario's log, the newest first. `after` is the sort key of the last row seen.
/// `status` is asked for where it is one that Make can filter by; the rest is for the reader.
pub(in crate::live) fn logs(
    scenario: &RemoteId,
    filter: &ExecutionFilter,
    rows: usize,
    after: Option<&str>,
) -> Request {
    let mut request = Request::get(&["scenarios", &scenario.to_string(), "logs"]);
    for (key, moment) in [("from", filter.from), ("to", filter.to)] {
        if let Some(moment) = moment {
            request = request.query(key, moment.as_millisecond());
        }
    }
    if let Some(number) = one_status(filter) {
        request = request.query("status", number);
    }
    let request = request
        .query("pg[limit]", rows)
        .query("pg[sortBy]", "imtId")
        .query("pg[sortDir]", "desc");
    match after {
        Some(last) => request.query("pg[last]", last),
        None => request,
    }
}

/// The number of the one status that is asked for. Several are not documented, nor is that of
/// running executions.
pub(in crate::live) fn one_status(filter: &ExecutionFilter) -> Option<u8> {
    match filter.status.as_slice() {
        [ExecutionStatus::Success] => Some(1),
        [ExecutionStatus::Warning] => Some(2),
        [ExecutionStatus::Error] => Some(3),
        _ => None,
    }
}

/// One row of a scenario's log.
pub(in crate::live) fn log(scenario: &RemoteId, execution: &str) -> Request {
    Request::get(&["scenarios", &scenario.to_string(), "logs", execution])
}

/// How one execution ended.
pub(in crate::live) fn outcome(scenario: &RemoteId, execution: &str) -> Request {
    Request::get(&["scenarios", &scenario.to_string(), "executions", execution])
}

/// The request that stops an execution.
pub(in crate::live) fn stop(scenario: &RemoteId, execution: &str, force: bool) -> Request {
    let scenario = scenario.to_string();
    Request::post(&["scenarios", &scenario, "executions", execution, "stop"])
        .json(&json!({ "force": force }))
}

/// The rows of a team's scenarios, for [`health`].
pub(in crate::live) fn scenarios(team: u64) -> List {
    List {
        request: Request::get(&["scenarios"])
            .query("teamId", team)
            .columns(&COLUMNS),
        key: "scenarios",
        paging: Paging::Sorted {
            limit: 10_000,
            by: "id",
        },
    }
}

/// Reads a row of the log; none where it tells of an edit, or of something else that is no run.
pub(in crate::live) fn read(row: &Node<'_>) -> Result<Option<Execution>, Wrong> {
    let trigger = row.find_text("type")?;
    if trigger.as_deref() == Some("modify") {
        return Ok(None);
    }
    Ok(Some(Execution {
        id: row.get("id")?.text()?,
        status: status(&row.get("status")?)?,
        began: row.find_time("timestamp"),
        duration: row.find_int("duration")?,
        operations: row.find_int("operations")?,
        centicredits: row.find_int("centicredits")?,
        transfer: row.find_int("transfer")?,
        trigger,
    }))
}

/// The answer about one row.
pub(in crate::live) fn read_log(answer: &Value) -> Result<Option<Execution>, Wrong> {
    read(&Node::at(answer, "").get("scenarioLog")?)
}

/// Reads how an execution ended. The same status is written as a number and as a word.
pub(in crate::live) fn read_outcome(answer: &Value) -> Result<Outcome, Wrong> {
    let node = Node::at(answer, "");
    let failure = node.find("error").map(|error| -> Result<Failure, Wrong> {
        let module = error.find("causeModule");
        let module = module.map_or(Ok(None), |module| module.find_text("name"))?;
        Ok(Failure {
            name: error.find_text("name")?,
            message: error.find_text("message")?,
            module,
        })
    });
    Ok(Outcome {
        status: status(&node.get("status")?)?,
        outputs: node.find("outputs").map(|outputs| outputs.value().clone()),
        failure: failure.transpose()?,
    })
}

/// Reads the row of a scenario.
pub(in crate::live) fn health(row: &Node<'_>) -> Result<ScenarioHealth, Wrong> {
    let active = row.find_flag("isActive")?;
    let next_run: Option<Timestamp> = row.find_time("nextExec");
    Ok(ScenarioHealth {
        id: RemoteId::Int(row.get("id")?.int()?),
        name: row.get("name")?.text()?,
        active: active.map_or_else(|| row.find_flag("islinked"), |flag| Ok(Some(flag)))?,
        invalid: row.find_flag("isinvalid")?,
        paused: row.find_flag("isPaused")?,
        incomplete: row.find_int("dlqCount")?,
        edited_at: row.find_time("lastEdit"),
        next_run,
        last_run: None,
    })
}

fn status(node: &Node<'_>) -> Result<ExecutionStatus, Wrong> {
    let text = node.text()?;
    Ok(match text.as_str() {
        "0" => ExecutionStatus::Running,
        "1" => ExecutionStatus::Success,
        "2" => ExecutionStatus::Warning,
        "3" => ExecutionStatus::Error,
        word => ExecutionStatus::of_word(word),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{logs, read, read_outcome, run};
    use crate::{
        live::wire::Node,
        model::{ExecutionFilter, ExecutionStatus, RemoteId},
    };

    #[test]
    fn a_row_of_the_log_is_an_execution_unless_it_tells_of_an_edit() {
        let row = json!({
            "imtId": "1632371744497_scenario.1229.auto.da51", "id": "da51", "duration": 19979,
            "operations": "10", "centicredits": 1000, "transfer": 3942, "type": "auto",
            "timestamp": "2021-09-23T04:35:44.497Z", "status": 2,
        });
        let execution = read(&Node::at(&row, "")).unwrap().unwrap();
        assert_eq!(execution.status, ExecutionStatus::Warning);
        assert_eq!(execution.operations, Some(10));
        let edit = json!({ "imtId": "1_x", "type": "modify", "detail": {} });
        assert_eq!(read(&Node::at(&edit, "")).unwrap(), None);
    }

    #[test]
    fn a_status_is_read_in_either_spelling() {
        for (written, status) in [
            (json!("RUNNING"), ExecutionStatus::Running),
            (json!(1), ExecutionStatus::Success),
            (json!("error"), ExecutionStatus::Error),
            (json!("7"), ExecutionStatus::Other("7".to_owned())),
        ] {
            let outcome = read_outcome(&json!({ "status": written })).unwrap();
            assert_eq!(outcome.status, status);
        }
        let error = json!({ "name": "DataError", "message": "m", "causeModule": { "name": "x" } });
        let outcome = read_outcome(&json!({ "status": "ERROR", "error": error })).unwrap();
        assert_eq!(outcome.failure.unwrap().module.as_deref(), Some("x"));
    }

    #[test]
    fn requests_say_what_is_asked_for() {
        let id = RemoteId::Int(7);
        let body = |request: crate::live::transport::Request| {
            String::from_utf8(request.body.unwrap().to_vec()).unwrap()
        };
        assert_eq!(body(run(&id, None)), r#"{"responsive":false}"#);
        let input = json!({ "a": 1.0 });
        let with_input = body(run(&id, input.as_object()));
        assert_eq!(with_input, r#"{"responsive":false,"data":{"a":1.0}}"#);
        let filter = ExecutionFilter {
            from: "2026-01-01T00:00:00Z".parse().ok(),
            status: vec![ExecutionStatus::Error],
            ..ExecutionFilter::newest(1)
        };
        let request = logs(&id, &filter, 1, Some("9_x"));
        assert_eq!(
            format!("{request:?}"),
            "GET /scenarios/7/logs?from=1767225600000&status=3&pg[limit]=1&pg[sortBy]=imtId\
             &pg[sortDir]=desc&pg[last]=9_x"
        );
    }
}
