//! For tests: a world of its own, and short ways to ask it things.

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::live::transport::{Method, Request, Response, Transport};

use super::dialect::Dialect;
use super::limit::PlanName;
use super::quirk::Quirks;
use super::token::TOKEN;
use super::{World, WorldOptions};

/// A fresh world in a folder that goes away with it.
pub(crate) struct Trial {
    pub(crate) world: World,
    pub(crate) folder: TempDir,
    runtime: Runtime,
}

impl Trial {
    pub(crate) fn new() -> Self {
        Self::with(WorldOptions::default())
    }

    /// A world with these quirks, each as `NAME=SETTING`.
    pub(crate) fn quirky(changes: &[&str]) -> Self {
        let mut quirks = Quirks::default();
        for change in changes {
            quirks.set_from(change).unwrap();
        }
        Self::with(WorldOptions {
            quirks,
            ..WorldOptions::default()
        })
    }

    /// A world with this plan.
    pub(crate) fn on(plan: PlanName) -> Self {
        Self::with(WorldOptions {
            plan: Some(plan),
            ..WorldOptions::default()
        })
    }

    pub(crate) fn with(options: WorldOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = World::open(folder.path(), options).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        Self {
            world,
            folder,
            runtime,
        }
    }

    /// From now on, answers with this quirk, `NAME=SETTING`.
    pub(crate) fn quirk(&self, change: &str) {
        let mut quirks = self.world.quirks();
        quirks.set_from(change).unwrap();
        self.world.set_quirks(quirks);
    }

    /// The same world, opened in another way.
    pub(crate) fn reopened(self, options: WorldOptions) -> Self {
        let world = World::open(self.folder.path(), options).unwrap();
        Self { world, ..self }
    }

    /// From now on, asks in this dialect.
    pub(crate) fn speak(&mut self, dialect: Dialect) {
        self.world = self.world.speaking(dialect);
    }

    /// Sends a request as a client does; `path` may have a query, which is not decoded.
    pub(crate) fn send(&self, method: Method, path: &str, body: Option<Value>) -> Response {
        self.answer(&request(method, path, body))
    }

    /// The answer to a request.
    pub(crate) fn answer(&self, request: &Request) -> Response {
        self.runtime.block_on(self.world.send(request)).unwrap()
    }

    /// The status and the JSON of an answer.
    pub(crate) fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let answer = self.send(method, path, body);
        (answer.status, serde_json::from_slice(&answer.body).unwrap())
    }

    /// The same, with another `Authorization` than the well-known token.
    pub(crate) fn ask_as(
        &self,
        authorization: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let mut request = request(method, path, body);
        request.headers = vec![("authorization", authorization.to_owned())];
        let answer = self.answer(&request);
        (answer.status, serde_json::from_slice(&answer.body).unwrap())
    }

    /// The answer to a request that must succeed.
    pub(crate) fn get(&self, path: &str) -> Value {
        self.succeed(Method::Get, path, None)
    }

    pub(crate) fn post(&self, path: &str, body: Value) -> Value {
        self.succeed(Method::Post, path, Some(body))
    }

    pub(crate) fn patch(&self, path: &str, body: Value) -> Value {
        self.succeed(Method::Patch, path, Some(body))
    }

    pub(crate) fn delete(&self, path: &str) -> Value {
        self.succeed(Method::Delete, path, None)
    }

    fn succeed(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let (status, body) = self.ask(method, path, body);
        assert_eq!(status, 200, "{method} {path}: {body}");
        body
    }

    /// Status, code and detail of a request that must fail.
    pub(crate) fn refused(&self, method: Method, path: &str, body: Option<Value>) -> String {
        let (status, body) = self.ask(method, path, body);
        assert!(status >= 400, "{method} {path}: {body}");
        format!(
            "{status} {} {}",
            body["code"].as_str().unwrap(),
            body["detail"].as_str().unwrap()
        )
    }

    /// A new scenario on demand, of this flow.
    pub(crate) fn scenario(&self, name: &str, flow: Value) -> u64 {
        let blueprint = json!({ "name": name, "flow": flow, "metadata": {} });
        let made = self.post(
            "/scenarios",
            save(&blueprint, &json!({ "type": "on-demand" })),
        );
        made["scenario"]["id"].as_u64().unwrap()
    }

    /// A new webhook.
    pub(crate) fn hook(&self, name: &str) -> u64 {
        let body = json!({
            "name": name, "teamId": 1, "typeName": "gateway-webhook",
            "method": false, "headers": false, "stringify": false,
        });
        self.post("/hooks", body)["hook"]["id"].as_u64().unwrap()
    }
}

/// The body of `POST /scenarios`.
pub(crate) fn save(blueprint: &Value, scheduling: &Value) -> Value {
    json!({
        "teamId": 1, "blueprint": blueprint.to_string(), "scheduling": scheduling.to_string(),
    })
}

/// The request that a client with the world's token sends.
pub(crate) fn request(method: Method, path: &str, body: Option<Value>) -> Request {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    Request {
        method,
        path: path.to_owned(),
        query: pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        headers: vec![("authorization", format!("Token {TOKEN}"))],
        body: body.map(|body| body.to_string().into()),
    }
}
