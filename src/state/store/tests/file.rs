//! Stories of ledgers in a folder: crashes at every byte, readers beside writers, two writers.
#![expect(
    clippy::disallowed_methods,
    reason = "files are damaged here on purpose"
)]

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;

use super::{address, binding, end, identity, intend, intent, killed_apply, owner, start, started};
use crate::{
    model::{
        ApplyId, Bindings, Conclusion, Creates, Ending, Identity, NewIntent, RemoteId, Sequence,
    },
    state::{Ledger, Locked, StateError, Store},
};

/// A folder that goes when the test ends, and the store in it.
struct Home {
    root: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        Self {
            root: tempfile::tempdir().unwrap(),
        }
    }

    fn dir(&self) -> PathBuf {
        self.root.path().join(".makeform/production")
    }

    fn store(&self) -> Store {
        Store::at(&self.dir())
    }

    async fn lock(&self) -> Locked {
        self.store().lock(&owner(), Duration::ZERO).await.unwrap()
    }

    async fn read(&self) -> Ledger {
        self.store().read().await.unwrap()
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.dir().join(name)).unwrap()
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.dir().join(name), bytes).unwrap();
    }
}

#[tokio::test]
async fn what_was_written_is_read_back_before_and_after_it_became_history() {
    let home = Home::new();
    assert_eq!(home.read().await, Ledger::default());
    let mut locked = home.lock().await;
    let apply = killed_apply(&mut locked).await;
    assert_eq!(home.read().await, *locked.ledger());

    let pending = &locked.ledger().pending;
    assert_eq!(pending.len(), 1, "one intent has no ending");
    assert_eq!(pending[0].sequence, Sequence(3));
    locked
        .finish(apply, Timestamp::UNIX_EPOCH, Conclusion::Complete)
        .await
        .unwrap();
    assert_eq!(home.read().await, *locked.ledger());
    assert_eq!(home.read().await.pending.len(), 1, "it outlives its apply");
    assert!(home.read().await.applies[0].finished.is_some());
    let history = String::from_utf8(home.bytes("history/1.jsonl")).unwrap();
    assert_eq!(history.lines().count(), 12);

    drop(locked);
    let mut locked = home.lock().await;
    let apply = start(&mut locked).await;
    assert_eq!(apply, ApplyId(2));
    let _ = intend(&mut locked, intent(apply, "folder.crm")).await;
    assert_eq!(locked.ledger().pending[1].sequence, Sequence(4));
}

#[tokio::test]
async fn a_journal_cut_at_any_byte_reads_as_its_whole_lines_and_can_be_continued() {
    let home = Home::new();
    let mut locked = home.lock().await;
    killed_apply(&mut locked).await;
    drop(locked);
    let ledger = home.bytes("ledger.json");
    let journal = home.bytes("journal.jsonl");
    let breaks = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count();

    let mut states: Vec<Ledger> = Vec::new();
    for length in 0..=journal.len() {
        home.put("journal.jsonl", &journal[..length]);
        let read = home.read().await;
        // The head is a line too; a journal without it is empty.
        let records = breaks(&journal[..length]).saturating_sub(1);
        if records == states.len() {
            states.push(read.clone());
        }
        assert_eq!(states[records], read, "cut at byte {length}");

        let mut locked = home.lock().await;
        assert_eq!(*locked.ledger(), read);
        locked
            .bind(&address("folder.new"), binding(7))
            .await
            .unwrap();
        drop(locked);
        let after = home.read().await;
        assert!(
            after
                .bindings
                .by_address
                .contains_key(&address("folder.new"))
        );
        assert_eq!(after.pending, read.pending);
        home.put("ledger.json", &ledger);
    }
    assert_eq!(
        states.len(),
        11,
        "each record counted from its line break on"
    );
}

#[tokio::test]
async fn a_crash_between_the_writes_of_the_end_repeats_nothing_and_loses_nothing() {
    let home = Home::new();
    let mut locked = home.lock().await;
    let apply = killed_apply(&mut locked).await;
    let (old_ledger, old_journal) = (home.bytes("ledger.json"), home.bytes("journal.jsonl"));
    locked
        .finish(apply, Timestamp::UNIX_EPOCH, Conclusion::Complete)
        .await
        .unwrap();
    let whole = locked.ledger().clone();
    drop(locked);
    let new_ledger = home.bytes("ledger.json");
    let history = home.bytes("history/1.jsonl");

    // After the history was copied.
    home.put("ledger.json", &old_ledger);
    home.put("journal.jsonl", &history);
    assert_eq!(home.read().await.bindings, whole.bindings);
    let mut locked = home.lock().await;
    assert_eq!(start(&mut locked).await, ApplyId(2));
    assert_eq!(home.bytes("history/1.jsonl"), history);
    drop(locked);

    // After the ledger was replaced.
    home.put("ledger.json", &new_ledger);
    home.put("journal.jsonl", &old_journal);
    assert_eq!(home.read().await, whole);
    let mut locked = home.lock().await;
    assert_eq!(*locked.ledger(), whole);
    locked.unbind(&address("webhook.leads")).await.unwrap();
    drop(locked);
    assert!(home.read().await.bindings.by_address.is_empty());
}

#[tokio::test]
async fn an_apply_that_was_killed_becomes_history_when_the_next_begins() {
    let home = Home::new();
    killed_apply(&mut home.lock().await).await;
    let mut locked = home.lock().await;
    let reason = Ending::Settled { id: None };
    locked.settle(Sequence(3), reason).await.unwrap();
    assert_eq!(start(&mut locked).await, ApplyId(2));
    let ledger = home.read().await;
    assert_eq!(ledger.pending, []);
    assert_eq!(ledger.applies[0].finished, None);
    let history = String::from_utf8(home.bytes("history/1.jsonl")).unwrap();
    assert!(
        history.ends_with("{\"ended\":{\"sequence\":3,\"ending\":{\"ending\":\"settled\"}}}\n")
    );
}

#[tokio::test]
async fn a_discarded_ledger_is_kept_in_the_history_and_numbers_go_on() {
    let home = Home::new();
    assert!(!home.store().is_begun().await.unwrap());
    killed_apply(&mut home.lock().await).await;
    assert!(home.store().is_begun().await.unwrap());
    let before = home.read().await;
    let kept = home.lock().await.discard().await.unwrap();

    let after = home.read().await;
    assert_eq!(after.bindings, Bindings::default());
    assert_eq!(after.pending, []);
    let mut locked = home.lock().await;
    assert_eq!(start(&mut locked).await, ApplyId(2));
    let pending = intend(&mut locked, intent(ApplyId(2), "folder.crm")).await;
    assert_eq!(pending.sequence(), Sequence(4));

    assert!(home.bytes("history/1.jsonl").len() > 100);
    let path = home.dir().join("history/ledger-1.json");
    assert_eq!(kept, path.display().to_string());
    let ledger: serde_json::Value =
        serde_json::from_slice(&home.bytes("history/ledger-1.json")).unwrap();
    let bound = ledger["bindings"].as_object().unwrap();
    assert_eq!(bound.len(), before.bindings.by_address.len());
}

#[tokio::test]
async fn a_confirmed_create_binds_what_it_made() {
    let home = Home::new();
    let mut locked = home.lock().await;
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
    let bound = &home.read().await.bindings.by_address[&address("webhook.leads")];
    assert_eq!((&bound.id, &bound.form), (&id, &None));
}

#[tokio::test]
async fn an_unknown_ending_keeps_its_intent_open() {
    let home = Home::new();
    let mut locked = home.lock().await;
    let apply = start(&mut locked).await;
    let pending = intend(&mut locked, intent(apply, "webhook.leads")).await;
    let reason = "lost".to_owned();
    end(&mut locked, pending, Ending::Unknown { reason }).await;
    assert_eq!(home.read().await.pending.len(), 1);
}

#[tokio::test]
async fn a_broken_line_that_has_its_end_is_an_error_with_its_number() {
    let home = Home::new();
    killed_apply(&mut home.lock().await).await;
    let journal = String::from_utf8(home.bytes("journal.jsonl")).unwrap();
    let mut lines: Vec<&str> = journal.lines().collect();
    lines[2] = "{\"bound\":{\"secr";
    home.put("journal.jsonl", format!("{}\n", lines.join("\n")));
    let error = home.store().read().await.unwrap_err();
    assert!(matches!(&error, StateError::Damaged { line: Some(3), .. }));
    assert!(error.to_string().contains("journal.jsonl:3 is damaged"));
    assert!(!error.to_string().contains("secr"));

    // It was not torn: it is never skipped, even at the end.
    lines[2] = journal.lines().nth(2).unwrap();
    for last in ["{\"invented\":{}}", "{\"bound\":{\"addr"] {
        let text = format!("{}\n{last}", lines.join("\n"));
        home.put("journal.jsonl", format!("{text}\n"));
        let error = home.store().read().await.unwrap_err();
        let at = lines.len() + 1;
        assert!(
            matches!(error, StateError::Damaged { line: Some(line), .. } if line == at),
            "{error}"
        );
        home.put("journal.jsonl", text);
        assert!(home.store().read().await.is_ok());
    }
}

#[tokio::test]
async fn a_newer_format_is_refused() {
    let home = Home::new();
    killed_apply(&mut home.lock().await).await;
    let ledger = String::from_utf8(home.bytes("ledger.json")).unwrap();
    home.put("ledger.json", ledger.replace("ledger/v1", "ledger/v2"));
    assert!(matches!(
        home.store().read().await,
        Err(StateError::Newer { .. })
    ));
    home.put("ledger.json", ledger.replace("ledger/v1", "lodger/v1"));
    assert!(matches!(
        home.store().read().await,
        Err(StateError::Damaged { .. })
    ));
}

#[tokio::test]
async fn another_account_is_refused() {
    let home = Home::new();
    let mut locked = home.lock().await;
    start(&mut locked).await;
    let other = Identity {
        team: 3,
        ..identity()
    };
    let error = locked.start(started(), &other).await;
    let finding = error.unwrap_err().finding();
    assert_eq!(finding.code.name, "ledger-of-another-account");
    assert_eq!(
        finding.message,
        "the ledger belongs to organization 1, team 2 on eu1.make.com, \
         not to organization 1, team 3 on eu1.make.com"
    );
}

#[tokio::test]
async fn one_process_writes_and_the_others_are_told_who() {
    let home = Home::new();
    let locked = home.lock().await;
    let begun = Instant::now();
    let wait = Duration::from_millis(120);
    let error = home.store().lock(&owner(), wait).await.unwrap_err();
    assert!(begun.elapsed() >= wait);
    assert_eq!(
        error.to_string(),
        "the ledger is in use by ada@laptop (`makeform apply`, process 4711, \
         since 1970-01-01T00:00:00Z)"
    );
    assert_eq!(home.read().await, Ledger::default(), "readers need no lock");
    drop(locked);
    drop(home.lock().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_beside_a_writer_never_sees_less_than_before() {
    let home = Home::new();
    let store = home.store();
    let mut locked = home.lock().await;
    let done = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn({
        let done = Arc::clone(&done);
        async move {
            let mut most = 0;
            while !done.load(Ordering::Relaxed) {
                let count = store.read().await.unwrap().bindings.by_address.len();
                assert!(count >= most, "{count} bindings after {most}");
                most = count;
            }
        }
    });
    for round in 0..20 {
        let apply = start(&mut locked).await;
        let name = address(&format!("folder.f{round}"));
        locked.bind(&name, binding(round)).await.unwrap();
        let finished = locked.finish(apply, Timestamp::UNIX_EPOCH, Conclusion::Complete);
        finished.await.unwrap();
    }
    done.store(true, Ordering::Relaxed);
    reader.await.unwrap();
    assert_eq!(home.read().await.bindings.by_address.len(), 20);
}

#[tokio::test]
async fn a_rename_is_one_record_and_bindings_stay_one_to_one() {
    let home = Home::new();
    let mut locked = home.lock().await;
    let (old, new) = (address("webhook.leads"), address("webhook.hot-leads"));
    locked.import(&old, RemoteId::Int(41)).await.unwrap();
    assert!(matches!(
        locked.import(&new, RemoteId::Int(41)).await,
        Err(StateError::Taken { .. })
    ));
    assert!(matches!(
        locked.import(&old, RemoteId::Int(42)).await,
        Err(StateError::AlreadyBound { .. })
    ));
    assert!(matches!(
        locked.rename(&old, &address("folder.leads")).await,
        Err(StateError::OtherKind { .. })
    ));
    // Another kind has ids of its own.
    locked
        .import(&address("folder.crm"), RemoteId::Int(41))
        .await
        .unwrap();
    locked.rename(&old, &new).await.unwrap();
    let bound: Vec<String> = home
        .read()
        .await
        .bindings
        .by_address
        .keys()
        .map(ToString::to_string)
        .collect();
    assert_eq!(bound, ["folder.crm", "webhook.hot-leads"]);
    assert!(matches!(
        locked.rename(&old, &new).await,
        Err(StateError::NotBound(_))
    ));
}

#[cfg(unix)]
#[tokio::test]
async fn the_folder_is_the_users_alone_and_stays_out_of_git() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let mut locked = home.lock().await;
    let apply = start(&mut locked).await;
    locked
        .finish(apply, Timestamp::UNIX_EPOCH, Conclusion::Complete)
        .await
        .unwrap();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(home.root.path().join(".makeform")), 0o700);
    for name in ["lock", "ledger.json", "journal.jsonl", "history/1.jsonl"] {
        assert_eq!(mode(home.dir().join(name)), 0o600, "{name}");
    }
    let ignore = fs::read_to_string(home.root.path().join(".makeform/.gitignore")).unwrap();
    assert_eq!(ignore, "*\n");
}

#[tokio::test]
async fn after_a_write_that_failed_nothing_more_is_written() {
    let home = Home::new();
    let mut locked = home.lock().await;
    let apply = start(&mut locked).await;
    fs::remove_dir_all(home.dir()).unwrap();
    fs::write(home.dir(), "in the way").unwrap();
    assert!(
        locked
            .finish(apply, Timestamp::UNIX_EPOCH, Conclusion::Complete)
            .await
            .is_err()
    );
    assert!(matches!(
        locked.intend(vec![intent(apply, "webhook.leads")]).await,
        Err(StateError::Broken { .. })
    ));
}

/// Puts another file in the place of the one that is locked, as an unlock does.
#[cfg(unix)]
fn break_lock(home: &Home) {
    home.put("aside", "");
    fs::rename(home.dir().join("aside"), home.dir().join("lock")).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn whose_lock_was_broken_writes_nothing_into_the_journal_of_the_next() {
    let home = Home::new();
    let mut old = home.lock().await;
    start(&mut old).await;
    old.bind(&address("folder.a"), binding(1)).await.unwrap();
    // An unlock that is killed as soon as it has done this.
    break_lock(&home);
    let mut next = home.lock().await;
    next.bind(&address("folder.b"), binding(2)).await.unwrap();

    let late = address("folder.whose-name-is-longer-than-the-others");
    let error = old.bind(&late, binding(3)).await.unwrap_err();
    assert!(matches!(error, StateError::LockLost { .. }), "{error}");
    assert_eq!(home.read().await, *next.ledger());
    next.bind(&address("folder.c"), binding(4)).await.unwrap();
    assert_eq!(home.read().await, *next.ledger());
    assert_eq!(next.ledger().bindings.by_address.len(), 3);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_waiter_comes_between_the_breaking_of_a_lock_and_what_follows() {
    let home = Home::new();
    drop(home.lock().await);
    let done = Arc::new(AtomicBool::new(false));
    let waiter = std::thread::spawn({
        let (done, path) = (Arc::clone(&done), home.dir().join("lock"));
        move || {
            while !done.load(Ordering::Relaxed) {
                let file = fs::File::open(&path).unwrap();
                let _ = file.try_lock();
            }
        }
    });
    let mut broken = Vec::new();
    for _ in 0..40 {
        let wait = Duration::from_secs(20);
        let held = home.store().lock(&owner(), wait).await.unwrap();
        broken.push(home.store().unlock(&owner(), &owner()).await);
        drop(held);
    }
    done.store(true, Ordering::Relaxed);
    waiter.join().unwrap();
    for broken in broken {
        assert_eq!(broken.unwrap(), Some(owner()));
    }
}

#[tokio::test(start_paused = true)]
async fn who_only_asks_whose_the_lock_is_keeps_nobody_from_taking_it() {
    let home = Home::new();
    drop(home.lock().await);
    let asker = || {
        let file = fs::File::open(home.dir().join("lock")).unwrap();
        file.lock_shared().unwrap();
        file
    };
    let file = asker();
    let asked = async move {
        tokio::time::sleep(Duration::from_millis(20)).await;
        drop(file);
    };
    let store = home.store();
    let (locked, ()) = tokio::join!(store.lock(&owner(), Duration::ZERO), asked);
    drop(locked.unwrap());

    // One that stands still in the middle of its question is waited for only so long.
    let _file = asker();
    let error = store.lock(&owner(), Duration::ZERO).await.unwrap_err();
    assert!(matches!(error, StateError::Held { .. }), "{error}");
}
