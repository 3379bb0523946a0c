//! What is kept of a target: its ledger, and what was read of its account.

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;

use crate::{
    diagnostic::{Finding, codes},
    live::{Cache, CacheKey},
    manifest::StateLocation,
    model::Account,
    state::{Locked, Store},
};

use super::{
    access::state_key,
    error::Stop,
    session::{Scope, TargetHandle},
};

impl TargetHandle {
    /// Its ledger.
    pub(crate) fn store(&self, scope: &Scope<'_>) -> Result<Store, Stop> {
        self.store_at(&self.location(scope)?, scope)
    }

    /// Where its ledger is kept. A sandbox in this process is of this machine alone, and so is what
    /// is remembered of it.
    pub(crate) fn location(&self, scope: &Scope<'_>) -> Result<StateLocation, Stop> {
        Ok(match self.world(scope)? {
            Some(_) => StateLocation::File,
            None => self.state.clone(),
        })
    }

    /// The folder that its ledger is in.
    pub(crate) fn state_folder(&self) -> PathBuf {
        self.root.join(".makeform").join(&self.name)
    }

    /// What was read of an account before, from which nothing is taken if `refresh`. None where
    /// the user has no place for a key to seal it with.
    pub(crate) fn cache(
        &self,
        scope: &Scope<'_>,
        account: &Account,
        refresh: bool,
    ) -> Option<Cache> {
        let key = match state_key(scope.settings) {
            Some(passphrase) => CacheKey::of_passphrase(&passphrase, account),
            None => CacheKey::kept_in(&scope.settings.config_folder()?),
        };
        let cache = Cache::at(&self.cache_folder(), account, key?);
        Some(cache.refreshed(refresh))
    }

    /// The folder that the blueprints are in which were read before.
    pub(crate) fn cache_folder(&self) -> PathBuf {
        self.state_folder().join("cache")
    }

    /// The ledger that it has, or would have, in some other place.
    pub(crate) fn store_at(
        &self,
        location: &StateLocation,
        scope: &Scope<'_>,
    ) -> Result<Store, Stop> {
        let store = match location {
            StateLocation::File => Store::at(&self.state_folder()),
            StateLocation::Git => {
                let lease = scope.settings.lease()?;
                Store::in_git(self.root(), &self.name, lease)
            }
            StateLocation::Object(address) => {
                let message = format!("the state `{address}` comes in a later version");
                let finding = Finding::new(&codes::manifest::NOT_SUPPORTED_YET, message);
                return Err(Stop::finding(finding.help("write `file` or `git`")));
            }
        };
        Ok(store.encrypted(self.cipher.clone()))
    }
}

impl Scope<'_> {
    /// Gives a lock back. What was done is done: where it can't be given back, that is told, and no
    /// more.
    pub(crate) async fn close(&self, ledger: Locked) {
        if let Err(error) = ledger.close().await {
            let mut finding = error.finding();
            finding.message = format!("the lock was not given back: {}", finding.message);
            self.ui.findings(&[finding].into_iter().collect());
        }
    }
}

impl super::settings::Settings {
    /// How long a lock of ours lasts that is not renewed (`MAKEFORM_LEASE`, seconds).
    pub(crate) fn lease(&self) -> Result<Duration, Stop> {
        let Some(text) = self.variable("MAKEFORM_LEASE") else {
            return Ok(LEASE);
        };
        let seconds: f64 = text.parse().context("failed to read MAKEFORM_LEASE")?;
        let lease =
            Duration::try_from_secs_f64(seconds).context("failed to read MAKEFORM_LEASE")?;
        match lease >= SHORTEST_LEASE {
            true => Ok(lease),
            false => Err(anyhow::anyhow!("MAKEFORM_LEASE is a second or more").into()),
        }
    }
}

const LEASE: Duration = Duration::from_secs(60);
const SHORTEST_LEASE: Duration = Duration::from_secs(1);
