//! Cron expressions as schedules of the zone dialect, and back.
//!
//! What the zone dialect can't say becomes a schedule of a type that only sandboxes know,
//! `{"type":"cron","cronExpression":..,"timezone":..}`.

use std::str::FromStr as _;

use croner::Cron;
use serde_json::{Value, json};

use crate::sandbox::routes::refusal::Refusal;

/// The schedule of `{cronExpression, timezone}` in an organization of this time zone; on demand
/// where it is null.
pub(super) fn to_scheduling(written: &Value, organization: &str) -> Result<Value, Refusal> {
    if written.is_null() {
        return Ok(json!({ "type": "on-demand" }));
    }
    let Some(expression) = written.get("cronExpression").and_then(Value::as_str) else {
        return Err(Refusal::invalid(
            "'schedule.cronExpression' should be string",
        ));
    };
    if let Err(error) = Cron::from_str(expression) {
        return Err(Refusal::invalid(format!(
            "'schedule.cronExpression' is no cron expression: {error}"
        )));
    }
    let zone = match written.get("timezone") {
        None | Some(Value::Null) => organization,
        Some(Value::String(zone)) if jiff::tz::TimeZone::get(zone).is_ok() => zone,
        Some(_) => return Err(Refusal::invalid("'schedule.timezone' is no time zone")),
    };
    let fields: Vec<&str> = expression.split_whitespace().collect();
    let said = match fields.as_slice() {
        [minute, hour, day, month, weekday] => say(minute, hour, day, month, weekday),
        _ => None,
    };
    // An interval is the same in every zone; a time of day is not.
    let same_zone = zone == organization;
    Ok(said
        .filter(|said| same_zone || said.get("interval").is_some())
        .unwrap_or_else(
            || json!({ "type": "cron", "cronExpression": expression, "timezone": zone }),
        ))
}

fn say(minute: &str, hour: &str, day: &str, month: &str, weekday: &str) -> Option<Value> {
    let every = |field: &str, most: u64| {
        let step: u64 = match field {
            "*" => 1,
            stepped => stepped.strip_prefix("*/")?.parse().ok()?,
        };
        (step > 0 && most.is_multiple_of(step)).then_some(step)
    };
    if [day, month, weekday] == ["*", "*", "*"] {
        if hour == "*"
            && let Some(minutes) = every(minute, 60)
        {
            return Some(json!({ "type": "indefinitely", "interval": minutes * 60 }));
        }
        if minute == "0"
            && let Some(hours) = every(hour, 24)
        {
            return Some(json!({ "type": "indefinitely", "interval": hours * 3_600 }));
        }
    }
    let time = format!("{:02}:{:02}", number(hour, 23)?, number(minute, 59)?);
    match (day, month, weekday) {
        ("*", "*", "*") => Some(json!({ "type": "daily", "time": time })),
        ("*", "*", days) => {
            let mut days: Vec<u64> = numbers(days, 7)?.into_iter().map(|day| day % 7).collect();
            days.sort_unstable();
            days.dedup();
            Some(json!({ "type": "weekly", "days": days, "time": time }))
        }
        (days, "*", "*") => {
            Some(json!({ "type": "monthly", "days": numbers(days, 31)?, "time": time }))
        }
        (days, months, "*") => Some(json!({
            "type": "yearly", "months": numbers(months, 12)?, "days": numbers(days, 31)?,
            "time": time,
        })),
        _ => None,
    }
}

fn number(text: &str, most: u64) -> Option<u64> {
    text.parse().ok().filter(|number| *number <= most)
}

/// `1,3-5` as numbers.
fn numbers(list: &str, most: u64) -> Option<Vec<u64>> {
    let mut all = Vec::new();
    for part in list.split(',') {
        match part.split_once('-') {
            None => all.push(number(part, most)?),
            Some((from, to)) => all.extend(number(from, most)?..=number(to, most)?),
        }
    }
    Some(all)
}

/// A schedule as a cron expression; null where no such expression says it.
pub(super) fn of_scheduling(scheduling: &Value, organization: &str) -> Value {
    let text = |key: &str| scheduling.get(key).and_then(Value::as_str);
    if text("type") == Some("cron") {
        return json!({
            "cronExpression": text("cronExpression"), "timezone": text("timezone"),
        });
    }
    let list = |key: &str| {
        let items = scheduling.get(key).and_then(Value::as_array)?;
        let items: Vec<String> = items.iter().map(Value::to_string).collect();
        Some(items.join(","))
    };
    let time = || {
        let (hour, rest) = text("time")?.split_once(':')?;
        let minute = rest.split(':').next()?;
        let plain = |field: &str| field.parse::<u64>().ok();
        Some(format!("{} {}", plain(minute)?, plain(hour)?))
    };
    let expression = match text("type").unwrap_or_default() {
        "indefinitely" => match scheduling.get("interval").and_then(Value::as_u64) {
            Some(60) => Some("* * * * *".to_owned()),
            Some(s) if s % 60 == 0 && s < 3_600 && 3_600 % s == 0 => {
                Some(format!("*/{} * * * *", s / 60))
            }
            Some(3_600) => Some("0 * * * *".to_owned()),
            Some(s) if s % 3_600 == 0 && s < 86_400 && 86_400 % s == 0 => {
                Some(format!("0 */{} * * *", s / 3_600))
            }
            _ => None,
        },
        "daily" => time().map(|time| format!("{time} * * *")),
        "weekly" => time()
            .zip(list("days"))
            .map(|(time, days)| format!("{time} * * {days}")),
        "monthly" => time()
            .zip(list("days"))
            .map(|(time, days)| format!("{time} {days} * *")),
        "yearly" => time()
            .zip(list("days").zip(list("months")))
            .map(|(time, (days, months))| format!("{time} {days} {months} *")),
        _ => None,
    };
    match expression {
        Some(expression) => json!({ "cronExpression": expression, "timezone": organization }),
        None => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{of_scheduling, to_scheduling};

    fn scheduling(expression: &str) -> Value {
        to_scheduling(&json!({ "cronExpression": expression }), "Europe/Prague").unwrap()
    }

    #[test]
    fn what_both_dialects_can_say_goes_there_and_back() {
        for (expression, said) in [
            (
                "* * * * *",
                json!({ "type": "indefinitely", "interval": 60 }),
            ),
            (
                "*/15 * * * *",
                json!({ "type": "indefinitely", "interval": 900 }),
            ),
            (
                "0 */2 * * *",
                json!({ "type": "indefinitely", "interval": 7200 }),
            ),
            ("30 6 * * *", json!({ "type": "daily", "time": "06:30" })),
            (
                "0 9 * * 1,3",
                json!({ "type": "weekly", "days": [1, 3], "time": "09:00" }),
            ),
            (
                "0 7 1,15 * *",
                json!({ "type": "monthly", "days": [1, 15], "time": "07:00" }),
            ),
            (
                "5 0 1 1,7 *",
                json!({ "type": "yearly", "months": [1, 7], "days": [1], "time": "00:05" }),
            ),
        ] {
            assert_eq!(scheduling(expression), said);
            let back = of_scheduling(&said, "Europe/Prague");
            assert_eq!(
                back,
                json!({ "cronExpression": expression, "timezone": "Europe/Prague" })
            );
        }
        assert_eq!(scheduling("0 9 * * 5-7")["days"], json!([0, 5, 6]));
    }

    #[test]
    fn what_only_cron_says_is_kept_as_cron() {
        for expression in ["0 9,17 * * *", "7-59/10 * * * *", "0 9 1 * 1"] {
            let said = scheduling(expression);
            assert_eq!(said["type"], "cron", "{expression}");
            assert_eq!(of_scheduling(&said, "UTC")["cronExpression"], *expression);
        }
        let elsewhere = json!({ "cronExpression": "30 6 * * *", "timezone": "America/New_York" });
        assert_eq!(
            to_scheduling(&elsewhere, "Europe/Prague").unwrap()["type"],
            "cron"
        );
        assert!(to_scheduling(&json!({ "cronExpression": "often" }), "UTC").is_err());
        assert_eq!(
            of_scheduling(&json!({ "type": "on-demand" }), "UTC"),
            Value::Null
        );
    }
}
