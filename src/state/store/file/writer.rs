//! The one writer of a folder.

use super::{
    JOURNAL,
    folder::{Appender, Folder},
    lock::Lock,
};
use crate::{
    model::{ApplyId, Record},
    state::{
        Ledger, StateError,
        format::{self, LEDGER},
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
        let mut writer = Self {
            folder,
            journal: None,
            lock,
        };
        let whole = match journal {
            Some(whole) => whole,
            None => writer.head(found.ledger.generation).await?,
        };
        // Always another file: whoever had the lock before us may have the old one open, and not
        // have noticed yet that the lock was broken.
        writer.begin_journal(&whole)?;
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
        self.may_send()?;
        journal.append(&lines)?;
        // Whoever broke our lock meanwhile has begun another journal: ours counts no more.
        self.may_send()?;
        self.journal = Some(journal);
        Ok(())
    }

    /// Writes the ledger whole and begins a new journal.
    ///
    /// A crash between any two of the three writes leaves what reads as before or as after: the
    /// history is a copy, and the old journal is of an older generation than the new ledger. Whether
    /// the lock is still ours is asked at each: to encrypt what comes next may take its time.
    pub(in crate::state::store) async fn compact(
        &mut self,
        ledger: &Ledger,
        journal_of: Option<ApplyId>,
    ) -> Result<(), StateError> {
        let bytes = format::ledger_to_bytes(ledger).map_err(encode(LEDGER))?;
        self.usable()?;
        if let Some(apply) = journal_of {
            let journal = self.folder.open(JOURNAL).await?.unwrap_or_default();
            self.keep(&format::history(apply), journal).await?;
        }
        self.keep(LEDGER, bytes).await?;
        let head = self.head(ledger.generation).await?;
        self.begin_journal(&head)
    }

    /// Puts a document beside the ledger.
    pub(in crate::state::store) async fn keep(
        &self,
        name: &str,
        bytes: Vec<u8>,
    ) -> Result<(), StateError> {
        let bytes = self.folder.sealed(name, bytes).await?;
        self.replace(name, &bytes)
    }

    /// Replaces a file while the lock is ours. Fails too if it was broken at that very moment: what
    /// was written may be in the way of nobody, or be replaced by whoever has the lock.
    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), StateError> {
        self.may_send()?;
        self.folder.replace(name, bytes)?;
        self.may_send()
    }

    /// The first line of a journal that follows the ledger of a generation.
    async fn head(&self, generation: u64) -> Result<Vec<u8>, StateError> {
        let head = format::journal_head(generation).map_err(encode(JOURNAL))?;
        self.folder.sealed(JOURNAL, head).await
    }

    /// Puts a journal into a file of its own, and goes on behind it.
    fn begin_journal(&mut self, whole: &[u8]) -> Result<(), StateError> {
        self.replace(JOURNAL, whole)?;
        self.journal = Some(self.folder.append_to(JOURNAL, whole.len() as u64)?);
        Ok(())
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
