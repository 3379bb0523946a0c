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

use serde_json::json;

use crate::live::transport::Response;

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

/// How requests are limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// As many in any window as the plan allows. Make does not say whether its window slides.
    #[default]
    Sliding,
    /// As many in each window as the plan allows; one begins where the last has ended.
    Fixed,
    /// The unified dialect's: an even rate, a burst, and headers that tell.
    Bucket,
}

impl FromStr for Manner {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "sliding" => Ok(Self::Sliding),
            "fixed" => Ok(Self::Fixed),
            "bucket" => Ok(Self::Bucket),
            _ => Err(format!("`{name}` is none of sliding, fixed and bucket")),
        }
    }
}

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

/// Admits what a plan allows, and refuses the rest.
#[derive(Debug)]
pub(crate) struct Limit {
    window: Duration,
    count: Mutex<Count>,
    refused: AtomicU64,
}

#[derive(Debug)]
enum Count {
    Sliding {
        allowed: usize,
        admitted: VecDeque<Instant>,
    },
    Fixed {
        allowed: usize,
        admitted: usize,
        began: Option<Instant>,
    },
    Bucket(Bucket),
}

/// Holds up to `burst` requests and is filled evenly, `rate` of them in a window. So a window
/// that follows a quiet time admits `burst + rate`, and one that follows a busy time `rate`.
#[derive(Debug)]
struct Bucket {
    rate: u32,
    burst: u32,
    level: f64,
    at: Option<Instant>,
}

impl Limit {
    /// The limit of a plan, if it has one. `window` is the minute, shorter in tests.
    pub(crate) fn of(plan: PlanName, manner: Manner, window: Duration) -> Option<Self> {
        let (rate, burst) = plan.rate_and_burst()?;
        let allowed = plan.api_limit();
        let count = match manner {
            Manner::Sliding => Count::Sliding {
                allowed,
                admitted: VecDeque::new(),
            },
            Manner::Fixed => Count::Fixed {
                allowed,
                admitted: 0,
                began: None,
            },
            Manner::Bucket => Count::Bucket(Bucket {
                rate,
                burst,
                level: f64::from(burst),
                at: None,
            }),
        };
        Some(Self {
            window,
            count: Mutex::new(count),
            refused: AtomicU64::new(0),
        })
    }

    /// Whether a request that arrives `now` is answered.
    pub(crate) fn admits(&self, now: Instant) -> bool {
        let window = self.window;
        let admitted = match &mut *self.count() {
            Count::Sliding { allowed, admitted } => slide(*allowed, admitted, window, now),
            Count::Fixed {
                allowed,
                admitted,
                began,
            } => {
                let mut start = *began.get_or_insert(now);
                while now.duration_since(start) >= window {
                    (start, *admitted) = (start + window, 0);
                }
                *began = Some(start);
                let room = *admitted < *allowed;
                *admitted += usize::from(room);
                room
            }
            Count::Bucket(bucket) => bucket.take(window, now),
        };
        if !admitted {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        admitted
    }

    /// How many requests it has refused.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Adds to an answer what the unified dialect tells with each, also with one that it does not
    /// count. What it tells is so when the answer leaves.
    pub(crate) fn sign(&self, answer: &mut Response, now: Instant) {
        if let Count::Bucket(bucket) = &mut *self.count() {
            bucket.fill(self.window, now);
            answer.headers.extend(bucket.told(self.window).headers());
            if answer.status == 429 {
                // Its errors have a message and nothing else.
                answer.body = json!({ "message": TOO_MANY }).to_string().into();
            }
        }
    }

    fn count(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a request over the limit is refused in the zone dialect. The documentation gives the
/// message; that it comes in the envelope of other errors, and that no header tells how long to
/// wait, is decided here.
pub(crate) fn refusal() -> Refusal {
    Refusal::too_many_requests(TOO_MANY)
}

fn slide(allowed: usize, admitted: &mut VecDeque<Instant>, window: Duration, now: Instant) -> bool {
    while admitted
        .front()
        .is_some_and(|&first| now.duration_since(first) >= window)
    {
        admitted.pop_front();
    }
    let room = admitted.len() < allowed;
    if room {
        admitted.push_back(now);
    }
    room
}

impl Bucket {
    fn fill(&mut self, window: Duration, now: Instant) {
        let passed = self.at.map_or(Duration::ZERO, |at| now.duration_since(at));
        let filled = f64::from(self.rate) * passed.as_secs_f64() / window.as_secs_f64();
        self.level = (self.level + filled).min(f64::from(self.burst));
        self.at = Some(now);
    }

    fn take(&mut self, window: Duration, now: Instant) -> bool {
        self.fill(window, now);
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
    fn told(&self, window: Duration) -> Told {
        let missing = f64::from(self.burst) - self.level;
        let seconds = missing * window.as_secs_f64() / f64::from(self.rate);
        Told {
            limit: self.rate,
            remaining: self.level as u32,
            reset: seconds.ceil() as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Duration, Instant, Limit, MINUTE, Manner, PlanName, refusal};
    use crate::sandbox::routes::reply;

    fn limit(manner: Manner) -> Limit {
        Limit::of(PlanName::Free, manner, MINUTE).unwrap()
    }

    /// How many of so many requests at one moment are admitted.
    fn admitted(limit: &Limit, at: Instant, requests: usize) -> usize {
        (0..requests).filter(|_| limit.admits(at)).count()
    }

    #[test]
    fn a_window_slides_and_refused_requests_do_not_count() {
        let limit = limit(Manner::Sliding);
        let start = Instant::now();
        for second in 0..30 {
            assert_eq!(admitted(&limit, start + Duration::from_secs(second), 1), 1);
        }
        assert_eq!(admitted(&limit, start + Duration::from_secs(59), 1), 0);
        let later = start + Duration::from_secs(60);
        assert_eq!(
            admitted(&limit, later, 2),
            1,
            "the first has left the window, the second has not"
        );
    }

    #[test]
    fn a_fixed_window_begins_anew() {
        let limit = limit(Manner::Fixed);
        let start = Instant::now();
        assert_eq!(admitted(&limit, start, 1), 1);
        assert_eq!(admitted(&limit, start + Duration::from_secs(59), 40), 29);
        assert_eq!(admitted(&limit, start + Duration::from_secs(61), 40), 30);
        assert_eq!(admitted(&limit, start + Duration::from_secs(119), 40), 0);
        assert_eq!(admitted(&limit, start + Duration::from_secs(400), 40), 30);
    }

    #[test]
    fn a_bucket_gives_its_burst_then_its_rate_and_tells() {
        let limit = limit(Manner::Bucket);
        let start = Instant::now();
        let ask = |at| {
            let mut answer = match limit.admits(at) {
                true => reply(&json!({})).unwrap(),
                false => refusal().into_response(),
            };
            limit.sign(&mut answer, at);
            let told = answer.headers[1..].iter().map(|(_, value)| value.as_str());
            let told: Vec<&str> = told.collect();
            (answer.status, told.join(" "), answer.body)
        };
        let (status, told, _) = ask(start);
        assert_eq!((status, told.as_str()), (200, "60 99 1"));
        assert_eq!(admitted(&limit, start, 120), 99);
        let (status, told, body) = ask(start);
        assert_eq!((status, told.as_str()), (429, "60 0 100"));
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body, json!({ "message": super::TOO_MANY }));
        assert_eq!(limit.refused(), 22);
        let later = start + Duration::from_secs(10);
        assert_eq!(admitted(&limit, later, 40), 10);
        let later = start + Duration::from_secs(3_600);
        assert_eq!(admitted(&limit, later, 400), 100);
    }

    #[test]
    fn the_minute_may_be_shorter_and_the_unlimited_plan_has_no_limit() {
        let second = Duration::from_secs(1);
        let limit = Limit::of(PlanName::Core, Manner::Sliding, second).unwrap();
        let start = Instant::now();
        assert_eq!(admitted(&limit, start, 100), 60);
        assert_eq!(admitted(&limit, start + second, 100), 60);
        assert!(Limit::of(PlanName::Unlimited, Manner::Bucket, MINUTE).is_none());
    }
}
