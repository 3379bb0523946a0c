//! Schedules as people say them.

use std::{collections::BTreeSet, fmt::Write as _};

use super::{
    Schedule, When, Window,
    words::{day_word, interval_text, month_word, time_text, week_order},
};
use crate::model::canonical;

impl Schedule {
    /// A few words for plans: `every 15m`, `mon, wed at 09:00`, `daily at 06:30, only in jan`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let Self {
            when,
            between,
            restrict,
            max_runs_per_minute,
            timezone,
        } = self;
        let mut words = when_in_words(when);
        if let Some((from, until)) = between {
            let _ = write!(words, ", from {from} until {until}");
        }
        if !restrict.is_empty() {
            let windows: Vec<String> = restrict.iter().map(window_in_words).collect();
            let _ = write!(words, ", only {}", windows.join(" or "));
        }
        if let Some(most) = max_runs_per_minute {
            let _ = write!(words, ", at most {most} runs a minute");
        }
        if let Some(zone) = timezone {
            let _ = write!(words, ", in {zone}");
        }
        words
    }
}

fn when_in_words(when: &When) -> String {
    match when {
        When::Every(seconds) => format!("every {}", interval_text(*seconds)),
        When::Daily(time) => format!("daily at {}", time_text(*time)),
        When::Weekly(days, time) => format!("{} at {}", days_of_week(days), time_text(*time)),
        When::Monthly(days, time) => {
            format!(
                "{} of each month at {}",
                days_of_month(days),
                time_text(*time)
            )
        }
        When::Yearly(months, days, time) => format!(
            "{} of {} at {}",
            days_of_month(days),
            months_of_year(months),
            time_text(*time)
        ),
        When::Once(moment) => format!("once at {moment}"),
        When::Immediately => "immediately".to_owned(),
        When::OnDemand => "on demand".to_owned(),
        When::Cron(cron) => format!("cron {cron}"),
        When::Raw(value) => format!("as Make has it: {}", canonical(value)),
    }
}

fn window_in_words(window: &Window) -> String {
    let Window { days, months, time } = window;
    let parts: Vec<String> = [
        days.as_ref().map(days_of_week),
        time.map(|(from, to)| format!("{} to {}", time_text(from), time_text(to))),
        months
            .as_ref()
            .map(|months| format!("in {}", months_of_year(months))),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() {
        return "at any time".to_owned();
    }
    parts.join(" ")
}

fn days_of_week(days: &BTreeSet<u8>) -> String {
    let mut days: Vec<u8> = days.iter().copied().map(week_order).collect();
    days.sort_unstable();
    listed(&days, |day| day_word(day % 7).unwrap_or("?").to_owned())
}

fn days_of_month(days: &BTreeSet<u8>) -> String {
    let noun = if days.len() == 1 { "day" } else { "days" };
    let days: Vec<u8> = days.iter().copied().collect();
    format!("{noun} {}", listed(&days, |day| day.to_string()))
}

fn months_of_year(months: &BTreeSet<u8>) -> String {
    let months: Vec<u8> = months.iter().copied().collect();
    listed(&months, |month| month_word(month).unwrap_or("?").to_owned())
}

/// Sorted numbers as words: three or more in a row as `mon-fri`.
fn listed(numbers: &[u8], word: impl Fn(u8) -> String) -> String {
    if numbers.is_empty() {
        return "never".to_owned();
    }
    numbers
        .chunk_by(|a, b| a.checked_add(1) == Some(*b))
        .flat_map(|run| match run {
            [first, _, .., last] => vec![format!("{}-{}", word(*first), word(*last))],
            _ => run.iter().map(|number| word(*number)).collect(),
        })
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use crate::model::spec::Schedule;
    use serde_json::json;

    #[test]
    fn schedules_read_as_people_say_them() {
        for (value, words) in [
            (
                json!({"type": "indefinitely", "interval": 900}),
                "every 15m",
            ),
            (json!({"type": "daily", "time": "06:30"}), "daily at 06:30"),
            (
                json!({"type": "weekly", "days": [3, 1], "time": "09:00"}),
                "mon, wed at 09:00",
            ),
            (
                json!({"type": "weekly", "days": [0, 5, 6, 2], "time": "09:00"}),
                "tue, fri-sun at 09:00",
            ),
            (
                json!({"type": "monthly", "days": [1, 15], "time": "07:00"}),
                "days 1, 15 of each month at 07:00",
            ),
            (
                json!({"type": "yearly", "months": [1, 7], "days": [1], "time": "00:05"}),
                "day 1 of jan, jul at 00:05",
            ),
            (
                json!({"type": "once", "date": "2026-04-11T09:00:00.000Z"}),
                "once at 2026-04-11T09:00:00Z",
            ),
            (
                json!({"type": "immediately", "maximum_runs_per_minute": 60,
                       "between": ["2026-01-01T00:00:00.000Z", "2026-12-31T23:59:00.000Z"],
                       "restrict": [{"days": [1, 2, 3, 4, 5], "time": ["08:00", "18:00"]},
                                    {"months": [12]}]}),
                "immediately, from 2026-01-01T00:00:00Z until 2026-12-31T23:59:00Z, \
                 only mon-fri 08:00 to 18:00 or in dec, at most 60 runs a minute",
            ),
            (json!({"type": "on-demand"}), "on demand"),
            (
                json!({"type": "lunar"}),
                r#"as Make has it: {"type":"lunar"}"#,
            ),
        ] {
            assert_eq!(Schedule::from_make(&value).in_words(), words);
        }
    }
}
