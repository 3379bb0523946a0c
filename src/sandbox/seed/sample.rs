//! A small team and its blueprints, for the tests beside the code.

use fastrand::Rng;
use serde_json::Value;

use super::blueprint::{Generator, Size, Start};
use super::reference::{Named, Pool};

pub(super) fn named(id: u64, label: &str, type_name: &str) -> Named {
    Named {
        id,
        label: label.to_owned(),
        type_name: type_name.to_owned(),
    }
}

pub(super) fn pool() -> Pool {
    let types = [
        "google",
        "google-restricted",
        "slack2",
        "airtable3",
        "openai-gpt-3",
        "telegram",
    ];
    Pool {
        connections: (11..)
            .zip(types)
            .map(|(id, one)| named(id, one, one))
            .collect(),
        keys: vec![
            named(21, "API", "apikeyauth"),
            named(22, "Basic", "basicauth"),
        ],
        data_stores: vec![named(31, "Customers", "")],
        data_structures: vec![named(41, "Order", "")],
        scenarios: vec![named(51, "Child", "")],
    }
}

/// Blueprints of usual sizes; each has a hook of its own, if any.
pub(super) fn blueprints(seed: u64, amount: u64) -> Vec<Value> {
    let pool = pool();
    let mut rng = Rng::with_seed(seed);
    let mut generator = Generator::new(seed, &pool);
    (0..amount)
        .map(|index| {
            let start = match rng.u8(..10) {
                0..4 => Start::Hook(named(1_000 + index, "In", "gateway-webhook")),
                4 => Start::Called,
                _ => Start::Polling,
            };
            generator.blueprint("Sample", &start, Size::usual(&mut rng))
        })
        .collect()
}
