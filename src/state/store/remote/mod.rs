//! A ledger on a shelf: in a git ref, in an object store.
//!
//! | document | holds |
//! |---|---|
//! | `ledger.json` | the ledger as it was when its generation began |
//! | `journal/G-N.jsonl` | what was recorded since, N counting from 1 in generation G |
//! | `history/A.jsonl` | the journal of apply A, once it is part of the ledger |
//! | `lock.json` | who may write |
//!
//! A segment of the journal is written only where there is none of its number: that is the fence.
//! Whoever takes a lock over writes the next segment, and then the ledger of the next generation. A
//! former owner that wakes up finds its next number taken, and its ledger changed.

mod lease;
mod lock_file;
mod note;
mod write;
mod writer;

use std::{path::PathBuf, sync::Arc, time::Duration};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::time::sleep;

use self::write::{Patience, read, surely};
use super::Found;
use crate::state::{
    Ledger, Owner, Review, StateError,
    format::{self, LEDGER, LOCK},
    shelf::{Change, Doing, Expect, Note, Shelf, ShelfError, Version},
};

pub(super) use self::writer::Writer;

/// How often a reader looks again when a writer replaced documents between its reads.
const LOOKS: u32 = 20;
/// How many documents are read at once.
const AT_ONCE: usize = 16;

/// A shelf with a ledger on it.
#[derive(Clone, Debug)]
pub(super) struct Remote {
    pub(super) shelf: Arc<dyn Shelf>,
    /// How long a lease of ours lasts unrenewed.
    pub(super) lease: Duration,
    /// For how long it is asked again while it can't be reached.
    pub(super) patience: Duration,
}

/// What a reading found, and where writing goes on.
struct Reading {
    found: Found,
    /// Which writing of the ledger it is; none if there is none yet.
    ledger: Option<Version>,
    /// The segments of its journal, from the first: their names, and whether each is a fence.
    segments: Vec<(String, bool)>,
    /// The lines of the records in them.
    lines: Vec<u8>,
}

impl Remote {
    pub(super) async fn read(&self) -> Result<Found, StateError> {
        Ok(self.find().await?.found)
    }

    pub(super) async fn is_shared(&self) -> Result<bool, StateError> {
        let shared = self.shelf.is_shared().await;
        shared.map_err(|error| self.failed(error))
    }

    pub(super) async fn is_begun(&self) -> Result<bool, StateError> {
        for name in [LEDGER, LOCK] {
            if self.document(name).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A document beside the ledger.
    pub(super) async fn document(&self, name: &str) -> Result<Option<Vec<u8>>, StateError> {
        let document = read(self.shelf.as_ref(), name, self.patience).await;
        let document = document.map_err(|error| self.failed(error))?;
        Ok(document.map(|document| document.bytes))
    }

    /// Writes a document, unless there is one of that name.
    pub(super) async fn put_if_absent(
        &self,
        name: &str,
        bytes: Vec<u8>,
        review: &Review,
    ) -> Result<(), StateError> {
        let change = Change {
            name: name.to_owned(),
            bytes,
            expect: Expect::Absent,
        };
        let note = Note {
            subject: format!("plan of {} for review", review.target),
            who: review.by.clone(),
            trailers: vec![
                ("Digest", review.digest.clone()),
                ("Commit", review.commit.clone()),
            ],
        };
        match surely(self.shelf.as_ref(), &[change], &note, self.patience).await {
            Ok(_) | Err(ShelfError::Conflict { .. }) => Ok(()),
            Err(error) => Err(self.failed(error)),
        }
    }

    pub(super) async fn lock(
        &self,
        owner: &Owner,
        wait: Duration,
    ) -> Result<(Writer, Found), StateError> {
        let taken = lease::take(self, owner, wait, None).await?;
        Writer::open(self.clone(), owner.clone(), taken).await
    }

    pub(super) async fn unlock(
        &self,
        breaker: &Owner,
        of: &Owner,
    ) -> Result<Option<Owner>, StateError> {
        if lease::holder(self).await?.is_none() {
            return Ok(None);
        }
        let taken = lease::take(self, breaker, Duration::ZERO, Some(of)).await?;
        let (holder, lingers) = (taken.from.clone(), taken.lingers);
        let (writer, _) = Writer::open(self.clone(), breaker.clone(), taken).await?;
        // Until the former owner can't send any more, however long it hears nothing of this: what
        // the next one reads of the account is then all that there will be.
        tokio::time::sleep(lingers).await;
        writer.close().await?;
        Ok(holder)
    }

    /// The documents whose names begin so.
    pub(super) async fn list(&self, prefix: &str) -> Result<Vec<String>, StateError> {
        let mut patience = Patience::new(self.patience);
        loop {
            let listed = async {
                self.shelf.refresh().await?;
                self.shelf.list(prefix).await
            };
            match listed.await {
                Ok(names) => return Ok(names),
                Err(error) => {
                    let waited = patience.after(error).await;
                    waited.map_err(|error| self.failed(error))?;
                }
            }
        }
    }

    pub(super) async fn holder(&self) -> Result<Option<Owner>, StateError> {
        lease::holder(self).await
    }

    /// What a document is called in messages.
    pub(super) fn name_of(&self, document: &str) -> String {
        format!("{document} in {}", self.shelf.name())
    }

    fn path_of(&self, document: &str) -> PathBuf {
        self.name_of(document).into()
    }

    fn failed(&self, source: ShelfError) -> StateError {
        let place = self.shelf.name();
        match source {
            ShelfError::Crypt(source) => StateError::Crypt { place, source },
            source @ (ShelfError::Conflict { .. }
            | ShelfError::Unreachable(_)
            | ShelfError::Refused(_)) => StateError::Remote { place, source },
        }
    }

    /// Reads the ledger and replays the journal that follows it.
    async fn find(&self) -> Result<Reading, StateError> {
        let mut patience = Patience::new(self.patience);
        for look in 0..LOOKS {
            match self.look().await {
                Ok(Ok(Some(reading))) => return Ok(reading),
                Ok(Ok(None)) => sleep(Duration::from_millis(u64::from(look) * 20)).await,
                Ok(Err(error)) => return Err(error),
                Err(error) => {
                    let waited = patience.after(error).await;
                    waited.map_err(|error| self.failed(error))?;
                }
            }
        }
        Err(StateError::Damaged {
            path: self.path_of(LEDGER),
            line: None,
            reason: "segments of the journal that follows it are missing".to_owned(),
        })
    }

    /// Reads all once; none if somebody wrote the ledger meanwhile.
    async fn look(&self) -> Result<Result<Option<Reading>, StateError>, ShelfError> {
        let shelf = self.shelf.as_ref();
        shelf.refresh().await?;
        let document = shelf.read(LEDGER).await?;
        let (ledger, version) = match document {
            Some(document) => {
                match format::ledger_from_bytes(&self.path_of(LEDGER), &document.bytes) {
                    Ok(ledger) => (ledger, Some(document.version)),
                    Err(error) => return Ok(Err(error)),
                }
            }
            None => (Ledger::default(), None),
        };
        let names = shelf.list("journal/").await?;
        let numbers = names.iter().filter_map(|name| format::segment_number(name));
        let mut own: Vec<u64> = Vec::new();
        for (generation, number) in numbers {
            if generation > ledger.generation {
                return Ok(Ok(None));
            }
            if generation == ledger.generation {
                own.push(number);
            }
        }
        own.sort_unstable();
        if own
            .iter()
            .zip(1..)
            .any(|(number, expected)| *number != expected)
        {
            return Ok(Ok(None));
        }
        let names: Vec<String> = own
            .into_iter()
            .map(|number| format::segment(ledger.generation, number))
            .collect();
        let reads: Vec<Doing<'_, _>> = names.iter().map(|name| shelf.read(name)).collect();
        let documents: Vec<_> = stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
        if shelf.read(LEDGER).await?.map(|document| document.version) != version {
            return Ok(Ok(None));
        }
        let mut reading = Reading {
            found: Found::of(ledger),
            ledger: version,
            segments: Vec::new(),
            lines: Vec::new(),
        };
        for (name, document) in names.into_iter().zip(documents) {
            let Some(document) = document else {
                return Ok(Ok(None));
            };
            match format::journal_from_bytes(&self.path_of(&name), &document.bytes) {
                Ok(Some(journal)) => {
                    let first = document.bytes.iter().position(|byte| *byte == b'\n');
                    let lines = document.bytes.get(first.map_or(0, |at| at + 1)..);
                    reading.lines.extend(lines.unwrap_or_default());
                    reading.segments.push((name, journal.is_fence));
                    reading.found.replay(journal.records);
                }
                Ok(None) => {
                    return Ok(Err(StateError::Damaged {
                        path: self.path_of(&name),
                        line: None,
                        reason: "it ends too early".to_owned(),
                    }));
                }
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(Some(reading)))
    }
}
