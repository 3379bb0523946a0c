//! `run`, `executions`, `incomplete` and `status`, as a user types them, in both dialects.

use std::slice::from_ref;

use serde_json::Value;

use crate::support::{
    account::Account,
    world::{Output, World},
};

/// What a run is given and puts out: nobody sees it who did not ask for it.
const CANARY: &str = "canary-4711@example.org";

/// Three scenarios that run when they are told to, and one that is parked.
const MANIFEST: &str = r#"
apiVersion: makeform/v1
kind: Scenario
metadata: { name: leads }
spec:
  name: Leads
  active: true
  schedule: { onDemand: true }
  blueprint:
    flow:
      - { id: 1, module: "scenario-service:StartSubscenario", version: 1 }
      - { id: 2, module: "sandbox:Fail", version: 1, mapper: { when: "{{1.bad}}", type: DataError, message: "No {{1.email}}." } }
      - { id: 3, module: "util:FunctionSleep", version: 1, mapper: { duration: "{{1.seconds}}" } }
      - { id: 4, module: "scenario-service:ReturnData", version: 1, mapper: { outputs: { to: "{{1.email}}" } } }
    metadata: { version: 1 }
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: kept }
spec:
  name: Kept
  active: true
  schedule: { onDemand: true }
  blueprint:
    flow:
      - { id: 1, module: "scenario-service:StartSubscenario", version: 1 }
      - { id: 2, module: "sandbox:Fail", version: 1, mapper: { message: "Full up." } }
    metadata: { version: 1, scenario: { dlq: true } }
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: parked }
spec:
  name: Parked
  active: false
  schedule: { onDemand: true }
  blueprint:
    flow:
      - { id: 1, module: "scenario-service:StartSubscenario", version: 1 }
    metadata: { version: 1 }
"#;

const GOOD: &str = r#"{"email": "canary-4711@example.org", "seconds": 1}"#;
const BAD: &str = r#"{"email": "canary-4711@example.org", "bad": true}"#;
const SLOW: &str = r#"{"email": "canary-4711@example.org", "seconds": 3000}"#;

fn applied(target: &str) -> World {
    let world = World::new();
    world.edit(
        "makeform.yaml",
        "{ url: \"sandbox:\" }",
        &format!("{{ url: \"sandbox:\"{target} }}"),
    );
    // The unified dialect has no word for a schedule on demand; without one a scenario is so.
    let manifest = match target {
        "" => MANIFEST.to_owned(),
        _ => MANIFEST.replace("  schedule: { onDemand: true }\n", ""),
    };
    world.write("manifests/all.yaml", &manifest);
    world.write("good.json", GOOD);
    world.write("bad.json", BAD);
    world.write("slow.json", SLOW);
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world
}

/// Runs the program, and looks whether data of a run got out.
fn quiet(world: &World, args: &[&str]) -> Output {
    let output = world.run(args);
    assert!(!output.to_string().contains("canary"), "{output}");
    output
}

/// The data that a command prints as JSON.
#[track_caller]
fn json(output: &Output) -> Value {
    let read = serde_json::from_str(&output.stdout);
    assert!(read.is_ok(), "{output}");
    read.unwrap()
}

/// The ids of the executions that a list has.
fn listed(world: &World, extra: &[&str]) -> Vec<String> {
    let mut args = vec!["executions", "list", "scenario.leads", "--format", "json"];
    args.extend(extra);
    let list = json(&quiet(world, &args).success());
    let rows = list["executions"].as_array().unwrap();
    let ids = rows.iter().map(|row| row["execution"].as_str().unwrap());
    ids.map(str::to_owned).collect()
}

/// Runs what both dialects have; the ids of a success, an error and a stopped run.
fn story(world: &World) -> [String; 3] {
    // A run is started, or waited for: what it puts out is for `show` alone.
    let ran = ["run", "scenario.leads", "--input", "good.json", "--wait"];
    let output = quiet(world, &ran).success();
    let good = output.stdout.trim().to_owned();
    assert!(output.stderr.contains("ended in success"), "{output}");
    let failed = ["run", "scenario.leads", "--input", "bad.json", "--wait"];
    let output = quiet(world, &failed).exits(5);
    let bad = output.stdout.trim().to_owned();
    assert!(output.stderr.contains("ended in error"), "{output}");
    assert!(
        output
            .stderr
            .contains(&format!("executions show scenario.leads {bad}")),
        "{output}"
    );

    // One that lasts is not waited for any longer than is said, and is stopped.
    let lasting = [
        "run",
        "scenario.leads",
        "--input",
        "slow.json",
        "--wait",
        "--timeout",
        "1",
        "--format",
        "json",
    ];
    let output = quiet(world, &lasting).exits(1);
    assert!(output.stderr.contains("still runs"), "{output}");
    let run = json(&output);
    assert_eq!(run["status"], "running");
    let slow = run["execution"].as_str().unwrap().to_owned();
    assert_eq!(listed(world, &["--status", "running"]), from_ref(&slow));
    let stop = ["executions", "stop", "scenario.leads", &slow];
    let _ = quiet(world, &stop).success();
    let again = quiet(world, &stop).exits(1);
    assert!(again.stderr.contains("request-refused"), "{again}");
    assert_eq!(listed(world, &["--status", "running"]), [""; 0]);

    // Lists and their filters.
    assert_eq!(
        listed(world, &[]),
        [slow.clone(), bad.clone(), good.clone()]
    );
    assert_eq!(listed(world, &["--limit", "1"]), from_ref(&slow));
    assert_eq!(listed(world, &["--status", "success"]), from_ref(&good));
    let both = ["--status", "success,error", "--limit", "2"];
    assert_eq!(listed(world, &both), [slow.clone(), bad.clone()]);
    assert_eq!(listed(world, &["--from", "1h"]).len(), 3);
    assert_eq!(listed(world, &["--to", "1h"]), [""; 0]);
    assert_eq!(listed(world, &["--from", "2100-01-01"]), [""; 0]);

    // An id does as well as an address; a typo asks nothing of the account.
    let id = world.run(&["state", "show", "scenario.leads"]).success();
    let id = json(&id)["id"].to_string();
    let shown = quiet(world, &["executions", "list", &id]).success();
    assert!(shown.stdout.contains(&good), "{shown}");
    let requests = world.requests();
    let typo = quiet(world, &["run", "scenario.laeds"]).exits(1);
    assert!(
        typo.stderr.contains("did you mean scenario.leads?"),
        "{typo}"
    );
    let other = quiet(world, &["run", "folder.leads"]).exits(1);
    assert!(other.stderr.contains("only scenarios run"), "{other}");
    world.write("broken.json", &GOOD[..40]);
    let broken = ["run", "scenario.leads", "--input", "broken.json"];
    let broken = quiet(world, &broken).exits(1);
    assert!(broken.stderr.contains("line 1"), "{broken}");
    assert_eq!(world.requests(), requests);

    let inactive = quiet(world, &["run", "scenario.parked"]).exits(1);
    assert!(inactive.stderr.contains("not activated"), "{inactive}");
    assert!(inactive.stderr.contains("nothing was done"), "{inactive}");
    assert!(!inactive.stderr.contains("manifest"), "{inactive}");
    [good, bad, slow]
}

/// A run whose answer is lost is not started again.
fn lost_answer(world: World, route: &str) {
    let before = listed(&world, &[]).len();
    let rule = format!("fault POST {route}: drop after");
    let world = world.with_env("MAKEFORM_SANDBOX", &rule);
    let lost = ["run", "scenario.leads", "--input", "good.json"];
    let lost = quiet(&world, &lost).exits(1);
    assert!(lost.stderr.contains("action-unclear"), "{lost}");
    assert!(
        lost.stderr
            .contains("makeform executions list scenario.leads"),
        "{lost}"
    );
    assert_eq!(listed(&world, &[]).len(), before + 1);
}

/// What was consumed is what the executions say, for one request.
fn consumed(world: &World) {
    let before = world.requests();
    let status = json(&quiet(world, &["status", "--usage", "--format", "json"]).success());
    let count = |requests: &std::collections::BTreeMap<String, u64>| {
        let route = "GET /scenarios/consumptions";
        requests.get(route).copied().unwrap_or(0)
    };
    assert_eq!(count(&world.requests()) - count(&before), 1);
    assert!(status["consumedSince"].is_string(), "{status}");
    for (address, runs) in [("scenario.leads", true), ("scenario.parked", false)] {
        let list = ["executions", "list", address, "--format", "json"];
        let list = json(&quiet(world, &list).success());
        let sum = |key: &str| -> u64 {
            let rows = list["executions"].as_array().unwrap();
            rows.iter().map(|row| row[key].as_u64().unwrap_or(0)).sum()
        };
        let told = &fares(&status, address)["consumed"];
        assert_eq!(told["operations"], sum("operations"), "{told} {list}");
        assert_eq!(told["centicredits"], sum("centicredits"), "{told} {list}");
        assert_eq!(sum("operations") > 0, runs, "{list}");
    }
    let text = quiet(world, &["status", "--usage"]).success();
    assert!(text.stdout.contains("OPERATIONS  CREDITS"), "{text}");
    let plain = json(&quiet(world, &["status", "--format", "json"]).success());
    assert!(fares(&plain, "scenario.leads").get("consumed").is_none());
}

/// How one scenario fares.
fn fares<'a>(status: &'a Value, address: &str) -> &'a Value {
    let rows = status["scenarios"].as_array().unwrap();
    rows.iter().find(|row| row["address"] == address).unwrap()
}

#[test]
fn scenarios_are_run_and_watched_in_the_zone_dialect() {
    let world = applied("");
    let [good, bad, slow] = story(&world);
    let show = |id: &str| world.run(&["executions", "show", "scenario.leads", id]);
    assert!(show(&good).success().stdout.contains(CANARY));
    let failed = show(&bad).success();
    assert!(failed.stdout.contains("DataError: No canary"), "{failed}");
    assert!(show(&slow).success().stdout.contains("stopped"));
    let gone = show("0123").exits(1);
    assert!(gone.stderr.contains("has no execution 0123"), "{gone}");

    // What could not go on is kept; its run ended with a warning.
    let output = quiet(&world, &["run", "scenario.kept", "--wait"]).exits(5);
    assert!(output.stderr.contains("ended in warning"), "{output}");
    let list = || json(&quiet(&world, &["incomplete", "list", "--format", "json"]).success());
    let kept = list()["incomplete"].clone();
    assert_eq!(kept.as_array().unwrap().len(), 1);
    assert_eq!(kept[0]["scenario"], "scenario.kept");
    assert_eq!(kept[0]["reason"], "Full up.");
    let item = kept[0]["id"].as_str().unwrap();
    let shown = quiet(&world, &["incomplete", "show", "scenario.kept", item]).success();
    assert!(shown.stdout.contains("Full up."), "{shown}");
    let elsewhere = quiet(&world, &["incomplete", "show", "scenario.leads", item]);
    let _ = elsewhere.exits(1);

    // A status reads a list, and one row of the log of each scenario that is managed.
    Account::of(&world).create_scenario("Not managed");
    let before = world.requests();
    let status = quiet(&world, &["status", "--format", "json"]).success();
    let after = world.requests();
    let asked = |route: &str| {
        let count = |requests: &std::collections::BTreeMap<String, u64>| {
            requests.get(route).copied().unwrap_or(0)
        };
        count(&after) - count(&before)
    };
    assert_eq!(asked("GET /scenarios/{id}/logs"), 3);
    assert_eq!(asked("GET /scenarios"), 1);
    assert_eq!(asked("GET /scenarios/{id}/blueprint"), 0);
    let status = json(&status);
    assert_eq!(status["format"], "makeform/status/v1");
    assert_eq!(status["summary"]["scenarios"], 3);
    let leads = fares(&status, "scenario.leads");
    assert_eq!(leads["lastRun"]["status"], "error");
    assert_eq!(leads["troubles"], serde_json::json!(["errors"]));
    let kept = fares(&status, "scenario.kept");
    assert_eq!(kept["incomplete"], 1);
    assert_eq!(kept["lastRun"]["status"], "warning");
    let parked = fares(&status, "scenario.parked");
    assert_eq!(parked["active"], false);
    assert_eq!(parked["troubles"], serde_json::json!([]), "it is parked");
    let text = quiet(&world, &["status"]).success();
    assert!(text.stdout.contains("scenario.parked"), "{text}");
    consumed(&world);
    let fail_on = |what: &str, code| {
        let _ = quiet(&world, &["status", "--fail-on", what]).exits(code);
    };
    fail_on("errors", 5);
    fail_on("incomplete", 5);
    fail_on("invalid,inactive", 0);

    // Retried, it fails again; then it is deleted, which needs an approval.
    let retry = ["incomplete", "retry", "scenario.kept", "--all"];
    let _ = quiet(&world, &retry).success();
    let again = list();
    assert_eq!(again["incomplete"][0]["attempts"], 1, "{again}");
    let delete = ["incomplete", "delete", "scenario.kept", item];
    let unasked = quiet(&world, &delete).exits(1);
    assert!(unasked.stderr.contains("--auto-approve"), "{unasked}");
    assert_eq!(list()["incomplete"].as_array().unwrap().len(), 1);
    let approved = [&delete[..], &["--auto-approve"]].concat();
    let _ = quiet(&world, &approved).success();
    assert_eq!(list()["incomplete"], serde_json::json!([]));
    let twice = quiet(&world, &approved).exits(1);
    assert!(
        twice.stderr.contains("has no incomplete execution"),
        "{twice}"
    );
    fail_on("incomplete", 0);

    // Switched off by hand is not how it was applied; gone is never healthy.
    let account = Account::of(&world);
    let kept = account.scenario("Kept")["id"].clone();
    let stop = format!("/scenarios/{kept}/stop");
    account.write(
        makeform::live::transport::Method::Post,
        &stop,
        serde_json::json!({}),
    );
    fail_on("inactive", 5);
    fail_on("invalid", 0);
    let path = format!("/scenarios/{kept}");
    account.write(
        makeform::live::transport::Method::Delete,
        &path,
        serde_json::json!({}),
    );
    fail_on("invalid", 5);
    let gone = quiet(&world, &["status"]).success();
    assert!(gone.stdout.contains("1 gone from the account"), "{gone}");
    drop(account);

    lost_answer(world, "/scenarios/*/run");
}

#[test]
fn scenarios_are_run_and_watched_in_the_unified_dialect() {
    let world = applied(", dialect: unified, organization: \"1\"");
    let [good, bad, _] = story(&world);
    let show = |id: &str| {
        let args = [
            "executions",
            "show",
            "scenario.leads",
            id,
            "--format",
            "json",
        ];
        json(&world.run(&args).success())
    };
    assert_eq!(show(&good)["status"], "success");
    assert_eq!(show(&bad)["status"], "error");

    let none = quiet(&world, &["incomplete", "list"]).exits(1);
    assert!(
        none.stderr.contains("has no incomplete executions"),
        "{none}"
    );
    let warning = [
        "executions",
        "list",
        "scenario.leads",
        "--status",
        "warning",
    ];
    let _ = quiet(&world, &warning).exits(1);

    let status = json(&quiet(&world, &["status", "--format", "json"]).success());
    let leads = fares(&status, "scenario.leads");
    assert_eq!(leads["lastRun"]["status"], "error");
    assert_eq!(leads["invalid"], Value::Null);
    let _ = quiet(&world, &["status", "--fail-on", "errors"]).exits(5);
    let _ = quiet(&world, &["status", "--fail-on", "inactive"]).success();
    let untold = quiet(&world, &["status", "--usage"]).exits(1);
    assert!(untold.stderr.contains("unified dialect"), "{untold}");
    let untold = quiet(&world, &["status", "--fail-on", "invalid"]).exits(1);
    assert!(untold.stderr.contains("does not tell"), "{untold}");

    lost_answer(world, "/scenarios/*/execute");
}

#[test]
fn inputs_come_from_standard_input_too() {
    use std::{io::Write as _, process::Stdio};

    let world = applied("");
    let mut child = world
        .command(&["run", "scenario.leads", "--input", "-", "--wait"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(GOOD.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let id = String::from_utf8(output.stdout).unwrap();
    let shown = world.run(&["executions", "show", "scenario.leads", id.trim()]);
    assert!(shown.success().stdout.contains(CANARY));
}

#[test]
fn the_examples_of_the_help_are_commands_that_there_are() {
    let world = applied("");
    let mut examples = 0;
    for command in [
        "run",
        "executions list",
        "executions show",
        "executions stop",
        "incomplete list",
        "incomplete show",
        "incomplete retry",
        "incomplete delete",
        "status",
    ] {
        let mut help: Vec<&str> = command.split(' ').collect();
        help.push("--help");
        let help = world.run(&help).success();
        let lines = help.stdout.lines().filter_map(|line| {
            let line = line.strip_prefix("  ")?;
            // What is piped into an example is not run here.
            let line = line.rsplit(" | ").next()?;
            line.strip_prefix("makeform ")
        });
        for line in lines {
            examples += 1;
            // Bound under the example's name, it goes all the way to the account.
            let line = line
                .replace("scenario.lead-sync", "scenario.leads")
                .replace("lead.json", "good.json");
            let args: Vec<&str> = line.split_whitespace().collect();
            let output = world.run(&args);
            assert!(!output.stderr.contains("Usage:"), "{line}: {output}");
            assert!(!output.stderr.contains("invalid value"), "{line}: {output}");
        }
    }
    assert!(examples >= 18, "{examples}");
}

#[cfg(unix)]
#[test]
fn who_interrupts_the_waiting_is_told_that_the_run_goes_on() {
    use std::{
        io::{BufRead as _, BufReader, Read as _},
        process::{Command, Stdio},
    };

    let world = applied("");
    let mut child = world
        .command(&["run", "scenario.leads", "--input", "slow.json", "--wait"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut id = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut id).unwrap();
    let kill = format!("kill -INT {}", child.id());
    assert!(
        Command::new("sh")
            .args(["-c", &kill])
            .status()
            .unwrap()
            .success()
    );
    let mut said = String::new();
    let mut stderr = child.stderr.take().unwrap();
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
    let stop = format!("makeform executions stop scenario.leads {}", id.trim());
    assert!(said.contains(&stop), "{said}");
    assert_eq!(listed(&world, &["--status", "running"]), [id.trim()]);
}
