//! What the clock brings.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{given, module};
use crate::live::transport::Method::{Get, Post};
use crate::sandbox::trial::Trial;

#[test]
fn moving_the_clock_runs_what_is_due_in_order_and_at_its_time() {
    let trial = Trial::new();
    trial.set_time("2027-06-01T06:00:00Z"); // 08:00 in the organization's time zone
    let flow = json!([module(1, "rss:Watch")]);
    let hourly = trial.active(
        json!({ "type": "indefinitely", "interval": 3600 }),
        json!({}),
        flow.clone(),
    );
    let daily = trial.active(
        json!({ "type": "daily", "time": "09:30" }),
        json!({}),
        flow.clone(),
    );
    let off = trial.active(
        json!({ "type": "daily", "time": "09:30" }),
        json!({}),
        flow.clone(),
    );
    trial.post(&format!("{off}/stop"), json!({}));
    let once = trial.active(
        json!({ "type": "once", "date": "2027-06-01T09:00:00Z" }),
        json!({}),
        flow,
    );
    assert_eq!(trial.logs(&hourly).len(), 1, "it ran when it was started");
    assert_eq!(trial.row(&daily)["nextExec"], "2027-06-01T07:30:00.000Z");

    let passed = trial
        .world
        .advance(SignedDuration::from_secs(4 * 3600 + 1800))
        .unwrap();
    assert_eq!((passed.runs, passed.capped.len()), (6, 0));
    assert_eq!(trial.logs(&hourly).len(), 5);
    let ran = trial.logs(&daily);
    assert_eq!(
        (ran.len(), &ran[0]["timestamp"]),
        (1, &json!("2027-06-01T07:30:00.000Z"))
    );
    assert_eq!(ran[0]["type"], "auto");
    assert_eq!(trial.row(&daily)["nextExec"], "2027-06-02T07:30:00.000Z");
    assert!(trial.logs(&off).is_empty());
    let row = trial.row(&once);
    assert_eq!(
        (trial.logs(&once).len(), &row["nextExec"]),
        (1, &Value::Null)
    );

    trial.set_time("2027-06-01T06:00:00Z");
    assert_eq!(trial.logs(&hourly).len(), 5, "back in time nothing runs");
}

#[test]
fn a_year_takes_no_year_and_says_what_it_left_out() {
    let trial = Trial::new();
    trial.set_time("2027-06-01T06:00:00Z");
    let often = json!({ "type": "indefinitely", "interval": 900 });
    let path = trial.active(often, json!({}), json!([module(1, "rss:Watch")]));
    let passed = trial
        .world
        .advance(SignedDuration::from_hours(24 * 365))
        .unwrap();
    assert_eq!(passed.runs, 100);
    assert_eq!(
        passed.capped.iter().map(u64::to_string).collect::<Vec<_>>(),
        [path.rsplit('/').next().unwrap()]
    );
    let next = trial.row(&path)["nextExec"].clone();
    assert!(
        next.as_str().unwrap().starts_with("2028-05-31T06:15"),
        "{next}"
    );
}

#[test]
fn a_scenario_that_keeps_failing_is_switched_off_on_the_way() {
    let trial = Trial::new();
    let flow = json!([module(1, "rss:Watch"), module(2, "sandbox:Fail")]);
    let path = trial.active(
        json!({ "type": "indefinitely", "interval": 900 }),
        json!({}),
        flow,
    );
    trial.wait(10 * 900);
    assert_eq!(trial.logs(&path).len(), 3);
    let row = trial.row(&path);
    assert_eq!(
        (&row["isActive"], &row["nextExec"]),
        (&json!(false), &Value::Null)
    );
}

#[test]
fn what_nobody_was_there_for_is_not_made_up_for() {
    let trial = Trial::new();
    let path = trial.active(
        json!({ "type": "indefinitely", "interval": 900 }),
        json!({}),
        json!([]),
    );
    let id = path.rsplit('/').next().unwrap().parse().unwrap();
    trial
        .world
        .batch(|batch| {
            let mut row = batch
                .get(crate::sandbox::Collection::Scenarios, id)?
                .unwrap();
            row["nextExec"] = json!("2020-01-01T00:00:00.000Z");
            batch.put(crate::sandbox::Collection::Scenarios, id, &row)
        })
        .unwrap();
    trial.wait(60);
    assert_eq!(trial.logs(&path).len(), 1);
    trial.wait(900);
    assert_eq!(trial.logs(&path).len(), 2);
}

#[test]
fn a_run_that_pauses_runs_until_the_clock_has_passed_it() {
    let trial = Trial::new();
    let sleep = given(2, "util:FunctionSleep", json!({ "duration": "{{1.for}}" }));
    let fails = given(3, "sandbox:Fail", json!({ "when": "{{1.bad}}" }));
    let flow = json!([module(1, "scenario-service:StartSubscenario"), sleep, fails]);
    let path = trial.on_demand(json!({ "sequential": true, "maxErrors": 1 }), flow);
    let started = trial.run(&path, json!({ "for": 1000, "bad": true }));
    assert_eq!(started.get("status"), None);
    let id = started["executionId"].as_str().unwrap();
    let details = format!("{path}/executions/{id}");
    assert_eq!(trial.get(&details), json!({ "status": "RUNNING" }));
    let log = trial.logs(&path)[0].clone();
    assert_eq!((&log["status"], &log["operations"]), (&json!(0), &json!(0)));
    assert_eq!(trial.row(&path)["isActive"], true, "it has not failed yet");
    let refused = trial.refused(Post, &format!("{path}/run"), None);
    assert_eq!(refused, "422 IM016 Scenario is already being executed");

    trial.wait(500);
    assert_eq!(trial.get(&details)["status"], "RUNNING");
    trial.wait(600);
    assert_eq!(trial.get(&details)["status"], "ERROR");
    assert_eq!(trial.logs(&path)[0]["duration"], 1_000_000 + 150 + 3 * 250);
    assert_eq!(trial.row(&path)["isActive"], false);

    trial.post(&format!("{path}/start"), json!({}));
    let started = trial.run(&path, json!({ "for": 1000 }));
    let id = started["executionId"].as_str().unwrap();
    let stop = format!("{path}/executions/{id}/stop");
    trial.post(&stop, json!({ "force": true }));
    let stopped = trial.get(&format!("{path}/executions/{id}"));
    assert_eq!(
        (&stopped["status"], &stopped["error"]["name"]),
        (&json!("ERROR"), &json!("ExecutionStoppedError"))
    );
    assert_eq!(
        trial.refused(Post, &stop, None),
        "422 IM016 Execution is not running"
    );
    trial.wait(2000);
    assert_eq!(trial.logs(&path)[0]["operations"], 0, "it did not go on");
    assert_eq!(
        trial.row(&path)["isActive"],
        true,
        "it is not the scenario's fault"
    );
}

#[test]
fn details_can_be_slow_to_appear() {
    let trial = Trial::new();
    let path = trial.on_demand(json!({}), json!([module(1, "rss:Watch")]));
    trial.quirk("execution-lag=late");
    let id = trial.run(&path, json!({}))["executionId"]
        .as_str()
        .unwrap()
        .to_owned();
    let details = format!("{path}/executions/{id}");
    assert!(trial.refused(Get, &details, None).starts_with("404"));
    assert_eq!(trial.logs(&path).len(), 1);
    assert_eq!(trial.get(&details)["status"], "SUCCESS");
}
