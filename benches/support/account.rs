//! Accounts for the benches.

use std::path::Path;

use makeform::sandbox::{
    Collection, World, WorldOptions,
    seed::{SeedOptions, seed_account},
};
use serde_json::Value;

/// A seeded account of so many scenarios, and the mean length of their blueprints in kilobytes.
/// Seeded blueprints have about 25 kB: the largest are taken out again. All are switched off, since
/// a served world runs what is due, which would take more of the machine than the readers.
pub(crate) fn seed(folder: &Path, scenarios: usize) -> f64 {
    let world = World::open(folder, WorldOptions::default()).unwrap();
    let options = SeedOptions {
        scenarios: scenarios * 9 / 8,
        seed: 1,
    };
    seed_account(&world, &options, &mut |_| {}).unwrap();
    let total = world.batch(|batch| {
        let mut sizes = Vec::new();
        batch.each(Collection::Blueprints, |id, saved: Value| {
            let length = saved.get("blueprint").unwrap().to_string().len();
            sizes.push((length, id));
        })?;
        sizes.sort_unstable();
        for (_, id) in sizes.split_off(scenarios) {
            batch.remove(Collection::Scenarios, id)?;
            batch.remove(Collection::Blueprints, id)?;
        }
        for (_, id) in &sizes {
            let mut row = batch.get(Collection::Scenarios, *id)?.unwrap();
            for (column, off) in [
                ("isActive", Value::from(false)),
                ("islinked", Value::from(false)),
                ("nextExec", Value::Null),
            ] {
                if let Some(value) = row.get_mut(column) {
                    *value = off;
                }
            }
            batch.put(Collection::Scenarios, *id, &row)?;
        }
        Ok(sizes.into_iter().map(|(length, _)| length).sum::<usize>())
    });
    total.unwrap() as f64 / scenarios as f64 / 1_000.0
}
