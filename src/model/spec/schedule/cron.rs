//! Cron expressions: five fields, compared by what they match.
//!
//! Two expressions that match the same minutes are equal, however they are written: `0-59/15`
//! and `*/15`, `MON` and `1`, `7` and `0`.

use std::{collections::BTreeSet, fmt, str::FromStr as _};

use jiff::civil::DateTime;

/// The least and the most of each field: minutes, hours, days, months, days of the week.
pub(super) const RANGES: [(u8, u8); 5] = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)];

/// A cron expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    pub(super) minutes: BTreeSet<u8>,
    pub(super) hours: BTreeSet<u8>,
    pub(super) days: BTreeSet<u8>,
    pub(super) months: BTreeSet<u8>,
    /// 0 is Sunday.
    pub(super) weekdays: BTreeSet<u8>,
}

impl Cron {
    /// Reads `minute hour day month weekday`.
    ///
    /// # Errors
    /// What is wrong with it: another number of fields, a value out of range, or one of the
    /// extensions (`L`, `#`, `W`, `@daily`) on which programs do not agree.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.split_whitespace().count() != RANGES.len() {
            return Err("it has not five fields: minute, hour, day, month, weekday".to_owned());
        }
        let pattern = croner::Cron::from_str(text)
            .map_err(|error| error.to_string())?
            .pattern;
        let (days, weekdays) = (&pattern.days, &pattern.days_of_week);
        if days.has_modifiers() || weekdays.has_modifiers() || text.contains(['?', '+']) {
            return Err(
                "`L`, `#`, `W`, `?` and `+` mean different things to different programs".to_owned(),
            );
        }
        let set = |values: Vec<u16>| -> BTreeSet<u8> {
            let values = values.into_iter();
            values
                .filter_map(|value| u8::try_from(value).ok())
                .collect()
        };
        let mut cron = Self {
            minutes: set(pattern.minutes.values()),
            hours: set(pattern.hours.values()),
            days: set(days.values()),
            months: set(pattern.months.values()),
            weekdays: set(weekdays.values())
                .into_iter()
                .map(|day| day % 7)
                .collect(),
        };
        // A day counts if either field names it, unless one of them is `*`: all days of a month,
        // written out, are all days.
        let [.., days, _, weekdays] = cron.fields();
        let (all_days, all_weekdays) = (is_all(days), is_all(weekdays));
        if all_days && !pattern.is_dom_wildcard() {
            cron.weekdays = (0..=6).collect();
        }
        if all_weekdays && !pattern.is_dow_wildcard() {
            cron.days = (1..=31).collect();
        }
        match cron.fields().iter().any(|(field, _)| field.is_empty()) {
            true => Err("it never runs".to_owned()),
            false => Ok(cron),
        }
    }

    /// Whether it names a time, to the minute.
    #[must_use]
    pub fn matches(&self, at: DateTime) -> bool {
        let Self {
            minutes,
            hours,
            days,
            months,
            weekdays,
        } = self;
        let has = |field: &BTreeSet<u8>, number: i8| {
            u8::try_from(number).is_ok_and(|number| field.contains(&number))
        };
        let [.., (_, all_days), _, (_, all_weekdays)] = self.fields();
        let day = has(days, at.day());
        let weekday = has(weekdays, at.weekday().to_sunday_zero_offset());
        let is_day = match (is_all((days, all_days)), is_all((weekdays, all_weekdays))) {
            (false, false) => day || weekday,
            (_, _) => day && weekday,
        };
        is_day && has(months, at.month()) && has(hours, at.hour()) && has(minutes, at.minute())
    }

    /// The fields with their ranges.
    pub(super) fn fields(&self) -> [(&BTreeSet<u8>, (u8, u8)); 5] {
        let Self {
            minutes,
            hours,
            days,
            months,
            weekdays,
        } = self;
        let [a, b, c, d, e] = RANGES;
        [
            (minutes, a),
            (hours, b),
            (days, c),
            (months, d),
            (weekdays, e),
        ]
    }
}

pub(super) fn is_all((field, (least, most)): (&BTreeSet<u8>, (u8, u8))) -> bool {
    (least..=most).all(|number| field.contains(&number))
}

/// The step of a field that begins at its least value and goes on in equal steps round the clock.
pub(super) fn step((field, (least, most)): (&BTreeSet<u8>, (u8, u8))) -> Option<u8> {
    let length = most - least + 1;
    let step = length.checked_div(u8::try_from(field.len()).ok()?)?;
    let stepped: BTreeSet<u8> = (least..=most).step_by(usize::from(step.max(1))).collect();
    (length.is_multiple_of(step) && stepped == *field).then_some(step)
}

impl fmt::Display for Cron {
    /// One spelling for each meaning: `*`, `*/15`, else numbers and ranges.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (field, range)) in self.fields().into_iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            match step((field, range)) {
                Some(1) => f.write_str("*")?,
                Some(step) if field.len() > 1 => write!(f, "*/{step}")?,
                Some(_) | None => f.write_str(&listed(field))?,
            }
        }
        Ok(())
    }
}

/// `1,3-5`.
fn listed(field: &BTreeSet<u8>) -> String {
    let numbers: Vec<u8> = field.iter().copied().collect();
    let runs = numbers.chunk_by(|a, b| a.checked_add(1) == Some(*b));
    let runs = runs.flat_map(|run| match run {
        [first, _, .., last] => vec![format!("{first}-{last}")],
        _ => run.iter().map(u8::to_string).collect(),
    });
    runs.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::Cron;

    #[test]
    fn expressions_are_equal_when_they_match_the_same_minutes() {
        for (text, spelled) in [
            ("*/15 * * * *", "*/15 * * * *"),
            ("0,15,30,45 0-23 * * *", "*/15 * * * *"),
            ("0 */2 * * *", "0 */2 * * *"),
            ("0 9 * * MON-FRI", "0 9 * * 1-5"),
            ("0 9 * jan 7", "0 9 * 1 0"),
            ("5-59/20 9,17 1 * *", "5,25,45 9,17 1 * *"),
            ("0 9 1-31 * 1", "0 9 * * *"),
        ] {
            assert_eq!(Cron::parse(text).unwrap().to_string(), spelled);
        }
        for wrong in [
            "",
            "often",
            "* * * *",
            "* * * * * *",
            "61 * * * *",
            "0 9 L * *",
            "0 9 ? * 1",
            "@daily",
            "0 9 * * 5#2",
        ] {
            assert!(Cron::parse(wrong).is_err(), "{wrong}");
        }
    }
}
