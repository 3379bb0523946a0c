//! Executions of the unified dialect, which are known by their own ids.

use serde_json::{Map, Value};

use crate::{
    live::{
        transport::Request,
        wire::{Node, Wrong},
    },
    model::{
        Execution, ExecutionFilter, ExecutionStatus, Failure, Outcome, RemoteId, ScenarioHealth,
    },
};

use super::id_of;

/// The key of the answer to a run.
pub(in crate::live) const STARTED: &str = "id";

/// The request that runs a scenario; its body is the input.
pub(in crate::live) fn run(scenario: &RemoteId, input: Option<&Map<String, Value>>) -> Request {
    let request = Request::post(&["scenarios", &scenario.to_string(), "execute"]);
    match input {
        Some(input) => request.json(&Value::Object(input.clone())),
        None => request,
    }
}

/// A page of a scenario's executions, the newest first.
pub(in crate::live) fn list(
    scenario: &RemoteId,
    filter: &ExecutionFilter,
    rows: usize,
    offset: usize,
) -> Request {
    let mut request = Request::get(&["scenarios", &scenario.to_string(), "executions"]);
    for (key, moment) in [("from", filter.from), ("to", filter.to)] {
        if let Some(moment) = moment {
            request = request.query(key, moment);
        }
    }
    if let [status] = filter.status.as_slice() {
        request = request.query("status", status.word());
    }
    request.query("limit", rows).query("offset", offset)
}

/// One execution.
pub(in crate::live) fn get(execution: &str) -> Request {
    Request::get(&["executions", execution])
}

/// The request that stops an execution.
pub(in crate::live) fn stop(execution: &str) -> Request {
    Request::delete(&["executions", execution])
}

/// Reads a row.
pub(in crate::live) fn read(row: &Node<'_>) -> Result<Execution, Wrong> {
    execution(row, row.get("id")?.text()?)
}

/// Reads the answer about one, which need not have its id.
pub(in crate::live) fn read_one(id: &str, answer: &Value) -> Result<(Execution, Outcome), Wrong> {
    let node = Node::at(answer, "");
    let execution = execution(&node, id.to_owned())?;
    let outcome = Outcome {
        status: execution.status.clone(),
        outputs: node.find("outputs").map(|outputs| outputs.value().clone()),
        // Nobody documents an error here: what there may be is shown.
        failure: node.find("error").map(|error| Failure {
            name: error.find_text("name").ok().flatten(),
            message: match error.value().as_str() {
                Some(text) => Some(text.to_owned()),
                None => error.find_text("message").ok().flatten(),
            },
            module: None,
        }),
    };
    Ok((execution, outcome))
}

/// Reads the row of a scenario, which says no more than this of how it fares.
pub(in crate::live) fn health(row: &Node<'_>) -> Result<ScenarioHealth, Wrong> {
    Ok(ScenarioHealth {
        id: id_of(row)?,
        name: row.get("name")?.text()?,
        active: row.find_flag("active")?,
        invalid: None,
        paused: None,
        incomplete: None,
        edited_at: None,
        next_run: None,
        last_run: None,
    })
}

fn execution(node: &Node<'_>, id: String) -> Result<Execution, Wrong> {
    Ok(Execution {
        id,
        status: ExecutionStatus::of_word(&node.get("status")?.text()?),
        began: node.find_time("startedAt"),
        duration: node.find_int("duration")?,
        operations: node.find_int("modulesExecuted")?,
        centicredits: None,
        transfer: None,
        trigger: None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{list, read_one, run};
    use crate::model::{ExecutionFilter, ExecutionStatus, RemoteId};

    #[test]
    fn an_execution_need_not_tell_its_id() {
        let answer = json!({ "status": "success", "duration": 400, "modulesExecuted": 2 });
        let (execution, outcome) = read_one("ab", &answer).unwrap();
        assert_eq!(execution.id, "ab");
        assert_eq!(outcome.status, ExecutionStatus::Success);
    }

    #[test]
    fn requests_say_what_is_asked_for() {
        let id = RemoteId::Int(7);
        assert!(run(&id, None).body.is_none());
        let filter = ExecutionFilter {
            to: "2026-01-01T00:00:00Z".parse().ok(),
            status: vec![ExecutionStatus::Running],
            ..ExecutionFilter::newest(1)
        };
        assert_eq!(
            format!("{:?}", list(&id, &filter, 5, 10)),
            "GET /scenarios/7/executions?to=2026-01-01T00:00:00Z&status=running&limit=5&offset=10"
        );
    }
}
