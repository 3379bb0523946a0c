//! Canaries: values that must appear nowhere but where they belong.

use std::{fs, path::Path};

use makeform::live::transport::Method;
use serde_json::json;

use crate::support::{account::Account, world::World};

const ENV_CANARY: &str = "canary-Env4f9Qz81LmX0value";
const LIVE_CANARY: &str = "canary-Live7c2Rt55KpW9value";

fn assert_nowhere(folder: &Path, except: &Path, canary: &str) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path == except {
            continue;
        }
        if path.is_dir() {
            assert_nowhere(&path, except, canary);
        } else {
            let bytes = fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            assert!(
                !text.contains(canary),
                "`{canary}` is in {}",
                path.display()
            );
        }
    }
}

#[test]
fn a_secret_of_the_environment_and_one_in_a_live_blueprint_are_never_shown_or_kept() {
    let world = World::new().with_env("CRM_TOKEN", ENV_CANARY);
    world.write(
        "manifests/a.yaml",
        r#"
apiVersion: makeform/v1
kind: Webhook
metadata: { name: leads }
spec: { name: Leads, type: custom }
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: caller }
spec:
  name: Caller
  blueprint:
    flow:
      - id: 1
        module: "http:ActionSendData"
        version: 3
        mapper:
          url: "${webhook.leads.url}"
          headers: [{ name: authorization, value: "Bearer ${env.CRM_TOKEN}" }]
    metadata: {}
"#,
    );
    // The account itself has the values; the ledger lies beside its file.
    let sandbox = world.file(".makeform/sandbox/world.redb");
    let mut shown = String::new();
    shown += &world.run(&["plan"]).success().to_string();
    shown += &world
        .run(&["plan", "--format", "json", "--out", "p1.json"])
        .success()
        .to_string();
    shown += &world
        .run(&["apply", "--auto-approve"])
        .success()
        .to_string();
    world.assert_settled();

    // Somebody writes another token into the live scenario; the plan shows that it differs.
    let account = Account::of(&world);
    let row = account.scenario("Caller");
    let url = account.hooks()[0]["url"].as_str().unwrap().to_owned();
    let mut blueprint = account.blueprint(&row["id"]);
    assert_eq!(blueprint["flow"][0]["mapper"]["url"], url.as_str());
    let header = &mut blueprint["flow"][0]["mapper"]["headers"][0]["value"];
    assert_eq!(
        *header,
        format!("Bearer {ENV_CANARY}"),
        "the account has the value"
    );
    *header = json!(format!("Bearer {LIVE_CANARY}"));
    let path = format!("/scenarios/{}", row["id"]);
    account.write(
        Method::Patch,
        &path,
        json!({"blueprint": blueprint.to_string()}),
    );
    drop(account);
    let plan = world.run(&["plan", "--out", "p2.json"]).success();
    assert!(plan.stdout.contains("(sensitive)"), "{plan}");
    shown += &plan.to_string();
    shown += &world
        .run(&["plan", "--format", "json"])
        .success()
        .to_string();
    shown += &world
        .run(&["apply", "--auto-approve"])
        .success()
        .to_string();
    shown += &world
        .run(&["state", "show", "scenario.caller"])
        .success()
        .to_string();
    world.assert_settled();

    for canary in [ENV_CANARY, LIVE_CANARY, &url] {
        assert!(!shown.contains(canary), "`{canary}` was shown:\n{shown}");
        assert_nowhere(world.path(), &sandbox, canary);
    }
}

#[test]
fn a_secret_is_hidden_where_it_stands_and_not_where_the_text_reads_the_same() {
    let world = World::new();
    for (written, shown) in [
        (
            "'user=shopbot77&password=shopbot77'",
            "'user=shopbot77&password=xxxxxxxxx'",
        ),
        (
            "'https://acme2024.example.com/?password=acme2024'",
            "'https://acme2024.example.com/?password=xxxxxxxx'",
        ),
        (
            r#""{\"note\":\"hunter2\",\"password\":\"hunter2\"}""#,
            r#""{\"note\":\"hunter2\",\"password\":\"xxxxxxx\"}""#,
        ),
    ] {
        let manifest = format!(
            "apiVersion: makeform/v1\nkind: Scenario\nmetadata: {{ name: a }}\nspec:\n  name: A\n  blueprint:\n    \
             flow:\n      - id: 1\n        module: \"http:ActionSendData\"\n        version: 3\n        mapper:\n          \
             body: {written}\n    metadata: {{}}\n"
        );
        world.write("manifests/a.yaml", &manifest);
        let told = world.run(&["validate"]);
        let all = format!("{}{}", told.stdout, told.stderr);
        assert!(all.contains("literal-secret"), "{all}");
        assert!(all.contains(shown), "{shown}: {all}");
    }
}
