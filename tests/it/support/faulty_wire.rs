//! The wire to a sandbox that does to one write what a test tells it: what a rule of the sandbox
//! can say, and what takes more than the sandbox, such as the end of this process.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use makeform::{
    live::transport::{Exchange, Request, Response, Transport, TransportError},
    sandbox::{Collection, World},
    state::Store,
};
use serde_json::Value;
use tokio::sync::Notify;

/// What happens to one write on its way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    /// What a rule of the sandbox says: `400`, `drop after`.
    Rule(&'static str),
    /// Something else than Make answers, and says 200.
    Pretend,
    /// It is lost before Make sees it, and somebody makes another thing of that name.
    Rival,
    /// The process dies before Make sees it.
    DieBefore,
    /// The process dies when Make has carried it out.
    DieAfter,
    /// Somebody asks the run to end while it is in flight.
    Interrupt,
    /// From it on, nothing reaches Make any more.
    GoAway,
    /// From it on, Make takes the token no longer.
    Expire,
    /// Make carries it out, then finds the scenario invalid and switches it off.
    Invalidate,
    /// Make carries it out, then switches the scenario off.
    SwitchOff,
}

/// Make refuses it.
pub(crate) const REFUSE: Fault = Fault::Rule("400");

/// It is lost before Make sees it, and so is its answer.
pub(crate) const LOSE_REQUEST: Fault = Fault::Rule("drop");

/// Make carries it out, and the answer is lost.
pub(crate) const LOSE_ANSWER: Fault = Fault::Rule("drop after");

/// Which write it happens to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum At {
    /// The n-th.
    Number(usize),
    /// The first of this verb and path, as rules of the sandbox write them.
    Request(&'static str),
}

impl At {
    /// Which requests it is, in a rule of the sandbox.
    fn selector(self) -> String {
        match self {
            Self::Number(number) => format!("{number}th write"),
            Self::Request(selector) => format!("1st {selector}"),
        }
    }

    fn is(self, number: usize, request: &Request) -> bool {
        let Self::Request(selector) = self else {
            return self == Self::Number(number);
        };
        let (verb, path) = selector.split_once(' ').unwrap();
        let (expected, given): (Vec<_>, Vec<_>) =
            (path.split('/').collect(), request.path.split('/').collect());
        let mut segments = expected.iter().zip(&given);
        request.method.as_str() == verb
            && expected.len() == given.len()
            && segments.all(|(expected, given)| *expected == "*" || expected == given)
    }
}

/// The wire to a world, which does to one write what it is told.
///
/// It also sees to it that none is sent whose intent is not on disk.
pub(crate) struct Wire {
    pub world: World,
    pub store: Store,
    /// Told when the process is to be dead.
    pub died: Notify,
    /// Set when the run is to end.
    pub interrupted: AtomicBool,
    writes: AtomicUsize,
    fault: Mutex<Option<(At, Fault)>>,
    /// The list that lacks everything the next time that it is read.
    empty: Mutex<Option<&'static str>>,
    /// What has become of the account, if it is not there any more.
    down: Mutex<Option<Fault>>,
}

impl Wire {
    pub(crate) fn new(world: World, store: Store) -> Self {
        Self {
            world,
            store,
            died: Notify::new(),
            interrupted: AtomicBool::new(false),
            writes: AtomicUsize::new(0),
            fault: Mutex::new(None),
            empty: Mutex::new(None),
            down: Mutex::new(None),
        }
    }

    /// From now on this write has this fault, and no other. The count starts again.
    pub(crate) fn inject(&self, at: At, fault: Fault) {
        self.mend();
        if let Fault::Rule(what) = fault {
            let rule = format!("{}: {what}", at.selector());
            self.world.add_fault(rule.parse().unwrap());
        } else {
            *self.fault.lock().unwrap() = Some((at, fault));
        }
    }

    /// The next time that the list of this path is read, there is nothing in it.
    pub(crate) fn hide(&self, list: &'static str) {
        *self.empty.lock().unwrap() = Some(list);
    }

    /// The empty list, where this is the request for the one that is hidden.
    fn hidden(&self, request: &Request) -> Option<Response> {
        let mut empty = self.empty.lock().unwrap();
        let list = empty.filter(|list| request.method.is_read() && request.path == *list)?;
        *empty = None;
        let name = match list {
            "/scenarios-folders" => "scenariosFolders",
            "/teams/1/user-team-roles" => "userTeamRoles",
            path => path.trim_start_matches('/'),
        };
        Some(Response {
            status: 200,
            headers: Vec::new(),
            body: format!(r#"{{"{name}":[]}}"#).into(),
        })
    }

    /// From now on all goes well. The count starts again.
    pub(crate) fn mend(&self) {
        self.writes.store(0, Ordering::SeqCst);
        *self.fault.lock().unwrap() = None;
        *self.down.lock().unwrap() = None;
        self.interrupted.store(false, Ordering::SeqCst);
        self.world.clear_faults();
    }

    /// How many writes were sent since then.
    pub(crate) fn writes(&self) -> usize {
        self.writes.load(Ordering::SeqCst)
    }

    async fn fault_of(&self, request: &Request) -> Option<Fault> {
        if request.method.is_read() {
            return None;
        }
        let open = self.store.read().await.unwrap().pending;
        assert!(!open.is_empty(), "{request:?} was sent without an intent");
        let number = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        let mut fault = self.fault.lock().unwrap();
        let meant = fault.filter(|(at, _)| at.is(number, request));
        if meant.is_some() {
            *fault = None;
        }
        meant.map(|(_, fault)| fault)
    }

    async fn die<T>(&self) -> T {
        self.died.notify_one();
        std::future::pending().await
    }
}

impl Transport for Wire {
    fn send<'a>(&'a self, request: &'a Request) -> Exchange<'a> {
        Box::pin(async move {
            let lost = || {
                Err(TransportError::NoAnswer {
                    host: "sandbox".into(),
                    reason: "as told".into(),
                })
            };
            if let Some(empty) = self.hidden(request) {
                return Ok(empty);
            }
            let fault = self.fault_of(request).await;
            let down = *self.down.lock().unwrap();
            match fault.or(down) {
                None | Some(Fault::Rule(_)) => self.world.send(request).await,
                Some(down @ Fault::GoAway) => {
                    *self.down.lock().unwrap() = Some(down);
                    Err(TransportError::NotSent {
                        host: "sandbox".into(),
                        reason: "as told".into(),
                    })
                }
                Some(down @ Fault::Expire) => {
                    *self.down.lock().unwrap() = Some(down);
                    Ok(Response {
                        status: 401,
                        headers: Vec::new(),
                        body: r#"{"message":"Access denied"}"#.into(),
                    })
                }
                Some(Fault::Pretend) => {
                    // What Make answers when it has deleted something: its kind and its id.
                    let id = request.path.rsplit('/').next().unwrap_or_default();
                    let body = format!(r#"{{"scenario":{id},"scenarioFolder":{id},"hook":{id}}}"#);
                    Ok(Response {
                        status: 200,
                        headers: vec![("content-type".into(), "application/json".into())],
                        body: body.into(),
                    })
                }
                Some(Fault::Rival) => {
                    self.world.send(&rival(request)).await?;
                    lost()
                }
                Some(Fault::DieBefore) => self.die().await,
                Some(Fault::DieAfter) => {
                    self.world.send(request).await?;
                    self.die().await
                }
                Some(Fault::Interrupt) => {
                    self.interrupted.store(true, Ordering::SeqCst);
                    self.world.send(request).await
                }
                Some(fault @ (Fault::Invalidate | Fault::SwitchOff)) => {
                    let answer = self.world.send(request).await;
                    meddle(&self.world, Collection::Scenarios, "Nightly", |row| {
                        row["isinvalid"] = (fault == Fault::Invalidate).into();
                        row["isActive"] = false.into();
                        row["islinked"] = false.into();
                    });
                    answer
                }
            }
        })
    }
}

/// Changes one object behind makeform's back.
pub(crate) fn meddle(
    world: &World,
    collection: Collection,
    name: &str,
    change: impl Fn(&mut Value),
) {
    let changed = world.batch(|batch| {
        let mut found = Vec::new();
        batch.each(collection, |id, object| {
            if object["name"] == name {
                found.push((id, object));
            }
        })?;
        for (id, object) in &mut found {
            change(object);
            batch.put(collection, *id, object)?;
        }
        Ok(found.len())
    });
    assert_eq!(changed.unwrap(), 1, "one {name}");
}

/// A create of another thing that has the same name.
fn rival(request: &Request) -> Request {
    let mut body: Value = serde_json::from_slice(request.body.as_deref().unwrap()).unwrap();
    if let Some(text) = body["blueprint"].as_str() {
        let mut blueprint: Value = serde_json::from_str(text).unwrap();
        blueprint["flow"] = Value::Array(Vec::new());
        body["blueprint"] = blueprint.to_string().into();
    } else {
        let headers = body["headers"] == true;
        body["headers"] = (!headers).into();
    }
    Request {
        body: Some(body.to_string().into()),
        ..request.clone()
    }
}
