//! The program in this process, on a wire to its sandbox that is listened to.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use makeform::{
    cli::{Embedded, Ran},
    live::transport::{Exchange, Request, Transport},
    sandbox::{World as Sandbox, WorldOptions},
};

use super::world::World;

/// What is done before a request goes out.
type Before = Box<dyn FnMut(&str, &Sandbox) + Send>;

/// A wire that remembers what was sent: `PATCH /scenarios/1`.
struct Wire {
    sandbox: Sandbox,
    said: Mutex<Vec<String>>,
    before: Mutex<Option<Before>>,
}

impl Transport for Wire {
    fn send<'a>(&'a self, request: &'a Request) -> Exchange<'a> {
        let line = format!("{} {}", request.method, request.path);
        if let Some(before) = self.before.lock().unwrap().as_mut() {
            before(&line, &self.sandbox);
        }
        self.said.lock().unwrap().push(line);
        self.sandbox.send(request)
    }
}

/// A project whose `sandbox:` target is listened to.
pub(crate) struct Tap {
    wire: Arc<Wire>,
    embedded: Embedded,
    runtime: tokio::runtime::Runtime,
}

impl Tap {
    /// Listens to a project's account, which behaves as options of `MAKEFORM_SANDBOX` say.
    pub(crate) fn on(world: &World, options: &str) -> Self {
        let options: WorldOptions = options.parse().unwrap();
        let sandbox = Sandbox::open(&world.file(".makeform/sandbox"), options).unwrap();
        let wire = Arc::new(Wire {
            sandbox,
            said: Mutex::default(),
            before: Mutex::default(),
        });
        let environment = BTreeMap::from([
            ("HOME".to_owned(), world.path().display().to_string()),
            ("USER".to_owned(), "tester".to_owned()),
            ("HOSTNAME".to_owned(), "testhost".to_owned()),
        ]);
        Self {
            embedded: Embedded {
                directory: world.path().to_owned(),
                environment,
                account: Some(wire.clone()),
            },
            wire,
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap(),
        }
    }

    /// The account.
    pub(crate) fn sandbox(&self) -> &Sandbox {
        &self.wire.sandbox
    }

    /// Does something before each request from now on.
    pub(crate) fn before(&self, before: impl FnMut(&str, &Sandbox) + Send + 'static) {
        *self.wire.before.lock().unwrap() = Some(Box::new(before));
    }

    /// Runs a command to its end; what it said, and the requests that it sent.
    pub(crate) fn run(&self, args: &[&str]) -> (Ran, Vec<String>) {
        self.wire.said.lock().unwrap().clear();
        let ran = self.runtime.block_on(self.embedded.run(args));
        let said = std::mem::take(&mut *self.wire.said.lock().unwrap());
        (ran, said)
    }

    /// Applies, and gives the requests from the first write to the last.
    #[track_caller]
    pub(crate) fn apply(&self, code: u8) -> (Ran, Vec<String>) {
        let (ran, said) = self.run(&["apply", "--auto-approve"]);
        assert_eq!(ran.code, code, "{}{}", ran.stdout, ran.stderr);
        let is_write = |line: &String| !line.starts_with("GET ");
        let first = said.iter().position(is_write).unwrap_or(said.len());
        let last = said.iter().rposition(is_write).map_or(first, |at| at + 1);
        (ran, said[first..last].to_vec())
    }
}
