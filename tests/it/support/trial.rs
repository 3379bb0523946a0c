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
    state::fill_disk,
};
use tempfile::TempDir;
use tokio::sync::Notify;

/// A request as it went over the wire.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
}

/// What happens to a run at one of its requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Strike {
    pub(crate) at: At,
    pub(crate) what: Blow,
}

/// At which request: the n-th, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    Request(usize),
    Write(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blow {
    /// The process dies before Make sees it.
    DieBefore,
    /// The process dies when Make has carried it out.
    DieAfter,
    /// From it on, the journal's disk is full, until somebody makes room.
    FullDisk,
    /// Somebody breaks the lock.
    StolenLock,
}

/// The wire to an account, which writes down what goes over it.
struct Tap {
    world: World,
    /// The project's folder.
    folder: PathBuf,
    log: Mutex<Vec<Asked>>,
    strike: Mutex<Option<Strike>>,
    died: Notify,
}

impl Tap {
    /// What happens at the request that was written down last.
    fn struck(&self) -> Option<Blow> {
        let log = self.log.lock().unwrap();
        let is_write = |asked: &&Asked| !asked.method.is_read();
        let strike = (*self.strike.lock().unwrap())?;
        let is_now = match strike.at {
            At::Request(number) => log.len() == number,
            At::Write(number) => {
                log.last().filter(is_write).is_some()
                    && log.iter().filter(is_write).count() == number
            }
        };
        is_now.then_some(strike.what)
    }

    async fn die<T>(&self) -> T {
        self.died.notify_one();
        std::future::pending().await
    }

    /// Puts another file in the place of each lock, as who breaks one does.
    fn break_locks(&self) {
        for entry in fs::read_dir(self.folder.join(".makeform")).unwrap() {
            let lock = entry.unwrap().path().join("lock");
            if lock.exists() {
                fs::remove_file(&lock).unwrap();
                fs::write(&lock, "").unwrap();
            }
        }
    }
}

impl Transport for Tap {
    fn send<'a>(&'a self, request: &'a Request) -> Exchange<'a> {
        self.log.lock().unwrap().push(Asked {
            method: request.method,
            path: request.path.clone(),
        });
        match self.struck() {
            None => {}
            Some(Blow::DieBefore) => return Box::pin(self.die()),
            Some(Blow::DieAfter) => {
                return Box::pin(async move {
                    let _ = self.world.send(request).await;
                    self.die().await
                });
            }
            Some(Blow::FullDisk) => fill_disk(&self.folder, 1),
            Some(Blow::StolenLock) => self.break_locks(),
        }
        self.world.send(request)
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
        let copied = folder_in_memory();
        copy(folder, copied.path());
        let world = World::open(&world_in(copied.path()), WorldOptions::default()).unwrap();
        let tap = Arc::new(Tap {
            world: world.speaking(dialect),
            folder: copied.path().to_owned(),
            log: Mutex::default(),
            strike: Mutex::default(),
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

    /// Runs a command to which something happens on the way; what it said, unless it died of it,
    /// and what it asked.
    pub(crate) async fn struck(&self, args: &[&str], strike: Strike) -> (Option<Ran>, Vec<Asked>) {
        self.tap.log.lock().unwrap().clear();
        *self.tap.strike.lock().unwrap() = Some(strike);
        let ran = tokio::select! {
            biased;
            () = self.tap.died.notified() => None,
            ran = self.embedded.run(args) => Some(ran),
        };
        *self.tap.strike.lock().unwrap() = None;
        fill_disk(&self.tap.folder, 0);
        let asked = std::mem::take(&mut *self.tap.log.lock().unwrap());
        (ran, asked)
    }

    /// The same account seen from another machine, which has the manifests and the ledger only.
    pub(crate) fn elsewhere(&self) -> Self {
        let folder = folder_in_memory();
        copy_some(self.path(), folder.path(), &|path| {
            let path = path.strip_prefix(self.path()).unwrap();
            let is_ledger = |name| path.iter().nth(2).is_none_or(|part| part == name);
            let ledger = ["ledger.json", "journal.jsonl", "history"];
            !path.starts_with(".makeform") || ledger.into_iter().any(is_ledger)
        });
        let tap = Arc::new(Tap {
            world: self.world().clone(),
            folder: folder.path().to_owned(),
            log: Mutex::default(),
            strike: Mutex::default(),
            died: Notify::new(),
        });
        let mut embedded = self.embedded.clone();
        embedded.directory = folder.path().to_owned();
        embedded.account = Some(tap.clone());
        let other = [("USER", "somebody"), ("HOSTNAME", "elsewhere")];
        for (name, value) in other {
            embedded
                .environment
                .insert(name.to_owned(), value.to_owned());
        }
        Self {
            folder,
            tap,
            embedded,
        }
    }
}

/// An empty folder that no disk has to keep.
fn folder_in_memory() -> TempDir {
    tempfile::Builder::new()
        .prefix("makeform-sweep-")
        .tempdir_in(memory())
        .unwrap()
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
    copy_some(from, to, &|_| true);
}

fn copy_some(from: &Path, to: &Path, is_copied: &dyn Fn(&Path) -> bool) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if !is_copied(&path) {
            continue;
        }
        if path.is_dir() {
            copy_some(&path, &target, is_copied);
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
