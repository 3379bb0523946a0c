//! A ledger in a folder of this machine.

mod folder;
mod full;
mod lock;
mod writer;

use std::{path::Path, time::Duration};

use tokio::time::sleep;

use self::{
    folder::Folder,
    lock::{LOCK, Lock},
};
use super::Found;
use crate::state::{Cipher, Ledger, Owner, StateError, format};

#[cfg(feature = "failpoints")]
pub use self::full::fill_disk;
pub(super) use self::writer::Writer;

const LEDGER: &str = "ledger.json";
const JOURNAL: &str = "journal.jsonl";

/// How often a reader looks again when a writer replaced the files between its two reads. Each
/// replacing is the end of an apply, so once nearly always suffices.
const LOOKS: u32 = 20;

/// The folder that a ledger is kept in.
#[derive(Clone, Debug)]
pub(super) struct FileStore {
    folder: Folder,
}

/// What a reading found, and where the journal goes on.
struct Reading {
    found: Found,
    /// The bytes of the journal's whole lines; none if there is no journal of this generation.
    journal: Option<u64>,
}

impl FileStore {
    pub(super) fn at(dir: &Path) -> Self {
        Self {
            folder: Folder::new(dir),
        }
    }

    /// The same, encrypted.
    pub(super) fn encrypted(mut self, cipher: Cipher) -> Self {
        self.folder = self.folder.encrypted(cipher);
        self
    }

    pub(super) async fn read(&self) -> Result<Found, StateError> {
        Ok(find(&self.folder).await?.found)
    }

    /// A document beside the ledger.
    pub(super) async fn document(&self, name: &str) -> Result<Option<Vec<u8>>, StateError> {
        self.folder.open(name).await
    }

    /// Writes a document, unless there is one of that name.
    pub(super) async fn put_if_absent(&self, name: &str, clear: Vec<u8>) -> Result<(), StateError> {
        self.folder.create()?;
        let bytes = self.folder.sealed(name, clear).await?;
        self.folder.put_if_absent(name, &bytes)
    }

    /// What it is called in messages.
    pub(super) fn name_of(&self, document: &str) -> String {
        self.folder.file(document).display().to_string()
    }

    pub(super) fn holder(&self) -> Result<Option<Owner>, StateError> {
        match self.is_begun() && lock::is_held(&self.folder)? {
            true => Ok(Some(lock::holder(&self.folder).unwrap_or_else(somebody))),
            false => Ok(None),
        }
    }

    /// The documents beside the ledger whose names begin so.
    pub(super) fn list(&self, prefix: &str) -> Result<Vec<String>, StateError> {
        self.folder.list(prefix)
    }

    pub(super) fn is_begun(&self) -> bool {
        self.folder.file(LOCK).exists()
    }

    pub(super) async fn lock(
        &self,
        owner: &Owner,
        wait: Duration,
    ) -> Result<(Writer, Found), StateError> {
        self.folder.create()?;
        let lock = Lock::take(&self.folder, owner, wait).await?;
        Writer::open(self.folder.clone(), lock).await
    }

    /// Puts another file in the place of the one that somebody has locked, so that theirs counts
    /// no more, and begins another journal, so that what they write now is nobody's.
    pub(super) async fn unlock(&self, breaker: &Owner) -> Result<Option<Owner>, StateError> {
        if !self.is_begun() {
            return Ok(None);
        }
        let held = match Lock::take(&self.folder, breaker, Duration::ZERO).await {
            Ok(_) => return Ok(None),
            Err(StateError::Held { holder, .. }) => holder,
            Err(error) => return Err(error),
        };
        self.folder.replace(LOCK, b"")?;
        let (mut writer, found) = self.lock(breaker, Duration::ZERO).await?;
        let mut ledger = found.ledger;
        ledger.generation += 1;
        ledger.records = 0;
        writer.compact(&ledger, found.journal_of).await?;
        Ok(Some(held.unwrap_or_else(somebody)))
    }
}

/// A holder whose name could not be read.
fn somebody() -> Owner {
    Owner {
        who: "somebody".to_owned(),
        pid: 0,
        command: "unknown".to_owned(),
        since: jiff::Timestamp::UNIX_EPOCH,
    }
}

/// Reads `ledger.json` and replays the journal that follows it.
async fn find(folder: &Folder) -> Result<Reading, StateError> {
    let mut looks = 0;
    loop {
        let ledger = match folder.open(LEDGER).await? {
            Some(bytes) => format::ledger_from_bytes(&folder.file(LEDGER), &bytes)?,
            None => Ledger::default(),
        };
        let (journal, whole) = match folder.read(JOURNAL)? {
            Some(bytes) => {
                // Counted in the file: what its lines say may be longer or shorter.
                let end = bytes.iter().rposition(|byte| *byte == b'\n');
                let whole = end.map_or(0, |end| end as u64 + 1);
                let clear = folder.in_clear(JOURNAL, bytes).await?;
                (
                    format::journal_from_bytes(&folder.file(JOURNAL), &clear)?,
                    whole,
                )
            }
            None => (None, 0),
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
                sleep(Duration::from_millis(5)).await;
            }
            Some(journal) if journal.generation == ledger.generation => {
                let mut found = Found::of(ledger);
                found.is_older = journal.is_older;
                found.replay(journal.records);
                return Ok(Reading {
                    found,
                    journal: Some(whole),
                });
            }
            // An older journal is part of the ledger already: its writer died, or is about to
            // replace it.
            Some(_) | None => {
                return Ok(Reading {
                    found: Found::of(ledger),
                    journal: None,
                });
            }
        }
    }
}
