//! The vocabulary of schedules: days, months, times of day and intervals as text.

use jiff::{Timestamp, civil::Time};

/// The days of the week by Make's numbers: 0 is Sunday.
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The months, January first; Make numbers them from 1.
const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// The word of a day of the week.
pub(super) fn day_word(day: u8) -> Option<&'static str> {
    DAYS.get(usize::from(day)).copied()
}

/// The word of a month.
pub(super) fn month_word(month: u8) -> Option<&'static str> {
    MONTHS.get(usize::from(month).checked_sub(1)?).copied()
}

/// The order in which people say the days of a week: Monday first.
pub(super) fn week_order(day: u8) -> u8 {
    if day == 0 { 7 } else { day }
}

/// A time of day that is written as `09:30` or `09:30:15`.
pub(crate) fn parse_time(text: &str) -> Option<Time> {
    let mut parts = text.split(':').map(|part| {
        let digits = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        part.parse::<i8>().ok().filter(|_| digits)
    });
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = match parts.next() {
        Some(second) => second?,
        None => 0,
    };
    if parts.next().is_some() {
        return None;
    }
    Time::new(hour, minute, second, 0).ok()
}

/// A time of day as `09:30`, or `09:30:15` where the seconds say something.
pub(super) fn time_text(time: Time) -> String {
    let pattern = if time.second() == 0 {
        "%H:%M"
    } else {
        "%H:%M:%S"
    };
    time.strftime(pattern).to_string()
}

/// A moment as the API writes it: UTC with milliseconds, finer where it is finer.
pub(super) fn moment_text(moment: Timestamp) -> String {
    if moment.subsec_nanosecond() % 1_000_000 == 0 {
        moment.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    } else {
        moment.to_string()
    }
}

/// The seconds of a day.
const DAY: u64 = 86_400;

/// An interval in the largest unit that divides it: `15m`, `90m`, `24h`, `2d`. Days only from
/// two on, since a single one is most often said in hours.
#[must_use]
pub fn interval_text(seconds: u64) -> String {
    match seconds {
        0 => "0s".to_owned(),
        _ if seconds.is_multiple_of(DAY) && seconds > DAY => format!("{}d", seconds / DAY),
        _ if seconds.is_multiple_of(3_600) => format!("{}h", seconds / 3_600),
        _ if seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::{interval_text, parse_time, time_text};

    #[test]
    fn times_that_are_none_are_refused() {
        for text in [
            "",
            "9",
            "9:",
            "24:00",
            "09:60",
            "+9:00",
            "09:00:00:00",
            "09:00Z",
            "009:00",
        ] {
            assert_eq!(parse_time(text), None, "{text}");
        }
        for (text, canonical) in [
            ("9:05", "09:05"),
            ("09:05:00", "09:05"),
            ("09:05:30", "09:05:30"),
        ] {
            assert_eq!(parse_time(text).map(time_text).as_deref(), Some(canonical));
        }
    }

    #[test]
    fn an_interval_takes_the_largest_unit_that_divides_it() {
        for (seconds, text) in [
            (0, "0s"),
            (90, "90s"),
            (900, "15m"),
            (5_400, "90m"),
            (86_400, "24h"),
            (31 * 86_400, "31d"),
            (2 * 86_400 + 3_600, "49h"),
        ] {
            assert_eq!(interval_text(seconds), text);
        }
    }
}
