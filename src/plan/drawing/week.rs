//! A schedule on the grid of a week.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

use crate::model::{
    Dialect,
    spec::{
        Schedule,
        schedule::{NextRuns, When, Window},
    },
};

/// How often a schedule runs in each hour of a week: Monday to Sunday, 0 to 23 o'clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Week(pub [[f64; 24]; 7]);

/// The most runs of a week that are counted one by one: one a minute.
const MOST: usize = 7 * 24 * 60;

/// The week of a schedule in Make's JSON, by its own clock; none where no week is like another
/// one (days of a month, a single run), or where nobody knows when it runs.
#[must_use]
pub fn week(schedule: &Value) -> Option<Week> {
    let schedule = Schedule::from_make(schedule).normal();
    let mut week = Week([[0.0; 24]; 7]);
    match &schedule.when {
        When::Every(seconds) => {
            #[expect(clippy::cast_precision_loss, reason = "intervals are small numbers")]
            let hourly = 3600.0 / (*seconds).max(1) as f64;
            for (day, hours) in (0..).zip(&mut week.0) {
                for (hour, runs) in (0..).zip(hours) {
                    *runs = hourly * share(&schedule.restrict, day, hour);
                }
            }
        }
        When::Daily(_) | When::Weekly(..) | When::Cron(_) => {
            // A Monday, of a month that all months' windows are open in is not to be had: the
            // limits of months and dates are left out.
            let mut plain = schedule.clone();
            plain.between = None;
            for window in &mut plain.restrict {
                window.months = None;
            }
            let monday: Timestamp = "2001-01-01T00:00:00Z".parse().ok()?;
            let before = monday
                .checked_sub(jiff::SignedDuration::from_secs(1))
                .ok()?;
            let end: Timestamp = "2001-01-08T00:00:00Z".parse().ok()?;
            let runs = plain.next_runs(Dialect::Zone, &TimeZone::UTC, before, MOST)?;
            let NextRuns::At(runs) = runs else {
                return None;
            };
            for run in runs.iter().filter(|run| run.at.timestamp() < end) {
                let day = run.at.weekday().to_monday_zero_offset();
                let cell = week
                    .0
                    .get_mut(usize::try_from(day).ok()?)?
                    .get_mut(usize::try_from(run.at.hour()).ok()?)?;
                *cell += 1.0;
            }
        }
        When::Monthly(..)
        | When::Yearly(..)
        | When::Once(_)
        | When::Immediately
        | When::OnDemand
        | When::Raw(_) => return None,
    }
    Some(week)
}

/// How much of an hour windows allow, to the minute. `day` counts from Monday.
fn share(windows: &[Window], day: u8, hour: i8) -> f64 {
    if windows.is_empty() {
        return 1.0;
    }
    // Windows count from Sunday.
    let day = (day + 1) % 7;
    let is_open = |minute: i8| {
        let at = jiff::civil::time(hour, minute, 0, 0);
        windows.iter().any(|window| {
            let on_day = window.days.as_ref().is_none_or(|days| days.contains(&day));
            on_day
                && window.time.is_none_or(|(from, to)| match from < to {
                    true => (from..to).contains(&at),
                    false => at >= from || at < to,
                })
        })
    };
    f64::from(u8::try_from((0..60).filter(|minute| is_open(*minute)).count()).unwrap_or(60)) / 60.0
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::week;

    #[test]
    fn runs_are_counted_hour_by_hour() {
        let every = week(&json!({"type": "indefinitely", "interval": 900})).unwrap();
        assert!(every.0.iter().flatten().all(|runs| *runs == 4.0));
        let restricted = json!({"type": "indefinitely", "interval": 900,
            "restrict": [{"time": ["09:00", "09:30"], "days": [1]}]});
        let restricted = week(&restricted).unwrap();
        assert_eq!(restricted.0[0][9], 2.0);
        assert_eq!(restricted.0.iter().flatten().sum::<f64>(), 2.0);
        let weekly = week(&json!({"type": "weekly", "days": [1, 0], "time": "06:30"})).unwrap();
        assert_eq!((weekly.0[0][6], weekly.0[6][6]), (1.0, 1.0));
        assert_eq!(weekly.0.iter().flatten().sum::<f64>(), 2.0);
        assert_eq!(week(&json!({"type": "on-demand"})), None);
        assert_eq!(
            week(&json!({"type": "monthly", "days": [1], "time": "06:30"})),
            None
        );
        assert_eq!(week(&json!("odd")), None);
    }
}
