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
    (target, store): (&str, &Store),
    owner: &Owner,
    wait: Duration,
    work: impl AsyncFnOnce(&mut Locked, &Ending) -> Result<Exit, Stop>,
) -> Result<Exit, Stop> {
    let ending = Ending::default();
    let mut locking = std::pin::pin!(store.lock(owner, wait));
    let locked = tokio::select! {
        biased;
        () = ending.told(scope.ui) => None,
        ledger = &mut locking => Some(ledger?),
    };
    let Some(mut ledger) = locked else {
        // It may be ours already, and nobody would know.
        if store.outlives()
            && let Ok(Ok(ledger)) = tokio::time::timeout(AT_ONCE, locking).await
        {
            give_back(scope, target, ledger).await;
        }
        return Ok(Exit::Interrupted);
    };
    let done = tokio::select! {
        biased;
        () = ending.told(scope.ui) => None,
        done = work(&mut ledger, &ending) => Some(done),
    };
    if let Some(done) = done {
        let stays = ledger.stays_locked();
        scope.close(ledger).await;
        if stays {
            let why = "a write to the ledger failed, and may arrive yet";
            tell_that_it_stays(scope, target, why);
        }
        return done;
    }
    if store.outlives() {
        give_back(scope, target, ledger).await;
    }
    Ok(Exit::Interrupted)
}

/// How long a command that is to end at once tries to give its lock back.
const AT_ONCE: Duration = Duration::from_secs(5);

/// Gives back a lock that would stay when this process ends; where that can't be done at once, says
/// how it is broken. While a request is in flight it must stay: whoever came next could read the
/// account before that request arrives there, and send it again.
async fn give_back(scope: &Scope<'_>, target: &str, ledger: Locked) {
    let why = match ledger.is_settled() {
        true => match tokio::time::timeout(AT_ONCE, ledger.close()).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.finding().message,
            Err(_) => format!("that takes more than {} seconds", AT_ONCE.as_secs()),
        },
        false => "nobody knows yet what became of a request".to_owned(),
    };
    tell_that_it_stays(scope, target, &why);
}

/// Says that a lock stays, and how it is broken.
fn tell_that_it_stays(scope: &Scope<'_>, target: &str, why: &str) {
    scope.ui.status(&format!(
        "The lock was not given back: {why}. It is free when its lease ends; to break it before: \
         makeform --target {target} state unlock"
    ));
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
