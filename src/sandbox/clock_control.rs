//! `/_sandbox/clock`: the world's clock, read and moved over HTTP.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http;
use axum::response::Response as HttpResponse;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::routes::{Answer, Body, Refusal, reply, stamp, wrong};
use super::server;
use super::world::World;

/// Serves [`control`].
pub(super) async fn serve(
    State(world): State<Arc<World>>,
    method: http::Method,
    body: Bytes,
) -> HttpResponse {
    server::answer(move || control(&world, &method, &body)).await
}

/// Answers `/_sandbox/clock`: `GET` says what time it is, `POST` with `{"advance": seconds}` or
/// `{"set": "2026-11-01T09:00:00Z"}` moves it, having run what was due until then; the answer says
/// how often, and which scenarios were due more often than one move runs them.
fn control(world: &World, method: &http::Method, body: &[u8]) -> Answer {
    match *method {
        http::Method::GET => reply(&json!({ "now": stamp(world.now()?) })),
        http::Method::POST => {
            let passed = world.set_clock(wanted(world.now()?, body)?)?;
            reply(&json!({
                "now": stamp(world.now()?), "runs": passed.runs, "capped": passed.capped,
            }))
        }
        _ => Err(Refusal::wrong_method()),
    }
}

/// The time that a `POST` asks for.
fn wanted(now: Timestamp, body: &[u8]) -> Result<Timestamp, Refusal> {
    let body = Body::parse(body)?.only(&["advance", "set"])?;
    match (body.get("advance"), body.get("set")) {
        (Some(seconds), None) => {
            let seconds = seconds
                .as_f64()
                .ok_or_else(|| wrong("advance", "seconds"))?;
            let by = SignedDuration::try_from_secs_f64(seconds);
            by.and_then(|by| now.checked_add(by))
                .map_err(|error| Refusal::invalid(error.to_string()))
        }
        (None, Some(time)) => {
            let time = time.as_str().and_then(|text| text.parse().ok());
            time.ok_or_else(|| wrong("set", "a time such as 2026-11-01T09:00:00Z"))
        }
        _ => Err(Refusal::invalid("one of 'advance' and 'set' is needed")),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Method;
    use jiff::{SignedDuration, Timestamp};
    use serde_json::json;

    use super::control;
    use crate::sandbox::trial::Trial;
    use crate::sandbox::{World, WorldOptions};

    /// Whether two times are the same but for what a test takes.
    fn near(one: Timestamp, other: Timestamp) -> bool {
        one.duration_since(other).abs() < SignedDuration::from_mins(5)
    }

    #[test]
    fn a_clock_that_was_moved_is_everybodys_and_stamps_what_is_made() {
        let trial = Trial::new();
        let before = trial.world.now().unwrap();
        let body = json!({ "advance": 86_400.5 }).to_string();
        control(&trial.world, &Method::POST, body.as_bytes()).unwrap();
        let tomorrow = before + SignedDuration::from_hours(24);
        let other = World::open(trial.folder.path(), WorldOptions::default()).unwrap();
        assert!(near(other.now().unwrap(), tomorrow));

        other
            .set_clock("2031-05-01T09:00:00Z".parse().unwrap())
            .unwrap();
        let id = trial.scenario("x", json!([]));
        let row = trial.get(&format!("/scenarios/{id}"))["scenario"].clone();
        let created = row["created"].as_str().unwrap();
        assert!(created.starts_with("2031-05-01T09:0"), "{created}");

        trial.world.reset().unwrap();
        assert!(near(other.now().unwrap(), before));
    }

    #[test]
    fn what_is_no_time_leaves_the_clock_alone() {
        let trial = Trial::new();
        let before = trial.world.now().unwrap();
        for body in [
            "",
            "[]",
            "{}",
            r#"{"set":"tomorrow"}"#,
            r#"{"advance":"1h"}"#,
            r#"{"advance":1e300}"#,
            r#"{"advance":1,"set":"2031-05-01T09:00:00Z"}"#,
            r#"{"by":1}"#,
        ] {
            assert!(
                control(&trial.world, &Method::POST, body.as_bytes()).is_err(),
                "{body}"
            );
        }
        assert!(control(&trial.world, &Method::DELETE, b"").is_err());
        assert!(control(&trial.world, &Method::GET, b"").is_ok());
        assert!(near(trial.world.now().unwrap(), before));
    }
}
