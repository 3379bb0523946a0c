//! What runs leave: logs and results.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::quirk::ExecutionLag;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Objects, View};

use super::blueprint;
use super::scope::{existing, number, set, text};

/// The columns of a row.
const COLUMNS: [&str; 13] = [
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
];

/// The rows of a page when `pg[limit]` asks for none, and the most that it gets.
const PAGE: u64 = 50;
const LARGEST_PAGE: u64 = 10_000;

/// All that is read of a row to see whether it is listed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Logged {
    imt_id: String,
    pub(super) id: String,
    status: u64,
    duration: u64,
    operations: u64,
    transfer: u64,
    centicredits: u64,
    /// The incomplete execution that was taken up again.
    #[serde(default)]
    pub(super) retries: Option<String>,
}

impl Logged {
    /// When the run began, in milliseconds.
    fn began(&self) -> u64 {
        let written = self.imt_id.split('_').next();
        written.and_then(|ms| ms.parse().ok()).unwrap_or_default()
    }
}

/// `GET /scenarios/{id}/logs`
pub(super) fn logs(call: &Call<'_>, view: &View<'_>) -> Answer {
    let id = call.id(0)?;
    existing(view, Collection::Scenarios, id, "Scenario")?;
    list(call, view, id, "scenarioLogs", |_| true)
}

/// `GET /scenarios/{id}/logs/{executionId}`
pub(super) fn log(call: &Call<'_>, view: &View<'_>) -> Answer {
    let (_, row) = find(view, call.id(0)?, call.segment(1))?;
    reply(&json!({ "scenarioLog": shown(&row) }))
}

/// A list of executions of a scenario, filtered and cut as the query asks: `pg[last]` is the
/// `imtId` after which the page begins, or with `pg[showLast]` at which.
pub(super) fn list(
    call: &Call<'_>,
    view: &View<'_>,
    scenario: u64,
    name: &str,
    keep: impl Fn(&Logged) -> bool,
) -> Answer {
    let filter = Filter::of(call)?;
    let is_rising = match call.query("pg[sortDir]") {
        None | Some("desc") => false,
        Some("asc") => true,
        Some(_) => return Err(Refusal::invalid("'pg[sortDir]' should be 'asc' or 'desc'")),
    };
    if let Some(other) = call.query("pg[sortBy]").filter(|by| *by != "imtId") {
        return Err(Refusal::invalid(format!("cannot sort by '{other}'")));
    }
    let limit = call
        .query_number("pg[limit]")?
        .unwrap_or(PAGE)
        .min(LARGEST_PAGE);
    let show_last = call.query_flag("pg[showLast]")?.unwrap_or(false);
    let last = call.query("pg[last]");
    let mut found = Vec::new();
    let ids = Collection::pair(scenario, 0)..=Collection::pair(scenario, u64::MAX);
    view.each_in(Collection::Executions, ids, |key, row: Logged| {
        let is_last = Some(row.imt_id.as_str()) == last;
        if is_last || (keep(&row) && filter.keeps(&row)) {
            found.push((row.began(), key, row.imt_id, is_last));
        }
    })?;
    found.sort();
    if !is_rising {
        found.reverse();
    }
    let mut skip =
        usize::try_from(call.query_number("pg[offset]")?.unwrap_or(0)).unwrap_or(usize::MAX);
    if let Some(at) = found.iter().position(|(.., is_last)| *is_last) {
        skip = skip.saturating_add(at + usize::from(!show_last));
    }
    let limit_rows = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut rows = Vec::new();
    for (_, key, ..) in found.iter().skip(skip).take(limit_rows) {
        rows.extend(
            view.object(Collection::Executions, *key)?
                .map(|row| shown(&row)),
        );
    }
    let reached = rows.last().and_then(|row| row.get("imtId")).cloned();
    reply(&json!({
        name: rows,
        "pg": {
            "sortBy": "imtId", "sortDir": if is_rising { "asc" } else { "desc" },
            "last": reached.unwrap_or_else(|| json!(last)), "showLast": show_last, "limit": limit,
        },
    }))
}

/// What the query asks of the rows.
struct Filter {
    status: Vec<u64>,
    /// Least and most of: the time of the beginning, duration, operations, transfer, credits.
    ranges: [(u64, u64); 5],
    has_name: bool,
}

impl Filter {
    fn of(call: &Call<'_>) -> Result<Self, Refusal> {
        let range = |from: &str, to: &str| -> Result<(u64, u64), Refusal> {
            let least = call.query_number(from)?.unwrap_or(0);
            Ok((least, call.query_number(to)?.unwrap_or(u64::MAX)))
        };
        let mut status = Vec::new();
        for name in ["status", "status[]"] {
            for word in call.query_all(name) {
                let known = word.parse().ok().filter(|status| *status <= 3);
                status.push(known.ok_or_else(|| Refusal::invalid("'status' should be 1, 2 or 3"))?);
            }
        }
        call.query_flag("showCheckRuns")?; // there are none: whatever runs here does something
        Ok(Self {
            status,
            ranges: [
                range("from", "to")?,
                range("durationFrom", "durationTo")?,
                range("operationsFrom", "operationsTo")?,
                range("transferFrom", "transferTo")?,
                range("creditsFrom", "creditsTo")?,
            ],
            has_name: call.query("executionName").is_some(),
        })
    }

    fn keeps(&self, row: &Logged) -> bool {
        // Whether credits are meant whole or in hundredths is not documented: as the rows have it.
        let values = [
            row.began(),
            row.duration,
            row.operations,
            row.transfer,
            row.centicredits,
        ];
        let mut ranges = self.ranges.iter().zip(values);
        (self.status.is_empty() || self.status.contains(&row.status))
            && ranges.all(|((least, most), value)| (*least..=*most).contains(&value))
            && !self.has_name // no run here has a name of its own
    }
}

/// `GET /scenarios/{id}/executions/{executionId}`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    let (key, row) = find(view, call.id(0)?, call.segment(1))?;
    if call.quirks().execution_lag == ExecutionLag::Late
        && call.looks.is_some_and(|looks| looks.is_first(key))
    {
        return Err(Refusal::missing("Execution not found."));
    }
    let status = match number(&row, "status") {
        Some(0) => "RUNNING",
        Some(1) => "SUCCESS",
        Some(2) => "WARNING",
        _ => "ERROR",
    };
    let mut answer = json!({ "status": status });
    for field in ["outputs", "error"] {
        if let Some(value) = row.get(field).filter(|value| !value.is_null()) {
            set(&mut answer, field, value.clone());
        }
    }
    let most = call.query_number("maxBytes")?.unwrap_or(u64::MAX);
    let size = answer
        .get("outputs")
        .map_or(0, |outputs| outputs.to_string().len() as u64);
    match size > most {
        true => Err(Refusal::outputs_too_large(size)),
        false => reply(&answer),
    }
}

/// `GET /scenarios/{id}/modules/{moduleId}/logs`: the executions in which a module ran. Make has the
/// route; the form of its rows is not documented.
pub(super) fn module_logs(call: &Call<'_>, view: &View<'_>) -> Answer {
    let (scenario, module) = (call.id(0)?, call.id(1)?);
    existing(view, Collection::Scenarios, scenario, "Scenario")?;
    let mut rows = Vec::new();
    let ids = Collection::pair(scenario, 0)..=Collection::pair(scenario, u64::MAX);
    view.each_in(Collection::Executions, ids, |_, row: Value| {
        let ran = row.get("modules").and_then(Value::as_array);
        let mut ran = ran.into_iter().flatten();
        if let Some(ran) = ran.find(|ran| number(ran, "id") == Some(module)) {
            rows.push(json!({
                "imtId": row.get("imtId"), "executionId": row.get("id"), "moduleId": module,
                "timestamp": row.get("timestamp"), "operations": ran.get("operations"),
                "transfer": ran.get("transfer"), "error": ran.get("error"),
            }));
        }
    })?;
    rows.reverse();
    reply(&json!({ "moduleLogs": rows }))
}

/// `GET /scenarios/{id}/data/{moduleId}`: whether a module remembers how far it got. One that looks
/// for news does once it has run.
pub(super) fn module_data(call: &Call<'_>, view: &View<'_>) -> Answer {
    let (scenario, module) = (call.id(0)?, call.id(1)?);
    existing(view, Collection::Scenarios, scenario, "Scenario")?;
    let saved = existing(view, Collection::Blueprints, scenario, "Blueprint")?;
    let blueprint = saved.get("blueprint").unwrap_or(&Value::Null);
    let first = blueprint.pointer("/flow/0/id").and_then(Value::as_u64);
    let mut has_run = false;
    let ids = Collection::pair(scenario, 0)..=Collection::pair(scenario, u64::MAX);
    view.each_in(Collection::Executions, ids, |_, _: Logged| has_run = true)?;
    let exists = has_run && first == Some(module) && !blueprint::is_instant(blueprint);
    reply(&json!({ "exists": exists }))
}

/// An execution of a scenario, with its id among them.
pub(super) fn find(
    world: &impl Objects,
    scenario: u64,
    execution: &str,
) -> Result<(u64, Value), Refusal> {
    existing(world, Collection::Scenarios, scenario, "Scenario")?;
    let mut found = None;
    let ids = Collection::pair(scenario, 0)..=Collection::pair(scenario, u64::MAX);
    world.each_in(Collection::Executions, ids, |key, row: Logged| {
        if row.id == execution {
            found = Some(key);
        }
    })?;
    let row = found
        .map(|key| world.object(Collection::Executions, key))
        .transpose()?;
    match (found, row.flatten()) {
        (Some(key), Some(row)) => Ok((key, row)),
        _ => Err(Refusal::missing(format!(
            "Execution not found '{execution}'."
        ))),
    }
}

/// A row as answers show it.
pub(super) fn shown(row: &Value) -> Value {
    let columns = COLUMNS
        .iter()
        .map(|name| ((*name).to_owned(), row.get(*name).cloned()));
    let mut shown: Value = columns
        .map(|(name, value)| (name, value.unwrap_or_default()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    if let Some(message) = row.get("error").and_then(|error| text(error, "message")) {
        set(
            &mut shown,
            "detail",
            json!({ "error": { "message": message } }),
        );
    }
    shown
}
