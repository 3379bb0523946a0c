//! The one writer of a folder.

use super::{
    JOURNAL, LEDGER,
    folder::{Appender, Folder},
    lock::Lock,
};
use crate::{
    model::{ApplyId, Record},
    state::{
        Ledger, StateError, format,
        store::{Found, encode},
    },
};

/// Writes a ledger's files, until it is dropped.
#[derive(Debug)]
pub(in crate::state::store) struct Writer {
    folder: Folder,
    /// None after a write that failed: a record must not follow half a record.
    journal: Option<Appender>,
    lock: Lock,
}

impl Writer {
    /// Reads the ledger of a folder that is locked, and mends what a crash has left there.
    pub(super) async fn open(folder: Folder, lock: Lock) -> Result<(Self, Found), StateError> {
        let super::Reading { found, journal } = super::find(&folder).await?;
        let journal = match journal {
            Some(length) => folder.append_to(JOURNAL, length)?,
            None => new_journal(&folder, found.ledger.generation).await?,
        };
        let writer = Self {
            folder,
            journal: Some(journal),
            lock,
        };
        Ok((writer, found))
    }

    /// Appends records to the journal and returns when they are on disk.
    pub(in crate::state::store) async fn append(
        &mut self,
        records: &[Record],
    ) -> Result<(), StateError> {
        let mut lines = Vec::new();
        for record in records {
            lines.extend(format::record_line(record).map_err(encode(JOURNAL))?);
        }
        let mut journal = self.usable()?;
        let lines = self.folder.sealed(JOURNAL, lines).await?;
        journal.append(&lines)?;
        // Whoever broke our lock meanwhile has begun another journal: ours counts no more.
        self.may_send()?;
        self.journal = Some(journal);
        Ok(())
    }

    /// Writes the ledger whole and begins a new journal.
    ///
    /// A crash between any two of the three writes leaves what reads as before or as after: the
    /// history is a copy, and the old journal is of an older generation than the new ledger.
    pub(in crate::state::store) async fn compact(
        &mut self,
        ledger: &Ledger,
        journal_of: Option<ApplyId>,
    ) -> Result<(), StateError> {
        let bytes = format::ledger_to_bytes(ledger).map_err(encode(LEDGER))?;
        self.usable()?;
        self.may_send()?;
        if let Some(apply) = journal_of {
            let journal = self.folder.open(JOURNAL).await?.unwrap_or_default();
            self.folder.put(&format::history(apply), journal).await?;
        }
        self.folder.put(LEDGER, bytes).await?;
        self.journal = Some(new_journal(&self.folder, ledger.generation).await?);
        Ok(())
    }

    /// Puts a document beside the ledger.
    pub(in crate::state::store) async fn keep(
        &self,
        name: &str,
        bytes: Vec<u8>,
    ) -> Result<(), StateError> {
        self.folder.put(name, bytes).await
    }

    /// Whether the lock is still ours.
    pub(in crate::state::store) fn may_send(&self) -> Result<(), StateError> {
        match self.lock.is_ours() {
            true => Ok(()),
            false => Err(StateError::LockLost {
                holder: super::lock::holder(&self.folder),
            }),
        }
    }

    /// What a document is called in messages.
    pub(in crate::state::store) fn name_of(&self, document: &str) -> String {
        self.folder.file(document).display().to_string()
    }

    /// The journal, taken out until the write has gone well.
    fn usable(&mut self) -> Result<Appender, StateError> {
        self.journal.take().ok_or_else(|| StateError::Broken {
            place: self.name_of(JOURNAL),
        })
    }
}

/// Begins a journal that follows the ledger of a generation.
async fn new_journal(folder: &Folder, generation: u64) -> Result<Appender, StateError> {
    let head = format::journal_head(generation).map_err(encode(JOURNAL))?;
    let head = folder.sealed(JOURNAL, head).await?;
    folder.replace(JOURNAL, &head)?;
    folder.append_to(JOURNAL, head.len() as u64)
}
