//! Progress for other programs: `makeform/progress/v1`, an object a line.

use serde_json::{Value, json};

use crate::model::{Event, Tally};

use super::words;

/// An event as one line of JSON.
#[must_use]
pub fn progress_json(event: &Event) -> String {
    let step = |address: &crate::model::Address, state: &str, tally: Option<Tally>| {
        let mut object = json!({ "event": "step", "address": address, "state": state });
        if let (Some(tally), Value::Object(map)) = (tally, &mut object) {
            map.insert("done".to_owned(), tally.done.into());
            map.insert("total".to_owned(), tally.total.into());
        }
        object
    };
    let with = |mut object: Value, key: &str, value: Value| {
        if let Value::Object(map) = &mut object {
            map.insert(key.to_owned(), value);
        }
        object
    };
    let object = match event {
        Event::Reading { kind, tally } => json!({
            "event": "reading", "kind": kind.as_str(), "done": tally.done,
            // Nobody knows the end of a list before it is read. Of nothing, nothing is left.
            "total": (tally.total >= tally.done).then_some(tally.total),
        }),
        Event::Waiting {
            wait,
            limit,
            is_news: _,
        } => json!({ "event": "waiting", "seconds": wait.as_secs_f64(), "limit": limit }),
        Event::Pace {
            requests,
            lasts,
            limit,
            is_news: _,
        } => json!({
            "event": "pace", "requests": requests, "seconds": lasts.as_secs_f64(), "limit": limit,
        }),
        Event::Offline { host, most } => {
            json!({ "event": "offline", "host": host, "seconds": most.as_secs_f64() })
        }
        Event::Online => json!({ "event": "online" }),
        Event::StepStarted { address, doing } => {
            with(step(address, "started", None), "doing", json!(doing))
        }
        Event::StepDone {
            address,
            done,
            tally,
        } => with(step(address, "done", Some(*tally)), "what", json!(done)),
        Event::StepFailed {
            address,
            reason,
            tally,
        } => with(
            step(address, "failed", Some(*tally)),
            "reason",
            json!(reason),
        ),
        Event::StepSkipped {
            address,
            because,
            tally,
        } => with(
            step(address, "skipped", Some(*tally)),
            "because",
            json!(because),
        ),
    };
    words::safe_json(&object.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::progress_json;
    use crate::{
        model::{Event, Kind, Tally},
        render::sample::address,
    };

    #[test]
    fn each_event_is_an_object_on_one_line() {
        let told = |event: &Event| -> Value {
            let line = progress_json(event);
            assert!(!line.contains('\n') && !line.contains('\u{1b}'), "{line}");
            serde_json::from_str(&line).unwrap()
        };
        let tally = Tally { done: 3, total: 10 };
        let reading = Event::Reading {
            kind: Kind::Scenario,
            tally: Tally { done: 1, total: 0 },
        };
        assert_eq!(
            told(&reading),
            json!({"event": "reading", "kind": "Scenario", "done": 1, "total": null})
        );
        let nothing = Event::Reading {
            kind: Kind::Scenario,
            tally: Tally { done: 0, total: 0 },
        };
        assert_eq!(
            told(&nothing),
            json!({"event": "reading", "kind": "Scenario", "done": 0, "total": 0})
        );
        let failed = Event::StepFailed {
            address: address("folder.crm"),
            reason: "400: \u{1b}[2J\nno".into(),
            tally,
        };
        assert_eq!(
            told(&failed),
            json!({"event": "step", "address": "folder.crm", "state": "failed", "done": 3,
                "total": 10, "reason": "400: \u{1b}[2J\nno"})
        );
        let pace = Event::Pace {
            requests: 412,
            lasts: Duration::from_secs(100),
            limit: 240,
            is_news: false,
        };
        assert_eq!(
            told(&pace),
            json!({"event": "pace", "requests": 412, "seconds": 100.0, "limit": 240})
        );
        let begun = Event::StepStarted {
            address: address("folder.crm"),
            doing: "creating",
        };
        assert_eq!(
            told(&begun),
            json!({"event": "step", "address": "folder.crm", "state": "started", "doing": "creating"})
        );
        assert_eq!(told(&Event::Online), json!({"event": "online"}));
    }
}
