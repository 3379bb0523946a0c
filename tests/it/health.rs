//! Scenarios that do not work after a step: what becomes of them, and how it is found out.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use makeform::{live::transport::Method, sandbox::Collection};
use serde_json::Value;

use crate::support::{
    account::Account, faulty_wire::meddle, server::Server, tap::Tap, world::World,
};

/// A scenario that sums something up every 15 minutes.
pub(crate) const GOOD: &str = r#"
apiVersion: makeform/v1
kind: Scenario
metadata: { name: sums }
spec:
  name: Sums
  description: Sums things up.
  active: true
  schedule: { every: 15m }
  # rules
  blueprint:
    flow:
      - { id: 1, module: "util:SetVariable2", version: 1, parameters: {}, mapper: { name: sum, value: "1", scope: roundtrip } }
    metadata: { version: 1 }
"#;

/// What Make marks as invalid when it is saved: incomplete executions are not kept.
pub(crate) const BREAKS: &str = r#"version: 1, onerror: [{ id: 9, module: "builtin:Break", version: 1, mapper: { count: "3" } }],"#;

/// A scenario that is given inputs, and fails on bad ones.
pub(crate) const RUNNING: &str = r#"
apiVersion: makeform/v1
kind: Scenario
metadata: { name: leads }
spec:
  name: Leads
  description: One.
  active: true
  schedule: { onDemand: true }
  verify: { run: { input: { email: ada@example.org } }, expect: success, within: 30s }
  blueprint:
    flow:
      - { id: 1, module: "scenario-service:StartSubscenario", version: 1 }
      - { id: 2, module: "sandbox:Fail", version: 1, mapper: { when: "{{1.bad}}", type: DataError, message: "No {{1.email}}." } }
      - { id: 3, module: "util:FunctionSleep", version: 1, mapper: { duration: "{{1.seconds}}" } }
    metadata: { version: 1 }
"#;

pub(crate) fn world(manifest: &str) -> World {
    let world = World::new();
    world.write("manifests/all.yaml", manifest);
    world
}

pub(crate) fn break_it(world: &World) {
    world.edit("manifests/all.yaml", "version: 1, parameters: {},", BREAKS);
    world.edit("manifests/all.yaml", "every: 15m", "every: 30m");
    world.edit("manifests/all.yaml", "Sums things up.", "Sums more up.");
}

pub(crate) fn mend_it(world: &World) {
    world.edit("manifests/all.yaml", BREAKS, "version: 1,");
}

/// The digest of the plan, and how many steps it has.
fn planned(world: &World) -> (String, usize) {
    let output = world.run(&["plan", "--format", "json"]).success();
    let plan: Value = serde_json::from_str(&output.stdout).unwrap();
    let digest = plan["digest"].as_str().unwrap().to_owned();
    (digest, plan["steps"].as_array().unwrap().len())
}

/// A scenario's row and blueprint.
pub(crate) fn form(world: &World, name: &str) -> (Value, Value) {
    let account = Account::of(world);
    let mut row = account.scenario(name);
    let blueprint = account.blueprint(&row["id"].clone());
    let stands = [
        "name",
        "description",
        "isActive",
        "isinvalid",
        "scheduling",
        "folderId",
    ];
    row.as_object_mut()
        .unwrap()
        .retain(|key, _| stands.contains(&key.as_str()));
    (row, blueprint)
}

/// The requests of the last apply, as the journal has them, each with its ending.
fn journal(world: &World) -> Vec<(String, String)> {
    let newest = (1..100).take_while(|n| {
        let name = format!(".makeform/sandbox/history/{n}.jsonl");
        world.file(&name).is_file()
    });
    let newest = newest.last().unwrap();
    let text = world.read(&format!(".makeform/sandbox/history/{newest}.jsonl"));
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let intents = lines.iter().filter_map(|line| line.get("intent"));
    let ending = |sequence: &Value| {
        let mut ended = lines.iter().filter_map(|line| line.get("ended"));
        let ended = ended.find(|ended| ended["sequence"] == *sequence);
        ended.map_or("none", |ended| ended["ending"]["ending"].as_str().unwrap())
    };
    intents
        .map(|intent| {
            let what = intent["what"].as_str().unwrap().to_owned();
            (what, ending(&intent["sequence"]).to_owned())
        })
        .collect()
}

#[test]
fn what_does_not_work_gets_its_former_form_back_and_is_a_change_as_before() {
    let world = world(GOOD);
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let before = form(&world, "Sums");
    break_it(&world);
    let plan = planned(&world);
    let refused = world.run(&["apply", "--auto-approve"]).exits(4);
    assert!(refused.stderr.contains("scenario-unhealthy"), "{refused}");
    assert!(
        refused.stderr.contains("the form before was put back"),
        "{refused}"
    );
    assert!(refused.stdout.contains("1 failed"), "{refused}");
    assert_eq!(form(&world, "Sums"), before);
    // The ledger knows the form that stands: the same change is planned again.
    assert_eq!(planned(&world), plan);
    let confirmed = |what: &str| (what.to_owned(), "confirmed".to_owned());
    assert_eq!(
        journal(&world),
        [
            confirmed("update scenario"),
            confirmed("update scenario, since it does not work"),
            confirmed("start scenario, since it does not work"),
        ]
    );
    mend_it(&world);
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();
}

#[test]
fn what_is_new_and_does_not_work_is_switched_off_and_kept() {
    let world = world(&RUNNING.replace("ada@example.org }", "ada@example.org, bad: true }"));
    let refused = world.run(&["apply", "--auto-approve"]).exits(4);
    let told = "its run ended in error, a DataError of";
    assert!(refused.stderr.contains(told), "{refused}");
    assert!(
        refused.stderr.contains("it was switched off and kept"),
        "{refused}"
    );
    let row = Account::of(&world).scenario("Leads");
    assert_eq!(row["isActive"], false);
    let again = world.run(&["plan"]).success();
    assert!(again.stdout.contains("~ active: false -> true"), "{again}");
    assert!(again.stdout.contains("0 to add, 1 to change"), "{again}");
    world.edit("manifests/all.yaml", ", bad: true", "");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();
}

#[test]
fn it_is_stopped_or_left_where_its_manifest_says_so() {
    for (rule, code, active) in [("stop", 4, false), ("continue", 0, true)] {
        let text = RUNNING.replace("  verify:", &format!("  onUnhealthy: {rule}\n  verify:"));
        let world = world(&text);
        let _ = world.run(&["apply", "--auto-approve"]).success();
        world.edit(
            "manifests/all.yaml",
            "ada@example.org }",
            "ada, bad: true }",
        );
        // What verifies it is no change by itself.
        world.assert_settled();
        world.edit("manifests/all.yaml", "One.", "Two.");
        let applied = world.run(&["apply", "--auto-approve"]).exits(code);
        assert!(applied.stderr.contains("scenario-unhealthy"), "{applied}");
        let row = Account::of(&world).scenario("Leads");
        assert_eq!(row["description"], "Two.", "{rule}");
        assert_eq!(row["isActive"], active, "{rule}");
        match rule {
            "continue" => {
                assert!(applied.stderr.starts_with("warning"), "{applied}");
                world.assert_settled();
            }
            _ => {
                let again = world.run(&["plan"]).success();
                assert!(again.stdout.contains("~ active: false -> true"), "{again}");
                world.edit("manifests/all.yaml", ", bad: true", "");
                let _ = world.run(&["apply", "--auto-approve"]).success();
                world.assert_settled();
            }
        }
    }
}

#[test]
fn a_run_verifies_a_step_in_both_dialects_and_is_said_before() {
    for dialect in ["zone", "unified"] {
        let text = match dialect {
            "zone" => RUNNING.to_owned(),
            _ => RUNNING.replace("  schedule: { onDemand: true }\n", ""),
        };
        let world = world(&text);
        world.edit(
            "makeform.yaml",
            "{ url: \"sandbox:\" }",
            &format!("{{ url: \"sandbox:\", dialect: {dialect}, organization: \"1\" }}"),
        );
        let plan = world.run(&["plan"]).success();
        let said = "it is run once after this, which costs operations, and has to end in success within 30s";
        assert!(plan.stdout.contains(said), "{plan}");
        let _ = world.run(&["apply", "--auto-approve"]).success();
        world.assert_settled();
        let runs = |world: &World| {
            let list = ["executions", "list", "scenario.leads", "--format", "json"];
            let output = world.run(&list).success();
            let list: Value = serde_json::from_str(&output.stdout).unwrap();
            list["executions"].as_array().unwrap().len()
        };
        assert_eq!(runs(&world), 1, "{dialect}");
        // A failed run puts the former form back, and says where to look.
        let before = form(&world, "Leads");
        world.edit(
            "manifests/all.yaml",
            "ada@example.org }",
            "ada, bad: true }",
        );
        world.edit("manifests/all.yaml", "One.", "Two.");
        let refused = world.run(&["apply", "--auto-approve"]).exits(4);
        assert!(
            refused.stderr.contains("the form before was put back"),
            "{refused}"
        );
        assert!(
            refused
                .stderr
                .contains("makeform executions show scenario.leads "),
            "{refused}"
        );
        assert!(!refused.to_string().contains("No ada"), "{refused}");
        assert_eq!(form(&world, "Leads"), before, "{dialect}");
        assert_eq!(runs(&world), 2, "{dialect}");
        // One that lasts longer than it may does not succeed either.
        world.edit("manifests/all.yaml", "bad: true", "seconds: 3000");
        world.edit("manifests/all.yaml", "within: 30s", "within: 1s");
        let refused = world.run(&["apply", "--auto-approve"]).exits(4);
        let told = "its run did not end within 1s; the form before was put back";
        assert!(refused.stderr.contains(told), "{refused}");
        world.edit("manifests/all.yaml", ", seconds: 3000", "");
        world.edit("manifests/all.yaml", "within: 1s", "within: 30s");
        let _ = world.run(&["apply", "--auto-approve"]).success();
        world.assert_settled();
    }
}

#[test]
fn what_can_t_be_verified_is_said_by_the_plan() {
    let world = world(&RUNNING.replace("active: true", "active: false"));
    let plan = world.run(&["plan"]).success();
    assert!(plan.stdout.contains("verify-skipped"), "{plan}");
    assert!(!plan.stdout.contains("costs operations"), "{plan}");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();

    // A token that may do everything but run scenarios.
    world.edit("manifests/all.yaml", "active: false", "active: true");
    let tap = Tap::on(&world, "");
    let scopes = [
        "scenarios:read",
        "scenarios:write",
        "organizations:read",
        "teams:read",
        "user:read",
        "hooks:read",
        "connections:read",
    ];
    let token = tap.sandbox().issue_token(1, &scopes).unwrap();
    drop(tap);
    world.edit(
        "makeform.yaml",
        "{ url: \"sandbox:\" }",
        "{ url: \"sandbox:\", token: \"${env.MAKE_API_KEY}\" }",
    );
    let world = world.with_env("MAKE_API_KEY", &token);
    for command in [&["plan"][..], &["apply", "--auto-approve"]] {
        let refused = world.run(command).exits(1);
        assert!(refused.stdout.contains("verify-not-allowed"), "{refused}");
        assert!(refused.stdout.contains("`scenarios:run`"), "{refused}");
    }
    assert_eq!(Account::of(&world).scenario("Leads")["isActive"], false);
}

#[test]
fn what_the_subscription_pauses_is_named_and_neither_run_nor_put_back() {
    let world = world(RUNNING);
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.edit("manifests/all.yaml", "One.", "Two.");
    world.edit(
        "manifests/all.yaml",
        "ada@example.org }",
        "ada, bad: true }",
    );
    let tap = Tap::on(&world, "");
    meddle(tap.sandbox(), Collection::Scenarios, "Leads", |row| {
        row["isPaused"] = true.into();
    });
    let (ran, said) = tap.apply(0);
    assert!(ran.stderr.contains("scenario-paused"), "{}", ran.stderr);
    assert_eq!(said, ["PATCH /scenarios/1001"]);
    drop(tap);
    world.assert_settled();
}

#[test]
fn a_live_scenario_is_changed_by_one_request_and_started_again_only_where_make_stopped_it() {
    let world = world(GOOD);
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let change = |from: &str, to: &str| world.edit("manifests/all.yaml", from, to);
    change("value: \"1\"", "value: \"2\"");
    change("every: 15m", "every: 30m");
    let (_, said) = Tap::on(&world, "").apply(0);
    assert_eq!(said, ["PATCH /scenarios/1001"]);
    world.assert_settled();

    // Where saving stops it, it is off for as long as it takes to see that.
    change("value: \"2\"", "value: \"3\"");
    let (_, said) = Tap::on(&world, "quirk save-active=deactivates").apply(0);
    assert_eq!(
        said,
        [
            "PATCH /scenarios/1001",
            "GET /scenarios/1001",
            "GET /scenarios/1001/blueprint",
            "POST /scenarios/1001/start"
        ]
    );
    world.assert_settled();
    assert_eq!(Account::of(&world).scenario("Sums")["isActive"], true);
}

#[test]
fn one_whose_manifest_does_not_say_whether_it_is_on_stays_on() {
    let world = world(&GOOD.replace("  active: true\n", ""));
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let start = ("/scenarios/1001/start", serde_json::json!({}));
    Account::of(&world).write(Method::Post, start.0, start.1);
    world.edit("manifests/all.yaml", "value: \"1\"", "value: \"2\"");
    let (_, said) = Tap::on(&world, "quirk save-active=deactivates").apply(0);
    assert_eq!(said.last().unwrap(), "POST /scenarios/1001/start");
    assert_eq!(Account::of(&world).scenario("Sums")["isActive"], true);
    world.assert_settled();
}

/// A scenario that answers to a webhook.
const INSTANT: &str = r#"
apiVersion: makeform/v1
kind: Webhook
metadata: { name: leads }
spec: { name: Leads, type: custom }
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: leads }
spec:
  name: Leads
  active: true
  schedule: { immediately: true }
  blueprint:
    flow:
      - { id: 1, module: "gateway:CustomWebHook", version: 1, parameters: { hook: "${webhook.leads}", maxResults: 1 } }
      - { id: 2, module: "util:SetVariable2", version: 1, parameters: {}, mapper: { name: sum, value: "1", scope: roundtrip } }
    metadata: { version: 1 }
"#;

/// Sends something to a hook; the status.
fn post(url: &str) -> String {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let body = r#"{"name":"Ada"}"#;
    let length = body.len();
    let request = format!(
        "POST /{path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().to_owned()
}

#[test]
fn what_arrives_while_an_instant_scenario_is_down_is_processed_after() {
    let world = world(INSTANT);
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.edit("manifests/all.yaml", "value: \"1\"", "value: \"2\"");
    let server = Server::start(&world, &[]);
    let account = Account::of(&world);
    let hook = account.hooks().remove(0);
    let udid = hook["udid"].as_str().unwrap();
    let url = format!("{}/wh/{udid}", server.url);
    assert_eq!(post(&url), "200");
    let runs = || {
        let path = format!("/scenarios/{}/logs", account.scenario("Leads")["id"]);
        let logs = account.get(&path, &[]);
        let logs = logs["scenarioLogs"].as_array().unwrap().clone();
        logs.iter().filter(|row| row["status"] == 1).count()
    };
    let queued = || {
        let query = [("teamId", "1"), ("cols[]", "queueCount")];
        account.get("/hooks", &query)["hooks"][0]["queueCount"].clone()
    };
    let before = runs();
    let tap = Tap::on(&world, "quirk save-active=deactivates");
    let count = Arc::new(AtomicUsize::new(0));
    tap.before({
        let count = Arc::clone(&count);
        let mut is_down = false;
        move |line, _| {
            is_down |= line.starts_with("PATCH /scenarios/");
            if is_down && count.load(Ordering::SeqCst) < 3 && !line.starts_with("PATCH") {
                assert_eq!(post(&url), "200", "{line}");
                count.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    let (_, said) = tap.apply(0);
    assert_eq!(said.len(), 4, "{said:?}");
    assert_eq!(count.load(Ordering::SeqCst), 3);
    account.pass_hours(1);
    assert_eq!((runs() - before, queued()), (3, Value::from(0)));
    drop(server);
    world.assert_settled();
}

#[test]
fn a_scenario_is_down_no_longer_than_its_webhook_takes_to_be_replaced() {
    let more = "---\napiVersion: makeform/v1\nkind: Scenario\nmetadata: { name: another }\n\
        spec: { name: Another, description: One., blueprint: { flow: [], metadata: {} } }\n\
        ---\napiVersion: makeform/v1\nkind: Webhook\nmetadata: { name: zeal }\n\
        spec: { name: Zeal, type: custom, headers: false }\n";
    let world = world(&format!("{INSTANT}{more}"));
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.edit("manifests/all.yaml", "type: custom }", "type: mail }");
    world.edit("manifests/all.yaml", "CustomWebHook", "CustomMailHook");
    // Neither of these comes while it is down.
    world.edit("manifests/all.yaml", "One.", "Two.");
    world.edit("manifests/all.yaml", "headers: false", "headers: true");
    let (_, said) = Tap::on(&world, "").apply(0);
    let at = |what: &str| said.iter().position(|line| line.ends_with(what)).unwrap();
    let down: Vec<&str> = said[at("/stop") + 1..at("/start")]
        .iter()
        .filter(|line| !line.starts_with("GET "))
        .map(|line| line.split_once('/').unwrap().0.trim_end())
        .collect();
    assert_eq!(down, ["DELETE", "POST", "PATCH"], "{said:#?}");
    let reads = said[at("/stop")..at("/start")].len() - 1 - down.len();
    assert!(reads <= 4, "{said:#?}");
    world.assert_settled();
}
