//! A disk that is full when a test says so, in test builds only.

use std::path::Path;

/// Lets the n-th write, from 1, to a journal below a folder fail half-way, as on a full disk. Once.
#[cfg(feature = "failpoints")]
pub fn fill_disk(folder: &Path, write: usize) {
    let mut full = FULL.lock().unwrap_or_else(PoisonError::into_inner);
    full.insert(folder.to_owned(), write);
}

#[cfg(feature = "failpoints")]
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

/// The folders, with the writes that are left.
#[cfg(feature = "failpoints")]
static FULL: Mutex<BTreeMap<PathBuf, usize>> = Mutex::new(BTreeMap::new());

/// Whether this write to a file is the one that fails.
#[cfg(feature = "failpoints")]
pub(super) fn is_full(path: &Path) -> bool {
    let mut full = FULL.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = full.keys().find(|folder| path.starts_with(folder)).cloned();
    let Some(folder) = folder else { return false };
    let left = full.remove(&folder).unwrap_or_default();
    if left > 1 {
        full.insert(folder, left - 1);
    }
    left == 1
}

/// Without the feature `failpoints`, disks are as full as they are.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub(super) fn is_full(_path: &Path) -> bool {
    false
}
