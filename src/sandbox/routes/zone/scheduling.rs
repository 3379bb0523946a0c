//! Schedules: what is accepted.

use jiff::civil::Time;
use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value, json};

use crate::sandbox::quirk::{DailyStored, ListOrder, Quirks};
use crate::sandbox::routes::refusal::Refusal;

use super::scope::text;

/// The shortest interval, in seconds: a paid license allows one run a minute.
const SHORTEST_INTERVAL: u64 = 60;

/// Parses the JSON string of a schedule and refuses what Make would.
pub(super) fn parse(written: &str) -> Result<Value, Refusal> {
    let scheduling: Value = serde_json::from_str(written)
        .map_err(|error| Refusal::invalid(format!("scheduling should be JSON: {error}")))?;
    let Value::Object(fields) = &scheduling else {
        return Err(Refusal::invalid("scheduling should be object"));
    };
    check(fields)?;
    Ok(scheduling)
}

/// A schedule as it is kept, and shown from then on.
pub(super) fn stored(mut scheduling: Value, quirks: &Quirks) -> Value {
    if quirks.daily_stored == DailyStored::AsRestrict {
        scheduling = as_restrict(&scheduling).unwrap_or(scheduling);
    }
    if quirks.list_order == ListOrder::Sorted {
        sort_numbers(&mut scheduling);
        for window in scheduling
            .get_mut("restrict")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            sort_numbers(window);
        }
    }
    scheduling
}

/// A schedule by days as an interval with a window of one minute on each of them, as one report
/// has it; nothing where there is no such form of it.
fn as_restrict(scheduling: &Value) -> Option<Value> {
    let days = match kind(scheduling) {
        "daily" => json!([1, 2, 3, 4, 5, 6, 0]),
        "weekly" => scheduling.get("days")?.clone(),
        _ => return None,
    };
    if scheduling.get("restrict").is_some() {
        return None;
    }
    let time = time_of_day("time", scheduling.get("time")?).ok()?;
    let end = time.checked_add(1.minute()).unwrap_or(Time::MAX);
    let [start, end] = [time, end].map(|time| time.strftime("%H:%M").to_string());
    let mut made = json!({
        "type": "indefinitely", "interval": 900,
        "restrict": [{ "days": days, "time": [start, end] }],
    });
    if let (Some(fields), Some(between)) = (made.as_object_mut(), scheduling.get("between")) {
        fields.insert("between".to_owned(), between.clone());
    }
    Some(made)
}

fn sort_numbers(holder: &mut Value) {
    for field in ["days", "months"] {
        if let Some(numbers) = holder.get_mut(field).and_then(Value::as_array_mut) {
            numbers.sort_by_key(Value::as_u64);
        }
    }
}

/// The sort of a schedule, `on-demand` or another.
pub(super) fn kind(scheduling: &Value) -> &str {
    text(scheduling, "type").unwrap_or_default()
}

fn check(fields: &Map<String, Value>) -> Result<(), Refusal> {
    let kind = match fields.get("type") {
        Some(Value::String(kind)) => kind.as_str(),
        Some(_) => return Err(Refusal::invalid("scheduling.type should be string")),
        None => return Err(required("type")),
    };
    let needed: &[&str] = match kind {
        "immediately" | "on-demand" => &[],
        "indefinitely" => &["interval"],
        "once" => &["date"],
        "daily" => &["time"],
        "weekly" | "monthly" => &["days", "time"],
        "yearly" => &["months", "days", "time"],
        _ => {
            return Err(Refusal::invalid(
                "scheduling.type should be equal to one of the allowed values",
            ));
        }
    };
    if let Some(missing) = needed.iter().find(|name| !fields.contains_key(**name)) {
        return Err(required(missing));
    }
    for (name, value) in fields {
        match name.as_str() {
            "type" => {}
            "interval" => {
                at_least("interval", value, SHORTEST_INTERVAL)?;
            }
            "date" => {
                date_time(value)?;
            }
            "time" => {
                time_of_day("time", value)?;
            }
            "days" if kind == "weekly" => numbers("days", value, 0, 6)?,
            "days" => numbers("days", value, 1, 31)?,
            "months" => numbers("months", value, 1, 12)?,
            "between" => check_between(value)?,
            "restrict" => check_restrict(value)?,
            "maximum_runs_per_minute" if value.is_null() => {}
            "maximum_runs_per_minute" => {
                if at_least("maximum_runs_per_minute", value, 1)? > 10_000 {
                    return Err(Refusal::invalid(
                        "scheduling.maximum_runs_per_minute should be <= 10000",
                    ));
                }
            }
            _ => {
                return Err(Refusal::invalid(format!(
                    "scheduling should NOT have additional property '{name}'"
                )));
            }
        }
    }
    Ok(())
}

fn required(name: &str) -> Refusal {
    Refusal::invalid(format!("scheduling should have required property '{name}'"))
}

fn expected(name: &str, what: &str) -> Refusal {
    Refusal::invalid(format!("scheduling.{name} should be {what}"))
}

fn at_least(name: &str, value: &Value, least: u64) -> Result<u64, Refusal> {
    let number = value.as_u64().ok_or_else(|| expected(name, "integer"))?;
    match number >= least {
        true => Ok(number),
        false => Err(expected(name, &format!(">= {least}"))),
    }
}

fn numbers(name: &str, value: &Value, least: u64, most: u64) -> Result<(), Refusal> {
    let items = value.as_array().ok_or_else(|| expected(name, "array"))?;
    if items.is_empty() {
        return Err(Refusal::invalid(format!(
            "scheduling.{name} should NOT be empty"
        )));
    }
    let is_in = |item: &Value| item.as_u64().is_some_and(|n| (least..=most).contains(&n));
    match items.iter().all(is_in) {
        true => Ok(()),
        false => Err(expected(name, &format!("integers from {least} to {most}"))),
    }
}

fn date_time(value: &Value) -> Result<Timestamp, Refusal> {
    let parsed = value.as_str().and_then(|text| text.parse().ok());
    parsed.ok_or_else(|| Refusal::invalid("should match format date-time"))
}

fn time_of_day(name: &str, value: &Value) -> Result<Time, Refusal> {
    let wrong = || expected(name, "a time such as 09:00");
    let text = value.as_str().ok_or_else(wrong)?;
    if !matches!(text.len(), 5 | 8) {
        return Err(wrong());
    }
    text.parse().map_err(|_| wrong())
}

fn check_between(value: &Value) -> Result<(), Refusal> {
    match value.as_array().map(Vec::as_slice) {
        Some([start, end]) => match date_time(start)? < date_time(end)? {
            true => Ok(()),
            false => Err(expected("between", "a start and a later end")),
        },
        _ => Err(expected("between", "array of two date-times")),
    }
}

fn check_restrict(value: &Value) -> Result<(), Refusal> {
    let windows = value
        .as_array()
        .ok_or_else(|| expected("restrict", "array"))?;
    for window in windows {
        let window = window
            .as_object()
            .ok_or_else(|| expected("restrict", "array of objects"))?;
        for (name, value) in window {
            match name.as_str() {
                _ if value.is_null() => {}
                "days" => numbers("restrict.days", value, 0, 6)?,
                "months" => numbers("restrict.months", value, 1, 12)?,
                "time" => match value.as_array().map(Vec::as_slice) {
                    Some([start, end]) => {
                        time_of_day("restrict.time", start)?;
                        time_of_day("restrict.time", end)?;
                    }
                    _ => return Err(expected("restrict.time", "array of two times")),
                },
                _ => {
                    return Err(Refusal::invalid(format!(
                        "scheduling.restrict should NOT have additional property '{name}'"
                    )));
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn every_documented_form_is_accepted() {
        for form in [
            r#"{"type":"on-demand"}"#,
            r#"{"type":"immediately","maximum_runs_per_minute":60}"#,
            r#"{"type":"indefinitely","interval":900}"#,
            r#"{"type":"indefinitely","interval":900,"restrict":[{"days":[1,5],"time":["08:00","18:00"]}]}"#,
            r#"{"type":"indefinitely","interval":3600,"between":["2026-01-01T00:00:00.000Z","2026-12-31T23:59:00.000Z"]}"#,
            r#"{"type":"once","date":"2026-04-11T09:00:00.000Z"}"#,
            r#"{"type":"daily","time":"06:30"}"#,
            r#"{"type":"weekly","days":[0,3,5],"time":"09:00:00"}"#,
            r#"{"type":"monthly","days":[1,15],"time":"07:00"}"#,
            r#"{"type":"yearly","months":[1,7],"days":[1],"time":"00:05"}"#,
        ] {
            parse(form)
                .map_err(|refusal| format!("{form}: {refusal:?}"))
                .unwrap();
        }
    }

    #[test]
    fn wrong_forms_are_refused() {
        for form in [
            "",
            "15m",
            r#"{"type":"cron","cron":"* * * * *"}"#,
            r#"{"type":"indefinitely"}"#,
            r#"{"type":"indefinitely","interval":30}"#,
            r#"{"type":"once","date":"2026-04-11"}"#,
            r#"{"type":"daily","time":"6"}"#,
            r#"{"type":"weekly","days":[7],"time":"09:00"}"#,
            r#"{"type":"monthly","days":[0],"time":"09:00"}"#,
            r#"{"type":"monthly","days":[],"time":"09:00"}"#,
            r#"{"type":"on-demand","timezone":"UTC"}"#,
        ] {
            assert!(parse(form).is_err(), "{form}");
        }
    }
}
