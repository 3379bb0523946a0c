//! Waiting for a network that was there and is lost.
//!
//! Only where nothing can have been done meanwhile: a request that never left, or a read. It is
//! sent again until the account answers, or the time is over. An account that never answered is
//! not waited for: its URL may be wrong.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::transport::{Request, Response, TransportError};

/// The first pause between two tries, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(5));

/// How often a pause looks whether anybody still wants to wait.
const LOOK: Duration = Duration::from_millis(100);

/// How long a lost network is waited for, and whether it is lost.
#[derive(Debug, Default)]
pub(super) struct Patience {
    most: Duration,
    /// Set from outside when nobody wants to wait any more.
    over: Arc<AtomicBool>,
    /// Whether the account has answered before.
    answered: AtomicBool,
    away: Mutex<Option<Away>>,
}

/// A network that is lost.
#[derive(Clone, Debug)]
pub(super) struct Away {
    /// Who does not answer.
    pub(super) host: String,
    since: Instant,
    tries: u32,
}

impl Patience {
    /// Waits so long, unless `over` is set meanwhile.
    pub(super) fn new(most: Duration, over: Arc<AtomicBool>) -> Self {
        Self {
            most,
            over,
            ..Self::default()
        }
    }

    /// The longest that a lost network is waited for.
    pub(super) fn most(&self) -> Duration {
        self.most
    }

    /// Who is waited for.
    pub(super) fn away(&self) -> Option<Away> {
        self.lock().clone()
    }

    /// Waits before the next try, where a request that ended so may be sent again when the
    /// network is back; whether it did. `clouded`: a try before it may have been carried out.
    pub(super) async fn waits(
        &self,
        request: &Request,
        last: &Result<Response, TransportError>,
        clouded: bool,
    ) -> bool {
        let host = match last {
            Ok(_) => {
                self.answered.store(true, Ordering::Relaxed);
                *self.lock() = None;
                return false;
            }
            Err(TransportError::NotSent { host, .. }) => host,
            Err(TransportError::NoAnswer { host, .. }) => host,
        };
        let is_read = request.method.is_read();
        let never_left = matches!(last, Err(TransportError::NotSent { .. })) && !clouded;
        if !(is_read || never_left) || !self.answered.load(Ordering::Relaxed) {
            return false;
        }
        let (first, longest) = PAUSES;
        let pause = {
            let mut away = self.lock();
            let away = away.get_or_insert_with(|| Away {
                host: host.clone(),
                since: Instant::now(),
                tries: 0,
            });
            let left = self.most.saturating_sub(away.since.elapsed());
            let doubled = first.saturating_mul(1 << away.tries.min(8));
            away.tries += 1;
            doubled.min(longest).min(left)
        };
        self.pause(pause).await
    }

    /// Whether there is still somebody who waits after a pause.
    async fn pause(&self, pause: Duration) -> bool {
        let until = Instant::now() + pause;
        while Instant::now() < until && !self.over.load(Ordering::Relaxed) {
            sleep(LOOK.min(until - Instant::now())).await;
        }
        !pause.is_zero() && !self.over.load(Ordering::Relaxed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Away>> {
        self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
