//! Schedules in Make's own JSON.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Time};
use serde_json::{Map, Value, json};

use super::{
    Schedule, When, Window,
    words::{moment_text, parse_time, time_text},
};

impl Schedule {
    /// Reads Make's own JSON.
    ///
    /// Never fails and never loses anything: a shape, a key or a value that is not understood
    /// makes the whole a [`When::Raw`].
    #[must_use]
    pub fn from_make(value: &Value) -> Self {
        value
            .as_object()
            .and_then(|object| read(&mut Members(object.clone())))
            .unwrap_or_else(|| Self::of(When::Raw(value.clone())))
    }

    /// Make's own JSON, in one spelling for each schedule: days sorted, nothing empty, times
    /// without needless seconds. The time zone has no place there.
    #[must_use]
    pub fn to_make(&self) -> Value {
        let Self {
            when,
            between,
            restrict,
            max_runs_per_minute,
            timezone: _, // Make has one zone for the whole organization
        } = self;
        let mut value = when_to_make(when);
        if let Some(object) = value.as_object_mut() {
            if let Some((from, until)) = between {
                let between = json!([moment_text(*from), moment_text(*until)]);
                object.insert("between".to_owned(), between);
            }
            if !restrict.is_empty() {
                let restrict = restrict.iter().map(window_to_make).collect();
                object.insert("restrict".to_owned(), restrict);
            }
            if let Some(most) = max_runs_per_minute {
                object.insert("maximum_runs_per_minute".to_owned(), json!(most));
            }
        }
        value
    }
}

fn when_to_make(when: &When) -> Value {
    match when {
        When::Every(seconds) => json!({"type": "indefinitely", "interval": seconds}),
        When::Daily(time) => json!({"type": "daily", "time": time_text(*time)}),
        When::Weekly(days, time) => {
            json!({"type": "weekly", "days": days, "time": time_text(*time)})
        }
        When::Monthly(days, time) => {
            json!({"type": "monthly", "days": days, "time": time_text(*time)})
        }
        When::Yearly(months, days, time) => {
            json!({"type": "yearly", "months": months, "days": days, "time": time_text(*time)})
        }
        When::Once(moment) => json!({"type": "once", "date": moment_text(*moment)}),
        When::Immediately => json!({"type": "immediately"}),
        When::OnDemand => json!({"type": "on-demand"}),
        // No form of Make's: whoever sends schedules so has refused cron before.
        When::Cron(cron) => json!({"type": "cron", "cronExpression": cron.to_string()}),
        When::Raw(value) => value.clone(),
    }
}

fn window_to_make(window: &Window) -> Value {
    let Window { days, months, time } = window;
    let mut object = Map::new();
    if let Some(days) = days {
        object.insert("days".to_owned(), json!(days));
    }
    if let Some(months) = months {
        object.insert("months".to_owned(), json!(months));
    }
    if let Some((from, to)) = time {
        object.insert("time".to_owned(), json!([time_text(*from), time_text(*to)]));
    }
    Value::Object(object)
}

/// The members of an object that were not read yet.
struct Members(Map<String, Value>);

impl Members {
    /// Takes one member; null is as good as absent.
    fn take(&mut self, key: &str) -> Option<Value> {
        self.0.shift_remove(key).filter(|value| !value.is_null())
    }

    /// Takes one member that may be absent; `None` when it is there and makes no sense.
    fn optional<T>(&mut self, key: &str, read: impl Fn(&Value) -> Option<T>) -> Option<Option<T>> {
        match self.take(key) {
            None => Some(None),
            Some(value) => read(&value).map(Some),
        }
    }

    /// Whether nothing is left that says anything.
    fn is_spent(&self, known: &[&str]) -> bool {
        self.0
            .iter()
            .all(|(key, value)| value.is_null() && known.contains(&key.as_str()))
    }
}

/// All keys that [`read`] knows: one that does not belong to the type may be there as null.
const KNOWN: [&str; 5] = ["interval", "date", "time", "days", "months"];

fn read(members: &mut Members) -> Option<Schedule> {
    let time = |members: &mut Members| members.take("time").as_ref().and_then(time);
    let days = |members: &mut Members, range| numbers(&members.take("days")?, range);
    let when = match members.take("type")?.as_str()? {
        "indefinitely" => When::Every(whole(&members.take("interval")?)?),
        "daily" => When::Daily(time(members)?),
        "weekly" => When::Weekly(days(members, (0, 6))?, time(members)?),
        "monthly" => When::Monthly(days(members, (1, 31))?, time(members)?),
        "yearly" => When::Yearly(
            numbers(&members.take("months")?, (1, 12))?,
            days(members, (1, 31))?,
            time(members)?,
        ),
        "once" => When::Once(moment(&members.take("date")?)?),
        "immediately" => When::Immediately,
        "on-demand" => When::OnDemand,
        _ => return None,
    };
    let schedule = Schedule {
        when,
        between: members.optional("between", |value| pair(value, moment))?,
        restrict: members.optional("restrict", windows)?.unwrap_or_default(),
        max_runs_per_minute: members.optional("maximum_runs_per_minute", |value| {
            u32::try_from(whole(value)?).ok()
        })?,
        timezone: None,
    };
    members.is_spent(&KNOWN).then_some(schedule)
}

fn windows(value: &Value) -> Option<Vec<Window>> {
    value.as_array()?.iter().map(window).collect()
}

fn window(value: &Value) -> Option<Window> {
    let mut members = Members(value.as_object()?.clone());
    let window = Window {
        days: members.optional("days", |value| numbers(value, (0, 6)))?,
        months: members.optional("months", |value| numbers(value, (1, 12)))?,
        time: members.optional("time", |value| pair(value, time))?,
    };
    members.is_spent(&[]).then_some(window)
}

fn pair<T>(value: &Value, read: impl Fn(&Value) -> Option<T>) -> Option<(T, T)> {
    match value.as_array()?.as_slice() {
        [first, second] => Some((read(first)?, read(second)?)),
        _ => None,
    }
}

fn numbers(value: &Value, (least, most): (u8, u8)) -> Option<BTreeSet<u8>> {
    value
        .as_array()?
        .iter()
        .map(|item| {
            let number = u8::try_from(whole(item)?).ok()?;
            (least..=most).contains(&number).then_some(number)
        })
        .collect()
}

fn time(value: &Value) -> Option<Time> {
    parse_time(value.as_str()?)
}

fn moment(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

/// A whole number, also where it is written as `900.0`.
fn whole(value: &Value) -> Option<u64> {
    let number = value.as_number()?;
    number.as_u64().or_else(|| {
        let text = number.to_string();
        let (whole, fraction) = text.split_once('.')?;
        let zeros = fraction.bytes().all(|b| b == b'0');
        whole.parse().ok().filter(|_| zeros)
    })
}

#[cfg(test)]
mod tests {
    use crate::model::spec::schedule::{Schedule, When};
    use serde_json::json;

    #[test]
    fn the_documented_shapes_are_understood_and_written_as_they_came() {
        for value in [
            json!({"type": "on-demand"}),
            json!({"type": "immediately"}),
            json!({"type": "immediately", "maximum_runs_per_minute": 60}),
            json!({"type": "indefinitely", "interval": 900}),
            json!({"type": "indefinitely", "interval": 900,
                   "restrict": [{"days": [1, 2, 3, 4, 5], "time": ["08:00", "18:00"]}]}),
            json!({"type": "indefinitely", "interval": 3600,
                   "between": ["2026-01-01T00:00:00.000Z", "2026-12-31T23:59:00.000Z"]}),
            json!({"type": "once", "date": "2026-04-11T09:00:00.000Z"}),
            json!({"type": "daily", "time": "06:30"}),
            json!({"type": "weekly", "days": [1, 3, 5], "time": "09:00"}),
            json!({"type": "monthly", "days": [1, 15], "time": "07:00"}),
            json!({"type": "yearly", "months": [1, 7], "days": [1], "time": "00:05"}),
        ] {
            let schedule = Schedule::from_make(&value);
            assert!(!matches!(schedule.when, When::Raw(_)), "{value}");
            assert_eq!(schedule.to_make(), value);
        }
    }

    #[test]
    fn what_is_not_understood_is_kept_whole() {
        for value in [
            json!(null),
            json!("daily"),
            json!({}),
            json!({"type": "hourly"}),
            json!({"type": "daily"}),
            json!({"type": "daily", "time": "25:00"}),
            json!({"type": "daily", "time": "06:30", "jitter": null}),
            json!({"type": "immediately", "interval": 900}),
            json!({"type": "indefinitely", "interval": "900"}),
            json!({"type": "indefinitely", "interval": 900.5}),
            json!({"type": "weekly", "days": [7], "time": "06:30"}),
            json!({"type": "weekly", "days": ["mon"], "time": "06:30"}),
            json!({"type": "daily", "time": "06:30", "between": ["2026-01-01T00:00:00Z"]}),
            json!({"type": "daily", "time": "06:30", "restrict": [{"hours": [1]}]}),
        ] {
            let schedule = Schedule::from_make(&value);
            assert_eq!(schedule, Schedule::of(When::Raw(value.clone())));
            assert_eq!(schedule.to_make(), value);
        }
    }

    #[test]
    fn null_members_and_other_spellings_of_numbers_and_times_change_nothing() {
        let plain = Schedule::from_make(&json!({"type": "indefinitely", "interval": 900}));
        let text = r#"{"interval": 900.0, "type": "indefinitely", "restrict": null,
                       "between": null, "date": null, "maximum_runs_per_minute": null}"#;
        let spelled = serde_json::from_str(text).unwrap();
        assert_eq!(Schedule::from_make(&spelled), plain);
        assert_eq!(
            Schedule::from_make(&json!({"type": "daily", "time": "06:30:00"})),
            Schedule::from_make(&json!({"type": "daily", "time": "06:30"})),
        );
    }
}
