//! What somebody changed in Make since the last apply, and what may be changed there.

use std::fs;

use makeform::live::transport::Method;
use serde_json::{Value, json};

use crate::support::{account::Account, world::World};

const THINGS: &str = r#"
apiVersion: makeform/v1
kind: Folder
metadata: { name: crm }
spec: { name: CRM }
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: sync }
spec:
  name: Sync
  folder: folder.crm
  description: Ours.
  blueprint:
    flow:
      - { id: 1, module: "util:ComposeTransformer", version: 1, mapper: { value: one, token: "${env.CRM_TOKEN}" } }
      - { id: 2, module: "util:ComposeTransformer", version: 1, mapper: { value: two } }
    metadata: { version: 1 }
"#;

const TOKEN: &str = "9f2c7d1e8b6a4c3d-crm";

fn applied() -> World {
    let world = World::new().with_env("CRM_TOKEN", TOKEN);
    world.write("manifests/all.yaml", THINGS);
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();
    world
}

fn patch(world: &World, body: Value) {
    let account = Account::of(world);
    let id = account.scenario("Sync")["id"].clone();
    account.write(Method::Patch, &format!("/scenarios/{id}"), body);
}

/// Changes the text of a module, as somebody in Make's editor would.
fn say(world: &World, module: usize, text: &str) {
    let account = Account::of(world);
    let id = account.scenario("Sync")["id"].clone();
    let mut blueprint = account.blueprint(&id);
    blueprint["flow"][module]["mapper"]["value"] = json!(text);
    drop(account);
    patch(world, json!({ "blueprint": blueprint.to_string() }));
}

/// What the live scenario has: its description, and the texts of its modules.
fn live(world: &World) -> [Value; 3] {
    let account = Account::of(world);
    let row = account.scenario("Sync");
    let blueprint = account.blueprint(&row["id"]);
    let text = |at: usize| blueprint["flow"][at]["mapper"]["value"].clone();
    [row["description"].clone(), text(0), text(1)]
}

fn json_of(world: &World) -> Value {
    let output = world.run(&["drift", "--format", "json"]).exits(2);
    serde_json::from_str(&output.stdout).unwrap()
}

#[test]
fn nothing_has_drifted_right_after_an_apply_and_looking_writes_nothing() {
    let world = applied();
    let writes = world.writes();
    let before = world.files(".makeform/sandbox/history");
    let ledger = fs::read(world.file(".makeform/sandbox/ledger.json")).unwrap();
    let none = world.run(&["drift"]).success();
    assert!(
        none.stdout
            .contains("No drift. All 2 things applied to target sandbox"),
        "{none}"
    );
    assert_eq!(world.writes(), writes);
    assert_eq!(world.files(".makeform/sandbox/history"), before);
    assert_eq!(
        fs::read(world.file(".makeform/sandbox/ledger.json")).unwrap(),
        ledger
    );
    // A change in git is no drift.
    world.edit("manifests/all.yaml", "Ours.", "Ours, too.");
    let _ = world.run(&["drift"]).success();
}

#[test]
fn what_was_changed_in_make_is_told_with_who_and_when_and_what_is_gone() {
    let world = applied();
    patch(&world, json!({"description": "Mine."}));
    say(&world, 1, "2");
    let text = world.run(&["drift"]).exits(2);
    for line in [
        "# scenario.sync was changed in Make (id ",
        "# (last edited in Make by ",
        r#"~ description:  "Ours." -> "Mine.""#,
        r#"~ mapper.value: "two" -> "2""#,
        "Drift: 1 changed, 0 gone, 1 unchanged.",
    ] {
        assert!(text.stdout.contains(line), "`{line}` is missing: {text}");
    }
    // The plan takes it back, and says who did it.
    let plan = world.run(&["plan"]).success();
    assert!(plan.stdout.contains("# (last edited in Make by "), "{plan}");
    assert!(
        plan.stdout
            .contains("# changed in Make since the last apply"),
        "{plan}"
    );

    let account = Account::of(&world);
    let id = account.scenario("Sync")["id"].clone();
    let (status, answer) = account.send(
        Method::Delete,
        &format!("/scenarios/{id}"),
        &[("confirmed", "true")],
        None,
    );
    assert_eq!(status, 200, "{answer}");
    drop(account);
    let found = json_of(&world);
    assert_eq!(found["format"], "makeform/drift/v1");
    let summary = json!({"changed": 0, "gone": 1, "unchanged": 1, "unknown": 0});
    assert_eq!(found["summary"], summary);
    assert_eq!(found["things"][0]["address"], "scenario.sync");
    assert_eq!(found["things"][0]["fate"], "gone");
    let gone = world.run(&["drift"]).exits(2);
    assert!(
        gone.stdout.contains("# scenario.sync is gone from Make"),
        "{gone}"
    );
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();
    let _ = world.run(&["drift"]).success();
}

#[test]
fn a_secret_that_changed_in_make_is_not_shown() {
    let world = applied();
    let account = Account::of(&world);
    let id = account.scenario("Sync")["id"].clone();
    let mut blueprint = account.blueprint(&id);
    blueprint["flow"][0]["mapper"]["token"] = json!("another-4c3d9f2c7d1e8b6a");
    blueprint["flow"][0]["mapper"]["value"] = json!("changed");
    drop(account);
    patch(&world, json!({ "blueprint": blueprint.to_string() }));
    for format in ["text", "json"] {
        let drift = world.run(&["drift", "--format", format]).exits(2);
        assert!(drift.stdout.contains("changed"), "{drift}");
        assert!(
            !drift.stdout.contains("another-4c3d") && !drift.stdout.contains(TOKEN),
            "{drift}"
        );
    }
}

#[test]
fn what_a_manifest_ignores_is_no_drift_no_change_and_never_written() {
    let world = applied();
    world.edit(
        "manifests/all.yaml",
        "  description: Ours.\n",
        "  description: Ours.\n  lifecycle: { ignoreChanges: [description, /blueprint/flow/2/mapper/value] }\n",
    );
    keeps_what_is_ignored(&world);
}

#[test]
fn what_the_project_ignores_is_no_drift_no_change_and_never_written() {
    let world = applied();
    let ignored = "  drift: { ignore: [{ kind: Scenario, paths: [/description, /blueprint/flow/2/mapper/value] }] }\n";
    let project = world.read("makeform.yaml");
    world.write("makeform.yaml", &(project + ignored));
    keeps_what_is_ignored(&world);
}

fn keeps_what_is_ignored(world: &World) {
    patch(world, json!({"description": "Mine."}));
    say(world, 1, "mine");
    let _ = world.run(&["drift"]).success();
    world.assert_settled();
    // The blueprint is saved whole, with what is ignored as it is in Make.
    world.edit("manifests/all.yaml", "value: one", "value: 1st");
    world.edit("manifests/all.yaml", "Ours.", "Ours, too.");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    assert_eq!(live(world), ["Mine.", "1st", "mine"]);
    world.assert_settled();
    let _ = world.run(&["drift"]).success();
    // What is not ignored still counts.
    say(world, 0, "mine");
    let drift = world.run(&["drift"]).exits(2);
    assert!(drift.stdout.contains(r#""1st" -> "mine""#), "{drift}");
    assert!(!drift.stdout.contains("description"), "{drift}");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    assert_eq!(live(world), ["Mine.", "1st", "mine"]);
}

#[test]
fn of_what_was_imported_nothing_is_known_until_it_is_applied() {
    let world = applied();
    let id = Account::of(&world).scenario("Sync")["id"].to_string();
    let _ = world.run(&["state", "rm", "scenario.sync"]).success();
    let _ = world.run(&["import", "scenario.sync", &id]).success();
    let unknown = world.run(&["drift"]).success();
    assert!(
        unknown
            .stdout
            .contains("Nothing is known of what was last applied to 1 thing: scenario.sync."),
        "{unknown}"
    );
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let known = world.run(&["drift"]).success();
    assert!(!known.stdout.contains("Nothing is known"), "{known}");
    let wrong = world.run(&["drift", "--only", "scenario.snyc"]).exits(1);
    assert!(
        wrong.stdout.contains("did you mean `scenario.sync`?"),
        "{wrong}"
    );
}
