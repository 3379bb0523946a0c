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

#[cfg(test)]
mod tests {
    use std::{
        sync::{Arc, atomic::AtomicBool},
        time::Duration,
    };

    use tokio::time::Instant;

    use super::{PAUSES, Patience};
    use crate::live::transport::{Method, Request, Response, TransportError};

    fn request(method: Method) -> Request {
        Request {
            method,
            path: "/scenarios".to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
        }
    }

    fn answer() -> Result<Response, TransportError> {
        Ok(Response {
            status: 200,
            headers: Vec::new(),
            body: bytes::Bytes::new(),
        })
    }

    fn lost(never_left: bool) -> Result<Response, TransportError> {
        let (host, reason) = ("eu1.make.com".to_owned(), "gone".to_owned());
        Err(match never_left {
            true => TransportError::NotSent { host, reason },
            false => TransportError::NoAnswer { host, reason },
        })
    }

    /// One whose account has answered once.
    async fn patience(most: u64, over: &Arc<AtomicBool>) -> Patience {
        let patience = Patience::new(Duration::from_secs(most), Arc::clone(over));
        assert!(
            !patience
                .waits(&request(Method::Get), &answer(), false)
                .await
        );
        patience
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_and_all_of_them_last_as_long_as_is_said() {
        let patience = patience(60, &Arc::default()).await;
        let begun = Instant::now();
        let mut pauses = Vec::new();
        loop {
            let before = Instant::now();
            if !patience
                .waits(&request(Method::Get), &lost(false), false)
                .await
            {
                break;
            }
            pauses.push(before.elapsed());
        }
        assert_eq!(begun.elapsed(), Duration::from_secs(60));
        let (first, longest) = PAUSES;
        assert_eq!(pauses.first(), Some(&first));
        assert_eq!(pauses.get(1), Some(&(first * 2)));
        assert!(pauses.iter().all(|pause| *pause <= longest), "{pauses:?}");
        assert_eq!(patience.away().unwrap().host, "eu1.make.com");
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_have_been_done_is_not_sent_again() {
        let patience = patience(60, &Arc::default()).await;
        let begun = Instant::now();
        for (method, never_left, clouded, waits) in [
            (Method::Post, false, false, false),
            (Method::Post, true, true, false),
            (Method::Post, true, false, true),
            (Method::Get, false, true, true),
        ] {
            let before = begun.elapsed();
            let waited = patience
                .waits(&request(method), &lost(never_left), clouded)
                .await;
            assert_eq!(waited, waits, "{method} {never_left} {clouded}");
            assert_eq!(begun.elapsed() > before, waits);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_begins_the_time_anew() {
        let patience = patience(1, &Arc::default()).await;
        let read = request(Method::Get);
        for _ in 0..3 {
            assert!(patience.waits(&read, &lost(true), false).await);
            assert!(patience.waits(&read, &lost(true), false).await);
            assert!(!patience.waits(&read, &lost(true), false).await);
            assert!(!patience.waits(&read, &answer(), false).await);
            assert!(patience.away().is_none());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_account_that_never_answered_is_not_waited_for_nor_when_nobody_wants_to() {
        let never = Patience::new(Duration::from_secs(60), Arc::default());
        assert!(!never.waits(&request(Method::Get), &lost(true), false).await);

        let over = Arc::new(AtomicBool::new(false));
        let patience = patience(60, &over).await;
        let begun = Instant::now();
        let read = request(Method::Get);
        let told = async {
            tokio::time::sleep(Duration::from_millis(250)).await;
            over.store(true, std::sync::atomic::Ordering::Relaxed);
        };
        let lost = lost(true);
        let (waited, ()) = tokio::join!(patience.waits(&read, &lost, false), told);
        assert!(!waited);
        assert!(begun.elapsed() < Duration::from_millis(500));
    }
}
