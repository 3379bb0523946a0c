//! Executions and incomplete executions, as text and as JSON.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::model::{Execution, ExecutionStatus, IncompleteExecution, Outcome};

use super::{Role, Style, Table, words};

/// Executions of a scenario as a table.
#[must_use]
pub fn executions_text(executions: &[Execution], style: &Style) -> String {
    let mut table = Table::new([
        "EXECUTION",
        "STATUS",
        "BEGAN",
        "DURATION",
        "OPERATIONS",
        "TRIGGER",
    ]);
    for execution in executions {
        table.row([
            execution.id.clone(),
            execution.status.word().to_owned(),
            moment(execution.began),
            execution.duration.map_or_else(none, seconds),
            execution
                .operations
                .map_or_else(none, |count| count.to_string()),
            execution.trigger.clone().unwrap_or_else(none),
        ]);
    }
    table.text(style)
}

/// Executions of a scenario as one line of JSON.
#[must_use]
pub fn executions_json(scenario: &str, executions: &[Execution]) -> String {
    let rows: Vec<Value> = executions.iter().map(execution_value).collect();
    one_line(&json!({ "scenario": scenario, "executions": rows }))
}

/// One execution with what it put out.
#[must_use]
pub fn execution_text(
    scenario: &str,
    execution: &Execution,
    outcome: &Outcome,
    style: &Style,
) -> String {
    let mut lines = vec![
        ("scenario", scenario.to_owned()),
        ("execution", execution.id.clone()),
        ("status", outcome.status.word().to_owned()),
        ("began", moment(execution.began)),
        ("duration", execution.duration.map_or_else(none, seconds)),
        ("operations", number(execution.operations)),
    ];
    if let Some(credits) = execution.centicredits {
        lines.push(("credits", in_credits(credits)));
    }
    if let Some(bytes) = execution.transfer {
        lines.push(("transfer", format!("{bytes} bytes")));
    }
    if let Some(trigger) = &execution.trigger {
        lines.push(("trigger", trigger.clone()));
    }
    if let Some(failure) = &outcome.failure {
        let parts = [&failure.name, &failure.message];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        lines.push(("error", parts.join(": ")));
        lines.extend(failure.module.clone().map(|module| ("module", module)));
    }
    let mut out = listed(&lines, style);
    if let Some(outputs) = &outcome.outputs {
        let text = serde_json::to_string_pretty(outputs).unwrap_or_default();
        out.push_str(&style.paint(Role::Heading, "outputs:"));
        out.push('\n');
        out.push_str(&words::safe_json(&text));
        out.push('\n');
    }
    out
}

/// The same as one line of JSON.
#[must_use]
pub fn execution_json(scenario: &str, execution: &Execution, outcome: &Outcome) -> String {
    let mut value = execution_value(execution);
    let error = outcome.failure.as_ref().map(|failure| {
        json!({ "name": failure.name, "message": failure.message, "module": failure.module })
    });
    if let Some(fields) = value.as_object_mut() {
        fields.insert("scenario".to_owned(), json!(scenario));
        fields.insert("status".to_owned(), json!(outcome.status.word()));
        fields.insert("error".to_owned(), json!(error));
        fields.insert("outputs".to_owned(), json!(outcome.outputs));
    }
    one_line(&value)
}

/// A run that was started, as one line of JSON. The status is null where nobody waited.
#[must_use]
pub fn run_json(scenario: &str, execution: &str, status: Option<&ExecutionStatus>) -> String {
    let status = status.map(ExecutionStatus::word);
    one_line(&json!({ "scenario": scenario, "execution": execution, "status": status }))
}

/// Incomplete executions, each with its scenario, as a table.
#[must_use]
pub fn incomplete_list_text(items: &[(String, IncompleteExecution)], style: &Style) -> String {
    let mut table = Table::new([
        "SCENARIO",
        "INCOMPLETE EXECUTION",
        "CREATED",
        "ATTEMPTS",
        "STATE",
        "REASON",
    ]);
    for (scenario, item) in items {
        table.row([
            scenario.clone(),
            item.id.clone(),
            moment(item.created),
            number(item.attempts),
            state(item).to_owned(),
            item.reason.clone().unwrap_or_else(none),
        ]);
    }
    table.text(style)
}

/// Incomplete executions as one line of JSON.
#[must_use]
pub fn incomplete_list_json(items: &[(String, IncompleteExecution)]) -> String {
    let rows: Vec<Value> = items
        .iter()
        .map(|(scenario, item)| incomplete_value(scenario, item))
        .collect();
    one_line(&json!({ "incomplete": rows }))
}

/// One incomplete execution.
#[must_use]
pub fn incomplete_text(scenario: &str, item: &IncompleteExecution, style: &Style) -> String {
    let lines = [
        ("scenario", scenario.to_owned()),
        ("id", item.id.clone()),
        ("execution", item.execution.clone().unwrap_or_else(none)),
        ("created", moment(item.created)),
        ("attempts", number(item.attempts)),
        ("state", state(item).to_owned()),
        ("size", format!("{} bytes", number(item.size))),
        ("reason", item.reason.clone().unwrap_or_else(none)),
    ];
    listed(&lines, style)
}

/// One incomplete execution as one line of JSON.
#[must_use]
pub fn incomplete_json(scenario: &str, item: &IncompleteExecution) -> String {
    one_line(&incomplete_value(scenario, item))
}

/// A moment, to the second.
pub(super) fn moment(moment: Option<Timestamp>) -> String {
    moment.map_or_else(none, |moment| format!("{moment:.0}"))
}

/// A number that may not be told.
pub(super) fn number(number: Option<u64>) -> String {
    number.map_or_else(none, |number| number.to_string())
}

/// Hundredths of credits, as credits.
pub(super) fn in_credits(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// What stands where nothing is told.
pub(super) fn none() -> String {
    "-".to_owned()
}

/// A document as a line.
pub(super) fn one_line(document: &Value) -> String {
    words::safe_json(&document.to_string()) + "\n"
}

/// An execution as JSON.
pub(super) fn execution_value(execution: &Execution) -> Value {
    json!({
        "execution": execution.id,
        "status": execution.status.word(),
        "began": execution.began,
        "duration": execution.duration,
        "operations": execution.operations,
        "centicredits": execution.centicredits,
        "transfer": execution.transfer,
        "trigger": execution.trigger,
    })
}

fn incomplete_value(scenario: &str, item: &IncompleteExecution) -> Value {
    json!({
        "scenario": scenario,
        "id": item.id,
        "execution": item.execution,
        "reason": item.reason,
        "created": item.created,
        "size": item.size,
        "resolved": item.resolved,
        "attempts": item.attempts,
    })
}

fn state(item: &IncompleteExecution) -> &'static str {
    match item.resolved {
        true => "resolved",
        false => "open",
    }
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100)
}

/// Names and values, one a line.
fn listed(lines: &[(&str, String)], style: &Style) -> String {
    let mut out = String::new();
    for (name, value) in lines {
        let name = format!("{:<11}", format!("{name}:"));
        out.push_str(&style.paint(Role::Heading, &name));
        out.push(' ');
        out.push_str(&words::printable(value));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{execution_json, execution_text, executions_text, incomplete_list_text};
    use crate::{
        model::{Execution, ExecutionStatus, Failure, IncompleteExecution, Outcome},
        render::Style,
    };

    fn execution() -> Execution {
        Execution {
            id: "da51".to_owned(),
            status: ExecutionStatus::Error,
            began: "2026-11-01T09:00:00.447Z".parse().ok(),
            duration: Some(19_979),
            operations: Some(10),
            centicredits: Some(1_005),
            transfer: Some(3_942),
            trigger: None,
        }
    }

    #[test]
    fn executions_are_listed() {
        insta::assert_snapshot!(executions_text(&[execution()], &Style::plain()), @r"
        EXECUTION  STATUS  BEGAN                 DURATION  OPERATIONS  TRIGGER
        da51       error   2026-11-01T09:00:00Z  19.9 s    10          -
        ");
    }

    #[test]
    fn an_execution_is_shown_with_what_it_put_out_and_steers_no_terminal() {
        let outcome = Outcome {
            status: ExecutionStatus::Error,
            outputs: Some(json!({ "lead": "Ada \u{1b}[31m" })),
            failure: Some(Failure {
                name: Some("DataError".to_owned()),
                message: Some("No such lead.\u{7}".to_owned()),
                module: Some("CRM".to_owned()),
            }),
        };
        let text = execution_text("scenario.x", &execution(), &outcome, &Style::plain());
        insta::assert_snapshot!(text, @r#"
        scenario:   scenario.x
        execution:  da51
        status:     error
        began:      2026-11-01T09:00:00Z
        duration:   19.9 s
        operations: 10
        credits:    10.05
        transfer:   3942 bytes
        error:      DataError: No such lead.\u0007
        module:     CRM
        outputs:
        {
          "lead": "Ada \u001b[31m"
        }
        "#);
        let json = execution_json("scenario.x", &execution(), &outcome);
        assert!(
            json.contains(r#""outputs":{"lead""#) && json.ends_with("}\n"),
            "{json}"
        );
    }

    #[test]
    fn incomplete_executions_are_listed_with_their_scenario() {
        let item = IncompleteExecution {
            id: "ab".to_owned(),
            execution: None,
            scenario: None,
            reason: Some("No such\nlead.".to_owned()),
            created: None,
            size: Some(5),
            resolved: false,
            attempts: Some(1),
        };
        let items = [("scenario.x".to_owned(), item)];
        insta::assert_snapshot!(incomplete_list_text(&items, &Style::plain()), @r"
        SCENARIO    INCOMPLETE EXECUTION  CREATED  ATTEMPTS  STATE  REASON
        scenario.x  ab                    -        1         open   No such\nlead.
        ");
    }
}
