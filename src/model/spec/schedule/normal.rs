//! One form for all schedules that mean the same.

use std::{collections::BTreeSet, ops::RangeInclusive};

use jiff::{ToSpan as _, civil::Time};

use super::{Schedule, When, Window};

/// How Make stores "every day" and "on these days of the week": this interval, in seconds, and a
/// window of one minute.
const STORED_INTERVAL: u64 = 900;

impl Schedule {
    /// The same schedule in the form that all schedules of its meaning share.
    ///
    /// A limit that limits nothing is dropped, and a [`When::Raw`] that says what another form
    /// says becomes that form.
    #[must_use]
    pub fn normal(self) -> Self {
        let Self {
            when,
            between,
            restrict,
            max_runs_per_minute,
            timezone,
        } = match &self.when {
            // With the limits that stand beside it: they may say together what neither says alone.
            When::Raw(_) => Self {
                timezone: self.timezone.clone(),
                ..Self::from_make(&self.to_make())
            },
            When::Every(_)
            | When::Daily(_)
            | When::Weekly(..)
            | When::Monthly(..)
            | When::Yearly(..)
            | When::Once(_)
            | When::Immediately
            | When::Cron(_)
            | When::OnDemand => self,
        };
        let (when, restrict) = unstore(when, normal_windows(restrict));
        Self {
            when: normal_when(when),
            between,
            restrict,
            max_runs_per_minute,
            timezone,
        }
    }
}

/// Windows sorted and without repetitions. They add up, so one without limits makes all of them
/// say nothing.
fn normal_windows(windows: Vec<Window>) -> Vec<Window> {
    let windows: BTreeSet<Window> = windows.into_iter().map(normal_window).collect();
    if windows.iter().any(Window::is_unlimited) {
        return Vec::new();
    }
    windows.into_iter().collect()
}

fn normal_window(window: Window) -> Window {
    let Window { days, months, time } = window;
    Window {
        days: days.filter(|days| !is_all(days, 0..=6)),
        months: months.filter(|months| !is_all(months, 1..=12)),
        time: time.map(|(from, to)| (whole_seconds(from), whole_seconds(to))),
    }
}

/// Recognizes a day's time in the interval and window that Make stores for it.
fn unstore(when: When, windows: Vec<Window>) -> (When, Vec<Window>) {
    let found = match (&when, windows.as_slice()) {
        (
            When::Every(STORED_INTERVAL),
            [
                Window {
                    days,
                    months: None,
                    time: Some((from, to)),
                },
            ],
        ) if from.wrapping_add(1.minute()) == *to => Some(match days {
            None => When::Daily(*from),
            Some(days) => When::Weekly(days.clone(), *from),
        }),
        _ => None,
    };
    match found {
        Some(when) => (when, Vec::new()),
        None => (when, windows),
    }
}

/// The simplest rhythm of a meaning: all days of a week, a month, or all months, are daily or
/// monthly.
fn normal_when(when: When) -> When {
    match when {
        When::Daily(time) => When::Daily(whole_seconds(time)),
        When::Weekly(days, time) if is_all(&days, 0..=6) => When::Daily(whole_seconds(time)),
        When::Weekly(days, time) => When::Weekly(days, whole_seconds(time)),
        When::Monthly(days, time) if is_all(&days, 1..=31) => When::Daily(whole_seconds(time)),
        When::Monthly(days, time) => When::Monthly(days, whole_seconds(time)),
        When::Yearly(months, days, time) if is_all(&months, 1..=12) => {
            normal_when(When::Monthly(days, time))
        }
        When::Yearly(months, days, time) => When::Yearly(months, days, whole_seconds(time)),
        When::Cron(cron) => cron.rhythm().map_or(When::Cron(cron), normal_when),
        When::Every(_) | When::Once(_) | When::Immediately | When::OnDemand | When::Raw(_) => when,
    }
}

fn is_all(numbers: &BTreeSet<u8>, mut range: RangeInclusive<u8>) -> bool {
    range.all(|number| numbers.contains(&number))
}

/// A time of day to the second, which is all that Make can say.
fn whole_seconds(time: Time) -> Time {
    time.with().subsec_nanosecond(0).build().unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use crate::model::spec::schedule::{Schedule, When, Window, testing::schedule};
    use jiff::civil::Time;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn same(a: Value, b: Value) {
        let [a, b] = [&a, &b].map(|value| Schedule::from_make(value).normal());
        assert_eq!(a, b);
    }

    #[test]
    fn the_stored_form_of_a_day_is_that_day() {
        same(
            json!({"type": "indefinitely", "interval": 900,
                   "restrict": [{"days": [1, 2, 3, 4, 5, 6, 0], "time": ["06:00", "06:01"]}]}),
            json!({"type": "daily", "time": "06:00:00"}),
        );
        same(
            json!({"type": "indefinitely", "interval": 900,
                   "restrict": [{"days": [3, 1], "months": null, "time": ["23:59", "00:00"]}]}),
            json!({"type": "weekly", "days": [1, 3], "time": "23:59"}),
        );
        let hourly = json!({"type": "indefinitely", "interval": 3600,
                            "restrict": [{"time": ["06:00", "06:01"]}]});
        assert_eq!(Schedule::from_make(&hourly).normal().to_make(), hourly);
    }

    #[test]
    fn limits_that_limit_nothing_vanish_and_order_says_nothing() {
        same(
            json!({"type": "immediately", "restrict": [{"days": [6, 5, 4, 3, 2, 1, 0]}]}),
            json!({"type": "immediately"}),
        );
        same(
            json!({"type": "immediately", "restrict": [{"days": [2, 1]}, {"days": [4]}, {"days": [4]}]}),
            json!({"type": "immediately", "restrict": [{"days": [4]}, {"days": [1, 2, 2]}]}),
        );
        same(
            json!({"type": "weekly", "days": [0, 1, 2, 3, 4, 5, 6], "time": "09:00"}),
            json!({"type": "daily", "time": "09:00"}),
        );
        same(
            json!({"type": "yearly", "months": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
                   "days": [1], "time": "09:00"}),
            json!({"type": "monthly", "days": [1], "time": "09:00"}),
        );
    }

    #[test]
    fn a_raw_schedule_is_understood_with_the_limits_beside_it() {
        let raw = Schedule {
            restrict: vec![Window {
                time: Some((Time::constant(6, 0, 0, 0), Time::constant(6, 1, 0, 0))),
                ..Window::default()
            }],
            ..Schedule::of(When::Raw(json!({"type": "indefinitely", "interval": 900})))
        };
        let daily = Schedule::of(When::Daily(Time::constant(6, 0, 0, 0)));
        assert_eq!(raw.normal(), daily);
    }

    proptest! {
        #[test]
        fn normal_is_idempotent(schedule in schedule()) {
            let normal = schedule.normal();
            prop_assert_eq!(normal.clone().normal(), normal);
        }

        #[test]
        fn what_was_sent_comes_back_with_the_same_meaning(schedule in schedule()) {
            let back = Schedule::from_make(&schedule.to_make());
            prop_assert_eq!(back.normal(), schedule.normal());
        }
    }
}
