//! What a server's `X-RateLimit-*` headers tell.
//!
//! `Remaining` is the truth at the moment at which a request was counted, others included. What
//! makes it old are our own requests that were counted after it. Where it exceeds the limit of a
//! minute, requests are saved up in a bucket that fills evenly; else it may be a plain window,
//! which fills only at its end.

use serde::{Deserialize, Serialize};

use super::budget::Millis;

/// What one answer tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// `X-RateLimit-Limit`: requests a minute.
    pub(super) limit: u32,
    /// `X-RateLimit-Remaining`: how many would be admitted now.
    pub(super) remaining: u32,
    /// `X-RateLimit-Reset`: when all are there again, as milliseconds from now.
    pub(super) reset: Millis,
}

/// Requests and answers up to some moment.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Overlap {
    pub(super) sent: u64,
    pub(super) answered: u64,
}

/// How many of our requests an answer may know nothing of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unsure {
    /// Those that were sent after it.
    later: u64,
    /// All that were out together with it.
    most: u64,
}

impl Overlap {
    /// What happened while a request was out that was sent at `before`; so many are still.
    pub(super) fn since(self, before: Self, open: usize) -> Unsure {
        let answered = self
            .answered
            .saturating_sub(before.answered.saturating_add(1));
        Unsure {
            later: self.sent.saturating_sub(before.sent),
            most: answered.saturating_add(u64::try_from(open).unwrap_or(u64::MAX)),
        }
    }
}

/// What is left by the server's own word.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Bucket {
    /// Requests that a window brings.
    rate: u32,
    /// The most that was seen to be saved up.
    most: u32,
    /// What is left, less what was sent since.
    level: f64,
    at: Millis,
    /// When a window that does not fill evenly begins again.
    resets: Millis,
}

impl Bucket {
    /// A bucket of which nothing was heard before this.
    pub(super) fn new(told: Told, now: Millis) -> Self {
        Self {
            rate: told.limit.max(1),
            most: 0,
            level: f64::from(told.remaining),
            at: now,
            resets: now,
        }
    }

    /// Whether it fills evenly, and holds more than a minute brings.
    pub(super) fn fills(&self) -> bool {
        self.most >= self.rate
    }

    /// Takes what lies in the future as of now, and says whether there was any.
    pub(super) fn mend(&mut self, now: Millis, window: Millis) -> bool {
        let wrong = self.at > now || self.resets > now + window;
        self.rate = self.rate.max(1);
        self.level = self.level.clamp(-float(u64::from(self.rate)), f64::MAX);
        self.at = self.at.min(now);
        self.resets = self.resets.min(now + window);
        wrong
    }

    /// How many are left alone, because others may take some between two answers.
    fn reserve(&self) -> f64 {
        if self.fills() {
            f64::from((self.rate / 20).max(2))
        } else {
            0.0
        }
    }

    /// Takes in an answer. What it may know nothing of is taken off.
    pub(super) fn hear(&mut self, told: Told, unsure: Unsure, now: Millis, window: Millis) {
        self.fill(now, window);
        self.rate = told.limit.max(1);
        self.most = self.most.max(told.remaining);
        self.resets = now + told.reset.min(window);
        let told = f64::from(told.remaining);
        let (least, likely) = (told - float(unsure.most), told - float(unsure.later));
        self.level = self.level.min(likely).max(least);
    }

    /// The server has refused: there is nothing.
    pub(super) fn drained(&mut self, now: Millis, window: Millis) {
        self.fill(now, window);
        self.level = self.level.min(0.0);
    }

    /// When the next request may go; `now` if at once.
    pub(super) fn ready(&mut self, now: Millis, window: Millis) -> Millis {
        self.fill(now, window);
        let missing = 1.0 + self.reserve() - self.level;
        if missing <= 0.0 {
            now
        } else if self.fills() {
            now + self.time(missing, window)
        } else if now < self.resets {
            self.resets
        } else {
            self.level = f64::from(self.rate);
            now
        }
    }

    /// One request goes.
    pub(super) fn take(&mut self) {
        self.level -= 1.0;
    }

    /// It did not go after all.
    pub(super) fn give_back(&mut self) {
        self.level += 1.0;
    }

    /// When so many more could have gone.
    pub(super) fn when(&self, requests: usize, now: Millis, window: Millis) -> Millis {
        let requests = u64::try_from(requests).unwrap_or(u64::MAX);
        let missing = float(requests) + self.reserve() - self.level;
        now.max(self.at + self.time(missing.max(0.0), window))
    }

    fn fill(&mut self, now: Millis, window: Millis) {
        let passed = now.saturating_sub(self.at);
        self.at = now;
        if self.fills() {
            let brought = f64::from(self.rate) * float(passed) / float(window.max(1));
            self.level = (self.level + brought).min(f64::from(self.most) + 1.0);
        }
    }

    /// How long so many take to come.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the time of some requests is positive and short"
    )]
    fn time(&self, requests: f64, window: Millis) -> Millis {
        (requests * float(window) / f64::from(self.rate.max(1))).ceil() as Millis
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "numbers of requests and milliseconds of a window are small"
)]
fn float(number: u64) -> f64 {
    number as f64
}
