//! Where ledgers are kept.

mod file;
mod git;
mod locked;
mod migrate;
mod remote;
mod stood;
#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use self::{file::FileStore, git::GitShelf, remote::Remote};
use super::{
    Cipher, Ledger, Owner, Recorded, Review, Standing, StateError, format, review,
    shelf::{EncryptedShelf, Shelf},
};
use crate::model::{ApplyId, Record};

#[cfg(feature = "failpoints")]
pub use file::fill_disk;
pub use git::{Answering, git_in};
pub use locked::{Locked, Pending, Started};
pub use migrate::Migrated;

/// For how long a ledger that can't be reached is asked again, where nothing else is said.
const PATIENCE: Duration = Duration::from_secs(45);

/// Where the ledger of one target is kept.
#[derive(Clone, Debug)]
pub struct Store {
    backend: Backend,
    /// Where the ledger may have been left that this one is to go on with.
    former: Option<Former>,
}

/// The folder that ledgers are in where `state:` names nothing else.
#[derive(Clone, Debug)]
struct Former {
    file: FileStore,
    /// What the project file calls the place of the ledger that may not be begun.
    here: String,
}

#[derive(Clone, Debug)]
enum Backend {
    File(FileStore),
    Remote(Remote),
}

/// What a reading found.
struct Found {
    /// The ledger, the journal's records in it.
    ledger: Ledger,
    /// The apply that the journal is of.
    journal_of: Option<ApplyId>,
    /// The journal's records.
    records: Vec<Record>,
    /// Whether the journal is of an older format, to which nothing is added.
    is_older: bool,
}

impl Found {
    fn of(ledger: Ledger) -> Self {
        Self {
            ledger,
            journal_of: None,
            records: Vec::new(),
            is_older: false,
        }
    }

    /// Counts in what follows the ledger.
    fn replay(&mut self, records: Vec<Record>) {
        for record in &records {
            if let Record::Started { apply, .. } = record {
                self.journal_of = Some(*apply);
            }
            self.ledger.absorb(record.clone());
        }
        self.records.extend(records);
    }
}

impl Store {
    /// The ledger that is kept in a folder: `.makeform/<target>`.
    #[must_use]
    pub fn at(dir: &Path) -> Self {
        Self {
            backend: Backend::File(FileStore::at(dir)),
            former: None,
        }
    }

    /// The same, which the project file calls `here`, and which is not begun while the ledger is
    /// still in this folder, or has moved from there: what that knows to be ours would be nobody's.
    #[must_use]
    pub fn succeeding(self, dir: &Path, here: &str) -> Self {
        let former = Former {
            file: FileStore::at(dir),
            here: here.to_owned(),
        };
        Self {
            former: Some(former),
            ..self
        }
    }

    /// The same, whose documents are encrypted and decrypted by these commands.
    #[must_use]
    pub fn encrypted(self, cipher: Cipher) -> Self {
        let backend = match self.backend {
            Backend::File(file) => Backend::File(file.encrypted(cipher.clone())),
            Backend::Remote(remote) => Backend::Remote(Remote {
                shelf: Arc::new(EncryptedShelf::new(remote.shelf, cipher.clone())),
                ..remote
            }),
        };
        let former = self.former.map(|former| Former {
            file: former.file.encrypted(cipher),
            ..former
        });
        Self { backend, former }
    }

    /// The ledger of a target in a ref of the repository that its project's folder is in.
    #[must_use]
    pub fn in_git(project: &Path, target: &str, answering: Answering, lease: Duration) -> Self {
        Self::on(Arc::new(GitShelf::new(project, target, answering)), lease)
    }

    /// The ledger on a shelf. `lease`: how long a lock of ours lasts that is not renewed.
    #[must_use]
    pub fn on(shelf: Arc<dyn Shelf>, lease: Duration) -> Self {
        Self {
            backend: Backend::Remote(Remote {
                shelf,
                lease,
                patience: PATIENCE,
            }),
            former: None,
        }
    }

    /// The same with another lease.
    #[cfg(test)]
    pub(super) fn with_lease(mut self, length: Duration) -> Self {
        if let Backend::Remote(remote) = &mut self.backend {
            remote.lease = length;
        }
        self
    }

    /// The same, which is asked again for so long while it can't be reached.
    #[must_use]
    pub fn patient(self, patience: Duration) -> Self {
        let backend = match self.backend {
            Backend::File(file) => Backend::File(file),
            Backend::Remote(remote) => Backend::Remote(Remote { patience, ..remote }),
        };
        Self { backend, ..self }
    }

    /// Whether a lock of it stays when the process ends that holds it, until its lease does.
    #[must_use]
    pub fn outlives(&self) -> bool {
        matches!(self.backend, Backend::Remote(_))
    }

    /// Reads the ledger without a lock. What it gives is how things stood at one moment, even
    /// while another process writes.
    ///
    /// # Errors
    /// When it can't be read, is damaged, or is of a newer makeform.
    pub async fn read(&self) -> Result<Ledger, StateError> {
        Ok(self.find_living().await?.ledger)
    }

    /// The ledger as a document: what `state pull` shows and [`Locked::replace`] takes.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn pull(&self) -> Result<Vec<u8>, StateError> {
        format::ledger_to_bytes(&self.read().await?).map_err(encode(format::LEDGER))
    }

    /// Whether anything was ever written here. Who only reads leaves nothing behind.
    ///
    /// # Errors
    /// When that can't be found out.
    pub async fn is_begun(&self) -> Result<bool, StateError> {
        match &self.backend {
            Backend::File(file) => Ok(file.is_begun()),
            Backend::Remote(remote) => remote.is_begun().await,
        }
    }

    /// Whether others than this machine find it.
    ///
    /// # Errors
    /// When that can't be found out.
    pub async fn is_shared(&self) -> Result<bool, StateError> {
        match &self.backend {
            Backend::File(_) => Ok(false),
            Backend::Remote(remote) => remote.is_shared().await,
        }
    }

    /// Locks the ledger, waiting for as long as is said, and reads it.
    ///
    /// # Errors
    /// When somebody else holds the lock for longer; otherwise as [`Store::read`].
    pub async fn lock(&self, owner: &Owner, wait: Duration) -> Result<Locked, StateError> {
        let locked = self.lock_any(owner, wait).await?;
        if let Err(error) = self.check_counts(locked.ledger()).await {
            let _ = locked.close().await;
            return Err(error);
        }
        Ok(locked)
    }

    /// The same where it may have moved, or be on its way.
    async fn lock_any(&self, owner: &Owner, wait: Duration) -> Result<Locked, StateError> {
        match &self.backend {
            Backend::File(file) => {
                let (writer, found) = file.lock(owner, wait).await?;
                let is_older = found.is_older;
                let mut locked = Locked::new(locked::Desk::File(writer), found);
                if is_older {
                    locked.compact().await?;
                }
                Ok(locked)
            }
            Backend::Remote(remote) => {
                let (writer, found) = remote.lock(owner, wait).await?;
                Ok(Locked::new(locked::Desk::Remote(Box::new(writer)), found))
            }
        }
    }

    /// What was recorded of an apply, in order; none if there was no such apply.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn journal(&self, apply: ApplyId) -> Result<Option<Vec<Record>>, StateError> {
        let name = format::history(apply);
        if let Some(bytes) = self.document(&name).await? {
            let journal = format::journal_from_bytes(&self.path_of(&name), &bytes)?;
            return Ok(Some(journal.map(|it| it.records).unwrap_or_default()));
        }
        let found = self.find_living().await?;
        Ok((found.journal_of == Some(apply)).then_some(found.records))
    }

    /// Breaks the lock of the one who is named, and says whose it was; none if it was free. Whoever
    /// held it can write nothing more, nor send: where locks are leases, that takes half of one.
    ///
    /// # Errors
    /// When somebody else holds it by now; otherwise as [`Store::lock`].
    pub async fn unlock(&self, breaker: &Owner, of: &Owner) -> Result<Option<Owner>, StateError> {
        match &self.backend {
            Backend::File(file) => file.unlock(breaker, of).await,
            Backend::Remote(remote) => remote.unlock(breaker, of).await,
        }
    }

    /// Whether its locks end with a lease that was not renewed, and not with their process.
    #[must_use]
    pub fn has_leases(&self) -> bool {
        match &self.backend {
            Backend::File(_) => false,
            Backend::Remote(_) => true,
        }
    }

    /// Who holds the lock; none if it is free.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn holder(&self) -> Result<Option<Owner>, StateError> {
        match &self.backend {
            Backend::File(file) => file.holder(),
            Backend::Remote(remote) => remote.holder().await,
        }
    }

    async fn find_living(&self) -> Result<Found, StateError> {
        let found = self.find().await?;
        self.check_counts(&found.ledger).await?;
        Ok(found)
    }

    /// Refuses a ledger that is not the one of its target: that is elsewhere.
    async fn check_counts(&self, ledger: &Ledger) -> Result<(), StateError> {
        if ledger.standing != Standing::Living {
            return Err(migrate::not_living(self, ledger));
        }
        match &self.former {
            Some(former) if ledger.is_empty() => {
                migrate::check_none_left(self, &former.file, &former.here).await
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The plan that was recorded for review under a commit, in full; none if there was none.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn review(&self, commit: &str) -> Result<Option<Review>, StateError> {
        let Some(name) = review::document(commit) else {
            return Ok(None);
        };
        let bytes = self.document(&name).await?;
        let review = bytes.map(|bytes| review::from_bytes(&self.path_of(&name), &bytes));
        review.transpose()
    }

    /// Records a plan for review under its commit, where there is none yet. Needs no lock and
    /// hinders no apply: it is a document that nobody else writes.
    ///
    /// # Errors
    /// When it can't be written, or the commit is no full one.
    pub async fn record_review(&self, review: &Review) -> Result<Recorded, StateError> {
        let Some(name) = review::document(&review.commit) else {
            return Err(StateError::Damaged {
                path: review.commit.clone().into(),
                line: None,
                reason: "it is no full name of a commit".to_owned(),
            });
        };
        let bytes = review::to_bytes(review).map_err(encode(&name))?;
        match &self.backend {
            Backend::File(file) => file.put_if_absent(&name, bytes).await?,
            Backend::Remote(remote) => remote.put_if_absent(&name, bytes, review).await?,
        }
        Ok(match self.review(&review.commit).await? {
            Some(there) if there.digest != review.digest => Recorded::Taken(Box::new(there)),
            Some(_) | None => Recorded::Done,
        })
    }

    async fn find(&self) -> Result<Found, StateError> {
        match &self.backend {
            Backend::File(file) => file.read().await,
            Backend::Remote(remote) => remote.read().await,
        }
    }

    async fn document(&self, name: &str) -> Result<Option<Vec<u8>>, StateError> {
        match &self.backend {
            Backend::File(file) => file.document(name).await,
            Backend::Remote(remote) => remote.document(name).await,
        }
    }

    fn path_of(&self, document: &str) -> PathBuf {
        match &self.backend {
            Backend::File(file) => file.name_of(document).into(),
            Backend::Remote(remote) => remote.name_of(document).into(),
        }
    }
}

/// Why a value could not become the bytes of a document.
fn encode(name: &str) -> impl FnOnce(serde_json::Error) -> StateError {
    let path = PathBuf::from(name);
    move |error| StateError::Io {
        doing: "encode",
        path,
        source: error.into(),
    }
}
