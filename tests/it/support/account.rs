//! The account behind a sandbox, looked at and edited as another client would: raw requests, raw
//! JSON, no code of makeform's client.

use std::path::Path;

use makeform::{
    live::transport::{Method, Request, Transport as _},
    sandbox::{World, WorldOptions},
};
use serde_json::{Value, json};

const TOKEN: &str = "5a4db0c5-0000-4000-8000-000000000001";

/// Another client of the same world.
pub(crate) struct Account {
    world: World,
    runtime: tokio::runtime::Runtime,
}

impl Account {
    /// The world in a folder.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self::with_options(folder, "")
    }

    /// The world in a folder, which behaves as options of `MAKEFORM_SANDBOX` say.
    pub(crate) fn with_options(folder: &Path, options: &str) -> Self {
        let options: WorldOptions = options.parse().unwrap();
        Self {
            world: World::open(folder, options).unwrap(),
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap(),
        }
    }

    /// The world of a project's `sandbox:` target.
    pub(crate) fn of(project: &super::world::World) -> Self {
        Self::in_folder(&project.file(".makeform/sandbox"))
    }

    /// Makes it this time in the world.
    pub(crate) fn set_clock(&self, time: &str) {
        self.world.set_clock(time.parse().unwrap()).unwrap();
    }

    /// Lets hours pass in the world.
    pub(crate) fn pass_hours(&self, hours: i64) {
        let by = jiff::SignedDuration::from_hours(hours);
        self.world.advance(by).unwrap();
    }

    /// Sends one request; status and body.
    pub(crate) fn send(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<Value>,
    ) -> (u16, Value) {
        let request = Request {
            method,
            path: path.to_owned(),
            query: query
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            headers: vec![
                ("authorization", format!("Token {TOKEN}")),
                ("content-type", "application/json".into()),
            ],
            body: body.map(|body| body.to_string().into()),
        };
        let response = self.runtime.block_on(self.world.send(&request)).unwrap();
        let body = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
        (response.status, body)
    }

    /// The body of a successful read.
    #[track_caller]
    pub(crate) fn get(&self, path: &str, query: &[(&str, &str)]) -> Value {
        let (status, body) = self.send(Method::Get, path, query, None);
        assert_eq!(status, 200, "GET {path}: {body}");
        body
    }

    /// The body of a successful write.
    #[track_caller]
    pub(crate) fn write(&self, method: Method, path: &str, body: Value) -> Value {
        let (status, answer) = self.send(method, path, &[("confirmed", "true")], Some(body));
        assert_eq!(status, 200, "{method} {path}: {answer}");
        answer
    }

    /// The rows of all scenarios of the team.
    pub(crate) fn scenarios(&self) -> Vec<Value> {
        let query = [("teamId", "1"), ("pg[limit]", "10000"), ("cols[]", "*")];
        self.get("/scenarios", &query)["scenarios"]
            .as_array()
            .unwrap()
            .clone()
    }

    /// The one scenario of a name.
    #[track_caller]
    pub(crate) fn scenario(&self, name: &str) -> Value {
        let mut rows = self.scenarios();
        rows.retain(|row| row["name"] == name);
        assert_eq!(rows.len(), 1, "scenarios called {name}");
        rows.remove(0)
    }

    /// A scenario's blueprint.
    pub(crate) fn blueprint(&self, id: &Value) -> Value {
        let mut answer = self.get(&format!("/scenarios/{id}/blueprint"), &[]);
        answer["response"]["blueprint"].take()
    }

    /// All hooks of the team.
    pub(crate) fn hooks(&self) -> Vec<Value> {
        self.get("/hooks", &[("teamId", "1")])["hooks"]
            .as_array()
            .unwrap()
            .clone()
    }

    /// Makes a scenario by hand, as somebody in Make's editor would.
    pub(crate) fn create_scenario(&self, name: &str) -> Value {
        let blueprint = json!({"name": name, "flow": [], "metadata": {}});
        let body = json!({
            "teamId": 1,
            "blueprint": blueprint.to_string(),
            "scheduling": r#"{"type":"on-demand"}"#,
        });
        self.write(Method::Post, "/scenarios", body)["scenario"]["id"].clone()
    }
}
