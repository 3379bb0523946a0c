//! Incomplete executions, which the API calls `dlqs`.

use serde_json::{Value, json};

use crate::{
    live::{
        page::{List, Paging},
        transport::Request,
        wire::{Node, Wrong},
    },
    model::{IncompleteExecution, RemoteId},
};

/// Those of a scenario.
pub(in crate::live) fn list(scenario: &RemoteId) -> List {
    List {
        request: Request::get(&["dlqs"]).query("scenarioId", scenario),
        key: "dlqs",
        paging: Paging::Whole,
    }
}

/// One of them.
pub(in crate::live) fn get(id: &str) -> Request {
    Request::get(&["dlqs", id])
}

/// The request that takes some of a scenario up again, each where it failed.
pub(in crate::live) fn retry(scenario: &RemoteId, ids: &[String]) -> Request {
    Request::post(&["dlqs", "retry"])
        .query("scenarioId", scenario)
        .json(&json!({ "ids": ids }))
}

/// The request that deletes some of a scenario.
pub(in crate::live) fn delete(scenario: &RemoteId, ids: &[String]) -> Request {
    Request::delete(&["dlqs"])
        .query("scenarioId", scenario)
        .query("confirmed", true)
        .json(&json!({ "ids": ids }))
}

/// Reads a row, or what is told of one alone.
pub(in crate::live) fn read(row: &Node<'_>) -> Result<IncompleteExecution, Wrong> {
    Ok(IncompleteExecution {
        id: row.get("id")?.text()?,
        execution: row.find_text("executionId")?,
        scenario: row.find_int("scenarioId")?.map(RemoteId::Int),
        reason: row.find_text("reason")?,
        created: row.find_time("created"),
        size: row.find_int("size")?,
        resolved: row.find_flag("resolved")?.unwrap_or(false),
        attempts: row.find_int("attempts")?,
    })
}

/// The answer about one alone.
pub(in crate::live) fn read_one(answer: &Value) -> Result<IncompleteExecution, Wrong> {
    read(&Node::at(answer, "").get("dlq")?)
}

/// What Make says where it could do only a part: an `error` beside what was done. What is in it
/// is not documented.
pub(in crate::live) fn shortfall(answer: &Value) -> Option<String> {
    let error = answer.get("error").filter(|error| !error.is_null())?;
    let message = error.get("message").unwrap_or(error).as_str();
    Some(message.unwrap_or("it could do only a part").to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{read_one, shortfall};

    #[test]
    fn a_part_that_was_not_done_is_told() {
        assert_eq!(shortfall(&json!({ "dlqs": ["a"] })), None);
        let part = json!({ "dlqs": ["a"], "error": { "message": "no b", "ids": ["b"] } });
        assert_eq!(shortfall(&part).as_deref(), Some("no b"));
        let odd = json!({ "error": { "what": 1 } });
        assert_eq!(shortfall(&odd).as_deref(), Some("it could do only a part"));
    }

    #[test]
    fn one_alone_names_its_scenario() {
        let answer = json!({ "dlq": {
            "id": "ab", "scenarioId": 7, "executionId": "cd", "resolved": true, "attempts": 1,
        } });
        let item = read_one(&answer).unwrap();
        assert_eq!(item.scenario.unwrap().as_int(), Some(7));
        assert!(item.resolved);
    }
}
