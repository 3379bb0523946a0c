//! When a scenario runs next, in words and for machines.

use std::fmt::Write as _;

use jiff::Zoned;
use serde::Serialize;

use crate::{
    model::spec::schedule::{Clocks, NextRun, NextRuns, interval_text},
    plan::{Activity, Upcoming},
};

/// Lines that say when it runs next, `indent` columns in and `width` columns wide where that is possible.
pub(super) fn upcoming_text(upcoming: &Upcoming, indent: usize, width: usize) -> String {
    let Upcoming { runs, activity } = upcoming;
    let head = match activity {
        Activity::Goes | Activity::Starts => "next runs: ",
        Activity::Rests => "next runs, once it is switched on: ",
    };
    let mut lines = format!("{:indent$}{head}", "");
    let column = lines.chars().count();
    let mut length = column;
    let parts = parts(runs.as_ref(), *activity);
    let count = parts.len();
    for (index, mut part) in parts.into_iter().enumerate() {
        if index + 1 < count {
            part.push(',');
        }
        let more = part.chars().count();
        if index > 0 {
            match length + 1 + more <= width {
                true => {
                    lines.push(' ');
                    length += 1;
                }
                false => {
                    let _ = write!(lines, "\n{:column$}", "");
                    length = column;
                }
            }
        }
        lines.push_str(&part);
        length += more;
    }
    lines
}

/// What stands between commas.
fn parts(runs: Option<&NextRuns>, activity: Activity) -> Vec<String> {
    match runs {
        None => vec!["in the account's time zone, which is not known".to_owned()],
        Some(NextRuns::At(runs)) if runs.is_empty() => vec!["none".to_owned()],
        Some(NextRuns::At(runs)) => {
            let mut parts: Vec<String> = runs.iter().map(run_in_words).collect();
            if runs.len() < crate::plan::SHOWN {
                parts.push("and none after".to_owned());
            }
            parts
        }
        Some(NextRuns::Counted { every, not_before }) => {
            let every = format!("every {}", interval_text(*every));
            match (not_before, activity) {
                (Some(first), _) => vec![every, format!("not before {}", moment(first, ""))],
                (None, Activity::Starts) => {
                    vec![
                        "at once".to_owned(),
                        "as it is switched on".to_owned(),
                        format!("then {every}"),
                    ]
                }
                (None, Activity::Rests) => vec!["at once".to_owned(), format!("then {every}")],
                (None, Activity::Goes) => {
                    vec![format!("{every}; Make does not say from when it counts")]
                }
            }
        }
    }
}

fn run_in_words(run: &NextRun) -> String {
    let NextRun { at, clocks } = run;
    let note = match clocks {
        Clocks::Run => "",
        Clocks::Skip => "the clocks skip its time",
        Clocks::Repeat => "the first of two",
    };
    moment(at, note)
}

/// `Sat 2026-03-28 02:30 CET (+01:00)`, with a note in the brackets.
fn moment(at: &Zoned, note: &str) -> String {
    let time = if at.second() == 0 {
        "%H:%M"
    } else {
        "%H:%M:%S"
    };
    let mut text = at.strftime(&format!("%a %Y-%m-%d {time}")).to_string();
    let zone = at.strftime("%Z").to_string();
    let offset = at.strftime("%:z").to_string();
    // Some zones have no letters of their own.
    let has_letters = zone.chars().all(|c| c.is_ascii_alphabetic());
    let mut inside = Vec::new();
    match (has_letters, zone.as_str()) {
        (true, "UTC") => text.push_str(" UTC"),
        (true, letters) => {
            let _ = write!(text, " {letters}");
            inside.push(offset.as_str());
        }
        (false, _) => {
            let _ = write!(text, " {offset}");
        }
    }
    inside.extend(Some(note).filter(|note| !note.is_empty()));
    if !inside.is_empty() {
        let _ = write!(text, " ({})", inside.join("; "));
    }
    text
}

/// The next runs for machines.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpcomingDocument {
    /// Whether it is switched on once the step is done.
    active: bool,
    /// The time zone of the schedule, where its times are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
    /// The next runs; null where nobody knows them.
    runs: Option<Vec<RunDocument>>,
    /// The interval in seconds, of one that Make counts from a moment of its own choice..
    #[serde(skip_serializing_if = "Option::is_none")]
    every: Option<u64>,
    /// ..and the first moment that its limits allow.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before: Option<String>,
}

#[derive(Serialize)]
struct RunDocument {
    at: String,
    /// `skip` or `repeat`, where the clocks change just then.
    #[serde(skip_serializing_if = "Option::is_none")]
    clocks: Option<&'static str>,
}

pub(super) fn upcoming_document(upcoming: &Upcoming) -> UpcomingDocument {
    let Upcoming { runs, activity } = upcoming;
    let mut document = UpcomingDocument {
        active: *activity != Activity::Rests,
        timezone: None,
        runs: None,
        every: None,
        not_before: None,
    };
    let zone = |at: &Zoned| at.time_zone().iana_name().map(str::to_owned);
    match runs {
        None => {}
        Some(NextRuns::At(runs)) => {
            document.timezone = runs.first().and_then(|run| zone(&run.at));
            document.runs = Some(runs.iter().map(run_document).collect());
        }
        Some(NextRuns::Counted { every, not_before }) => {
            document.timezone = not_before.as_ref().and_then(zone);
            document.every = Some(*every);
            document.not_before = not_before.as_ref().map(rfc_3339);
        }
    }
    document
}

fn run_document(run: &NextRun) -> RunDocument {
    RunDocument {
        at: rfc_3339(&run.at),
        clocks: match run.clocks {
            Clocks::Run => None,
            Clocks::Skip => Some("skip"),
            Clocks::Repeat => Some("repeat"),
        },
    }
}

fn rfc_3339(at: &Zoned) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{upcoming_document, upcoming_text};
    use crate::{
        model::{
            Dialect,
            spec::{Schedule, schedule::time_zone},
        },
        plan::{Activity, Upcoming},
    };

    fn upcoming(schedule: Value, zone: &str, activity: Activity) -> Upcoming {
        let zone = time_zone(zone).unwrap();
        let now = "2026-03-27T12:00:00Z".parse().unwrap();
        Upcoming {
            runs: Schedule::from_make(&schedule).next_runs(Dialect::Zone, &zone, now, 3),
            activity,
        }
    }

    fn text(schedule: Value, zone: &str, activity: Activity) -> String {
        upcoming_text(&upcoming(schedule, zone, activity), 2, 100)
    }

    #[test]
    fn times_have_their_day_and_offset_and_long_lists_several_lines() {
        let night = json!({"type": "daily", "time": "02:30"});
        assert_eq!(
            text(night.clone(), "Europe/Prague", Activity::Goes),
            "  next runs: Sat 2026-03-28 02:30 CET (+01:00),\n\
             \u{20}            Sun 2026-03-29 03:30 CEST (+02:00; the clocks skip its time),\n\
             \u{20}            Mon 2026-03-30 02:30 CEST (+02:00)"
        );
        assert_eq!(
            upcoming_text(&upcoming(night.clone(), "UTC", Activity::Rests), 2, 120),
            "  next runs, once it is switched on: Sat 2026-03-28 02:30 UTC, Sun 2026-03-29 02:30 UTC, \
             Mon 2026-03-30 02:30 UTC"
        );
        assert!(
            text(night, "Asia/Kathmandu", Activity::Goes)
                .contains(": Sat 2026-03-28 02:30 +05:45,")
        );
        let once = json!({"type": "once", "date": "2026-10-25T00:30:15Z"});
        assert_eq!(
            text(once, "Europe/Prague", Activity::Starts),
            "  next runs: Sun 2026-10-25 02:30:15 CEST (+02:00), and none after"
        );
        let past = json!({"type": "once", "date": "2026-03-25T00:30:15Z"});
        assert_eq!(
            text(past, "Europe/Prague", Activity::Goes),
            "  next runs: none"
        );
    }

    #[test]
    fn of_an_interval_no_more_is_said_than_is_known() {
        let often = json!({"type": "indefinitely", "interval": 900});
        let told = |activity| text(often.clone(), "Europe/Prague", activity);
        assert_eq!(
            told(Activity::Starts),
            "  next runs: at once, as it is switched on, then every 15m"
        );
        assert_eq!(
            told(Activity::Goes),
            "  next runs: every 15m; Make does not say from when it counts"
        );
        assert_eq!(
            told(Activity::Rests),
            "  next runs, once it is switched on: at once, then every 15m"
        );
        let mut limited = often.clone();
        limited["restrict"] = json!([{"days": [1], "time": ["08:00", "18:00"]}]);
        assert_eq!(
            text(limited, "Europe/Prague", Activity::Starts),
            "  next runs: every 15m, not before Mon 2026-03-30 08:00 CEST (+02:00)"
        );
        let unknown = Upcoming {
            runs: None,
            activity: Activity::Goes,
        };
        assert_eq!(
            upcoming_text(&unknown, 0, 100),
            "next runs: in the account's time zone, which is not known"
        );
    }

    #[test]
    fn machines_get_moments_and_what_the_clocks_do() {
        let document = |schedule, activity| {
            serde_json::to_value(upcoming_document(&upcoming(
                schedule,
                "Europe/Prague",
                activity,
            )))
            .unwrap()
        };
        assert_eq!(
            document(
                json!({"type": "weekly", "days": [0], "time": "02:30"}),
                Activity::Rests
            ),
            json!({"active": false, "timezone": "Europe/Prague", "runs": [
                {"at": "2026-03-29T03:30:00+02:00", "clocks": "skip"},
                {"at": "2026-04-05T02:30:00+02:00"},
                {"at": "2026-04-12T02:30:00+02:00"}]})
        );
        assert_eq!(
            document(
                json!({"type": "indefinitely", "interval": 900}),
                Activity::Goes
            ),
            json!({"active": true, "runs": null, "every": 900})
        );
    }
}
