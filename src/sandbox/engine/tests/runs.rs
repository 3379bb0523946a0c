//! What a run walks through, and what it leaves.

use serde_json::{Value, json};

use super::{given, module};
use crate::live::transport::Method::{Get, Post};
use crate::sandbox::trial::{Trial, save};

#[test]
fn a_run_walks_the_routes_that_are_open_and_pays_for_what_ran() {
    let trial = Trial::new();
    let mut closed = module(4, "http:ActionSendData");
    closed["filter"] =
        json!({ "conditions": [[{ "a": "{{1.kind}}", "o": "text:equal", "b": "b" }]] });
    let mut open = given(
        5,
        "util:SetVariable2",
        json!({ "name": "mail", "value": "{{1.email}}" }),
    );
    open["filter"] =
        json!({ "conditions": [[{ "a": "{{1.kind}}", "o": "text:equal", "b": "a" }]] });
    let outputs = json!({ "outputs": { "to": "{{5.mail}}", "n": 1 } });
    let router = json!({ "id": 3, "module": "builtin:BasicRouter", "mapper": null, "routes": [
        { "flow": [closed] }, { "flow": [module(9, "slack:Post")], "disabled": true },
        { "flow": [open, given(6, "scenario-service:ReturnData", outputs)] },
    ] });
    let flow = json!([
        module(1, "scenario-service:StartSubscenario"),
        module(2, "json:CreateJSON"),
        router
    ]);
    let path = trial.on_demand(json!({}), flow);
    let ran = trial.run(&path, json!({ "kind": "a", "email": "a@b.example" }));
    assert_eq!(ran["status"], 1);
    assert_eq!(ran["outputs"], json!({ "to": "a@b.example", "n": 1 }));

    let id = ran["executionId"].as_str().unwrap();
    let log = trial.get(&format!("{path}/logs/{id}"))["scenarioLog"].clone();
    assert_eq!(log["operations"], 4, "1, 2, 5 and 6");
    assert_eq!(log["centicredits"], 400);
    assert_eq!(log["duration"], 150 + 4 * 250);
    assert_eq!(
        (&log["type"], &log["status"]),
        (&json!("manual"), &json!(1))
    );
    assert!(log["transfer"].as_u64().unwrap() > 0);
    assert_eq!(trial.logs(&path), std::slice::from_ref(&log));
    let details = trial.get(&format!("{path}/executions/{id}"));
    assert_eq!(
        details,
        json!({ "status": "SUCCESS", "outputs": { "to": "a@b.example", "n": 1 } })
    );
    let narrow = trial.ask(Get, &format!("{path}/executions/{id}?maxBytes=5"), None);
    assert_eq!(narrow.0, 413);
    let of_module =
        |module: u64| trial.get(&format!("{path}/modules/{module}/logs"))["moduleLogs"].clone();
    assert_eq!(of_module(5)[0]["executionId"], id);
    assert_eq!(of_module(4), json!([]));
    assert_eq!(trial.get(&format!("{path}/data/1"))["exists"], true);
    assert_eq!(trial.get(&format!("{path}/data/2"))["exists"], false);

    let row = trial.row(&path);
    assert_eq!(row["operations"], 4);
    let day = log["timestamp"]
        .as_str()
        .unwrap()
        .split('T')
        .next()
        .unwrap();
    let used = json!([{ "date": day, "operations": 4, "dataTransfer": log["transfer"], "centicredits": 400 }]);
    for usage in [
        &format!("{path}/usage"),
        "/teams/1/usage",
        "/organizations/1/usage",
    ] {
        assert_eq!(trial.get(usage)["data"], used, "{usage}");
    }
    let all = trial.get("/scenarios/consumptions?teamId=1");
    assert_eq!(
        all["scenarioConsumptions"],
        json!([{ "scenarioId": row["id"], "operations": 4, "transfer": log["transfer"], "centicredits": 400 }])
    );
    assert!(all["lastReset"].as_str().unwrap().ends_with(":00.000Z"));
    trial.delete(&path);
    assert_eq!(
        trial.get("/teams/1/usage")["data"],
        used,
        "what was used stays used"
    );
}

#[test]
fn only_so_many_failures_in_a_row_are_forgiven() {
    let trial = Trial::new();
    let fails = given(
        2,
        "sandbox:Fail",
        json!({ "when": "{{1.bad}}", "type": "DataError", "message": "No {{1.bad}}." }),
    );
    let flow = json!([module(1, "scenario-service:StartSubscenario"), fails]);
    let path = trial.on_demand(json!({ "maxErrors": 2 }), flow);
    let bad = || trial.run(&path, json!({ "bad": "luck" }));
    let failed = bad();
    assert_eq!(failed["status"], 3);
    let error = json!({ "name": "DataError", "message": "No luck.", "causeModule": { "name": "Fail", "appName": "sandbox" } });
    assert_eq!(failed["error"], error);
    let details = trial.get(&format!(
        "{path}/executions/{}",
        failed["executionId"].as_str().unwrap()
    ));
    assert_eq!(details, json!({ "status": "ERROR", "error": error }));
    assert_eq!(
        trial.logs(&path)[0]["detail"]["error"]["message"],
        "No luck."
    );
    assert_eq!(trial.run(&path, json!({ "bad": "" }))["status"], 1);
    bad();
    assert_eq!(trial.row(&path)["isActive"], true, "a success lies between");
    bad();
    let row = trial.row(&path);
    assert_eq!(
        (&row["isActive"], &row["isinvalid"]),
        (&json!(false), &json!(false))
    );
    let refused = trial.refused(Post, &format!("{path}/run"), None);
    assert_eq!(refused, "422 IM016 Scenario is not activated");
    trial.post(&format!("{path}/start"), json!({}));
    bad();
    assert_eq!(trial.row(&path)["isActive"], true, "counted anew");
}

#[test]
fn what_names_something_that_is_gone_is_broken_at_once() {
    let trial = Trial::new();
    let mut flow = json!([module(1, "rss:Watch"), module(2, "slack:Post")]);
    flow[1]["parameters"] = json!({ "__IMTCONN__": 301 });
    let path = trial.on_demand(json!({ "maxErrors": 9 }), flow);
    assert_eq!(trial.run(&path, json!({}))["status"], 1);
    trial
        .world
        .batch(|batch| batch.remove(crate::sandbox::Collection::Connections, 301))
        .unwrap();
    let failed = trial.run(&path, json!({}));
    assert_eq!(failed["error"]["name"], "AccountValidationError");
    assert_eq!(
        failed["error"]["message"],
        "Connection not found 'slack:301'."
    );
    let row = trial.row(&path);
    assert_eq!(
        (&row["isActive"], &row["isinvalid"]),
        (&json!(false), &json!(true))
    );
}

#[test]
fn a_handler_decides_what_a_failure_means() {
    let trial = Trial::new();
    // What ends the run, with which status, and whether the module after the failure ran.
    let ran = |directive: Value| -> (u64, u64) {
        let mut fails = module(2, "sandbox:Fail");
        fails["onerror"] = json!([module(8, "slack:Post"), directive]);
        let router = json!({ "id": 3, "module": "builtin:BasicRouter", "routes": [
            { "flow": [fails, given(4, "util:SetVariable2", json!({ "name": "a", "value": "{{2.b}}" }))] },
            { "flow": [module(5, "slack:Post")] },
        ] });
        let path = trial.on_demand(json!({}), json!([module(1, "rss:Watch"), router]));
        let status = trial.run(&path, json!({}))["status"].as_u64().unwrap();
        (status, trial.logs(&path)[0]["operations"].as_u64().unwrap())
    };
    let plain = |name: &str| ran(module(9, name));
    assert_eq!(
        ran(given(9, "builtin:Resume", json!({ "b": 1 }))),
        (1, 5),
        "1, 2, 8, 4, 5"
    );
    assert_eq!(plain("builtin:Ignore"), (1, 4), "1, 2, 8, 5");
    assert_eq!(plain("slack:Post"), (1, 5), "1, 2, 8, 9, 5");
    assert_eq!(plain("builtin:Commit"), (1, 3), "1, 2, 8");
    assert_eq!(plain("builtin:Rollback"), (3, 3));
    assert_eq!(plain("sandbox:Fail"), (3, 4));
}

#[test]
fn a_condition_walks_the_first_branch_that_is_open() {
    let trial = Trial::new();
    let branch = |b: &str, id: u64| {
        json!({
            "type": "condition", "conditions": [[{ "a": "{{1.n}}", "o": "number:greater", "b": b }]],
            "flow": [module(id, "slack:Post")], "merge": true,
        })
    };
    let last =
        json!({ "type": "else", "flow": [module(6, "slack:Post"), module(7, "slack:Post")] });
    let condition = json!({ "id": 2, "module": "builtin:BasicIfElse", "mapper": null,
        "branches": [branch("5", 3), branch("3", 4), last] });
    let flow = json!([
        module(1, "scenario-service:StartSubscenario"),
        condition,
        module(10, "builtin:BasicMerge"),
        module(11, "slack:Post")
    ]);
    let path = trial.on_demand(json!({}), flow);
    let operations = |n: u64| {
        trial.run(&path, json!({ "n": n }));
        trial.logs(&path)[0]["operations"].clone()
    };
    assert_eq!(operations(9), 3, "only the first");
    assert_eq!(operations(4), 3);
    assert_eq!(operations(1), 4);
}

#[test]
fn a_scenario_calls_another_with_inputs_and_gets_its_outputs() {
    let trial = Trial::new();
    let outputs = json!({ "greeting": "Hello {{1.name}}{{1.mark}}" });
    let child = json!([
        module(1, "scenario-service:StartSubscenario"),
        given(2, "scenario-service:ReturnData", outputs)
    ]);
    let child = trial.on_demand(json!({}), child);
    let inputs = json!([{ "name": "name", "type": "text", "required": true }, { "name": "mark", "type": "text", "default": "!" }]);
    trial.patch(
        &format!("{child}/interface"),
        json!({ "interface": { "input": inputs } }),
    );
    let refused = trial.refused(
        Post,
        &format!("{child}/run"),
        Some(json!({ "data": { "name": null } })),
    );
    assert_eq!(
        refused,
        "400 SC400 Missing value of required parameter 'name'."
    );

    let number = child.rsplit('/').next().unwrap();
    let call = |inputs: Value| {
        let mut call = given(
            2,
            "scenario-service:CallSubscenario",
            json!({ "inputs": inputs, "shouldWaitForExecutionEnd": true }),
        );
        call["parameters"] = json!({ "scenario": format!("SCN_{number}") });
        call
    };
    let back = given(
        3,
        "scenario-service:ReturnData",
        json!({ "said": "{{2.greeting}}" }),
    );
    let flow = json!([module(1, "rss:Watch"), call(json!({ "name": "Ada" })), back]);
    let parent = trial.on_demand(json!({}), flow);
    assert_eq!(
        trial.run(&parent, json!({}))["outputs"],
        json!({ "said": "Hello Ada!" })
    );
    assert_eq!(trial.logs(&child)[0]["type"], "auto");

    trial.post(&format!("{child}/stop"), json!({}));
    let failed = trial.run(&parent, json!({}));
    assert_eq!(
        failed["error"]["message"],
        format!("Scenario {number} is not activated.")
    );
    trial.post(&format!("{child}/start"), json!({}));
    let blueprint =
        json!({ "name": "x", "metadata": {}, "flow": [module(1, "rss:Watch"), call(json!({}))] });
    trial.patch(&parent, json!({ "blueprint": blueprint.to_string() }));
    let failed = trial.run(&parent, json!({}));
    assert_eq!(failed["error"]["name"], "BundleValidationError");
    trial.delete(&child);
    assert_eq!(
        trial.run(&parent, json!({}))["error"]["name"],
        "ReferenceError"
    );
}

#[test]
fn a_scenario_that_calls_itself_comes_to_an_end() {
    let trial = Trial::new();
    let made = trial.post(
        "/scenarios",
        save(
            &json!({ "name": "x", "flow": [], "metadata": {} }),
            &json!({ "type": "on-demand" }),
        ),
    );
    let id = made["scenario"]["id"].clone();
    let path = format!("/scenarios/{id}");
    let call = given(
        1,
        "scenario-service:CallSubscenario",
        json!({ "scenarioId": id }),
    );
    let blueprint =
        json!({ "name": "x", "flow": [call], "metadata": { "scenario": { "maxErrors": 100 } } });
    trial.patch(&path, json!({ "blueprint": blueprint.to_string() }));
    trial.post(&format!("{path}/start"), json!({}));
    let failed = trial.run(&path, json!({}));
    assert_eq!(failed["status"], 3);
    assert_eq!(trial.logs(&path).len(), 21);
}

#[test]
fn logs_are_filtered_paged_and_replayed() {
    let trial = Trial::new();
    let sleep = given(2, "sandbox:Fail", json!({ "when": "{{1.bad}}" }));
    let path = trial.on_demand(
        json!({}),
        json!([module(1, "scenario-service:StartSubscenario"), sleep]),
    );
    let mut ids = Vec::new();
    for (hour, bad) in [(9, false), (10, true), (11, false), (12, false)] {
        trial.set_time(&format!("2027-05-01T{hour:02}:00:00Z"));
        let ran = trial.run(&path, json!({ "bad": bad }));
        ids.push(ran["executionId"].as_str().unwrap().to_owned());
    }
    let asked = |query: &str| {
        let logs = trial.get(&format!("{path}/logs?{query}"));
        let rows = logs["scenarioLogs"].as_array().unwrap().clone();
        let places = rows
            .iter()
            .map(|row| ids.iter().position(|id| row["id"] == **id).unwrap());
        (places.collect::<Vec<_>>(), logs["pg"].clone())
    };
    let (all, page) = asked("");
    assert_eq!(all, [3, 2, 1, 0]);
    assert_eq!(
        (&page["sortBy"], &page["limit"]),
        (&json!("imtId"), &json!(50))
    );
    assert_eq!(asked("pg[sortDir]=asc&pg[limit]=2").0, [0, 1]);
    let (first, page) = asked("pg[limit]=2");
    assert_eq!(first, [3, 2]);
    let last = page["last"].as_str().unwrap();
    assert_eq!(asked(&format!("pg[limit]=2&pg[last]={last}")).0, [1, 0]);
    assert_eq!(
        asked(&format!("pg[limit]=2&pg[last]={last}&pg[showLast]=true")).0,
        [2, 1]
    );
    assert_eq!(asked("status=3").0, [1]);
    assert_eq!(asked("status=2").0, [0_usize; 0]);
    let ms = |time: &str| time.parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let (from, to) = (ms("2027-05-01T10:00:00Z"), ms("2027-05-01T11:30:00Z"));
    assert_eq!(asked(&format!("from={from}&to={to}")).0, [2, 1]);
    assert_eq!(
        asked("operationsFrom=2&durationTo=650&creditsFrom=200")
            .0
            .len(),
        4
    );
    assert_eq!(asked("operationsFrom=3").0.len(), 0);
    assert!(
        trial
            .refused(Get, &format!("{path}/logs?status=9"), None)
            .starts_with("400")
    );

    let replay = trial.ask(
        Post,
        &format!("{path}/replay"),
        Some(json!({ "executionIds": [ids[1], ids[0]] })),
    );
    assert_eq!(replay.0, 202);
    let logs = trial.logs(&path);
    assert_eq!(logs.len(), 6);
    let statuses: Vec<_> = logs[..2]
        .iter()
        .map(|row| row["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [1, 3], "the newest first");
    let unknown = json!({ "executionIds": [ids[0], "00"] });
    assert!(
        trial
            .refused(Post, &format!("{path}/replay"), Some(unknown))
            .starts_with("404")
    );
    assert_eq!(trial.logs(&path).len(), 6);
}
