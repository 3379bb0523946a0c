//! Documents with every key, and values for its place.

use serde_json::{Value, json};

/// A project whose targets speak both dialects.
pub(super) fn project() -> Value {
    json!({
        "apiVersion": "makeform/v1",
        "kind": "Project",
        "metadata": { "name": "p" },
        "spec": {
            "manifests": ["m/*.yaml"],
            "state": "file",
            "env": ["TOKEN"],
            "defaultTarget": "zone",
            "lints": { "raw-id": "off" },
            "targets": {
                "zone": {
                    "url": "sandbox:",
                    "organization": "${env.MAKE_ORGANIZATION_ID}",
                    "team": "Ops",
                    "token": "${env.MAKE_API_KEY}",
                    "vars": { "a": "1" },
                    "dialect": "zone",
                    "rateLimit": 60,
                    "map": { "connection.slack": 1 },
                    "overrides": {},
                    "exclude": [],
                },
                "unified": { "url": "https://api.make.com", "vars": { "a": "1" } },
            },
        },
    })
}

fn thing(kind: &str, spec: Value) -> Value {
    json!({
        "apiVersion": "makeform/v1",
        "kind": kind,
        "metadata": { "name": "a" },
        "spec": spec,
    })
}

/// A manifest of each kind with every key, several where keys shut each other out.
pub(super) fn manifests() -> Vec<Value> {
    let lifecycle = |field: &str| json!({ "preventDestroy": true, "ignoreChanges": [field] });
    let window = json!({ "days": ["mon"], "months": ["jan", 2], "time": ["08:00", "17:00"] });
    let rhythms = [
        json!({ "every": "15m", "restrict": [window], "timezone": "Europe/Prague" }),
        json!({ "daily": "06:30", "between": ["2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"] }),
        json!({ "weekly": { "days": ["mon", "friday"], "time": "09:00" } }),
        json!({ "monthly": { "days": [1, 15], "time": "09:00:30" } }),
        json!({ "yearly": { "months": ["jan", 7], "days": [1], "time": "09:00" } }),
        json!({ "once": "2026-12-01T09:00:00Z" }),
        json!({ "immediately": true, "maxRunsPerMinute": 5 }),
        json!({ "onDemand": true }),
        json!({ "cron": "0 9 * * 1-5" }),
        json!({ "raw": { "type": "indefinitely", "interval": 900 } }),
    ];
    let scenario = json!({
        "name": "A ${var.a}",
        "folder": "folder.a",
        "description": "text",
        "active": true,
        "schedule": { "every": "15m" },
        "blueprint": { "file": "a.json", "references": true },
        "settings": {
            "maxErrors": 3, "autoCommit": true, "autoCommitTriggerLast": true, "sequential": true,
            "confidential": true, "dataLoss": true, "keepIncomplete": true, "freshVariables": true,
            "roundtrips": 1,
        },
        "interface": { "input": [{ "name": "a", "type": "text" }], "output": [] },
        "customProperties": { "client": "Acme" },
        "priority": "high",
        "lifecycle": lifecycle("/settings/maxErrors"),
    });
    let hook = |more: Value| {
        let mut spec = json!({ "type": "custom" });
        spec.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        thing("Webhook", spec)
    };
    let mut all = vec![
        json!({
            "apiVersion": "makeform/v1",
            "kind": "Agent",
            "metadata": { "name": "a" },
            "spec": { "name": "A" },
            "removed": [{ "address": "scenario.x", "destroy": true }],
            "moved": [{ "from": "webhook.x", "to": "webhook.a" }],
        }),
        thing("Connection", json!({ "name": "A", "type": "slack,slack2" })),
        thing("Device", json!({ "name": "A", "type": ["android"] })),
        thing("Key", json!({ "name": "A", "type": "apikeyauth" })),
        thing(
            "Folder",
            json!({ "name": "A", "parent": 7, "lifecycle": lifecycle("name") }),
        ),
        thing(
            "Team",
            json!({ "name": "A", "limits": { "operations": 10 }, "lifecycle": lifecycle("limits") }),
        ),
        thing(
            "TeamRole",
            json!({ "email": "a@b.c", "role": "viewer", "lifecycle": lifecycle("role") }),
        ),
        thing(
            "OrganizationRole",
            json!({
                "email": "a@b.c", "role": "Member", "name": "A", "note": "Hello", "lifecycle": lifecycle("role"),
            }),
        ),
        thing(
            "Variable",
            json!({
                "name": "a", "scope": "team", "type": "text", "value": "x", "lifecycle": lifecycle("value"),
            }),
        ),
        thing(
            "DataStructure",
            json!({
                "name": "A", "strict": true, "lifecycle": lifecycle("fields"),
                "fields": [{ "name": "a", "type": "collection", "spec": [{ "name": "b", "type": "text" }] },
                           { "name": "c", "type": "array", "spec": { "type": "text" } }],
            }),
        ),
        thing(
            "DataStore",
            json!({
                "name": "A", "dataStructure": "data-structure.a", "maxSizeMB": 1, "lifecycle": lifecycle("name"),
            }),
        ),
        hook(json!({
            "name": "A", "enabled": true, "headers": true, "method": true, "stringify": true,
            "connection": "connection.a", "ip": "10.0.0.1", "dataStructure": "${data-structure.a}",
            "security": { "type": "none" }, "hookType": "GET", "scenario": "scenario.a",
            "lifecycle": lifecycle("portalId"),
        })),
        hook(json!({ "type": "hubspot", "portalId": 7, "ip": null })),
        hook(json!({ "security": { "type": "token", "token": "${env.TOKEN}" } })),
        hook(json!({ "security": {
            "type": "basic", "username": "${env.TOKEN}", "password": "${env.TOKEN}" } })),
        thing("Scenario", scenario),
        thing(
            "Scenario",
            json!({ "schedule": "schedule.a", "blueprint": { "flow": [] } }),
        ),
        thing(
            "Scenario",
            json!({ "blueprint": {
            "modules": [{ "id": 1, "app": "a" }], "connections": [{ "from": 1, "to": 1 }] } }),
        ),
        json!({ "apiVersion": "makeform/v1", "removed": [{ "address": "folder.x" }], "moved": [] }),
    ];
    all.extend(
        rhythms
            .iter()
            .map(|rhythm| thing("Schedule", rhythm.clone())),
    );
    all
}

/// What is put in the place of every value.
pub(super) fn samples() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(-1),
        json!(12),
        json!(31),
        json!(10_001),
        json!(1.5),
        json!(""),
        json!(" "),
        json!("a"),
        json!("1"),
        json!("x y"),
        json!("yes"),
        json!("Owner"),
        json!("MON"),
        json!("july"),
        json!("15m"),
        json!("6:30"),
        json!("25:00"),
        json!("2026-12-01T09:00:00+02:00"),
        json!("2026-12-01"),
        json!("custom"),
        json!("gateway-webhook"),
        json!("basic"),
        json!("GET"),
        json!("team"),
        json!("date"),
        json!("off"),
        json!("https://eu1.make.com"),
        json!("eu1.make.com"),
        json!("a@b.c"),
        json!("a@"),
        json!("MAKE_API_KEY"),
        json!("folder.a"),
        json!("schedule.a"),
        json!("scenario.a"),
        json!("${scenario.a}"),
        json!("${connection.a}"),
        json!("connection.A"),
        json!("${var.a}"),
        json!("${env.TOKEN}"),
        json!("x ${env.MAKE_API_KEY}"),
        json!("x".repeat(300)),
        json!([]),
        json!(["a"]),
        json!(["mon", 1]),
        json!([1, 31]),
        json!([null]),
        json!(["08:00", "17:00"]),
        json!([{ "name": "a", "type": "text" }]),
        json!([{}]),
        json!({}),
        json!({ "a": 1 }),
        json!({ "a": "b" }),
        json!({ "file": "a.json" }),
        json!({ "file": "a.json", "flow": [] }),
        json!({ "flow": [], "name": "a", "makeform": 1 }),
        json!({ "flow": {} }),
        json!({ "flow": [], "metadata": [] }),
        json!({ "modules": [{}] }),
        json!({ "type": "token" }),
        json!({ "type": "none", "token": "${env.TOKEN}" }),
        json!({ "every": "15m" }),
        json!({ "every": "15m", "daily": "06:30" }),
        json!({ "days": ["tue"], "time": "06:30" }),
        json!({ "connection.a": 1, "agent.b": "x" }),
        json!({ "operations": 1 }),
    ]
}
