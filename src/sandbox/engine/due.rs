//! When a schedule is due.
//!
//! Times of day are read in the organization's time zone; one that does not exist on a day, as
//! the clocks change, is an hour later. Where `restrict` allows no run at the time that would be
//! next, the next one is at the beginning of the next window.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::Value;

use crate::sandbox::beginning::ORGANIZATION;
use crate::sandbox::collection::Collection;
use crate::sandbox::error::WorldError;
use crate::sandbox::routes::zone::enums;
use crate::sandbox::routes::zone::scope::{number, text};
use crate::sandbox::store::Objects;

/// How many days ahead a next run is looked for: from one 29th of February to the next, across
/// a year without one.
const HORIZON: i32 = 8 * 366 + 1;

/// The time zone that an organization's schedules are read in.
pub(crate) fn zone(world: &impl Objects, organization: u64) -> Result<TimeZone, WorldError> {
    let organization = world.object(Collection::Organizations, organization)?;
    let id = organization.and_then(|organization| number(&organization, "timezoneId"));
    let name = id.and_then(enums::time_zone);
    Ok(name
        .and_then(|name| TimeZone::get(name).ok())
        .unwrap_or(TimeZone::UTC))
}

/// The time zone of the organization whose team an object is of.
pub(crate) fn zone_of(world: &impl Objects, object: &Value) -> Result<TimeZone, WorldError> {
    zone(world, organization_of(world, object)?)
}

/// The organization whose team an object is of.
pub(super) fn organization_of(world: &impl Objects, object: &Value) -> Result<u64, WorldError> {
    let team = number(object, "teamId").unwrap_or_default();
    let team = world.object(Collection::Teams, team)?;
    let organization = team.and_then(|team| number(&team, "organizationId"));
    Ok(organization.unwrap_or(ORGANIZATION))
}

/// The first moment after `after` at which a schedule is due, if it is ever again. One that is
/// on demand or waits for what arrives is never due by itself.
pub(crate) fn next(schedule: &Value, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
    let (start, end) = between(schedule);
    // What begins later is as if nothing had run before its beginning.
    let from = start.map_or(after, |start| {
        after.max(start - SignedDuration::from_nanos(1))
    });
    let found = match text(schedule, "type")? {
        "indefinitely" => {
            let seconds = i64::try_from(number(schedule, "interval")?).ok()?;
            let step = SignedDuration::from_secs(seconds.max(1));
            let next = after.checked_add(step).ok()?;
            allowed(schedule, zone, start.map_or(next, |start| next.max(start)))
        }
        "once" => {
            let date = text(schedule, "date")?.parse().ok()?;
            (date > from).then_some(date)
        }
        "daily" | "weekly" | "monthly" | "yearly" => on_a_day(schedule, zone, from),
        _ => None,
    };
    found.filter(|time| end.is_none_or(|end| *time <= end))
}

/// The first and the last moment at which a schedule is valid.
fn between(schedule: &Value) -> (Option<Timestamp>, Option<Timestamp>) {
    let bound = |index: usize| schedule.get("between")?.get(index)?.as_str()?.parse().ok();
    (bound(0), bound(1))
}

/// The first due time of day after `from` that is within a window.
fn on_a_day(schedule: &Value, zone: &TimeZone, from: Timestamp) -> Option<Timestamp> {
    let time: Time = text(schedule, "time")?.parse().ok()?;
    let is_due = |day: Date| match text(schedule, "type") {
        Some("weekly") => lists(schedule, "days", day.weekday().to_sunday_zero_offset()),
        Some("monthly") => lists(schedule, "days", day.day()),
        Some("yearly") => {
            lists(schedule, "days", day.day()) && lists(schedule, "months", day.month())
        }
        _ => true,
    };
    days_from(from, zone)
        .filter(|day| is_due(*day))
        .filter_map(|day| instant(day, time, zone))
        .filter(|due| is_allowed(schedule, zone, *due))
        .find(|due| *due > from)
}

/// The first moment from `time` on that is within a window.
fn allowed(schedule: &Value, zone: &TimeZone, time: Timestamp) -> Option<Timestamp> {
    if is_allowed(schedule, zone, time) {
        return Some(time);
    }
    let opens = |day: Date| {
        let starts = windows(schedule).iter().map(|window| {
            let start = window_times(window).map_or(Time::MIN, |(start, _)| start);
            instant(day, start, zone)
        });
        starts.flatten().collect::<Vec<_>>()
    };
    days_from(time, zone).find_map(|day| {
        let mut starts = opens(day);
        starts.extend(instant(day, Time::MIN, zone)); // where a day begins within a window
        let usable = starts
            .into_iter()
            .filter(|start| *start > time && is_allowed(schedule, zone, *start));
        usable.min()
    })
}

/// Whether one of the windows of `restrict` is open, or there is none.
fn is_allowed(schedule: &Value, zone: &TimeZone, time: Timestamp) -> bool {
    let windows = windows(schedule);
    let local = time.to_zoned(zone.clone());
    let is_open = |window: &Value| {
        let fits = |field: &str, number: i8| {
            window.get(field).is_none_or(Value::is_null) || lists(window, field, number)
        };
        fits("days", local.weekday().to_sunday_zero_offset())
            && fits("months", local.month())
            && window_times(window).is_none_or(|(start, end)| match start <= end {
                true => (start..end).contains(&local.time()),
                false => local.time() >= start || local.time() < end, // over midnight
            })
    };
    windows.is_empty() || windows.iter().any(is_open)
}

fn windows(schedule: &Value) -> &[Value] {
    let windows = schedule.get("restrict").and_then(Value::as_array);
    windows.map(Vec::as_slice).unwrap_or_default()
}

/// When a window opens, and when it has closed again.
fn window_times(window: &Value) -> Option<(Time, Time)> {
    let time = |index: usize| window.get("time")?.get(index)?.as_str()?.parse().ok();
    Some((time(0)?, time(1)?))
}

fn lists(object: &Value, field: &str, number: i8) -> bool {
    let items = object.get(field).and_then(Value::as_array);
    items.is_some_and(|items| {
        items
            .iter()
            .any(|item| item.as_i64() == Some(number.into()))
    })
}

fn days_from(time: Timestamp, zone: &TimeZone) -> impl Iterator<Item = Date> {
    let first = time.to_zoned(zone.clone()).date();
    (0..HORIZON).filter_map(move |days| first.checked_add(days.days()).ok())
}

fn instant(day: Date, time: Time, zone: &TimeZone) -> Option<Timestamp> {
    let zoned = day.to_datetime(time).to_zoned(zone.clone()).ok()?;
    Some(zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::next;

    /// The next due times after 2026-03-27T12:00Z, a Friday, in Prague; on the 29th the clocks
    /// go from 02:00 to 03:00.
    fn due<const N: usize>(schedule: &str) -> [Option<String>; N] {
        let schedule = serde_json::from_str(schedule).unwrap();
        let zone = TimeZone::get("Europe/Prague").unwrap();
        let mut after = Some("2026-03-27T12:00:00Z".parse().unwrap());
        std::array::from_fn(|_| {
            after = after.and_then(|time| next(&schedule, &zone, time));
            after.map(|time| time.to_string())
        })
    }

    fn some<const N: usize>(times: [&str; N]) -> [Option<String>; N] {
        times.map(|time| Some(time.to_owned()))
    }

    #[test]
    fn only_what_a_clock_starts_is_ever_due() {
        assert_eq!(due(r#"{"type":"on-demand"}"#), [None]);
        assert_eq!(due(r#"{"type":"immediately"}"#), [None]);
        let past = due(r#"{"type":"once","date":"2026-03-27T12:00:00Z"}"#);
        assert_eq!(past, [None]);
        let [at, again] = due(r#"{"type":"once","date":"2026-04-11T09:00:00Z"}"#);
        assert_eq!(at.as_deref(), Some("2026-04-11T09:00:00Z"));
        assert_eq!(again, None);
    }

    #[test]
    fn days_are_those_of_the_organizations_time_zone() {
        assert_eq!(
            due(r#"{"type":"daily","time":"02:30"}"#),
            some([
                "2026-03-28T01:30:00Z",
                "2026-03-29T01:30:00Z", // 03:30, as there is no 02:30
                "2026-03-30T00:30:00Z",
            ])
        );
        assert_eq!(
            due(r#"{"type":"weekly","days":[0,1],"time":"09:00"}"#),
            some([
                "2026-03-29T07:00:00Z",
                "2026-03-30T07:00:00Z",
                "2026-04-05T07:00:00Z"
            ])
        );
        assert_eq!(
            due(r#"{"type":"monthly","days":[31],"time":"00:00"}"#),
            some(["2026-03-30T22:00:00Z", "2026-05-30T22:00:00Z"])
        );
        assert_eq!(
            due(r#"{"type":"yearly","months":[2],"days":[29],"time":"00:00"}"#),
            some(["2028-02-28T23:00:00Z", "2032-02-28T23:00:00Z"])
        );
    }

    #[test]
    fn a_schedule_is_valid_between_two_moments() {
        let bounds = r#""between":["2026-03-28T00:00:00Z","2026-03-28T00:20:00Z"]"#;
        let [first, second, third] = due(&format!(
            r#"{{"type":"indefinitely","interval":900,{bounds}}}"#
        ));
        assert_eq!(first.as_deref(), Some("2026-03-28T00:00:00Z"));
        assert_eq!(second.as_deref(), Some("2026-03-28T00:15:00Z"));
        assert_eq!(third, None);
        let bounds = r#""between":["2026-04-01T05:00:00Z","2026-04-01T05:00:00Z"]"#;
        let [first, second] = due(&format!(r#"{{"type":"daily","time":"07:00",{bounds}}}"#));
        assert_eq!(first.as_deref(), Some("2026-04-01T05:00:00Z"));
        assert_eq!(second, None);
    }

    #[test]
    fn windows_hold_runs_back_until_they_open() {
        // The form in which Make was seen to keep a daily schedule.
        let every = r#""days":[1,2,3,4,5,6,0],"time":["06:00","06:01"]"#;
        assert_eq!(
            due(&format!(
                r#"{{"type":"indefinitely","interval":900,"restrict":[{{{every}}}]}}"#
            )),
            some([
                "2026-03-28T05:00:00Z",
                "2026-03-29T04:00:00Z",
                "2026-03-30T04:00:00Z"
            ])
        );
        assert_eq!(
            due(
                r#"{"type":"indefinitely","interval":28800,"restrict":[{"days":[1,5],"months":null,"time":["09:00","17:00"]}]}"#
            ),
            some([
                "2026-03-30T07:00:00Z",
                "2026-04-03T07:00:00Z",
                "2026-04-06T07:00:00Z"
            ])
        );
        assert_eq!(
            due(
                r#"{"type":"indefinitely","interval":21600,"restrict":[{"time":["22:00","06:00"]}]}"#
            ),
            some([
                "2026-03-27T21:00:00Z",
                "2026-03-28T03:00:00Z",
                "2026-03-28T21:00:00Z"
            ])
        );
        assert_eq!(
            due(r#"{"type":"daily","time":"09:00","restrict":[{"days":[3]}]}"#),
            some(["2026-04-01T07:00:00Z", "2026-04-08T07:00:00Z"])
        );
        let never = r#"{"type":"daily","time":"09:00","restrict":[{"time":["10:00","11:00"]}]}"#;
        assert_eq!(due(never), [None]);
    }
}
