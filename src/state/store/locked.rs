//! A ledger in the hands of its one writer.

use std::path::Path;

use jiff::Timestamp;
use tokio::time::Instant;

use super::{Found, encode, file, remote, stood::Stood};
use crate::{
    model::{
        Address, ApplyId, Binding, Closing, Ending, Identity, NewIntent, Record, RemoteId, Sequence,
    },
    state::{Ledger, Standing, StateError, format},
};

/// How many steps have their intents in one write, where a write takes its time.
const GROUP: usize = 16;

/// A ledger that only we may write, until this is closed.
///
/// Every call that writes returns when its records are durable in the backend. After one that
/// failed nothing more is written: a record must not follow half a record. Locking anew mends that.
/// Whoever drops this without [`Locked::close`] leaves a remote lock behind, until its lease ends.
#[derive(Debug)]
pub struct Locked {
    desk: Desk,
    ledger: Ledger,
    /// The apply that the journal is of.
    journal_of: Option<ApplyId>,
    /// The addresses of which the journal says how they were bound before.
    stood: Stood,
}

/// What writes to the backend.
#[derive(Debug)]
pub(super) enum Desk {
    File(file::Writer),
    Remote(Box<remote::Writer>),
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

/// What is known of an apply when it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// When.
    pub at: Timestamp,
    /// Who runs it: `user@host`.
    pub by: String,
    /// The digest of its plan.
    pub digest: String,
    /// The commit of the project that it was planned from, where there is git.
    pub commit: Option<String>,
    /// What runs it: `apply`.
    pub command: Option<String>,
}

impl Locked {
    pub(super) fn new(desk: Desk, found: Found) -> Self {
        let Found {
            ledger, journal_of, ..
        } = found;
        Self {
            desk,
            ledger,
            journal_of,
            stood: Stood::default(),
        }
    }

    /// The ledger as it stands.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// How many steps a group may have, whose intents are written at once, and their endings.
    /// One, where a write costs next to nothing.
    #[must_use]
    pub fn group(&self) -> usize {
        match &self.desk {
            Desk::File(_) => 1,
            Desk::Remote(_) => GROUP,
        }
    }

    /// Whether a request may be sent now: the lock is still ours. To be asked before each.
    ///
    /// # Errors
    /// When it is not, or nobody can be sure. Nothing must be sent then.
    pub fn may_send(&self) -> Result<(), StateError> {
        match &self.desk {
            Desk::File(writer) => writer.may_send(),
            Desk::Remote(writer) => writer.may_send(),
        }
    }

    /// The same, for who has time: where nobody can be sure by now, the lock is renewed first.
    ///
    /// # Errors
    /// When it is not ours, or can't be renewed. Nothing must be sent then.
    pub async fn ready(&self) -> Result<(), StateError> {
        match &self.desk {
            Desk::File(writer) => writer.may_send(),
            Desk::Remote(writer) => writer.ready().await,
        }
    }

    /// Says whose account the ledger is of, from the first binding on.
    ///
    /// # Errors
    /// When it belongs to another account already.
    pub async fn claim(&mut self, identity: &Identity) -> Result<(), StateError> {
        self.ledger.check_account(identity)?;
        if self.ledger.bindings.identity.is_none() {
            self.ledger.bindings.identity = Some(identity.clone());
            self.compact().await?;
        }
        Ok(())
    }

    /// Begins an apply.
    ///
    /// # Errors
    /// When the ledger belongs to another account, or can't be written.
    pub async fn start(
        &mut self,
        started: Started,
        identity: &Identity,
    ) -> Result<ApplyId, StateError> {
        self.claim(identity).await?;
        // An apply that was killed has left its journal: it becomes history of its own.
        if self.journal_of.is_some() {
            self.compact().await?;
        }
        let apply = self.ledger.next_apply();
        let Started {
            at,
            by,
            digest,
            commit,
            command,
        } = started;
        self.record(vec![Record::Started {
            apply,
            at,
            by,
            digest,
            commit,
            command,
        }])
        .await?;
        self.journal_of = Some(apply);
        Ok(apply)
    }

    /// Writes down requests that are about to be sent, all in one write.
    ///
    /// # Errors
    /// When that can't be written: none of the requests must be sent then.
    pub async fn intend(&mut self, intents: Vec<NewIntent>) -> Result<Vec<Pending>, StateError> {
        let first = self.ledger.next_sequence().0;
        let sequences = (first..).map(Sequence);
        let numbered = intents.into_iter().zip(sequences);
        let records: Vec<Record> = numbered
            .map(|(intent, sequence)| Record::Intent(intent.numbered(sequence)))
            .collect();
        let last = first + records.len() as u64;
        self.record(records).await?;
        Ok((first..last).map(Sequence).map(Pending).collect())
    }

    /// Writes down how requests ended, and what else has come of them, all in one write. The
    /// confirmed ending of a create binds what it made.
    ///
    /// # Errors
    /// When that can't be written: the endings stay unknown then.
    pub async fn end(
        &mut self,
        ended: Vec<(Pending, Ending)>,
        more: Vec<Record>,
    ) -> Result<(), StateError> {
        let ended = ended
            .into_iter()
            .map(|(Pending(sequence), ending)| Record::Ended { sequence, ending });
        self.record(ended.chain(more).collect()).await
    }

    /// Writes down how a request ended that nobody knew of. Binds what a create turns out to have
    /// made.
    ///
    /// # Errors
    /// When that can't be written.
    pub async fn settle(&mut self, sequence: Sequence, ending: Ending) -> Result<(), StateError> {
        self.record(vec![Record::Ended { sequence, ending }]).await
    }

    /// Binds an address, or remembers a new form of it. Another address of that object loses it.
    ///
    /// # Errors
    /// When that can't be written.
    pub async fn bind(&mut self, address: &Address, binding: Binding) -> Result<(), StateError> {
        self.record(vec![Record::Bound {
            address: address.clone(),
            binding,
        }])
        .await
    }

    /// Forgets an address.
    ///
    /// # Errors
    /// When that can't be written.
    pub async fn unbind(&mut self, address: &Address) -> Result<(), StateError> {
        self.record(vec![Record::Unbound {
            address: address.clone(),
        }])
        .await
    }

    /// Binds a free address to a free object whose form nobody has applied.
    ///
    /// # Errors
    /// When either is bound already, or that can't be written.
    pub async fn import(&mut self, address: &Address, id: RemoteId) -> Result<(), StateError> {
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
        self.bind(address, Binding::bare(id)).await
    }

    /// Gives a bound thing another address.
    ///
    /// # Errors
    /// When the old one is not bound, the new one is, their kinds differ, or that can't be
    /// written.
    pub async fn rename(&mut self, from: &Address, to: &Address) -> Result<(), StateError> {
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
        let binding = binding.clone();
        self.bind(to, binding).await
    }

    /// Ends an apply: its journal becomes history, and a new one begins.
    ///
    /// # Errors
    /// When that can't be written. What was applied is on disk even then.
    pub async fn finish(
        &mut self,
        apply: ApplyId,
        at: Timestamp,
        closing: impl Into<Closing>,
    ) -> Result<(), StateError> {
        let Closing { conclusion, audit } = closing.into();
        self.record(vec![Record::Finished {
            apply,
            at,
            conclusion: Some(conclusion),
            audit,
        }])
        .await?;
        self.compact().await
    }

    /// Forgets all bindings and what is pending, since the account that they are of is no more.
    /// What is forgotten is kept in the history, in the document whose name is given.
    ///
    /// # Errors
    /// When that can't be written.
    pub async fn discard(&mut self) -> Result<String, StateError> {
        let name = self.keep_ledger().await?;
        self.ledger = self.ledger.emptied();
        self.compact().await?;
        Ok(name)
    }

    /// Replaces the ledger by what [`Store::pull`](super::Store::pull) gave, edited. What it was is
    /// kept in the history, in the document whose name is given.
    ///
    /// # Errors
    /// When that lacks what was recorded since, is of another account, is no ledger, or can't be
    /// written.
    pub async fn replace(&mut self, document: &[u8]) -> Result<String, StateError> {
        let path = Path::new("the file");
        let new = format::ledger_from_bytes(path, document)?;
        if new.standing != Standing::Living {
            return Err(StateError::Damaged {
                path: path.to_owned(),
                line: None,
                reason: "it is of a ledger that was moved".to_owned(),
            });
        }
        if let Some(identity) = &new.bindings.identity {
            self.ledger.check_account(identity)?;
        }
        let ours = (self.ledger.generation, self.ledger.records);
        let no_identity =
            self.ledger.bindings.identity.is_some() && new.bindings.identity.is_none();
        if (new.generation, new.records) < ours || no_identity {
            return Err(StateError::Older);
        }
        let name = self.keep_ledger().await?;
        let last_sequence = new.last_sequence.max(self.ledger.last_sequence);
        self.put(Ledger {
            last_sequence,
            ..new
        })
        .await?;
        Ok(name)
    }

    /// Puts another ledger in the place of this one.
    pub(super) async fn put(&mut self, ledger: Ledger) -> Result<(), StateError> {
        self.ledger = ledger;
        self.compact().await
    }

    /// The document of the history in which the ledger is kept as it is.
    pub(super) fn kept_name(&self) -> String {
        format!("history/ledger-{}.json", self.ledger.generation)
    }

    /// Keeps the ledger as it is in the history.
    pub(super) async fn keep_ledger(&mut self) -> Result<String, StateError> {
        let name = self.kept_name();
        let bytes = format::ledger_to_bytes(&self.ledger).map_err(encode(format::LEDGER))?;
        self.keep(&name, bytes).await?;
        Ok(match &self.desk {
            Desk::File(writer) => writer.name_of(&name),
            Desk::Remote(writer) => writer.name_of(&name),
        })
    }

    /// Puts a document beside the ledger.
    pub(super) async fn keep(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), StateError> {
        match &mut self.desk {
            Desk::File(writer) => writer.keep(name, bytes).await,
            Desk::Remote(writer) => writer.keep(name, bytes).await,
        }
    }

    /// Whether all that was sent is known to have ended, and all that was written to be there.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let is_broken = match &self.desk {
            Desk::File(_) => false,
            Desk::Remote(writer) => writer.is_broken(),
        };
        self.ledger.pending.is_empty() && !is_broken
    }

    /// Whether the lock stays when this is closed, until its lease ends: a write failed that may
    /// arrive yet.
    #[must_use]
    pub fn stays_locked(&self) -> bool {
        match &self.desk {
            Desk::File(_) => false,
            Desk::Remote(writer) => writer.stays_locked(),
        }
    }

    /// Gives the lock back.
    ///
    /// # Errors
    /// When that can't be written. What was recorded before is safe even then.
    pub async fn close(self) -> Result<(), StateError> {
        match self.desk {
            Desk::File(writer) => {
                drop(writer);
                Ok(())
            }
            Desk::Remote(writer) => writer.close().await,
        }
    }

    /// Writes down records, all in one write, then counts them in.
    ///
    /// # Errors
    /// When that can't be written.
    pub async fn record(&mut self, records: Vec<Record>) -> Result<(), StateError> {
        if records.is_empty() {
            return Ok(());
        }
        let records = self.stood.with_past(&self.ledger.bindings, records);
        let begun = Instant::now();
        match &mut self.desk {
            Desk::File(writer) => writer.append(&records).await?,
            Desk::Remote(writer) => writer.append(&records, self.journal_of).await?,
        }
        log("journal written", records.len(), begun);
        for record in records {
            self.ledger.absorb(record);
        }
        Ok(())
    }

    /// Writes the ledger whole and begins a new journal.
    pub(super) async fn compact(&mut self) -> Result<(), StateError> {
        self.ledger.generation += 1;
        self.ledger.records = 0;
        let begun = Instant::now();
        match &mut self.desk {
            Desk::File(writer) => writer.compact(&self.ledger, self.journal_of).await?,
            Desk::Remote(writer) => writer.compact(&self.ledger, self.journal_of).await?,
        }
        log(
            "ledger written",
            self.ledger.bindings.by_address.len(),
            begun,
        );
        self.journal_of = None;
        Ok(())
    }
}

/// Leaves word of a write, and of how long it took.
fn log(what: &str, records: usize, begun: Instant) {
    let microseconds = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
    tracing::debug!(records, microseconds, "{what}");
}
