//! What arrives at hooks: it waits in the hook's queue until the scenario takes it.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::error::WorldError;
use crate::sandbox::routes::stamp;
use crate::sandbox::routes::zone::scope::{is_true, number, set, text};
use crate::sandbox::store::{Batch, Objects};

pub(crate) use super::run::Run;
use super::run::{self, Kind, Start};

/// Puts something that arrived at the end of the queue, and counts it in the hook's row.
pub(crate) fn enqueue(
    batch: &mut Batch<'_>,
    hook: &mut Value,
    data: Value,
    size: usize,
    at: Timestamp,
) -> Result<(), WorldError> {
    let id = number(hook, "id").unwrap_or_default();
    let sequence = batch.next_id(Collection::HookItems)? & 0xffff_ffff;
    let scattered = fastrand::Rng::with_seed(sequence ^ 0x4007_0000_0000).u128(..);
    let item = json!({
        "id": format!("{scattered:032x}"), "hookId": id, "scope": "hook", "size": size,
        "created": stamp(at), "data": data,
    });
    batch.put(Collection::HookItems, Collection::pair(id, sequence), &item)?;
    count(hook, 1);
    batch.put(Collection::Hooks, id, hook)
}

/// Takes one item out of a queue.
pub(crate) fn remove(batch: &mut Batch<'_>, key: u64) -> Result<(), WorldError> {
    batch.remove(Collection::HookItems, key)?;
    let id = key >> 32;
    if let Some(mut hook) = batch.get(Collection::Hooks, id)? {
        count(&mut hook, -1);
        batch.put(Collection::Hooks, id, &hook)?;
    }
    Ok(())
}

fn count(hook: &mut Value, by: i64) {
    let waiting = number(hook, "queueCount").unwrap_or_default();
    set(hook, "queueCount", waiting.saturating_add_signed(by));
}

/// Runs a scenario for what waits in its hook's queue, one run each and the oldest first, as far
/// as it may: it must be active, `sequential` allows one run at a time, and
/// `maximum_runs_per_minute` makes the rest wait for the minute to be over.
pub(crate) fn drain(
    batch: &mut Batch<'_>,
    scenario: u64,
    at: Timestamp,
) -> Result<Vec<Run>, WorldError> {
    let mut runs = Vec::new();
    loop {
        let Some(mut row) = batch.get(Collection::Scenarios, scenario)? else {
            break;
        };
        let hook = number(&row, "hookId").filter(|_| is_true(&row, "isActive"));
        let Some((key, item)) = hook.map(|id| first(batch, id)).transpose()?.flatten() else {
            break;
        };
        if run::must_wait(batch, scenario)? {
            break; // the end of that run drains again
        }
        if let Some(free) = held_back(batch, &row, at)? {
            set(&mut row, "nextExec", stamp(free));
            batch.put(Collection::Scenarios, scenario, &row)?;
            break;
        }
        remove(batch, key)?;
        let data = item.get("data").cloned().unwrap_or_default();
        let start = Start {
            is_instant: true,
            ..Start::new(scenario, Kind::Auto, data, at)
        };
        runs.push(run::begin(batch, start)?);
    }
    Ok(runs)
}

/// Whether a scenario runs whenever something arrives.
pub(crate) fn is_immediate(row: &Value) -> bool {
    row.pointer("/scheduling/type") == Some(&json!("immediately"))
}

fn first(world: &impl Objects, hook: u64) -> Result<Option<(u64, Value)>, WorldError> {
    let ids = Collection::pair(hook, 0)..=Collection::pair(hook, u64::MAX);
    let mut first = None;
    world.each_in(Collection::HookItems, ids, |key, _: IgnoredAny| {
        first = first.or(Some(key));
    })?;
    let Some(key) = first else {
        return Ok(None);
    };
    let item = world.object(Collection::HookItems, key)?;
    Ok(item.map(|item| (key, item)))
}

/// When a scenario that has had all the runs of a minute may run again.
fn held_back(
    world: &impl Objects,
    row: &Value,
    at: Timestamp,
) -> Result<Option<Timestamp>, WorldError> {
    #[derive(Deserialize)]
    struct Dated {
        timestamp: Timestamp,
    }
    let most = row.pointer("/scheduling/maximum_runs_per_minute");
    let Some(most) = most.and_then(Value::as_u64) else {
        return Ok(None);
    };
    let scenario = number(row, "id").unwrap_or_default();
    let window = at
        .saturating_sub(SignedDuration::from_mins(1))
        .unwrap_or(at);
    let mut recent = Vec::new();
    let ids = Collection::pair(scenario, 0)..=Collection::pair(scenario, u64::MAX);
    world.each_in(Collection::Executions, ids, |_, run: Dated| {
        if run.timestamp > window {
            recent.push(run.timestamp);
        }
    })?;
    recent.sort_unstable();
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let oldest = recent
        .len()
        .checked_sub(most)
        .and_then(|index| recent.get(index));
    Ok(oldest.and_then(|time| time.checked_add(SignedDuration::from_mins(1)).ok()))
}

/// Forgets what waits in the queue of a hook and what it took.
pub(crate) fn forget(batch: &mut Batch<'_>, hook: u64) -> Result<(), WorldError> {
    batch.remove_of(Collection::HookItems, hook)?;
    batch.remove_of(Collection::HookLogs, hook)
}

/// The name of a hook's field, where no row shows it: since when no scenario uses it.
pub(crate) const UNATTACHED: &str = "unattachedSince";

/// How long a hook lives that no scenario uses.
const UNATTACHED_FOR: SignedDuration = SignedDuration::from_hours(120);

/// Whether a hook is no more, because it was marked so or because nobody used it for too long.
pub(crate) fn is_gone(hook: &Value, now: Timestamp) -> bool {
    let since = text(hook, UNATTACHED).and_then(|time| time.parse::<Timestamp>().ok());
    is_true(hook, "gone")
        || number(hook, "scenarioId").is_none()
            && since.is_some_and(|since| now.duration_since(since) > UNATTACHED_FOR)
}
