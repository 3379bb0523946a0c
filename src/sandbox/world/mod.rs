//! A world: an account of Make in a folder, and the door through which it is used.

mod exchange;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::live::transport::{Request, Response};
use crate::sandbox::beginning;
use crate::sandbox::counts::Stats;
use crate::sandbox::dialect::Dialect;
use crate::sandbox::engine::watch::{Looks, Watch};
use crate::sandbox::error::WorldError;
use crate::sandbox::fault::{Fault, FaultState, Faults, Latency};
use crate::sandbox::hook_door::Taken;
use crate::sandbox::limit::{Limits, PlanName};
use crate::sandbox::oauth;
use crate::sandbox::options::WorldOptions;
use crate::sandbox::quirk::Quirks;
use crate::sandbox::rendered::Rendered;
use crate::sandbox::store::{Batch, Store};
use crate::sandbox::token::{self, NewToken, TokenKind};

/// The file of a world within its folder.
const FILE: &str = "world.redb";

/// An emulated account, open. Clones are the same world.
#[derive(Clone)]
pub struct World {
    pub(super) inner: Arc<Inner>,
    dialect: Dialect,
}

pub(super) struct Inner {
    folder: PathBuf,
    pub(super) store: Store,
    plan: Option<PlanName>,
    limits: Option<Limits>,
    /// What hooks took.
    pub(super) taken: Taken,
    /// Where hooks take requests, once the world is served.
    pub(super) hooks_at: OnceLock<String>,
    /// What is known of when something is due.
    pub(super) watch: Watch,
    /// The executions that were looked at.
    looks: Looks,
    /// Blueprints as they were shown, where the world is served.
    rendered: Rendered,
    quirks: Mutex<Quirks>,
    latency: Mutex<Latency>,
    faults: Mutex<Faults>,
}

impl World {
    /// Whether a folder holds a world.
    #[must_use]
    pub fn is_at(folder: &Path) -> bool {
        folder.join(FILE).is_file()
    }

    /// Opens the world in `folder`, or makes a new one there: an organization with one team,
    /// four people and a few connections. Other processes may have it open too.
    pub fn open(folder: &Path, options: WorldOptions) -> Result<Self, WorldError> {
        fs::create_dir_all(folder).map_err(|source| WorldError::Folder {
            path: folder.to_path_buf(),
            source,
        })?;
        let store = Store::open(folder.join(FILE), beginning::fill)?;
        let WorldOptions {
            plan,
            quirks,
            latency,
            faults: rules,
            window,
            minute,
        } = options;
        let mut faults = Faults::default();
        for rule in rules {
            faults.add(rule);
        }
        let limits = plan.and_then(|plan| Limits::of(plan, window, minute));
        let folder = folder.to_path_buf();
        Ok(Self {
            inner: Arc::new(Inner {
                folder,
                store,
                plan,
                limits,
                taken: Taken::default(),
                hooks_at: OnceLock::new(),
                watch: Watch::default(),
                looks: Looks::default(),
                rendered: Rendered::default(),
                quirks: Mutex::new(quirks),
                latency: Mutex::new(latency),
                faults: Mutex::new(faults),
            }),
            dialect: Dialect::Zone,
        })
    }

    /// The same world, answering in this dialect.
    #[must_use]
    pub fn speaking(&self, dialect: Dialect) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            dialect,
        }
    }

    /// The dialect that it answers in.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The folder that the world is kept in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.inner.folder
    }

    /// Makes the world as if it were new; the counts of requests start again too.
    pub fn reset(&self) -> Result<(), WorldError> {
        self.inner.store.reset(beginning::fill)
    }

    /// The requests that were answered, by this process up to now and by others as far as they
    /// have written them down (which they do at the latest when they end); and those that this
    /// process has refused with 429.
    pub fn stats(&self) -> Result<Stats, WorldError> {
        let mut stats = self.inner.store.requests().map(Stats::from)?;
        stats.limited = self.inner.limits.as_ref().map_or(0, Limits::refused);
        Ok(stats)
    }

    /// Changes objects directly, past the API and uncounted: all that `change` does is one
    /// transaction, kept if it returns `Ok` and dropped if not. Rules that the API enforces are
    /// the caller's to keep.
    ///
    /// ```no_run
    /// # use makeform::sandbox::{Collection, World, WorldError, WorldOptions};
    /// # fn main() -> Result<(), WorldError> {
    /// # let world = World::open(std::path::Path::new("w"), WorldOptions::default())?;
    /// world.batch(|batch| {
    ///     let id = batch.next_id(Collection::Keys)?;
    ///     let key = serde_json::json!({ "id": id, "name": "CRM", "teamId": 1 });
    ///     batch.put(Collection::Keys, id, &key)
    /// })
    /// # }
    /// ```
    pub fn batch<T>(
        &self,
        change: impl FnOnce(&mut Batch<'_>) -> Result<T, WorldError>,
    ) -> Result<T, WorldError> {
        let result = self.inner.store.write(change);
        self.inner.watch.look_again();
        result
    }

    /// How the world answers what Make leaves open.
    #[must_use]
    pub fn quirks(&self) -> Quirks {
        *held(&self.inner.quirks)
    }

    /// Answers from now on, in this process, as `quirks` say.
    pub fn set_quirks(&self, quirks: Quirks) {
        *held(&self.inner.quirks) = quirks;
    }

    /// How long every answer of this process takes, beside the work on it.
    #[must_use]
    pub fn latency(&self) -> Latency {
        *held(&self.inner.latency)
    }

    /// Makes every answer of this process take so long from now on.
    pub fn set_latency(&self, latency: Latency) {
        *held(&self.inner.latency) = latency;
    }

    /// Adds a rule of what goes wrong in this process, after those that there are. Returns the
    /// id by which it is removed.
    pub fn add_fault(&self, fault: Fault) -> u64 {
        held(&self.inner.faults).add(fault)
    }

    /// The rules of what goes wrong, with what has come of each.
    #[must_use]
    pub fn faults(&self) -> Vec<FaultState> {
        held(&self.inner.faults).list()
    }

    /// Removes a rule; says whether there was one.
    pub fn remove_fault(&self, id: u64) -> bool {
        held(&self.inner.faults).remove(id)
    }

    /// Removes all rules: from now on all goes well.
    pub fn clear_faults(&self) {
        held(&self.inner.faults).clear();
    }

    /// Makes an API token of this user for these scopes (`hooks:read`, or `*` for all), and
    /// returns it: the world keeps only its digest.
    pub fn issue_token(&self, user: u64, scope: &[&str]) -> Result<String, WorldError> {
        let value = token::invent();
        let new = NewToken {
            value: value.clone(),
            kind: TokenKind::Api,
            scope: scope.iter().map(|&name| name.to_owned()).collect(),
            user,
            label: "issued".to_owned(),
            created: self.now()?,
            expires: None,
        };
        self.batch(|batch| token::issue(batch, &new))?;
        Ok(value)
    }

    /// Writes down the counts of requests, so that other processes see them.
    pub(crate) fn write_counts(&self) -> Result<(), WorldError> {
        self.inner.write_counts()
    }

    /// Answers one request to the authorization server, blocking on the disk.
    pub(crate) fn answer_oauth(&self, request: &Request) -> Response {
        oauth::answer(&self.inner.store, request)
    }
}

impl Inner {
    fn write_counts(&self) -> Result<(), WorldError> {
        if self.store.counts.peek().is_empty() {
            return Ok(());
        }
        self.store.write(|_| Ok(()))
    }
}

/// What a lock holds. Nothing is done under one that could stop half way.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Nobody is left to tell. What is lost are counts, never objects.
        let _ = self.write_counts();
    }
}
