//! What an organization still allows: the arithmetic of the gate, without clock or file.
//!
//! A request that is sent at `s` and answered at `a` is counted by Make at some moment between.
//! Its place is taken until `a` plus the window, and a request that takes the place then is
//! counted later than that: so no window of Make's, sliding or fixed, ever holds more of ours
//! than the limit, however slow the network is. What it costs is one latency a window.
//!
//! All times are milliseconds on one scale, which is the caller's.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{
    bucket::{Bucket, Overlap, Told},
    trust::Trust,
};

/// Milliseconds since 1970.
pub(super) type Millis = u64;

/// The requests a minute of an organization whose limit nobody knows: Make's smallest plan.
const UNKNOWN: u32 = 30;

/// A limit that is none: nothing is counted. No plan of Make's comes near.
pub(super) const UNCOUNTED: u32 = 100_000;

/// The longest that a server's `Retry-After` closes the gate.
const LONGEST_CLOSED: Millis = 300_000;

/// What holds for a budget whatever happens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// The time in which Make counts: a minute, shorter in tests.
    pub(super) window: Millis,
    /// The most that the user wants to send in it.
    pub(super) cap: Option<u32>,
}

impl Rules {
    /// How long a place stays taken after its request was counted. A little longer than the
    /// window: clocks do not run alike, and processes do not read theirs at the same moment.
    fn taken(self) -> Millis {
        self.window + self.window / 1_000 + 5
    }

    /// How long after it was sent a request without an answer is counted at the latest.
    fn late(self) -> Millis {
        self.window / 12
    }
}

/// A request that has no answer yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Open {
    serial: u64,
    at: Millis,
    /// Whether it was sent to find out if there is more.
    probe: bool,
    overlap: Overlap,
}

/// What was sent, and what is known of the limit.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Budget {
    /// The organization's requests a minute, where Make has told.
    learned: Option<u32>,
    /// When the requests of this window were answered, oldest first.
    counted: VecDeque<Millis>,
    open: Vec<Open>,
    /// Requests and answers so far.
    tally: Overlap,
    /// What the server's headers tell, where it has any.
    bucket: Option<Bucket>,
    trust: Trust,
    /// Until when nothing may be sent.
    closed_until: Millis,
}

/// Whether a request may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Yes, under this number.
    Go(u64),
    /// No; ask again then, or when an answer has come.
    Wait(Millis),
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It reached Make, or may have.
    Counted(Option<Told>),
    /// Make refused it for the limit, and asks to be left alone so long.
    Refused(Option<Told>, Option<Millis>),
    /// It never left this machine.
    Unsent,
}

impl Budget {
    /// A budget of which nothing can be known until then.
    pub(super) fn closed(until: Millis) -> Self {
        Self {
            closed_until: until,
            ..Self::default()
        }
    }

    /// The requests a window that it reckons with.
    pub(super) fn limit(&self, rules: Rules) -> u32 {
        let cap = rules.cap.unwrap_or(u32::MAX);
        self.learned
            .map_or(rules.cap.unwrap_or(UNKNOWN), |learned| learned.min(cap))
    }

    /// Whether there is nothing to count.
    pub(super) fn is_uncounted(&self, rules: Rules) -> bool {
        self.limit(rules) >= UNCOUNTED
    }

    /// Takes in what Make says the limit is. Zero is what it says where it has nothing to say.
    pub(super) fn learn(&mut self, limit: u32) {
        self.learned = Some(limit).filter(|&limit| limit > 0).or(self.learned);
    }

    /// Takes in requests that were counted by now, and went another way.
    pub(super) fn absorb(&mut self, requests: usize, now: Millis) {
        self.counted.extend(std::iter::repeat_n(now, requests));
    }

    /// Asks for one request.
    pub(super) fn ask(&mut self, serial: u64, now: Millis, rules: Rules) -> Verdict {
        self.forget(now, rules);
        if now < self.closed_until {
            return Verdict::Wait(self.closed_until);
        }
        let limit = self.limit(rules);
        let mut probe = false;
        let free = self.first_free(rules).unwrap_or(now);
        match &mut self.bucket {
            Some(bucket) => {
                // A bucket that fills has its own pace; only the user's wish goes on top.
                let window = if bucket.fills() {
                    rules.cap
                } else {
                    Some(limit)
                };
                if window.is_some_and(|most| self.counted.len() + self.open.len() >= size(most)) {
                    return Verdict::Wait(free);
                }
                let ready = bucket.ready(now, rules.window);
                if ready > now {
                    return Verdict::Wait(ready);
                }
                bucket.take();
            }
            None => {
                let used = self.counted.len() + self.open.len();
                self.trust.refresh(now, limit, rules.window);
                if used >= size(limit) {
                    return Verdict::Wait(free);
                }
                probe = used >= size(self.trust.trusted(limit));
                if probe && used >= size(self.trust.ceiling(limit)) {
                    return Verdict::Wait(
                        self.trust.next_raise(rules.window).min(free).max(now + 1),
                    );
                }
                let probes = self.open.iter().filter(|open| open.probe).count();
                if probe && probes >= self.trust.at_once(limit) {
                    return Verdict::Wait(free.min(now + rules.late()).max(now + 1));
                }
            }
        }
        self.tally.sent = self.tally.sent.saturating_add(1);
        self.open.push(Open {
            serial,
            at: now,
            probe,
            overlap: self.tally,
        });
        Verdict::Go(serial)
    }

    /// Takes in what became of a request.
    pub(super) fn settle(&mut self, serial: u64, outcome: Outcome, now: Millis, rules: Rules) {
        self.forget(now, rules);
        let at = self.open.iter().position(|open| open.serial == serial);
        let Some(open) = at.map(|at| self.open.swap_remove(at)) else {
            // It was forgotten, having been out for longer than a window.
            return;
        };
        self.tally.answered = self.tally.answered.saturating_add(1);
        let told = match outcome {
            Outcome::Unsent => {
                if let Some(bucket) = &mut self.bucket {
                    bucket.give_back();
                }
                return;
            }
            Outcome::Counted(told) => {
                let last = self.counted.back().copied().unwrap_or(now);
                self.counted.push_back(now.max(last));
                if open.probe {
                    self.trust.confirm(self.counted.len(), self.limit(rules));
                }
                told
            }
            Outcome::Refused(told, asked) => {
                let own = self.counted.len() + self.open.len();
                self.trust.refused(own, now, rules.window);
                let asked = asked.unwrap_or(0).min(LONGEST_CLOSED);
                self.closed_until = self.closed_until.max(now + asked);
                told
            }
        };
        if let Some(told) = told {
            self.learn(told.limit);
            let unsure = self.tally.since(open.overlap, self.open.len());
            let bucket = self.bucket.get_or_insert_with(|| Bucket::new(told, now));
            bucket.hear(told, unsure, now, rules.window);
        }
        if let (Outcome::Refused(..), Some(bucket)) = (outcome, &mut self.bucket) {
            bucket.drained(now, rules.window);
        }
    }

    /// When so many more requests could have been sent.
    pub(super) fn when(&self, requests: usize, now: Millis, rules: Rules) -> Millis {
        let start = now.max(self.closed_until);
        if requests == 0 || self.is_uncounted(rules) {
            return start;
        }
        if let Some(bucket) = self.bucket.as_ref().filter(|bucket| bucket.fills()) {
            return start.max(bucket.when(requests, now, rules.window));
        }
        let limit = size(self.trust.ceiling(self.limit(rules)).max(1));
        let mut free: Vec<Millis> = self.places(rules).filter(|&free| free > now).collect();
        free.sort_unstable();
        let at_once = limit.saturating_sub(free.len());
        let Some(rest) = requests.checked_sub(at_once + 1) else {
            return start;
        };
        // The places that are free now come round again a window later.
        free.resize(free.len().max(limit), now + rules.taken());
        free.sort_unstable();
        let (round, place) = (rest / limit, rest % limit);
        let round = u64::try_from(round).unwrap_or(u64::MAX);
        let first = free.get(place).copied().unwrap_or(now);
        start.max(first.saturating_add(rules.taken().saturating_mul(round)))
    }

    /// When each place that is taken comes free.
    fn places(&self, rules: Rules) -> impl Iterator<Item = Millis> {
        let counted = self.counted.iter().map(move |at| at + rules.taken());
        let open = self.open.iter();
        counted.chain(open.map(move |open| open.at + rules.late() + rules.taken()))
    }

    fn first_free(&self, rules: Rules) -> Option<Millis> {
        self.places(rules).min()
    }

    /// Takes what lies in the future as of now: it was written while a clock was wrong. Says
    /// whether there was any.
    pub(super) fn mend(&mut self, now: Millis, rules: Rules) -> bool {
        let open = self.open.iter_mut().map(|open| &mut open.at);
        let mut wrong = false;
        for at in self.counted.iter_mut().chain(open).filter(|at| **at > now) {
            (*at, wrong) = (now, true);
        }
        let latest = now + LONGEST_CLOSED.max(rules.window);
        wrong |= self.closed_until > latest;
        self.closed_until = self.closed_until.min(latest);
        if let Some(bucket) = &mut self.bucket {
            wrong |= bucket.mend(now, rules.window);
        }
        wrong | self.trust.mend(now)
    }

    /// Drops what no longer counts.
    fn forget(&mut self, now: Millis, rules: Rules) {
        let taken = rules.taken();
        while self.counted.front().is_some_and(|at| at + taken <= now) {
            self.counted.pop_front();
        }
        self.open
            .retain(|open| open.at + rules.late() + taken > now);
    }
}

fn size(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
