//! Both dialects over one world.

use serde_json::{Value, json};

use crate::live::transport::Method::{self, Delete, Get, Patch, Post};
use crate::live::transport::Transport;
use crate::sandbox::Dialect::{Unified, Zone};
use crate::sandbox::trial::{Trial, request};

fn unified() -> Trial {
    let mut trial = Trial::new();
    trial.speak(Unified);
    trial
}

fn written() -> Value {
    json!({
        "modules": [
            { "id": 1, "app": "gateway", "action": "CustomWebHook", "parameters": {} },
            { "id": 2, "app": "slack", "action": "CreateMessage",
              "parameters": { "__IMTCONN__": 301 }, "mapper": { "text": "{{1.text}}" } },
        ],
        "connections": [{ "from": 1, "to": 2 }],
    })
}

/// Status and message of a refusal.
fn refused(trial: &Trial, method: Method, path: &str, body: Option<Value>) -> String {
    let (status, body) = trial.ask(method, path, body);
    let fields: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["message"], "{body}");
    format!("{status} {}", body["message"].as_str().unwrap())
}

#[test]
fn a_scenario_gives_back_every_field_that_was_written() {
    let trial = unified();
    let body = json!({
        "name": "Leads", "blueprint": written(), "active": false, "priority": "high",
        "maxErrors": 7, "autoCommit": false, "description": "Copies leads.",
        "schedule": { "cronExpression": "*/15 * * * *", "timezone": "Europe/Prague" },
    });
    let id = trial.post("/scenarios", body.clone())["id"].clone();
    let path = format!("/scenarios/{id}");
    let shown = trial.get(&path);
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(shown[field], *value, "{field}");
    }
    assert_eq!(shown["modules"][1]["action"], "CreateMessage");
    assert_eq!(shown["connections"], json!([{ "from": 1, "to": 2 }]));

    trial.patch(&path, json!({ "maxErrors": 9 }));
    let shown = trial.get(&path);
    assert_eq!(
        (&shown["maxErrors"], &shown["blueprint"]),
        (&json!(9), &written())
    );
    assert_eq!(shown["autoCommit"], false);
    trial.patch(&path, json!({ "schedule": null, "active": true }));
    let shown = trial.get(&path);
    assert_eq!(
        (&shown["schedule"], &shown["active"]),
        (&Value::Null, &json!(true))
    );
    trial.patch(&path, json!({ "active": true, "name": "All leads" }));
    assert_eq!(trial.get(&path)["name"], "All leads");
    trial.delete(&path);
    assert!(refused(&trial, Get, &path, None).starts_with("404"));
}

#[test]
fn the_other_dialect_sees_the_same_scenario_and_its_changes_count() {
    let mut trial = unified();
    let body = json!({ "name": "Leads", "blueprint": written(), "maxErrors": 7,
        "schedule": { "cronExpression": "30 6 * * *", "timezone": "UTC" } });
    let id = trial.post("/scenarios", body)["id"].clone();
    let path = format!("/scenarios/{id}");
    let zone = trial.get(&path)["schedule"]["timezone"].clone();

    trial.speak(Zone);
    let saved = trial.get(&format!("{path}/blueprint"));
    let blueprint = &saved["response"]["blueprint"];
    assert_eq!(blueprint["flow"][1]["module"], "slack:CreateMessage");
    assert_eq!(blueprint["metadata"]["scenario"]["maxErrors"], 7);
    let mut changed = blueprint.clone();
    changed["flow"][1]["mapper"]["text"] = json!("Hello");
    trial.patch(
        &path,
        json!({ "blueprint": changed.to_string(),
        "scheduling": r#"{"type":"indefinitely","interval":900}"# }),
    );

    trial.speak(Unified);
    let shown = trial.get(&path);
    assert_eq!(shown["blueprint"]["flow"][1]["mapper"]["text"], "Hello");
    assert_eq!(shown["modules"][1]["mapper"]["text"], "Hello");
    assert_eq!(shown["schedule"]["cronExpression"], "*/15 * * * *");
    assert_eq!(zone, "UTC");
}

#[test]
fn a_webhook_belongs_to_its_scenario_and_never_changes() {
    let trial = unified();
    let body = json!({ "name": "Leads", "blueprint": written() });
    let scenario = trial.post("/scenarios", body)["id"].clone();
    let hook = json!({ "name": "leads", "scenarioId": scenario, "type": "custom",
        "hookType": "GET", "security": { "type": "basic", "username": "crm", "password": "x9" } });
    let made = trial.post("/webhooks", hook.clone());
    assert!(made["url"].as_str().unwrap().starts_with("http"));
    let second = refused(&trial, Post, "/webhooks", Some(hook));
    assert!(second.starts_with("422"), "{second}");

    let rows = trial.get("/webhooks")["data"].clone();
    assert_eq!(
        rows[0]["security"],
        json!({ "type": "basic", "username": "crm" })
    );
    assert!(!rows.to_string().contains("x9"));
    assert_eq!(rows[0]["scenarioId"], scenario);

    // A blueprint that names no hook does not take it away.
    let path = format!("/scenarios/{scenario}");
    trial.patch(&path, json!({ "blueprint": written() }));
    assert_eq!(trial.get("/webhooks")["data"][0]["scenarioId"], scenario);
    let hook = format!("/webhooks/{}", made["id"]);
    assert!(trial.ask(Patch, &hook, Some(json!({}))).0 >= 400);
    trial.delete(&hook);
    assert_eq!(trial.get("/webhooks")["data"], json!([]));
}

#[test]
fn lists_have_pages_without_a_total() {
    let trial = unified();
    for number in 0..60 {
        trial.post("/scenarios", json!({ "name": format!("s{number}") }));
    }
    let page = |query: &str| {
        let answer = trial.get(&format!("/scenarios{query}"));
        assert_eq!(answer.as_object().unwrap().len(), 1);
        answer["data"].as_array().unwrap().len()
    };
    assert_eq!(page(""), 50);
    assert_eq!(page("?offset=50"), 10);
    assert_eq!(page("?offset=60"), 0);
    assert_eq!(page("?limit=7&offset=5"), 7);
}

#[test]
fn tokens_are_asked_for_and_refusals_have_a_message_alone() {
    let trial = unified();
    let mut stranger = request(Get, "/scenarios", None);
    stranger.headers.clear();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let answer = runtime.block_on(trial.world.send(&stranger)).unwrap();
    assert_eq!(answer.status, 401);
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(body.as_object().unwrap().len(), 1);
    for (method, path, body) in [
        (Get, "/hooks", None),
        (Get, "/scenarios/77", None),
        (
            Post,
            "/scenarios",
            Some(json!({ "name": "x", "teamId": 1 })),
        ),
        (
            Post,
            "/scenarios",
            Some(json!({ "name": "x", "priority": "urgent" })),
        ),
        (
            Post,
            "/scenarios",
            Some(json!({ "name": "x", "blueprint": { "modules": 1 } })),
        ),
        (Get, "/organizations/2/users", None),
        (Delete, "/webhooks/1", None),
    ] {
        let refusal = refused(&trial, method, path, body);
        assert!(refusal.starts_with('4'), "{refusal}");
    }
    assert_eq!(
        trial.get("/scenarios")["data"],
        json!([]),
        "nothing was stored"
    );
}

#[test]
fn a_member_has_one_role_that_stands_for_two() {
    let mut trial = unified();
    let rows = trial.get("/organizations/1/users")["data"].clone();
    let role = |rows: &Value, email: &str| {
        let rows = rows.as_array().unwrap().iter();
        let mut of = rows.filter(|row| row["email"].as_str().unwrap().starts_with(email));
        of.next()
            .map(|row| (row["id"].clone(), row["role"].as_str().unwrap().to_owned()))
    };
    let (max, _) = role(&rows, "max").unwrap();
    for word in ["viewer", "builder", "manager", "admin"] {
        let path = format!("/organizations/1/users/{max}");
        trial.patch(&path, json!({ "role": word }));
        let rows = trial.get("/organizations/1/users")["data"].clone();
        assert_eq!(role(&rows, "max").unwrap().1, word);
    }
    assert_eq!(role(&rows, "olivia").unwrap().1, "owner");
    trial.speak(Zone);
    let roles = trial.get("/organizations/1/user-organization-roles");
    let roles = roles["userOrganizationRoles"].as_array().unwrap().iter();
    let mut of_max = roles.filter(|role| role["userId"] == max);
    assert_eq!(of_max.next().unwrap()["usersRoleId"], 12);
}
