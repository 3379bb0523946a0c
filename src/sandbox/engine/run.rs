//! A run: how it begins, and what its end does to the scenario.
//!
//! What a run comes to is known when it begins. One that makes no pause ends at once; one that
//! does is kept as running, and its end is written down when the world's clock has passed it.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::sandbox::beginning::OWNER;
use crate::sandbox::collection::Collection;
use crate::sandbox::error::WorldError;
use crate::sandbox::routes::stamp;
use crate::sandbox::routes::zone::scenario_row;
use crate::sandbox::routes::zone::scope::{is_true, number, set, text};
use crate::sandbox::store::{Batch, Objects};

use super::due;
use super::failure::Failure;
use super::incomplete::{self, Retried};
use super::usage;
use super::walk::{Done, Walk, flow_of};

/// Where a scenario's row counts the runs that failed in a row. No answer shows it.
const FAILURES: &str = "failuresInARow";

/// The failures in a row that switch a scenario off, where its blueprint does not say.
const MAX_ERRORS: u64 = 3;

/// Who started a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A schedule, something that arrived, or another scenario.
    Auto,
    /// Somebody, over the API.
    Manual,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Manual => "manual",
        }
    }
}

/// What starts a run.
pub(crate) struct Start {
    pub(crate) scenario: u64,
    pub(crate) kind: Kind,
    /// Whether something that arrived started it.
    pub(crate) is_instant: bool,
    /// What the first module puts out.
    pub(crate) input: Value,
    pub(crate) at: Timestamp,
    pub(crate) depth: u8,
    /// The incomplete run that it takes up again.
    pub(crate) retried: Option<Retried>,
}

impl Start {
    /// A new run, from the beginning.
    pub(crate) fn new(scenario: u64, kind: Kind, input: Value, at: Timestamp) -> Self {
        Self {
            scenario,
            kind,
            is_instant: false,
            input,
            at,
            depth: 0,
            retried: None,
        }
    }
}

/// A run that has begun.
pub(crate) struct Run {
    pub(crate) id: String,
    /// Its execution as it will be when it has ended.
    pub(crate) row: Value,
    /// What a webhook's caller is answered.
    pub(crate) response: Option<Value>,
    /// The pauses that it makes, in milliseconds.
    pub(crate) paused: u64,
}

impl Run {
    /// Whether it has ended by the time that it began.
    pub(crate) fn is_over(&self) -> bool {
        self.paused == 0
    }
}

/// Begins a run, and ends it if it makes no pause.
pub(crate) fn begin(batch: &mut Batch<'_>, start: Start) -> Result<Run, WorldError> {
    let row = batch.get(Collection::Scenarios, start.scenario)?;
    let row = row.unwrap_or_default();
    let saved = batch.get(Collection::Blueprints, start.scenario)?;
    let saved = saved.and_then(|mut saved| saved.get_mut("blueprint").map(Value::take));
    let retried = start.retried.as_ref();
    let blueprint = retried.map(|retried| retried.blueprint.clone());
    let blueprint = blueprint.or(saved).unwrap_or_default();
    let setting = |name: &str| blueprint.pointer("/metadata/scenario")?.get(name);
    let is_set = |name: &str| setting(name).and_then(Value::as_bool).unwrap_or(false);
    let max_errors = setting("maxErrors").and_then(Value::as_u64);

    let sequence = batch.next_id(Collection::Executions)? & 0xffff_ffff;
    let mut walk = Walk {
        team: number(&row, "teamId").unwrap_or_default(),
        began: start.at,
        depth: start.depth,
        input: start.input.clone(),
        keeps_incomplete: is_set("dlq"),
        resume_at: retried.map(|retried| retried.failer),
        bundles: retried.map_or_else(Map::new, |retried| retried.bundles.clone()),
        done: Done::default(),
        batch: &mut *batch,
    };
    walk.walk(flow_of(&blueprint))?;
    let done = walk.done;

    let organization = due::organization_of(batch, &row)?;
    let mut execution = execution(&start, &row, organization, sequence, &done);
    if !is_set("confidential") {
        set(&mut execution, "input", start.input);
    }
    let id = text(&execution, "id").unwrap_or_default().to_owned();
    let length = i64::try_from(done.duration()).unwrap_or(i64::MAX);
    let is_fatal = done
        .failure
        .as_ref()
        .is_some_and(|failure| failure.is_fatal);
    let mut incomplete = done.incomplete;
    for item in &mut incomplete {
        set(item, "blueprint", blueprint.clone());
    }
    let ending = json!({
        "row": execution, "incomplete": incomplete, "isFatal": done.has_failed && is_fatal,
        // One that starts whenever something arrives has no second try.
        "maxErrors": if start.is_instant { 1 } else { max_errors.unwrap_or(MAX_ERRORS) },
        "retries": start.retried.map(|retried| retried.key),
        "ends": start.at.as_millisecond().saturating_add(length),
    });
    let key = Collection::pair(start.scenario, sequence);
    match done.paused {
        0 => end(batch, key, &ending)?,
        _ => {
            batch.put(Collection::Executions, key, &running(execution.clone()))?;
            batch.put(Collection::RunningExecutions, key, &ending)?;
        }
    }
    Ok(Run {
        id,
        row: execution,
        response: done.response,
        paused: done.paused,
    })
}

/// The row of an execution that has ended.
fn execution(start: &Start, row: &Value, organization: u64, sequence: u64, done: &Done) -> Value {
    // The number, scattered: ids differ within a world, and are the same in every fresh one.
    let id = format!("{:032x}", fastrand::Rng::with_seed(sequence).u128(..));
    let kind = start.kind.name();
    let (scenario, milliseconds) = (start.scenario, start.at.as_millisecond());
    let author = match start.kind {
        Kind::Manual => json!(OWNER),
        Kind::Auto => Value::Null,
    };
    json!({
        "imtId": format!("{milliseconds}_scenario.{scenario}.{kind}.{id}"), "id": id,
        "scenarioId": scenario, "duration": done.duration(), "operations": done.operations(),
        "centicredits": done.operations() * 100, "transfer": done.transfer,
        "organizationId": organization, "teamId": row.get("teamId"), "type": kind,
        "authorId": author, "instant": start.is_instant, "timestamp": stamp(start.at),
        "status": done.status(), "outputs": done.outputs, "modules": done.modules,
        "error": done.failure.as_ref().map(Failure::shown),
        "retries": start.retried.as_ref().map(|retried| retried.id.as_str()),
    })
}

/// An execution as it is while it runs.
fn running(mut row: Value) -> Value {
    for field in [
        "duration",
        "operations",
        "centicredits",
        "transfer",
        "status",
    ] {
        set(&mut row, field, 0);
    }
    for field in ["outputs", "error", "modules"] {
        set(&mut row, field, Value::Null);
    }
    row
}

/// Writes down the end of a run, and what follows from it.
fn end(batch: &mut Batch<'_>, key: u64, ending: &Value) -> Result<(), WorldError> {
    let execution = ending.get("row").unwrap_or(&Value::Null);
    batch.put(Collection::Executions, key, execution)?;
    batch.remove(Collection::RunningExecutions, key)?;
    usage::add(batch, execution)?;
    let scenario = number(execution, "scenarioId").unwrap_or_default();
    let Some(mut row) = batch.get(Collection::Scenarios, scenario)? else {
        return Ok(());
    };
    for field in ["operations", "transfer"] {
        let so_far = number(&row, field).unwrap_or_default();
        let sum = so_far + number(execution, field).unwrap_or_default();
        set(&mut row, field, sum);
    }
    match number(ending, "retries") {
        Some(item) => incomplete::settle(batch, &mut row, item, ending)?,
        None => {
            incomplete::keep(batch, &mut row, ending)?;
            count_failure(&mut row, ending);
        }
    }
    batch.put(Collection::Scenarios, scenario, &row)
}

/// Switches a scenario off when it has failed too often in a row, or cannot succeed.
fn count_failure(row: &mut Value, ending: &Value) {
    let status = ending.pointer("/row/status").and_then(Value::as_u64);
    if status != Some(3) {
        set(row, FAILURES, 0);
        return;
    }
    let failures = number(row, FAILURES).unwrap_or_default() + 1;
    set(row, FAILURES, failures);
    if is_true(ending, "isFatal") {
        set(row, "isinvalid", true);
    }
    let is_last = Some(failures) >= number(ending, "maxErrors");
    if is_last || is_true(ending, "isFatal") {
        scenario_row::deactivate(row);
    }
}

/// Forgets the failures of a scenario that is switched on again.
pub(crate) fn forgive(row: &mut Value) {
    set(row, FAILURES, 0);
}

/// The moment at which the first of the running runs ends.
pub(crate) fn next_end(world: &impl Objects) -> Result<Option<Timestamp>, WorldError> {
    let mut first = None;
    world.each_in(
        Collection::RunningExecutions,
        0..=u64::MAX,
        |_, ending: Value| {
            let ends = ending.get("ends").and_then(Value::as_i64);
            let ends = ends.and_then(|ends| Timestamp::from_millisecond(ends).ok());
            first = [first, ends].into_iter().flatten().min();
        },
    )?;
    Ok(first)
}

/// Ends the runs that are over by `now`; the scenarios that they are of, in order of the ends.
pub(crate) fn end_due(batch: &mut Batch<'_>, now: Timestamp) -> Result<Vec<u64>, WorldError> {
    let mut due = Vec::new();
    batch.each(Collection::RunningExecutions, |key, ending| {
        let ends = ending
            .get("ends")
            .and_then(Value::as_i64)
            .unwrap_or_default();
        if ends <= now.as_millisecond() {
            due.push((ends, key));
        }
    })?;
    due.sort_unstable();
    for (_, key) in &due {
        if let Some(ending) = batch.get(Collection::RunningExecutions, *key)? {
            end(batch, *key, &ending)?;
        }
    }
    Ok(due.into_iter().map(|(_, key)| key >> 32).collect())
}

/// Whether a run of a scenario has not ended.
fn is_running(world: &impl Objects, scenario: u64) -> Result<bool, WorldError> {
    let mut found = false;
    let ids = Collection::pair(scenario, 0)..=Collection::pair(scenario, u64::MAX);
    world.each_in(Collection::RunningExecutions, ids, |_, _: Value| {
        found = true;
    })?;
    Ok(found)
}

/// Whether a run of a scenario has to wait for another: of a `sequential` one there is one at a
/// time.
pub(crate) fn must_wait(world: &impl Objects, scenario: u64) -> Result<bool, WorldError> {
    let saved = world.object(Collection::Blueprints, scenario)?;
    let sequential = saved
        .as_ref()
        .and_then(|saved| saved.pointer("/blueprint/metadata/scenario/sequential"));
    Ok(sequential == Some(&Value::Bool(true)) && is_running(world, scenario)?)
}

/// Stops a run: what it has done so far is not known, and nothing is charged. How Make shows a
/// run that somebody stopped is not documented; here it is an error that does not count against
/// the scenario.
pub(crate) fn stop(batch: &mut Batch<'_>, key: u64, at: Timestamp) -> Result<bool, WorldError> {
    if !batch.remove(Collection::RunningExecutions, key)? {
        return Ok(false);
    }
    let mut row = batch.get(Collection::Executions, key)?.unwrap_or_default();
    let began: Option<Timestamp> = text(&row, "timestamp").and_then(|time| time.parse().ok());
    let ran = began.map_or(0, |began| at.duration_since(began).as_millis().max(0));
    set(&mut row, "duration", u64::try_from(ran).unwrap_or_default());
    set(&mut row, "status", 3);
    let error = json!({ "name": "ExecutionStoppedError", "message": "The execution was stopped." });
    set(&mut row, "error", error);
    batch.put(Collection::Executions, key, &row)?;
    Ok(true)
}
