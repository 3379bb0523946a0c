//! A world's clock: the machine's, moved by an offset that is kept in the world.
//!
//! Everything in the sandbox that takes the time takes this one. All processes that have the
//! world open share the offset, and a reset makes it zero again.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::collection::Collection;
use super::error::WorldError;
use super::store::{Batch, Objects};

/// The object of [`Collection::Settings`] that holds the offset, as `{"offset": milliseconds}`.
const CLOCK: u64 = 1;

/// The time in a world.
pub(crate) fn now(world: &impl Objects) -> Result<Timestamp, WorldError> {
    let offset = offset(world)?;
    Ok(machine_time()
        .saturating_add(offset)
        .unwrap_or(Timestamp::MAX))
}

/// By how much a world's clock is ahead of the machine's.
pub(crate) fn offset(world: &impl Objects) -> Result<SignedDuration, WorldError> {
    let kept = world.object(Collection::Settings, CLOCK)?;
    let milliseconds = kept
        .as_ref()
        .and_then(|clock| clock.get("offset"))
        .and_then(Value::as_i64);
    Ok(SignedDuration::from_millis(
        milliseconds.unwrap_or_default(),
    ))
}

/// Makes it `time` in a world; from there on the clock runs on.
pub(crate) fn set(batch: &mut Batch<'_>, time: Timestamp) -> Result<(), WorldError> {
    let offset = time.duration_since(machine_time());
    // Rounded up: what happens next does not happen before `time`.
    let rest = i128::from(offset.subsec_nanos() % 1_000_000 > 0);
    let offset = i64::try_from(offset.as_millis() + rest).unwrap_or_default(); // all of jiff's range fits
    batch.put(Collection::Settings, CLOCK, &json!({ "offset": offset }))
}

#[expect(clippy::disallowed_methods, reason = "a server has a clock of its own")]
fn machine_time() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use redb::{Database, TableDefinition};

    use crate::sandbox::{World, WorldOptions};

    #[test]
    fn a_world_made_before_there_were_clocks_gets_one() {
        let folder = tempfile::tempdir().unwrap();
        let open = || World::open(folder.path(), WorldOptions::default()).unwrap();
        drop(open());
        let file = Database::open(folder.path().join("world.redb")).unwrap();
        let change = file.begin_write().unwrap();
        let table: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("settings");
        assert!(change.delete_table(table).unwrap());
        change.commit().unwrap();
        drop(file);
        assert!(open().now().is_ok());
    }
}
