//! Scenarios that run: on what arrives at their hooks, and as time passes.

use std::sync::Arc;

use makeform::{
    model::RemoteId,
    sandbox::{TOKEN, World as SandboxWorld, WorldOptions},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{account::Account, server::Server, world::World};

/// A client that is not this program.
struct Client {
    http: reqwest::Client,
    url: String,
}

impl Client {
    async fn ask(&self, method: Method, path: &str, body: Value) -> Value {
        let request = self
            .http
            .request(method, format!("{}/api/v2{path}", self.url));
        let request = request.header("authorization", format!("Token {TOKEN}"));
        let request = match body.is_null() {
            true => request,
            false => request
                .header("content-type", "application/json")
                .body(body.to_string()),
        };
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    async fn get(&self, path: &str) -> Value {
        self.ask(Method::GET, path, Value::Null).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.ask(Method::POST, path, body).await
    }

    async fn clock(&self, body: Value) -> Value {
        let request = self.http.post(format!("{}/_sandbox/clock", self.url));
        let answer = request.body(body.to_string()).send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    /// Sends something to a hook, and says what came back.
    async fn send(&self, method: Method, url: &str, body: &'static str) -> (u16, String) {
        let request = self.http.request(method, url);
        let request = request
            .header("content-type", "application/json")
            .body(body);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// A new scenario, switched on; its path.
    async fn scenario(&self, scheduling: Value, flow: Value) -> String {
        let settings = json!({ "dlq": true });
        let blueprint = json!({ "name": "x", "flow": flow, "metadata": { "scenario": settings } });
        let body = json!({
            "teamId": 1, "blueprint": blueprint.to_string(), "scheduling": scheduling.to_string(),
        });
        let made = self.post("/scenarios", body).await;
        let path = format!("/scenarios/{}", made["scenario"]["id"]);
        self.post(&format!("{path}/start"), json!({})).await;
        path
    }

    async fn logs(&self, path: &str) -> Vec<Value> {
        let logs = self.get(&format!("{path}/logs")).await;
        logs["scenarioLogs"].as_array().unwrap().clone()
    }
}

#[test]
fn scenarios_run_on_what_is_sent_to_their_hooks_and_as_time_passes() {
    let world = World::new();
    let server = Server::start(&world, &[]);
    makeform::live::install_tls();
    let client = Client {
        http: reqwest::Client::new(),
        url: server.url.clone(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(story(&client));

    // Beside the running server, this process looks into the same world, whose clock was moved.
    let beside = Account::of(&world);
    let runs: Vec<_> = beside
        .scenarios()
        .iter()
        .map(|row| row["operations"].clone())
        .collect();
    assert!(runs.iter().all(|operations| operations != "0"), "{runs:?}");

    // What each has consumed in the last 30 days: the daily one on each of them, the other long ago.
    let opened = SandboxWorld::open(&world.file(".makeform/sandbox"), WorldOptions::default());
    let client = makeform::live::Client::new(Arc::new(opened.unwrap()), TOKEN.into(), "x".into());
    let mut days = Vec::new();
    for row in beside.scenarios() {
        let id = RemoteId::Int(row["id"].as_u64().unwrap());
        days.extend(runtime.block_on(client.usage(&id)).unwrap());
    }
    let mut told: Vec<_> = days
        .iter()
        .map(|day| (day.date.to_string(), day.consumed.operations))
        .collect();
    told.sort();
    let daily = ["2030-03-01", "2030-03-02", "2030-03-03", "2030-03-04"];
    assert_eq!(told, daily.map(|day| (day.to_owned(), 1)));
}

async fn story(client: &Client) {
    // A hook takes requests where its row says.
    let hook = json!({
        "name": "leads", "teamId": 1, "typeName": "gateway-webhook", "method": true,
        "headers": false, "stringify": false,
    });
    let hook = client.post("/hooks", hook).await["hook"].clone();
    let url = hook["url"].as_str().unwrap();
    assert!(url.starts_with(&format!("{}/wh/", client.url)), "{url}");
    let flow = json!([
        { "id": 1, "module": "gateway:CustomWebHook", "parameters": { "hook": hook["id"] } },
        { "id": 2, "module": "sandbox:Fail", "mapper": { "when": "{{1.bad}}" } },
        { "id": 3, "module": "gateway:WebhookRespond",
          "mapper": { "status": "202", "body": "{{1.__IMTMETHOD__}} {{1.name}}" } },
    ]);
    let instant = client
        .scenario(json!({ "type": "immediately" }), flow)
        .await;
    let answer = client.send(Method::PUT, url, r#"{"name":"Ada"}"#).await;
    assert_eq!(answer, (202, "PUT Ada".to_owned()));
    let queried = format!("{url}?name=Bob");
    assert_eq!(
        client.send(Method::GET, &queried, "").await,
        (202, "GET Bob".to_owned())
    );
    let failed = client.send(Method::POST, url, r#"{"bad":1}"#).await;
    assert_eq!(failed, (200, "Accepted".to_owned()));
    let logs = client.logs(&instant).await;
    let statuses: Vec<_> = logs
        .iter()
        .map(|log| log["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [2, 1, 1]);

    // What failed was kept, and is taken up again when it is mended.
    let row = client.get(&instant).await["scenario"].clone();
    assert_eq!(row["dlqCount"], 1);
    let items = client.get(&format!("/dlqs?scenarioId={}", row["id"])).await;
    let item = items["dlqs"][0]["id"].as_str().unwrap();
    let mut blueprint =
        client.get(&format!("/dlqs/{item}/blueprint")).await["response"]["blueprint"].clone();
    blueprint["flow"][1]["module"] = json!("slack:Post");
    let mended = json!({ "blueprint": blueprint.to_string() });
    client
        .ask(Method::PATCH, &format!("/dlqs/{item}"), mended)
        .await;
    client.post(&format!("/dlqs/{item}/retry"), json!({})).await;
    assert_eq!(client.get(&instant).await["scenario"]["dlqCount"], 0);

    // The clock is moved, and what is due until then runs.
    client.clock(json!({ "set": "2030-03-01T05:00:00Z" })).await;
    let flow = json!([{ "id": 1, "module": "rss:Watch" }]);
    let daily = client
        .scenario(json!({ "type": "daily", "time": "09:00" }), flow)
        .await;
    let moved = client.clock(json!({ "advance": 3 * 86_400 })).await;
    assert_eq!((&moved["runs"], &moved["capped"]), (&json!(3), &json!([])));
    let logs = client.logs(&daily).await;
    assert_eq!(logs[0]["timestamp"], "2030-03-03T08:00:00.000Z");

    // It passes by itself too.
    client.clock(json!({ "set": "2030-03-04T07:59:58Z" })).await;
    let mut tries = 0;
    while client.logs(&daily).await.len() == logs.len() {
        tries += 1;
        assert!(tries < 600, "the schedule was not kept");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }

    // A hook that is no more says so.
    client
        .ask(
            Method::DELETE,
            &format!("/hooks/{}?confirmed=true", hook["id"]),
            Value::Null,
        )
        .await;
    let (status, words) = client.send(Method::POST, url, "{}").await;
    assert_eq!(
        (status, words.contains("no scenario listening")),
        (410, true)
    );
}
