//! Reading a ledger, and locking it to write.

use std::{path::Path, thread, time::Duration};

use super::{folder::Folder, locked::Locked};
use crate::{
    model::{ApplyId, Record},
    state::{Ledger, Owner, StateError, format, format::Journal, lock::Lock},
};

pub(super) const LEDGER: &str = "ledger.json";
pub(super) const JOURNAL: &str = "journal.jsonl";
const LOCK: &str = "lock";

/// How often a reader looks again when a writer replaced the files between its two reads. Each
/// replacing is the end of an apply, so once nearly always suffices.
const LOOKS: u32 = 20;

/// Where the ledger of one target is kept.
#[derive(Clone, Debug)]
pub struct Store {
    folder: Folder,
}

/// What a reading found.
pub(super) struct Found {
    /// The ledger, the journal's records in it.
    pub(super) ledger: Ledger,
    /// The bytes of the journal's whole lines; none if there is no journal of this generation.
    pub(super) journal: Option<u64>,
    /// The apply that the journal is of.
    pub(super) journal_of: Option<ApplyId>,
}

impl Store {
    /// The ledger that is kept in a folder: `.makeform/<target>`.
    #[must_use]
    pub fn at(dir: &Path) -> Self {
        Self {
            folder: Folder::new(dir),
        }
    }

    /// Reads the ledger without a lock. What it gives is how things stood at one moment, even
    /// while another process writes.
    ///
    /// # Errors
    /// When the files can't be read, are damaged, or are of a newer makeform.
    pub fn read(&self) -> Result<Ledger, StateError> {
        Ok(find(&self.folder)?.ledger)
    }

    /// Whether anything was ever written here. Who only reads leaves nothing behind.
    #[must_use]
    pub fn is_begun(&self) -> bool {
        self.folder.file(LOCK).exists()
    }

    /// Locks the ledger, waiting for as long as is said, and reads it.
    ///
    /// # Errors
    /// When another process holds the lock for longer; otherwise as [`Store::read`].
    pub fn lock(&self, owner: &Owner, wait: Duration) -> Result<Locked, StateError> {
        self.folder.create()?;
        let file = self.folder.lock_file(LOCK)?;
        let lock = Lock::take(file, &self.folder.file(LOCK), owner, wait)?;
        Locked::open(self.folder.clone(), lock)
    }
}

/// Reads `ledger.json` and replays the journal that follows it.
pub(super) fn find(folder: &Folder) -> Result<Found, StateError> {
    let mut looks = 0;
    loop {
        let ledger = match folder.read(LEDGER)? {
            Some(bytes) => format::ledger_from_bytes(&folder.file(LEDGER), &bytes)?,
            None => Ledger::default(),
        };
        let journal = match folder.read(JOURNAL)? {
            Some(bytes) => format::journal_from_bytes(&folder.file(JOURNAL), &bytes)?,
            None => None,
        };
        match journal {
            // The ledger is older than the journal: it was replaced after we read it.
            Some(journal) if journal.generation > ledger.generation => {
                looks += 1;
                if looks == LOOKS {
                    return Err(StateError::Damaged {
                        path: folder.file(LEDGER),
                        line: None,
                        reason: "it is older than the journal beside it".to_owned(),
                    });
                }
                thread::sleep(Duration::from_millis(5));
            }
            Some(journal) if journal.generation == ledger.generation => {
                return Ok(replay(ledger, journal));
            }
            // An older journal is part of the ledger already: its writer died, or is about to
            // replace it.
            Some(_) | None => {
                return Ok(Found {
                    ledger,
                    journal: None,
                    journal_of: None,
                });
            }
        }
    }
}

fn replay(mut ledger: Ledger, journal: Journal) -> Found {
    let mut journal_of = None;
    for record in journal.records {
        if let Record::Started { apply, .. } = &record {
            journal_of = Some(*apply);
        }
        ledger.absorb(record);
    }
    Found {
        ledger,
        journal: Some(journal.whole),
        journal_of,
    }
}
