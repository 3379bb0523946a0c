//! A client's way through the gates: which one its requests pass, and which pass none.

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicUsize, Ordering},
};

use super::{Gate, Gates};
use crate::live::transport::{Method, Request};

/// The way of one client.
#[derive(Debug)]
pub(in crate::live) struct Door {
    gates: Arc<Gates>,
    host: String,
    /// The organization that the target names, as it names it.
    wanted: Option<String>,
    /// The most requests a minute that the target wants.
    cap: Option<u32>,
    gate: RwLock<Arc<Gate>>,
    /// The requests that went out before it was known where they count.
    early: AtomicUsize,
}

impl Door {
    /// A door for a target's requests. Which organization it means is known where it gives the
    /// id, or where a command before this one found out; else the first requests go unheld.
    pub(in crate::live) fn new(
        gates: Arc<Gates>,
        host: &str,
        wanted: Option<&str>,
        cap: Option<u32>,
    ) -> Self {
        let id = wanted.and_then(|text| text.parse().ok());
        let known = id.or_else(|| gates.found_before(host, wanted));
        let gate = known.map_or_else(|| gates.nameless(), |id| gates.of(host, id));
        if let Some(cap) = cap {
            gate.cap(cap);
        }
        Self {
            gates,
            host: host.to_owned(),
            wanted: wanted.map(str::to_owned),
            cap,
            gate: RwLock::new(gate),
            early: AtomicUsize::new(0),
        }
    }

    /// The gate that a request has to pass, if it counts.
    pub(in crate::live) fn gate_for(&self, request: &Request) -> Option<Arc<Gate>> {
        if is_exempt(request) {
            return None;
        }
        self.early.fetch_add(1, Ordering::Relaxed);
        Some(self.gate())
    }

    /// The gate of its organization, as far as it is known.
    pub(in crate::live) fn gate(&self) -> Arc<Gate> {
        Arc::clone(&self.gate.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The target's organization is known now, and its limit where Make has told.
    pub(in crate::live) async fn enter(&self, organization: u64, limit: Option<u32>) {
        let gate = self.gates.of(&self.host, organization);
        if let Some(cap) = self.cap {
            gate.cap(cap);
        }
        if !Arc::ptr_eq(&gate, &self.gate()) {
            gate.absorb(self.early.load(Ordering::Relaxed)).await;
            self.gates
                .remember(&self.host, self.wanted.as_deref(), organization);
            *self.gate.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&gate);
        }
        if let Some(limit) = limit {
            gate.learn(limit).await;
        }
    }
}

/// Runs are documented not to count against the limit. In the unified dialect they go elsewhere,
/// and nothing says so of them.
fn is_exempt(request: &Request) -> bool {
    request.method == Method::Post
        && request.path.starts_with("/scenarios/")
        && request.path.ends_with("/run")
}

#[cfg(test)]
mod tests {
    use super::is_exempt;
    use crate::live::transport::Request;

    #[test]
    fn runs_do_not_count_and_all_else_does() {
        assert!(is_exempt(&Request::post(&["scenarios", "7", "run"])));
        assert!(!is_exempt(&Request::post(&["scenarios", "7", "execute"])));
        assert!(!is_exempt(&Request::get(&["scenarios", "7", "run"])));
        assert!(!is_exempt(&Request::post(&["scenarios", "7", "start"])));
        assert!(!is_exempt(&Request::post(&["hooks", "run"])));
    }
}
