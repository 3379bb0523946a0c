//! How many requests a world has answered, by route.
//!
//! A count is kept in memory at once, and reaches the world's file with the next transaction
//! that writes anyway, after [`PATIENCE`] requests, when a server's clock says so, and when the
//! world is closed: a read costs no write of its own.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

/// The requests that a killed process may forget.
const PATIENCE: u64 = 1_000;

/// Requests by route (`GET /scenarios/{id}/blueprint`).
pub(crate) type ByRoute = BTreeMap<String, u64>;

/// The requests that a world has answered since it was made or reset, with a refusal or not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// All of them.
    pub total: u64,
    /// How many of each route, the route being written with its placeholders.
    pub requests: ByRoute,
    /// How many of them this process refused with 429.
    pub limited: u64,
}

impl From<ByRoute> for Stats {
    fn from(requests: ByRoute) -> Self {
        Self {
            total: requests.values().sum(),
            requests,
            limited: 0,
        }
    }
}

/// The counts that are not in the world's file yet.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pending: Mutex<ByRoute>,
}

impl Counts {
    /// Counts one request; says whether it is time to write the counts down.
    pub(crate) fn add(&self, route: &str) -> bool {
        let mut pending = self.pending();
        match pending.get_mut(route) {
            Some(count) => *count += 1,
            None => {
                pending.insert(route.to_owned(), 1);
            }
        }
        pending.values().sum::<u64>() >= PATIENCE
    }

    /// Hands over what is pending, to be written down.
    pub(crate) fn take(&self) -> ByRoute {
        std::mem::take(&mut *self.pending())
    }

    /// Takes back what could not be written down.
    pub(crate) fn give_back(&self, counts: ByRoute) {
        let mut pending = self.pending();
        for (route, count) in counts {
            *pending.entry(route).or_default() += count;
        }
    }

    /// What is pending, for a look.
    pub(crate) fn peek(&self) -> ByRoute {
        self.pending().clone()
    }

    fn pending(&self) -> MutexGuard<'_, ByRoute> {
        // Counting cannot stop half way: what another thread left is whole.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
