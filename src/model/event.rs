//! What long work tells the screens. Screens consume events and cannot steer.

use std::time::Duration;

use super::{Address, Kind};

/// Something happened in a reading or an apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A kind is being read; the total is the number of requests, where it is known.
    Reading {
        /// The kind.
        kind: Kind,
        /// How far.
        tally: Tally,
    },
    /// Requests wait, because Make allows no more of them in this minute.
    Waiting {
        /// Until the next one goes.
        wait: Duration,
        /// The requests that it allows in a minute.
        limit: u32,
        /// Whether this wait is long, and told for the first time.
        is_news: bool,
    },
    /// How fast the reading goes on, or the apply.
    Pace {
        /// The requests that are still to be sent.
        requests: usize,
        /// How long that takes at the least.
        lasts: Duration,
        /// The requests that Make allows in a minute.
        limit: u32,
        /// Whether that is long, and not told in this minute yet.
        is_news: bool,
    },
    /// The network is lost, and waited for.
    Offline {
        /// Who does not answer.
        host: String,
        /// The longest that it is waited for.
        most: Duration,
    },
    /// The network is back.
    Online,
    /// A step began.
    StepStarted {
        /// The thing.
        address: Address,
        /// Present participle: `creating`.
        doing: &'static str,
    },
    /// A step ended well.
    StepDone {
        /// The thing.
        address: Address,
        /// Past tense: `created`.
        done: &'static str,
        /// How many of the apply's steps have ended.
        tally: Tally,
    },
    /// A step failed.
    StepFailed {
        /// The thing.
        address: Address,
        /// Why, without secrets.
        reason: String,
        /// How many of the apply's steps have ended.
        tally: Tally,
    },
    /// A step was not tried, because something it stands on failed.
    StepSkipped {
        /// The thing.
        address: Address,
        /// What it stands on.
        because: Address,
        /// How many of the apply's steps have ended.
        tally: Tally,
    },
}

/// How far something has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Done so far.
    pub done: usize,
    /// All there is.
    pub total: usize,
}
