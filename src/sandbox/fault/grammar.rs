//! How a rule is written: `[WHICH] VERB [PATH]: WHAT[, N times]`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;

use crate::live::transport::Method;

use super::{Fault, Kind, Latency, Mishap, Turn, Verb, What, Which};

/// A text that is no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule:?} is no fault: {reason}")]
pub struct WrongRule {
    rule: String,
    reason: String,
}

/// What is wrong with a part of a rule.
type Wrong = String;

impl FromStr for Fault {
    type Err = WrongRule;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text.trim()).map_err(|reason| WrongRule {
            rule: text.to_owned(),
            reason,
        })
    }
}

fn parse(text: &str) -> Result<Fault, Wrong> {
    let (which, rest) = text
        .split_once(':')
        .ok_or("write which requests, a colon, and what happens: 3rd POST /scenarios: 500 after")?;
    let (what, times) = match rest.split_once(',') {
        Some((what, times)) => (what, Some(parse_times(times)?)),
        None => (rest, None),
    };
    Ok(Fault {
        which: parse_which(&words(which))?,
        what: parse_what(&words(what))?,
        times,
    })
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

fn parse_which(words: &[&str]) -> Result<Which, Wrong> {
    let (turn, words) = match words {
        ["from", nth, rest @ ..] => {
            let nth = ordinal(nth).ok_or_else(|| format!("{nth} is not like 3rd"))?;
            (Turn::From(nth), rest)
        }
        ["first", count, rest @ ..] => {
            let count = count.parse().map_err(|_| format!("{count} is no number"))?;
            (Turn::First(count), rest)
        }
        [first, rest @ ..] => match ordinal(first) {
            Some(nth) => (Turn::Nth(nth), rest),
            None => (Turn::Every, words),
        },
        [] => return Err("it does not say which requests".to_owned()),
    };
    let (verb, path) = match words {
        [verb] => (verb, None),
        [verb, path] if path.starts_with('/') => (verb, Some((*path).to_owned())),
        _ => return Err("which requests is a verb and a path, such as GET /hooks".to_owned()),
    };
    Ok(Which {
        turn,
        verb: parse_verb(verb)?,
        path,
    })
}

/// The number of `1st`, `2nd`, `3rd` and so on, counted from 1.
fn ordinal(word: &str) -> Option<u64> {
    let endings = ["st", "nd", "rd", "th"];
    let number = endings
        .iter()
        .find_map(|ending| word.strip_suffix(ending))?;
    number.parse().ok().filter(|n| *n > 0)
}

const METHODS: [Method; 5] = [
    Method::Get,
    Method::Post,
    Method::Put,
    Method::Patch,
    Method::Delete,
];

fn parse_verb(word: &str) -> Result<Verb, Wrong> {
    match word {
        "any" => Ok(Verb::Any),
        "read" => Ok(Verb::Reads),
        "write" => Ok(Verb::Writes),
        _ => {
            let method = METHODS.into_iter().find(|method| method.as_str() == word);
            method.map(Verb::One).ok_or_else(|| {
                format!("{word} is none of GET, POST, PUT, PATCH, DELETE, read, write and any")
            })
        }
    }
}

fn parse_what(words: &[&str]) -> Result<What, Wrong> {
    let mishap = |kind: Kind, is_carried_out: bool, lasts: Option<Duration>| {
        What::Broken(Mishap {
            kind,
            is_carried_out,
            lasts,
        })
    };
    let [name, options @ ..] = words else {
        return Err("it does not say what happens".to_owned());
    };
    let (kind, options) = match (*name, options) {
        ("latency", [time]) => return Ok(What::Slow(time.parse()?)),
        ("unreachable", options) => (Kind::Unreachable, options),
        ("drop", options) => (Kind::Drop, options),
        ("hang", options) => (Kind::Hang, options),
        ("html", options) => (Kind::Html, options),
        ("reset", ["mid-body"]) => return Ok(mishap(Kind::ResetMidBody, true, None)),
        ("truncated", []) => return Ok(mishap(Kind::Truncated, true, None)),
        (name, options) => {
            let status = name
                .parse()
                .ok()
                .filter(|status| (100..600).contains(status));
            let status = status.ok_or_else(|| {
                format!("{name:?} is none of a status, unreachable, drop, reset mid-body, truncated, html, hang and latency")
            })?;
            let kind = Kind::Status {
                status,
                retry_after: None,
            };
            (kind, options)
        }
    };
    let (mut kind, mut is_carried_out, mut lasts) = (kind, false, None);
    let mut rest = options;
    loop {
        rest = match rest {
            [] => return Ok(mishap(kind, is_carried_out, lasts)),
            ["before", rest @ ..] => rest,
            ["after", rest @ ..] if kind != Kind::Unreachable => {
                is_carried_out = true;
                rest
            }
            ["for", time, rest @ ..] => {
                lasts = Some(duration(time)?);
                rest
            }
            ["retry-after", time, rest @ ..] => {
                let Kind::Status { retry_after, .. } = &mut kind else {
                    return Err(format!("{name} has no retry-after"));
                };
                *retry_after = Some(duration(time)?);
                rest
            }
            [unknown, ..] => return Err(format!("{name} cannot be {unknown:?}")),
        };
    }
}

fn parse_times(text: &str) -> Result<u64, Wrong> {
    match words(text).as_slice() {
        ["once"] => Ok(1),
        [number, "times"] => number.parse().map_err(|_| format!("{number} is no number")),
        _ => Err(format!("{:?} is not like \"2 times\"", text.trim())),
    }
}

fn duration(word: &str) -> Result<Duration, Wrong> {
    let parsed = word.parse::<SignedDuration>().ok();
    let parsed = parsed.and_then(|time| Duration::try_from(time).ok());
    parsed.ok_or_else(|| format!("{word:?} is no time such as 80ms, 2s or 1m"))
}

impl FromStr for Latency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (least, most) = text.split_once("..").unwrap_or((text, text));
        let (least, most) = (duration(least)?, duration(most)?);
        match least <= most {
            true => Ok(Self { least, most }),
            false => Err(format!("{text:?} ends before it begins")),
        }
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Time(self.least))?;
        match self.least == self.most {
            true => Ok(()),
            false => write!(f, "..{}", Time(self.most)),
        }
    }
}

/// Writes a time as rules do.
struct Time(Duration);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.as_secs(), self.0.subsec_nanos()) {
            (seconds, 0) => write!(f, "{seconds}s"),
            (_, nanos) if nanos.is_multiple_of(1_000_000) => write!(f, "{}ms", self.0.as_millis()),
            (_, _) => write!(f, "{}us", self.0.as_micros()),
        }
    }
}

/// Writes a rule as it can be read again.
pub(super) fn write(fault: &Fault, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match fault.which.turn {
        Turn::Every => {}
        Turn::Nth(n) => write!(f, "{n}{} ", ending(n))?,
        Turn::From(n) => write!(f, "from {n}{} ", ending(n))?,
        Turn::First(n) => write!(f, "first {n} ")?,
    }
    match fault.which.verb {
        Verb::Any => f.write_str("any")?,
        Verb::Reads => f.write_str("read")?,
        Verb::Writes => f.write_str("write")?,
        Verb::One(method) => write!(f, "{method}")?,
    }
    if let Some(path) = &fault.which.path {
        write!(f, " {path}")?;
    }
    match fault.what {
        What::Slow(latency) => write!(f, ": latency {latency}")?,
        What::Broken(mishap) => write_mishap(&mishap, f)?,
    }
    match fault.times {
        None => Ok(()),
        Some(1) => f.write_str(", once"),
        Some(times) => write!(f, ", {times} times"),
    }
}

fn write_mishap(mishap: &Mishap, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let always_carried_out = matches!(mishap.kind, Kind::ResetMidBody | Kind::Truncated);
    match mishap.kind {
        Kind::Status { status, .. } => write!(f, ": {status}")?,
        Kind::Unreachable => f.write_str(": unreachable")?,
        Kind::Drop => f.write_str(": drop")?,
        Kind::Hang => f.write_str(": hang")?,
        Kind::Html => f.write_str(": html")?,
        Kind::ResetMidBody => f.write_str(": reset mid-body")?,
        Kind::Truncated => f.write_str(": truncated")?,
    }
    if mishap.is_carried_out && !always_carried_out {
        f.write_str(" after")?;
    }
    if let Some(lasts) = mishap.lasts {
        write!(f, " for {}", Time(lasts))?;
    }
    if let Kind::Status {
        retry_after: Some(time),
        ..
    } = mishap.kind
    {
        write!(f, " retry-after {}", Time(time))?;
    }
    Ok(())
}

fn ending(n: u64) -> &'static str {
    match (n % 10, n % 100) {
        (1, tens) if tens != 11 => "st",
        (2, tens) if tens != 12 => "nd",
        (3, tens) if tens != 13 => "rd",
        _ => "th",
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Latency};

    #[test]
    fn a_rule_is_written_as_it_was_read() {
        for rule in [
            "3rd POST /scenarios: 500 after",
            "GET /hooks: reset mid-body",
            "any: 429 for 20s",
            "any: 429 for 20s retry-after 5s",
            "from 21st PATCH /scenarios/{id}: drop",
            "first 2 DELETE /hooks/*: drop after",
            "read: truncated",
            "write /scenarios/**: html, once",
            "12th read: html after",
            "any: unreachable",
            "PUT: hang after, 2 times",
            "any /scenarios: latency 80ms",
            "any: latency 80ms..2s",
        ] {
            let fault: Fault = rule.parse().unwrap();
            assert_eq!(fault.to_string(), rule);
        }
        let spoken: Fault = " 1st  POST /hooks :  500  before ".parse().unwrap();
        assert_eq!(spoken.to_string(), "1st POST /hooks: 500");
    }

    #[test]
    fn what_is_no_rule_is_refused_with_the_reason() {
        let wrong = |rule: &str| rule.parse::<Fault>().unwrap_err().to_string();
        for (rule, reason) in [
            ("500", "a colon"),
            (": 500", "does not say which requests"),
            ("GET /hooks:", "does not say what happens"),
            ("GET hooks: 500", "a verb and a path"),
            ("FETCH /hooks: 500", "FETCH is none of GET"),
            ("get /hooks: 500", "get is none of GET"),
            ("from three any: 500", "three is not like 3rd"),
            ("0th any: 500", "a verb and a path"),
            ("any: explode", "\"explode\" is none of a status"),
            ("any: 1000", "\"1000\" is none of a status"),
            ("any: drop soon", "drop cannot be \"soon\""),
            ("any: unreachable after", "unreachable cannot be \"after\""),
            ("any: drop retry-after 1s", "drop has no retry-after"),
            ("any: 429 for ever", "\"ever\" is no time"),
            ("any: latency 2s..1s", "ends before it begins"),
            ("any: 500, often", "\"often\" is not like"),
        ] {
            let message = wrong(rule);
            assert!(message.contains(reason), "{rule}: {message}");
            assert!(
                message.starts_with(&format!("{rule:?} is no fault: ")),
                "{message}"
            );
        }
    }

    #[test]
    fn a_latency_lies_between_its_ends() {
        let latency: Latency = "10ms..20ms".parse().unwrap();
        for _ in 0..100 {
            let picked = latency.pick().as_millis();
            assert!((10..=20).contains(&picked), "{picked}");
        }
        let fixed: Latency = "80ms".parse().unwrap();
        assert_eq!(fixed.pick().as_millis(), 80);
        assert!("-1s".parse::<Latency>().is_err());
    }
}
