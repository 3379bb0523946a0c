//! The vocabulary of schedules: days, months, times of day and intervals as text.

use jiff::{Timestamp, civil::Time};

/// The days of the week by Make's numbers: 0 is Sunday.
pub const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The months, January first; Make numbers them from 1.
pub const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// The word of a day of the week.
#[must_use]
pub fn day_word(day: u8) -> Option<&'static str> {
    DAYS.get(usize::from(day)).copied()
}

/// The day of the week that a word names.
#[must_use]
pub fn day_of_word(word: &str) -> Option<u8> {
    number_of(&DAYS, word)
}

/// The word of a month.
#[must_use]
pub fn month_word(month: u8) -> Option<&'static str> {
    MONTHS.get(usize::from(month).checked_sub(1)?).copied()
}

/// The month that a word names.
#[must_use]
pub fn month_of_word(word: &str) -> Option<u8> {
    number_of(&MONTHS, word)?.checked_add(1)
}

fn number_of(words: &[&str], word: &str) -> Option<u8> {
    let at = words.iter().position(|known| *known == word)?;
    u8::try_from(at).ok()
}

/// The order in which people say the days of a week: Monday first.
#[must_use]
pub(super) fn week_order(day: u8) -> u8 {
    if day == 0 { 7 } else { day }
}

/// A time of day that is written as `09:30` or `09:30:15`.
#[must_use]
pub fn parse_time(text: &str) -> Option<Time> {
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
#[must_use]
pub fn time_text(time: Time) -> String {
    let pattern = if time.second() == 0 {
        "%H:%M"
    } else {
        "%H:%M:%S"
    };
    time.strftime(pattern).to_string()
}

/// A moment as the API writes it: UTC with milliseconds, finer where it is finer.
#[must_use]
pub fn moment_text(moment: Timestamp) -> String {
    if moment.subsec_nanosecond() % 1_000_000 == 0 {
        moment.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    } else {
        moment.to_string()
    }
}

/// An interval in seconds that is written as `90s`, `15m`, `2h` or `1d`.
#[must_use]
pub fn parse_interval(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.strip_prefix(digits)? {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

/// An interval in the largest unit that divides it, up to hours: `15m`, `90m`, `24h`.
#[must_use]
pub fn interval_text(seconds: u64) -> String {
    match seconds {
        0 => "0s".to_owned(),
        _ if seconds.is_multiple_of(3_600) => format!("{}h", seconds / 3_600),
        _ if seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::{interval_text, parse_interval, parse_time, time_text};
    use proptest::prelude::*;

    #[test]
    fn times_that_are_none_are_refused() {
        for text in [
            "",
            "9",
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
    fn intervals_that_are_none_are_refused() {
        for text in [
            "",
            "m",
            "15",
            "15 m",
            "-1m",
            "1.5h",
            "15min",
            "99999999999999999999s",
        ] {
            assert_eq!(parse_interval(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_interval_reads_back_as_itself(seconds: u64) {
            prop_assert_eq!(parse_interval(&interval_text(seconds)), Some(seconds));
        }
    }
}
