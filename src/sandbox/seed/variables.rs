//! The variables of an invented account, in its team and in its organization.

use fastrand::Rng;
use serde_json::{Value, json};

use crate::sandbox::{Batch, Collection, WorldError};

use super::rows::TEAM;

/// The organization of that team.
const ORGANIZATION: u64 = 1;

/// Name, type (1 number, 2 text, 3 boolean, 4 date) and the values that it can have.
#[rustfmt::skip] // a table
const TEMPLATES: &[(&str, u64, &[&str])] = &[
    ("environment", 2, &["production", "staging"]),
    ("support_email", 2, &["help@acme.example", "support@acme.example"]),
    ("vat_rate", 1, &["19", "20", "21", "25.5"]),
    ("batch_size", 1, &["50", "100", "250"]),
    ("is_paused", 3, &["false", "true"]),
    ("send_reports", 3, &["true", "false"]),
    ("fiscal_year_start", 4, &["2026-01-01T00:00:00.000Z", "2026-04-01T00:00:00.000Z"]),
    ("crm_base_url", 2, &["https://crm.acme.example", "https://sandbox.crm.acme.example"]),
    ("default_currency", 2, &["EUR", "USD", "CZK"]),
    ("escalation_channel", 2, &["#ops", "#on-call"]),
];

/// Puts as many variables as suit so many scenarios; answers their number.
pub(super) fn put(
    batch: &mut Batch<'_>,
    rng: &mut Rng,
    scenarios: usize,
) -> Result<usize, WorldError> {
    let mut taken = Vec::new();
    batch.each(Collection::Variables, |_, variable| {
        taken.extend(
            variable
                .get("name")
                .and_then(Value::as_str)
                .map(str::to_owned),
        );
    })?;
    let wanted = scenarios.div_ceil(20).min(TEMPLATES.len());
    let mut made = 0;
    for (name, kind, values) in TEMPLATES.iter().take(wanted) {
        let value = rng.choice(*values).copied().unwrap_or_default();
        let (scope, id) = match rng.u8(..3) {
            0 => ("organization", ORGANIZATION),
            _ => ("team", TEAM),
        };
        // Seeding a second time makes none twice.
        if taken.iter().any(|known| known == name) {
            continue;
        }
        let number = batch.next_id(Collection::Variables)?;
        let variable = json!({
            "id": number, "scope": scope, "scopeId": id, "name": name, "typeId": kind,
            "value": typed(*kind, value), "history": [],
        });
        batch.put(Collection::Variables, number, &variable)?;
        made += 1;
    }
    Ok(made)
}

/// A value of the table as JSON of its type.
fn typed(kind: u64, value: &str) -> Value {
    match kind {
        1 | 3 => value.parse().unwrap_or_default(),
        _ => json!(value),
    }
}
