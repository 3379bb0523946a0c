//! Runs that could not go on.

use serde_json::{Value, json};

use super::{given, module};
use crate::live::transport::Method::{Delete, Get, Patch, Post};
use crate::sandbox::trial::Trial;

/// A scenario whose second module fails, with an incomplete execution of it.
fn scenario(trial: &Trial, directive: Option<Value>) -> String {
    let mut fails = given(2, "sandbox:Fail", json!({ "message": "Full up." }));
    fails["onerror"] = directive.into_iter().collect();
    let after = given(
        3,
        "scenario-service:ReturnData",
        json!({ "who": "{{1.who}}" }),
    );
    let flow = json!([module(1, "scenario-service:StartSubscenario"), fails, after]);
    trial.on_demand(json!({ "dlq": true }), flow)
}

fn items(trial: &Trial, path: &str) -> Vec<Value> {
    let id = path.rsplit('/').next().unwrap();
    let items = trial.get(&format!("/dlqs?scenarioId={id}"));
    items["dlqs"].as_array().unwrap().clone()
}

#[test]
fn what_could_not_go_on_is_kept_mended_and_taken_up_again() {
    let trial = Trial::new();
    let path = scenario(
        &trial,
        Some(given(9, "builtin:Break", json!({ "retry": true }))),
    );
    let ran = trial.run(&path, json!({ "who": "Ada" }));
    assert_eq!(ran["status"], 2);
    let row = trial.row(&path);
    assert_eq!(
        (&row["dlqCount"], &row["isActive"]),
        (&json!(1), &json!(true))
    );
    let item = items(&trial, &path)[0].clone();
    assert_eq!(
        (&item["reason"], &item["retry"], &item["attempts"]),
        (&json!("Full up."), &json!(true), &json!(0))
    );
    let dlq = format!("/dlqs/{}", item["id"].as_str().unwrap());
    let shown = trial.get(&dlq)["dlq"].clone();
    assert_eq!(
        (&shown["companyName"], &shown["scenarioName"]),
        (&json!("Sandbox team"), &json!("x"))
    );
    assert_eq!(shown["executionId"], ran["executionId"]);
    let bundle = trial.get(&format!("{dlq}/bundle"))["response"].clone();
    assert_eq!(bundle["1"], json!({ "who": "Ada" }));
    assert_eq!(bundle["2"]["error"]["message"], "Full up.");
    let kept = trial.get(&format!("{dlq}/blueprint"));
    assert_eq!(
        (&kept["code"], &kept["response"]["failer"]),
        (&json!("OK"), &json!(2))
    );

    trial.post(&format!("{dlq}/retry"), json!({}));
    assert_eq!(trial.get(&dlq)["dlq"]["attempts"], 1);
    assert_eq!(
        trial.row(&path)["dlqCount"],
        1,
        "it failed again, and is one still"
    );

    let mut blueprint = kept["response"]["blueprint"].clone();
    blueprint["flow"][1] = module(2, "slack:Post");
    let wrong = json!({ "blueprint": blueprint.to_string(), "failer": 7 });
    assert!(trial.refused(Patch, &dlq, Some(wrong)).starts_with("400"));
    let mended = trial.patch(
        &dlq,
        json!({ "blueprint": blueprint.to_string(), "failer": 2 }),
    );
    assert_eq!(
        mended["dlq"]["blueprint"]["flow"][1]["module"],
        "slack:Post"
    );
    assert_eq!(
        trial.post(&format!("{dlq}/retry"), json!({}))["dlq"],
        item["id"]
    );
    assert_eq!(trial.row(&path)["dlqCount"], 0);
    assert_eq!(trial.get(&dlq)["dlq"]["resolved"], true);
    let logs = trial.get(&format!("{dlq}/logs"))["dlqLogs"].clone();
    assert_eq!(
        (&logs[0]["status"], &logs[1]["status"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(logs[0]["operations"], 2, "it went on where it had stopped");
    let execution = logs[0]["id"].as_str().unwrap();
    assert_eq!(
        trial.get(&format!("{dlq}/logs/{execution}"))["dlqLog"],
        logs[0]
    );
    let details = trial.get(&format!("{path}/executions/{execution}"));
    assert_eq!(
        details["outputs"],
        json!({ "who": "Ada" }),
        "with what it had"
    );
    let again = trial.refused(Post, &format!("{dlq}/retry"), None);
    assert!(again.starts_with("422"), "{again}");
}

#[test]
fn an_error_nobody_handles_is_kept_too_and_one_at_the_beginning() {
    let trial = Trial::new();
    let path = scenario(&trial, None);
    assert_eq!(trial.run(&path, json!({}))["status"], 2);
    assert_eq!(trial.row(&path)["dlqCount"], 1);
    let path = trial.on_demand(json!({ "dlq": true }), json!([module(1, "sandbox:Fail")]));
    assert_eq!(trial.run(&path, json!({}))["status"], 2);
    assert_eq!(trial.row(&path)["dlqCount"], 1);
}

#[test]
fn many_are_taken_up_or_thrown_away_and_all_only_when_that_is_confirmed() {
    let trial = Trial::new();
    let path = scenario(&trial, None);
    for _ in 0..4 {
        trial.run(&path, json!({}));
    }
    let id = path.rsplit('/').next().unwrap();
    let ids: Vec<Value> = items(&trial, &path)
        .iter()
        .map(|item| item["id"].clone())
        .collect();
    assert_eq!(trial.row(&path)["dlqCount"], 4);
    let some = trial.post(
        &format!("/dlqs/retry?scenarioId={id}"),
        json!({ "all": true, "exceptIds": [ids[0]] }),
    );
    assert_eq!(some["dlqs"].as_array().unwrap().len(), 3);
    let attempts: Vec<_> = items(&trial, &path)
        .iter()
        .map(|item| item["attempts"].as_u64().unwrap())
        .collect();
    assert_eq!(attempts, [0, 1, 1, 1]);

    let delete = |query: &str, body: Value| {
        trial.ask(Delete, &format!("/dlqs?scenarioId={id}{query}"), Some(body))
    };
    let (status, answer) = delete("", json!({ "ids": [ids[1], "00"] }));
    assert_eq!((status, &answer["dlqs"]), (200, &json!([ids[1]])));
    assert_eq!(answer["error"]["ids"], json!(["00"]));
    let all = json!({ "all": true, "exceptIds": [ids[3]] });
    let (status, answer) = delete("", all.clone());
    assert_eq!((status, &answer["code"]), (406, &json!("IM004")));
    assert_eq!(trial.row(&path)["dlqCount"], 3);
    assert_eq!(delete("&confirmed=true", all).0, 200);
    let left = items(&trial, &path);
    assert_eq!((left.len(), &left[0]["id"]), (1, &ids[3]));
    assert_eq!(trial.row(&path)["dlqCount"], 1);
    trial.delete(&format!("/dlqs/{}", ids[3].as_str().unwrap()));
    assert_eq!(trial.row(&path)["dlqCount"], 0);
    assert!(trial.refused(Get, "/dlqs", None).starts_with("400"));
    assert!(
        trial
            .refused(Delete, &format!("/dlqs?scenarioId={id}"), Some(json!({})))
            .starts_with("400")
    );
}
