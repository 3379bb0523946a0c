//! What a process remembers of a world: when to look whether something is due, so that a big one
//! is not read through every second, and what was looked at.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::sandbox::error::WorldError;

/// How long it may take until something that another process made due is noticed.
const AT_LEAST_EVERY: Duration = Duration::from_secs(10);

/// What is known since the last look.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    known: Mutex<Option<Known>>,
}

#[derive(Debug)]
struct Known {
    looked: Instant,
    /// When the first thing is due, if anything ever is.
    next: Option<Timestamp>,
}

impl Watch {
    /// Forgets what is known: something has changed, and is written down.
    pub(crate) fn look_again(&self) {
        *self.known() = None;
    }

    /// Whether something is due by `now`; `next` looks when the first thing is.
    pub(crate) fn is_due(
        &self,
        now: Timestamp,
        next: impl FnOnce() -> Result<Option<Timestamp>, WorldError>,
    ) -> Result<bool, WorldError> {
        let mut known = self.known();
        let fresh = known
            .take()
            .filter(|known| known.looked.elapsed() < AT_LEAST_EVERY);
        let current = match fresh {
            Some(current) => current,
            None => Known {
                looked: Instant::now(),
                next: next()?,
            },
        };
        let is_due = current.next.is_some_and(|next| next <= now);
        *known = Some(current);
        Ok(is_due)
    }

    fn known(&self) -> MutexGuard<'_, Option<Known>> {
        // Whatever another thread left: at worst it is looked up again.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which executions were looked at, for the quirk that hides one from the first look.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    seen: Mutex<BTreeSet<u64>>,
}

impl Looks {
    /// Whether this look at an execution is the first.
    pub(crate) fn is_first(&self, key: u64) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(key)
    }
}
