//! One writer at a time.
//!
//! The lock is the operating system's on an open file, so it ends with the process that holds
//! it, however that ends. What is written in the file only says who that is.

use std::{
    fmt,
    fs::{File, TryLockError},
    io::{Seek, Write},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::StateError;

/// How long a waiter sleeps between two tries: short enough to seem immediate.
const PAUSE: Duration = Duration::from_millis(50);

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// `user@host`.
    pub who: String,
    /// The process.
    pub pid: u32,
    /// What it does: `makeform apply`.
    pub command: String,
    /// Since when.
    pub since: Timestamp,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            who,
            pid,
            command,
            since,
        } = self;
        write!(f, "{who} (`{command}`, process {pid}, since {since:.0})")
    }
}

/// The lock, held until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock on an open file, waiting for as long as is said.
    pub(super) fn take(
        mut file: File,
        path: &Path,
        owner: &Owner,
        wait: Duration,
    ) -> Result<Self, StateError> {
        let io = |doing| {
            move |source| StateError::Io {
                doing,
                path: path.to_owned(),
                source,
            }
        };
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if begun.elapsed() < wait => {
                    thread::sleep(PAUSE.min(wait));
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(StateError::Held {
                        holder: holder(path),
                    });
                }
                Err(TryLockError::Error(source)) => return Err(io("lock")(source)),
            }
        }
        file.set_len(0).map_err(io("write"))?;
        file.rewind().map_err(io("write"))?;
        let text = serde_json::to_vec(owner).unwrap_or_default();
        file.write_all(&text).map_err(io("write"))?;
        Ok(Self { file })
    }
}

impl Drop for Lock {
    /// Nobody holds it now: whoever finds it held again must not read our name.
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

/// Who wrote a lock file, as far as it can be read.
fn holder(path: &Path) -> Option<Owner> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}
