//! The lock of a remote ledger: a lease that its owner renews.
//!
//! No clock of another machine is trusted: nothing that is written says until when a lease counts.
//! A waiter takes over once its own clock saw the same writing of the lock for as long as the owner
//! said that a lease is. The owner sends nothing once half of that has passed by its own clocks
//! since it *sent* the last renewal that arrived, which no waiter can have seen earlier.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use tokio::{
    sync::Notify,
    task::JoinHandle,
    time::{Instant, sleep},
};

use super::{
    Remote,
    lock_file::{LockFile, bytes, parse, token},
    write::{read, surely},
};
use crate::state::{
    Owner, StateError,
    format::LOCK,
    shelf::{Change, Expect, Note, Shelf, ShelfError, Version},
};

/// How often a waiter looks.
const SHORTEST_LOOK: Duration = Duration::from_millis(20);
const LONGEST_LOOK: Duration = Duration::from_secs(3);

/// A lock that we hold.
#[derive(Debug)]
pub(super) struct Lease {
    shelf: Arc<dyn Shelf>,
    owner: Owner,
    length: Duration,
    /// For how long the shelf is asked again while it can't be reached.
    patience: Duration,
    token: String,
    /// Held while the lock is written.
    last: tokio::sync::Mutex<Last>,
    standing: Mutex<Standing>,
    /// Told when there is nothing to renew any more.
    done: Notify,
}

/// The last writing of the lock.
#[derive(Debug)]
pub(super) struct Last {
    version: Version,
    count: u64,
    /// When the next one was sent first, where nobody knows whether it arrived: a waiter may have
    /// seen it since then.
    open: Option<Sent>,
}

/// What the owner knows of its lease.
#[derive(Debug)]
struct Standing {
    /// When the last renewal that arrived was sent: by the clock that never goes back but may stand
    /// still while the machine sleeps, and by the one on the wall.
    sent: Sent,
    /// Set once somebody else has written the lock.
    lost: Option<Option<Owner>>,
    /// Why the last renewal failed.
    trouble: Option<String>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    steady: Instant,
    wall: SystemTime,
}

impl Sent {
    pub(super) fn now() -> Self {
        Self {
            steady: Instant::now(),
            wall: SystemTime::now(),
        }
    }

    /// How long ago that is, by the clock that says more.
    fn age(self) -> Duration {
        let wall = self.wall.elapsed().unwrap_or_default();
        self.steady.elapsed().max(wall)
    }
}

/// A lease that was taken, and what renews it.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) lease: Arc<Lease>,
    /// Whether somebody else's was taken over, who may be running yet.
    pub(super) from: Option<Owner>,
    /// How long that one may send yet, where its lock was broken before its lease had ended.
    pub(super) lingers: Duration,
    pub(super) keeper: Keeper,
}

/// Renews a lease until it is dropped.
#[derive(Debug)]
pub(super) struct Keeper(Option<JoinHandle<()>>);

impl Drop for Keeper {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// Takes the lock, waiting for as long as is said; or at once from the one whose lock is to be broken.
pub(super) async fn take(
    remote: &Remote,
    owner: &Owner,
    wait: Duration,
    broken: Option<&Owner>,
) -> Result<Taken, StateError> {
    let shelf = &remote.shelf;
    let begun = Instant::now();
    let token = token()?;
    // The writing of the lock that was seen, and since when.
    let mut seen: Option<(Version, Instant)> = None;
    loop {
        let document = read(shelf.as_ref(), LOCK, remote.patience).await;
        let document = document.map_err(|error| remote.failed(error))?;
        let file = match &document {
            Some(document) => Some(parse(remote, &document.bytes)?),
            None => None,
        };
        let held = file.and_then(|file| file.held);
        let expect = match &document {
            Some(document) => Expect::Is(document.version.clone()),
            None => Expect::Absent,
        };
        if let (Some(held), Some(of)) = (&held, broken)
            && held.owner != *of
        {
            let holder = held.owner.clone();
            return Err(StateError::OtherHolder { holder });
        }
        if let (Some(held), Some(document), None) = (&held, &document, broken) {
            let since = match &seen {
                Some((version, since)) if *version == document.version => *since,
                Some(_) | None => {
                    let now = Instant::now();
                    seen = Some((document.version.clone(), now));
                    now
                }
            };
            let lease = Duration::from_millis(held.lease);
            if since.elapsed() < lease {
                if begun.elapsed() >= wait {
                    return Err(StateError::Held {
                        holder: Some(held.owner.clone()),
                        lease: Some(lease),
                    });
                }
                let look = (lease / 16).clamp(SHORTEST_LOOK, LONGEST_LOOK);
                sleep(look.mul_f64(0.75 + fastrand::f64() / 2.0)).await;
                continue;
            }
        }
        let sent = Sent::now();
        let change = Change {
            name: LOCK.to_owned(),
            bytes: bytes(&token, 0, Some((owner, remote.lease)))?,
            expect,
        };
        let subject = match &held {
            Some(held) => format!("{} takes the lock over from {}", owner.command, held.owner),
            None => format!("{} takes the lock", owner.command),
        };
        let note = Note {
            subject,
            who: owner.who.clone(),
            trailers: Vec::new(),
        };
        match surely(shelf.as_ref(), &[change], &note, remote.patience).await {
            Ok(versions) => {
                let Some(version) = versions.into_iter().next() else {
                    continue;
                };
                let last = Last {
                    version,
                    count: 0,
                    open: None,
                };
                let lingers = match (&held, broken) {
                    (Some(held), Some(_)) => Duration::from_millis(held.lease) / 2,
                    (_, _) => Duration::ZERO,
                };
                let taken = held_now(remote, owner, token, last, sent);
                return Ok(Taken {
                    from: held.map(|held| held.owner),
                    lingers,
                    ..taken
                });
            }
            // Somebody was faster, or the owner lives.
            Err(ShelfError::Conflict { .. }) => {}
            Err(error) => return Err(remote.failed(error)),
        }
    }
}

fn held_now(remote: &Remote, owner: &Owner, token: String, last: Last, sent: Sent) -> Taken {
    let lease = Arc::new(Lease {
        shelf: Arc::clone(&remote.shelf),
        owner: owner.clone(),
        length: remote.lease,
        patience: remote.patience,
        token,
        last: tokio::sync::Mutex::new(last),
        standing: Mutex::new(Standing {
            sent,
            lost: None,
            trouble: None,
        }),
        done: Notify::new(),
    });
    let keeper = Keeper(Some(tokio::spawn(keep(Arc::clone(&lease)))));
    Taken {
        lease,
        from: None,
        lingers: Duration::ZERO,
        keeper,
    }
}

/// Renews a lease as often as it takes.
async fn keep(lease: Arc<Lease>) {
    let pause = lease.length / 4;
    loop {
        let age = lease.standing().sent.age();
        tokio::select! {
            () = lease.done.notified() => return,
            () = sleep(pause.saturating_sub(age).max(pause / 4)) => {}
        }
        if lease.standing().lost.is_some() {
            return;
        }
        if lease.is_due() {
            let mut last = lease.last.lock().await;
            // What was written meanwhile may have renewed it. One try: others wait for their turn,
            // and the next one is soon. Why it failed is kept for whoever wants to send.
            if lease.is_due() {
                let _ = lease.renew_now(&mut last, Duration::ZERO).await;
            }
        }
    }
}

impl Lease {
    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is time to renew it.
    pub(super) fn is_due(&self) -> bool {
        self.standing().sent.age() >= self.length / 4
    }

    /// Whether the lease counts: it was renewed less than half its length ago.
    pub(super) fn may_send(&self) -> Result<(), StateError> {
        let standing = self.standing();
        if let Some(holder) = &standing.lost {
            return Err(StateError::LockLost {
                holder: holder.clone(),
            });
        }
        let age = standing.sent.age();
        if age > self.length / 2 {
            return Err(StateError::LeaseUnsure {
                seconds: age.as_secs(),
                lease: self.length,
                reason: standing.trouble.clone(),
            });
        }
        Ok(())
    }

    /// The same, for who has time: where nobody can be sure by now, it is renewed first. A renewal
    /// that arrives tells that nobody has taken it over.
    pub(super) async fn ready(&self) -> Result<(), StateError> {
        if self.may_send().is_err() && self.standing().lost.is_none() {
            let renewed = self.renew().await;
            if matches!(renewed, Err(ShelfError::Conflict { .. })) {
                return Err(self.lost().await);
            }
        }
        self.may_send()
    }

    /// Renews it.
    pub(super) async fn renew(&self) -> Result<(), ShelfError> {
        let mut last = self.last.lock().await;
        self.renew_now(&mut last, self.patience).await
    }

    async fn renew_now(&self, last: &mut Last, patience: Duration) -> Result<(), ShelfError> {
        let sent = *last.open.get_or_insert_with(Sent::now);
        let change = self.renewal(last)?;
        let note = Note {
            subject: format!("{} renews the lock", self.owner.command),
            who: self.owner.who.clone(),
            trailers: Vec::new(),
        };
        let versions = surely(self.shelf.as_ref(), &[change], &note, patience).await;
        self.renewed(last, sent, versions)
    }

    /// Finds out whether a renewal arrived that was not answered, which would be in the way of all
    /// that is built upon the one before.
    async fn find_out(&self, last: &mut Last) -> Result<(), ShelfError> {
        match last.open {
            Some(_) => self.renew_now(last, self.patience).await,
            None => Ok(()),
        }
    }

    /// Writes documents of ours; where that costs no further write, the lease is renewed with them.
    pub(super) async fn write(
        &self,
        mut batch: Vec<Change>,
        note: &Note,
    ) -> Result<Vec<Version>, ShelfError> {
        if !self.shelf.is_atomic() {
            if self.is_due() {
                self.renew().await?;
            }
            return surely(self.shelf.as_ref(), &batch, note, self.patience).await;
        }
        let mut last = self.last.lock().await;
        self.find_out(&mut last).await?;
        let sent = *last.open.insert(Sent::now());
        batch.push(self.renewal(&last)?);
        let mut versions = surely(self.shelf.as_ref(), &batch, note, self.patience).await?;
        let own = versions.pop().into_iter().collect();
        self.renewed(&mut last, sent, Ok(own))?;
        Ok(versions)
    }

    /// Gives the lock back.
    pub(super) async fn release(&self, mut keeper: Keeper) -> Result<(), ShelfError> {
        self.done.notify_one();
        // What it has sent may arrive yet: it ends by itself.
        if let Some(task) = keeper.0.take() {
            let _ = task.await;
        }
        if self.standing().lost.is_some() {
            return Ok(());
        }
        let mut last = self.last.lock().await;
        match self.find_out(&mut last).await {
            // It is somebody else's by now.
            Err(ShelfError::Conflict { .. }) => return Ok(()),
            found => found?,
        }
        let change = Change {
            name: LOCK.to_owned(),
            bytes: bytes(&self.token, last.count + 1, None)
                .map_err(|error| ShelfError::Refused(error.to_string()))?,
            expect: Expect::Is(last.version.clone()),
        };
        let note = Note {
            subject: format!("{} gives the lock back", self.owner.command),
            who: self.owner.who.clone(),
            trailers: Vec::new(),
        };
        match surely(self.shelf.as_ref(), &[change], &note, self.patience).await {
            Ok(_) | Err(ShelfError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Finds out who has the lock that was ours.
    pub(super) async fn lost(&self) -> StateError {
        let known = self.standing().lost.clone().flatten();
        let holder = match known {
            Some(holder) => Some(holder),
            None => self.find_holder().await,
        };
        self.standing().lost = Some(holder.clone());
        StateError::LockLost { holder }
    }

    async fn find_holder(&self) -> Option<Owner> {
        let document = read(self.shelf.as_ref(), LOCK, self.patience)
            .await
            .ok()??;
        let file: LockFile = serde_json::from_slice(&document.bytes).ok()?;
        file.held
            .filter(|_| file.token != self.token)
            .map(|held| held.owner)
    }

    fn renewal(&self, last: &Last) -> Result<Change, ShelfError> {
        let held = Some((&self.owner, self.length));
        let bytes = bytes(&self.token, last.count + 1, held)
            .map_err(|error| ShelfError::Refused(error.to_string()))?;
        Ok(Change {
            name: LOCK.to_owned(),
            bytes,
            expect: Expect::Is(last.version.clone()),
        })
    }

    fn renewed(
        &self,
        last: &mut Last,
        sent: Sent,
        versions: Result<Vec<Version>, ShelfError>,
    ) -> Result<(), ShelfError> {
        let mut standing = self.standing();
        match versions {
            Ok(versions) => {
                last.count += 1;
                last.open = None;
                if let Some(version) = versions.into_iter().next() {
                    last.version = version;
                }
                standing.sent = sent;
                standing.trouble = None;
                Ok(())
            }
            Err(error @ ShelfError::Conflict { .. }) => {
                standing.lost = Some(None);
                Err(error)
            }
            Err(error) => {
                standing.trouble = Some(error.to_string());
                Err(error)
            }
        }
    }
}

/// Who holds the lock, without taking it.
pub(super) async fn holder(remote: &Remote) -> Result<Option<Owner>, StateError> {
    let document = read(remote.shelf.as_ref(), LOCK, remote.patience).await;
    match document.map_err(|error| remote.failed(error))? {
        Some(document) => Ok(parse(remote, &document.bytes)?.held.map(|held| held.owner)),
        None => Ok(None),
    }
}
