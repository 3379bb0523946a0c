//! Plans, and the requests a minute that each allows an organization.

use std::collections::VecDeque;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::error::UnknownPlan;

/// The time over which requests are counted.
const WINDOW: Duration = Duration::from_secs(60);

/// What Make sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlanName {
    /// 30 requests a minute.
    Free,
    /// 60 requests a minute.
    Core,
    /// 120 requests a minute.
    Pro,
    /// 240 requests a minute.
    Teams,
    /// 1000 requests a minute.
    Enterprise,
    /// Not sold: no limit, for tests of big worlds.
    Unlimited,
}

impl PlanName {
    /// What `license.apiLimit` says. The unlimited plan names a figure nobody reaches: a client
    /// that paces itself by it is not slowed down.
    pub(crate) fn api_limit(self) -> usize {
        match self {
            Self::Free => 30,
            Self::Core => 60,
            Self::Pro => 120,
            Self::Teams => 240,
            Self::Enterprise => 1_000,
            Self::Unlimited => 1_000_000,
        }
    }
}

impl FromStr for PlanName {
    type Err = UnknownPlan;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.to_ascii_lowercase().as_str() {
            "free" => Ok(Self::Free),
            "core" => Ok(Self::Core),
            "pro" => Ok(Self::Pro),
            "teams" => Ok(Self::Teams),
            "enterprise" => Ok(Self::Enterprise),
            "unlimited" => Ok(Self::Unlimited),
            _ => Err(UnknownPlan(name.to_owned())),
        }
    }
}

/// Admits so many requests in any 60 seconds, and refuses the rest.
///
/// Make does not say whether its window slides. Here it does: whoever keeps to a sliding window
/// keeps to a fixed one. Requests that were refused are not held against the client. The window
/// is this process's; a world holds one organization, so there is one.
#[derive(Debug)]
pub(crate) struct Limit {
    allowed: usize,
    admitted: Mutex<VecDeque<Instant>>,
}

impl Limit {
    /// The limit of a plan, if it has one.
    pub(crate) fn of(plan: PlanName) -> Option<Self> {
        match plan {
            PlanName::Unlimited => None,
            PlanName::Free
            | PlanName::Core
            | PlanName::Pro
            | PlanName::Teams
            | PlanName::Enterprise => Some(Self {
                allowed: plan.api_limit(),
                admitted: Mutex::default(),
            }),
        }
    }

    /// Whether a request that arrives `now` is answered.
    pub(crate) fn admits(&self, now: Instant) -> bool {
        let mut admitted = self.admitted.lock().unwrap_or_else(PoisonError::into_inner);
        while admitted
            .front()
            .is_some_and(|&first| now.duration_since(first) >= WINDOW)
        {
            admitted.pop_front();
        }
        let room = admitted.len() < self.allowed;
        if room {
            admitted.push_back(now);
        }
        room
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Instant, Limit, PlanName};

    #[test]
    fn the_window_slides_and_refused_requests_do_not_count() {
        let limit = Limit::of(PlanName::Free).unwrap();
        let start = Instant::now();
        for second in 0..30 {
            assert!(limit.admits(start + Duration::from_secs(second)));
        }
        assert!(!limit.admits(start + Duration::from_secs(59)));
        assert!(
            limit.admits(start + Duration::from_secs(60)),
            "the first has left the window"
        );
        assert!(
            !limit.admits(start + Duration::from_secs(60)),
            "the second has not"
        );
    }
}
