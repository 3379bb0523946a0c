//! What the gate has to tell of work that waits: how much of it is left, for how long, and why
//! nothing goes on.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    pin::pin,
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::Gate;
use crate::{live::Client, model::Event};

/// How often a minute somebody looks.
const LOOKS: u32 = 60;

/// Which part of a minute is long to wait: ten seconds of Make's.
const LONG: u32 = 6;

impl Client {
    /// Does some work, and tells meanwhile how the limit of requests holds it up. `left` says how
    /// many requests of it are still to be sent, as far as that is known.
    pub async fn watched<T>(
        &self,
        work: impl Future<Output = T>,
        left: impl Fn() -> usize,
        emit: impl FnMut(Event),
    ) -> T {
        let mut work = pin!(work);
        let emit = RefCell::new(emit);
        let is_lost = Cell::new(false);
        let mut network = pin!(self.tell_of_network(&is_lost, &emit));
        let mut watch = pin!(async {
            let mut news = News::default();
            loop {
                // Asked for each time: the organization may become known meanwhile.
                let Some(gate) = self.gate() else {
                    sleep(Duration::from_secs(1)).await;
                    continue;
                };
                sleep(gate.window() / LOOKS).await;
                if let Some(event) = news.of(&gate, left()).await {
                    (emit.borrow_mut())(event);
                }
            }
        });
        // Both go on at once: what the watch waits for may be held by the work.
        let done = tokio::select! {
            biased;
            done = &mut work => done,
            () = &mut watch => work.await,
            () = &mut network => work.await,
        };
        // It may be done before the next look.
        if is_lost.get() && self.patience().away().is_none() {
            (emit.borrow_mut())(Event::Online);
        }
        done
    }

    /// Tells when the network is lost and waited for, and when it is back.
    async fn tell_of_network(&self, is_told: &Cell<bool>, emit: &RefCell<impl FnMut(Event)>) {
        loop {
            sleep(NETWORK).await;
            let event = match (self.patience().away(), is_told.get()) {
                (Some(away), false) => Event::Offline {
                    host: away.host,
                    most: self.patience().most(),
                },
                (None, true) => Event::Online,
                (Some(_), true) | (None, false) => continue,
            };
            is_told.set(!is_told.get());
            (emit.borrow_mut())(event);
        }
    }
}

/// How often is looked whether the network is lost.
const NETWORK: Duration = Duration::from_millis(250);

/// What was told already.
#[derive(Default)]
struct News {
    /// Until when nothing of that kind is new.
    waiting: Option<Instant>,
    pace: Option<Instant>,
}

impl News {
    /// What there is to tell now.
    async fn of(&mut self, gate: &Gate, left: usize) -> Option<Event> {
        let limit = gate.limit().await?;
        let (look, long) = (gate.window() / LOOKS, gate.window() / LONG);
        let is_news = |told: &mut Option<Instant>, lasts: Duration, again: Duration| {
            let now = Instant::now();
            let is_new = lasts >= long && told.is_none_or(|until| now >= until);
            if is_new {
                *told = Some(now + again);
            }
            is_new
        };
        if let Some(wait) = gate.waiting().filter(|wait| *wait >= look) {
            return Some(Event::Waiting {
                wait,
                limit,
                is_news: is_news(&mut self.waiting, wait, wait),
            });
        }
        let lasts = match left {
            0 => return None,
            left => gate.estimate(left).await,
        };
        Some(Event::Pace {
            requests: left,
            lasts,
            limit,
            is_news: is_news(&mut self.pace, lasts, gate.window()),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        time::Duration,
    };

    use jiff::Timestamp;
    use tokio::time::sleep;

    use crate::{
        live::{Client, GateOptions, Gates, MINUTE, script::Script, transport::Response},
        model::Event,
    };

    fn client() -> Client {
        let gates = Arc::new(Gates::new(GateOptions {
            folder: None,
            window: MINUTE,
            now: Timestamp::UNIX_EPOCH,
        }));
        let script = Arc::new(Script::new([]));
        Client::new(script, "token".to_owned().into(), "host".into()).gated(&gates, Some("7"), None)
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_left_and_what_keeps_it_are_told_and_each_is_news_once() {
        let client = client();
        let gate = client.gate().unwrap();
        let left = AtomicUsize::new(100);
        let mut told = Vec::new();
        let work = async {
            sleep(Duration::from_millis(1_500)).await;
            // The first minute's places are taken, and the next one waits.
            for _ in 0..31 {
                let answer = Ok(Response {
                    status: 200,
                    headers: Vec::new(),
                    body: "{}".into(),
                });
                gate.pass().await.settle(&answer, false).await;
                left.fetch_sub(1, Ordering::Relaxed);
            }
        };
        let count = || left.load(Ordering::Relaxed);
        client.watched(work, count, |event| told.push(event)).await;
        let Some(Event::Pace {
            requests: 100,
            lasts,
            limit: 30,
            is_news: true,
        }) = told.first()
        else {
            panic!("{told:?}");
        };
        // Three minutes bring what the first one has no room for.
        assert!((180..190).contains(&lasts.as_secs()), "{lasts:?}");
        let mut waits = Vec::new();
        for event in &told {
            if let Event::Waiting { wait, is_news, .. } = event {
                waits.push((wait.as_secs(), *is_news));
            }
        }
        assert!(waits.len() > 20, "{waits:?}");
        assert_eq!(waits.iter().filter(|(_, is_news)| *is_news).count(), 1);
        assert!(waits[0].1 && waits[0].0 > 30, "{waits:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn where_nothing_is_limited_nothing_is_told() {
        let client = client();
        client.gate().unwrap().learn(1_000_000).await;
        let mut told = Vec::new();
        let work = sleep(Duration::from_secs(100));
        client.watched(work, || 5, |event| told.push(event)).await;
        assert_eq!(told, []);
    }
}
