//! Schedules of invented scenarios: every type that Make has, as often as people use it.

use fastrand::Rng;
use serde_json::{Value, json};

use super::blueprint::Start;
use super::dice::{chance, pick, weighted};

/// A schedule that suits what the scenario begins with.
pub(super) fn schedule(rng: &mut Rng, start: &Start) -> Value {
    match start {
        Start::Hook(_) if chance(rng, 120) => {
            json!({"type": "immediately", "maximum_runs_per_minute": pick(rng, &[10, 30, 60, 100])})
        }
        Start::Hook(_) => json!({"type": "immediately"}),
        Start::Called => json!({"type": "on-demand"}),
        Start::Polling => timed(rng),
    }
}

#[derive(Clone, Copy)]
enum Form {
    Interval,
    IntervalWithin,
    IntervalBetween,
    OnDemand,
    Daily,
    DailyAsInterval,
    Weekly,
    Monthly,
    Yearly,
    Once,
}

fn timed(rng: &mut Rng) -> Value {
    let form = weighted(
        rng,
        &[
            (42, Form::Interval),
            (6, Form::IntervalWithin),
            (3, Form::IntervalBetween),
            (14, Form::OnDemand),
            (12, Form::Daily),
            (8, Form::DailyAsInterval),
            (8, Form::Weekly),
            (4, Form::Monthly),
            (1, Form::Yearly),
            (2, Form::Once),
        ],
    );
    let seconds = pick(rng, &[900, 900, 900, 300, 60, 1_800, 3_600, 7_200, 86_400]);
    match form.unwrap_or(Form::Interval) {
        Form::Interval => json!({"type": "indefinitely", "interval": seconds}),
        Form::IntervalWithin => json!({"type": "indefinitely", "interval": seconds,
            "restrict": [{"days": [1, 2, 3, 4, 5], "time": ["08:00", "18:00"]}]}),
        Form::IntervalBetween => json!({"type": "indefinitely", "interval": seconds,
            "between": ["2026-01-01T00:00:00.000Z", "2026-12-31T23:59:00.000Z"]}),
        Form::OnDemand => json!({"type": "on-demand"}),
        Form::Daily => json!({"type": "daily", "time": time(rng)}),
        // What the editor's "every day" was found to be stored as: a window of one minute.
        Form::DailyAsInterval => {
            let (hour, minute) = (rng.u8(..24), rng.u8(..59));
            let window = [
                format!("{hour:02}:{minute:02}"),
                format!("{hour:02}:{:02}", minute + 1),
            ];
            json!({"type": "indefinitely", "interval": 900,
                "restrict": [{"days": [1, 2, 3, 4, 5, 6, 0], "time": window}]})
        }
        Form::Weekly => {
            json!({"type": "weekly", "days": some_of(rng, 0..7, 3), "time": time(rng)})
        }
        Form::Monthly => {
            json!({"type": "monthly", "days": some_of(rng, 1..29, 2), "time": time(rng)})
        }
        Form::Yearly => json!({"type": "yearly", "months": some_of(rng, 1..13, 4),
            "days": some_of(rng, 1..29, 1), "time": time(rng)}),
        Form::Once => {
            let (month, day) = (rng.u8(1..13), rng.u8(1..29));
            json!({"type": "once", "date": format!("2026-{month:02}-{day:02}T09:00:00.000Z")})
        }
    }
}

fn time(rng: &mut Rng) -> String {
    format!(
        "{:02}:{:02}",
        rng.u8(..24),
        pick(rng, &[0, 0, 0, 5, 15, 30, 45])
    )
}

/// One to `most` numbers of a range, each once; the editor keeps them in the order of clicks.
fn some_of(rng: &mut Rng, range: std::ops::Range<u8>, most: usize) -> Vec<u8> {
    let amount = rng.usize(1..=most);
    rng.choose_multiple(range, amount)
}
