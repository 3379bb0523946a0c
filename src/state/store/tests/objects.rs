//! Ledgers in object stores: the library's in memory, and real servers where they are installed.

use std::sync::Arc;

use super::conformance::{LONG, run};
use crate::state::{Store, shelf::ObjectShelf};

#[tokio::test]
async fn an_object_store_in_memory_conforms() {
    run(|| {
        let shelf = ObjectShelf::in_memory();
        Box::new(move || Store::on(Arc::new(shelf.clone()), LONG))
    })
    .await;
}

#[cfg(feature = "external-tests")]
#[expect(
    clippy::disallowed_methods,
    reason = "the other tests, whose it is, have leave"
)]
#[path = "../../../../tests/it/support/stores.rs"]
mod servers;

#[cfg(feature = "external-tests")]
mod external {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use url::Url;

    use super::{
        super::conformance::{LONG, run},
        servers::ObjectServer,
    };
    use crate::state::{
        Store,
        shelf::{ObjectSetting, ObjectShelf},
    };

    /// All stories in one bucket, each below a prefix of its own.
    async fn conforms(server: &ObjectServer) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let next = AtomicUsize::new(0);
        run(|| {
            let story = format!("story-{}", next.fetch_add(1, Ordering::Relaxed));
            let environment = server.environment.clone();
            let bucket = server.state.parse().unwrap();
            Box::new(move || {
                let setting = ObjectSetting {
                    variable: &|name| {
                        let mut found = environment.iter();
                        found
                            .find(|(known, _)| *known == name)
                            .map(|(_, value)| value.clone())
                    },
                    client: &|_: &Url| {
                        let builder = reqwest::Client::builder().no_proxy();
                        builder.build().map_err(|error| error.to_string())
                    },
                };
                let shelf = ObjectShelf::open(&bucket, &story, &setting).unwrap();
                Store::on(Arc::new(shelf), LONG)
            })
        })
        .await;
    }

    #[tokio::test]
    async fn a_server_of_s3_conforms() {
        conforms(&ObjectServer::s3()).await;
    }

    #[tokio::test]
    async fn a_server_of_azure_conforms() {
        conforms(&ObjectServer::azure()).await;
    }
}
