//! How often a schedule starts its scenario.

use jiff::{
    SignedDuration, Timestamp, Zoned,
    civil::{Date, Time},
    tz::TimeZone,
};

use super::{
    Cron, NextRuns, Schedule, When,
    next::{Limits, first_allowed},
};
use crate::model::Dialect;

/// How long windows are taken to stay open between two looks that find them open, in seconds: their
/// ends are times of day, which people write by the quarter of an hour.
const STEP: u64 = 300;

impl Schedule {
    /// The runs from one moment until another, to which those of a minute may be missing where
    /// windows open and close; none where no clock starts it, or nobody understands it.
    #[must_use]
    pub fn runs_within(&self, zone: &TimeZone, from: Timestamp, until: Timestamp) -> Option<u64> {
        let schedule = self.clone().normal();
        let limits = Limits {
            schedule: &schedule,
            zone,
            now: from,
        };
        let seconds = u64::try_from(until.as_second() - from.as_second()).unwrap_or(0);
        let is_limited = schedule.between.is_some() || !schedule.restrict.is_empty();
        match &schedule.when {
            When::Immediately | When::OnDemand | When::Raw(_) => None,
            When::Every(every) if !is_limited => Some(seconds / (*every).max(1)),
            When::Every(every) => Some(windowed((*every).max(1), until, limits)),
            When::Cron(cron) => Some(by_days(cron, until, limits, is_limited)),
            When::Once(_)
            | When::Daily(_)
            | When::Weekly(..)
            | When::Monthly(..)
            | When::Yearly(..) => {
                // At most one a day.
                let most = usize::try_from(seconds / 86_400).unwrap_or(usize::MAX);
                let runs = schedule.next_runs(Dialect::Zone, zone, from, most.saturating_add(2))?;
                let NextRuns::At(runs) = runs else {
                    return None;
                };
                let within = runs.iter().filter(|run| run.at.timestamp() < until);
                u64::try_from(within.count()).ok()
            }
        }
    }
}

/// The runs of an interval that its windows allow. One that falls where none is open comes when
/// the next one opens: Make's editor keeps "daily at six" as every 15 minutes from 06:00 until 06:01.
fn windowed(every: u64, until: Timestamp, limits: Limits<'_>) -> u64 {
    let later = |at: &Zoned, runs: u64| {
        let seconds = i64::try_from(every.saturating_mul(runs)).ok()?;
        at.checked_add(SignedDuration::from_secs(seconds)).ok()
    };
    let several = (STEP / every).max(1);
    let mut runs = 0;
    let mut next = Some(limits.beginning().to_zoned(limits.zone.clone()));
    while let Some(at) = next.and_then(|at| first_allowed(&at, limits)) {
        if at.timestamp() >= until {
            break;
        }
        let far = later(&at, several);
        let far = far.filter(|far| far.timestamp() <= until && limits.contain(far));
        let (count, then) = match far {
            Some(far) => (several, Some(far)),
            None => (1, later(&at, 1)),
        };
        runs += count;
        next = then;
    }
    runs
}

/// The runs of a cron expression, day by day. A day that the clocks make shorter or longer counts
/// as any other.
fn by_days(cron: &Cron, until: Timestamp, limits: Limits<'_>, is_limited: bool) -> u64 {
    let day_of = |moment: Timestamp| moment.to_zoned(limits.zone.clone()).date();
    let Ok(first) = day_of(limits.now).tomorrow() else {
        return 0;
    };
    let last = day_of(until);
    let days = first.series(jiff::Span::new().days(1));
    let days = days.take_while(|day| *day <= last);
    days.map(|day| of_day(cron, day, limits, is_limited)).sum()
}

fn of_day(cron: &Cron, day: Date, limits: Limits<'_>, is_limited: bool) -> u64 {
    let times = cron.hours.iter().flat_map(|hour| {
        let minutes = cron.minutes.iter();
        minutes.filter_map(|minute| {
            let [hour, minute] = [*hour, *minute].map(|number| i8::try_from(number).ok());
            Time::new(hour?, minute?, 0, 0).ok()
        })
    });
    let mut times = times.peekable();
    let is_day = times
        .peek()
        .is_some_and(|time| cron.matches(day.to_datetime(*time)));
    let allowed = |time: &Time| {
        let at = limits.zone.to_zoned(day.to_datetime(*time));
        !is_limited || at.is_ok_and(|at| limits.contain(&at))
    };
    match is_day {
        true => u64::try_from(times.filter(allowed).count()).unwrap_or(u64::MAX),
        false => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::model::spec::{
        Schedule,
        schedule::{Cron, When, time_zone},
    };

    fn month(schedule: &Schedule) -> Option<u64> {
        let from = "2026-03-27T12:00:00Z".parse().unwrap();
        let until = "2026-04-26T12:00:00Z".parse().unwrap();
        schedule.runs_within(&time_zone("Europe/Prague").unwrap(), from, until)
    }

    fn of(schedule: Value) -> Option<u64> {
        month(&Schedule::from_make(&schedule))
    }

    fn cron(text: &str) -> Option<u64> {
        month(&Schedule::of(When::Cron(Cron::parse(text).unwrap())))
    }

    #[test]
    fn thirty_days_of_each_form() {
        assert_eq!(
            of(json!({"type": "indefinitely", "interval": 900})),
            Some(2880)
        );
        assert_eq!(
            of(json!({"type": "indefinitely", "interval": 60})),
            Some(43_200)
        );
        assert_eq!(of(json!({"type": "daily", "time": "06:30"})), Some(30));
        assert_eq!(
            of(json!({"type": "weekly", "days": [1, 3], "time": "06:30"})),
            Some(8)
        );
        assert_eq!(
            of(json!({"type": "monthly", "days": [1], "time": "06:30"})),
            Some(1)
        );
        let yearly = json!({"type": "yearly", "months": [1], "days": [1], "time": "06:30"});
        assert_eq!(of(yearly), Some(0));
        let once = |date: &str| of(json!({"type": "once", "date": date}));
        assert_eq!(once("2026-04-01T00:00:00Z"), Some(1));
        assert_eq!(once("2026-05-01T00:00:00Z"), Some(0));
        assert_eq!(of(json!({"type": "immediately"})), None);
        assert_eq!(of(json!({"type": "on-demand"})), None);
        assert_eq!(cron("*/7 3 * * *"), Some(9 * 30));
        assert_eq!(cron("0 9 1 * *"), Some(1));
    }

    #[test]
    fn windows_leave_out_the_rest_of_the_time() {
        // Ten hours on each of 20 working days, four an hour.
        let hours = json!([{"days": [1, 2, 3, 4, 5], "time": ["08:00", "18:00"]}]);
        let limited = json!({"type": "indefinitely", "interval": 900, "restrict": hours});
        let found = of(limited).unwrap();
        assert!((790..=850).contains(&found), "{found}");
        let slow = json!({"type": "indefinitely", "interval": 86_400, "restrict": hours});
        let found = of(slow).unwrap();
        assert!((20..=22).contains(&found), "{found}");
    }

    #[test]
    fn no_window_is_missed_at_whatever_time_of_day_it_is_asked() {
        let window = |to: &str| json!([{"time": ["09:00", to]}]);
        for (interval, to, most) in [
            (86_400, "10:00", 31),
            (3600, "09:30", 31),
            (900, "09:01", 31),
            (900, "10:00", 4 * 31),
            (60, "09:01", 31),
            (60, "10:00", 60 * 31),
        ] {
            let schedule =
                json!({"type": "indefinitely", "interval": interval, "restrict": window(to)});
            let schedule = Schedule::from_make(&schedule);
            for minute in (0..24 * 60).step_by(7) {
                let from: jiff::Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
                // A run at the very second of the question is one of those before it.
                let from = from + jiff::SignedDuration::from_secs(minute * 60 + 1);
                let until = from + jiff::SignedDuration::from_hours(30 * 24);
                let zone = time_zone("Europe/Prague").unwrap();
                let runs = schedule.runs_within(&zone, from, until).unwrap();
                let least = most / 31 * 30;
                assert!(
                    (least..=most).contains(&runs),
                    "{interval} {to}: {runs} at {minute}"
                );
            }
        }
    }
}
