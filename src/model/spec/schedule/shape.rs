//! A schedule as a value.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Time};
use serde_json::Value;

use super::Cron;

/// The shortest interval of any plan of Make's, in seconds.
pub const SHORTEST_INTERVAL: u64 = 60;

/// A schedule.
///
/// Two schedules that mean the same are equal: days are sets, and what Make stores for "every
/// day" (an interval with a window of one minute) is [`When::Daily`]. Both sides go through
/// [`Schedule::normal`] before they are compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// The rhythm.
    pub when: When,
    /// First and last moment at which it counts (`between`).
    pub between: Option<(Timestamp, Timestamp)>,
    /// Windows in which runs are allowed; none means always (`restrict`).
    pub restrict: Vec<Window>,
    /// The most runs a minute of an immediate schedule; 1 to 10,000.
    pub max_runs_per_minute: Option<u32>,
    /// The time zone that its times are meant in, as an IANA name. Make has one zone for the
    /// whole organization: another one is an error where it would change the times.
    pub timezone: Option<String>,
}

/// The rhythm of a schedule.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    /// At regular intervals, in seconds.
    Every(u64),
    /// Each day at a time.
    Daily(Time),
    /// On days of the week (0 is Sunday) at a time.
    Weekly(BTreeSet<u8>, Time),
    /// On days of the month (1 to 31) at a time.
    Monthly(BTreeSet<u8>, Time),
    /// In months (1 to 12), on days of the month, at a time.
    Yearly(BTreeSet<u8>, BTreeSet<u8>, Time),
    /// One time.
    Once(Timestamp),
    /// As data arrives.
    Immediately,
    /// Only when somebody or something starts it.
    OnDemand,
    /// What only a cron expression says. Only the unified dialect takes one; what another
    /// rhythm says too becomes that one in [`Schedule::normal`].
    Cron(Cron),
    /// Make's own JSON, for what nothing else says.
    Raw(Value),
}

/// A window in which runs are allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// Days of the week, 0 is Sunday; none means all.
    pub days: Option<BTreeSet<u8>>,
    /// Months, 1 to 12; none means all.
    pub months: Option<BTreeSet<u8>>,
    /// From and to.
    pub time: Option<(Time, Time)>,
}

impl Schedule {
    /// A rhythm without limits.
    #[must_use]
    pub fn of(when: When) -> Self {
        Self {
            when,
            between: None,
            restrict: Vec::new(),
            max_runs_per_minute: None,
            timezone: None,
        }
    }
}

impl Window {
    /// Whether the window allows every moment.
    #[must_use]
    pub fn is_unlimited(&self) -> bool {
        let Self { days, months, time } = self;
        days.is_none() && months.is_none() && time.is_none()
    }
}
