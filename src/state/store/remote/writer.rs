//! The one writer of a shelf.

use std::sync::Arc;

use super::{
    Reading, Remote,
    lease::{Keeper, Lease, Taken},
    lock_file::token,
    note,
};
use crate::{
    model::{ApplyId, Record},
    state::{
        Ledger, Owner, StateError,
        format::{self, LEDGER},
        shelf::{Change, Expect, Note, ShelfError, Version},
        store::{Found, encode},
    },
};

/// Writes a ledger's documents, until it is closed.
#[derive(Debug)]
pub(in crate::state::store) struct Writer {
    remote: Remote,
    owner: Owner,
    lease: Arc<Lease>,
    keeper: Keeper,
    /// A number of this writer alone: no two write the same bytes.
    token: String,
    generation: u64,
    ledger: Option<Version>,
    segments: Vec<(String, bool)>,
    lines: Vec<u8>,
    /// After a write that failed nothing more is written.
    broken: bool,
    /// Whether what failed was sent all the same, and may arrive yet.
    may_arrive: bool,
}

impl Writer {
    /// Reads the ledger under a lease; where that was taken over, sees to it first that its former
    /// owner can write no more.
    pub(super) async fn open(
        remote: Remote,
        owner: Owner,
        taken: Taken,
    ) -> Result<(Self, Found), StateError> {
        let Taken {
            lease,
            from,
            keeper,
            lingers: _,
        } = taken;
        let Reading {
            found,
            ledger,
            segments,
            lines,
        } = match remote.find().await {
            Ok(reading) => reading,
            Err(error) => {
                // Nobody has to wait for a lease that was of no use. One that was taken over stays:
                // its former owner is not kept out yet.
                if from.is_none() {
                    let _ = lease.release(keeper).await;
                }
                return Err(error);
            }
        };
        let mut writer = Self {
            token: token()?,
            generation: found.ledger.generation,
            remote,
            owner,
            lease,
            keeper,
            ledger,
            segments,
            lines,
            broken: false,
            may_arrive: true,
        };
        let mut found = found;
        if let Some(from) = from {
            found = writer.fence(found, &from).await?;
        }
        Ok((writer, found))
    }

    /// Takes the number of the next segment, then begins the next generation. What the former owner
    /// wrote until then counts; what it writes from then on is refused.
    async fn fence(&mut self, mut found: Found, from: &Owner) -> Result<Found, StateError> {
        loop {
            let name = self.next_segment();
            let bytes = self.segment(&[], Some(from))?;
            let change = Change {
                name: name.clone(),
                bytes,
                expect: Expect::Absent,
            };
            let note = self.note(format!("no more is taken from {from}"));
            match self.lease.write(vec![change], &note).await {
                Ok(_) => {
                    self.segments.push((name, true));
                    let mut ledger = found.ledger.clone();
                    ledger.generation += 1;
                    ledger.records = 0;
                    match self.compact_to(&ledger, found.journal_of).await {
                        Ok(()) => {
                            // The journal of an apply that was killed is in the history now.
                            return Ok(Found::of(ledger));
                        }
                        Err(ShelfError::Conflict { name }) if name == LEDGER => {}
                        Err(error) => return Err(self.failed(error).await),
                    }
                }
                Err(ShelfError::Conflict { name: at }) if at == name => {}
                Err(error) => return Err(self.failed(error).await),
            }
            // The former owner was not done yet.
            let reading = self.remote.find().await?;
            self.generation = reading.found.ledger.generation;
            self.ledger = reading.ledger;
            self.segments = reading.segments;
            self.lines = reading.lines;
            found = reading.found;
        }
    }

    /// Writes records as the next segment and returns when they are durable.
    pub(in crate::state::store) async fn append(
        &mut self,
        records: &[Record],
        journal_of: Option<ApplyId>,
    ) -> Result<(), StateError> {
        self.usable()?;
        let mut lines = Vec::new();
        for record in records {
            lines.extend(format::record_line(record).map_err(encode("journal"))?);
        }
        let name = self.next_segment();
        let change = Change {
            name: name.clone(),
            bytes: self.segment(&lines, None)?,
            expect: Expect::Absent,
        };
        let note = note::of(records, journal_of, &self.owner);
        self.broken = true;
        match self.lease.write(vec![change], &note).await {
            Ok(_) => {
                self.broken = false;
                self.segments.push((name, false));
                self.lines.extend(lines);
                Ok(())
            }
            Err(error) => {
                self.may_arrive = !matches!(error, ShelfError::Crypt(_));
                Err(self.failed(error).await)
            }
        }
    }

    /// Writes the ledger whole; its next generation begins, with an empty journal.
    ///
    /// A crash between any two of the writes leaves what reads as before or as after: the history
    /// is a copy, and segments of an older generation count no more.
    pub(in crate::state::store) async fn compact(
        &mut self,
        ledger: &Ledger,
        journal_of: Option<ApplyId>,
    ) -> Result<(), StateError> {
        self.usable()?;
        self.broken = true;
        match self.compact_to(ledger, journal_of).await {
            Ok(()) => {
                self.broken = false;
                Ok(())
            }
            Err(error) => {
                self.may_arrive = !matches!(error, ShelfError::Crypt(_));
                Err(self.failed(error).await)
            }
        }
    }

    async fn compact_to(
        &mut self,
        ledger: &Ledger,
        journal_of: Option<ApplyId>,
    ) -> Result<(), ShelfError> {
        let refused = |error: serde_json::Error| ShelfError::Refused(error.to_string());
        let mut batch = Vec::new();
        if let Some(apply) = journal_of {
            let mut bytes = format::journal_head(self.generation).map_err(refused)?;
            bytes.extend(&self.lines);
            batch.push(Change {
                name: format::history(apply),
                bytes,
                expect: Expect::Any,
            });
        }
        batch.push(Change {
            name: LEDGER.to_owned(),
            bytes: format::ledger_to_bytes(ledger).map_err(refused)?,
            expect: match &self.ledger {
                Some(version) => Expect::Is(version.clone()),
                None => Expect::Absent,
            },
        });
        let subject = match journal_of {
            Some(apply) => format!("apply {apply} becomes history"),
            None => "begin a generation of the ledger".to_owned(),
        };
        let note = self.note(subject);
        let versions = self.lease.write(batch, &note).await?;
        self.ledger = versions.into_iter().next_back();
        self.generation = ledger.generation;
        self.lines.clear();
        let old = std::mem::take(&mut self.segments).into_iter();
        // A fence stays: whoever it keeps out may wake up at any time.
        let old = old.filter(|(_, is_fence)| !is_fence).map(|(name, _)| name);
        let old: Vec<String> = old.collect();
        if !old.is_empty() {
            // They count no more; that they are gone is only tidy.
            let _ = self.remote.shelf.delete(&old, &note).await;
        }
        Ok(())
    }

    /// Puts a document beside the ledger.
    pub(in crate::state::store) async fn keep(
        &mut self,
        name: &str,
        bytes: Vec<u8>,
    ) -> Result<(), StateError> {
        self.usable()?;
        let change = Change {
            name: name.to_owned(),
            bytes,
            expect: Expect::Any,
        };
        let note = self.note(format!("keep {name}"));
        match self.lease.write(vec![change], &note).await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.failed(error).await),
        }
    }

    pub(in crate::state::store) fn may_send(&self) -> Result<(), StateError> {
        self.lease.may_send()
    }

    pub(in crate::state::store) async fn ready(&self) -> Result<(), StateError> {
        self.lease.ready().await
    }

    /// Whether a write has failed, or was cut off.
    pub(in crate::state::store) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Whether closing leaves the lock to its lease.
    pub(in crate::state::store) fn stays_locked(&self) -> bool {
        self.broken && self.may_arrive
    }

    /// Gives the lock back. After a write that failed it is left to its lease: what was sent may
    /// arrive yet, and whoever takes it over keeps that out.
    pub(in crate::state::store) async fn close(self) -> Result<(), StateError> {
        if self.stays_locked() {
            return Ok(());
        }
        let released = self.lease.release(self.keeper).await;
        released.map_err(|error| self.remote.failed(error))
    }

    pub(in crate::state::store) fn name_of(&self, document: &str) -> String {
        self.remote.name_of(document)
    }

    fn next_segment(&self) -> String {
        format::segment(self.generation, self.segments.len() as u64 + 1)
    }

    fn segment(&self, lines: &[u8], from: Option<&Owner>) -> Result<Vec<u8>, StateError> {
        let number = self.segments.len() as u64 + 1;
        let head = format::segment_head(self.generation, number, &self.token, from);
        let mut bytes = head.map_err(encode("journal"))?;
        bytes.extend(lines);
        Ok(bytes)
    }

    fn note(&self, subject: String) -> Note {
        Note {
            subject,
            who: self.owner.who.clone(),
            trailers: Vec::new(),
        }
    }

    fn usable(&self) -> Result<(), StateError> {
        match self.broken {
            true => Err(StateError::Broken {
                place: self.name_of("the journal"),
            }),
            false => Ok(()),
        }
    }

    /// What a write that failed means: another writer is there, or nobody is.
    async fn failed(&self, error: ShelfError) -> StateError {
        match error {
            ShelfError::Conflict { .. } => self.lease.lost().await,
            error
            @ (ShelfError::Unreachable(_) | ShelfError::Refused(_) | ShelfError::Crypt(_)) => {
                self.remote.failed(error)
            }
        }
    }
}
