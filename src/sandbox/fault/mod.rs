//! Faults: what goes wrong with which requests, by rule.
//!
//! A rule is text, `3rd POST /scenarios: 500 after`, and reads the same wherever it is given: on
//! the command line, over `/_sandbox/faults`, in a test. Rules hold for this process. Each counts
//! the requests that it is about from the moment it was added.

mod grammar;
mod sorts;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::live::transport::{Method, Request, Response};

use super::dialect::Dialect;
use super::quirk::Quirks;
use super::routes::Refusal;

pub use grammar::WrongRule;
pub use sorts::SORTS;

/// One rule: which requests, and what happens to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    which: Which,
    what: What,
    /// After how many requests that it happened to the rule is spent.
    times: Option<u64>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        grammar::write(self, f)
    }
}

/// Which requests a rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Which {
    turn: Turn,
    verb: Verb,
    /// Segments of the path; `None` is for every path.
    path: Option<String>,
}

/// Which of them, in the order in which they arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Every,
    Nth(u64),
    From(u64),
    First(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Any,
    Reads,
    Writes,
    One(Method),
}

impl Which {
    fn is_about(&self, request: &Request) -> bool {
        let verb = match self.verb {
            Verb::Any => true,
            Verb::Reads => request.method.is_read(),
            Verb::Writes => !request.method.is_read(),
            Verb::One(method) => request.method == method,
        };
        let path = self.path.as_deref();
        verb && path.is_none_or(|pattern| is_path(pattern, &request.path))
    }
}

/// Whether a path is one of a pattern: `*` and `{id}` stand for one segment, `**` at the end for
/// any number of them.
fn is_path(pattern: &str, path: &str) -> bool {
    let mut given = path.split('/');
    for expected in pattern.split('/') {
        if expected == "**" {
            return true;
        }
        let Some(segment) = given.next() else {
            return false;
        };
        let stands_for_one = expected == "*" || expected.starts_with('{');
        if !stands_for_one && expected != segment {
            return false;
        }
    }
    given.next().is_none()
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Slow(Latency),
    Broken(Mishap),
}

/// What happens instead of an answer, or to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mishap {
    pub(crate) kind: Kind,
    /// Whether the request is carried out first.
    pub(crate) is_carried_out: bool,
    /// For how long it goes on, once it has begun.
    lasts: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Another status, with a `Retry-After` or without.
    Status {
        status: u16,
        retry_after: Option<Duration>,
    },
    /// The server cannot be reached.
    Unreachable,
    /// The connection breaks before the answer begins.
    Drop,
    /// The connection breaks in the middle of the answer.
    ResetMidBody,
    /// The answer ends in the middle, as if that were all.
    Truncated,
    /// A page of somebody else's, with status 200.
    Html,
    /// Nothing ever comes.
    Hang,
}

impl Mishap {
    /// How the exchange ends; `answer` is that of a request which was carried out.
    pub(crate) fn befall(
        self,
        answer: Option<Response>,
        dialect: Dialect,
        quirks: &Quirks,
    ) -> Outcome {
        match self.kind {
            Kind::Status {
                status,
                retry_after,
            } => {
                let refusal = Refusal::by_fault(status);
                let mut answer = refusal.into_response(dialect, quirks);
                if status == 204 {
                    answer.body = Bytes::new();
                }
                if let Some(time) = retry_after {
                    let seconds = time.as_secs().to_string();
                    answer.headers.push(("retry-after".to_owned(), seconds));
                }
                Outcome::Answer(answer)
            }
            Kind::Unreachable => Outcome::NotReached,
            Kind::Drop => Outcome::Broken,
            Kind::ResetMidBody => answer.map_or(Outcome::Broken, Outcome::CutShort),
            Kind::Truncated => answer.map_or(Outcome::Broken, |answer| {
                let half = answer.body.len() / 2;
                Outcome::Answer(Response {
                    body: answer.body.slice(..half),
                    ..answer
                })
            }),
            Kind::Html => Outcome::Answer(Response {
                status: 200,
                headers: vec![("content-type".to_owned(), "text/html".to_owned())],
                body: PAGE.into(),
            }),
            Kind::Hang => Outcome::Silence,
        }
    }
}

/// What a proxy or a login page puts in the place of an answer.
const PAGE: &str = "<!doctype html><html><title>Sign in</title><body>Please sign in.</body></html>";

/// How an exchange ends.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// With this answer.
    Answer(Response),
    /// With a connection that breaks in the middle of this answer.
    CutShort(Response),
    /// With a connection that breaks before the answer begins.
    Broken,
    /// The request arrives nowhere.
    NotReached,
    /// It does not end.
    Silence,
}

/// How long an answer takes, beside the work on it: a time, or any from one to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latency {
    least: Duration,
    most: Duration,
}

impl Latency {
    /// A time for one answer.
    pub(crate) fn pick(self) -> Duration {
        let spread = self.most.saturating_sub(self.least);
        self.least + spread.mul_f64(fastrand::f64())
    }
}

/// What the rules make of one request.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// How much longer it takes.
    pub(crate) wait: Duration,
    /// What goes wrong: by the first rule that has something to say.
    pub(crate) mishap: Option<Mishap>,
}

/// A rule of a world, with what has come of it.
#[derive(Clone, Debug)]
pub struct FaultState {
    /// By which it is removed.
    pub id: u64,
    /// The rule.
    pub fault: Fault,
    /// How many requests it was about.
    pub seen: u64,
    /// To how many of them it happened.
    pub struck: u64,
    began: Option<Instant>,
}

impl FaultState {
    /// Counts a request that the rule is about; says whether it happens to it.
    fn strikes(&mut self, now: Instant) -> bool {
        self.seen += 1;
        if self.fault.times.is_some_and(|times| self.struck >= times) {
            return false;
        }
        let lasts = match self.fault.what {
            What::Broken(mishap) => mishap.lasts,
            What::Slow(_) => None,
        };
        let is_its_turn = match (self.fault.which.turn, lasts) {
            (Turn::Every, _) => true,
            // A fault that lasts begins at its turn, and is then about all.
            (Turn::Nth(n), Some(_)) | (Turn::From(n), _) => self.seen >= n,
            (Turn::Nth(n), None) => self.seen == n,
            (Turn::First(n), _) => self.seen <= n,
        };
        if !is_its_turn {
            return false;
        }
        if let Some(lasts) = lasts {
            let began = *self.began.get_or_insert(now);
            if now.duration_since(began) >= lasts {
                return false;
            }
        }
        self.struck += 1;
        true
    }
}

/// The rules of a world.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<FaultState>,
    last_id: u64,
}

impl Faults {
    /// Adds a rule after the others; returns its id.
    pub(crate) fn add(&mut self, fault: Fault) -> u64 {
        self.last_id += 1;
        self.rules.push(FaultState {
            id: self.last_id,
            fault,
            seen: 0,
            struck: 0,
            began: None,
        });
        self.last_id
    }

    /// Removes a rule; says whether there was one.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.rules.len();
        self.rules.retain(|rule| rule.id != id);
        self.rules.len() < before
    }

    /// Removes all of them.
    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// All of them, in order.
    pub(crate) fn list(&self) -> Vec<FaultState> {
        self.rules.clone()
    }

    /// What happens to a request. Every rule that is about it counts it.
    pub(crate) fn judge(&mut self, request: &Request, now: Instant) -> Verdict {
        let mut verdict = Verdict::default();
        for rule in &mut self.rules {
            if !rule.fault.which.is_about(request) || !rule.strikes(now) {
                continue;
            }
            match rule.fault.what {
                What::Slow(latency) => verdict.wait += latency.pick(),
                What::Broken(mishap) => {
                    verdict.mishap.get_or_insert(mishap);
                }
            }
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Fault, Faults, Kind, is_path};
    use crate::live::transport::Method::{Get, Post};
    use crate::sandbox::trial::request;

    /// Which of five requests in a row a rule happens to.
    fn struck(rule: &str) -> [bool; 5] {
        let mut faults = Faults::default();
        faults.add(rule.parse::<Fault>().unwrap());
        let asked = request(Post, "/scenarios", None);
        [(); 5].map(|()| faults.judge(&asked, Instant::now()).mishap.is_some())
    }

    #[test]
    fn a_rule_is_about_the_requests_whose_turn_it_is() {
        let of = |rule: &str| struck(rule).map(u8::from);
        assert_eq!(of("POST /scenarios: 500"), [1, 1, 1, 1, 1]);
        assert_eq!(of("3rd POST /scenarios: 500 after"), [0, 0, 1, 0, 0]);
        assert_eq!(of("from 4th write: drop"), [0, 0, 0, 1, 1]);
        assert_eq!(of("first 2 any: drop"), [1, 1, 0, 0, 0]);
        assert_eq!(of("from 2nd any: drop, 2 times"), [0, 1, 1, 0, 0]);
        assert_eq!(of("GET /scenarios: 500"), [0; 5]);
        assert_eq!(of("read: 500"), [0; 5]);
        assert_eq!(of("POST /scenarios/*: 500"), [0; 5]);
    }

    #[test]
    fn a_fault_that_lasts_goes_on_from_its_turn_and_ends() {
        let mut faults = Faults::default();
        faults.add("2nd GET /hooks: 429 for 20s".parse().unwrap());
        let hooks = request(Get, "/hooks", None);
        let start = Instant::now();
        let mut strikes = |seconds: u64| {
            let now = start + Duration::from_secs(seconds);
            faults.judge(&hooks, now).mishap.is_some()
        };
        assert!(!strikes(0));
        assert!(strikes(100));
        assert!(strikes(119));
        assert!(!strikes(120));
        assert!(!strikes(200));
    }

    #[test]
    fn every_rule_counts_the_first_breaks_and_all_slow_down() {
        let mut faults = Faults::default();
        for rule in [
            "any: latency 2s",
            "2nd any: 503",
            "2nd any: drop after",
            "read: latency 1s",
        ] {
            faults.add(rule.parse().unwrap());
        }
        let asked = request(Get, "/hooks", None);
        let first = faults.judge(&asked, Instant::now());
        assert_eq!((first.wait, first.mishap), (Duration::from_secs(3), None));
        let second = faults.judge(&asked, Instant::now()).mishap.unwrap();
        assert!(matches!(second.kind, Kind::Status { status: 503, .. }));
        let counts = |faults: &Faults| {
            faults
                .list()
                .iter()
                .map(|rule| rule.struck)
                .collect::<Vec<_>>()
        };
        assert_eq!(counts(&faults), [2, 1, 1, 2]);
        assert!(faults.remove(2));
        assert!(!faults.remove(2));
        faults.clear();
        assert_eq!(counts(&faults), [0; 0]);
    }

    #[test]
    fn a_pattern_stands_for_paths() {
        assert!(is_path("/scenarios/{id}/start", "/scenarios/7/start"));
        assert!(is_path("/scenarios/*/start", "/scenarios/7/start"));
        assert!(!is_path("/scenarios/*", "/scenarios/7/start"));
        assert!(is_path("/scenarios/**", "/scenarios/7/start"));
        assert!(is_path("/scenarios/7", "/scenarios/7"));
        assert!(!is_path("/scenarios/7", "/scenarios"));
    }
}
