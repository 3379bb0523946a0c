//! One writer at a time, of those who share a disk.
//!
//! The lock is the operating system's on an open file, so it ends with the process that holds
//! it, however that ends. What is written in the file only says who that is. Who breaks a lock puts
//! another file in the place of the one that is locked: its holder sees that it is not theirs.

use std::{
    fs::{File, TryLockError},
    io::{Seek, Write},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::folder::Folder;
use crate::state::{Owner, StateError, store::encode};

/// The file.
pub(super) const LOCK: &str = "lock";

/// How long a waiter sleeps between two tries: short enough to seem immediate.
const PAUSE: Duration = Duration::from_millis(50);

/// How long one who only asks may be in the way, and how often a taker looks meanwhile. To ask takes
/// microseconds.
const QUESTION: Duration = Duration::from_secs(1);
const INSTANT: Duration = Duration::from_millis(1);

/// The lock, held until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    folder: Folder,
}

impl Lock {
    /// Takes the lock of a folder, waiting for as long as is said.
    pub(super) async fn take(
        folder: &Folder,
        owner: &Owner,
        wait: Duration,
    ) -> Result<Self, StateError> {
        let begun = Instant::now();
        loop {
            let file = folder.lock_file(LOCK)?;
            match file.try_lock() {
                Ok(()) => {
                    let lock = Self {
                        file,
                        folder: folder.clone(),
                    };
                    // It may have been replaced after it was opened.
                    if lock.is_ours() {
                        return lock.signed(owner);
                    }
                }
                Err(TryLockError::WouldBlock) if begun.elapsed() < wait => {
                    sleep(PAUSE.min(wait)).await;
                }
                // It goes together with other questions, and with no lock.
                Err(TryLockError::WouldBlock)
                    if begun.elapsed() < wait + QUESTION && file.try_lock_shared().is_ok() =>
                {
                    drop(file);
                    sleep(INSTANT.mul_f64(1.0 + fastrand::f64())).await;
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(StateError::Held {
                        holder: holder(folder),
                        lease: None,
                    });
                }
                Err(TryLockError::Error(source)) => return Err(failed(folder, "lock", source)),
            }
        }
    }

    /// Puts a file that is locked, and says by whom, in the place of the one that is there: nobody
    /// else can lock it in between.
    pub(super) fn replace(folder: &Folder, owner: &Owner) -> Result<Self, StateError> {
        let text = serde_json::to_vec(owner).map_err(encode(LOCK))?;
        let file = folder.replace_by(LOCK, &text, |file| {
            file.try_lock().map_err(std::io::Error::from)
        })?;
        let folder = folder.clone();
        Ok(Self { file, folder })
    }

    /// Writes down whose it is.
    fn signed(mut self, owner: &Owner) -> Result<Self, StateError> {
        let text = serde_json::to_vec(owner).unwrap_or_default();
        let written = self
            .file
            .set_len(0)
            .and_then(|()| self.file.rewind())
            .and_then(|()| self.file.write_all(&text));
        match written {
            Ok(()) => Ok(self),
            Err(source) => Err(failed(&self.folder, "write", source)),
        }
    }

    /// Whether the file in the folder is the one that we have locked.
    pub(super) fn is_ours(&self) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            let here = self.file.metadata();
            let there = std::fs::metadata(self.folder.file(LOCK));
            matches!((here, there), (Ok(here), Ok(there))
                if (here.dev(), here.ino()) == (there.dev(), there.ino()))
        }
        // Elsewhere nobody can replace a file that is open.
        #[cfg(not(unix))]
        true
    }
}

fn failed(folder: &Folder, doing: &'static str, source: std::io::Error) -> StateError {
    StateError::Io {
        doing,
        path: folder.file(LOCK),
        source,
    }
}

impl Drop for Lock {
    /// Nobody holds it now: whoever finds it held again must not read our name.
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

/// Whether somebody holds the lock of a folder.
pub(super) fn is_held(folder: &Folder) -> Result<bool, StateError> {
    // Another open file: to ask takes nothing from whoever holds it.
    let file = folder.lock_file(LOCK)?;
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(source)) => Err(failed(folder, "lock", source)),
    }
}

/// Who wrote a lock file, as far as it can be read.
pub(super) fn holder(folder: &Folder) -> Option<Owner> {
    serde_json::from_slice(&folder.read(LOCK).ok()??).ok()
}
