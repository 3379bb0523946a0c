//! A walk through a blueprint: module after module, one bundle, down every route that is open.
//!
//! What counts as an operation is a module that runs: routers, conditions, merges and the
//! directives of error handlers do not. An iterator puts out one bundle.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::sandbox::error::WorldError;
use crate::sandbox::routes::zone::scope::{number, text};
use crate::sandbox::store::Batch;

use super::failure::Failure;
use super::mapping::{Bundles, resolve};
use super::{filter, module};

/// What one operation takes beside the pauses that a scenario makes, in milliseconds.
const OPERATION_TIME: u64 = 250;

/// A walk on its way, and what it has come to.
pub(super) struct Walk<'w, 'a> {
    pub(super) batch: &'w mut Batch<'a>,
    pub(super) team: u64,
    /// When the run began.
    pub(super) began: Timestamp,
    /// How many scenarios have called one another to get here.
    pub(super) depth: u8,
    /// What the run was started with.
    pub(super) input: Value,
    /// Whether runs that cannot go on are kept.
    pub(super) keeps_incomplete: bool,
    /// The module at which a run that is taken up again begins.
    pub(super) resume_at: Option<u64>,
    pub(super) bundles: Bundles,
    pub(super) done: Done,
}

/// What a walk has come to.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// The modules that ran, as `{"id","operations","transfer","error"}`.
    pub(super) modules: Vec<Value>,
    /// The bytes that they were given.
    pub(super) transfer: u64,
    /// The pauses that they made, in milliseconds.
    pub(super) paused: u64,
    /// What `ReturnData` gave back.
    pub(super) outputs: Option<Value>,
    /// What a webhook's caller is to be answered: `status`, `body`, `headers`.
    pub(super) response: Option<Value>,
    /// The parts of the run that were put aside.
    pub(super) incomplete: Vec<Value>,
    /// The last failure that was put aside or ended the run.
    pub(super) failure: Option<Failure>,
    /// Whether it ended the run.
    pub(super) has_failed: bool,
}

impl Done {
    /// The operations that are paid for.
    pub(super) fn operations(&self) -> u64 {
        self.modules.len() as u64
    }

    /// How long the run takes: made up, but always the same.
    pub(super) fn duration(&self) -> u64 {
        150 + OPERATION_TIME * self.operations() + self.paused
    }

    /// 1 success, 2 warning, 3 error.
    pub(super) fn status(&self) -> u64 {
        match (self.has_failed, self.incomplete.is_empty()) {
            (true, _) => 3,
            (false, false) => 2,
            (false, true) => 1,
        }
    }
}

/// How a part of a flow ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// At its last module.
    Through,
    /// The bundle goes no further here; other routes are walked.
    Stopped,
    /// The whole run is over.
    Over,
}

impl Walk<'_, '_> {
    /// Walks a whole flow.
    pub(super) fn walk(&mut self, flow: &[Value]) -> Result<End, WorldError> {
        for module in flow {
            let end = self.step(module)?;
            if end != End::Through {
                return Ok(end);
            }
        }
        Ok(End::Through)
    }

    fn step(&mut self, module: &Value) -> Result<End, WorldError> {
        if let Some(wanted) = self.resume_at {
            match number(module, "id") == Some(wanted) {
                true => self.resume_at = None,
                false => return self.seek(module, wanted),
            }
        } else if !filter::passes(module, &self.bundles) {
            return Ok(End::Stopped);
        }
        match text(module, "module") {
            Some("builtin:BasicRouter") => self.walk_routes(module),
            Some("builtin:BasicIfElse") => {
                let open = flows(module, "branches").find(|branch| {
                    let conditions = branch.get("conditions");
                    conditions.is_none_or(|open| filter::hold(open, &self.bundles))
                });
                open.map_or(Ok(End::Through), |branch| self.walk(flow_of(branch)))
            }
            Some("builtin:BasicMerge") => Ok(End::Through),
            _ => match module::run(self, module)? {
                Ok(bundle) => {
                    self.put_out(module, bundle);
                    Ok(End::Through)
                }
                Err(failure) => self.handle(module, failure),
            },
        }
    }

    /// On the way to the module at which to begin, only the branch that holds it is walked.
    fn seek(&mut self, module: &Value, wanted: u64) -> Result<End, WorldError> {
        let branches = flows(module, "routes").chain(flows(module, "branches"));
        let mut holding = branches.filter(|branch| holds(flow_of(branch), wanted));
        match holding.next() {
            Some(branch) => self.walk(flow_of(branch)),
            None => Ok(End::Through),
        }
    }

    fn walk_routes(&mut self, router: &Value) -> Result<End, WorldError> {
        for route in flows(router, "routes") {
            if route.get("disabled").and_then(Value::as_bool) == Some(true) {
                continue;
            }
            if self.walk(flow_of(route))? == End::Over {
                return Ok(End::Over);
            }
        }
        Ok(End::Through)
    }

    fn put_out(&mut self, module: &Value, bundle: Value) {
        let id = number(module, "id").unwrap_or_default();
        self.bundles.insert(id.to_string(), bundle);
    }

    /// What an error handler makes of a failure. A handler without a directive is one that
    /// ignores.
    fn handle(&mut self, module: &Value, failure: Failure) -> Result<End, WorldError> {
        self.put_out(module, json!({ "error": failure.shown() }));
        let handlers = module.get("onerror").and_then(Value::as_array);
        let handlers = handlers.map(Vec::as_slice).unwrap_or_default();
        if handlers.is_empty() {
            // Whether such a run ends in a warning or in an error is not documented. Here what is
            // kept can be taken up again, and is a warning.
            return Ok(match self.keeps_incomplete {
                true => self.put_aside(module, failure, false, End::Over),
                false => self.fail(failure),
            });
        }
        for handler in handlers {
            match text(handler, "module") {
                Some("builtin:Resume") => {
                    let mapper = handler.get("mapper").unwrap_or(&Value::Null);
                    let substitute = resolve(mapper, &self.bundles);
                    self.put_out(module, substitute);
                    return Ok(End::Through);
                }
                Some("builtin:Ignore") => return Ok(End::Stopped),
                Some("builtin:Commit") => return Ok(End::Over),
                Some("builtin:Rollback") => return Ok(self.fail(failure)),
                Some("builtin:Break") if self.keeps_incomplete => {
                    let retry = handler.pointer("/mapper/retry") == Some(&Value::Bool(true));
                    return Ok(self.put_aside(module, failure, retry, End::Stopped));
                }
                Some("builtin:Break") => return Ok(self.fail(failure)),
                _ => {
                    // What fails in a handler ends the run: it cannot be taken up again there.
                    let keeps = std::mem::replace(&mut self.keeps_incomplete, false);
                    let end = self.step(handler)?;
                    self.keeps_incomplete = keeps;
                    if end != End::Through {
                        return Ok(end);
                    }
                }
            }
        }
        Ok(End::Stopped)
    }

    fn fail(&mut self, failure: Failure) -> End {
        self.done.has_failed = true;
        self.done.failure = Some(failure);
        End::Over
    }

    /// Puts the rest of the run aside, to be taken up again at `module`.
    fn put_aside(&mut self, module: &Value, failure: Failure, retry: bool, end: End) -> End {
        self.done.incomplete.push(json!({
            "reason": failure.message, "retry": retry, "failer": number(module, "id"),
            "bundle": self.bundles,
        }));
        self.done.failure = Some(failure);
        end
    }
}

/// The branches of a module, under `routes` or `branches`.
fn flows<'m>(module: &'m Value, name: &str) -> impl Iterator<Item = &'m Value> {
    let branches = module.get(name).and_then(Value::as_array);
    branches.into_iter().flatten()
}

/// The modules of a blueprint or a branch.
pub(super) fn flow_of(branch: &Value) -> &[Value] {
    let flow = branch.get("flow").and_then(Value::as_array);
    flow.map(Vec::as_slice).unwrap_or_default()
}

/// Whether a flow has a module of this id, at any depth.
fn holds(flow: &[Value], wanted: u64) -> bool {
    flow.iter().any(|module| {
        let mut branches = flows(module, "routes").chain(flows(module, "branches"));
        number(module, "id") == Some(wanted)
            || branches.any(|branch| holds(flow_of(branch), wanted))
    })
}
