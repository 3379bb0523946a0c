//! How much of the limit is ours: others may be using the same organization.
//!
//! Make's zone dialect does not tell what others use; only a refusal does. So the part of the
//! limit that has been admitted before is used freely, and what is beyond it is tried one
//! request at a time: others cost one refusal, not as many as there are requests in flight.
//! After a refusal nothing beyond is tried for a window; then a little more in each.

use serde::{Deserialize, Serialize};

use super::budget::Millis;

/// After so many windows without a look, what was found of others is out of date.
const STALE: u64 = 10;

/// By how much what is tried grows from window to window.
const GROWTH: u32 = 4;

/// What is known of our share.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Trust {
    /// The most requests of ours that were seen to be admitted in a window.
    admitted: u32,
    /// How many may be tried, since a refusal.
    ceiling: Option<u32>,
    /// By how much the ceiling is raised next.
    step: u32,
    /// When it was last lowered or raised.
    since: Millis,
    /// When it was last looked at.
    seen: Millis,
}

impl Trust {
    /// Looks at the time: raises the ceiling when a window has passed since the last change.
    pub(super) fn refresh(&mut self, now: Millis, limit: u32, window: Millis) {
        let away = now.saturating_sub(self.seen) > STALE * window;
        self.seen = now;
        if away {
            *self = Self {
                seen: now,
                ..Self::default()
            };
        }
        if let Some(ceiling) = &mut self.ceiling
            && now >= self.since + window
        {
            *ceiling = ceiling.saturating_add(self.step).min(limit);
            self.step = self.step.saturating_mul(GROWTH).min(limit);
            self.since = now;
        }
    }

    /// Takes what lies in the future as of now, and says whether there was any.
    pub(super) fn mend(&mut self, now: Millis) -> bool {
        let wrong = self.since.max(self.seen) > now;
        self.since = self.since.min(now);
        self.seen = self.seen.min(now);
        wrong
    }

    /// How many requests may be out in a window without any care. Before anything is known of
    /// others that is half of the limit; beside others, a little less than our share, because
    /// what they use is not the same at all times.
    pub(super) fn trusted(&self, limit: u32) -> u32 {
        match self.ceiling {
            None => self.admitted.max(limit / 2).min(limit),
            Some(_) => self.admitted.saturating_sub(self.admitted / 32 + 1),
        }
    }

    /// How many may be tried at once, which is as many as may be refused together. One is quick
    /// enough, save where the limit is so high that half of it, one after another, takes a
    /// window.
    pub(super) fn at_once(&self, limit: u32) -> usize {
        match self.ceiling {
            None => usize::try_from(limit / 480).unwrap_or(1).max(1),
            Some(_) => 1,
        }
    }

    /// How many may be tried in a window.
    pub(super) fn ceiling(&self, limit: u32) -> u32 {
        self.ceiling.unwrap_or(limit).min(limit)
    }

    /// When the ceiling is next raised.
    pub(super) fn next_raise(&self, window: Millis) -> Millis {
        self.since + window
    }

    /// With so many of ours in the window, one beyond what was trusted has been admitted.
    pub(super) fn confirm(&mut self, own: usize, limit: u32) {
        let own = u32::try_from(own).unwrap_or(u32::MAX);
        self.admitted = self.admitted.max(own).min(self.ceiling(limit));
    }

    /// A request was refused while so many of ours were in the window. A little less than those
    /// is ours from now on: that leaves room for what others do at other times.
    pub(super) fn refused(&mut self, own: usize, now: Millis, window: Millis) {
        let own = u32::try_from(own).unwrap_or(u32::MAX);
        let mut share = own.saturating_sub((own / 64).max(1));
        if now < self.since + window {
            share = share.min(self.ceiling.unwrap_or(u32::MAX));
        }
        self.ceiling = Some(share);
        self.admitted = share;
        self.step = 1;
        self.since = now;
    }
}
