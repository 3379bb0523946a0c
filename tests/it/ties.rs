//! What blueprints name, in an account: scenarios that call each other, connections of other names,
//! ids that stand as they are, variables and functions.

use makeform::live::transport::Method;
use serde_json::json;

use crate::support::{account::Account, world::World};

fn scenario(name: &str, flow: &str) -> String {
    format!(
        "apiVersion: makeform/v1\nkind: Scenario\nmetadata: {{ name: {name} }}\nspec:\n  \
         active: true\n  schedule: {{ onDemand: true }}\n  blueprint:\n    flow: {flow}\n---\n"
    )
}

fn calls(name: &str, other: &str) -> String {
    let module = "[{ id: 1, module: \"scenario-service:StartSubscenario\", version: 1 }, { id: 2, \
                  module: \"scenario-service:CallSubscenario\", version: 2, parameters: { scenario: \
                  \"${scenario.OTHER}\" }, mapper: {} }]";
    scenario(name, &module.replace("OTHER", other))
}

#[test]
fn scenarios_that_call_each_other_and_themselves_are_made_in_two_parts() {
    let world = World::new();
    let all = [
        calls("ping", "pong"),
        calls("pong", "ping"),
        calls("echo", "echo"),
    ];
    world.write("manifests/all.yaml", &all.concat());
    let plan = world.run(&["plan"]).success();
    assert!(plan.stdout.contains("Plan: 3 to add"), "{plan}");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();
    let account = Account::of(&world);
    let id = |name: &str| account.scenario(name)["id"].clone();
    for (name, other) in [("ping", "pong"), ("pong", "ping"), ("echo", "echo")] {
        let blueprint = account.blueprint(&id(name));
        let called = &blueprint["flow"][1]["parameters"]["scenario"];
        assert_eq!(*called, json!(format!("SCN_{}", id(other))), "{name}");
        assert_eq!(account.scenario(name)["isActive"], true, "{name}");
    }
}

#[test]
fn what_needs_setup_is_said_at_once_and_map_names_another() {
    let world = World::new();
    let posts = |name: &str, connection: &str| {
        let module = "[{ id: 1, module: \"slack:CreateMessage\", version: 4, parameters: { __IMTCONN__: \
                      \"${connection.OF}\" }, mapper: { text: hi } }]";
        scenario(name, &module.replace("OF", connection))
    };
    let connection = |name: &str, shown: &str| {
        format!(
            "apiVersion: makeform/v1\nkind: Connection\nmetadata: {{ name: {name} }}\nspec: {{ name: \
             {shown}, type: slack }}\n---\n"
        )
    };
    let all = [
        posts("a", "slack"),
        posts("b", "slack"),
        posts("c", "other"),
        connection("slack", "Slack of staging"),
        connection("other", "Other of staging"),
    ];
    world.write("manifests/all.yaml", &all.concat());
    let plan = world.run(&["plan"]).exits(1);
    for said in [
        "2 connections need setup in sandbox",
        "no connection of type `slack` named `Slack of staging`; `scenario.a` in module 1 \
         (slack:CreateMessage), `scenario.b` in module 1 (slack:CreateMessage) need it",
        "map: { connection.slack: NAME }",
    ] {
        assert!(
            plan.stderr.contains(said) || plan.stdout.contains(said),
            "{said}\n{plan}"
        );
    }
    world.edit(
        "makeform.yaml",
        "url: \"sandbox:\"",
        "url: \"sandbox:\", map: { connection.slack: Acme Slack, connection.other: Acme Slack }",
    );
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();
}

#[test]
fn ids_variables_and_functions_that_are_not_there_are_said() {
    let world = World::new();
    let module = "[{ id: 1, module: \"datastore:AddRecord\", version: 1, parameters: { datastore: 98765 }, \
                  mapper: { a: \"{{var.team.base}} {{toCents(1.x)}} {{lower(2.y)}}\" } }]";
    world.write("manifests/all.yaml", &scenario("a", module));
    let plan = world.run(&["plan"]).exits(1);
    let said = format!("{}{}", plan.stdout, plan.stderr);
    for code in ["id-not-found", "variable-missing", "function-missing"] {
        assert!(said.contains(code), "{code}\n{plan}");
    }
    assert!(!said.contains("`lower`"), "{plan}");
    let account = Account::of(&world);
    let store = account.write(
        Method::Post,
        "/data-stores",
        json!({"name": "Orders", "teamId": 1, "maxSizeMB": 1}),
    );
    let id = store["dataStore"]["id"].as_u64().unwrap();
    drop(account);
    world.edit("manifests/all.yaml", "98765", &id.to_string());
    let plan = world.run(&["plan"]).success();
    let said = format!("{}{}", plan.stdout, plan.stderr);
    let raw = format!("data-store {id}, which is \"Orders\" (module 1 (datastore:AddRecord))");
    assert!(said.contains(&raw), "{plan}");
    let _ = world.run(&["apply", "--auto-approve"]).success();
}
