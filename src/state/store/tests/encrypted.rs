//! Ledgers that are encrypted by commands, in a folder and on a shelf.

use std::{fs, path::Path, sync::Arc, time::Duration};

use super::{
    conformance::{LONG, run},
    finish, identity, intent, owner, started,
};
use crate::{
    model::{ApplyId, Conclusion, Creates, Ending, NewIntent, RemoteId},
    state::{Cipher, Locked, Review, StateError, Store, shelf::MemoryShelf},
};

/// Where a ledger is kept, as bytes.
enum Place {
    Folder(tempfile::TempDir),
    Shelf(MemoryShelf),
}

impl Place {
    fn both() -> [Self; 2] {
        [
            Self::Folder(tempfile::tempdir().unwrap()),
            Self::Shelf(MemoryShelf::new()),
        ]
    }

    fn store(&self, encrypt: &str, decrypt: &str) -> Store {
        let line = |line: &str| (!line.is_empty()).then(|| line.to_owned().into());
        let cipher = Cipher::new(line(encrypt), line(decrypt)).within(Duration::from_secs(5));
        match self {
            Self::Folder(folder) => Store::at(&folder.path().join("main")),
            Self::Shelf(shelf) => Store::on(Arc::new(shelf.clone()), Duration::from_secs(60)),
        }
        .encrypted(cipher)
    }

    fn clear(&self) -> Store {
        self.store("", "")
    }

    /// Letters that are others: anybody sees that it is encrypted, and nobody reads it by accident.
    fn letters(&self) -> Store {
        self.store("tr a-z b-za", "tr b-za a-z")
    }

    /// All that is there but the lock.
    fn documents(&self) -> Vec<(String, Vec<u8>)> {
        match self {
            Self::Folder(folder) => files(&folder.path().join("main")),
            Self::Shelf(shelf) => shelf.documents().into_iter().collect(),
        }
        .into_iter()
        .filter(|(name, _)| !name.contains("lock"))
        .collect()
    }

    #[track_caller]
    fn assert_encrypted(&self) {
        let documents = self.documents();
        assert!(documents.len() > 1, "{documents:?}");
        for (name, bytes) in documents {
            let text = String::from_utf8(bytes).unwrap();
            for line in text.lines() {
                let head = r#"{"format":"makeform/encrypted/v1","data":""#;
                assert!(line.starts_with(head), "{name}: {line}");
            }
            assert!(
                !text.contains("makeform/ledger") && !text.contains("leads"),
                "{name}"
            );
        }
    }
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push((path.display().to_string(), fs::read(&path).unwrap())),
        }
    }
    found
}

async fn lock(store: &Store) -> Locked {
    try_lock(store).await.unwrap()
}

async fn try_lock(store: &Store) -> Result<Locked, StateError> {
    store.lock(&owner(), Duration::ZERO).await
}

async fn begin(locked: &mut Locked) -> Result<ApplyId, StateError> {
    locked.start(started(), &identity()).await
}

/// Makes a webhook in an apply, and ends it or not.
async fn apply(store: &Store, name: &str, ends: bool) {
    let mut locked = lock(store).await;
    let apply = begin(&mut locked).await.unwrap();
    let intent = NewIntent {
        creates: Some(Creates {
            key: name.into(),
            existing: Vec::new(),
            sent: None,
            since: None,
        }),
        ..intent(apply, &format!("webhook.{name}"))
    };
    let pending = locked.intend(vec![intent]).await.unwrap();
    let id = Some(RemoteId::Int(name.len() as u64));
    let ended = pending
        .into_iter()
        .map(|pending| (pending, Ending::Confirmed { id: id.clone() }));
    locked.end(ended.collect(), Vec::new()).await.unwrap();
    if ends {
        finish(&mut locked, apply).await;
    }
    locked.close().await.unwrap();
}

async fn bound(store: &Store) -> usize {
    store.read().await.unwrap().bindings.by_address.len()
}

#[tokio::test]
async fn every_document_is_encrypted_and_reads_as_before() {
    for place in Place::both() {
        let store = place.letters();
        apply(&store, "leads", true).await;
        apply(&store, "hot-leads", false).await;
        place.assert_encrypted();
        assert_eq!(bound(&store).await, 2);
        for number in [1, 2] {
            let journal = store.journal(ApplyId(number)).await.unwrap().unwrap();
            assert!(journal.len() >= 3, "{journal:?}");
        }
        let review = Review {
            target: "production".into(),
            commit: "a".repeat(40),
            digest: "sha256:1".into(),
            by: "ada@laptop".into(),
            at: jiff::Timestamp::UNIX_EPOCH,
            outline: serde_json::json!({"digest": "sha256:1"}),
        };
        store.record_review(&review).await.unwrap();
        place.assert_encrypted();
        let read = store.review(&review.commit).await.unwrap();
        assert_eq!(read, Some(review));
        // The one that was not ended becomes history.
        apply(&store, "cold-leads", true).await;
        place.assert_encrypted();
        assert_eq!(bound(&store).await, 3);
    }
}

#[tokio::test]
async fn without_the_commands_nothing_is_read_and_nothing_replaced() {
    for place in Place::both() {
        apply(&place.letters(), "leads", true).await;
        let before = place.documents();
        let error = place.clear().read().await.unwrap_err();
        let finding = error.finding();
        assert_eq!(finding.code.name, "ledger-encrypted", "{finding:?}");
        assert!(
            finding
                .message
                .contains("MAKEFORM_STATE_DECRYPT is not set")
        );
        assert!(try_lock(&place.clear()).await.is_err());

        // Who can read it only may not write it in the clear.
        let reads = place.store("", "tr b-za a-z");
        assert_eq!(bound(&reads).await, 1);
        // A folder begins with a new journal, a shelf with the first record.
        if let Ok(mut locked) = try_lock(&reads).await {
            assert!(begin(&mut locked).await.is_err());
            locked.close().await.unwrap();
        }
        assert_eq!(place.documents(), before);
        // Another key is seen, not guessed at.
        let other = place.store("tr a-z b-za", "cat");
        assert_eq!(
            other.read().await.unwrap_err().finding().code.name,
            "ledger-damaged"
        );
    }
}

#[tokio::test]
async fn a_ledger_in_the_clear_is_encrypted_with_the_next_write() {
    for place in Place::both() {
        apply(&place.clear(), "leads", true).await;
        apply(&place.clear(), "hot-leads", false).await;
        let store = place.letters();
        assert_eq!(bound(&store).await, 2, "reading changes nothing");
        apply(&store, "cold-leads", true).await;
        assert_eq!(bound(&store).await, 3);
        // All but the history of before is encrypted now.
        for (name, bytes) in place.documents() {
            let is_encrypted = bytes.starts_with(br#"{"format":"makeform/encrypted"#);
            assert_eq!(is_encrypted, !name.ends_with("history/1.jsonl"), "{name}");
        }
    }
}

#[tokio::test]
async fn a_command_that_fails_in_the_middle_leaves_a_whole_ledger() {
    for encrypt in ["cat >/dev/null; exit 3", "head -c 10", "kill -9 $$"] {
        for place in Place::both() {
            let store = place.letters();
            apply(&store, "leads", true).await;
            let before = place.documents();
            let broken = place.store(encrypt, "tr b-za a-z");
            if let Ok(mut locked) = try_lock(&broken).await {
                let error = begin(&mut locked).await.unwrap_err();
                assert_eq!(error.finding().code.name, "encryption-failed", "{error}");
                locked.close().await.unwrap();
            }
            assert_eq!(place.documents(), before, "{encrypt}");
            // Nobody has to wait for a lease: nothing was sent.
            apply(&store, "hot-leads", true).await;
            assert_eq!(bound(&store).await, 2);
        }
    }
}

#[tokio::test]
async fn encrypted_backends_conform() {
    let cipher = Cipher::new(
        Some("tr a-z b-za".to_owned().into()),
        Some("tr b-za a-z".to_owned().into()),
    );
    run(|| {
        let cipher = cipher.clone();
        let shelf = MemoryShelf::new();
        Box::new(move || Store::on(Arc::new(shelf.clone()), LONG).encrypted(cipher.clone()))
    })
    .await;
    run(|| {
        let cipher = cipher.clone();
        let folder = tempfile::tempdir().unwrap();
        Box::new(move || Store::at(&folder.path().join("main")).encrypted(cipher.clone()))
    })
    .await;
}

/// The store of somebody whose command stands still at the encryption whose number, counted down,
/// is in `left`, until there is `go`.
fn slow_store(root: &Path) -> Store {
    let root_name = root.display();
    let encrypt = format!(
        "cd {root_name}; n=$(($(cat left) - 1)); echo $n > left; if [ $n = 0 ]; then touch held; \
         until [ -e go ]; do sleep 0.02; done; fi; cat"
    );
    let cipher = Cipher::new(Some(encrypt.into()), Some("cat".to_owned().into()));
    Store::at(&root.join("main")).encrypted(cipher.within(Duration::from_secs(120)))
}

#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "a test tells a command how to go on"
)]
async fn whose_lock_was_broken_while_it_encrypted_replaces_nothing() {
    // The last record, the history, the ledger, the head of the next journal.
    for at in 1..=4 {
        let root = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| fs::write(root.path().join(name), text).unwrap();
        put("left", "1000");
        let mut slow = lock(&slow_store(root.path())).await;
        let first = begin(&mut slow).await.unwrap();
        put("left", &at.to_string());
        let slow = tokio::spawn(async move {
            let end = slow.finish(first, jiff::Timestamp::UNIX_EPOCH, Conclusion::Complete);
            end.await
        });
        while !root.path().join("held").exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }

        let cat = || Some("cat".to_owned().into());
        let store = Store::at(&root.path().join("main")).encrypted(Cipher::new(cat(), cat()));
        assert_eq!(
            store.unlock(&owner(), &owner()).await.unwrap(),
            Some(owner())
        );
        apply(&store, "leads", true).await;
        apply(&store, "orders", false).await;
        let before = store.read().await.unwrap();
        let second = store.journal(ApplyId(2)).await.unwrap();
        assert!(second.is_some());

        put("go", "");
        let error = slow.await.unwrap().unwrap_err();
        assert!(
            matches!(error, StateError::LockLost { .. }),
            "{at}: {error}"
        );
        assert_eq!(store.read().await.unwrap(), before, "{at}");
        assert_eq!(store.journal(ApplyId(2)).await.unwrap(), second, "{at}");
        apply(&store, "tickets", true).await;
        assert_eq!(store.read().await.unwrap().bindings.by_address.len(), 3);
    }
}
