//! Runs of scenarios in this dialect.

use serde_json::{Value, json};

use crate::live::transport::Method;
use crate::sandbox::collection::Collection;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use super::inner::Inner;
use super::page::Page;
use super::scenarios::existing;

/// `POST /scenarios/{id}/execute`: the body, if there is one, is the run's input.
pub(super) fn execute(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    let mut body = json!({ "responsive": false });
    if call.has_body()
        && let Some(fields) = body.as_object_mut()
    {
        fields.insert(
            "data".to_owned(),
            Value::Object(call.body()?.fields().clone()),
        );
    }
    let run = Inner::new(Method::Post, format!("/scenarios/{id}/run"))
        .body(&body)
        .carry_out(call, batch)?;
    reply(&json!({ "id": run.get("executionId") }))
}

/// `GET /scenarios/{id}/executions?limit&offset&from&to&status`, the newest first. `from` and
/// `to` are times of ISO 8601 or milliseconds since 1970: which, nobody documents.
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let id = call.id(0)?;
    existing(view, id)?;
    let (from, to) = (moment(call, "from")?, moment(call, "to")?);
    let status = call.query("status");
    if status.is_some_and(|status| !["success", "error", "running"].contains(&status)) {
        return Err(Refusal::invalid(
            "'status' should be success, error or running",
        ));
    }
    let mut rows = Vec::new();
    let range = Collection::pair(id, 0)..=Collection::pair(id, u64::from(u32::MAX));
    view.each_in(Collection::Executions, range, |_, run: Value| {
        let at = run.get("timestamp").and_then(Value::as_str);
        let at = at.and_then(|at| at.parse::<jiff::Timestamp>().ok());
        let within = from.is_none_or(|from| at.is_some_and(|at| at >= from))
            && to.is_none_or(|to| at.is_some_and(|at| at <= to));
        let is_run = run.get("type").and_then(Value::as_str) != Some("modify");
        if is_run && within && status.is_none_or(|status| status == word(&run)) {
            rows.push(run);
        }
    })?;
    let time = |run: &Value| run.get("imtId").and_then(Value::as_str).map(str::to_owned);
    rows.sort_by_key(|run| std::cmp::Reverse(time(run)));
    Page::of(call)?.answer(rows.iter().map(row))
}

fn moment(call: &Call<'_>, name: &str) -> Result<Option<jiff::Timestamp>, Refusal> {
    let Some(text) = call.query(name) else {
        return Ok(None);
    };
    let milliseconds = text.parse().ok().map(jiff::Timestamp::from_millisecond);
    match milliseconds.unwrap_or_else(|| text.parse()) {
        Ok(moment) => Ok(Some(moment)),
        Err(_) => Err(Refusal::invalid(format!("'{name}' should be a time"))),
    }
}

fn row(run: &Value) -> Value {
    json!({
        "id": run.get("id"), "scenarioId": run.get("scenarioId"), "status": word(run),
        "startedAt": run.get("timestamp"), "duration": run.get("duration"),
        "modulesExecuted": run.get("operations"),
    })
}

/// A run that ended with warnings has succeeded: there is no word for it here.
fn word(run: &Value) -> &'static str {
    match run.get("status").and_then(Value::as_u64) {
        Some(0) => "running",
        Some(3) => "error",
        _ => "success",
    }
}

/// `GET /executions/{id}`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    reply(&row(&find(call, view)?))
}

/// `DELETE /executions/{id}`: stops it.
pub(super) fn stop(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let run = find(call, batch)?;
    if word(&run) != "running" {
        return Err(Refusal::conflict("The execution is over."));
    }
    let (scenario, id) = (
        run.get("scenarioId").unwrap_or(&Value::Null),
        call.segment(0),
    );
    Inner::new(
        Method::Post,
        format!("/scenarios/{scenario}/executions/{id}/stop"),
    )
    .body(&json!({ "force": true }))
    .carry_out(call, batch)?;
    reply(&json!({ "id": id }))
}

fn find(call: &Call<'_>, world: &impl Objects) -> Result<Value, Refusal> {
    let id = call.segment(0);
    let mut found = None;
    world.each_in(Collection::Executions, 0..=u64::MAX, |_, run: Value| {
        if run.get("id").and_then(Value::as_str) == Some(id) {
            found = Some(run);
        }
    })?;
    found.ok_or_else(|| Refusal::missing(format!("Execution not found '{id}'.")))
}
