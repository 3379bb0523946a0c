//! Which scenario had which blueprint, in which revision: a file for each account.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use serde::{Deserialize, Serialize};

use super::{
    blobs::{prepare, write},
    evidence::Evidence,
    key::{CacheKey, Text},
};
use crate::model::{Revision, spec::Interface};

/// What is written by another version is not read: it may compute digests in another way.
const FORMAT: &str = concat!("makeform/cache/3 ", env!("CARGO_PKG_VERSION"));

/// The index of one account.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Index {
    format: String,
    /// Whose it is.
    account: String,
    /// What its rows were seen to do.
    pub(super) evidence: Evidence,
    /// The scenarios, by id.
    pub(super) scenarios: BTreeMap<String, Entry>,
}

/// A scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Entry {
    /// What its row showed when the blueprint was read.
    pub(super) revision: Revision,
    /// The blueprint's digest.
    pub(super) digest: String,
    /// The interface that was read with it, unless it was too long.
    pub(super) interface: Option<Interface>,
    /// The name of the blob that holds the blueprint.
    pub(super) blob: String,
    /// The length of the blob.
    pub(super) bytes: u64,
}

impl Index {
    /// The index of an account; an empty one if it is not there as it was written.
    pub(super) fn read(folder: &Path, account: &str, key: &CacheKey) -> Self {
        let read = Self::read_file(&file(folder, account), key);
        read.filter(|index| index.account == account)
            .unwrap_or_else(|| Self {
                format: FORMAT.to_owned(),
                account: account.to_owned(),
                evidence: Evidence::default(),
                scenarios: BTreeMap::new(),
            })
    }

    fn read_file(path: &Path, key: &CacheKey) -> Option<Self> {
        let text = key.open(Text::Index, &fs::read(path).ok()?)?;
        let index: Self = serde_json::from_slice(&text).ok()?;
        (index.format == FORMAT).then_some(index)
    }

    /// Writes it; whether that was possible.
    pub(super) fn write(&self, folder: &Path, account: &str, key: &CacheKey) -> bool {
        let text = serde_json::to_vec(self).ok();
        let Some(sealed) = text.and_then(|text| key.seal(Text::Index, &text)) else {
            return false;
        };
        let path = file(folder, account);
        let write = || write(&path, &sealed);
        write()
            .or_else(|_| prepare(folder).and_then(|()| write()))
            .is_ok()
    }

    /// Lets go of what is more than a limit, in bytes.
    pub(super) fn bound(&mut self, limit: u64) {
        let mut total = 0_u64;
        self.scenarios.retain(|_, entry| {
            total = total.saturating_add(entry.bytes);
            total <= limit
        });
    }

    /// The blobs that any index of a folder names. Indexes of other accounts go, the oldest
    /// first, where all of it would be more than the limit, and so do those that can't be read:
    /// of another key, or in the clear as earlier versions wrote them.
    pub(super) fn named(
        folder: &Path,
        account: &str,
        key: &CacheKey,
        own: &Self,
        limit: u64,
    ) -> BTreeSet<String> {
        let mut total = own.size();
        let mut named: BTreeSet<String> = own.blobs().collect();
        for path in others(folder, account) {
            let kept = Self::read_file(&path, key)
                .filter(|other| total.saturating_add(other.size()) <= limit);
            match kept {
                Some(other) => {
                    total = total.saturating_add(other.size());
                    named.extend(other.blobs());
                }
                None => drop(fs::remove_file(path)),
            }
        }
        named
    }

    /// The names of the blobs, each with its length.
    pub(super) fn names(&mut self) -> impl Iterator<Item = (&mut String, u64)> {
        let entries = self.scenarios.values_mut();
        entries.map(|entry| (&mut entry.blob, entry.bytes))
    }

    fn blobs(&self) -> impl Iterator<Item = String> {
        self.scenarios.values().map(|entry| entry.blob.clone())
    }

    fn size(&self) -> u64 {
        let sizes = self.scenarios.values().map(|entry| entry.bytes);
        sizes.fold(0, u64::saturating_add)
    }
}

fn file(folder: &Path, account: &str) -> PathBuf {
    let short = account.strip_prefix("sha256:").unwrap_or(account);
    folder.join(format!("{}.index", short.get(..16).unwrap_or(short)))
}

/// The indexes of other accounts, the latest first.
fn others(folder: &Path, account: &str) -> Vec<PathBuf> {
    let own = file(folder, account);
    let mut found: Vec<(SystemTime, PathBuf)> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            *path != own
                && path
                    .extension()
                    .is_some_and(|end| end == "index" || end == "json")
        })
        .map(|path| {
            let written = fs::metadata(&path).and_then(|data| data.modified());
            (written.unwrap_or(SystemTime::UNIX_EPOCH), path)
        })
        .collect();
    found.sort();
    found.into_iter().rev().map(|(_, path)| path).collect()
}
