//! What is sent to hooks.

use serde_json::{Value, json};

use super::{given, module};
use crate::live::transport::Method::{Delete, Get};
use crate::sandbox::payload::Post;
use crate::sandbox::trial::Trial;

/// A hook, and how to send to it.
struct Hooked {
    trial: Trial,
    path: String,
    udid: String,
}

impl Hooked {
    fn new() -> Self {
        let trial = Trial::new();
        let path = format!("/hooks/{}", trial.hook("leads"));
        let udid = trial.get(&path)["hook"]["udid"]
            .as_str()
            .unwrap()
            .to_owned();
        Self { trial, path, udid }
    }

    fn hook(&self) -> Value {
        self.trial.get(&self.path)["hook"].clone()
    }

    fn send(&self, body: Value) -> (u16, String) {
        self.send_from("192.0.2.7", body)
    }

    fn send_from(&self, address: &str, body: Value) -> (u16, String) {
        let post = Post {
            method: "POST".to_owned(),
            query: Vec::new(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.to_string().into(),
            from: Some(address.parse().unwrap()),
        };
        let answer = self.trial.world.take(&self.udid, &post).unwrap();
        (
            answer.status,
            String::from_utf8(answer.body.to_vec()).unwrap(),
        )
    }

    /// A scenario that the hook triggers, not switched on.
    fn scenario(&self, settings: Value, schedule: Value, rest: Vec<Value>) -> String {
        let id: u64 = self.path.rsplit('/').next().unwrap().parse().unwrap();
        let mut flow = vec![json!({
            "id": 1, "module": "gateway:CustomWebHook", "parameters": { "hook": id }, "mapper": {},
        })];
        flow.extend(rest);
        let blueprint = json!({ "name": "x", "flow": flow, "metadata": { "scenario": settings } });
        let made = self.trial.post(
            "/scenarios",
            crate::sandbox::trial::save(&blueprint, &schedule),
        );
        format!("/scenarios/{}", made["scenario"]["id"])
    }

    fn start(&self, path: &str) {
        self.trial.post(&format!("{path}/start"), json!({}));
    }
}

fn at_once() -> Value {
    json!({ "type": "immediately" })
}

const GONE: &str = "There is no scenario listening for this webhook.";

#[test]
fn what_arrives_waits_until_the_scenario_takes_it() {
    let hooked = Hooked::new();
    let trial = &hooked.trial;
    let fails = given(2, "sandbox:Fail", json!({ "when": "{{1.bad}}" }));
    let path = hooked.scenario(json!({}), at_once(), vec![fails]);
    assert_eq!(
        trial.get(&format!("{}/ping", hooked.path))["learning"],
        true
    );
    assert_eq!(hooked.send(json!({ "n": 1 })), (200, "Accepted".to_owned()));
    hooked.send(json!({ "n": 2 }));
    let ping = trial.get(&format!("{}/ping", hooked.path));
    assert_eq!(ping["learning"], false);
    assert_eq!(
        ping["dataStructure"],
        json!([{ "name": "n", "type": "number" }])
    );
    assert_eq!(hooked.hook()["queueCount"], 2);
    let incomings = format!("{}/incomings", hooked.path);
    let waiting = trial.get(&incomings)["incomings"].clone();
    assert_eq!(
        (waiting.as_array().unwrap().len(), &waiting[0]["size"]),
        (2, &json!(7))
    );
    let item = trial.get(&format!(
        "{incomings}/{}",
        waiting[0]["id"].as_str().unwrap()
    ));
    assert_eq!(item["incoming"]["data"], json!({ "n": 1 }));
    assert_eq!(
        trial.get(&format!("{incomings}/stats"))["incomingStat"]["queue"],
        2
    );

    hooked.start(&path);
    assert_eq!(hooked.hook()["queueCount"], 0);
    assert_eq!(trial.logs(&path).len(), 2);
    hooked.send(json!({ "n": 3 }));
    let logs = trial.logs(&path);
    assert_eq!(
        (logs.len(), &logs[0]["instant"], &logs[0]["type"]),
        (3, &json!(true), &json!("auto"))
    );

    assert_eq!(
        hooked.send(json!({ "bad": true })),
        (200, "Accepted".to_owned())
    );
    let row = trial.row(&path);
    assert_eq!(row["isActive"], false, "an instant one has no second try");
    hooked.send(json!({ "n": 4 }));
    assert_eq!(hooked.hook()["queueCount"], 1);
    let logs = trial.get(&format!("{}/logs", hooked.path))["hookLogs"].clone();
    let statuses: Vec<_> = logs
        .as_array()
        .unwrap()
        .iter()
        .map(|log| log["statusId"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses.len(), 5);
    assert_eq!(statuses.iter().filter(|status| **status == 3).count(), 1);
    let log = logs[0]["id"].as_str().unwrap();
    assert_eq!(
        trial.get(&format!("{}/logs/{log}", hooked.path))["hookLog"]["id"],
        log
    );
}

#[test]
fn a_queue_is_emptied_by_hand_and_refuses_when_it_is_full() {
    let hooked = Hooked::new();
    let trial = &hooked.trial;
    let id = hooked.path.rsplit('/').next().unwrap().parse().unwrap();
    trial
        .world
        .batch(|batch| {
            let mut hook = batch.get(crate::sandbox::Collection::Hooks, id)?.unwrap();
            hook["queueLimit"] = json!(3);
            batch.put(crate::sandbox::Collection::Hooks, id, &hook)
        })
        .unwrap();
    for n in 0..3 {
        assert_eq!(hooked.send(json!({ "n": n })).0, 200);
    }
    assert_eq!(hooked.send(json!({})), (400, "Queue is full.".to_owned()));
    let incomings = format!("{}/incomings", hooked.path);
    let first = trial.get(&incomings)["incomings"][0]["id"].clone();
    let delete =
        |query: &str, body: Value| trial.ask(Delete, &format!("{incomings}{query}"), Some(body));
    assert_eq!(delete("", json!({ "ids": [first] })).0, 200);
    assert_eq!(hooked.hook()["queueCount"], 2);
    assert_eq!(delete("", json!({ "all": true })).0, 406);
    assert_eq!(delete("?confirmed=true", json!({ "all": true })).0, 200);
    assert_eq!(hooked.hook()["queueCount"], 0);
    assert_eq!(trial.get(&incomings)["incomings"], json!([]));
}

#[test]
fn a_hook_that_is_off_or_unused_for_five_days_or_removed_is_gone() {
    let hooked = Hooked::new();
    let trial = &hooked.trial;
    let gone = (410, GONE.to_owned());
    trial.post(&format!("{}/disable", hooked.path), json!({}));
    assert_eq!(hooked.send(json!({})), gone);
    trial.post(&format!("{}/enable", hooked.path), json!({}));
    trial.wait(119 * 3600);
    assert_eq!(hooked.send(json!({})).0, 200);
    trial.wait(2 * 3600);
    assert_eq!(hooked.send(json!({})), gone);
    let hook = hooked.hook();
    assert_eq!(
        (&hook["gone"], &hook["enabled"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(trial.get(&format!("{}/ping", hooked.path))["gone"], true);

    let path = hooked.scenario(json!({}), at_once(), vec![]);
    assert_eq!(hooked.hook()["gone"], false, "it is used again");
    trial.wait(200 * 3600);
    assert_eq!(hooked.send(json!({})).0, 200, "used, it lives on");
    trial.delete(&path);
    trial.wait(119 * 3600);
    assert_eq!(hooked.send(json!({})).0, 200);
    trial.wait(2 * 3600);
    assert_eq!(hooked.send(json!({})), gone);
    trial.delete(&hooked.path);
    assert_eq!(hooked.send(json!({})), gone);
    assert!(
        trial
            .refused(Get, &format!("{}/incomings", hooked.path), None)
            .starts_with("404")
    );
}

#[test]
fn a_list_of_addresses_lets_only_those_in() {
    let hooked = Hooked::new();
    let list = json!({ "ip": "203.0.113.7, 198.51.100.0/24,2001:db8::/32" });
    hooked
        .trial
        .post(&format!("{}/set-data", hooked.path), list);
    for address in ["203.0.113.7", "198.51.100.200", "2001:db8:1::2"] {
        assert_eq!(hooked.send_from(address, json!({})).0, 200, "{address}");
    }
    for address in ["203.0.113.8", "198.51.101.1", "2001:db9::1", "127.0.0.1"] {
        assert_eq!(hooked.send_from(address, json!({})).0, 403, "{address}");
    }
}

#[test]
fn a_scenario_may_answer_by_itself() {
    let hooked = Hooked::new();
    let answer = json!({ "status": "201", "body": "Hello {{1.name}}", "headers": [{ "key": "X-A", "value": "b" }] });
    let path = hooked.scenario(
        json!({}),
        at_once(),
        vec![given(2, "gateway:WebhookRespond", answer)],
    );
    hooked.start(&path);
    assert_eq!(
        hooked.send(json!({ "name": "Ada" })),
        (201, "Hello Ada".to_owned())
    );
}

#[test]
fn runs_wait_for_the_minute_or_for_one_another() {
    let hooked = Hooked::new();
    let trial = &hooked.trial;
    let slowly = json!({ "type": "immediately", "maximum_runs_per_minute": 2 });
    let path = hooked.scenario(json!({}), slowly, vec![module(2, "slack:Post")]);
    hooked.start(&path);
    for _ in 0..5 {
        hooked.send(json!({}));
    }
    assert_eq!(
        (
            trial.logs(&path).len(),
            hooked.hook()["queueCount"].as_u64()
        ),
        (2, Some(3))
    );
    assert!(trial.row(&path)["nextExec"].is_string());
    trial.wait(65);
    assert_eq!(
        (
            trial.logs(&path).len(),
            hooked.hook()["queueCount"].as_u64()
        ),
        (4, Some(1))
    );
    trial.wait(65);
    assert_eq!(
        (
            trial.logs(&path).len(),
            hooked.hook()["queueCount"].as_u64()
        ),
        (5, Some(0))
    );
    assert_eq!(trial.row(&path)["nextExec"], Value::Null);
    trial.delete(&path);

    let sleep = given(2, "util:FunctionSleep", json!({ "duration": 1000 }));
    let path = hooked.scenario(json!({ "sequential": true }), at_once(), vec![sleep]);
    hooked.start(&path);
    for _ in 0..3 {
        hooked.send(json!({}));
    }
    assert_eq!(
        (
            trial.logs(&path).len(),
            hooked.hook()["queueCount"].as_u64()
        ),
        (1, Some(2))
    );
    trial.wait(1_500);
    assert_eq!(
        (
            trial.logs(&path).len(),
            hooked.hook()["queueCount"].as_u64()
        ),
        (2, Some(1))
    );
    trial.wait(3_000);
    let statuses: Vec<_> = trial
        .logs(&path)
        .iter()
        .map(|log| log["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [1, 1, 1]);
}

#[test]
fn a_schedule_takes_what_has_arrived_until_then() {
    let hooked = Hooked::new();
    let trial = &hooked.trial;
    trial.set_time("2027-06-01T06:00:00Z");
    let daily = json!({ "type": "daily", "time": "09:00" });
    let path = hooked.scenario(json!({}), daily, vec![]);
    hooked.start(&path);
    hooked.send(json!({ "n": 1 }));
    hooked.send(json!({ "n": 2 }));
    assert!(trial.logs(&path).is_empty());
    trial.wait(2 * 3600);
    assert_eq!(trial.logs(&path).len(), 2);
    assert_eq!(trial.row(&path)["nextExec"], "2027-06-02T07:00:00.000Z");
}
