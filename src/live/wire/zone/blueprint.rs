//! The blueprint of a scenario, and how to tell whether it is still the one that was read.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::{
    live::{
        transport::Request,
        wire::{Node, Wrong},
    },
    model::{Blueprint, RemoteId, Revision, digest_of_members, spec::Interface},
};

/// Columns of a row that runs change, without any edit.
const OF_RUNS: [&str; 1] = ["dlqCount"];

/// What one request tells of a scenario.
#[derive(Debug)]
pub(in crate::live) struct Content {
    /// The document, as it came.
    pub(in crate::live) blueprint: Blueprint,
    /// What stands beside it.
    pub(in crate::live) interface: Interface,
    /// When the scenario was last edited (`last_edit`), where the answer tells.
    pub(in crate::live) edited_at: Option<Timestamp>,
}

/// A scenario's blueprint.
pub(in crate::live) fn get(id: &RemoteId) -> Request {
    Request::get(&["scenarios", &id.to_string(), "blueprint"])
}

/// A blueprint's answer: an envelope that is like no other's, which holds the interface beside the
/// blueprint.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    response: Option<Response<'a>>,
}

#[derive(Deserialize)]
struct Response<'a> {
    /// Not parsed: what an account is made of is mostly this.
    #[serde(borrow)]
    blueprint: Option<&'a RawValue>,
    last_edit: Option<Value>,
    metadata: Option<Value>,
}

/// Reads a blueprint's answer.
pub(in crate::live) fn read(answer: &[u8]) -> Result<Content, Wrong> {
    let answer: Answer<'_> = serde_json::from_slice(answer).map_err(|error| Wrong::form(&error))?;
    let response = answer.response.ok_or_else(|| Wrong::missing("response"))?;
    let written = response.blueprint;
    let written = written.ok_or_else(|| Wrong::missing("response.blueprint"))?;
    let blueprint = Blueprint::written(written);
    let blueprint = blueprint.ok_or_else(|| Wrong::too_deep("response.blueprint"))?;
    let mut beside = response.metadata;
    let mut side = |key: &str| match beside.as_mut().and_then(|beside| beside.get_mut(key)) {
        Some(Value::Array(fields)) => std::mem::take(fields),
        Some(_) | None => Vec::new(),
    };
    let edited_at = response.last_edit.as_ref().and_then(Value::as_str);
    Ok(Content {
        interface: Interface {
            input: side("input_spec"),
            output: side("output_spec"),
        },
        edited_at: edited_at.and_then(|time| time.parse().ok()),
        blueprint,
    })
}

/// The state that a row shows, if it has both the time of the last edit and the version. Columns
/// that nobody asked for don't count: they may come and go.
pub(super) fn revision(row: &Node<'_>, columns: &[&str]) -> Option<Revision> {
    let version = Node::loose_int(row.value().get("scenarioVersion")?)?;
    let told = columns
        .iter()
        .filter(|column| !OF_RUNS.contains(column))
        .filter_map(|column| Some((*column, row.value().get(*column)?)));
    Some(Revision {
        edited_at: row.find_time("lastEdit")?,
        version,
        row: digest_of_members(told.collect()),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{read, revision};
    use crate::{live::wire::Node, model::Revision};

    fn of(row: &Value) -> Option<Revision> {
        let columns = ["id", "name", "lastEdit", "scenarioVersion", "dlqCount"];
        revision(&Node::at(row, ""), &columns)
    }

    #[test]
    fn a_revision_needs_time_and_version_and_is_another_when_anything_but_runs_shows() {
        let row = json!({"id": 9, "name": "Sync", "lastEdit": "2026-01-02T03:04:05.678Z",
            "scenarioVersion": 7, "dlqCount": 1});
        let with = |key: &str, value: Value| {
            let mut row = row.clone();
            row[key] = value;
            of(&row)
        };
        let known = of(&row);
        assert!(known.is_some());
        assert_eq!(with("dlqCount", json!(2)), known);
        assert_eq!(with("notAsked", json!(2)), known);
        for (key, other) in [
            ("id", json!(10)),
            ("name", json!("Other")),
            ("lastEdit", json!("2026-01-02T03:04:05.679Z")),
            ("scenarioVersion", json!(8)),
        ] {
            let other = with(key, other);
            assert!(other.is_some() && other != known, "{key}");
        }
        for (key, none) in [
            ("lastEdit", Value::Null),
            ("lastEdit", json!("yesterday")),
            ("scenarioVersion", Value::Null),
        ] {
            assert_eq!(with(key, none), None, "{key}");
        }
    }

    #[test]
    fn an_answer_tells_blueprint_interface_and_time() {
        let answer = json!({"code": "OK", "response": {
            "blueprint": {"name": "Sync", "flow": [], "metadata": {}},
            "last_edit": "2026-01-02T03:04:05.678Z",
            "metadata": {"input_spec": [{"name": "a"}], "output_spec": null}}});
        let content = read(answer.to_string().as_bytes()).unwrap();
        assert_eq!(content.interface.input, [json!({"name": "a"})]);
        assert!(content.interface.output.is_empty() && content.edited_at.is_some());
        let document = content.blueprint.document().unwrap();
        assert_eq!(document, answer["response"]["blueprint"]);
    }

    #[test]
    fn an_answer_without_a_blueprint_says_so() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let deep = format!(r#"{{"response":{{"blueprint":{deep}}}}}"#);
        for (answer, wrong) in [
            ("{}", "`response` is missing"),
            (r#"{"response":null}"#, "`response` is missing"),
            (r#"{"response":{}}"#, "`response.blueprint` is missing"),
            (
                r#"{"response":{"blueprint":null}}"#,
                "`response.blueprint` is missing",
            ),
            (r#"{"response":"x"}"#, "it has another form at column 15"),
            (&deep, "`response.blueprint` is nested too deeply"),
        ] {
            assert_eq!(read(answer.as_bytes()).unwrap_err().to_string(), wrong);
        }
    }
}
