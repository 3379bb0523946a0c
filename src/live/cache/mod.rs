//! Blueprints that were read before, kept on this machine between runs.
//!
//! A blueprint costs a request, and hardly any changes between two runs. It is kept by what it is
//! (in `blobs/`, by SHA-256), and an index for each account says which scenario had it in which
//! [`Revision`]. What is found here is used only while the scenario's row shows that very revision;
//! `docs/reading.md` says what is trusted, and why.
//!
//! All of it is sealed with a key of the user's ([`CacheKey`]), since what is read holds secrets.
//!
//! It is a cache: nothing here fails a run. What is missing, cut off, altered or of another version
//! was never kept, and the account is asked. Two processes may use it at once: every file is
//! written aside and renamed, and the worst that one can do to the other is to make it read again.

mod blobs;
mod evidence;
mod index;
mod key;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use self::{
    blobs::Blobs,
    evidence::RowMoves,
    index::{Entry, Index},
};
pub use self::{evidence::Evidence, key::CacheKey};
use super::wire::zone::blueprint::Content;
use crate::model::{Account, Blueprint, Field, Live, Revision, digest_of, spec::Interface};

/// The most that all blueprints of one target take on disk, packed: those of about 60,000
/// scenarios of 12 kB.
const LIMIT: u64 = 256 * 1024 * 1024;

/// How long an edit must lie behind the moment at which its row was read. A second edit could have
/// the first one's time stamp otherwise, if stamps are coarser than the milliseconds they are
/// written in. It also has to cover that a `Date` counts whole seconds, and that the clocks of
/// Make's machines differ.
const MARGIN: SignedDuration = SignedDuration::from_secs(10);

/// The longest interface that is kept, in bytes of JSON: it stands in the index.
const LONGEST_INTERFACE: usize = 16 * 1024;

/// How often the index is written while a long read goes on, so that one that is given up was not
/// in vain.
const EVERY: Duration = Duration::from_secs(10);

/// Where the blueprints of one account are kept.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    account: String,
    key: CacheKey,
    refresh: bool,
}

impl Cache {
    /// The cache of an account in a folder that may hold those of others, and need not be there.
    /// All that is written is sealed with the key.
    #[must_use]
    pub fn at(folder: &Path, account: &Account, key: CacheKey) -> Self {
        let account = serde_json::json!([account.host, account.organization, account.team]);
        Self {
            folder: folder.to_owned(),
            account: digest_of(&account),
            key,
            refresh: false,
        }
    }

    /// The same cache, from which nothing is taken if `refresh`; what is read is kept all the same.
    #[must_use]
    pub fn refreshed(self, refresh: bool) -> Self {
        Self { refresh, ..self }
    }

    /// Remembers what an account has shown of its rows.
    pub fn learn(&self, evidence: Evidence) {
        if evidence == Evidence::default() {
            return;
        }
        let mut index = self.index();
        let known = index.evidence;
        index.evidence.add(evidence);
        if index.evidence != known {
            self.write(&index);
        }
    }

    fn index(&self) -> Index {
        Index::read(&self.folder, &self.account, &self.key)
    }

    /// Writes the index; whether that was possible.
    fn write(&self, index: &Index) -> bool {
        index.write(&self.folder, &self.account, &self.key)
    }

    /// What is kept.
    pub(super) fn open(&self) -> Opened {
        let index = self.index();
        Opened {
            blobs: Blobs::at(&self.folder, &self.key),
            cache: self.clone(),
            fresh: BTreeMap::new(),
            before: index.evidence,
            saved: Instant::now(),
            index,
        }
    }
}

/// The revision that a row shows, unless it was edited too shortly before it was read. `read_at`:
/// when that was at the earliest, by the server's clock.
pub(super) fn settled(revision: Revision, read_at: Option<Timestamp>) -> Option<Revision> {
    let until = read_at?.checked_sub(MARGIN).ok()?;
    (revision.edited_at <= until).then_some(revision)
}

/// A cache in use.
pub(super) struct Opened {
    cache: Cache,
    index: Index,
    blobs: Blobs,
    /// What was read in this run.
    fresh: BTreeMap<String, Entry>,
    /// What was known of the account's rows before this run.
    before: Evidence,
    saved: Instant,
}

impl Opened {
    /// What is known of the account's rows.
    pub(super) fn evidence(&self) -> Evidence {
        self.index.evidence
    }

    /// Remembers what the account shows of its rows.
    pub(super) fn learn(&mut self, evidence: Evidence) {
        self.index.evidence.add(evidence);
    }

    /// Whether rows can't be asked for custom properties, as far as that is taken from the cache.
    pub(super) fn lacks_properties(&self) -> bool {
        !self.cache.refresh && self.index.evidence.lacks_properties
    }

    /// The blueprint of a scenario, if its row shows the revision in which it was kept. With the
    /// interface, if that is asked for and rows are known to show that one was edited.
    pub(super) fn find(
        &self,
        live: &Live,
        with_interface: bool,
    ) -> Option<(Blueprint, Field<Interface>)> {
        let evidence = self.index.evidence;
        if self.cache.refresh || evidence.unseen_blueprint {
            return None;
        }
        let entry = self.index.scenarios.get(&live.id.to_string())?;
        if live.facts.revision.as_ref() != Some(&entry.revision) {
            return None;
        }
        let interface = match with_interface {
            true if evidence.rows_show_interfaces() == Some(true) => {
                Field::Set(entry.interface.clone()?)
            }
            true => return None,
            false => Field::Absent,
        };
        let packed = self.blobs.get(&entry.blob, entry.bytes)?;
        Some((Blueprint::from_packed(packed, &entry.digest), interface))
    }

    /// Keeps what was read of a scenario, if the answer is about the state that its row showed:
    /// the one or the other may be older, where somebody edits meanwhile. The name inside the
    /// blueprint need not be the row's: nothing is planned from it.
    pub(super) fn keep(&mut self, live: &Live, content: &Content) {
        let Some(revision) = &live.facts.revision else {
            return;
        };
        if content.edited_at != Some(revision.edited_at) {
            return;
        }
        let id = live.id.to_string();
        let digest = content.blueprint.digest();
        let known = self.index.scenarios.get(&id);
        let unmoved = known.filter(|known| known.revision == *revision);
        let mut evidence = Evidence::default();
        if let Some(known) = unmoved {
            evidence.unseen_blueprint = known.digest != digest;
            if known
                .interface
                .as_ref()
                .is_some_and(|it| *it != content.interface)
            {
                evidence.interfaces = RowMoves::No;
            }
        }
        let there = known.map(|known| (known.blob.as_str(), known.bytes));
        let Some((blob, bytes)) = self.blobs.put(&content.blueprint.packed(), there) else {
            return;
        };
        let entry = Entry {
            revision: revision.clone(),
            digest: digest.to_owned(),
            interface: kept_interface(&content.interface),
            blob,
            bytes,
        };
        if known != Some(&entry) {
            self.fresh.insert(id, entry);
        }
        self.learn(evidence);
        if self.saved.elapsed() >= EVERY {
            self.saved = Instant::now();
            self.blobs.finish();
            self.cache.write(&self.merged());
        }
    }

    /// Writes the index, and removes what nothing names any more. `listed`: all scenarios that
    /// there are.
    pub(super) fn save(self, listed: &[Live]) {
        let listed: BTreeSet<String> = listed.iter().map(|live| live.id.to_string()).collect();
        let is_gone = |id: &String| !listed.contains(id);
        let learned = self.index.evidence != self.before;
        if self.fresh.is_empty() && !learned && !self.index.scenarios.keys().any(is_gone) {
            return;
        }
        let mut index = self.merged();
        index.scenarios.retain(|id, _| !is_gone(id));
        index.bound(LIMIT);
        let Self {
            cache, mut blobs, ..
        } = self;
        blobs.gather(index.names());
        blobs.finish();
        if cache.write(&index) {
            let (folder, account) = (&cache.folder, &cache.account);
            blobs.sweep(&Index::named(folder, account, &cache.key, &index, LIMIT));
        }
    }

    /// The index as it is by now, which another process may have written, with what this one knows.
    fn merged(&self) -> Index {
        let mut index = self.cache.index();
        let fresh = self.fresh.iter();
        index
            .scenarios
            .extend(fresh.map(|(id, entry)| (id.clone(), entry.clone())));
        index.evidence.add(self.index.evidence);
        index
    }
}

/// An interface as it is kept; none if it is too long for that.
fn kept_interface(interface: &Interface) -> Option<Interface> {
    let length = serde_json::to_vec(interface).ok()?.len();
    (length <= LONGEST_INTERFACE).then(|| interface.clone())
}
