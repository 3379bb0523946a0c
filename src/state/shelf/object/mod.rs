//! A ledger in an object store: S3 and what speaks like it, Google Cloud Storage, Azure Blob Storage.
//!
//! Every write is conditional: on there being no object of that name, or on the object being the one
//! that was read. The store decides, so that of two writers one is refused. Nothing is sent twice
//! here: reads are repeated a few times, writes never, since nobody knows whether one whose answer was
//! lost was done.

mod failure;
mod open;
#[cfg(test)]
mod tests;
mod web;

use std::{fmt, sync::Arc};

use futures_util::TryStreamExt as _;
use object_store::{
    Error, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, PutPayload, UpdateVersion,
    memory::InMemory, path::Path,
};

use self::failure::{Failure, failure};
use super::{Change, Document, Doing, Expect, Note, Shelf, ShelfError, Version};

pub use self::open::{ObjectSetting, OpenError};

/// The documents of one target, in an object store.
#[derive(Clone)]
pub struct ObjectShelf {
    /// What people call it.
    name: String,
    /// Sends each write once.
    writes: Arc<dyn ObjectStore>,
    /// Repeats what was not answered.
    reads: Arc<dyn ObjectStore>,
    /// What comes before the names of documents.
    root: Path,
    /// Whether objects are told apart by their generations, as Google does, or by their ETags.
    by_generation: bool,
}

impl ObjectShelf {
    /// One in memory, for tests: the crate's own, which has conditional writes too.
    #[must_use]
    pub fn in_memory() -> Self {
        let store = Arc::new(InMemory::new());
        Self {
            name: "memory://".to_owned(),
            writes: Arc::clone(&store) as _,
            reads: store,
            root: Path::from("ledgers/main"),
            by_generation: false,
        }
    }

    fn path(&self, name: &str) -> Path {
        Path::from(format!("{}/{name}", self.root))
    }

    fn failed(&self, doing: &str, error: &Error) -> ShelfError {
        failure(error).of(&format!("failed to {doing} {}", self.name))
    }

    /// Which writing of an object it is.
    fn version(
        &self,
        tag: Option<String>,
        generation: Option<String>,
    ) -> Result<Version, ShelfError> {
        let version = match self.by_generation {
            true => generation,
            false => tag,
        };
        version.map(Version).ok_or_else(|| {
            ShelfError::Refused(format!(
                "{} does not tell versions of objects apart, so that nobody could be kept from \
                 writing over somebody else's",
                self.name
            ))
        })
    }

    async fn get(&self, name: &str) -> Result<Option<Document>, ShelfError> {
        let failed = |error| self.failed("read", &error);
        let found = match self.reads.get(&self.path(name)).await {
            Ok(found) => found,
            Err(error) => {
                return match failure(&error) {
                    Failure::Missing => Ok(None),
                    Failure::Conflict | Failure::Refused(_) | Failure::Unreachable(_) => {
                        Err(failed(error))
                    }
                };
            }
        };
        let version = self.version(found.meta.e_tag.clone(), found.meta.version.clone())?;
        let bytes = found.bytes().await.map_err(failed)?.to_vec();
        Ok(Some(Document { bytes, version }))
    }

    async fn names(&self, prefix: &str) -> Result<Vec<String>, ShelfError> {
        // The library lists folders; what begins so within one is ours to see.
        let folder = prefix.rsplit_once('/').map_or("", |(folder, _)| folder);
        let listed = self.reads.list(Some(&self.path(folder)));
        let found: Vec<_> = listed
            .try_collect()
            .await
            .map_err(|error| self.failed("list", &error))?;
        let root = format!("{}/", self.root);
        let names = found.iter().filter_map(|object| {
            let name = object.location.as_ref().strip_prefix(&root)?;
            name.starts_with(prefix).then(|| name.to_owned())
        });
        Ok(names.collect())
    }

    /// S3 refuses a write also while another conditional one of the same object is under way (409):
    /// whoever repeats writes looks whether anything has changed.
    async fn put(&self, change: &Change) -> Result<Version, ShelfError> {
        let mode = match &change.expect {
            Expect::Absent => PutMode::Create,
            Expect::Is(Version(version)) => {
                let version = Some(version.clone());
                PutMode::Update(match self.by_generation {
                    true => UpdateVersion {
                        e_tag: None,
                        version,
                    },
                    false => UpdateVersion {
                        e_tag: version,
                        version: None,
                    },
                })
            }
            Expect::Any => PutMode::Overwrite,
        };
        let payload = PutPayload::from(change.bytes.clone());
        let options = PutOptions::from(mode);
        let path = self.path(&change.name);
        match self.writes.put_opts(&path, payload, options).await {
            Ok(done) => self.version(done.e_tag, done.version),
            Err(error) => Err(match failure(&error) {
                Failure::Conflict => ShelfError::Conflict {
                    name: change.name.clone(),
                },
                Failure::Missing | Failure::Refused(_) | Failure::Unreachable(_) => {
                    self.failed("write to", &error)
                }
            }),
        }
    }
}

impl Shelf for ObjectShelf {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn read<'a>(&'a self, name: &'a str) -> Doing<'a, Option<Document>> {
        Box::pin(self.get(name))
    }

    fn list<'a>(&'a self, prefix: &'a str) -> Doing<'a, Vec<String>> {
        Box::pin(self.names(prefix))
    }

    fn write<'a>(&'a self, batch: &'a [Change], _: &'a Note) -> Doing<'a, Vec<Version>> {
        Box::pin(async move {
            let mut versions = Vec::with_capacity(batch.len());
            for change in batch {
                versions.push(self.put(change).await?);
            }
            Ok(versions)
        })
    }

    fn delete<'a>(&'a self, names: &'a [String], _: &'a Note) -> Doing<'a, ()> {
        Box::pin(async move {
            for name in names {
                match self.reads.delete(&self.path(name)).await {
                    Ok(()) => {}
                    Err(error) if matches!(failure(&error), Failure::Missing) => {}
                    Err(error) => return Err(self.failed("delete from", &error)),
                }
            }
            Ok(())
        })
    }
}

impl fmt::Debug for ObjectShelf {
    /// Without the stores, which hold credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectShelf")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
