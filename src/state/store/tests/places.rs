//! Stories of ledgers that were written by others: older makeforms, another backend, an editor.
#![expect(
    clippy::disallowed_methods,
    reason = "files are put there as others would"
)]

use std::{fs, sync::Arc, time::Duration};

use super::{address, binding, conformance::LONG, finish, killed_apply, owner, start};
use crate::{
    model::{ApplyId, Sequence},
    state::{
        Migrated, StateError, Store,
        shelf::{MemoryShelf, Mishap},
    },
};

/// As the first version with a ledger wrote it.
const V1_LEDGER: &str = r#"{
  "format": "makeform/ledger/v1",
  "generation": 1,
  "identity": {
    "host": "eu1.make.com",
    "organization": 1,
    "team": 2
  },
  "lastSequence": 0,
  "bindings": {},
  "pending": [],
  "applies": []
}
"#;
const V1_JOURNAL: &str = r#"{"format":"makeform/journal/v1","generation":1}
{"started":{"apply":1,"at":"2026-03-02T08:00:00Z","by":"ada@laptop","digest":"sha256:00"}}
{"intent":{"sequence":1,"apply":1,"address":"webhook.leads","what":"create webhook"}}
{"ended":{"sequence":1,"ending":{"ending":"confirmed","id":41}}}
{"bound":{"address":"webhook.leads","binding":{"id":41,"form":{"name":"Leads"},"prevent_destroy":true}}}
{"intent":{"sequence":2,"apply":1,"address":"folder.crm","what":"create folder"}}
"#;

#[tokio::test]
async fn what_the_first_version_wrote_is_read_and_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("ledger.json"), V1_LEDGER).unwrap();
    fs::write(folder.path().join("journal.jsonl"), V1_JOURNAL).unwrap();
    let store = Store::at(folder.path());
    let ledger = store.read().await.unwrap();
    assert_eq!(ledger.bindings.by_address.len(), 1);
    assert!(ledger.bindings.by_address[&address("webhook.leads")].prevent_destroy);
    assert_eq!(ledger.pending[0].sequence, Sequence(2));
    assert_eq!(
        (&ledger.applies[0].commit, ledger.applies[0].conclusion),
        (&None, None)
    );
    let mut locked = store.lock(&owner(), Duration::ZERO).await.unwrap();
    // Nothing that the first version does not know is added to what it began.
    let journal = || fs::read_to_string(folder.path().join("journal.jsonl")).unwrap();
    assert!(journal().starts_with("{\"format\":\"makeform/journal/v2\""));
    assert_eq!(locked.ledger().pending, ledger.pending);
    assert_eq!(locked.ledger().bindings, ledger.bindings);
    assert_eq!(start(&mut locked).await, ApplyId(2));
    finish(&mut locked, ApplyId(2)).await;
    assert_eq!(store.journal(ApplyId(1)).await.unwrap().unwrap().len(), 5);
}

#[tokio::test]
async fn a_newer_format_is_refused_on_a_shelf_too() {
    for name in ["ledger.json", "journal/0-1.jsonl", "lock.json"] {
        let shelf = MemoryShelf::new();
        let word = name.split(['.', '/']).next().unwrap();
        let bytes = format!("{{\"format\":\"makeform/{word}/v3\",\"new\":1}}\n");
        let change = crate::state::shelf::Change {
            name: name.to_owned(),
            bytes: bytes.into_bytes(),
            expect: crate::state::shelf::Expect::Absent,
        };
        let note = crate::state::shelf::Note::default();
        crate::state::shelf::Shelf::write(&shelf, &[change], &note)
            .await
            .unwrap();
        let store = Store::on(Arc::new(shelf), LONG);
        let error = store.lock(&owner(), Duration::ZERO).await.unwrap_err();
        assert!(matches!(error, StateError::Newer { .. }), "{name}: {error}");
    }
}

/// Migrates a ledger with a history between two places, and asks what counts then.
#[tokio::test]
async fn a_ledger_moves_with_its_history_and_only_the_new_one_counts() {
    let folder = tempfile::tempdir().unwrap();
    let file = Store::at(folder.path());
    let shelf = Store::on(Arc::new(MemoryShelf::new()), LONG);
    let mut locked = file.lock(&owner(), Duration::ZERO).await.unwrap();
    let apply = killed_apply(&mut locked).await;
    finish(&mut locked, apply).await;
    locked.bind(&address("folder.x"), binding(9)).await.unwrap();
    let before = locked.ledger().clone();
    locked.close().await.unwrap();

    let names = ("file", "git");
    let moved = shelf
        .migrate_from(&file, names, &owner(), Duration::ZERO)
        .await;
    let expected = Migrated {
        bindings: 2,
        history: 1,
        kept: None,
    };
    assert_eq!(moved.unwrap(), expected);
    let after = shelf.read().await.unwrap();
    assert_eq!(after.bindings, before.bindings);
    assert_eq!(
        (after.pending, after.applies),
        (before.pending, before.applies)
    );
    assert!(shelf.journal(apply).await.unwrap().unwrap().len() > 5);
    for error in [
        file.read().await.unwrap_err(),
        file.lock(&owner(), Duration::ZERO).await.unwrap_err(),
        file.journal(ApplyId(9)).await.unwrap_err(),
    ] {
        assert!(
            matches!(&error, StateError::Moved { to, .. } if to == "git"),
            "{error}"
        );
        assert_eq!(error.finding().code.name, "ledger-moved");
    }
    // The same again changes nothing.
    let again = shelf
        .migrate_from(&file, names, &owner(), Duration::ZERO)
        .await;
    assert_eq!(again.unwrap().bindings, 2);
    // What is there is never replaced by another ledger.
    let other = Store::on(Arc::new(MemoryShelf::new()), LONG);
    let mut locked = other.lock(&owner(), Duration::ZERO).await.unwrap();
    locked.bind(&address("folder.y"), binding(8)).await.unwrap();
    locked.close().await.unwrap();
    let refused = other
        .migrate_from(&shelf, ("git", "s3://b"), &owner(), Duration::ZERO)
        .await;
    assert!(matches!(refused, Err(StateError::NotEmpty { .. })));
    assert_eq!(shelf.read().await.unwrap().bindings.by_address.len(), 2);
    // And back.
    let back = file
        .migrate_from(&shelf, ("git", "file"), &owner(), Duration::ZERO)
        .await;
    assert_eq!(back.unwrap().bindings, 2);
    assert_eq!(file.read().await.unwrap().bindings, before.bindings);
    assert!(matches!(shelf.read().await, Err(StateError::Moved { .. })));
    let mut locked = file.lock(&owner(), Duration::ZERO).await.unwrap();
    assert_eq!(start(&mut locked).await, ApplyId(2));
}

#[tokio::test(start_paused = true)]
async fn wherever_a_migration_is_cut_short_one_ledger_lives_at_most_and_another_ends_it() {
    let mut cuts = 0;
    for at in 0.. {
        let (old_shelf, new_shelf) = (MemoryShelf::new(), MemoryShelf::new());
        let old = Store::on(Arc::new(old_shelf.clone()), Duration::from_secs(60));
        let new = Store::on(Arc::new(new_shelf.clone()), Duration::from_secs(60));
        let mut locked = old.lock(&owner(), Duration::ZERO).await.unwrap();
        let apply = killed_apply(&mut locked).await;
        finish(&mut locked, apply).await;
        locked.close().await.unwrap();
        // Either place may go away, at any of its writes.
        let (shelf, number) = match at % 2 {
            0 => (&old_shelf, at / 2),
            _ => (&new_shelf, at / 2),
        };
        shelf.mishap(number, Mishap::Down);
        let names = ("s3://old", "s3://new");
        let wait = Duration::from_secs(300);
        let whole = new.migrate_from(&old, names, &owner(), wait).await.is_ok();
        shelf.mend();
        let living = [
            old.read().await.is_ok(),
            new.read().await.is_ok_and(|it| !it.is_empty()),
        ];
        assert!(living != [true, true], "two ledgers live after {at}");
        let moved = new.migrate_from(&old, names, &owner(), wait).await;
        assert_eq!(moved.unwrap().bindings, 1, "{at}");
        assert!(old.read().await.is_err());
        assert_eq!(new.read().await.unwrap().bindings.by_address.len(), 1);
        cuts += usize::from(!whole);
        if whole && number > 12 {
            break;
        }
    }
    assert!(cuts > 7, "{cuts}");
}

#[tokio::test]
async fn a_ledger_is_replaced_by_what_was_pulled_and_by_nothing_older_or_of_others() {
    let store = Store::on(Arc::new(MemoryShelf::new()), LONG);
    let mut locked = store.lock(&owner(), Duration::ZERO).await.unwrap();
    start(&mut locked).await;
    locked.bind(&address("folder.x"), binding(9)).await.unwrap();
    let pulled = store.pull().await.unwrap();
    let text = String::from_utf8(pulled.clone()).unwrap();
    let edited = text.replace("folder.x", "folder.z");
    let kept = locked.replace(edited.as_bytes()).await.unwrap();
    assert!(kept.contains("history/ledger-1.json"), "{kept}");
    let ledger = store.read().await.unwrap();
    assert!(
        ledger
            .bindings
            .by_address
            .contains_key(&address("folder.z"))
    );
    let error = locked.replace(&pulled).await.unwrap_err();
    assert!(matches!(error, StateError::Older), "{error}");

    // A record that was written since, though no generation has begun.
    let pulled = store.pull().await.unwrap();
    locked
        .bind(&address("folder.new"), binding(10))
        .await
        .unwrap();
    assert!(matches!(
        locked.replace(&pulled).await,
        Err(StateError::Older)
    ));
    let foreign = String::from_utf8(store.pull().await.unwrap()).unwrap();
    let foreign = foreign.replace("\"team\": 2", "\"team\": 3");
    let error = locked.replace(foreign.as_bytes()).await.unwrap_err();
    assert!(matches!(error, StateError::OtherAccount { .. }), "{error}");
    for broken in ["", "{}", "{\"format\":\"makeform/ledger/v9\"}"] {
        assert!(locked.replace(broken.as_bytes()).await.is_err());
    }
    assert_eq!(store.read().await.unwrap(), *locked.ledger());
    locked.close().await.unwrap();
}

async fn migrate(to: &Store, from: &Store, names: (&str, &str)) -> Result<Migrated, StateError> {
    to.migrate_from(from, names, &owner(), Duration::ZERO).await
}

/// A ledger in a folder with a binding, that has moved to `git`.
async fn moved_away(folder: &std::path::Path) -> Store {
    let file = Store::at(folder);
    let mut locked = file.lock(&owner(), Duration::ZERO).await.unwrap();
    let apply = killed_apply(&mut locked).await;
    finish(&mut locked, apply).await;
    locked.close().await.unwrap();
    let shelf = Store::on(Arc::new(MemoryShelf::new()), LONG);
    let moved = migrate(&shelf, &file, ("file", "git"));
    assert_eq!(moved.await.unwrap().bindings, 1);
    file
}

#[tokio::test]
async fn where_a_moved_ledger_is_gone_nothing_empty_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = moved_away(folder.path()).await;
    // Its ref was deleted; another bucket has that name.
    let fresh = Store::on(Arc::new(MemoryShelf::new()), LONG);
    for _ in 0..2 {
        let again = migrate(&fresh, &file, ("file", "git"));
        let error = again.await.unwrap_err();
        assert!(
            matches!(error, StateError::Gone { bindings: 1, .. }),
            "{error}"
        );
        assert_eq!(error.finding().code.name, "ledger-moved");
        assert!(matches!(file.read().await, Err(StateError::Moved { .. })));
    }
    // Who goes back has what it was when it moved.
    let back = migrate(&file, &fresh, ("git", "file"));
    assert_eq!(back.await.unwrap().bindings, 1);
    assert_eq!(file.read().await.unwrap().bindings.by_address.len(), 1);
    assert!(matches!(fresh.read().await, Err(StateError::Moved { .. })));
    let mut locked = file.lock(&owner(), Duration::ZERO).await.unwrap();
    assert_eq!(start(&mut locked).await, ApplyId(2));
}

#[tokio::test]
async fn no_second_ledger_is_begun_where_the_first_was_left_or_got_lost() {
    let folder = tempfile::tempdir().unwrap();
    let file = Store::at(folder.path());
    let begin = |here: &str| {
        let shelf = Store::on(Arc::new(MemoryShelf::new()), LONG);
        shelf.succeeding(folder.path(), here)
    };
    // Nothing is there yet, or nothing was ever done with it.
    assert!(begin("git").read().await.is_ok());
    file.lock(&owner(), Duration::ZERO)
        .await
        .unwrap()
        .close()
        .await
        .unwrap();
    assert!(begin("git").read().await.is_ok());

    let mut locked = file.lock(&owner(), Duration::ZERO).await.unwrap();
    let apply = killed_apply(&mut locked).await;
    finish(&mut locked, apply).await;
    locked.close().await.unwrap();
    let git = begin("git");
    for _ in 0..2 {
        let error = git.read().await.unwrap_err();
        assert_eq!(error.finding().code.name, "ledger-moved");
        let help = error.finding().help.unwrap();
        assert!(help.contains("state migrate --from file"), "{help}");
        // Nor is the lock kept that was taken to find that out.
        let error = git.lock(&owner(), Duration::ZERO).await.unwrap_err();
        assert!(
            matches!(error, StateError::LeftBehind { bindings: 1, .. }),
            "{error}"
        );
    }
    migrate(&git, &file, ("file", "git")).await.unwrap();
    assert_eq!(git.read().await.unwrap().bindings.by_address.len(), 1);

    // The project goes on to a bucket and forgets to take the ledger along; the ref is deleted.
    let error = begin("s3://acme").read().await.unwrap_err();
    let help = error.finding().help.unwrap();
    assert!(help.contains("state migrate --from git"), "{help}");
    let error = begin("git")
        .lock(&owner(), Duration::ZERO)
        .await
        .unwrap_err();
    assert!(
        matches!(error, StateError::Gone { bindings: 1, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_ledger_that_comes_back_over_a_marked_one_leaves_it_in_the_history() {
    let folder = tempfile::tempdir().unwrap();
    let file = moved_away(folder.path()).await;
    let generation = |bytes: &[u8]| -> serde_json::Value { serde_json::from_slice(bytes).unwrap() };
    let marked = fs::read(folder.path().join("ledger.json")).unwrap();
    let kept = format!("history/ledger-{}.json", generation(&marked)["generation"]);
    // Begun anew by somebody.
    let other = Store::on(Arc::new(MemoryShelf::new()), LONG);
    let mut locked = other.lock(&owner(), Duration::ZERO).await.unwrap();
    locked.bind(&address("folder.y"), binding(8)).await.unwrap();
    locked.close().await.unwrap();
    let back = migrate(&file, &other, ("git", "file"));
    let back = back.await.unwrap();
    assert_eq!(back.bindings, 1);
    assert!(back.kept.is_some_and(|name| name.ends_with(&kept)));
    let ledger = file.read().await.unwrap();
    assert!(
        ledger
            .bindings
            .by_address
            .contains_key(&address("folder.y"))
    );
    assert_eq!(fs::read(folder.path().join(kept)).unwrap(), marked);
}
