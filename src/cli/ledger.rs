//! What is kept of a target: its ledger, and what was read of its account.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context as _;

use crate::{
    diagnostic::{Finding, codes},
    live::{Cache, CacheKey, Timeouts},
    manifest::StateLocation,
    model::{Account, Bucket},
    state::{
        Answering, Locked, Store,
        shelf::{ObjectSetting, ObjectShelf},
    },
};

use super::{
    access::state_key,
    error::Stop,
    network::network,
    session::{Scope, TargetHandle},
    settings::Settings,
};

impl TargetHandle {
    /// Its ledger.
    pub(crate) fn store(&self, scope: &Scope<'_>) -> Result<Store, Stop> {
        let location = self.location(scope)?;
        let store = self.store_at(&location, scope)?;
        Ok(match &location {
            StateLocation::File => store,
            StateLocation::Git | StateLocation::Object(_) => {
                store.succeeding(&self.state_folder(), &location.to_string())
            }
        })
    }

    /// Where its ledger is kept. A sandbox in this process is of this machine alone, and so is what
    /// is remembered of it.
    pub(crate) fn location(&self, scope: &Scope<'_>) -> Result<StateLocation, Stop> {
        Ok(match self.world(scope)? {
            Some(_) => StateLocation::File,
            None => self.state.clone(),
        })
    }

    /// Whether the next run finds its ledger, wherever it runs. A CI runner's disk is gone tomorrow,
    /// and with it what a file there, or a ref that is in no remote, knows to be ours.
    pub(crate) async fn is_ledger_shared(&self, scope: &Scope<'_>) -> Result<bool, Stop> {
        if !scope.settings.ci || self.world(scope)?.is_some() {
            return Ok(true);
        }
        Ok(match self.location(scope)? {
            StateLocation::File => false,
            StateLocation::Object(_) => true,
            // Where that can't be found out, who reads the ledger is told why.
            StateLocation::Git => self.store(scope)?.is_shared().await.unwrap_or(true),
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
                let answering = Answering::of(&|name| scope.settings.variable(name));
                Store::in_git(self.root(), &self.name, answering, scope.settings.lease()?)
            }
            StateLocation::Object(bucket) => {
                let shelf = object_shelf(bucket, &self.name, scope.settings)?;
                Store::on(Arc::new(shelf), scope.settings.lease()?)
            }
        };
        let store = store.patient(scope.settings.timeouts()?.ledger);
        Ok(store.encrypted(scope.settings.cipher()?))
    }
}

/// The documents of a target in an object store, reached as everything else is.
fn object_shelf(bucket: &Bucket, target: &str, settings: &Settings) -> Result<ObjectShelf, Stop> {
    // A lease of a minute must not end while one request is waited for.
    let network = network(settings)?.within(Timeouts {
        connect: Duration::from_secs(10),
        answer: Duration::from_secs(15),
        body: Duration::from_secs(15),
        ..Timeouts::default()
    });
    let setting = ObjectSetting {
        variable: &|name| settings.variable(name),
        client: &|server| network.client(server).map_err(|error| error.to_string()),
    };
    ObjectShelf::open(bucket, target, &setting).map_err(|error| {
        let finding = Finding::new(&codes::apply::LEDGER_UNREACHABLE, error.to_string());
        Stop::finding(finding.help(error.help()))
    })
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

/// How long a command that writes waits for the lock.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct LockArgs {
    /// How long to wait for another command on the same target, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    lock_timeout: u64,
}

impl LockArgs {
    /// As a duration.
    pub(crate) fn wait(self) -> Duration {
        Duration::from_secs(self.lock_timeout)
    }
}

/// How long a command waits for a network that it loses while it carries something out.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct NetworkArgs {
    /// How long to wait for a network that is lost on the way, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    timeout: u64,
}

impl NetworkArgs {
    /// As a duration.
    pub(crate) fn wait(self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}

impl Settings {
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
