//! What time brings: schedules come due, and runs end.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::error::WorldError;
use crate::sandbox::routes::stamp;
use crate::sandbox::routes::zone::scope::{is_true, number, set, text};
use crate::sandbox::store::{Batch, Objects};

use super::run::{self, Kind, Start};
use super::{due, queue};

/// How often one scenario runs in one move of the clock; of what would come after, nothing does.
pub(crate) const RUNS_OF_ONE: u64 = 100;

/// How many runs there are in one move of the clock, of all scenarios together.
pub(crate) const RUNS_OF_ALL: u64 = 10_000;

/// What is overdue for longer than this was missed.
const MISSED: SignedDuration = SignedDuration::from_mins(1);

/// What a stretch of time brought.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Passed {
    /// The times that schedules were due and were run.
    pub runs: u64,
    /// The scenarios that were due more often than one move runs them. What is missing was
    /// skipped, not put off.
    pub capped: BTreeSet<u64>,
}

/// All that is read of a row to see whether it is due.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Scheduled {
    #[serde(default)]
    is_active: bool,
    #[serde(default)]
    next_exec: Option<Timestamp>,
}

/// The scenarios that are due by `to`, with the moments.
fn due_by(world: &impl Objects, to: Timestamp) -> Result<Vec<(Timestamp, u64)>, WorldError> {
    let mut found = Vec::new();
    world.each_in(Collection::Scenarios, 0..=u64::MAX, |id, row: Scheduled| {
        found.extend(
            row.next_exec
                .filter(|next| row.is_active && *next <= to)
                .map(|next| (next, id)),
        );
    })?;
    Ok(found)
}

/// The moment at which the first thing is to be done, if there is any.
pub(crate) fn next(world: &impl Objects) -> Result<Option<Timestamp>, WorldError> {
    let due = due_by(world, Timestamp::MAX)?;
    let due = due.into_iter().map(|(time, _)| time);
    Ok(due.chain(run::next_end(world)?).min())
}

/// Passes over what was due before `now` while nobody looked: it is not made up for.
pub(crate) fn skip_missed(batch: &mut Batch<'_>, now: Timestamp) -> Result<(), WorldError> {
    let before = now.saturating_sub(MISSED).unwrap_or(now);
    let missed = due_by(batch, before)?;
    for (_, id) in missed {
        plan_next(batch, id, now)?;
    }
    Ok(())
}

/// Runs what is due by `to`, in order, each at its own time.
pub(crate) fn run_due(batch: &mut Batch<'_>, to: Timestamp) -> Result<Passed, WorldError> {
    let mut waiting: BinaryHeap<_> = due_by(batch, to)?.into_iter().map(Reverse).collect();
    let mut runs: BTreeMap<u64, u64> = BTreeMap::new();
    let mut passed = Passed::default();
    loop {
        let next = waiting.peek().map(|Reverse((time, _))| *time);
        let ends = run::next_end(batch)?.filter(|end| *end <= to);
        if let Some(end) = ends.filter(|end| next.is_none_or(|next| *end <= next)) {
            for scenario in end_runs(batch, end)? {
                waiting.extend(
                    next_of(batch, scenario)?
                        .filter(|next| next.0 <= to)
                        .map(Reverse),
                );
            }
            continue;
        }
        let Some(Reverse((time, id))) = waiting.pop() else {
            return Ok(passed);
        };
        if next_of(batch, id)? != Some((time, id)) {
            continue; // it was switched off, or another event has moved it
        }
        let so_far = runs.entry(id).or_default();
        if *so_far >= RUNS_OF_ONE || passed.runs >= RUNS_OF_ALL {
            passed.capped.insert(id);
            plan_next(batch, id, to)?;
            continue;
        }
        *so_far += 1;
        passed.runs += 1;
        run_once(batch, id, time)?;
        waiting.extend(next_of(batch, id)?.filter(|next| next.0 <= to).map(Reverse));
    }
}

/// Ends the runs that are over by `now`, and begins those that waited for it; the scenarios that
/// they are of.
pub(crate) fn end_runs(batch: &mut Batch<'_>, now: Timestamp) -> Result<Vec<u64>, WorldError> {
    let scenarios = run::end_due(batch, now)?;
    for id in &scenarios {
        let row = batch.get(Collection::Scenarios, *id)?;
        if row.is_some_and(|row| queue::is_immediate(&row)) {
            queue::drain(batch, *id, now)?;
        }
    }
    Ok(scenarios)
}

/// Runs a scenario whose time has come.
fn run_once(batch: &mut Batch<'_>, id: u64, at: Timestamp) -> Result<(), WorldError> {
    plan_next(batch, id, at)?;
    let row = batch.get(Collection::Scenarios, id)?.unwrap_or_default();
    if number(&row, "hookId").is_some() {
        queue::drain(batch, id, at)?;
    } else if !run::must_wait(batch, id)? {
        run::begin(batch, Start::new(id, Kind::Auto, json!({}), at))?;
    }
    Ok(())
}

/// Sets the next run of an active scenario to the first one after `after`. One that ran `once`
/// stays active: whether Make switches it off is not documented.
fn plan_next(batch: &mut Batch<'_>, id: u64, after: Timestamp) -> Result<(), WorldError> {
    if let Some(mut row) = batch.get(Collection::Scenarios, id)? {
        let zone = due::zone_of(batch, &row)?;
        let schedule = row.get("scheduling").unwrap_or(&Value::Null);
        let next = due::next(schedule, &zone, after).map(stamp);
        set(&mut row, "nextExec", next);
        batch.put(Collection::Scenarios, id, &row)?;
    }
    Ok(())
}

/// When a scenario is due, if it is active and ever is.
fn next_of(batch: &Batch<'_>, id: u64) -> Result<Option<(Timestamp, u64)>, WorldError> {
    let row = batch.get(Collection::Scenarios, id)?;
    let row = row.filter(|row| is_true(row, "isActive"));
    let next = row.and_then(|row| text(&row, "nextExec")?.parse().ok());
    Ok(next.map(|next| (next, id)))
}
