//! The budget in a file of the user's cache folder, so that commands know of each other.
//!
//! It is a cache: written aside and renamed, so that nobody reads half of it, but not synced. A
//! second file is the lock, which is held only while the budget is looked at. Nothing here ever
//! fails a request: without the file, a process counts for itself.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, UNIX_EPOCH},
};

use tokio::time::{Instant, sleep};

use super::budget::{Budget, Millis};

/// For how long a lock that is held is tried. Nobody holds it for longer than one look takes,
/// unless the process was stopped in the middle of it.
const PATIENCE: Duration = Duration::from_secs(2);

/// More than this is no budget.
const LARGEST: u64 = 4 * 1024 * 1024;

/// The file of one organization.
#[derive(Debug)]
pub(super) struct Shared {
    folder: PathBuf,
    path: PathBuf,
    lock: File,
    /// Whether somebody kept the lock. This process counts for itself from then on: what it
    /// sends meanwhile is not in the file, and reading that again would forget it.
    given_up: AtomicBool,
}

/// The lock, held.
pub(super) struct Held<'a>(&'a Shared);

impl Shared {
    /// The file of an organization in the cache folder, which is made if it is not there.
    pub(super) fn open(folder: &Path, name: &str) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join(format!("{name}.lock")))?;
        Ok(Self {
            folder: folder.to_path_buf(),
            path: folder.join(format!("{name}.json")),
            lock,
            given_up: AtomicBool::new(false),
        })
    }

    /// Takes the lock; none if somebody keeps it, then and ever after.
    pub(super) async fn hold(&self) -> Option<Held<'_>> {
        if self.given_up.load(Ordering::Relaxed) {
            return None;
        }
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            match self.lock.try_lock() {
                Ok(()) => return Some(Held(self)),
                // Not in step with others who wait.
                Err(TryLockError::WouldBlock) => {
                    sleep(Duration::from_millis(fastrand::u64(1..5))).await;
                }
                Err(TryLockError::Error(_)) => break,
            }
        }
        self.given_up.store(true, Ordering::Relaxed);
        None
    }
}

impl Held<'_> {
    /// The budget as it was last written; none if there is no file. Of one that can't be read
    /// everything has to be assumed: that the whole limit was used when it was last written.
    pub(super) fn read(&self, window: Millis) -> Option<Budget> {
        let read = || -> io::Result<Budget> {
            if fs::metadata(&self.0.path)?.len() > LARGEST {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            Ok(serde_json::from_slice(&fs::read(&self.0.path)?)?)
        };
        match read() {
            Ok(budget) => Some(budget),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(_) => Some(Budget::closed(self.written() + window)),
        }
    }

    /// Writes the budget; what can't be written is not shared.
    pub(super) fn write(&self, budget: &Budget) {
        let write = || -> io::Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(&self.0.folder)?;
            file.write_all(&serde_json::to_vec(budget)?)?;
            file.persist(&self.0.path)?;
            Ok(())
        };
        let _ = write();
    }

    /// When the file was last written, as well as the file system knows.
    fn written(&self) -> Millis {
        let modified = fs::metadata(&self.0.path).and_then(|data| data.modified());
        modified
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
            .and_then(|since| Millis::try_from(since.as_millis()).ok())
            .unwrap_or(0)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // A lock that can't be given back goes with the process.
        let _ = self.0.lock.unlock();
    }
}
