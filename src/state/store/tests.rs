//! Stories of ledgers: crashes at every byte, readers beside writers, two writers.
#![expect(
    clippy::disallowed_methods,
    reason = "files are damaged here on purpose"
)]

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use jiff::Timestamp;

use super::{Locked, Store};
use crate::{
    model::{
        Address, ApplyId, Binding, Bindings, Creates, Ending, Identity, Intent, RemoteId, Sequence,
    },
    state::{Ledger, Owner, StateError},
};

/// A form whose numbers must keep their text.
const FORM: &str = r#"{"name":"Leads","n":[1.0,1.50,1e400,123456789012345678901234567890,-0]}"#;

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

    fn lock(&self) -> Locked {
        self.store().lock(&owner(), Duration::ZERO).unwrap()
    }

    fn read(&self) -> Ledger {
        self.store().read().unwrap()
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.dir().join(name)).unwrap()
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.dir().join(name), bytes).unwrap();
    }
}

fn owner() -> Owner {
    Owner {
        who: "ada@laptop".into(),
        pid: 4711,
        command: "makeform apply".into(),
        since: Timestamp::UNIX_EPOCH,
    }
}

fn identity() -> Identity {
    Identity {
        host: "eu1.make.com".into(),
        organization: 1,
        team: 2,
    }
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn binding(id: u64) -> Binding {
    Binding {
        id: RemoteId::Int(id),
        form: serde_json::from_str(FORM).unwrap(),
        prevent_destroy: true,
        invited: false,
    }
}

fn start(locked: &mut Locked) -> ApplyId {
    locked
        .start(
            Timestamp::UNIX_EPOCH,
            "ada@laptop",
            "sha256:00",
            &identity(),
        )
        .unwrap()
}

fn intent(apply: ApplyId, text: &str) -> impl FnOnce(Sequence) -> Intent {
    let address = address(text);
    move |sequence| Intent {
        sequence,
        apply,
        address,
        what: "create webhook".into(),
        id: None,
        creates: None,
        before: None,
    }
}

/// An apply that was killed after one confirmed create, one refused and one unended.
fn killed_apply(locked: &mut Locked) -> ApplyId {
    let apply = start(locked);
    let pending = locked.intend(intent(apply, "webhook.leads")).unwrap();
    let id = Some(RemoteId::Int(41));
    locked.end(pending, Ending::Confirmed { id }).unwrap();
    locked.bind(&address("webhook.leads"), binding(41)).unwrap();
    let pending = locked.intend(intent(apply, "folder.crm")).unwrap();
    let reason = "400".to_owned();
    locked.end(pending, Ending::Refused { reason }).unwrap();
    let _ = locked.intend(intent(apply, "webhook.orders")).unwrap();
    apply
}

#[test]
fn what_was_written_is_read_back_before_and_after_it_became_history() {
    let home = Home::new();
    assert_eq!(home.read(), Ledger::default());
    let mut locked = home.lock();
    let apply = killed_apply(&mut locked);
    assert_eq!(home.read(), *locked.ledger());

    let pending = &locked.ledger().pending;
    assert_eq!(pending.len(), 1, "one intent has no ending");
    assert_eq!(pending[0].sequence, Sequence(3));
    locked.finish(apply, Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(home.read(), *locked.ledger());
    assert_eq!(home.read().pending.len(), 1, "it outlives its apply");
    assert!(home.read().applies[0].finished.is_some());
    let history = String::from_utf8(home.bytes("history/1.jsonl")).unwrap();
    assert_eq!(history.lines().count(), 9);

    drop(locked);
    let mut locked = home.lock();
    let apply = start(&mut locked);
    assert_eq!(apply, ApplyId(2));
    let _ = locked.intend(intent(apply, "folder.crm")).unwrap();
    assert_eq!(locked.ledger().pending[1].sequence, Sequence(4));
}

#[test]
fn a_journal_cut_at_any_byte_reads_as_its_whole_lines_and_can_be_continued() {
    let home = Home::new();
    let mut locked = home.lock();
    killed_apply(&mut locked);
    drop(locked);
    let ledger = home.bytes("ledger.json");
    let journal = home.bytes("journal.jsonl");
    let breaks = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count();

    let mut states: Vec<Ledger> = Vec::new();
    for length in 0..=journal.len() {
        home.put("journal.jsonl", &journal[..length]);
        let read = home.read();
        // The head is a line too; a journal without it is empty.
        let records = breaks(&journal[..length]).saturating_sub(1);
        if records == states.len() {
            states.push(read.clone());
        }
        assert_eq!(states[records], read, "cut at byte {length}");

        let mut locked = home.lock();
        assert_eq!(*locked.ledger(), read);
        locked.bind(&address("folder.new"), binding(7)).unwrap();
        drop(locked);
        let after = home.read();
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
        8,
        "each record counted from its line break on"
    );
}

#[test]
fn a_crash_between_the_writes_of_the_end_repeats_nothing_and_loses_nothing() {
    let home = Home::new();
    let mut locked = home.lock();
    let apply = killed_apply(&mut locked);
    let (old_ledger, old_journal) = (home.bytes("ledger.json"), home.bytes("journal.jsonl"));
    locked.finish(apply, Timestamp::UNIX_EPOCH).unwrap();
    let whole = locked.ledger().clone();
    drop(locked);
    let new_ledger = home.bytes("ledger.json");
    let history = home.bytes("history/1.jsonl");

    // After the history was copied.
    home.put("ledger.json", &old_ledger);
    home.put("journal.jsonl", &history);
    assert_eq!(home.read().bindings, whole.bindings);
    let mut locked = home.lock();
    assert_eq!(start(&mut locked), ApplyId(2));
    assert_eq!(home.bytes("history/1.jsonl"), history);
    drop(locked);

    // After the ledger was replaced.
    home.put("ledger.json", &new_ledger);
    home.put("journal.jsonl", &old_journal);
    assert_eq!(home.read(), whole);
    let mut locked = home.lock();
    assert_eq!(*locked.ledger(), whole);
    locked.unbind(&address("webhook.leads")).unwrap();
    drop(locked);
    assert!(home.read().bindings.by_address.is_empty());
}

#[test]
fn an_apply_that_was_killed_becomes_history_when_the_next_begins() {
    let home = Home::new();
    killed_apply(&mut home.lock());
    let mut locked = home.lock();
    let reason = Ending::Settled { id: None };
    locked.settle(Sequence(3), reason).unwrap();
    assert_eq!(start(&mut locked), ApplyId(2));
    let ledger = home.read();
    assert_eq!(ledger.pending, []);
    assert_eq!(ledger.applies[0].finished, None);
    let history = String::from_utf8(home.bytes("history/1.jsonl")).unwrap();
    assert!(
        history.ends_with("{\"ended\":{\"sequence\":3,\"ending\":{\"ending\":\"settled\"}}}\n")
    );
}

#[test]
fn a_discarded_ledger_is_kept_in_the_history_and_numbers_go_on() {
    let home = Home::new();
    assert!(!home.store().is_begun());
    killed_apply(&mut home.lock());
    assert!(home.store().is_begun());
    let before = home.read();
    let kept = home.lock().discard().unwrap();

    let after = home.read();
    assert_eq!(after.bindings, Bindings::default());
    assert_eq!(after.pending, []);
    let mut locked = home.lock();
    assert_eq!(start(&mut locked), ApplyId(2));
    let pending = locked.intend(intent(ApplyId(2), "folder.crm")).unwrap();
    assert_eq!(pending.sequence(), Sequence(4));

    assert!(home.bytes("history/1.jsonl").len() > 100);
    assert_eq!(kept, home.dir().join("history/ledger-1.json"));
    let ledger: serde_json::Value =
        serde_json::from_slice(&home.bytes("history/ledger-1.json")).unwrap();
    let bound = ledger["bindings"].as_object().unwrap();
    assert_eq!(bound.len(), before.bindings.by_address.len());
}

#[test]
fn a_confirmed_create_binds_what_it_made() {
    let home = Home::new();
    let mut locked = home.lock();
    let apply = start(&mut locked);
    let draft = intent(apply, "webhook.leads");
    let pending = locked
        .intend(|sequence| Intent {
            creates: Some(Creates {
                key: "Leads".into(),
                existing: Vec::new(),
                sent: None,
            }),
            ..draft(sequence)
        })
        .unwrap();
    let id = RemoteId::Int(41);
    locked
        .end(
            pending,
            Ending::Confirmed {
                id: Some(id.clone()),
            },
        )
        .unwrap();
    let bound = &home.read().bindings.by_address[&address("webhook.leads")];
    assert_eq!((&bound.id, &bound.form), (&id, &None));
}

#[test]
fn an_unknown_ending_keeps_its_intent_open() {
    let home = Home::new();
    let mut locked = home.lock();
    let apply = start(&mut locked);
    let pending = locked.intend(intent(apply, "webhook.leads")).unwrap();
    let reason = "lost".to_owned();
    locked.end(pending, Ending::Unknown { reason }).unwrap();
    assert_eq!(home.read().pending.len(), 1);
}

#[test]
fn a_broken_line_that_has_its_end_is_an_error_with_its_number() {
    let home = Home::new();
    killed_apply(&mut home.lock());
    let journal = String::from_utf8(home.bytes("journal.jsonl")).unwrap();
    let mut lines: Vec<&str> = journal.lines().collect();
    lines[2] = "{\"bound\":{\"secr";
    home.put("journal.jsonl", format!("{}\n", lines.join("\n")));
    let error = home.store().read().unwrap_err();
    assert!(matches!(&error, StateError::Damaged { line: Some(3), .. }));
    assert!(error.to_string().contains("journal.jsonl:3 is damaged"));
    assert!(!error.to_string().contains("secr"));

    // It was not torn: it is never skipped, even at the end.
    lines[2] = journal.lines().nth(2).unwrap();
    for last in ["{\"invented\":{}}", "{\"bound\":{\"addr"] {
        let text = format!("{}\n{last}", lines.join("\n"));
        home.put("journal.jsonl", format!("{text}\n"));
        let error = home.store().read().unwrap_err();
        let at = lines.len() + 1;
        assert!(
            matches!(error, StateError::Damaged { line: Some(line), .. } if line == at),
            "{error}"
        );
        home.put("journal.jsonl", text);
        assert!(home.store().read().is_ok());
    }
}

#[test]
fn a_newer_format_is_refused() {
    let home = Home::new();
    killed_apply(&mut home.lock());
    let ledger = String::from_utf8(home.bytes("ledger.json")).unwrap();
    home.put("ledger.json", ledger.replace("ledger/v1", "ledger/v2"));
    assert!(matches!(home.store().read(), Err(StateError::Newer { .. })));
    home.put("ledger.json", ledger.replace("ledger/v1", "lodger/v1"));
    assert!(matches!(
        home.store().read(),
        Err(StateError::Damaged { .. })
    ));
}

#[test]
fn another_account_is_refused() {
    let home = Home::new();
    let mut locked = home.lock();
    start(&mut locked);
    let other = Identity {
        team: 3,
        ..identity()
    };
    let error = locked.start(Timestamp::UNIX_EPOCH, "ada", "sha256:00", &other);
    let finding = error.unwrap_err().finding();
    assert_eq!(finding.code.name, "ledger-of-another-account");
    assert_eq!(
        finding.message,
        "the ledger belongs to organization 1, team 2 on eu1.make.com, \
         not to organization 1, team 3 on eu1.make.com"
    );
}

#[test]
fn one_process_writes_and_the_others_are_told_who() {
    let home = Home::new();
    let locked = home.lock();
    let begun = Instant::now();
    let wait = Duration::from_millis(120);
    let error = home.store().lock(&owner(), wait).unwrap_err();
    assert!(begun.elapsed() >= wait);
    assert_eq!(
        error.to_string(),
        "the ledger is in use by ada@laptop (`makeform apply`, process 4711, \
         since 1970-01-01T00:00:00Z)"
    );
    assert_eq!(home.read(), Ledger::default(), "readers need no lock");
    drop(locked);
    drop(home.lock());
}

#[test]
fn a_reader_beside_a_writer_never_sees_less_than_before() {
    let home = Home::new();
    let store = home.store();
    let mut locked = home.lock();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut most = 0;
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                let count = store.read().unwrap().bindings.by_address.len();
                assert!(count >= most, "{count} bindings after {most}");
                most = count;
            }
        });
        for round in 0..20 {
            let apply = start(&mut locked);
            let name = address(&format!("folder.f{round}"));
            locked.bind(&name, binding(round)).unwrap();
            locked.finish(apply, Timestamp::UNIX_EPOCH).unwrap();
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        reader.join().unwrap();
    });
    assert_eq!(home.read().bindings.by_address.len(), 20);
}

#[test]
fn a_rename_is_one_record_and_bindings_stay_one_to_one() {
    let home = Home::new();
    let mut locked = home.lock();
    let (old, new) = (address("webhook.leads"), address("webhook.hot-leads"));
    locked.import(&old, RemoteId::Int(41)).unwrap();
    assert!(matches!(
        locked.import(&new, RemoteId::Int(41)),
        Err(StateError::Taken { .. })
    ));
    assert!(matches!(
        locked.import(&old, RemoteId::Int(42)),
        Err(StateError::AlreadyBound { .. })
    ));
    assert!(matches!(
        locked.rename(&old, &address("folder.leads")),
        Err(StateError::OtherKind { .. })
    ));
    // Another kind has ids of its own.
    locked
        .import(&address("folder.crm"), RemoteId::Int(41))
        .unwrap();
    locked.rename(&old, &new).unwrap();
    let bound: Vec<String> = home
        .read()
        .bindings
        .by_address
        .keys()
        .map(ToString::to_string)
        .collect();
    assert_eq!(bound, ["folder.crm", "webhook.hot-leads"]);
    assert!(matches!(
        locked.rename(&old, &new),
        Err(StateError::NotBound(_))
    ));
}

#[cfg(unix)]
#[test]
fn the_folder_is_the_users_alone_and_stays_out_of_git() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let mut locked = home.lock();
    let apply = start(&mut locked);
    locked.finish(apply, Timestamp::UNIX_EPOCH).unwrap();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(home.root.path().join(".makeform")), 0o700);
    for name in ["lock", "ledger.json", "journal.jsonl", "history/1.jsonl"] {
        assert_eq!(mode(home.dir().join(name)), 0o600, "{name}");
    }
    let ignore = fs::read_to_string(home.root.path().join(".makeform/.gitignore")).unwrap();
    assert_eq!(ignore, "*\n");
}

#[test]
fn after_a_write_that_failed_nothing_more_is_written() {
    let home = Home::new();
    let mut locked = home.lock();
    let apply = start(&mut locked);
    fs::remove_dir_all(home.dir()).unwrap();
    fs::write(home.dir(), "in the way").unwrap();
    assert!(locked.finish(apply, Timestamp::UNIX_EPOCH).is_err());
    assert!(matches!(
        locked.intend(intent(apply, "webhook.leads")),
        Err(StateError::Broken { .. })
    ));
}
