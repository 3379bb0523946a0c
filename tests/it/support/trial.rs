//! One apply in this process: a project's folder, the account behind it, and the wire between.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use makeform::{
    cli::{Embedded, Ran},
    live::transport::{Exchange, Method, Request, Transport},
    sandbox::{Dialect, World, WorldOptions},
};
use tempfile::TempDir;
use tokio::sync::Notify;

/// A request as it went over the wire.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
}

/// Where a process dies: at its n-th write, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Death {
    pub(crate) write: usize,
    /// Whether Make has carried that write out.
    pub(crate) after: bool,
}

/// The wire to an account, which writes down what goes over it.
struct Tap {
    world: World,
    log: Mutex<Vec<Asked>>,
    death: Mutex<Option<Death>>,
    died: Notify,
}

impl Tap {
    /// Whether the request that was written down last is the one at which the process dies.
    fn dies(&self) -> Option<Death> {
        let log = self.log.lock().unwrap();
        let is_write = |asked: &&Asked| !asked.method.is_read();
        let number = log.iter().filter(is_write).count();
        let death = *self.death.lock().unwrap();
        let last = log.last().filter(is_write);
        death.filter(|death| last.is_some() && death.write == number)
    }

    async fn die<T>(&self) -> T {
        self.died.notify_one();
        std::future::pending().await
    }
}

impl Transport for Tap {
    fn send<'a>(&'a self, request: &'a Request) -> Exchange<'a> {
        self.log.lock().unwrap().push(Asked {
            method: request.method,
            path: request.path.clone(),
        });
        let Some(death) = self.dies() else {
            return self.world.send(request);
        };
        Box::pin(async move {
            if death.after {
                let _ = self.world.send(request).await;
            }
            self.die().await
        })
    }
}

/// A project and its account, to which commands are given.
pub(crate) struct Trial {
    folder: TempDir,
    tap: Arc<Tap>,
    embedded: Embedded,
}

impl Trial {
    /// A copy of a project's folder with the account in it.
    pub(crate) fn copy_of(folder: &Path, env: &BTreeMap<String, String>, dialect: Dialect) -> Self {
        let copied = tempfile::Builder::new()
            .prefix("makeform-sweep-")
            .tempdir_in(memory())
            .unwrap();
        copy(folder, copied.path());
        let world = World::open(&world_in(copied.path()), WorldOptions::default()).unwrap();
        let tap = Arc::new(Tap {
            world: world.speaking(dialect),
            log: Mutex::default(),
            death: Mutex::default(),
            died: Notify::new(),
        });
        let embedded = Embedded {
            directory: copied.path().to_owned(),
            environment: env.clone(),
            account: Some(tap.clone()),
        };
        Self {
            folder: copied,
            tap,
            embedded,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn world(&self) -> &World {
        &self.tap.world
    }

    /// Runs a command to its end, with a fault or without one; what it said, and what it asked.
    pub(crate) async fn run(&self, args: &[&str], fault: Option<&str>) -> (Ran, Vec<Asked>) {
        let world = self.world();
        if let Some(fault) = fault {
            world.add_fault(fault.parse().unwrap());
        }
        self.tap.log.lock().unwrap().clear();
        let ran = self.embedded.run(args).await;
        world.clear_faults();
        let asked = std::mem::take(&mut *self.tap.log.lock().unwrap());
        (ran, asked)
    }

    /// Runs a command that dies on the way; what it said if it ended before that.
    pub(crate) async fn kill(&self, args: &[&str], death: Death) -> Option<Ran> {
        self.tap.log.lock().unwrap().clear();
        *self.tap.death.lock().unwrap() = Some(death);
        let ran = tokio::select! {
            biased;
            () = self.tap.died.notified() => None,
            ran = self.embedded.run(args) => Some(ran),
        };
        *self.tap.death.lock().unwrap() = None;
        ran
    }
}

/// Where the account of a project's `sandbox:` target is.
pub(crate) fn world_in(folder: &Path) -> PathBuf {
    folder.join(".makeform/sandbox")
}

/// A folder in memory where there is one: what is on disk here need not outlive a failure of the
/// machine, and every line of a journal waits for the disk.
fn memory() -> PathBuf {
    let shared = Path::new("/dev/shm");
    match shared.is_dir() {
        true => shared.to_owned(),
        false => std::env::temp_dir(),
    }
}

/// Copies a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// Time that passes as soon as everything waits, and one thread that answers for the sandbox, so
/// that requests come in the same order each time.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .max_blocking_threads(1)
        .build()
        .unwrap()
}
