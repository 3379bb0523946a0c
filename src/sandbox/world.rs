//! A world: an account of Make in a folder, and the door through which it is used.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use crate::live::transport::{Exchange, Request, Response, Transport, TransportError};

use super::beginning;
use super::counts::Stats;
use super::dialect::Dialect;
use super::engine::watch::{Looks, Watch};
use super::error::WorldError;
use super::fault::{Fault, FaultState, Faults, Latency, Mishap, Outcome};
use super::hook_door::Taken;
use super::limit::{self, Limits, PlanName};
use super::oauth;
use super::options::WorldOptions;
use super::quirk::Quirks;
use super::routes::{self, Answer, Call, Handler, Refusal, Route};
use super::store::{Batch, Store};
use super::token::{self, NewToken, TokenKind};

/// The file of a world within its folder.
const FILE: &str = "world.redb";

/// An emulated account, open. Clones are the same world.
#[derive(Clone)]
pub struct World {
    pub(super) inner: Arc<Inner>,
    dialect: Dialect,
}

pub(super) struct Inner {
    folder: PathBuf,
    pub(super) store: Store,
    plan: Option<PlanName>,
    limits: Option<Limits>,
    /// What hooks took.
    pub(super) taken: Taken,
    /// Where hooks take requests, once the world is served.
    pub(super) hooks_at: OnceLock<String>,
    /// What is known of when something is due.
    pub(super) watch: Watch,
    /// The executions that were looked at.
    looks: Looks,
    quirks: Mutex<Quirks>,
    latency: Mutex<Latency>,
    faults: Mutex<Faults>,
}

impl World {
    /// Whether a folder holds a world.
    #[must_use]
    pub fn is_at(folder: &Path) -> bool {
        folder.join(FILE).is_file()
    }

    /// Opens the world in `folder`, or makes a new one there: an organization with one team,
    /// four people and a few connections. Other processes may have it open too.
    pub fn open(folder: &Path, options: WorldOptions) -> Result<Self, WorldError> {
        fs::create_dir_all(folder).map_err(|source| WorldError::Folder {
            path: folder.to_path_buf(),
            source,
        })?;
        let store = Store::open(folder.join(FILE), beginning::fill)?;
        let WorldOptions {
            plan,
            quirks,
            latency,
            faults: rules,
            window,
            minute,
        } = options;
        let mut faults = Faults::default();
        for rule in rules {
            faults.add(rule);
        }
        let limits = plan.and_then(|plan| Limits::of(plan, window, minute));
        let folder = folder.to_path_buf();
        Ok(Self {
            inner: Arc::new(Inner {
                folder,
                store,
                plan,
                limits,
                taken: Taken::default(),
                hooks_at: OnceLock::new(),
                watch: Watch::default(),
                looks: Looks::default(),
                quirks: Mutex::new(quirks),
                latency: Mutex::new(latency),
                faults: Mutex::new(faults),
            }),
            dialect: Dialect::Zone,
        })
    }

    /// The same world, answering in this dialect.
    #[must_use]
    pub fn speaking(&self, dialect: Dialect) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            dialect,
        }
    }

    /// The dialect that it answers in.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The folder that the world is kept in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.inner.folder
    }

    /// Makes the world as if it were new; the counts of requests start again too.
    pub fn reset(&self) -> Result<(), WorldError> {
        self.inner.store.reset(beginning::fill)
    }

    /// The requests that were answered, by this process up to now and by others as far as they
    /// have written them down (which they do at the latest when they end); and those that this
    /// process has refused with 429.
    pub fn stats(&self) -> Result<Stats, WorldError> {
        let mut stats = self.inner.store.requests().map(Stats::from)?;
        stats.limited = self.inner.limits.as_ref().map_or(0, Limits::refused);
        Ok(stats)
    }

    /// Changes objects directly, past the API and uncounted: all that `change` does is one
    /// transaction, kept if it returns `Ok` and dropped if not. Rules that the API enforces are
    /// the caller's to keep.
    ///
    /// ```no_run
    /// # use makeform::sandbox::{Collection, World, WorldError, WorldOptions};
    /// # fn main() -> Result<(), WorldError> {
    /// # let world = World::open(std::path::Path::new("w"), WorldOptions::default())?;
    /// world.batch(|batch| {
    ///     let id = batch.next_id(Collection::Keys)?;
    ///     let key = serde_json::json!({ "id": id, "name": "CRM", "teamId": 1 });
    ///     batch.put(Collection::Keys, id, &key)
    /// })
    /// # }
    /// ```
    pub fn batch<T>(
        &self,
        change: impl FnOnce(&mut Batch<'_>) -> Result<T, WorldError>,
    ) -> Result<T, WorldError> {
        let result = self.inner.store.write(change);
        self.inner.watch.look_again();
        result
    }

    /// How the world answers what Make leaves open.
    #[must_use]
    pub fn quirks(&self) -> Quirks {
        *held(&self.inner.quirks)
    }

    /// Answers from now on, in this process, as `quirks` say.
    pub fn set_quirks(&self, quirks: Quirks) {
        *held(&self.inner.quirks) = quirks;
    }

    /// How long every answer of this process takes, beside the work on it.
    #[must_use]
    pub fn latency(&self) -> Latency {
        *held(&self.inner.latency)
    }

    /// Makes every answer of this process take so long from now on.
    pub fn set_latency(&self, latency: Latency) {
        *held(&self.inner.latency) = latency;
    }

    /// Adds a rule of what goes wrong in this process, after those that there are. Returns the
    /// id by which it is removed.
    pub fn add_fault(&self, fault: Fault) -> u64 {
        held(&self.inner.faults).add(fault)
    }

    /// The rules of what goes wrong, with what has come of each.
    #[must_use]
    pub fn faults(&self) -> Vec<FaultState> {
        held(&self.inner.faults).list()
    }

    /// Removes a rule; says whether there was one.
    pub fn remove_fault(&self, id: u64) -> bool {
        held(&self.inner.faults).remove(id)
    }

    /// Removes all rules: from now on all goes well.
    pub fn clear_faults(&self) {
        held(&self.inner.faults).clear();
    }

    /// Makes an API token of this user for these scopes (`hooks:read`, or `*` for all), and
    /// returns it: the world keeps only its digest.
    pub fn issue_token(&self, user: u64, scope: &[&str]) -> Result<String, WorldError> {
        let value = token::invent();
        let new = NewToken {
            value: value.clone(),
            kind: TokenKind::Api,
            scope: scope.iter().map(|&name| name.to_owned()).collect(),
            user,
            label: "issued".to_owned(),
            created: self.now()?,
            expires: None,
        };
        self.batch(|batch| token::issue(batch, &new))?;
        Ok(value)
    }

    /// Writes down the counts of requests, so that other processes see them.
    pub(crate) fn write_counts(&self) -> Result<(), WorldError> {
        self.inner.write_counts()
    }

    /// Answers one request to the authorization server, blocking on the disk.
    pub(crate) fn answer_oauth(&self, request: &Request) -> Response {
        oauth::answer(&self.inner.store, request)
    }

    /// Takes one request to its end: as long as latency and faults make it last, and then as
    /// the API or a fault will have it.
    pub(crate) async fn exchange(&self, request: &Request) -> Outcome {
        let verdict = held(&self.inner.faults).judge(request, tokio::time::Instant::now());
        let wait = self.latency().pick() + verdict.wait;
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        let (world, request) = (self.clone(), request.clone());
        let answer = move || world.inner.answer(world.dialect, &request, verdict.mishap);
        let ended = tokio::task::spawn_blocking(answer).await;
        ended.unwrap_or(Outcome::Broken) // a handler that panics breaks the connection
    }
}

impl Inner {
    /// The one place where a request enters and its answer leaves, blocking on the disk: it is
    /// counted, and then carried out unless a fault has it otherwise.
    fn answer(&self, dialect: Dialect, request: &Request, mishap: Option<Mishap>) -> Outcome {
        let found = routes::find(dialect, request.method, &request.path);
        if self.store.counts.add(&found.name) {
            // A count that cannot be written stays pending; it is no reason to refuse.
            let _ = self.write_counts();
        }
        let quirks = *held(&self.quirks);
        let carry_out = || {
            let answer = found
                .target
                .and_then(|(route, ids)| self.handle(dialect, request, route, ids, &quirks));
            let mut answer =
                answer.unwrap_or_else(|refusal| refusal.into_response(dialect, &quirks));
            if let Some(limits) = &self.limits {
                limits.sign(dialect, &mut answer, Instant::now());
            }
            answer
        };
        match mishap {
            None => Outcome::Answer(carry_out()),
            Some(mishap) => {
                let answer = mishap.is_carried_out.then(carry_out);
                mishap.befall(answer, dialect, &quirks)
            }
        }
    }

    /// Token and scope, the request limit, the handler: the first that refuses answers.
    fn handle(
        &self,
        dialect: Dialect,
        request: &Request,
        route: &Route,
        ids: Vec<&str>,
        quirks: &Quirks,
    ) -> Answer {
        let (view, now) = self.look()?;
        let mut call = Call::new(request, ids, self.plan, quirks, now);
        call.looks = Some(&self.looks);
        call.hooks_at = self.hooks_at.get().map(String::as_str);
        if let Handler::Open(answer) = route.handler {
            return answer(&call);
        }
        call.check_token(&view, route.scope)?;
        call.check_body()?;
        self.check_limit(dialect, route)?;
        match route.handler {
            Handler::Open(answer) => answer(&call),
            Handler::Read(answer) => answer(&call, &view),
            Handler::Write(answer) | Handler::Run(answer) => {
                drop(view);
                let answer = self.store.write(|batch| answer(&call, batch));
                self.watch.look_again();
                answer
            }
        }
    }

    fn check_limit(&self, dialect: Dialect, route: &Route) -> Result<(), Refusal> {
        let is_limited = !matches!(route.handler, Handler::Run(_));
        match &self.limits {
            Some(limits) if is_limited && !limits.admit(dialect, Instant::now()) => {
                Err(limit::refusal())
            }
            _ => Ok(()),
        }
    }

    fn write_counts(&self) -> Result<(), WorldError> {
        if self.store.counts.peek().is_empty() {
            return Ok(());
        }
        self.store.write(|_| Ok(()))
    }
}

/// What a lock holds. Nothing is done under one that could stop half way.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Nobody is left to tell. What is lost are counts, never objects.
        let _ = self.write_counts();
    }
}

impl Transport for World {
    fn send<'a>(&'a self, request: &'a Request) -> Exchange<'a> {
        Box::pin(async move {
            let host = || "the sandbox".to_owned();
            match self.exchange(request).await {
                Outcome::Answer(answer) => Ok(answer),
                Outcome::CutShort(_) => Err(TransportError::NoAnswer {
                    host: host(),
                    reason: "the connection broke in the middle of the answer".to_owned(),
                }),
                Outcome::Broken => Err(TransportError::NoAnswer {
                    host: host(),
                    reason: "the connection broke".to_owned(),
                }),
                Outcome::NotReached => Err(TransportError::NotSent {
                    host: host(),
                    reason: "connection refused".to_owned(),
                }),
                Outcome::Silence => std::future::pending().await,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::World;
    use crate::live::transport::{Method, Transport};
    use crate::sandbox::WorldOptions;
    use crate::sandbox::trial::{Trial, request};
    use crate::sandbox::{Collection, PlanName, WorldError};

    #[test]
    fn a_world_outlives_its_process_and_two_may_use_it_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let open = || World::open(folder.path(), WorldOptions::default()).unwrap();
        let first = open();
        let id = first
            .batch(|batch| {
                let id = batch.next_id(Collection::Keys)?;
                batch.put(Collection::Keys, id, &json!({ "name": "CRM" }))?;
                Ok(id)
            })
            .unwrap();
        let second = open();
        let found = second
            .batch(|batch| batch.get(Collection::Keys, id))
            .unwrap();
        assert_eq!(found, Some(json!({ "name": "CRM" })));
        assert_eq!(
            second
                .batch(|batch| batch.next_id(Collection::Keys))
                .unwrap(),
            id + 1
        );
        assert_eq!(
            first
                .batch(|batch| batch.next_id(Collection::Keys))
                .unwrap(),
            id + 2
        );
    }

    #[test]
    fn a_batch_that_fails_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let world = World::open(folder.path(), WorldOptions::default()).unwrap();
        let failed: Result<(), WorldError> = world.batch(|batch| {
            batch.put(Collection::Keys, 7, &json!({}))?;
            Err(WorldError::Format {
                path: folder.path().to_path_buf(),
                found: 0,
                known: 0,
            })
        });
        assert!(failed.is_err());
        assert_eq!(
            world.batch(|batch| batch.get(Collection::Keys, 7)).unwrap(),
            None
        );
    }

    #[test]
    fn requests_are_counted_at_once_here_and_exactly_for_who_comes_after() {
        let trial = Trial::new();
        let id = trial.scenario("x", json!([]));
        trial.get(&format!("/scenarios/{id}/blueprint"));
        trial.get(&format!("/scenarios/{id}/blueprint"));
        trial.refused(Method::Get, "/scenario", None);
        let expected = json!({
            "total": 4,
            "requests": {
                "GET (unknown)": 1, "GET /scenarios/{id}/blueprint": 2, "POST /scenarios": 1,
            },
            "limited": 0,
        });
        let stats = |world: &World| serde_json::to_value(world.stats().unwrap()).unwrap();
        assert_eq!(stats(&trial.world), expected);
        let open = || World::open(trial.folder.path(), WorldOptions::default()).unwrap();
        assert_eq!(
            stats(&open())["total"],
            1,
            "the write took along what was counted before it"
        );
        trial.world.write_counts().unwrap();
        assert_eq!(stats(&open()), expected);
        trial.world.reset().unwrap();
        assert_eq!(
            stats(&trial.world),
            json!({ "total": 0, "requests": {}, "limited": 0 })
        );
        assert_eq!(trial.get("/scenarios?teamId=1")["scenarios"], json!([]));
    }

    #[test]
    fn only_the_token_opens_the_world_and_a_plan_limits_it() {
        let trial = Trial::with(WorldOptions {
            plan: Some(PlanName::Free),
            ..WorldOptions::default()
        });
        let mut request = request(Method::Get, "/teams?organizationId=1", None);
        request.headers = vec![("authorization", "Token other".to_owned())];
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let answer = runtime.block_on(trial.world.send(&request)).unwrap();
        assert_eq!(answer.status, 401);
        assert_eq!(
            trial.send(Method::Get, "/ping", None).body.as_ref(),
            b"pong"
        );
        assert!(
            trial
                .refused(Method::Put, "/teams", None)
                .starts_with("405")
        );

        let organization = trial.get("/organizations/1");
        assert_eq!(organization["organization"]["license"]["apiLimit"], 30);
        for _ in 1..30 {
            trial.get("/users/me");
        }
        let limited = trial.refused(Method::Get, "/users/me", None);
        assert!(limited.starts_with("429 SC429 Requests limit for organization exceeded"));
        let run = trial.refused(Method::Post, "/scenarios/1/run", None);
        assert!(run.starts_with("404"), "runs are outside the limit");
        assert_eq!(trial.world.stats().unwrap().limited, 1);
    }
}
