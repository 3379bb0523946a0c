//! Incomplete executions: what is kept of a run that could not go on, and taking it up again.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::error::WorldError;
use crate::sandbox::routes::zone::scope::{is_true, number, set, text};
use crate::sandbox::store::Batch;

use super::mapping::Bundles;
use super::run::{self, Kind, Run, Start};

/// An incomplete run that is taken up again.
pub(crate) struct Retried {
    pub(crate) key: u64,
    pub(crate) id: String,
    pub(crate) blueprint: Value,
    /// The module at which it goes on.
    pub(crate) failer: u64,
    pub(crate) bundles: Bundles,
}

/// Keeps what a run put aside.
pub(super) fn keep(
    batch: &mut Batch<'_>,
    row: &mut Value,
    ending: &Value,
) -> Result<(), WorldError> {
    let execution = ending.get("row").unwrap_or(&Value::Null);
    let scenario = number(execution, "scenarioId").unwrap_or_default();
    let items = ending.get("incomplete").and_then(Value::as_array);
    for item in items.into_iter().flatten() {
        let sequence = batch.next_id(Collection::IncompleteExecutions)? & 0xffff_ffff;
        // Scattered, and not as executions are.
        let id = fastrand::Rng::with_seed(sequence ^ 0xd1_9000_0000).u128(..);
        let mut kept = item.clone();
        set(&mut kept, "id", format!("{id:032x}"));
        set(&mut kept, "scenarioId", scenario);
        set(&mut kept, "executionId", execution.get("id").cloned());
        set(&mut kept, "created", execution.get("timestamp").cloned());
        set(&mut kept, "index", sequence);
        set(&mut kept, "size", size(item));
        set(&mut kept, "resolved", false);
        set(&mut kept, "deleted", false);
        set(&mut kept, "attempts", 0);
        let key = Collection::pair(scenario, sequence);
        batch.put(Collection::IncompleteExecutions, key, &kept)?;
        count(row, 1);
    }
    Ok(())
}

/// The bytes of the bundles that are kept.
fn size(item: &Value) -> usize {
    item.get("bundle")
        .map_or(0, |bundle| bundle.to_string().len())
}

/// Changes how many incomplete executions a scenario's row shows.
fn count(row: &mut Value, by: i64) {
    let so_far = number(row, "dlqCount").unwrap_or_default();
    set(row, "dlqCount", so_far.saturating_add_signed(by));
}

/// Takes one up again, at the module where it failed.
pub(crate) fn retry(
    batch: &mut Batch<'_>,
    key: u64,
    mut item: Value,
    at: Timestamp,
) -> Result<Run, WorldError> {
    let attempts = number(&item, "attempts").unwrap_or_default() + 1;
    set(&mut item, "attempts", attempts);
    batch.put(Collection::IncompleteExecutions, key, &item)?;
    let bundles = item.get("bundle").and_then(Value::as_object);
    let retried = Retried {
        key,
        id: text(&item, "id").unwrap_or_default().to_owned(),
        blueprint: item.get("blueprint").cloned().unwrap_or_default(),
        failer: number(&item, "failer").unwrap_or_default(),
        bundles: bundles.cloned().unwrap_or_else(Map::new),
    };
    let scenario = number(&item, "scenarioId").unwrap_or_default();
    run::begin(
        batch,
        Start {
            retried: Some(retried),
            ..Start::new(scenario, Kind::Auto, json!({}), at)
        },
    )
}

/// What the end of such a run does: it is resolved, or stays with the newer reason.
pub(super) fn settle(
    batch: &mut Batch<'_>,
    row: &mut Value,
    key: u64,
    ending: &Value,
) -> Result<(), WorldError> {
    let Some(mut item) = batch.get(Collection::IncompleteExecutions, key)? else {
        return Ok(()); // deleted while it ran
    };
    let left = ending.pointer("/incomplete/0");
    let failed = ending.pointer("/row/error/message");
    if let Some(left) = left {
        for field in ["reason", "failer", "bundle"] {
            set(&mut item, field, left.get(field).cloned());
        }
        let size = size(&item);
        set(&mut item, "size", size);
    } else if let Some(reason) = failed {
        set(&mut item, "reason", reason.clone());
    } else if !is_true(&item, "resolved") {
        set(&mut item, "resolved", true);
        count(row, -1);
    }
    batch.put(Collection::IncompleteExecutions, key, &item)
}

/// Forgets one.
pub(crate) fn remove(batch: &mut Batch<'_>, key: u64, item: &Value) -> Result<(), WorldError> {
    batch.remove(Collection::IncompleteExecutions, key)?;
    let scenario = number(item, "scenarioId").unwrap_or_default();
    let row = batch.get(Collection::Scenarios, scenario)?;
    if let Some(mut row) = row.filter(|_| !is_true(item, "resolved")) {
        count(&mut row, -1);
        batch.put(Collection::Scenarios, scenario, &row)?;
    }
    Ok(())
}
