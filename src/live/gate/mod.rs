//! The gate: every request that counts against an organization's limit passes it.
//!
//! [`Gates`] are those of a process, one for each organization; a [`Door`] is a client's way
//! through them; a [`Gate`] decides when a request may go. What it decides by is arithmetic in
//! `budget`, `trust` and `bucket`; `shared` keeps it in a file for other commands.
//! `docs/rate-limits.md` says what a user sees of this.

mod bucket;
mod budget;
mod door;
mod found;
#[cfg(test)]
mod server;
mod shared;
#[cfg(test)]
mod stories;
mod trust;
mod watch;

use std::{
    collections::BTreeMap,
    fmt,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use tokio::{sync, time::Instant};

use self::{
    bucket::Told,
    budget::{Budget, Millis, Outcome, Rules, Verdict},
    shared::Shared,
};
use super::transport::{Request, Response, Transport, TransportError};

pub(super) use door::Door;

/// The time in which Make counts requests.
pub const MINUTE: Duration = Duration::from_secs(60);

/// The largest limit that is worth a file: far above Make's largest.
const SHARED: u32 = 5_000;

/// How the gates of a process work.
#[derive(Clone, Debug)]
pub struct GateOptions {
    /// The folder in which commands leave word for each other; without one, each counts for
    /// itself.
    pub folder: Option<PathBuf>,
    /// The time in which the server counts: [`MINUTE`], shorter against a sandbox whose minute
    /// is.
    pub window: Duration,
    /// The time of day.
    pub now: Timestamp,
}

/// The gates of a process.
pub struct Gates {
    folder: Option<PathBuf>,
    clock: Clock,
    window: Millis,
    known: Mutex<BTreeMap<(String, u64), Arc<Gate>>>,
}

/// Turns the runtime's clock, which no user can set, into times that processes can compare.
#[derive(Clone, Copy, Debug)]
struct Clock {
    start: Instant,
    then: Millis,
}

impl Clock {
    fn now(self) -> Millis {
        self.then.saturating_add(millis(self.start.elapsed()))
    }

    fn instant(self, at: Millis) -> Instant {
        self.start + Duration::from_millis(at.saturating_sub(self.then))
    }
}

fn millis(time: Duration) -> Millis {
    Millis::try_from(time.as_millis()).unwrap_or(Millis::MAX)
}

impl Gates {
    /// Gates that have seen no request.
    #[must_use]
    pub fn new(options: GateOptions) -> Self {
        let then = options.now.as_millisecond();
        Self {
            folder: options.folder.map(|folder| folder.join("gate")),
            clock: Clock {
                start: Instant::now(),
                then: Millis::try_from(then).unwrap_or(0),
            },
            window: millis(options.window).max(1),
            known: Mutex::default(),
        }
    }

    /// The gate of an organization, the same for all who ask.
    pub fn of(&self, host: &str, organization: u64) -> Arc<Gate> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let gate = known
            .entry((host.to_owned(), organization))
            .or_insert_with(|| {
                let name = format!("{}-{organization}.v1", file_name(host));
                let folder = self.folder.as_ref();
                let shared = folder.and_then(|folder| Shared::open(folder, &name).ok());
                Arc::new(self.gate(shared))
            });
        Arc::clone(gate)
    }

    /// A gate for requests of which nobody knows yet where they count.
    fn nameless(&self) -> Arc<Gate> {
        Arc::new(self.gate(None))
    }

    fn gate(&self, shared: Option<Shared>) -> Gate {
        Gate {
            clock: self.clock,
            window: self.window,
            cap: AtomicU32::new(u32::MAX),
            shared,
            budget: sync::Mutex::default(),
            turn: sync::Mutex::new(()),
            answered: sync::Notify::new(),
            lost: Mutex::default(),
            waiting: AtomicU64::new(0),
        }
    }
}

/// A host and port as a part of a file's name.
fn file_name(host: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    host.chars()
        .map(|c| if allowed(c) { c } else { '_' })
        .collect()
}

impl fmt::Debug for Gates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gates")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

/// What an organization's limit lets through.
#[derive(Debug)]
pub struct Gate {
    clock: Clock,
    window: Millis,
    /// The lowest limit that a target asks for.
    cap: AtomicU32,
    shared: Option<Shared>,
    budget: sync::Mutex<Budget>,
    /// Who waits first goes first; the others wait for their turn, not for a place.
    turn: sync::Mutex<()>,
    answered: sync::Notify,
    /// Requests that nobody waited for to the end.
    lost: Mutex<Vec<u64>>,
    /// Until when the one whose turn it is waits; 0 if nobody does.
    waiting: AtomicU64,
}

/// Leave to send one request. It counts as sent from now on.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    gate: &'a Gate,
    serial: Option<u64>,
}

/// What came of looking at the budget.
enum Look<T> {
    /// Others need not know.
    Same(T),
    /// Others have to know.
    Changed(T),
}

impl Gate {
    /// Never lets more through than this, whatever Make allows.
    pub(super) fn cap(&self, limit: u32) {
        self.cap.fetch_min(limit.max(1), Ordering::Relaxed);
    }

    /// Takes in what Make says the limit is, in requests a minute.
    pub async fn learn(&self, limit: u32) {
        self.look(|budget, _, _| {
            budget.learn(limit);
            Look::Changed(())
        })
        .await;
        self.answered.notify_one();
    }

    /// Takes in requests that were sent past this gate.
    pub(super) async fn absorb(&self, requests: usize) {
        self.look(|budget, now, _| {
            budget.absorb(requests, now);
            Look::Changed(())
        })
        .await;
    }

    /// Waits until a request may be sent.
    pub(super) async fn pass(&self) -> Pass<'_> {
        let _turn = self.turn.lock().await;
        let serial = fastrand::u64(..);
        loop {
            let heard = self.answered.notified();
            let verdict = self
                .look(|budget, now, rules| match budget.is_uncounted(rules) {
                    true => Look::Same(None),
                    false => match budget.ask(serial, now, rules) {
                        go @ Verdict::Go(_) => Look::Changed(Some(go)),
                        wait @ Verdict::Wait(_) => Look::Same(Some(wait)),
                    },
                })
                .await;
            let until = match verdict {
                None => {
                    let gate = self;
                    return Pass { gate, serial: None };
                }
                Some(Verdict::Go(serial)) => {
                    self.waiting.store(0, Ordering::Relaxed);
                    return Pass {
                        gate: self,
                        serial: Some(serial),
                    };
                }
                Some(Verdict::Wait(until)) => until,
            };
            self.waiting.store(until, Ordering::Relaxed);
            // Another process may hear sooner that there is room.
            let soon = self.clock.now() + self.window.div_ceil(60);
            let until = if self.shared.is_some() {
                until.min(soon)
            } else {
                until
            };
            tokio::select! {
                () = tokio::time::sleep_until(self.clock.instant(until)) => {}
                () = heard => {}
            }
        }
    }

    /// Sends one request, once, when the limit allows: for those who have no [`super::Client`].
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn send(
        &self,
        transport: &dyn Transport,
        request: &Request,
    ) -> Result<Response, TransportError> {
        let pass = self.pass().await;
        let last = transport.send(request).await;
        let refused = last.as_ref().is_ok_and(|answer| answer.status == 429);
        pass.settle(&last, refused).await;
        last
    }

    /// How long it would take until so many more requests could have been sent, if nobody else
    /// sends any: for progress, not for pacing.
    pub async fn estimate(&self, requests: usize) -> Duration {
        let wait = self.look(|budget, now, rules| {
            let when = budget.when(requests, now, rules);
            Look::Same(when.saturating_sub(now))
        });
        Duration::from_millis(wait.await)
    }

    /// The requests that it lets through in a window; none where nothing is counted.
    pub async fn limit(&self) -> Option<u32> {
        self.look(|budget, _, rules| {
            let limit = Some(budget.limit(rules));
            Look::Same(limit.filter(|_| !budget.is_uncounted(rules)))
        })
        .await
    }

    /// The time in which requests are counted.
    #[must_use]
    pub fn window(&self) -> Duration {
        Duration::from_millis(self.window)
    }

    /// How long the next request will have to wait, where one is waiting now.
    #[must_use]
    pub fn waiting(&self) -> Option<Duration> {
        let until = self.waiting.load(Ordering::Relaxed);
        let left = until.saturating_sub(self.clock.now());
        (left > 0).then(|| Duration::from_millis(left))
    }

    /// Looks at the budget, as this process knows it and as others have left it.
    async fn look<T>(&self, change: impl FnOnce(&mut Budget, Millis, Rules) -> Look<T>) -> T {
        let mut budget = self.budget.lock().await;
        let rules = Rules {
            window: self.window,
            cap: Some(self.cap.load(Ordering::Relaxed)).filter(|&cap| cap < u32::MAX),
        };
        let held = match &self.shared {
            Some(shared) if budget.limit(rules) <= SHARED => shared.hold().await,
            _ => None,
        };
        // Without a file, or with one that somebody has removed, what this process knows holds.
        if let Some(read) = held.as_ref().and_then(|held| held.read(self.window)) {
            *budget = read;
        }
        let now = self.clock.now();
        let mut changed = budget.mend(now, rules);
        for serial in self.lost().drain(..) {
            budget.settle(serial, Outcome::Counted(None), now, rules);
            changed = true;
        }
        let result = match change(&mut budget, now, rules) {
            Look::Same(result) => result,
            Look::Changed(result) => {
                changed = true;
                result
            }
        };
        if let Some(held) = held.filter(|_| changed) {
            held.write(&budget);
        }
        result
    }

    fn lost(&self) -> MutexGuard<'_, Vec<u64>> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass<'_> {
    /// Whether the request counts: where nothing is counted, the gate holds nothing back.
    pub(super) fn is_counted(&self) -> bool {
        self.serial.is_some()
    }

    /// Takes in how sending ended; `refused` where it is the limit that refused.
    pub(super) async fn settle(mut self, last: &Result<Response, TransportError>, refused: bool) {
        let Some(serial) = self.serial.take() else {
            return;
        };
        let outcome = match last {
            Err(TransportError::NotSent { .. }) => Outcome::Unsent,
            Err(TransportError::NoAnswer { .. }) => Outcome::Counted(None),
            Ok(response) if refused => Outcome::Refused(told(response), retry_after(response)),
            Ok(response) => Outcome::Counted(told(response)),
        };
        let gate = self.gate;
        gate.look(|budget, now, rules| {
            budget.settle(serial, outcome, now, rules);
            Look::Changed(())
        })
        .await;
        gate.answered.notify_one();
    }
}

impl Drop for Pass<'_> {
    /// A request whose caller has gone was sent, for all we know.
    fn drop(&mut self) {
        if let Some(serial) = self.serial {
            self.gate.lost().push(serial);
            self.gate.answered.notify_one();
        }
    }
}

/// What the headers of an answer tell, where they are all there.
fn told(response: &Response) -> Option<Told> {
    let number = |name| response.header(name)?.trim().parse::<u64>().ok();
    let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    Some(Told {
        limit: count(number("x-ratelimit-limit")?).max(1),
        remaining: count(number("x-ratelimit-remaining")?),
        reset: number("x-ratelimit-reset")?.saturating_mul(1_000),
    })
}

/// How long the server asks to be left alone, in milliseconds.
fn retry_after(response: &Response) -> Option<Millis> {
    let seconds: u64 = response.header("retry-after")?.trim().parse().ok()?;
    Some(seconds.saturating_mul(1_000))
}
