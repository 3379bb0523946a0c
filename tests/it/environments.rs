//! Several targets that share manifests, and things that are renamed.

use std::collections::BTreeSet;

use makeform::sandbox::{Collection, World as Sandbox, WorldOptions};
use serde_json::{Value, json};

use crate::support::world::{NO_PLANS, World};

const MANIFESTS: &str = r#"apiVersion: makeform/v1
kind: Folder
metadata: { name: crm }
spec: { name: CRM }
---
apiVersion: makeform/v1
kind: Webhook
metadata: { name: leads }
spec: { name: Leads, type: custom }
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: lead-sync }
spec:
  name: Lead Sync
  folder: folder.crm
  active: true
  schedule: { every: 15m }
  blueprint:
    flow:
      - { id: 1, module: "http:ActionSendData", version: 3, mapper: { url: "https://${var.host}/leads" } }
    metadata: { version: 1 }
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: billing }
spec:
  name: Billing
  folder: folder.crm
  blueprint:
    flow:
      - { id: 1, module: "gateway:CustomWebHook", version: 1, parameters: { hook: "${webhook.leads}" }, mapper: {} }
    metadata: { version: 1 }
"#;

const STAGING: &str = r#"
      vars: { host: staging.example.com }
      overrides:
        scenario.lead-sync: { active: false, schedule: { every: 1h } }
      exclude: [scenario.bill*]"#;

/// Two targets, each with a world of its own.
fn two() -> World {
    let world = World::empty();
    world.write(
        "makeform.yaml",
        &format!(
            "apiVersion: makeform/v1
kind: Project
metadata: {{ name: test }}
spec:
  manifests: [\"manifests/*.yaml\"]
  targets:
    staging:
      url: \"sandbox:.makeform/staging-world\"{STAGING}
    production:
      url: \"sandbox:.makeform/production-world\"
      vars: {{ host: example.com }}
"
        ),
    );
    world.write("manifests/all.yaml", MANIFESTS);
    world
}

const BOTH: [&str; 4] = ["--target", "staging", "--target", "production"];

fn both<'a>(args: &[&'a str]) -> Vec<&'a str> {
    BOTH.into_iter().chain(args.iter().copied()).collect()
}

fn rows(world: &World, target: &str, collection: Collection) -> Vec<Value> {
    let folder = world.file(&format!(".makeform/{target}-world"));
    let sandbox = Sandbox::open(&folder, WorldOptions::default()).unwrap();
    let read = sandbox.batch(|batch| {
        let mut rows = Vec::new();
        batch.each(collection, |_, row| rows.push(row))?;
        Ok(rows)
    });
    read.unwrap()
}

fn scenario(world: &World, target: &str, name: &str) -> Option<Value> {
    let rows = rows(world, target, Collection::Scenarios);
    rows.into_iter().find(|row| row["name"] == name)
}

#[test]
fn targets_share_manifests_and_differ_where_they_say_so() {
    let world = two();
    let valid = world.run(&["--all-targets", "validate"]).success();
    assert!(
        valid.stderr.contains("4 things for target production"),
        "{valid}"
    );
    assert!(
        valid.stderr.contains("3 things for target staging"),
        "{valid}"
    );

    let plan = world
        .run(&both(&["plan", "--format", "json", "--detailed-exitcode"]))
        .exits(2);
    let plans: Vec<Value> = plan
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let creates = |plan: &Value| plan["summary"]["create"].clone();
    assert_eq!(plans.iter().map(creates).collect::<Vec<_>>(), [3, 4]);

    let applied = world.run(&both(&["apply", "--auto-approve"])).success();
    let staging = applied
        .stdout
        .find("perform these actions on target staging (");
    let production = applied
        .stdout
        .find("perform these actions on target production (");
    assert!(staging.unwrap() < production.unwrap(), "{applied}");
    let again = world
        .run(&["--all-targets", "plan", "--detailed-exitcode"])
        .success();
    for name in ["staging", "production"] {
        let line = format!("managed on target {name} (");
        assert!(again.stdout.contains(&line), "{again}");
    }

    let slow = scenario(&world, "staging", "Lead Sync").unwrap();
    assert_eq!(
        (&slow["isActive"], &slow["scheduling"]["interval"]),
        (&json!(false), &json!(3600))
    );
    let fast = scenario(&world, "production", "Lead Sync").unwrap();
    assert_eq!(
        (&fast["isActive"], &fast["scheduling"]["interval"]),
        (&json!(true), &json!(900))
    );
    assert_eq!(scenario(&world, "staging", "Billing"), None);
    assert!(scenario(&world, "production", "Billing").is_some());

    // What staging leaves out from now on stays there, and is nobody's.
    world.edit(
        "makeform.yaml",
        "[scenario.bill*]",
        "[scenario.bill*, webhook.leads]",
    );
    let plan = world.run(&["--target", "staging", "plan"]).success();
    assert!(plan.stdout.contains("the target leaves it out"), "{plan}");
    let _ = world
        .run(&["--target", "staging", "apply", "--auto-approve"])
        .success();
    let plan = world
        .run(&["--all-targets", "plan", "--detailed-exitcode"])
        .success();
    assert!(!plan.stdout.contains("will be"), "{plan}");
    assert_eq!(rows(&world, "staging", Collection::Hooks).len(), 1);
    // Billing comes to staging, and finds the webhook by its name.
    world.edit("makeform.yaml", "scenario.bill*, ", "");
    let _ = world
        .run(&["--target", "staging", "apply", "--auto-approve"])
        .success();
    let billing = scenario(&world, "staging", "Billing").unwrap();
    let hook = rows(&world, "staging", Collection::Hooks).remove(0);
    assert_eq!(hook["scenarioId"], billing["id"]);
    let _ = world
        .run(&["--all-targets", "plan", "--detailed-exitcode"])
        .success();
}

#[test]
fn what_goes_wrong_in_one_target_is_told_and_does_not_go_on_to_the_next() {
    let world = two();
    world.edit("makeform.yaml", "active: false", "actve: false");
    // All are looked at, and the worst counts.
    let plan = world.run(&both(&["plan", "--detailed-exitcode"])).exits(1);
    assert!(plan.stderr.contains("Target staging:"), "{plan}");
    assert!(plan.stderr.contains("makeform.yaml:11:31"), "{plan}");
    assert!(plan.stdout.contains("target production"), "{plan}");
    let valid = world
        .run(&["--all-targets", "validate", "--format", "json"])
        .exits(1);
    let targets: Vec<Value> = valid
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["target"].take())
        .collect();
    assert_eq!(targets, ["production", "staging"]);

    let apply = world.run(&both(&["apply", "--auto-approve"])).exits(1);
    assert!(
        apply
            .stderr
            .contains("Not begun after target staging: production."),
        "{apply}"
    );
    assert_eq!(scenario(&world, "production", "Lead Sync"), None);

    for args in [
        &["plan", "--out", "plan.json"][..],
        &["apply", "--expect", NO_PLANS],
        &["apply", "plan.json"],
    ] {
        for targets in [&BOTH[..], &["--all-targets"]] {
            let refused = world.run(&[targets, args].concat()).exits(1);
            assert!(refused.stderr.contains("exactly one target"), "{refused}");
        }
    }
    // An export is no single file: each target has a folder.
    for targets in [&BOTH[..], &["--all-targets"]] {
        let _ = world
            .run(&[targets, &["export", "--out", "there"]].concat())
            .success();
        for name in ["staging", "production"] {
            let made = world.read(&format!("there/{name}/makeform.yaml"));
            assert!(made.contains(&format!("defaultTarget: {name}")), "{made}");
        }
    }
    let refused = world
        .run(&["--all-targets", "--target", "staging", "plan"])
        .exits(1);
    assert!(refused.stderr.contains("cannot be used with"), "{refused}");
}

#[test]
fn what_is_needed_and_left_out_is_missed_before_anything_is_made() {
    let world = two();
    world.edit("makeform.yaml", "[scenario.bill*]", "[webhook.leads]");
    let apply = world
        .run(&["--target", "staging", "apply", "--auto-approve"])
        .exits(1);
    assert!(
        apply.stdout.contains("names-excluded") && apply.stdout.contains("`scenario.billing`"),
        "{apply}"
    );
    assert!(apply.stdout.contains("makeform.yaml:12:17"), "{apply}");
    assert!(scenario(&world, "staging", "Lead Sync").is_none());
}

#[test]
fn a_moved_thing_keeps_its_object_in_every_target() {
    let world = two();
    let _ = world.run(&both(&["apply", "--auto-approve"])).success();
    let ids = |name: &str| -> Vec<Value> {
        ["staging", "production"]
            .map(|target| scenario(&world, target, name).unwrap()["id"].take())
            .into()
    };
    let before = ids("Lead Sync");
    // What Make shows is a field like any other.
    world.edit("manifests/all.yaml", "name: Lead Sync", "name: Lead Copy");
    let plan = world.run(&both(&["plan"])).success();
    assert_eq!(
        plan.stdout
            .matches("0 to add, 1 to change, 0 to destroy")
            .count(),
        2,
        "{plan}"
    );
    let _ = world.run(&both(&["apply", "--auto-approve"])).success();
    assert_eq!(ids("Lead Copy"), before);

    // Both at once: only `moved` tells that it is the same.
    world.edit("manifests/all.yaml", "name: lead-sync", "name: lead-flow");
    world.edit("manifests/all.yaml", "name: Lead Copy", "name: Lead Flow");
    world.edit("makeform.yaml", "scenario.lead-sync", "scenario.lead-flow");
    let plan = world.run(&["--target", "production", "plan"]).success();
    assert!(
        plan.stdout.contains("1 to add, 0 to change, 1 to destroy"),
        "{plan}"
    );
    let entry = "moved: [{ from: scenario.lead-sync, to: scenario.lead-flow }]";
    assert!(
        plan.stderr.contains(entry) || plan.stdout.contains(entry),
        "{plan}"
    );
    world.write(
        "manifests/moved.yaml",
        &format!("apiVersion: makeform/v1\n{entry}\n"),
    );
    let plan = world.run(&both(&["plan"])).success();
    assert_eq!(
        plan.stdout
            .matches("0 to add, 1 to change, 0 to destroy")
            .count(),
        2,
        "{plan}"
    );
    let _ = world.run(&both(&["apply", "--auto-approve"])).success();
    assert_eq!(ids("Lead Flow"), before);
    let state = world
        .run(&["--target", "production", "state", "list"])
        .success();
    let known: BTreeSet<&str> = state.stdout.split_whitespace().collect();
    assert!(
        known.contains("scenario.lead-flow") && !known.contains("scenario.lead-sync"),
        "{state}"
    );
    // The entry may stay.
    let _ = world
        .run(&["--all-targets", "plan", "--detailed-exitcode"])
        .success();
}
