//! Schedules as manifests write them.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    SHORTEST_INTERVAL, Schedule, When, Window,
    words::{day_word, interval_text, time_text, week_order},
};

/// The most runs a minute that Make takes.
const MOST_RUNS: u32 = 10_000;

impl Schedule {
    /// The manifest's form: `{every: 15m}`, `{weekly: {days: [mon, wed], time: "09:00"}}`.
    ///
    /// What manifests would refuse, but Make has nevertheless, is said in Make's own words.
    #[must_use]
    pub fn to_manifest(&self) -> Value {
        if !is_sayable(self) {
            let raw = Self::of(When::Raw(self.to_make()));
            let timezone = self.timezone.clone();
            return Self { timezone, ..raw }.to_manifest();
        }
        let Self {
            when,
            between,
            restrict,
            max_runs_per_minute,
            timezone,
        } = self;
        let (form, value) = when_to_manifest(when);
        let mut object = Map::new();
        object.insert(form.to_owned(), value);
        if let Some((from, until)) = between {
            let between = json!([from.to_string(), until.to_string()]);
            object.insert("between".to_owned(), between);
        }
        if !restrict.is_empty() {
            let restrict = restrict.iter().map(window_to_manifest).collect();
            object.insert("restrict".to_owned(), restrict);
        }
        if let Some(most) = max_runs_per_minute {
            object.insert("maxRunsPerMinute".to_owned(), json!(most));
        }
        if let Some(zone) = timezone {
            object.insert("timezone".to_owned(), json!(zone));
        }
        Value::Object(object)
    }
}

/// Whether manifests take every part of a schedule: nothing is empty, nothing ends before it
/// begins, and only immediate runs are counted by the minute.
fn is_sayable(schedule: &Schedule) -> bool {
    let Schedule {
        when,
        between,
        restrict,
        max_runs_per_minute,
        timezone: _,
    } = schedule;
    let when_is = match when {
        When::Every(seconds) => *seconds >= SHORTEST_INTERVAL,
        When::Weekly(days, _) | When::Monthly(days, _) => !days.is_empty(),
        When::Yearly(months, days, _) => !months.is_empty() && !days.is_empty(),
        When::Daily(_)
        | When::Once(_)
        | When::Immediately
        | When::OnDemand
        | When::Cron(_)
        | When::Raw(_) => true,
    };
    let windows_are = restrict.iter().all(|window| {
        let Window { days, months, time } = window;
        let listed = [days, months]
            .into_iter()
            .flatten()
            .all(|set| !set.is_empty());
        listed && time.is_none_or(|(from, to)| from < to)
    });
    when_is
        && windows_are
        && between.is_none_or(|(from, until)| from < until)
        && max_runs_per_minute
            .is_none_or(|most| *when == When::Immediately && (1..=MOST_RUNS).contains(&most))
}

fn when_to_manifest(when: &When) -> (&'static str, Value) {
    match when {
        When::Every(seconds) => ("every", json!(interval_text(*seconds))),
        When::Daily(time) => ("daily", json!(time_text(*time))),
        When::Weekly(days, time) => (
            "weekly",
            json!({"days": days_of_week(days), "time": time_text(*time)}),
        ),
        When::Monthly(days, time) => ("monthly", json!({"days": days, "time": time_text(*time)})),
        When::Yearly(months, days, time) => (
            "yearly",
            json!({"months": months, "days": days, "time": time_text(*time)}),
        ),
        When::Once(moment) => ("once", json!(moment.to_string())),
        When::Immediately => ("immediately", json!(true)),
        When::OnDemand => ("onDemand", json!(true)),
        When::Cron(cron) => ("cron", json!(cron.to_string())),
        When::Raw(value) => ("raw", value.clone()),
    }
}

fn window_to_manifest(window: &Window) -> Value {
    let Window { days, months, time } = window;
    let mut object = Map::new();
    if let Some(days) = days {
        object.insert("days".to_owned(), days_of_week(days));
    }
    if let Some(months) = months {
        object.insert("months".to_owned(), json!(months));
    }
    if let Some((from, to)) = time {
        object.insert("time".to_owned(), json!([time_text(*from), time_text(*to)]));
    }
    Value::Object(object)
}

/// The days as words, Monday first; a number that is no day stays a number, so that reading it
/// back can say so.
fn days_of_week(days: &BTreeSet<u8>) -> Value {
    let mut days: Vec<u8> = days.iter().copied().collect();
    days.sort_by_key(|day| week_order(*day));
    days.into_iter()
        .map(|day| day_word(day).map_or_else(|| json!(day), |word| json!(word)))
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::model::spec::Schedule;
    use serde_json::json;

    #[test]
    fn schedules_take_the_shortest_form_that_manifests_know() {
        for (make, manifest) in [
            (
                json!({"type": "indefinitely", "interval": 900}),
                json!({"every": "15m"}),
            ),
            (
                json!({"type": "daily", "time": "06:30:00"}),
                json!({"daily": "06:30"}),
            ),
            (
                json!({"type": "weekly", "days": [0, 1, 3], "time": "09:00"}),
                json!({"weekly": {"days": ["mon", "wed", "sun"], "time": "09:00"}}),
            ),
            (
                json!({"type": "yearly", "months": [7, 1], "days": [1], "time": "00:05"}),
                json!({"yearly": {"months": [1, 7], "days": [1], "time": "00:05"}}),
            ),
            (
                json!({"type": "once", "date": "2026-12-01T09:00:00.000Z"}),
                json!({"once": "2026-12-01T09:00:00Z"}),
            ),
            (
                json!({"type": "immediately", "maximum_runs_per_minute": 5,
                       "restrict": [{"days": [1], "months": [2], "time": ["08:00", "18:00"]}]}),
                json!({"immediately": true, "maxRunsPerMinute": 5,
                       "restrict": [{"days": ["mon"], "months": [2], "time": ["08:00", "18:00"]}]}),
            ),
            (json!({"type": "on-demand"}), json!({"onDemand": true})),
            (json!({"type": "lunar"}), json!({"raw": {"type": "lunar"}})),
            (
                json!({"type": "immediately", "restrict": [{"time": ["22:00", "06:00"]}]}),
                json!({"raw": {"type": "immediately", "restrict": [{"time": ["22:00", "06:00"]}]}}),
            ),
            (
                json!({"type": "weekly", "days": [], "time": "09:00"}),
                json!({"raw": {"type": "weekly", "days": [], "time": "09:00"}}),
            ),
        ] {
            assert_eq!(Schedule::from_make(&make).to_manifest(), manifest);
        }
    }
}
