//! From `state` in `makeform.yaml` to the ledger of a target.

use std::{sync::Arc, time::Duration};

use crate::{
    diagnostic::{Finding, codes},
    live::Timeouts,
    model::{Bucket, StateLocation},
    state::{
        Store,
        shelf::{ObjectSetting, ObjectShelf},
    },
};

use super::{
    error::Stop,
    network::network,
    session::{Scope, TargetHandle},
    settings::Settings,
};

impl TargetHandle {
    /// Its ledger.
    pub(crate) fn store(&self, scope: &Scope<'_>) -> Result<Store, Stop> {
        let store = match &self.state {
            StateLocation::File => Store::at(&self.state_folder()),
            StateLocation::Git => Store::in_git(&self.root, &self.name, scope.settings.lease()?),
            StateLocation::Object(bucket) => {
                let shelf = object_shelf(bucket, &self.name, scope.settings)?;
                Store::on(Arc::new(shelf), scope.settings.lease()?)
            }
        };
        Ok(store.encrypted(scope.settings.cipher()?))
    }

    /// Whether others have the same ledger.
    pub(crate) fn shares_ledger(&self) -> bool {
        self.state.is_shared()
    }
}

/// The documents of a target in an object store, reached as everything else is.
fn object_shelf(bucket: &Bucket, target: &str, settings: &Settings) -> Result<ObjectShelf, Stop> {
    // A lease of a minute must not end while one request is waited for.
    let network = network(settings)?.within(Timeouts {
        connect: Duration::from_secs(10),
        answer: Duration::from_secs(15),
        body: Duration::from_secs(15),
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
