//! A shelf in memory, for tests.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{Change, Document, Doing, Expect, Note, Shelf, ShelfError, Version};

/// A shelf in memory. Clones are the same shelf, seen by another machine.
#[derive(Clone, Default)]
pub struct MemoryShelf {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    documents: BTreeMap<String, Document>,
    writes: u64,
    /// How many documents may still be written, and what happens then.
    mishap: Option<(u64, Mishap)>,
    log: Vec<String>,
}

/// What may happen to the writing of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// It does not arrive.
    Lost,
    /// It is done, and the answer is lost.
    AnswerLost,
    /// Neither this one nor any later request is answered: the process may as well be dead.
    Down,
}

impl MemoryShelf {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets the writing of the document after `so_many` more go wrong.
    pub fn mishap(&self, so_many: u64, mishap: Mishap) {
        self.inner().mishap = Some((so_many, mishap));
    }

    /// From now on all goes well.
    pub fn mend(&self) {
        self.inner().mishap = None;
    }

    /// How many documents were written.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.inner().writes
    }

    /// The documents by name.
    #[must_use]
    pub fn documents(&self) -> BTreeMap<String, Vec<u8>> {
        let inner = self.inner();
        let documents = inner.documents.iter();
        documents
            .map(|(name, document)| (name.clone(), document.bytes.clone()))
            .collect()
    }

    /// What was written, and for what.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        self.inner().log.clone()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn check_up(&self) -> Result<(), ShelfError> {
        match self.mishap {
            Some((0, Mishap::Down)) => Err(unreachable()),
            Some(_) | None => Ok(()),
        }
    }

    /// What happens to the next document.
    fn next(&mut self) -> Option<Mishap> {
        let (left, mishap) = self.mishap.as_mut()?;
        if *left > 0 {
            *left -= 1;
            return None;
        }
        let mishap = *mishap;
        if mishap != Mishap::Down {
            self.mishap = None;
        }
        Some(mishap)
    }

    fn put(&mut self, change: &Change) -> Result<Version, ShelfError> {
        let mishap = self.next();
        if matches!(mishap, Some(Mishap::Lost | Mishap::Down)) {
            return Err(unreachable());
        }
        let now = self.documents.get(&change.name).map(|it| &it.version);
        let is_expected = match &change.expect {
            Expect::Absent => now.is_none(),
            Expect::Is(version) => now == Some(version),
            Expect::Any => true,
        };
        if !is_expected {
            return Err(ShelfError::Conflict {
                name: change.name.clone(),
            });
        }
        self.writes += 1;
        let version = Version(self.writes.to_string());
        let document = Document {
            bytes: change.bytes.clone(),
            version: version.clone(),
        };
        self.documents.insert(change.name.clone(), document);
        match mishap {
            Some(_) => Err(unreachable()),
            None => Ok(version),
        }
    }
}

impl Shelf for MemoryShelf {
    fn name(&self) -> String {
        "memory".to_owned()
    }

    fn read<'a>(&'a self, name: &'a str) -> Doing<'a, Option<Document>> {
        Box::pin(async move {
            let inner = self.inner();
            inner.check_up()?;
            Ok(inner.documents.get(name).cloned())
        })
    }

    fn list<'a>(&'a self, prefix: &'a str) -> Doing<'a, Vec<String>> {
        Box::pin(async move {
            let inner = self.inner();
            inner.check_up()?;
            let names = inner.documents.keys();
            Ok(names
                .filter(|name| name.starts_with(prefix))
                .cloned()
                .collect())
        })
    }

    fn write<'a>(&'a self, batch: &'a [Change], note: &'a Note) -> Doing<'a, Vec<Version>> {
        Box::pin(async move {
            let mut inner = self.inner();
            inner.check_up()?;
            let mut versions = Vec::new();
            for change in batch {
                versions.push(inner.put(change)?);
                let line = format!("{}: {}", change.name, note.subject);
                inner.log.push(line);
            }
            Ok(versions)
        })
    }

    fn delete<'a>(&'a self, names: &'a [String], _: &'a Note) -> Doing<'a, ()> {
        Box::pin(async move {
            let mut inner = self.inner();
            inner.check_up()?;
            for name in names {
                inner.documents.remove(name);
            }
            Ok(())
        })
    }
}

impl fmt::Debug for MemoryShelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryShelf").finish_non_exhaustive()
    }
}

fn unreachable() -> ShelfError {
    ShelfError::Unreachable("as told".to_owned())
}
