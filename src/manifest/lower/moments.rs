//! Times, days, months and lengths of time as people write them.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Time};

use crate::{
    diagnostic::codes::manifest as codes,
    manifest::{
        node::{Node, Shape},
        page::Page,
        values::{bad_value, did_you_mean, list, text, whole, wrong_type},
    },
    model::spec::schedule::parse_time,
};

/// Days of the week from Sunday, as Make numbers them.
pub(in crate::manifest) const DAYS: [&str; 7] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];

/// Months from January, which Make numbers 1.
pub(in crate::manifest) const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// A length of time in seconds: `15m`, `1h30m`.
pub(super) fn duration(page: &Page, node: &Node) -> Option<u64> {
    if let Shape::Number(number) = &node.shape {
        let message = format!("`{number}` of what?");
        let help = format!("say the unit: `{number}m` are minutes; there are s, m, h and d");
        page.report(
            page.finding(&codes::BAD_VALUE, &node.span, message)
                .help(help),
        );
        return None;
    }
    let written = text(page, node)?;
    let seconds = seconds_of(&written);
    if seconds.is_none() {
        let message = format!("`{written}` is no length of time");
        bad_value(
            page,
            node,
            message,
            "write a number and s, m, h or d: `15m`",
        );
    }
    seconds
}

fn seconds_of(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut seconds: u64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at_checked(digits)?;
        let unit = tail.chars().next()?;
        let length = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return None,
        };
        let part = number.parse::<u64>().ok()?.checked_mul(length)?;
        seconds = seconds.checked_add(part)?;
        rest = tail.get(unit.len_utf8()..)?;
    }
    Some(seconds).filter(|seconds| *seconds > 0)
}

/// A time of day: `06:30`, `06:30:15`.
pub(super) fn time(page: &Page, node: &Node) -> Option<Time> {
    let written = text(page, node)?;
    let time = parse_time(&written);
    if time.is_none() {
        let message = format!("`{written}` is no time of day");
        bad_value(page, node, message, "write hours and minutes: `06:30`");
    }
    time
}

/// A moment: RFC 3339, with its offset.
pub(super) fn moment(page: &Page, node: &Node) -> Option<Timestamp> {
    let written = text(page, node)?;
    let moment = written.parse().ok();
    if moment.is_none() {
        let message = format!("`{written}` is no moment");
        let help = "write date, time and offset: `2026-12-01T09:00:00Z`";
        bad_value(page, node, message, help);
    }
    moment
}

/// A range of two values, the first before the second.
pub(super) fn range<T: PartialOrd>(
    page: &Page,
    node: &Node,
    read: impl Fn(&Page, &Node) -> Option<T>,
) -> Option<(T, T)> {
    let [from, to] = list(page, node, "two: from and to")? else {
        bad_value(page, node, "expected two values: from and to", "");
        return None;
    };
    let (from, to) = (read(page, from), read(page, to));
    let (from, to) = (from?, to?);
    if from >= to {
        bad_value(page, node, "this ends before it begins", "");
        return None;
    }
    Some((from, to))
}

/// Days of the week: `[mon, wed]`.
pub(super) fn week_days(page: &Page, node: &Node) -> Option<BTreeSet<u8>> {
    some_of(page, node, "days", |item| {
        if matches!(item.shape, Shape::Number(_)) {
            bad_value(
                page,
                item,
                "a day of the week has a name",
                "write mon, tue, wed, ..",
            );
            return None;
        }
        word(page, item, &DAYS, "day")
    })
}

/// Days of the month: `[1, 15]`.
pub(super) fn month_days(page: &Page, node: &Node) -> Option<BTreeSet<u8>> {
    some_of(page, node, "days of the month", |item| {
        let day = whole(page, item, 1..=31)?;
        u8::try_from(day).ok()
    })
}

/// Months, by name or number: `[jan, 7]`.
pub(super) fn months(page: &Page, node: &Node) -> Option<BTreeSet<u8>> {
    some_of(page, node, "months", |item| {
        if matches!(item.shape, Shape::Number(_)) {
            let month = whole(page, item, 1..=12)?;
            return u8::try_from(month).ok();
        }
        word(page, item, &MONTHS, "month").map(|index| index + 1)
    })
}

/// The position of a word in a list, by its name or its first three letters.
fn word(page: &Page, node: &Node, words: &[&str], what: &str) -> Option<u8> {
    let written = text(page, node)?;
    let folded = written.to_lowercase();
    let position = words
        .iter()
        .position(|word| *word == folded || word.get(..3) == Some(folded.as_str()));
    if position.is_none() {
        let message = format!("`{written}` is no {what}");
        bad_value(
            page,
            node,
            message,
            &did_you_mean(&folded, words.iter().copied()),
        );
    }
    u8::try_from(position?).ok()
}

/// A list of at least one thing, as a set. One thing may stand without a list.
fn some_of(
    page: &Page,
    node: &Node,
    of: &str,
    read: impl Fn(&Node) -> Option<u8>,
) -> Option<BTreeSet<u8>> {
    let items = match &node.shape {
        Shape::Number(_) | Shape::Text(_) => std::slice::from_ref(node),
        Shape::List(items) => items,
        Shape::Null | Shape::Bool(_) | Shape::Map(_) | Shape::Broken => {
            wrong_type(page, node, &format!("a list of {of}"));
            return None;
        }
    };
    if items.is_empty() {
        bad_value(page, node, format!("expected at least one of {of}"), "");
        return None;
    }
    let read: Vec<Option<u8>> = items.iter().map(read).collect();
    read.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::seconds_of;

    #[test]
    fn lengths_of_time_have_units() {
        for (text, seconds) in [
            ("15m", Some(900)),
            ("2h", Some(7_200)),
            ("90s", Some(90)),
            ("1d", Some(86_400)),
            ("1h30m", Some(5_400)),
            ("15", None),
            ("0m", None),
            ("m", None),
            ("15 m", None),
            ("5w", None),
            ("99999999999999999999d", None),
            ("", None),
            ("é", None),
        ] {
            assert_eq!(seconds_of(text), seconds, "{text}");
        }
    }
}
