//! The next runs of all forms of schedules, also where clocks change.

use jiff::{SignedDuration, Timestamp, Zoned, tz::TimeZone};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    Clocks, Cron, NextRuns, Schedule, When, Window,
    testing::{cron_text, plain, zone as any_zone},
    time_zone,
};
use crate::model::Dialect;

/// A Friday; on the Sunday after it clocks in Europe are put forward.
const SPRING: &str = "2026-03-27T12:00:00Z";

/// A Friday; on the Sunday after it clocks in Europe are put back.
const AUTUMN: &str = "2026-10-23T12:00:00Z";

fn prague() -> TimeZone {
    time_zone("Europe/Prague").unwrap()
}

fn next(dialect: Dialect, schedule: &Schedule, now: &str) -> Option<NextRuns> {
    schedule.next_runs(dialect, &prague(), now.parse().unwrap(), 3)
}

/// `2026-03-28 02:30 CET`, and what the clocks do.
fn in_words(at: &Zoned, clocks: Clocks) -> String {
    let clocks = match clocks {
        Clocks::Run => "",
        Clocks::Skip => " skip",
        Clocks::Repeat => " repeat",
    };
    format!("{}{clocks}", at.strftime("%Y-%m-%d %H:%M %Z"))
}

fn at(runs: Option<NextRuns>) -> Vec<String> {
    match runs {
        Some(NextRuns::At(runs)) => runs
            .iter()
            .map(|run| in_words(&run.at, run.clocks))
            .collect(),
        other => panic!("{other:?}"),
    }
}

fn make(value: Value) -> Schedule {
    Schedule::from_make(&value)
}

fn zone_runs(value: Value, now: &str) -> Vec<String> {
    at(next(Dialect::Zone, &make(value), now))
}

fn cron_runs(text: &str, now: &str) -> Vec<String> {
    let schedule = Schedule::of(When::Cron(Cron::parse(text).unwrap()));
    at(next(Dialect::Unified, &schedule, now))
}

#[test]
fn days_are_those_of_the_time_zone_and_their_clocks_may_change() {
    let half_past_two = json!({"type": "daily", "time": "02:30"});
    assert_eq!(
        zone_runs(half_past_two.clone(), SPRING),
        [
            "2026-03-28 02:30 CET",
            "2026-03-29 03:30 CEST skip",
            "2026-03-30 02:30 CEST"
        ]
    );
    assert_eq!(
        zone_runs(half_past_two, AUTUMN),
        [
            "2026-10-24 02:30 CEST",
            "2026-10-25 02:30 CEST repeat",
            "2026-10-26 02:30 CET"
        ]
    );
    // In the evening of UTC it is tomorrow already.
    let midnight = json!({"type": "weekly", "days": [6], "time": "00:30"});
    assert_eq!(
        zone_runs(midnight, "2026-03-27T23:15:00Z"),
        [
            "2026-03-28 00:30 CET",
            "2026-04-04 00:30 CEST",
            "2026-04-11 00:30 CEST"
        ]
    );
}

#[test]
fn months_without_such_a_day_are_left_out() {
    assert_eq!(
        zone_runs(
            json!({"type": "monthly", "days": [31], "time": "00:00"}),
            SPRING
        ),
        [
            "2026-03-31 00:00 CEST",
            "2026-05-31 00:00 CEST",
            "2026-07-31 00:00 CEST"
        ]
    );
    let leap = json!({"type": "yearly", "months": [2], "days": [29], "time": "12:00"});
    assert_eq!(
        zone_runs(leap, SPRING),
        [
            "2028-02-29 12:00 CET",
            "2032-02-29 12:00 CET",
            "2036-02-29 12:00 CET"
        ]
    );
    let never = json!({"type": "yearly", "months": [2], "days": [30], "time": "12:00"});
    assert_eq!(zone_runs(never, SPRING), [] as [&str; 0]);
    assert_eq!(cron_runs("0 12 30 2 *", SPRING), [] as [&str; 0]);
}

#[test]
fn the_moment_of_a_plan_is_past_already() {
    let noon = json!({"type": "daily", "time": "13:00"});
    assert_eq!(zone_runs(noon, SPRING)[0], "2026-03-28 13:00 CET");
    let once = |date: &str| zone_runs(json!({"type": "once", "date": date}), SPRING);
    assert_eq!(once("2026-03-27T12:00:00Z"), [] as [&str; 0]);
    assert_eq!(once("2026-03-27T12:00:01Z"), ["2026-03-27 13:00 CET"]);
    assert_eq!(once("2026-07-01T12:00:00Z"), ["2026-07-01 14:00 CEST"]);
}

#[test]
fn limits_let_through_what_they_do() {
    let weekdays = json!({"type": "daily", "time": "09:00", "restrict": [
        {"days": [3], "time": ["08:00", "10:00"]}, {"days": [5], "months": [4]}]});
    assert_eq!(
        zone_runs(weekdays, SPRING),
        [
            "2026-04-01 09:00 CEST",
            "2026-04-03 09:00 CEST",
            "2026-04-08 09:00 CEST"
        ]
    );
    let bounded = json!({"type": "daily", "time": "09:00",
        "between": ["2026-04-01T07:00:00Z", "2026-04-02T07:00:00Z"]});
    assert_eq!(
        zone_runs(bounded.clone(), SPRING),
        ["2026-04-01 09:00 CEST", "2026-04-02 09:00 CEST"]
    );
    assert_eq!(zone_runs(bounded, "2026-04-02T07:00:00Z"), [] as [&str; 0]);
    let closed =
        json!({"type": "daily", "time": "09:00", "restrict": [{"time": ["10:00", "11:00"]}]});
    assert_eq!(zone_runs(closed, SPRING), [] as [&str; 0]);
}

#[test]
fn of_an_interval_only_its_length_and_its_limits_are_known() {
    let counted = |value: Value| match next(Dialect::Zone, &make(value), SPRING) {
        Some(NextRuns::Counted { every, not_before }) => {
            (every, not_before.map(|at| in_words(&at, Clocks::Run)))
        }
        other => panic!("{other:?}"),
    };
    let often = |limits: Value| {
        let mut value = json!({"type": "indefinitely", "interval": 1_800});
        value
            .as_object_mut()
            .unwrap()
            .extend(limits.as_object().unwrap().clone());
        value
    };
    let from = |text: &str| (1_800, Some(text.to_owned()));
    assert_eq!(counted(often(json!({}))), (1_800, None));
    // It is one o'clock in the afternoon.
    assert_eq!(
        counted(often(json!({"restrict": [{"time": ["08:00", "18:00"]}]}))),
        (1_800, None)
    );
    assert_eq!(
        counted(often(
            json!({"restrict": [{"days": [0, 1], "time": ["08:00", "18:00"]}]})
        )),
        from("2026-03-29 08:00 CEST")
    );
    assert_eq!(
        counted(often(json!({"restrict": [{"months": [5]}]}))),
        from("2026-05-01 00:00 CEST")
    );
    assert_eq!(
        counted(often(
            json!({"between": ["2026-03-28T10:15:00Z", "2026-12-31T00:00:00Z"]})
        )),
        from("2026-03-28 11:15 CET")
    );
    let over = often(json!({"between": ["2026-01-01T00:00:00Z", "2026-03-27T11:59:59Z"]}));
    assert_eq!(zone_runs(over, SPRING), [] as [&str; 0]);
    // The window over midnight that Make has, and manifests only say in its own words.
    let night = often(json!({"restrict": [{"time": ["22:00", "06:00"]}]}));
    assert_eq!(counted(night), from("2026-03-27 22:00 CET"));
}

#[test]
fn the_unified_dialect_goes_by_the_clock() {
    let quarter = make(json!({"type": "indefinitely", "interval": 900}));
    assert_eq!(
        at(next(Dialect::Unified, &quarter, "2026-03-27T12:07:00Z")),
        [
            "2026-03-27 13:15 CET",
            "2026-03-27 13:30 CET",
            "2026-03-27 13:45 CET"
        ]
    );
    assert_eq!(
        cron_runs("0 */6 * * *", "2026-03-28T20:00:00Z"),
        [
            "2026-03-29 00:00 CET",
            "2026-03-29 06:00 CEST",
            "2026-03-29 12:00 CEST"
        ]
    );
    assert_eq!(
        cron_runs("30 2 * * *", SPRING),
        [
            "2026-03-28 02:30 CET",
            "2026-03-29 03:00 CEST skip",
            "2026-03-30 02:30 CEST"
        ]
    );
    assert_eq!(
        cron_runs("30 2 * * *", AUTUMN),
        [
            "2026-10-24 02:30 CEST",
            "2026-10-25 02:30 CEST repeat",
            "2026-10-26 02:30 CET"
        ]
    );
    // Steps run in both of the hours that look alike.
    assert_eq!(
        cron_runs("*/30 * * * *", "2026-10-25T00:10:00Z"),
        [
            "2026-10-25 02:30 CEST",
            "2026-10-25 02:00 CET",
            "2026-10-25 02:30 CET"
        ]
    );
    assert_eq!(
        cron_runs("0 9 1 * 1", SPRING),
        [
            "2026-03-30 09:00 CEST",
            "2026-04-01 09:00 CEST",
            "2026-04-06 09:00 CEST"
        ]
    );
    assert_eq!(
        cron_runs("15,45 9 * * 0", SPRING),
        [
            "2026-03-29 09:15 CEST",
            "2026-03-29 09:45 CEST",
            "2026-04-05 09:15 CEST"
        ]
    );
    // What it can't say, it does not run.
    let seven = make(json!({"type": "indefinitely", "interval": 420}));
    assert_eq!(next(Dialect::Unified, &seven, SPRING), None);
}

#[test]
fn what_no_clock_starts_has_no_next_run() {
    for value in [
        json!({"type": "on-demand"}),
        json!({"type": "immediately", "restrict": [{"days": [1]}]}),
        json!({"type": "lunar", "time": "06:30"}),
    ] {
        for dialect in [Dialect::Zone, Dialect::Unified] {
            assert_eq!(next(dialect, &make(value.clone()), SPRING), None);
        }
    }
}

/// Whether a schedule by days says a minute, told by its fields alone.
fn says(schedule: &Schedule, at: &Zoned) -> bool {
    let day = u8::try_from(at.day()).unwrap();
    let month = u8::try_from(at.month()).unwrap();
    let weekday = u8::try_from(at.weekday().to_sunday_zero_offset()).unwrap();
    let (time, is_day) = match &schedule.when {
        When::Daily(time) => (time, true),
        When::Weekly(days, time) => (time, days.contains(&weekday)),
        When::Monthly(days, time) => (time, days.contains(&day)),
        When::Yearly(months, days, time) => (time, days.contains(&day) && months.contains(&month)),
        When::Once(moment) => return *moment == at.timestamp(),
        When::Every(_) | When::Immediately | When::OnDemand | When::Cron(_) | When::Raw(_) => {
            panic!("{schedule:?} has no times")
        }
    };
    is_day && at.time() == *time
}

fn permits(schedule: &Schedule, at: &Zoned) -> bool {
    let Schedule {
        between, restrict, ..
    } = schedule;
    let weekday = u8::try_from(at.weekday().to_sunday_zero_offset()).unwrap();
    let is_open = |Window { days, months, time }: &Window| {
        let in_time = time.is_none_or(|(from, to)| match from < to {
            true => from <= at.time() && at.time() < to,
            false => from <= at.time() || at.time() < to,
        });
        let month = u8::try_from(at.month()).unwrap();
        in_time
            && days.as_ref().is_none_or(|days| days.contains(&weekday))
            && months.as_ref().is_none_or(|months| months.contains(&month))
    };
    between.is_none_or(|(from, to)| from <= at.timestamp() && at.timestamp() <= to)
        && (restrict.is_empty() || restrict.iter().any(is_open))
}

fn moments() -> impl Strategy<Value = Timestamp> {
    // From 2020 to 2050.
    (1_577_836_800..2_524_608_000_i64).prop_map(|second| Timestamp::from_second(second).unwrap())
}

proptest! {
    #[test]
    fn next_runs_are_to_come_in_order_and_as_the_schedule_says(
        schedule in plain(), zone in any_zone(), now in moments(),
    ) {
        let zone = time_zone(zone).unwrap();
        let normal = schedule.clone().normal();
        match schedule.next_runs(Dialect::Zone, &zone, now, 4) {
            None => prop_assert!(matches!(normal.when, When::Immediately | When::OnDemand)),
            Some(NextRuns::Counted { every, not_before }) => {
                prop_assert_eq!(&normal.when, &When::Every(every));
                let first = not_before.clone().unwrap_or(now.to_zoned(zone));
                prop_assert!(permits(&normal, &first));
                if let Some(first) = not_before {
                    prop_assert!(first.timestamp() > now);
                    let before = first.saturating_sub(SignedDuration::from_secs(1));
                    let is_new = before.timestamp() <= now || !permits(&normal, &before);
                    prop_assert!(is_new, "{before} is allowed too");
                }
            }
            Some(NextRuns::At(runs)) => {
                prop_assert!(runs.len() <= 4);
                prop_assert!(runs.iter().all(|run| run.at.timestamp() > now));
                prop_assert!(runs.is_sorted_by(|a, b| a.at < b.at));
                for run in runs {
                    prop_assert!(permits(&normal, &run.at), "{}", run.at);
                    let is_said = says(&normal, &run.at);
                    prop_assert_eq!(is_said, run.clocks != Clocks::Skip, "{}", run.at);
                }
            }
        }
    }

    #[test]
    fn runs_by_days_are_those_of_their_cron_expression(
        schedule in plain(), zone in any_zone(), now in moments(),
    ) {
        let when = schedule.normal().when;
        prop_assume!(!matches!(when, When::Every(_)));
        let Some(cron) = Cron::of(&when) else { return Ok(()) };
        let zone = time_zone(zone).unwrap();
        let runs = |dialect| match Schedule::of(when.clone()).next_runs(dialect, &zone, now, 5) {
            Some(NextRuns::At(runs)) => runs,
            other => panic!("{other:?}"),
        };
        let (by_days, by_cron) = (runs(Dialect::Zone), runs(Dialect::Unified));
        prop_assert_eq!(by_days.len(), by_cron.len(), "{}", cron);
        for (a, b) in by_days.iter().zip(&by_cron) {
            prop_assert_eq!(a.clocks, b.clocks);
            // Behind a gap the two are not agreed on how far.
            prop_assert!(a.at == b.at || a.clocks == Clocks::Skip, "{} {}", a.at, b.at);
        }
    }

    #[test]
    fn no_minute_that_a_cron_expression_names_is_passed_over(
        text in cron_text(), zone in any_zone(), now in moments(),
    ) {
        let Ok(cron) = Cron::parse(&text) else { return Ok(()) };
        let schedule = Schedule::of(When::Cron(cron.clone()));
        let zone = time_zone(zone).unwrap();
        let Some(NextRuns::At(runs)) = schedule.next_runs(Dialect::Unified, &zone, now, 1) else {
            return Err(TestCaseError::fail("cron has runs"));
        };
        // Each minute of the next three days, by what the text itself says to the library.
        let pattern: croner::Cron = text.parse().unwrap();
        let mut at = now.to_zoned(zone).with().second(0).build().unwrap();
        for _ in 0..3 * 24 * 60 {
            at = at.saturating_add(SignedDuration::from_mins(1));
            let is_matched = pattern.is_time_matching(&at.datetime()).unwrap();
            prop_assert_eq!(is_matched, cron.matches(at.datetime()), "{}", at);
            match runs.first() {
                Some(run) if run.at <= at => {
                    let is_its_own = is_matched && run.at == at;
                    prop_assert!(is_its_own || run.clocks == Clocks::Skip, "{} {}", run.at, at);
                    break;
                }
                Some(_) | None => prop_assert!(!is_matched, "{at} is passed over"),
            }
        }
    }
}
