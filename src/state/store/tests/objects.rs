//! Ledgers in object stores: the library's in memory, and real servers where they are installed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::{
    address, binding,
    conformance::{LONG, run},
    finish, owner, start,
};
use crate::state::{
    Store,
    shelf::{Change, Document, Doing, Note, ObjectShelf, Shelf, ShelfError, Version},
};

#[tokio::test]
async fn an_object_store_in_memory_conforms() {
    run(|| {
        let shelf = ObjectShelf::in_memory();
        Box::new(move || Store::on(Arc::new(shelf.clone()), LONG))
    })
    .await;
}

/// One that refuses two of three writes though nobody has written anything, as S3 does (409) while
/// another write of the same object is under way.
#[derive(Debug)]
struct Busy {
    shelf: ObjectShelf,
    writes: AtomicUsize,
}

impl Shelf for Busy {
    fn name(&self) -> String {
        self.shelf.name()
    }

    fn read<'a>(&'a self, name: &'a str) -> Doing<'a, Option<Document>> {
        self.shelf.read(name)
    }

    fn list<'a>(&'a self, prefix: &'a str) -> Doing<'a, Vec<String>> {
        self.shelf.list(prefix)
    }

    fn write<'a>(&'a self, batch: &'a [Change], note: &'a Note) -> Doing<'a, Vec<Version>> {
        match self.writes.fetch_add(1, Ordering::Relaxed) % 3 {
            2 => self.shelf.write(batch, note),
            _ => Box::pin(async {
                let name = batch[0].name.clone();
                Err(ShelfError::Conflict { name })
            }),
        }
    }

    fn delete<'a>(&'a self, names: &'a [String], note: &'a Note) -> Doing<'a, ()> {
        self.shelf.delete(names, note)
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_busy_is_asked_again() {
    let shelf = Busy {
        shelf: ObjectShelf::in_memory(),
        writes: AtomicUsize::new(0),
    };
    let store = Store::on(Arc::new(shelf), LONG);
    let mut locked = store.lock(&owner(), Duration::ZERO).await.unwrap();
    let apply = start(&mut locked).await;
    locked.bind(&address("folder.x"), binding(9)).await.unwrap();
    finish(&mut locked, apply).await;
    locked.close().await.unwrap();
    assert_eq!(store.read().await.unwrap().bindings.by_address.len(), 1);
    assert_eq!(store.holder().await.unwrap(), None);
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
