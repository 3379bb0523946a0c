//! Trying again: when, how often, and after how long.
//!
//! A read may always be repeated. A write may be repeated where nothing was done: it never
//! left, or the limit of requests refused it. Otherwise only a write that leads to the same
//! state when it is done twice ([`Repeat::Safe`]) is tried again; a create never is, since its
//! lost answer may hide an object that exists. A success that is not what Make answers tells as
//! little as a lost answer.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::{Instant, sleep};

use super::{
    gate::Door,
    pace::Pace,
    patience::Patience,
    transport::{Request, Response, Transport, TransportError},
};

/// The most times that one request is sent.
const TRIES: u32 = 5;

/// The most times that one request is refused for the limit, where a gate holds it back until
/// there may be room: each costs about a minute, and nothing but other clients makes them.
const REFUSALS: u32 = 10;

/// The first pause after a failure of the network or the server.
const FIRST: Duration = Duration::from_millis(500);

/// The first pause after a 429 that no gate takes in, be it that there is none or that it counts
/// nothing, since the server claims to have no limit. Make's limit counts by the minute and
/// seldom says how long to wait: four doubling pauses from here outlast a minute.
const FIRST_LIMITED: Duration = Duration::from_secs(5);

/// The longest pause, also where the server asks for a longer one.
const LONGEST: Duration = Duration::from_secs(90);

/// The longest that all pauses of one request may be together.
const TOGETHER: Duration = Duration::from_secs(300);

/// Whether doing a request twice is the same as doing it once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// It is: reads, changes to given values, deletions by id.
    Safe,
    /// It is not: creates, and `start`, which also runs the scenario.
    Never,
}

/// How sending ended, after all tries.
#[derive(Debug)]
pub(super) struct Sent {
    /// The last answer or failure.
    pub(super) last: Result<Response, TransportError>,
    /// What is wrong with that answer, where it says success and is not what is expected.
    pub(super) problem: Option<String>,
    /// Whether a try before the last may have been carried out unseen.
    pub(super) clouded: bool,
}

/// How one try ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Try {
    /// An answer to go on with, be it a refusal.
    Final,
    /// Certainly not carried out, and worth another try.
    NotDone,
    /// Perhaps carried out.
    Unclear,
}

/// The way that requests of one client go.
#[derive(Clone, Copy)]
pub(super) struct Way<'a> {
    /// Where they are sent.
    pub(super) transport: &'a dyn Transport,
    /// What holds them back so that they keep to the limit.
    pub(super) door: Option<&'a Door>,
    /// Who wants to know how long answers take.
    pub(super) pace: &'a Pace,
    /// Who waits for a network that is lost.
    pub(super) patience: &'a Patience,
    /// Whether a request may go out now; asked before each try.
    pub(super) may: May<'a>,
    /// Counts what is sent.
    pub(super) sent: &'a AtomicU64,
}

/// Whether a request may go out now.
pub(super) type May<'a> = &'a (dyn Fn() -> bool + Sync);

/// Says what is wrong with an answer whose status is one of success.
pub(super) type Check<'a> = &'a (dyn Fn(&Response) -> Result<(), String> + Sync);

/// Sends a request, again where that is sound.
pub(super) async fn send(
    way: Way<'_>,
    request: &Request,
    repeat: Repeat,
    check: Check<'_>,
) -> Sent {
    let mut clouded = false;
    let (mut failures, mut refusals) = (0, 0);
    let mut paused = Duration::ZERO;
    loop {
        // Asked for each time: while one waits, the organization may become known.
        let gate = way.door.and_then(|door| door.gate_for(request));
        let (last, is_counted) = match &gate {
            None if !(way.may)() => (Err(forbidden()), false),
            None => (exchange(way, request).await, false),
            Some(gate) => {
                let pass = gate.pass().await;
                let is_counted = pass.is_counted();
                let last = match (way.may)() {
                    true => exchange(way, request).await,
                    false => Err(forbidden()),
                };
                pass.settle(&last, is_limited(&last)).await;
                (last, is_counted)
            }
        };
        if (way.may)() && way.patience.waits(request, &last, clouded).await {
            continue;
        }
        let problem = problem(&last, check);
        let ended = judge(&last, problem.is_some());
        let held = is_counted && is_limited(&last);
        let (count, most) = match held {
            true => (&mut refusals, REFUSALS),
            false => (&mut failures, TRIES),
        };
        *count += 1;
        let again = match ended {
            Try::Final => false,
            Try::NotDone => true,
            Try::Unclear => repeat == Repeat::Safe,
        };
        if !again || *count >= most || paused >= TOGETHER || !(way.may)() {
            return Sent {
                last,
                problem,
                clouded,
            };
        }
        clouded |= ended == Try::Unclear;
        if !held {
            let window = gate.as_ref().map(|gate| gate.window());
            let first_limited = window.map_or(FIRST_LIMITED, |window| window / 12);
            let pause = pause(&last, failures, first_limited, fastrand::f64());
            paused += pause;
            sleep(pause).await;
        }
    }
}

/// Why a request that may not go out does not.
fn forbidden() -> TransportError {
    TransportError::NotSent {
        host: "the account".to_owned(),
        reason: "it may not be sent any more".to_owned(),
    }
}

/// One try, without what comes before or after it.
async fn exchange(way: Way<'_>, request: &Request) -> Result<Response, TransportError> {
    way.sent.fetch_add(1, Ordering::Relaxed);
    let start = Instant::now();
    let last = way.transport.send(request).await;
    log(request, &last, start.elapsed());
    if request.method.is_read() {
        match &last {
            // How long a refusal takes tells nothing.
            Ok(response) if response.is_success() => way.pace.answered(start.elapsed()),
            Ok(response) if response.status < 500 => {}
            Ok(_) | Err(_) => way.pace.failed(),
        }
    }
    last
}

/// Leaves word of an exchange. Headers and bodies hold tokens and blueprints, queries may name
/// people: of queries the keys are enough.
fn log(request: &Request, last: &Result<Response, TransportError>, took: Duration) {
    let Request {
        method,
        path,
        query,
        headers: _,
        body,
    } = request;
    let keys = || {
        let keys: Vec<&str> = query.iter().map(|(key, _)| key.as_str()).collect();
        keys.join(" ")
    };
    let sent = body.as_ref().map_or(0, Bytes::len);
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match last {
        Ok(Response { status, body, .. }) => tracing::debug!(
            %method, path, query = keys(), sent, status, received = body.len(), milliseconds,
            "request answered"
        ),
        Err(TransportError::NotSent { .. }) => {
            tracing::warn!(%method, path, query = keys(), milliseconds, "request not sent");
        }
        Err(TransportError::NoAnswer { .. }) => {
            tracing::warn!(%method, path, query = keys(), sent, milliseconds, "answer lost");
        }
    }
}

/// Whether it is the limit of requests that refused. A paused organization answers 429 too, and
/// stays paused.
fn is_limited(last: &Result<Response, TransportError>) -> bool {
    last.as_ref().is_ok_and(|response| {
        response.status == 429 && !String::from_utf8_lossy(&response.body).contains("IM310")
    })
}

fn problem(last: &Result<Response, TransportError>, check: Check<'_>) -> Option<String> {
    let success = last.as_ref().ok().filter(|answer| answer.is_success())?;
    check(success).err()
}

fn judge(last: &Result<Response, TransportError>, unexpected: bool) -> Try {
    match last {
        Err(TransportError::NotSent { .. }) => Try::NotDone,
        Err(TransportError::NoAnswer { .. }) => Try::Unclear,
        Ok(response) => match response.status {
            429 if is_limited(last) => Try::NotDone,
            // Those above 504 come from the proxy in front of Make.
            200..=299 if unexpected => Try::Unclear,
            408 | 500 | 502..=504 | 520..=524 => Try::Unclear,
            _ => Try::Final,
        },
    }
}

/// The pause before the next try: what the server asks for, else doubling, with up to a
/// quarter on top so that several clients do not come back at once.
fn pause(
    last: &Result<Response, TransportError>,
    tries: u32,
    first_limited: Duration,
    jitter: f64,
) -> Duration {
    let response = last.as_ref().ok();
    let asked = response
        .and_then(|response| response.header("retry-after"))
        .and_then(|text| text.trim().parse().ok())
        .map(Duration::from_secs);
    let first = match response {
        Some(response) if response.status == 429 => first_limited,
        _ => FIRST,
    };
    let doubled = first.saturating_mul(1 << tries.saturating_sub(1).min(16));
    asked
        .unwrap_or(doubled)
        .min(LONGEST)
        .mul_f64(1.0 + jitter / 4.0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Pace, Patience, Repeat, Sent, Way};
    use crate::live::{
        expected::Expected,
        script::{Line, Script},
        transport::Request,
    };

    /// A read, which is sent again.
    async fn read(script: &Script) -> Sent {
        send(script, &Request::get(&["ping"]), Repeat::Safe).await
    }

    /// A create, which is not where it may have been done.
    async fn create(script: &Script) -> Sent {
        send(script, &Request::post(&["hooks"]), Repeat::Never).await
    }

    /// Sends without a gate.
    async fn send(script: &Script, request: &Request, repeat: Repeat) -> Sent {
        let way = Way {
            transport: script,
            door: None,
            pace: &Pace::default(),
            patience: &Patience::default(),
            may: &|| true,
            sent: &super::AtomicU64::new(0),
        };
        super::send(way, request, repeat, &|answer| {
            Expected::OBJECT.check(answer)
        })
        .await
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_is_tried_again_until_it_is_answered() {
        let script = Script::new([
            Line::NotSent,
            Line::NoAnswer,
            Line::status(503),
            Line::ok("<html>We are down for maintenance</html>"),
            Line::ok("{}"),
        ]);
        let sent = read(&script).await;
        assert_eq!(sent.last.unwrap().status, 200);
        assert!(sent.clouded);
        assert_eq!(script.asked().len(), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn tries_are_bounded_and_a_refusal_is_an_answer() {
        let script = Script::new(std::iter::repeat_n(Line::NotSent, 9));
        let sent = read(&script).await;
        assert!(sent.last.is_err());
        assert_eq!(script.asked().len(), 5);

        let script = Script::new([Line::status(404)]);
        let sent = read(&script).await;
        assert_eq!(sent.last.unwrap().status, 404);
    }

    #[tokio::test(start_paused = true)]
    async fn a_create_is_tried_again_only_while_nothing_can_have_been_done() {
        let script = Script::new([
            Line::NotSent,
            Line::status(429),
            Line::NoAnswer,
            Line::ok("{}"),
        ]);
        let sent = create(&script).await;
        assert!(sent.last.is_err());
        assert_eq!(script.asked().len(), 3);

        let script = Script::new([Line::status(502), Line::ok("{}")]);
        let sent = create(&script).await;
        assert_eq!(sent.last.unwrap().status, 502);
    }

    #[tokio::test(start_paused = true)]
    async fn the_server_may_say_how_long_to_wait_and_a_limit_outlasts_its_minute() {
        let script = Script::new([Line::limited("7"), Line::ok("{}")]);
        let start = Instant::now();
        read(&script).await;
        let waited = start.elapsed();
        assert!(waited >= Duration::from_secs(7) && waited < Duration::from_secs(9));

        let script = Script::new(
            [429, 429, 429, 429]
                .map(Line::status)
                .into_iter()
                .chain([Line::ok("{}")]),
        );
        let start = Instant::now();
        read(&script).await;
        assert!(start.elapsed() > Duration::from_secs(60));
    }
}
