//! Plans, and the requests that each allows an organization in a minute.
//!
//! The zone dialect admits so many requests in a window and says nothing of it but 429. The
//! unified dialect fills a bucket evenly and tells with each answer how full it is. Both count
//! what they admit; a refused request is not held against the client. What was counted is this
//! process's; a world holds one organization, so there is one of each.

use std::collections::VecDeque;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::live::transport::Response;

use super::dialect::Dialect;
use super::error::UnknownPlan;
use super::routes::Refusal;

/// The time over which Make counts requests.
pub const MINUTE: Duration = Duration::from_secs(60);

/// The words of a refusal.
const TOO_MANY: &str = "Requests limit for organization exceeded, please try again later.";

/// What Make sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlanName {
    /// 30 requests a minute.
    Free,
    /// 60 requests a minute.
    Core,
    /// 120 requests a minute.
    Pro,
    /// 240 requests a minute.
    Teams,
    /// 1000 requests a minute.
    Enterprise,
    /// Not sold: no limit, for tests of big worlds.
    Unlimited,
}

impl PlanName {
    /// What `license.apiLimit` says. The unlimited plan names a figure nobody reaches: a client
    /// that paces itself by it is not slowed down.
    pub(crate) fn api_limit(self) -> usize {
        match self {
            Self::Free => 30,
            Self::Core => 60,
            Self::Pro => 120,
            Self::Teams => 240,
            Self::Enterprise => 1_000,
            Self::Unlimited => 1_000_000,
        }
    }

    /// The unified dialect's requests a minute, and how many may come at once. It names no
    /// figures for Enterprise, which gets those of Teams.
    fn rate_and_burst(self) -> Option<(u32, u32)> {
        match self {
            Self::Free => Some((60, 100)),
            Self::Core => Some((120, 200)),
            Self::Pro => Some((300, 500)),
            Self::Teams | Self::Enterprise => Some((600, 1_000)),
            Self::Unlimited => None,
        }
    }
}

impl FromStr for PlanName {
    type Err = UnknownPlan;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.to_ascii_lowercase().as_str() {
            "free" => Ok(Self::Free),
            "core" => Ok(Self::Core),
            "pro" => Ok(Self::Pro),
            "teams" => Ok(Self::Teams),
            "enterprise" => Ok(Self::Enterprise),
            "unlimited" => Ok(Self::Unlimited),
            _ => Err(UnknownPlan(name.to_owned())),
        }
    }
}

/// What kind of window the zone dialect counts in: Make does not say whether its window slides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Window {
    /// As many in any minute as the plan allows.
    #[default]
    Sliding,
    /// As many in each minute as the plan allows; one begins where the last has ended.
    Fixed,
}

impl FromStr for Window {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "sliding" => Ok(Self::Sliding),
            "fixed" => Ok(Self::Fixed),
            _ => Err(format!("`{name}` is neither sliding nor fixed")),
        }
    }
}

/// The status of what is refused.
pub(crate) const REFUSED: u16 = 429;

/// The `X-RateLimit-*` headers of the unified dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    /// `Limit`: the requests that a minute brings.
    limit: u32,
    /// `Remaining`: the requests that would be admitted at this moment. With a burst saved up
    /// they are more than the limit.
    remaining: u32,
    /// `Reset`: the seconds until the burst is saved up again.
    reset: u64,
}

impl Told {
    /// The headers.
    fn headers(self) -> [(String, String); 3] {
        [
            ("x-ratelimit-limit".to_owned(), self.limit.to_string()),
            (
                "x-ratelimit-remaining".to_owned(),
                self.remaining.to_string(),
            ),
            ("x-ratelimit-reset".to_owned(), self.reset.to_string()),
        ]
    }
}

/// Admits what a plan allows, and refuses the rest. Each dialect counts for itself.
#[derive(Debug)]
pub(crate) struct Limits {
    minute: Duration,
    zone: Mutex<Count>,
    unified: Mutex<Bucket>,
    refused: AtomicU64,
}

#[derive(Debug)]
struct Count {
    allowed: usize,
    window: Window,
    admitted: VecDeque<Instant>,
    /// When the fixed window began.
    began: Option<Instant>,
}

/// Holds up to `burst` requests and is filled evenly, `rate` of them in a minute. So a minute
/// that follows a quiet time admits `burst + rate`, and one that follows a busy time `rate`.
#[derive(Debug)]
struct Bucket {
    rate: u32,
    burst: u32,
    level: f64,
    at: Option<Instant>,
}

impl Limits {
    /// The limits of a plan, if it has any. `minute` is shorter in tests.
    pub(crate) fn of(plan: PlanName, window: Window, minute: Duration) -> Option<Self> {
        let (rate, burst) = plan.rate_and_burst()?;
        Some(Self {
            minute,
            zone: Mutex::new(Count {
                allowed: plan.api_limit(),
                window,
                admitted: VecDeque::new(),
                began: None,
            }),
            unified: Mutex::new(Bucket {
                rate,
                burst,
                level: f64::from(burst),
                at: None,
            }),
            refused: AtomicU64::new(0),
        })
    }

    /// Whether a request that arrives `now` is answered.
    pub(crate) fn admit(&self, dialect: Dialect, now: Instant) -> bool {
        let admitted = match dialect {
            Dialect::Zone => whole(&self.zone).admit(self.minute, now),
            Dialect::Unified => whole(&self.unified).take(self.minute, now),
        };
        if !admitted {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        admitted
    }

    /// Has all be taken that a dialect would admit now, as if by another client.
    pub(crate) fn exhaust(&self, dialect: Dialect, now: Instant) {
        if dialect == Dialect::Unified {
            let mut bucket = whole(&self.unified);
            bucket.fill(self.minute, now);
            bucket.level = 0.0;
        }
    }

    /// How many requests were refused.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Adds to an answer what the unified dialect tells with each, also with one that it does not
    /// count. What it tells is so when the answer leaves.
    pub(crate) fn sign(&self, dialect: Dialect, answer: &mut Response, now: Instant) {
        if dialect == Dialect::Unified {
            let mut bucket = whole(&self.unified);
            bucket.fill(self.minute, now);
            answer.headers.extend(bucket.told(self.minute).headers());
        }
    }
}

/// Counting cannot stop half way: what another thread left is whole.
fn whole<T>(count: &Mutex<T>) -> MutexGuard<'_, T> {
    count.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Count {
    fn admit(&mut self, minute: Duration, now: Instant) -> bool {
        match self.window {
            Window::Sliding => {
                let gone = |&first: &Instant| now.duration_since(first) >= minute;
                while self.admitted.front().is_some_and(gone) {
                    self.admitted.pop_front();
                }
            }
            Window::Fixed => {
                let mut began = *self.began.get_or_insert(now);
                while now.duration_since(began) >= minute {
                    began += minute;
                    self.admitted.clear();
                }
                self.began = Some(began);
            }
        }
        let room = self.admitted.len() < self.allowed;
        if room {
            self.admitted.push_back(now);
        }
        room
    }
}

/// How a request over the limit is refused in the zone dialect. The documentation gives the
/// message; quirks decide in what body it comes, and whether a header tells how long to wait.
pub(crate) fn refusal() -> Refusal {
    Refusal::too_many_requests(TOO_MANY)
}

impl Bucket {
    fn fill(&mut self, minute: Duration, now: Instant) {
        let passed = self.at.map_or(Duration::ZERO, |at| now.duration_since(at));
        let filled = f64::from(self.rate) * passed.as_secs_f64() / minute.as_secs_f64();
        self.level = (self.level + filled).min(f64::from(self.burst));
        self.at = Some(now);
    }

    fn take(&mut self, minute: Duration, now: Instant) -> bool {
        self.fill(minute, now);
        let room = self.level >= 1.0;
        if room {
            self.level -= 1.0;
        }
        room
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a level lies between 0 and the burst"
    )]
    fn told(&self, minute: Duration) -> Told {
        let missing = f64::from(self.burst) - self.level;
        let seconds = missing * minute.as_secs_f64() / f64::from(self.rate);
        Told {
            limit: self.rate,
            remaining: self.level as u32,
            reset: seconds.ceil() as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Dialect, Duration, Instant, Limits, MINUTE, PlanName, Window};
    use crate::sandbox::routes::reply;

    fn limits(window: Window) -> Limits {
        Limits::of(PlanName::Free, window, MINUTE).unwrap()
    }

    /// How many of so many requests at one moment are admitted.
    fn admitted(limits: &Limits, dialect: Dialect, at: Instant, requests: usize) -> usize {
        (0..requests).filter(|_| limits.admit(dialect, at)).count()
    }

    #[test]
    fn a_window_slides_and_refused_requests_do_not_count() {
        let limits = limits(Window::Sliding);
        let start = Instant::now();
        let admitted = |after, requests| {
            let at = start + Duration::from_secs(after);
            admitted(&limits, Dialect::Zone, at, requests)
        };
        for second in 0..30 {
            assert_eq!(admitted(second, 1), 1);
        }
        assert_eq!(admitted(59, 1), 0);
        assert_eq!(
            admitted(60, 2),
            1,
            "the first has left the window, the second has not"
        );
        assert_eq!(limits.refused(), 2);
    }

    #[test]
    fn a_fixed_window_begins_anew() {
        let limits = limits(Window::Fixed);
        let start = Instant::now();
        for (after, requests, expected) in [
            (0, 1, 1),
            (59, 40, 29),
            (61, 40, 30),
            (119, 40, 0),
            (400, 40, 30),
        ] {
            let at = start + Duration::from_secs(after);
            assert_eq!(
                admitted(&limits, Dialect::Zone, at, requests),
                expected,
                "after {after} s"
            );
        }
    }

    #[test]
    fn a_bucket_gives_its_burst_then_its_rate_and_tells() {
        let limits = limits(Window::Sliding);
        let start = Instant::now();
        let told = |at| {
            let mut answer = reply(&json!({})).unwrap();
            limits.sign(Dialect::Unified, &mut answer, at);
            let told = answer.headers[1..].iter().map(|(_, value)| value.as_str());
            told.collect::<Vec<_>>().join(" ")
        };
        let unified = |at, requests| admitted(&limits, Dialect::Unified, at, requests);
        assert_eq!(unified(start, 1), 1);
        assert_eq!(told(start), "60 99 1");
        assert_eq!(unified(start, 120), 99);
        assert_eq!(told(start), "60 0 100");
        let later = start + Duration::from_secs(10);
        assert_eq!(told(later), "60 10 90");
        assert_eq!(unified(later, 40), 10);
        assert_eq!(unified(start + Duration::from_secs(3_600), 400), 100);
        assert_eq!(
            admitted(&limits, Dialect::Zone, start, 40),
            30,
            "the other dialect counts for itself"
        );
    }

    #[test]
    fn the_minute_may_be_shorter_and_the_unlimited_plan_has_no_limit() {
        let second = Duration::from_secs(1);
        let limits = Limits::of(PlanName::Core, Window::Sliding, second).unwrap();
        let start = Instant::now();
        assert_eq!(admitted(&limits, Dialect::Zone, start, 100), 60);
        assert_eq!(admitted(&limits, Dialect::Zone, start + second, 100), 60);
        assert!(Limits::of(PlanName::Unlimited, Window::Fixed, MINUTE).is_none());
    }
}
