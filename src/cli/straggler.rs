//! Requests of an earlier run that may still be on their way.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::state::Ledger;

use super::session::{Connected, Scope};

impl Connected {
    /// Waits until what an earlier run has sent last has been carried out or never will be: an
    /// account that is read before that does not show it, and it would be made twice.
    ///
    /// `since`: when the lock was taken. Its former owner has sent nothing after that, also
    /// where the lock was broken: `state unlock` waits until it can't. How long the
    /// way takes is held against this process' own clock alone.
    pub(crate) async fn await_stragglers(
        &self,
        ledger: &Ledger,
        since: Instant,
        scope: &Scope<'_>,
    ) {
        let open = ledger.pending.len();
        let left = self.client.lingers().saturating_sub(since.elapsed());
        if open == 0 || left.is_zero() {
            return;
        }
        let (requests, have) = match open {
            1 => ("1 request".to_owned(), "has"),
            _ => (format!("{open} requests"), "have"),
        };
        let seconds = left.max(Duration::from_secs(1)).as_secs();
        scope.ui.status(&format!(
            "{requests} of an earlier run {have} no ending, and may still arrive: waiting {seconds} s."
        ));
        sleep(left).await;
    }
}
