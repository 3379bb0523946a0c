//! Stories of leases, by a clock that stands still until somebody waits.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::{address, binding, intend, intent, killed_apply, owner, start};
use crate::state::{
    Locked, Owner, StateError, Store,
    shelf::{Change, Document, Doing, MemoryShelf, Mishap, Note, Shelf, ShelfError, Version},
};

const LEASE: Duration = Duration::from_secs(60);

fn store(shelf: &MemoryShelf) -> Store {
    Store::on(Arc::new(shelf.clone()), LEASE)
}

fn bob() -> Owner {
    Owner {
        who: "bob@ci".into(),
        ..owner()
    }
}

/// The way of one process to a shelf.
#[derive(Debug)]
struct Slow {
    inner: MemoryShelf,
    /// How long a write takes until it arrives.
    takes: Duration,
    /// While it is stopped, what it writes arrives afterwards.
    is_stopped: Arc<AtomicBool>,
    /// While it is cut, nothing arrives.
    is_cut: Arc<AtomicBool>,
}

impl Slow {
    fn to(inner: &MemoryShelf) -> Self {
        Self {
            inner: inner.clone(),
            takes: Duration::ZERO,
            is_stopped: Arc::default(),
            is_cut: Arc::default(),
        }
    }

    fn check_up(&self) -> Result<(), ShelfError> {
        match self.is_cut.load(Ordering::SeqCst) {
            true => Err(ShelfError::Unreachable("it is cut".to_owned())),
            false => Ok(()),
        }
    }
}

impl Shelf for Slow {
    fn name(&self) -> String {
        self.inner.name()
    }

    fn is_atomic(&self) -> bool {
        true
    }

    fn read<'a>(&'a self, name: &'a str) -> Doing<'a, Option<Document>> {
        Box::pin(async move {
            self.check_up()?;
            self.inner.read(name).await
        })
    }

    fn list<'a>(&'a self, prefix: &'a str) -> Doing<'a, Vec<String>> {
        self.inner.list(prefix)
    }

    fn write<'a>(&'a self, batch: &'a [Change], note: &'a Note) -> Doing<'a, Vec<Version>> {
        Box::pin(async move {
            while self.is_stopped.load(Ordering::SeqCst) {
                sleep(Duration::from_secs(1)).await;
            }
            sleep(self.takes).await;
            self.check_up()?;
            self.inner.write(batch, note).await
        })
    }

    fn delete<'a>(&'a self, names: &'a [String], note: &'a Note) -> Doing<'a, ()> {
        self.inner.delete(names, note)
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_is_renewed_is_not_taken_over_however_long_somebody_waits() {
    let shelf = MemoryShelf::new();
    let locked = store(&shelf).lock(&owner(), Duration::ZERO).await.unwrap();
    let wait = Duration::from_secs(600);
    let begun = Instant::now();
    let error = store(&shelf).lock(&bob(), wait).await.unwrap_err();
    assert!(begun.elapsed() >= wait);
    assert!(
        matches!(
            error,
            StateError::Held {
                lease: Some(LEASE),
                ..
            }
        ),
        "{error}"
    );
    locked.may_send().unwrap();
    locked.close().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_dead_owner_is_followed_after_its_whole_lease_and_not_before() {
    let shelf = MemoryShelf::new();
    let mut dead = store(&shelf).lock(&owner(), Duration::ZERO).await.unwrap();
    killed_apply(&mut dead).await;
    // Nothing of it runs on: no destructor of a process that was killed gives anything back.
    drop(dead);
    let error = store(&shelf).lock(&bob(), LEASE / 2).await.unwrap_err();
    assert!(error.finding().help.unwrap().contains("--lock-timeout"));
    let begun = Instant::now();
    let locked = store(&shelf).lock(&bob(), LEASE * 2).await.unwrap();
    assert!(begun.elapsed() >= LEASE, "{:?}", begun.elapsed());
    assert!(begun.elapsed() <= LEASE * 5 / 4, "{:?}", begun.elapsed());
    assert_eq!(locked.ledger().pending.len(), 1);
    assert_eq!(locked.ledger().bindings.by_address.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_is_broken_stays_taken_until_its_owner_can_send_no_more() {
    let shelf = MemoryShelf::new();
    let slow = Slow::to(&shelf);
    let is_stopped = Arc::clone(&slow.is_stopped);
    let former = Store::on(Arc::new(slow), LEASE);
    let former = former.lock(&owner(), Duration::ZERO).await.unwrap();
    // It does not hear that its lock is broken.
    is_stopped.store(true, Ordering::SeqCst);
    former.may_send().unwrap();
    let breaking = tokio::spawn({
        let store = store(&shelf);
        async move { store.unlock(&bob(), &owner()).await }
    });
    sleep(Duration::from_secs(5)).await;
    former.may_send().unwrap();
    let error = store(&shelf)
        .lock(&bob(), Duration::ZERO)
        .await
        .unwrap_err();
    assert!(matches!(error, StateError::Held { .. }), "{error}");
    let next = store(&shelf).lock(&bob(), LEASE * 4).await.unwrap();
    assert!(former.may_send().is_err());
    assert_eq!(breaking.await.unwrap().unwrap(), Some(owner()));
    next.close().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_owner_that_can_not_renew_stops_sending_after_half_its_lease_and_is_kept_out() {
    let shelf = MemoryShelf::new();
    let mut paused = store(&shelf).lock(&owner(), Duration::ZERO).await.unwrap();
    let apply = start(&mut paused).await;
    let _ = intend(&mut paused, intent(apply, "webhook.leads")).await;
    paused.may_send().unwrap();
    shelf.mishap(0, Mishap::Down);
    sleep(LEASE / 2 + Duration::from_secs(1)).await;
    let error = paused.may_send().unwrap_err();
    assert!(matches!(error, StateError::LeaseUnsure { .. }), "{error}");
    assert_eq!(error.finding().code.name, "ledger-locked");

    // It is back in time: it may go on.
    shelf.mend();
    sleep(LEASE / 2).await;
    paused.may_send().unwrap();

    // It is not: a process that is stopped renews nothing, and what it has sent arrives late.
    drop(paused);
    let slow = Slow::to(&shelf);
    let is_stopped = Arc::clone(&slow.is_stopped);
    let stopped = Store::on(Arc::new(slow), LEASE);
    let mut paused = stopped.lock(&owner(), LEASE * 2).await.unwrap();
    is_stopped.store(true, Ordering::SeqCst);
    let mut next = store(&shelf).lock(&bob(), LEASE * 3).await.unwrap();
    is_stopped.store(false, Ordering::SeqCst);
    assert!(paused.may_send().is_err());
    let error = paused.bind(&address("folder.late"), binding(9)).await;
    assert!(
        matches!(error, Err(StateError::LockLost { .. })),
        "{error:?}"
    );
    next.may_send().unwrap();
    next.bind(&address("folder.new"), binding(8)).await.unwrap();
    assert_eq!(store(&shelf).read().await.unwrap(), *next.ledger());
    assert_eq!(next.ledger().bindings.by_address.len(), 1);
}

/// An owner whose way to the shelf is cut once a renewal of it has arrived, without its answer.
async fn cut_off(shelf: &MemoryShelf) -> (Locked, Arc<AtomicBool>) {
    let way = Slow::to(shelf);
    let is_cut = Arc::clone(&way.is_cut);
    let store = Store::on(Arc::new(way), LEASE);
    let owner = store.lock(&owner(), Duration::ZERO).await.unwrap();
    let before = shelf.writes();
    shelf.mishap(0, Mishap::AnswerLost);
    sleep(LEASE / 4 + Duration::from_millis(10)).await;
    assert_eq!(shelf.writes(), before + 1);
    is_cut.store(true, Ordering::SeqCst);
    (owner, is_cut)
}

#[tokio::test(start_paused = true)]
async fn a_renewal_without_an_answer_counts_from_when_it_may_have_arrived() {
    let shelf = MemoryShelf::new();
    let (owner, is_cut) = cut_off(&shelf).await;
    let next = tokio::spawn({
        let store = store(&shelf);
        async move { store.lock(&bob(), LEASE * 10).await }
    });
    for half_second in 0..200 {
        sleep(Duration::from_millis(500)).await;
        // The owner finds its own writing there, of long ago: the waiter has seen it since then.
        if half_second == 100 {
            is_cut.store(false, Ordering::SeqCst);
        }
        let is_next = next.is_finished();
        let two = is_next && owner.may_send().is_ok();
        assert!(!two, "two may send after {half_second} half seconds");
    }
    // It was back in time, and renewed it again.
    owner.may_send().unwrap();
    assert!(!next.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_renewal_without_an_answer_is_in_the_way_of_nothing() {
    for gives_back in [false, true] {
        let shelf = MemoryShelf::new();
        let (mut owner, is_cut) = cut_off(&shelf).await;
        sleep(Duration::from_secs(5)).await;
        is_cut.store(false, Ordering::SeqCst);
        if !gives_back {
            owner.may_send().unwrap();
            let crm = address("folder.crm");
            owner.bind(&crm, binding(7)).await.unwrap();
        }
        owner.close().await.unwrap();
        let next = store(&shelf).lock(&bob(), Duration::ZERO).await.unwrap();
        assert_eq!(
            next.ledger().bindings.by_address.len(),
            usize::from(!gives_back)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn writes_that_take_their_time_renew_the_lease_and_nothing_else_does() {
    let shelf = MemoryShelf::new();
    let mut way = Slow::to(&shelf);
    way.takes = Duration::from_secs(8);
    let store = Store::on(Arc::new(way), LEASE);
    let mut locked = store.lock(&owner(), Duration::ZERO).await.unwrap();
    let before = shelf.writes();
    for n in 0..12 {
        locked.may_send().unwrap();
        let folder = address(&format!("folder.f{n}"));
        locked.bind(&folder, binding(n)).await.unwrap();
    }
    // Each with a renewal in it.
    assert_eq!(shelf.writes() - before, 24, "{:#?}", shelf.log());
}

#[tokio::test(start_paused = true)]
async fn who_waited_long_for_a_write_renews_the_lease_before_it_sends() {
    let shelf = MemoryShelf::new();
    let way = Slow::to(&shelf);
    let is_cut = Arc::clone(&way.is_cut);
    let store = Store::on(Arc::new(way), LEASE).patient(LEASE * 2);
    let mut locked = store.lock(&owner(), Duration::ZERO).await.unwrap();
    let apply = start(&mut locked).await;
    is_cut.store(true, Ordering::SeqCst);
    let mend = tokio::spawn(async move {
        sleep(LEASE * 3 / 4).await;
        is_cut.store(false, Ordering::SeqCst);
    });
    let _ = intend(&mut locked, intent(apply, "webhook.leads")).await;
    mend.await.unwrap();
    locked.ready().await.unwrap();
    locked.may_send().unwrap();
}

#[tokio::test(start_paused = true)]
async fn after_a_crash_between_any_two_writes_the_next_owner_finds_before_or_after() {
    let mut crashes = 0;
    for at in 0.. {
        let shelf = MemoryShelf::new();
        shelf.mishap(at, Mishap::Down);
        let whole = work(&shelf).await.is_ok();
        shelf.mend();
        let read = store(&shelf).read().await.unwrap();
        let mut next = store(&shelf).lock(&bob(), LEASE * 3).await.unwrap();
        let bound = |ledger: &crate::state::Ledger| ledger.bindings.by_address.clone();
        assert_eq!(bound(next.ledger()), bound(&read), "crash at {at}");
        assert_eq!(next.ledger().pending, read.pending, "crash at {at}");
        assert_eq!(next.ledger().applies, read.applies, "crash at {at}");
        let held: Vec<String> = bound(&read).keys().map(ToString::to_string).collect();
        let expected = ["folder.a", "folder.b", "folder.c"];
        assert_eq!(held, expected[..held.len()], "crash at {at}");
        next.bind(&address("folder.z"), binding(99)).await.unwrap();
        next.close().await.unwrap();
        let after = store(&shelf).read().await.unwrap();
        assert_eq!(
            after.bindings.by_address.len(),
            held.len() + 1,
            "crash at {at}"
        );
        if whole {
            break;
        }
        crashes += 1;
    }
    assert!(crashes > 12, "{crashes}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_or_a_write_that_is_does_nothing_twice() {
    for mishap in [Mishap::AnswerLost, Mishap::Lost] {
        for at in 0..14 {
            let shelf = MemoryShelf::new();
            shelf.mishap(at, mishap);
            work(&shelf).await.unwrap();
            let ledger = store(&shelf).read().await.unwrap();
            assert_eq!(ledger.bindings.by_address.len(), 3, "{mishap:?} at {at}");
            assert_eq!(ledger.applies.len(), 2, "{mishap:?} at {at}");
            assert_eq!(ledger.pending, [], "{mishap:?} at {at}");
            let next = store(&shelf).lock(&bob(), Duration::ZERO).await;
            next.unwrap().close().await.unwrap();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_apply_costs_two_writes_a_group_and_leaves_no_segments_behind() {
    let shelf = MemoryShelf::new();
    let mut locked = store(&shelf).lock(&owner(), Duration::ZERO).await.unwrap();
    let apply = start(&mut locked).await;
    let before = shelf.writes();
    let intents = (0..locked.group()).map(|n| intent(apply, &format!("folder.f{n}")));
    let pending = locked.intend(intents.collect()).await.unwrap();
    let ended = pending.into_iter();
    let ended = ended.map(|one| (one, crate::model::Ending::Confirmed { id: None }));
    locked.end(ended.collect(), Vec::new()).await.unwrap();
    assert_eq!(shelf.writes() - before, 2);
    super::finish(&mut locked, apply).await;
    locked.close().await.unwrap();
    let names: Vec<String> = shelf.documents().into_keys().collect();
    assert_eq!(names, ["history/1.jsonl", "ledger.json", "lock.json"]);
}

/// Two applies, of which the second binds one thing more and unbinds nothing.
async fn work(shelf: &MemoryShelf) -> Result<(), StateError> {
    let at = jiff::Timestamp::UNIX_EPOCH;
    let mut locked = store(shelf).lock(&owner(), Duration::ZERO).await?;
    let done = async {
        for names in [vec!["folder.a", "folder.b"], vec!["folder.c"]] {
            let apply = locked.start(super::started(), &super::identity()).await?;
            for name in names {
                let pending = locked.intend(vec![intent(apply, name)]).await?;
                let ended = pending.into_iter();
                let ended = ended.map(|one| (one, crate::model::Ending::Confirmed { id: None }));
                let bound = crate::model::Record::Bound {
                    address: address(name),
                    binding: binding(name.len() as u64 + u64::from(name.as_bytes()[7])),
                };
                locked.end(ended.collect(), vec![bound]).await?;
            }
            let complete = crate::model::Conclusion::Complete;
            locked.finish(apply, at, complete).await?;
        }
        Ok(())
    };
    let done = done.await;
    let closed = locked.close().await;
    done.and(closed)
}
