//! What runs consumed, by scenario and quarter of an hour: fine enough for the days of any time
//! zone.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

use crate::sandbox::collection::Collection;
use crate::sandbox::error::WorldError;
use crate::sandbox::routes::zone::scope::{number, text};
use crate::sandbox::store::{Batch, Objects};

/// The seconds of a quarter.
const QUARTER: i64 = 15 * 60;

/// How many days the usage of anything is told of.
const DAYS: i32 = 30;

/// What was consumed.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Amount {
    pub(crate) scenario_id: u64,
    pub(crate) team_id: u64,
    pub(crate) operations: u64,
    pub(crate) transfer: u64,
    pub(crate) centicredits: u64,
}

impl Amount {
    fn add(&mut self, other: Self) {
        self.operations += other.operations;
        self.transfer += other.transfer;
        self.centicredits += other.centicredits;
    }
}

/// Adds what an execution consumed.
pub(super) fn add(batch: &mut Batch<'_>, execution: &Value) -> Result<(), WorldError> {
    let began: Option<Timestamp> = text(execution, "timestamp").and_then(|time| time.parse().ok());
    let quarter = began.map_or(0, |began| began.as_second().div_euclid(QUARTER));
    let scenario = number(execution, "scenarioId").unwrap_or_default();
    let key = Collection::pair(scenario, u64::try_from(quarter).unwrap_or_default());
    let so_far = batch
        .get(Collection::Consumptions, key)?
        .unwrap_or_default();
    let sum = |field: &str| {
        number(&so_far, field).unwrap_or_default() + number(execution, field).unwrap_or_default()
    };
    let row = json!({
        "scenarioId": scenario, "teamId": execution.get("teamId"),
        "operations": sum("operations"), "transfer": sum("transfer"),
        "centicredits": sum("centicredits"),
    });
    batch.put(Collection::Consumptions, key, &row)
}

/// What was consumed on each of the last 30 days, today included, by the scenarios that `keep`
/// chooses; days without runs are left out.
pub(crate) fn by_day(
    world: &impl Objects,
    zone: &TimeZone,
    now: Timestamp,
    keep: impl Fn(&Amount) -> bool,
) -> Result<Vec<Value>, WorldError> {
    let day = |time: Timestamp| time.to_zoned(zone.clone()).date();
    let first = day(now).saturating_sub(i64::from(DAYS - 1).days());
    let mut days: BTreeMap<Date, Amount> = BTreeMap::new();
    each(world, |began, amount| {
        let day = day(began);
        if day >= first && keep(&amount) {
            days.entry(day).or_default().add(amount);
        }
    })?;
    let rows = days.into_iter().map(|(day, amount)| {
        json!({
            "date": day.to_string(), "operations": amount.operations,
            "dataTransfer": amount.transfer, "centicredits": amount.centicredits,
        })
    });
    Ok(rows.collect())
}

/// What each scenario has consumed since `reset`.
pub(crate) fn by_scenario(
    world: &impl Objects,
    reset: Timestamp,
) -> Result<BTreeMap<u64, Amount>, WorldError> {
    let mut sums: BTreeMap<u64, Amount> = BTreeMap::new();
    each(world, |began, amount| {
        if began >= reset {
            let sum = sums.entry(amount.scenario_id).or_insert(Amount {
                scenario_id: amount.scenario_id,
                team_id: amount.team_id,
                ..Amount::default()
            });
            sum.add(amount);
        }
    })?;
    Ok(sums)
}

/// When the amounts of a license begin anew: with each month, in the organization's time zone.
/// Make says when that was, and not how it is fixed.
pub(crate) fn last_reset(zone: &TimeZone, now: Timestamp) -> Timestamp {
    let first = now.to_zoned(zone.clone()).date().first_of_month();
    let midnight = first.to_zoned(zone.clone());
    midnight.map_or(now, |midnight| midnight.timestamp())
}

fn each(world: &impl Objects, mut visit: impl FnMut(Timestamp, Amount)) -> Result<(), WorldError> {
    world.each_in(
        Collection::Consumptions,
        0..=u64::MAX,
        |key, amount: Amount| {
            let quarters = i64::try_from(key & 0xffff_ffff).unwrap_or_default();
            let began = SignedDuration::from_secs(quarters * QUARTER);
            if let Ok(began) = Timestamp::from_duration(began) {
                visit(began, amount);
            }
        },
    )
}
