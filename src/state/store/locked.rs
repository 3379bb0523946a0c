//! A ledger in the hands of its one writer.

use std::path::PathBuf;

use jiff::Timestamp;

use super::{
    folder::{Appender, Folder},
    open::{Found, JOURNAL, LEDGER, find},
};
use crate::{
    model::{Address, ApplyId, Binding, Ending, Identity, Intent, Record, RemoteId, Sequence},
    state::{Ledger, StateError, format, lock::Lock},
};

/// A ledger that only we may write, until this is dropped.
///
/// Every call that writes returns when its record is on disk. After one that failed nothing more
/// is written: a record must not follow half a record. Locking anew mends that.
#[derive(Debug)]
pub struct Locked {
    folder: Folder,
    ledger: Ledger,
    /// None after a write that failed.
    journal: Option<Appender>,
    /// The apply that the journal is of.
    journal_of: Option<ApplyId>,
    _lock: Lock,
}

/// A request that may be sent now: its intent is on disk. Whoever drops this without ending it
/// leaves the ending unknown.
#[derive(Debug)]
#[must_use = "an intent has to be ended"]
pub struct Pending(Sequence);

impl Pending {
    /// The intent's number.
    #[must_use]
    pub fn sequence(&self) -> Sequence {
        self.0
    }
}

impl Locked {
    /// Reads the ledger of a folder that is locked, and mends what a crash has left there.
    pub(super) fn open(folder: Folder, lock: Lock) -> Result<Self, StateError> {
        let Found {
            ledger,
            journal,
            journal_of,
        } = find(&folder)?;
        let journal = match journal {
            Some(length) => folder.append_to(JOURNAL, length)?,
            None => new_journal(&folder, ledger.generation)?,
        };
        Ok(Self {
            folder,
            ledger,
            journal: Some(journal),
            journal_of,
            _lock: lock,
        })
    }

    /// The ledger as it stands.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Says whose account the ledger is of, from the first binding on.
    ///
    /// # Errors
    /// When it belongs to another account already.
    pub fn claim(&mut self, identity: &Identity) -> Result<(), StateError> {
        self.ledger.check_account(identity)?;
        if self.ledger.bindings.identity.is_none() {
            self.ledger.bindings.identity = Some(identity.clone());
            self.compact()?;
        }
        Ok(())
    }

    /// Begins an apply.
    ///
    /// # Errors
    /// When the ledger belongs to another account, or can't be written.
    pub fn start(
        &mut self,
        at: Timestamp,
        by: &str,
        digest: &str,
        identity: &Identity,
    ) -> Result<ApplyId, StateError> {
        self.claim(identity)?;
        // An apply that was killed has left its journal: it becomes history of its own.
        if self.journal_of.is_some() {
            self.compact()?;
        }
        let apply = self.ledger.next_apply();
        self.write(Record::Started {
            apply,
            at,
            by: by.to_owned(),
            digest: digest.to_owned(),
        })?;
        self.journal_of = Some(apply);
        Ok(apply)
    }

    /// Writes down a request that is about to be sent.
    ///
    /// # Errors
    /// When that can't be written: the request must not be sent then.
    pub fn intend(
        &mut self,
        intent: impl FnOnce(Sequence) -> Intent,
    ) -> Result<Pending, StateError> {
        let sequence = self.ledger.next_sequence();
        let intent = Intent {
            sequence,
            ..intent(sequence)
        };
        self.write(Record::Intent(intent))?;
        Ok(Pending(sequence))
    }

    /// Writes down how a request ended. The confirmed ending of a create binds what it made.
    ///
    /// # Errors
    /// When that can't be written: the ending stays unknown then.
    pub fn end(&mut self, pending: Pending, ending: Ending) -> Result<(), StateError> {
        self.settle(pending.0, ending)
    }

    /// Writes down how a request ended that nobody knew of. Binds what a create turns out to have
    /// made.
    ///
    /// # Errors
    /// When that can't be written.
    pub fn settle(&mut self, sequence: Sequence, ending: Ending) -> Result<(), StateError> {
        self.write(Record::Ended { sequence, ending })
    }

    /// Binds an address, or remembers a new form of it. Another address of that object loses it.
    ///
    /// # Errors
    /// When that can't be written.
    pub fn bind(&mut self, address: &Address, binding: Binding) -> Result<(), StateError> {
        self.write(Record::Bound {
            address: address.clone(),
            binding,
        })
    }

    /// Forgets an address.
    ///
    /// # Errors
    /// When that can't be written.
    pub fn unbind(&mut self, address: &Address) -> Result<(), StateError> {
        self.write(Record::Unbound {
            address: address.clone(),
        })
    }

    /// Binds a free address to a free object whose form nobody has applied.
    ///
    /// # Errors
    /// When either is bound already, or that can't be written.
    pub fn import(&mut self, address: &Address, id: RemoteId) -> Result<(), StateError> {
        let bindings = &self.ledger.bindings;
        if let Some(held) = bindings.by_address.get(address) {
            if held.id == id {
                return Ok(());
            }
            return Err(StateError::AlreadyBound {
                address: address.clone(),
                id: held.id.clone(),
            });
        }
        if let Some(holder) = bindings.address_of(address.kind, &id) {
            return Err(StateError::Taken {
                id,
                address: holder.clone(),
            });
        }
        self.bind(address, Binding::bare(id))
    }

    /// Gives a bound thing another address.
    ///
    /// # Errors
    /// When the old one is not bound, the new one is, their kinds differ, or that can't be
    /// written.
    pub fn rename(&mut self, from: &Address, to: &Address) -> Result<(), StateError> {
        let bound = &self.ledger.bindings.by_address;
        let Some(binding) = bound.get(from) else {
            return Err(StateError::NotBound(from.clone()));
        };
        if from.kind != to.kind {
            return Err(StateError::OtherKind {
                from: from.clone(),
                to: to.clone(),
            });
        }
        if let Some(held) = bound.get(to) {
            return Err(StateError::AlreadyBound {
                address: to.clone(),
                id: held.id.clone(),
            });
        }
        self.bind(to, binding.clone())
    }

    /// Ends an apply: its journal becomes history, and a new one begins.
    ///
    /// # Errors
    /// When the files can't be replaced. What was applied is on disk even then.
    pub fn finish(&mut self, apply: ApplyId, at: Timestamp) -> Result<(), StateError> {
        self.write(Record::Finished { apply, at })?;
        self.compact()
    }

    /// Forgets all bindings and what is pending, since the account that they are of is no more.
    /// What is forgotten is kept in the history, in the file whose path is given.
    ///
    /// # Errors
    /// When the files can't be replaced.
    pub fn discard(&mut self) -> Result<PathBuf, StateError> {
        let name = format!("history/ledger-{}.json", self.ledger.generation);
        let bytes = format::ledger_to_bytes(&self.ledger).map_err(encode(&self.folder, &name))?;
        self.folder.replace(&name, &bytes)?;
        self.ledger = self.ledger.emptied();
        self.compact()?;
        Ok(self.folder.file(&name))
    }

    /// Appends a record, then counts it in.
    fn write(&mut self, record: Record) -> Result<(), StateError> {
        let line = format::record_line(&record).map_err(encode(&self.folder, JOURNAL))?;
        let mut journal = self.usable()?;
        journal.append(&line)?;
        self.journal = Some(journal);
        self.ledger.absorb(record);
        Ok(())
    }

    /// Writes the ledger whole and begins a new journal.
    ///
    /// A crash between any two of the three writes leaves what reads as before or as after: the
    /// history is a copy, and the old journal is of an older generation than the new ledger.
    fn compact(&mut self) -> Result<(), StateError> {
        self.ledger.generation += 1;
        let bytes = format::ledger_to_bytes(&self.ledger).map_err(encode(&self.folder, LEDGER))?;
        self.usable()?;
        if let Some(apply) = self.journal_of {
            let journal = self.folder.read(JOURNAL)?.unwrap_or_default();
            let name = format!("history/{}.jsonl", apply.0);
            self.folder.replace(&name, &journal)?;
        }
        self.folder.replace(LEDGER, &bytes)?;
        self.journal = Some(new_journal(&self.folder, self.ledger.generation)?);
        self.journal_of = None;
        Ok(())
    }

    /// The journal, taken out until the write has gone well.
    fn usable(&mut self) -> Result<Appender, StateError> {
        self.journal.take().ok_or_else(|| StateError::Broken {
            path: self.folder.file(JOURNAL),
        })
    }
}

/// Begins a journal that follows the ledger of a generation.
fn new_journal(folder: &Folder, generation: u64) -> Result<Appender, StateError> {
    let head = format::journal_head(generation).map_err(encode(folder, JOURNAL))?;
    folder.replace(JOURNAL, &head)?;
    folder.append_to(JOURNAL, head.len() as u64)
}

/// Why a value could not become the bytes of a file.
fn encode(folder: &Folder, name: &str) -> impl FnOnce(serde_json::Error) -> StateError {
    let path = folder.file(name);
    move |error| StateError::Io {
        doing: "encode",
        path,
        source: error.into(),
    }
}
