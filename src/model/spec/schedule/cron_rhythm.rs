//! Cron expressions as rhythms, and back.

use std::collections::BTreeSet;

use jiff::civil::Time;

use super::{
    Cron, Schedule, When, Window,
    cron::{RANGES, is_all, step},
};

impl Cron {
    /// The expression of a rhythm, where one says the same. Intervals are counted from the full
    /// hour or from midnight then, instead of from the moment of activation.
    #[must_use]
    pub fn of(when: &When) -> Option<Self> {
        let every =
            || -> [BTreeSet<u8>; 5] { RANGES.map(|(least, most)| (least..=most).collect()) };
        let [minutes, hours, days, months, weekdays] = every();
        let always = Self {
            minutes,
            hours,
            days,
            months,
            weekdays,
        };
        let at = |time: &Time| {
            (time.second() == 0).then(|| Self {
                minutes: one(time.minute()),
                hours: one(time.hour()),
                ..always.clone()
            })
        };
        match when {
            When::Every(seconds) => {
                let (minutes, rest) = (seconds / 60, seconds % 60);
                let step = |of: u64, step: u64| -> Option<BTreeSet<u8>> {
                    let fits = step > 0 && of.is_multiple_of(step);
                    let steps = (0..of).step_by(usize::try_from(step).ok()?.max(1));
                    fits.then(|| steps.filter_map(|value| u8::try_from(value).ok()).collect())
                };
                match (rest, minutes < 60) {
                    (0, true) => Some(Self {
                        minutes: step(60, minutes)?,
                        ..always
                    }),
                    (0, false) if minutes.is_multiple_of(60) => Some(Self {
                        minutes: one(0),
                        hours: step(24, minutes / 60)?,
                        ..always
                    }),
                    _ => None,
                }
            }
            When::Daily(time) => at(time),
            When::Weekly(weekdays, time) => at(time).map(|cron| Self {
                weekdays: weekdays.clone(),
                ..cron
            }),
            When::Monthly(days, time) => at(time).map(|cron| Self {
                days: days.clone(),
                ..cron
            }),
            When::Yearly(months, days, time) => at(time).map(|cron| Self {
                months: months.clone(),
                days: days.clone(),
                ..cron
            }),
            When::Cron(cron) => Some(cron.clone()),
            When::Once(_) | When::Immediately | When::OnDemand | When::Raw(_) => None,
        }
    }

    /// The rhythm that says the same without cron, where there is one. Of [`When::Every`] the
    /// phase is not kept.
    #[must_use]
    pub fn rhythm(&self) -> Option<When> {
        let [minutes, hours, days, months, weekdays] = self.fields();
        if is_all(days) && is_all(months) && is_all(weekdays) {
            if is_all(hours)
                && let Some(step) = step(minutes)
            {
                return Some(When::Every(u64::from(step) * 60));
            }
            if *minutes.0 == one(0)
                && hours.0.len() > 1
                && let Some(step) = step(hours)
            {
                return Some(When::Every(u64::from(step) * 3_600));
            }
        }
        let time = self.time()?;
        match (is_all(days), is_all(months), is_all(weekdays)) {
            (true, true, true) => Some(When::Daily(time)),
            (true, true, false) => Some(When::Weekly(self.weekdays.clone(), time)),
            (false, true, true) => Some(When::Monthly(self.days.clone(), time)),
            (_, false, true) => Some(When::Yearly(self.months.clone(), self.days.clone(), time)),
            (_, _, false) => None,
        }
    }

    /// The schedule nearest to it that takes no cron: on the same days of the week and in the
    /// same months, as often or about so. One that is at times on days of the month or of the
    /// week, whichever comes, keeps to those of the week.
    #[must_use]
    pub fn nearest(&self) -> Schedule {
        if let Some(rhythm) = self.rhythm() {
            return Schedule::of(rhythm);
        }
        let [.., months, weekdays] = self.fields();
        let limited = |field: (&BTreeSet<u8>, (u8, u8))| (!is_all(field)).then(|| field.0.clone());
        if let Some(time) = self.time() {
            // Days of the week, or they would have been a rhythm.
            return Schedule {
                restrict: windows(None, limited(months), None),
                ..Schedule::of(When::Weekly(self.weekdays.clone(), time))
            };
        }
        let hours = self.hours.len().max(1);
        let (first, last) = (first(&self.hours), self.hours.last().copied().unwrap_or(23));
        let is_row = usize::from(last - first) + 1 == hours;
        let (minutes, time) = match is_row {
            // Some hours in a row: a window, in which it runs as often as in each hour.
            true => {
                let end = match last {
                    23 => time(23, 59),
                    last => time(last + 1, 0),
                };
                (
                    60 / self.minutes.len().max(1),
                    (hours < 24).then(|| (time(first, 0), end)),
                )
            }
            false => (24 * 60 / (self.minutes.len() * hours).max(1), None),
        };
        let seconds = u64::try_from(minutes.max(1)).unwrap_or(60) * 60;
        // Of days of the month windows know nothing.
        let weekdays = limited(weekdays);
        Schedule {
            restrict: windows(weekdays, limited(months), time),
            ..Schedule::of(When::Every(seconds))
        }
    }

    /// The time of day, where there is one.
    fn time(&self) -> Option<Time> {
        let is_single = self.minutes.len() == 1 && self.hours.len() == 1;
        is_single.then(|| time(first(&self.hours), first(&self.minutes)))
    }
}

impl Schedule {
    /// The same schedule as far as cron goes, in the form in which a reader of the expression has
    /// it; none where no expression says it, nor that it runs on demand only.
    #[must_use]
    pub fn as_cron(&self) -> Option<Self> {
        let Self {
            when,
            between,
            restrict,
            max_runs_per_minute,
            timezone,
        } = self.clone().normal();
        if between.is_some() || !restrict.is_empty() || max_runs_per_minute.is_some() {
            return None;
        }
        let when = if when == When::OnDemand {
            when
        } else {
            When::Cron(Cron::of(&when)?)
        };
        let cron = Self {
            timezone,
            ..Self::of(when)
        };
        Some(cron.normal())
    }
}

fn one(number: impl TryInto<u8>) -> BTreeSet<u8> {
    number.try_into().ok().into_iter().collect()
}

fn first(field: &BTreeSet<u8>) -> u8 {
    field.first().copied().unwrap_or(0)
}

fn time(hour: u8, minute: u8) -> Time {
    let signed = |number: u8| i8::try_from(number).unwrap_or(0);
    Time::new(signed(hour), signed(minute), 0, 0).unwrap_or(Time::midnight())
}

/// One window; none where it would limit nothing.
fn windows(
    days: Option<BTreeSet<u8>>,
    months: Option<BTreeSet<u8>>,
    time: Option<(Time, Time)>,
) -> Vec<Window> {
    let window = Window { days, months, time };
    match window.is_unlimited() {
        true => Vec::new(),
        false => vec![window],
    }
}

#[cfg(test)]
mod tests {
    use super::{Cron, When};

    #[test]
    fn rhythms_go_there_and_back() {
        for text in [
            "* * * * *",
            "*/15 * * * *",
            "0 * * * *",
            "0 */6 * * *",
            "30 6 * * *",
            "0 9 * * 1,3",
            "0 7 1,15 * *",
            "5 0 1 1,7 *",
        ] {
            let cron = Cron::parse(text).unwrap();
            let rhythm = cron.rhythm().unwrap();
            assert_eq!(Cron::of(&rhythm).unwrap(), cron, "{text}: {rhythm:?}");
        }
        for text in [
            "0 9,17 * * *",
            "7-59/10 * * * *",
            "0 9 1 * 1",
            "*/7 * * * *",
        ] {
            assert_eq!(Cron::parse(text).unwrap().rhythm(), None, "{text}");
        }
        assert_eq!(Cron::of(&When::Every(90)), None);
        assert_eq!(Cron::of(&When::Every(7 * 60)), None);
        assert_eq!(Cron::of(&When::OnDemand), None);
    }

    #[test]
    fn a_schedule_is_read_from_its_expression_as_it_was_said() {
        use super::Schedule;
        let day = Schedule::of(When::Every(24 * 3_600)).as_cron().unwrap();
        assert_eq!(day.when, When::Daily("00:00".parse().unwrap()));
        assert_eq!(day.as_cron().unwrap(), day);
        let mut quarter = Schedule::of(When::Every(900));
        quarter.timezone = Some("Europe/Prague".into());
        assert_eq!(quarter.as_cron().unwrap(), quarter);
        quarter.max_runs_per_minute = Some(1);
        assert_eq!(quarter.as_cron(), None);
        for when in [When::Immediately, When::Every(7 * 60)] {
            assert_eq!(Schedule::of(when).as_cron(), None);
        }
        let never = Schedule::of(When::OnDemand);
        assert_eq!(never.as_cron().unwrap(), never);
    }

    #[test]
    fn the_nearest_runs_on_the_same_days_about_as_often() {
        for (text, words) in [
            ("0 9,17 * * *", "every 12h"),
            ("0 9 1 * 1", "mon at 09:00"),
            ("0 9 * 1 1-5", "mon-fri at 09:00, only in jan"),
            (
                "*/15 8-17 * * 1-5",
                "every 15m, only mon-fri 08:00 to 18:00",
            ),
            ("5 20-23 * * *", "every 1h, only 20:00 to 23:59"),
            ("7-59/10 * * * *", "every 10m"),
            ("*/7 * * * *", "every 6m"),
            ("0 9,17 * 6,7 0,6", "every 12h, only sat, sun in jun, jul"),
            ("0,30 * 1 * *", "every 30m"),
        ] {
            let nearest = Cron::parse(text).unwrap().nearest();
            assert_eq!(nearest.in_words(), words, "{text}");
        }
    }
}
