//! A server that counts, on a clock that nobody waits for.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::{Instant, sleep};

use super::MINUTE;
use crate::live::transport::{Response, TransportError};

/// How the server counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Counts {
    Sliding,
    Fixed,
    Bucket { burst: f64 },
}

/// A server with a limit and a latency of 40 to 240 ms.
pub(super) struct Server {
    pub(super) counts: Counts,
    pub(super) limit: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    admitted: VecDeque<Instant>,
    level: Option<(f64, Instant)>,
    epoch: Option<Instant>,
    rng: fastrand::Rng,
    log: Vec<(Instant, &'static str, u16)>,
}

impl Server {
    pub(super) fn new(counts: Counts, limit: usize) -> Arc<Self> {
        Arc::new(Self {
            counts,
            limit,
            state: Mutex::new(State {
                rng: fastrand::Rng::with_seed(7),
                ..State::default()
            }),
        })
    }

    pub(super) async fn ask(&self, who: &'static str) -> Result<Response, TransportError> {
        let (there, back) = {
            let rng = &mut self.state.lock().unwrap().rng;
            (rng.u64(20..120), rng.u64(20..120))
        };
        sleep(Duration::from_millis(there)).await;
        let response = self.count(who);
        sleep(Duration::from_millis(back)).await;
        Ok(response)
    }

    fn count(&self, who: &'static str) -> Response {
        let mut state = self.state.lock().unwrap();
        let now = Instant::now();
        let mut headers = Vec::new();
        let room = match self.counts {
            Counts::Sliding | Counts::Fixed => {
                let epoch = *state.epoch.get_or_insert(now);
                // A fixed window that began before anybody came.
                let window = |at: Instant| (at - epoch + MINUTE.mul_f64(0.4)).as_secs() / 60;
                let gone = |at: Instant| match self.counts {
                    Counts::Fixed => window(at) < window(now),
                    Counts::Sliding | Counts::Bucket { .. } => now - at >= MINUTE,
                };
                while state.admitted.front().is_some_and(|&at| gone(at)) {
                    state.admitted.pop_front();
                }
                state.admitted.len() < self.limit
            }
            Counts::Bucket { burst } => {
                let (level, at) = state.level.unwrap_or((burst, now));
                let brought = (now - at).as_secs_f64() * self.limit as f64 / 60.0;
                let level = (level + brought).min(burst);
                let room = level >= 1.0;
                let level = if room { level - 1.0 } else { level };
                state.level = Some((level, now));
                for (name, value) in [
                    ("x-ratelimit-limit", self.limit as f64),
                    ("x-ratelimit-remaining", level.floor()),
                    (
                        "x-ratelimit-reset",
                        ((burst - level) * 60.0 / self.limit as f64).ceil(),
                    ),
                ] {
                    headers.push((name.to_owned(), format!("{value}")));
                }
                room
            }
        };
        if room {
            state.admitted.push_back(now);
        }
        let status = if room { 200 } else { 429 };
        state.log.push((now, who, status));
        Response {
            status,
            headers,
            body: Bytes::new(),
        }
    }

    /// Requests with this status within some minutes from `start`.
    pub(super) fn logged(&self, who: &str, status: u16, start: Instant, minutes: u32) -> usize {
        let log = &self.state.lock().unwrap().log;
        let of_it = log.iter().filter(|(at, name, answer)| {
            (who.is_empty() || *name == who)
                && *answer == status
                && *at >= start
                && *at < start + MINUTE * minutes
        });
        of_it.count()
    }
}
