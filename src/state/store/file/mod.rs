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
use crate::state::{Cipher, Ledger, Owner, StateError, format, format::LEDGER};

#[cfg(feature = "failpoints")]
pub use self::full::fill_disk;
pub(super) use self::writer::Writer;

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
    /// The journal's whole lines, as they stand in its file; none if there is no journal of this
    /// generation.
    journal: Option<Vec<u8>>,
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

    /// Puts a file that we have locked in the place of the one that somebody else has, so that
    /// theirs counts no more, and begins another journal, so that what they write now is nobody's.
    pub(super) async fn unlock(
        &self,
        breaker: &Owner,
        of: &Owner,
    ) -> Result<Option<Owner>, StateError> {
        if !self.is_begun() {
            return Ok(None);
        }
        let held = match Lock::take(&self.folder, breaker, Duration::ZERO).await {
            Ok(_) => return Ok(None),
            Err(StateError::Held { holder, .. }) => holder.unwrap_or_else(somebody),
            Err(error) => return Err(error),
        };
        if held != *of {
            return Err(StateError::OtherHolder { holder: held });
        }
        let lock = Lock::replace(&self.folder, breaker)?;
        let (mut writer, found) = Writer::open(self.folder.clone(), lock).await?;
        let mut ledger = found.ledger;
        ledger.generation += 1;
        ledger.records = 0;
        writer.compact(&ledger, found.journal_of).await?;
        Ok(Some(held))
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
                // Taken from the file: what its lines say may be encrypted there.
                let end = bytes.iter().rposition(|byte| *byte == b'\n');
                let whole = bytes.get(..end.map_or(0, |end| end + 1));
                let whole = whole.unwrap_or_default().to_vec();
                let clear = folder.in_clear(JOURNAL, bytes).await?;
                (
                    format::journal_from_bytes(&folder.file(JOURNAL), &clear)?,
                    whole,
                )
            }
            None => (None, Vec::new()),
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
