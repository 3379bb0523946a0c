//! The main road: manifests, plan, apply, export, and a plan that shows no changes.

use makeform::live::transport::Method;
use serde_json::json;

use crate::support::{
    account::Account,
    world::{NO_PLANS, World},
};

const FOLDER_AND_SCENARIO: &str = r#"
apiVersion: makeform/v1
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
  description: Copies leads.
  active: true
  schedule: { immediately: true }
  blueprint:
    flow:
      - { id: 1, module: "gateway:CustomWebHook", version: 1, parameters: { hook: "${webhook.leads}" }, mapper: {} }
      - { id: 2, module: "slack:CreateMessage", version: 4, parameters: { __IMTCONN__: "${connection.slack}" }, mapper: { text: "hello {{1.name}}" } }
    metadata: { version: 1 }
---
apiVersion: makeform/v1
kind: Connection
metadata: { name: slack }
spec: { name: Acme Slack, type: slack }
"#;

fn small() -> World {
    let world = World::new();
    world.write("manifests/all.yaml", FOLDER_AND_SCENARIO);
    world
}

#[test]
fn manifests_become_an_account_and_a_second_apply_sends_nothing() {
    let world = small();
    let plan = world.run(&["plan", "--detailed-exitcode"]).exits(2);
    assert!(
        plan.stdout
            .contains("Plan: 3 to add, 0 to change, 0 to destroy."),
        "{plan}"
    );
    assert!(plan.stdout.contains("(known after apply)"), "{plan}");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();

    let account = Account::of(&world);
    let row = account.scenario("Lead Sync");
    assert_eq!(row["isActive"], true);
    assert_eq!(row["description"], "Copies leads.");
    assert_eq!(row["scheduling"], json!({"type": "immediately"}));
    let hook = &account.hooks()[0];
    assert_eq!(hook["scenarioId"], row["id"]);
    let blueprint = account.blueprint(&row["id"]);
    assert_eq!(blueprint["flow"][0]["parameters"]["hook"], hook["id"]);
    assert_eq!(blueprint["flow"][1]["mapper"]["text"], "hello {{1.name}}");
    drop(account);

    let writes = world.writes();
    let again = world.run(&["apply", "--auto-approve"]).success();
    assert!(again.stdout.contains("No changes"), "{again}");
    assert_eq!(world.writes(), writes, "a no-op apply sent a write");
}

#[test]
fn an_edit_is_an_update_a_deleted_manifest_a_destroy_and_a_renamed_file_nothing() {
    let world = small();
    let _ = world.run(&["apply", "--auto-approve"]).success();

    world.edit(
        "manifests/all.yaml",
        "hello {{1.name}}",
        "hello {{lower(1.name)}}",
    );
    let plan = world.run(&["plan", "--detailed-exitcode"]).exits(2);
    assert!(plan.stdout.contains("~ blueprint:"), "{plan}");
    assert!(plan.stdout.contains("1 of 2 modules"), "{plan}");
    assert!(
        plan.stdout
            .contains(r#""hello {{1.name}}" -> "hello {{lower(1.name)}}""#),
        "{plan}"
    );
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();

    std::fs::rename(
        world.file("manifests/all.yaml"),
        world.file("manifests/other.yaml"),
    )
    .unwrap();
    world.assert_settled();

    let text = world.read("manifests/other.yaml");
    let without: Vec<&str> = text
        .split("---\n")
        .filter(|document| !document.contains("kind: Scenario"))
        .collect();
    world.write("manifests/other.yaml", &without.join("---\n"));
    let plan = world.run(&["plan", "--detailed-exitcode"]).exits(2);
    assert!(
        plan.stdout
            .contains("# scenario.lead-sync will be destroyed"),
        "{plan}"
    );
    assert!(
        plan.stdout
            .contains("Plan: 0 to add, 0 to change, 1 to destroy."),
        "{plan}"
    );
    let _ = world
        .run(&["apply", "--auto-approve", "--allow", "stops-active"])
        .success();
    world.assert_settled();
    assert_eq!(Account::of(&world).scenarios().len(), 0);
    assert_eq!(
        Account::of(&world).hooks().len(),
        1,
        "the webhook is still declared"
    );
}

#[test]
fn what_exists_under_that_name_is_adopted_and_never_made_twice() {
    let world = small();
    let _ = world.run(&["apply", "--auto-approve"]).success();
    // The ledger is gone: a runner's disk was thrown away.
    for entry in std::fs::read_dir(world.file(".makeform/sandbox")).unwrap() {
        let path = entry.unwrap().path();
        match path.file_name().unwrap().to_str().unwrap() {
            "world.redb" => {}
            _ if path.is_dir() => std::fs::remove_dir_all(path).unwrap(),
            _ => std::fs::remove_file(path).unwrap(),
        }
    }
    let plan = world.run(&["plan", "--detailed-exitcode"]).success();
    assert!(plan.stdout.contains("= scenario.lead-sync"), "{plan}");
    let writes = world.writes();
    let _ = world.run(&["apply", "--auto-approve"]).success();
    assert_eq!(world.writes(), writes);
    assert_eq!(Account::of(&world).scenarios().len(), 1);
    world.assert_settled();
    let listed = world.run(&["state", "list"]).success();
    for address in ["folder.crm", "scenario.lead-sync", "webhook.leads"] {
        assert!(listed.stdout.contains(address), "{listed}");
    }
}

#[test]
fn an_adoption_that_would_overwrite_is_refused_until_it_is_allowed() {
    let world = small();
    Account::of(&world).create_scenario("Lead Sync");
    let refused = world.run(&["apply", "--auto-approve"]).exits(3);
    assert!(
        refused.to_string().contains("adopt-overwrites"),
        "{refused}"
    );
    assert_eq!(world.writes(), 1, "only the scenario made by hand");
    let _ = world
        .run(&["apply", "--auto-approve", "--allow", "adopt-overwrites"])
        .success();
    world.assert_settled();
    assert_eq!(Account::of(&world).scenarios().len(), 1);
}

#[test]
fn two_of_one_name_are_an_error_that_names_both_ids() {
    let world = small();
    let account = Account::of(&world);
    let ids = [
        account.create_scenario("Lead Sync"),
        account.create_scenario("Lead Sync"),
    ];
    drop(account);
    let plan = world.run(&["plan"]).exits(1);
    for id in &ids {
        assert!(plan.to_string().contains(&id.to_string()), "{plan}");
    }
    let second = ids[1].to_string();
    let _ = world
        .run(&["import", "scenario.lead-sync", &second])
        .success();
    let _ = world
        .run(&["apply", "--auto-approve", "--allow", "adopt-overwrites"])
        .success();
    world.assert_settled();
}

#[test]
fn drift_is_told_from_edits_in_git() {
    let world = small();
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let account = Account::of(&world);
    let id = account.scenario("Lead Sync")["id"].clone();
    account.write(
        Method::Patch,
        &format!("/scenarios/{id}"),
        json!({"description": "Changed by hand."}),
    );
    drop(account);
    let plan = world.run(&["plan", "--format", "json"]).success();
    let plan: serde_json::Value = serde_json::from_str(&plan.stdout).unwrap();
    let change = &plan["steps"][0]["changes"][0];
    assert_eq!(change["path"], json!(["description"]));
    assert_eq!(change["origin"], "make");

    world.edit("manifests/all.yaml", "Copies leads.", "Copies all leads.");
    let plan = world.run(&["plan", "--format", "json"]).success();
    let plan: serde_json::Value = serde_json::from_str(&plan.stdout).unwrap();
    assert_eq!(plan["steps"][0]["changes"][0]["origin"], "both");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();
}

#[test]
fn a_field_that_is_gone_returns_to_makes_default_and_one_never_named_stays() {
    let world = small();
    world.edit("manifests/all.yaml", "  folder: folder.crm\n", "");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let account = Account::of(&world);
    let id = account.scenario("Lead Sync")["id"].clone();
    let folder =
        account.get("/scenarios-folders", &[("teamId", "1")])["scenariosFolders"][0]["id"].clone();
    let path = format!("/scenarios/{id}");
    account.write(Method::Patch, &path, json!({"folderId": folder}));
    drop(account);
    world.assert_settled();

    world.edit("manifests/all.yaml", "  description: Copies leads.\n", "");
    let plan = world.run(&["plan", "--detailed-exitcode"]).exits(2);
    assert!(plan.stdout.contains("description"), "{plan}");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();
    let row = Account::of(&world).scenario("Lead Sync");
    assert!(
        matches!(row["description"].as_str(), Some("" | "\n")),
        "{row}"
    );
    assert_eq!(row["folderId"], folder);
}

#[test]
fn a_saved_plan_and_a_digest_approve_exactly_one_plan() {
    let world = small();
    let _ = world.run(&["plan", "--out", "review.json"]).success();
    let saved: serde_json::Value = serde_json::from_str(&world.read("review.json")).unwrap();
    let digest = saved["digest"].as_str().unwrap().to_owned();

    let wrong = world.run(&["apply", "--expect", NO_PLANS]).exits(3);
    assert!(wrong.to_string().contains(&digest), "{wrong}");
    world.edit("manifests/all.yaml", "Copies leads.", "Copies more leads.");
    let stale = world.run(&["apply", "review.json"]).exits(3);
    assert!(stale.to_string().contains("scenario.lead-sync"), "{stale}");
    assert_eq!(world.writes(), 0);
    world.edit("manifests/all.yaml", "Copies more leads.", "Copies leads.");
    let _ = world.run(&["apply", "review.json"]).success();
    world.assert_settled();

    // The same manifests and the same account give the same digest elsewhere.
    let other = small();
    let _ = other.run(&["apply", "--expect", &digest]).success();
    other.assert_settled();
}

#[test]
fn without_a_terminal_and_an_approval_apply_does_nothing() {
    let world = small();
    let refused = world.run(&["apply"]).exits(1);
    assert!(refused.stderr.contains("--auto-approve"), "{refused}");
    let wrong_flag = world.run(&["plan", "--detailed-exitcodes"]).exits(1);
    assert!(
        wrong_flag.stderr.contains("--detailed-exitcode"),
        "{wrong_flag}"
    );
}

#[test]
fn many_deletes_are_refused_and_prevent_destroy_protects() {
    let world = World::new();
    let folders: Vec<String> = (0..12)
        .map(|n| {
            format!(
                "apiVersion: makeform/v1\nkind: Folder\nmetadata: {{ name: f{n} }}\nspec: {{ name: Folder {n} }}\n"
            )
        })
        .collect();
    world.write("manifests/folders.yaml", &folders.join("---\n"));
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.write("manifests/folders.yaml", &folders[..6].join("---\n"));
    let refused = world.run(&["apply", "--auto-approve"]).exits(3);
    assert!(refused.to_string().contains("mass-delete"), "{refused}");
    let _ = world
        .run(&["apply", "--auto-approve", "--allow", "mass-delete"])
        .success();
    world.assert_settled();

    let protected = format!("{}  \nlifecycle_placeholder", folders[0]);
    let protected = protected.replace(
        "spec: { name: Folder 0 }\n  \nlifecycle_placeholder",
        "spec: { name: Folder 0, lifecycle: { preventDestroy: true } }\n",
    );
    let rest = folders[1..6].join("---\n");
    world.write("manifests/folders.yaml", &format!("{protected}---\n{rest}"));
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.write("manifests/folders.yaml", &rest);
    let refused = world.run(&["apply", "--auto-approve"]).exits(3);
    assert!(refused.to_string().contains("prevent-destroy"), "{refused}");
    let allowed = ["apply", "--auto-approve", "--allow", "prevent-destroy"];
    let _ = world.run(&allowed).success();
    world.assert_settled();
}

#[test]
fn a_scenario_that_takes_anothers_webhook_is_found_before_anything_is_sent() {
    let world = small();
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let writes = world.writes();
    // The same scenario under another address and another name.
    world.edit(
        "manifests/all.yaml",
        "name: lead-sync",
        "name: leads-to-crm",
    );
    world.edit(
        "manifests/all.yaml",
        "name: Lead Sync",
        "name: Leads to CRM",
    );
    let refused = world.run(&["apply", "--auto-approve"]).exits(1);
    assert!(refused.to_string().contains("webhook-in-use"), "{refused}");
    assert_eq!(world.writes(), writes);

    let moved = ["state", "mv", "scenario.lead-sync", "scenario.leads-to-crm"];
    let _ = world.run(&moved).success();
    let plan = world.run(&["plan"]).success();
    assert!(plan.stdout.contains("1 to change, 0 to destroy"), "{plan}");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();
    assert_eq!(
        Account::of(&world).scenario("Leads to CRM")["isActive"],
        true
    );
}

#[test]
fn a_new_address_for_the_same_object_moves_its_binding_and_nothing_else() {
    let world = small();
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let writes = world.writes();
    world.edit(
        "manifests/all.yaml",
        "metadata: { name: crm }",
        "metadata: { name: customers }",
    );
    world.edit("manifests/all.yaml", "folder.crm", "folder.customers");
    let plan = world.run(&["plan", "--detailed-exitcode"]).success();
    assert!(plan.stdout.contains("renamed"), "{plan}");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    assert_eq!(world.writes(), writes);
    world.assert_settled();
    let listed = world.run(&["state", "list"]).success();
    assert!(listed.stdout.contains("folder.customers"), "{listed}");
    assert!(!listed.stdout.contains("folder.crm"), "{listed}");
}
