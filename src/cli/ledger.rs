//! Where the ledger of a target is.

use std::time::Duration;

use anyhow::Context as _;

use crate::{
    diagnostic::{Finding, codes},
    manifest::StateLocation,
    state::{Locked, Store},
};

use super::{
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

    /// The ledger that it has, or would have, in some other place.
    pub(crate) fn store_at(
        &self,
        location: &StateLocation,
        scope: &Scope<'_>,
    ) -> Result<Store, Stop> {
        match location {
            StateLocation::File => Ok(Store::at(&self.state_folder())),
            StateLocation::Git => {
                let lease = scope.settings.lease()?;
                Ok(Store::in_git(self.root(), &self.name, lease))
            }
            StateLocation::Object(address) => {
                let message = format!("the state `{address}` comes in a later version");
                let finding = Finding::new(&codes::manifest::NOT_SUPPORTED_YET, message);
                Err(Stop::finding(finding.help("write `file` or `git`")))
            }
        }
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
