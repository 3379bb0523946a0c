//! When a schedule runs next.

use std::str::FromStr as _;

use jiff::{
    SignedDuration, Timestamp, Zoned,
    civil::{Date, Time},
    tz::TimeZone,
};

use super::{Cron, Schedule, When, Window};
use crate::model::Dialect;

/// How many days ahead a run is looked for: in 40 years each 29th of February falls on each day
/// of the week, across a year without one.
const HORIZON: usize = 41 * 366;

/// How many matches of a cron expression are looked at, which limits may all forbid.
const TRIES: usize = 10_000;

/// What can be said of the next runs of a schedule.
#[derive(Clone, Debug, PartialEq)]
pub enum NextRuns {
    /// At these moments, in order. Fewer than asked for where there are no more; none where it
    /// never runs again.
    At(Vec<NextRun>),
    /// Once every so often, counted from a moment that Make chooses.
    Counted {
        /// The interval, in seconds.
        every: u64,
        /// The first moment that its limits allow, where they do not allow one now.
        not_before: Option<Zoned>,
    },
}

/// A run.
#[derive(Clone, Debug, PartialEq)]
pub struct NextRun {
    /// When, in the time zone of the schedule.
    pub at: Zoned,
    /// Whether the clocks change just then.
    pub clocks: Clocks,
}

/// What the clocks do at the time of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clocks {
    /// They run on.
    Run,
    /// They leave out the time that the schedule says: the run is moved behind the gap. What Make
    /// does then is not documented.
    Skip,
    /// They show the time that the schedule says twice: the first one is taken. Which one Make
    /// takes is not documented.
    Repeat,
}

impl Schedule {
    /// The next runs after `now`, `count` at most; none where no clock starts it, or where it can't be told
    /// when: Make's own JSON that nobody understands, and what the dialect can't say.
    ///
    /// The zone dialect counts intervals from a moment of its own choice, the unified one by the
    /// clock.
    #[must_use]
    pub fn next_runs(
        &self,
        dialect: Dialect,
        zone: &TimeZone,
        now: Timestamp,
        count: usize,
    ) -> Option<NextRuns> {
        let schedule = self.clone().normal();
        let limits = Limits {
            schedule: &schedule,
            zone,
            now,
        };
        if dialect == Dialect::Unified {
            let cron = Cron::of(&schedule.as_cron()?.when)?;
            return Some(NextRuns::At(by_cron(&cron, limits, count)));
        }
        let runs = match &schedule.when {
            When::Daily(time) => on_days(|_| true, *time, limits, count),
            When::Weekly(days, time) => on_days(
                |date| has(days, date.weekday().to_sunday_zero_offset()),
                *time,
                limits,
                count,
            ),
            When::Monthly(days, time) => {
                on_days(|date| has(days, date.day()), *time, limits, count)
            }
            When::Yearly(months, days, time) => on_days(
                |date| has(months, date.month()) && has(days, date.day()),
                *time,
                limits,
                count,
            ),
            When::Once(moment) => {
                let run = NextRun {
                    at: moment.to_zoned(zone.clone()),
                    clocks: Clocks::Run,
                };
                Some(run)
                    .filter(|run| limits.allow(&run.at))
                    .into_iter()
                    .collect()
            }
            When::Every(seconds) => return Some(counted(*seconds, limits)),
            When::Cron(cron) => by_cron(cron, limits, count),
            When::Immediately | When::OnDemand | When::Raw(_) => return None,
        };
        Some(NextRuns::At(runs))
    }
}

/// What runs have to keep to.
#[derive(Clone, Copy)]
pub(super) struct Limits<'a> {
    pub(super) schedule: &'a Schedule,
    pub(super) zone: &'a TimeZone,
    pub(super) now: Timestamp,
}

impl Limits<'_> {
    /// Whether a run at a moment is after now, and within the schedule's limits.
    fn allow(self, at: &Zoned) -> bool {
        at.timestamp() > self.now && self.contain(at)
    }

    /// Whether a moment is within the schedule's limits.
    pub(super) fn contain(self, at: &Zoned) -> bool {
        let windows = &self.schedule.restrict;
        let is_valid = self
            .schedule
            .between
            .is_none_or(|(from, until)| (from..=until).contains(&at.timestamp()));
        is_valid && (windows.is_empty() || windows.iter().any(|window| is_open(window, at)))
    }

    /// The moment from which on runs may be.
    pub(super) fn beginning(self) -> Timestamp {
        let from = self.schedule.between.map(|(from, _)| from);
        from.map_or(self.now, |from| from.max(self.now))
    }
}

/// Whether a window is open: from its first time, until before its last one. One that ends before
/// it begins goes over midnight.
fn is_open(window: &Window, at: &Zoned) -> bool {
    let Window { days, months, time } = window;
    let local = at.time();
    days.as_ref()
        .is_none_or(|days| has(days, at.weekday().to_sunday_zero_offset()))
        && months.as_ref().is_none_or(|months| has(months, at.month()))
        && time.is_none_or(|(from, to)| match from < to {
            true => (from..to).contains(&local),
            false => local >= from || local < to,
        })
}

fn has(numbers: &std::collections::BTreeSet<u8>, number: i8) -> bool {
    u8::try_from(number).is_ok_and(|number| numbers.contains(&number))
}

/// Runs at a time of day, on days of a kind.
fn on_days(
    is_day: impl Fn(Date) -> bool,
    time: Time,
    limits: Limits<'_>,
    count: usize,
) -> Vec<NextRun> {
    let days = days_from(limits.beginning(), limits.zone).filter(|date| is_day(*date));
    days.filter_map(|date| at_time(date, time, limits.zone))
        .filter(|run| limits.allow(&run.at))
        .take(count)
        .collect()
}

/// A day's run at a time. A time that the clocks leave out is as much later as they are put
/// forward.
fn at_time(date: Date, time: Time, zone: &TimeZone) -> Option<NextRun> {
    let ambiguous = zone.to_ambiguous_zoned(date.to_datetime(time));
    let is_twice = ambiguous.is_ambiguous();
    let at = ambiguous.compatible().ok()?;
    let clocks = match (is_twice, at.time() == time) {
        (_, false) => Clocks::Skip,
        (true, true) => Clocks::Repeat,
        (false, true) => Clocks::Run,
    };
    Some(NextRun { at, clocks })
}

fn days_from(moment: Timestamp, zone: &TimeZone) -> impl Iterator<Item = Date> {
    let first = moment.to_zoned(zone.clone()).date();
    first.series(jiff::Span::new().days(1)).take(HORIZON)
}

/// Runs of a cron expression, as the common rules of cron have it: a fixed time that the clocks
/// leave out is taken up when they go on; steps go by what the clocks show.
fn by_cron(cron: &Cron, limits: Limits<'_>, count: usize) -> Vec<NextRun> {
    let Ok(pattern) = croner::Cron::from_str(&cron.to_string()) else {
        return Vec::new();
    };
    let before = limits
        .beginning()
        .saturating_sub(SignedDuration::from_secs(1));
    let last = before.unwrap_or(limits.now).max(limits.now);
    let last = last.to_zoned(limits.zone.clone());
    let is_fixed = matches!(pattern.determine_job_type(), croner::JobType::FixedTime);
    pattern
        .iter_after(last)
        .take(TRIES)
        .filter(|at| limits.allow(at))
        .take(count)
        .map(|at| {
            let is_twice = || limits.zone.to_ambiguous_zoned(at.datetime()).is_ambiguous();
            let clocks = match is_fixed {
                true if !cron.matches(at.datetime()) => Clocks::Skip,
                true if is_twice() => Clocks::Repeat,
                true | false => Clocks::Run,
            };
            NextRun { at, clocks }
        })
        .collect()
}

/// What can be said of an interval.
fn counted(every: u64, limits: Limits<'_>) -> NextRuns {
    let beginning = limits.beginning().to_zoned(limits.zone.clone());
    let Some(first) = first_allowed(&beginning, limits) else {
        return NextRuns::At(Vec::new());
    };
    let not_before = (first.timestamp() > limits.now).then_some(first);
    NextRuns::Counted { every, not_before }
}

/// The first moment from one on that is within the limits: that one, or when a window opens.
pub(super) fn first_allowed(from: &Zoned, limits: Limits<'_>) -> Option<Zoned> {
    if limits.contain(from) {
        return Some(from.clone());
    }
    days_from(from.timestamp(), limits.zone).find_map(|date| {
        let opens = limits
            .schedule
            .restrict
            .iter()
            .map(|window| window.time.map_or(Time::MIN, |(opens, _)| opens));
        // And where a day begins within a window.
        let times = opens.chain([Time::MIN]);
        let moments = times.filter_map(|time| Some(at_time(date, time, limits.zone)?.at));
        moments.filter(|at| at > from && limits.contain(at)).min()
    })
}
