//! What every backend has to keep. A backend is told by how a new place for a ledger is made, which
//! is opened as often as there are machines that use it.

use std::{sync::Arc, time::Duration};

use super::{
    address, binding, end, finish, identity, intend, intent, killed_apply, owner, start, started,
};
use crate::{
    model::{ApplyId, Bindings, Creates, Ending, Identity, NewIntent, Record, RemoteId, Sequence},
    state::{Ledger, Locked, Owner, Recorded, Review, StateError, Store, shelf::MemoryShelf},
};

/// A place for a ledger, opened anew with each call.
pub(super) type Place = Box<dyn Fn() -> Store + Send + Sync>;

/// Runs all stories, each in a place of its own.
pub(super) async fn run(new_place: impl Fn() -> Place) {
    reads_back(&new_place()).await;
    goes_on_after_a_kill(&new_place()).await;
    binds_what_was_made(&new_place()).await;
    keeps_accounts_apart(&new_place()).await;
    has_one_writer(&new_place()).await;
    keeps_a_broken_lock_out(&new_place()).await;
    discards(&new_place()).await;
    renames(&new_place()).await;
    writes_groups(&new_place()).await;
    lets_one_of_many_in_at_a_time(&new_place()).await;
    keeps_reviews_beside_an_apply(&new_place()).await;
}

/// Recorded while somebody else holds the lock and writes, the first of a commit stays.
async fn keeps_reviews_beside_an_apply(place: &Place) {
    let review = |commit: &str, digest: &str| Review {
        target: "production".into(),
        commit: commit.repeat(40),
        digest: digest.into(),
        by: "ada@laptop".into(),
        at: jiff::Timestamp::UNIX_EPOCH,
        outline: serde_json::json!({"digest": digest, "steps": [1.0]}),
    };
    assert_eq!(place().review(&"a".repeat(40)).await.unwrap(), None);
    let mut locked = lock(place).await;
    let apply = killed_apply(&mut locked).await;
    let first = review("a", "sha256:1");
    for _ in 0..2 {
        let recorded = place().record_review(&first).await.unwrap();
        assert_eq!(recorded, Recorded::Done);
    }
    let mut later = review("a", "sha256:1");
    later.by = "grace@laptop".into();
    let recorded = place().record_review(&later).await.unwrap();
    assert_eq!(recorded, Recorded::Done, "the same plan once more");
    let other = place().record_review(&review("a", "sha256:2")).await;
    assert_eq!(other.unwrap(), Recorded::Taken(Box::new(first.clone())));
    let second = review("b", "sha256:2");
    assert_eq!(
        place().record_review(&second).await.unwrap(),
        Recorded::Done
    );
    finish(&mut locked, apply).await;
    locked.close().await.unwrap();
    assert_eq!(place().review(&first.commit).await.unwrap(), Some(first));
    assert_eq!(place().review(&second.commit).await.unwrap(), Some(second));
    let mut wrong = review("c", "sha256:1");
    wrong.commit = "../ledger".into();
    assert!(place().record_review(&wrong).await.is_err());
    assert_eq!(place().review("../ledger").await.unwrap(), None);
}

async fn lock(place: &Place) -> Locked {
    place().lock(&owner(), Duration::ZERO).await.unwrap()
}

async fn read(place: &Place) -> Ledger {
    place().read().await.unwrap()
}

async fn reads_back(place: &Place) {
    assert_eq!(read(place).await, Ledger::default());
    assert!(!place().is_begun().await.unwrap());
    assert!(!place().is_begun().await.unwrap(), "reading leaves nothing");
    let mut locked = lock(place).await;
    let apply = killed_apply(&mut locked).await;
    assert!(place().is_begun().await.unwrap());
    assert_eq!(read(place).await, *locked.ledger());
    let open = place().journal(apply).await.unwrap().unwrap();
    // Three things are touched: of each it says how it stood.
    assert_eq!(open.len(), 10, "{open:?}");
    assert_eq!(locked.ledger().pending.len(), 1);
    finish(&mut locked, apply).await;
    assert_eq!(read(place).await, *locked.ledger());
    assert_eq!(read(place).await.pending.len(), 1, "it outlives its apply");
    let applied = &read(place).await.applies[0];
    assert_eq!(applied.commit.as_deref(), Some("c0ffee"));
    assert!(applied.finished.is_some() && applied.conclusion.is_some());
    let past = place().journal(apply).await.unwrap().unwrap();
    assert_eq!(past[..10], open);
    assert!(matches!(past[10], Record::Finished { .. }), "{past:?}");
    assert_eq!(place().journal(ApplyId(2)).await.unwrap(), None);
    locked.close().await.unwrap();

    let mut locked = lock(place).await;
    assert_eq!(start(&mut locked).await, ApplyId(2));
    let _ = intend(&mut locked, intent(ApplyId(2), "folder.crm")).await;
    assert_eq!(locked.ledger().pending[1].sequence, Sequence(4));
    locked.close().await.unwrap();
}

async fn goes_on_after_a_kill(place: &Place) {
    let mut locked = lock(place).await;
    killed_apply(&mut locked).await;
    locked.close().await.unwrap();
    let mut locked = lock(place).await;
    let ending = Ending::Settled { id: None };
    locked.settle(Sequence(3), ending).await.unwrap();
    assert_eq!(start(&mut locked).await, ApplyId(2));
    let ledger = read(place).await;
    assert_eq!(ledger.pending, []);
    assert_eq!(ledger.applies[0].finished, None);
    let first = place().journal(ApplyId(1)).await.unwrap().unwrap();
    assert!(matches!(first.last(), Some(Record::Ended { .. })));
    finish(&mut locked, ApplyId(2)).await;
    locked.close().await.unwrap();
}

async fn binds_what_was_made(place: &Place) {
    let mut locked = lock(place).await;
    let apply = start(&mut locked).await;
    let create = NewIntent {
        creates: Some(Creates {
            key: "Leads".into(),
            existing: Vec::new(),
            sent: None,
            since: None,
        }),
        ..intent(apply, "webhook.leads")
    };
    let pending = intend(&mut locked, create).await;
    let id = RemoteId::Int(41);
    let made = Some(id.clone());
    end(&mut locked, pending, Ending::Confirmed { id: made }).await;
    let bound = &read(place).await.bindings.by_address[&address("webhook.leads")];
    assert_eq!((&bound.id, &bound.form), (&id, &None));
    locked.unbind(&address("webhook.leads")).await.unwrap();
    assert!(read(place).await.bindings.by_address.is_empty());
    locked.close().await.unwrap();
}

async fn keeps_accounts_apart(place: &Place) {
    let mut locked = lock(place).await;
    start(&mut locked).await;
    let other = Identity {
        team: 3,
        ..identity()
    };
    let error = locked.start(started(), &other).await.unwrap_err();
    assert!(matches!(error, StateError::OtherAccount { .. }), "{error}");
    locked.close().await.unwrap();
}

async fn has_one_writer(place: &Place) {
    let locked = lock(place).await;
    let error = place().lock(&owner(), Duration::ZERO).await.unwrap_err();
    assert!(
        error.to_string().contains("ada@laptop (`makeform apply`"),
        "{error}"
    );
    assert_eq!(error.finding().code.name, "ledger-locked");
    assert_eq!(read(place).await, Ledger::default(), "readers need no lock");
    locked.may_send().unwrap();
    locked.close().await.unwrap();
    lock(place).await.close().await.unwrap();
}

async fn keeps_a_broken_lock_out(place: &Place) {
    // To break it takes half a lease.
    let former = place().with_lease(Duration::from_secs(6));
    let mut former = former.lock(&owner(), Duration::ZERO).await.unwrap();
    let apply = killed_apply(&mut former).await;
    // Who was asked about one owner has not agreed to another.
    let another = Owner { pid: 1, ..owner() };
    let error = place().unlock(&owner(), &another).await.unwrap_err();
    assert!(
        matches!(&error, StateError::OtherHolder { holder } if *holder == owner()),
        "{error}"
    );
    assert_eq!(error.finding().code.name, "ledger-locked");
    former.may_send().unwrap();
    let mut broken = place().unlock(&owner(), &owner()).await;
    assert_eq!(broken.unwrap(), Some(owner()));
    broken = place().unlock(&owner(), &owner()).await;
    assert_eq!(broken.unwrap(), None, "it is free");
    let mut locked = lock(place).await;
    assert_eq!(locked.ledger().pending.len(), 1);
    locked
        .bind(&address("folder.new"), binding(7))
        .await
        .unwrap();
    let intended = former.intend(vec![intent(apply, "folder.late")]).await;
    let error = intended.unwrap_err();
    assert!(matches!(error, StateError::LockLost { .. }), "{error}");
    assert!(former.may_send().is_err());
    let finished = former.finish(
        apply,
        jiff::Timestamp::UNIX_EPOCH,
        crate::model::Conclusion::Complete,
    );
    assert!(finished.await.is_err());
    let _ = former.close().await;
    locked
        .bind(&address("folder.next"), binding(8))
        .await
        .unwrap();
    let ledger = read(place).await;
    assert_eq!(ledger, *locked.ledger());
    assert_eq!(ledger.bindings.by_address.len(), 3);
    assert_eq!(ledger.pending.len(), 1, "what came late counts not");
    locked.close().await.unwrap();
}

async fn discards(place: &Place) {
    let mut locked = lock(place).await;
    killed_apply(&mut locked).await;
    let kept = locked.discard().await.unwrap();
    assert!(kept.contains("history/ledger-1.json"), "{kept}");
    let after = read(place).await;
    assert_eq!(after.bindings, Bindings::default());
    assert_eq!(after.pending, []);
    assert_eq!(start(&mut locked).await, ApplyId(2));
    locked.close().await.unwrap();
}

async fn renames(place: &Place) {
    let mut locked = lock(place).await;
    let (old, new) = (address("webhook.leads"), address("webhook.hot-leads"));
    locked.import(&old, RemoteId::Int(41)).await.unwrap();
    let taken = locked.import(&new, RemoteId::Int(41)).await;
    assert!(matches!(taken, Err(StateError::Taken { .. })));
    locked.rename(&old, &new).await.unwrap();
    locked.close().await.unwrap();
    let bound = read(place).await.bindings.by_address;
    assert_eq!(bound.into_keys().collect::<Vec<_>>(), [new]);
}

async fn writes_groups(place: &Place) {
    let mut locked = lock(place).await;
    let apply = start(&mut locked).await;
    let names: Vec<String> = (0..20).map(|n| format!("folder.f{n}")).collect();
    let intents = names.iter().map(|name| intent(apply, name));
    let pending = locked.intend(intents.collect()).await.unwrap();
    let sequences: Vec<u64> = pending.iter().map(|one| one.sequence().0).collect();
    assert_eq!(sequences, (1..=20).collect::<Vec<u64>>());
    assert_eq!(read(place).await.pending.len(), 20);
    let ended = pending.into_iter().zip(names.iter().zip(1..));
    let (ended, bound): (Vec<_>, Vec<_>) = ended
        .map(|(pending, (name, id))| {
            let bound = Record::Bound {
                address: address(name),
                binding: binding(id),
            };
            ((pending, Ending::Confirmed { id: None }), bound)
        })
        .unzip();
    locked.end(ended, bound).await.unwrap();
    let ledger = read(place).await;
    assert_eq!(ledger.pending, []);
    assert_eq!(ledger.bindings.by_address.len(), 20);
    finish(&mut locked, apply).await;
    locked.close().await.unwrap();
}

/// Each of ten raises the same number by one, which none could who does not wait for the others.
async fn lets_one_of_many_in_at_a_time(place: &Place) {
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let store = place();
            tokio::spawn(async move {
                let mut locked = store.lock(&owner(), Duration::from_secs(60)).await.unwrap();
                let counter = address("folder.counter");
                let held = locked.ledger().bindings.by_address.get(&counter);
                let count = held.map_or(0, |held| held.id.as_int().unwrap());
                tokio::task::yield_now().await;
                locked.bind(&counter, binding(count + 1)).await.unwrap();
                locked.close().await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let counter = &read(place).await.bindings.by_address[&address("folder.counter")];
    assert_eq!(counter.id, RemoteId::Int(10));
}

/// How long a lease lasts that is not to end during a story.
pub(super) const LONG: Duration = Duration::from_secs(600);

#[tokio::test]
async fn a_folder_conforms() {
    run(|| {
        let folder = tempfile::tempdir().unwrap();
        Box::new(move || Store::at(&folder.path().join(".makeform/production")))
    })
    .await;
}

#[tokio::test]
async fn a_shelf_conforms() {
    run(|| {
        let shelf = MemoryShelf::new();
        Box::new(move || Store::on(Arc::new(shelf.clone()), LONG))
    })
    .await;
}
