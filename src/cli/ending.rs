//! How a command that writes ends when it is told to: by Ctrl-C, or by the machine.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{
    error::Stop,
    exit::Exit,
    session::{Scope, told_to_stop},
    ui::Ui,
};
use crate::state::{Locked, Owner, Store};

/// Does some work under a lock, until that is done or the command is told to end.
pub(crate) async fn until_told(
    scope: &Scope<'_>,
    store: &Store,
    owner: &Owner,
    wait: Duration,
    work: impl AsyncFnOnce(&mut Locked, &Ending) -> Result<Exit, Stop>,
) -> Result<Exit, Stop> {
    let ending = Ending::default();
    let mut ledger = tokio::select! {
        biased;
        () = ending.told(scope.ui) => return Ok(Exit::Interrupted),
        ledger = store.lock(owner, wait) => ledger?,
    };
    let done = tokio::select! {
        biased;
        () = ending.told(scope.ui) => None,
        done = work(&mut ledger, &ending) => Some(done),
    };
    if done.is_none() && ending.is_sending.get() {
        // What was sent may arrive yet, and so may what was written. A remote lock stays, so that
        // whoever takes it over keeps that out and finds out what was in flight.
        return Ok(Exit::Interrupted);
    }
    scope.close(ledger).await;
    done.unwrap_or(Ok(Exit::Interrupted))
}

/// Whether a command is told to end, and how far it is.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    told: Arc<AtomicBool>,
    is_sending: Cell<bool>,
}

impl Ending {
    /// Comes back when the command is to end at once: when it is told to before anything was sent,
    /// or is told so twice. Once told while requests are sent, it has them settled and recorded.
    pub(crate) async fn told(&self, ui: &Ui) {
        if told_to_stop(ui).await.is_err() {
            // Signals can't be heard here: they end the process as they do any other.
            return std::future::pending().await;
        }
        self.told.store(true, Ordering::SeqCst);
        if !self.is_sending.get() {
            ui.status("Interrupted: nothing was sent.");
            return;
        }
        ui.status(
            "Interrupted: what is in flight is settled and recorded first. Press Ctrl-C again to \
             stop at once.",
        );
        if told_to_stop(ui).await.is_err() {
            return std::future::pending().await;
        }
        ui.status(
            "Stopped at once. What was in flight, the next run finds out from the account, and \
             makes nothing twice: run `makeform apply` again.",
        );
    }

    /// From now on requests are sent. Set once the command is told to end.
    pub(crate) fn begin_sending(&self) -> &AtomicBool {
        self.is_sending.set(true);
        &self.told
    }

    /// Set once the command is told to end.
    pub(crate) fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.told)
    }
}
