//! What apply refuses until somebody says that it is meant: each guard, its threshold, and the way
//! on.

use makeform::diagnostic::codes::guards::GUARDS;
use serde_json::Value;

use crate::support::{account::Account, world::World};

fn folders(names: &[String]) -> String {
    let folders = names.iter().map(|name| {
        format!("---\napiVersion: makeform/v1\nkind: Folder\nmetadata: {{ name: {name} }}\nspec: {{ name: {name} }}\n")
    });
    folders.collect()
}

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("f{n}")).collect()
}

const APPLY: [&str; 2] = ["apply", "--auto-approve"];

/// Apply refuses the plan for exactly these guards, and carries it out with them allowed.
#[track_caller]
fn refused_for(world: &World, codes: &[&str]) {
    let writes = world.writes();
    let refused = world.run(&APPLY).exits(3);
    let line = format!("Refused: {}. Nothing was sent.", codes.join(", "));
    assert!(refused.stderr.contains(&line), "{refused}");
    assert_eq!(world.writes(), writes);
    let allowed: Vec<&str> = codes.iter().flat_map(|code| ["--allow", code]).collect();
    for code in codes {
        let all_but: Vec<&str> = codes
            .iter()
            .filter(|other| *other != code)
            .flat_map(|code| ["--allow", code])
            .collect();
        let _ = world.run(&[&APPLY[..], &all_but].concat()).exits(3);
    }
    let _ = world.run(&[&APPLY[..], &allowed].concat()).success();
    world.assert_settled();
}

fn set(world: &World, guards: &str) {
    let project = world.read("makeform.yaml");
    world.write("makeform.yaml", &format!("{project}  guards: {guards}\n"));
}

#[test]
fn deleting_much_is_refused_by_the_thresholds_of_the_project() {
    let world = World::new();
    world.write("manifests/all.yaml", &folders(&numbered(12)));
    let _ = world.run(&APPLY).success();
    world.write("manifests/all.yaml", &folders(&numbered(8)));
    refused_for(&world, &["mass-delete"]);
    // Stricter..
    set(&world, "{ massDelete: { count: 0 } }");
    world.write("manifests/all.yaml", &folders(&numbered(7)));
    refused_for(&world, &["mass-delete"]);
    // ..and not at all.
    world.edit("makeform.yaml", "count: 0", "percent: 100");
    world.write("manifests/all.yaml", &folders(&numbered(1)));
    let _ = world.run(&APPLY).success();
    world.assert_settled();
    world.edit("makeform.yaml", "percent: 100", "percent: 101");
    let wrong = world.run(&["plan"]).exits(1);
    assert!(wrong.stderr.contains("from 0 to 100"), "{wrong}");
}

#[test]
fn a_rollback_is_refused_by_the_thresholds_of_the_project() {
    let world = World::new();
    world.write("manifests/all.yaml", &folders(&numbered(12)));
    let _ = world.run(&APPLY).success();
    world.write("manifests/all.yaml", &folders(&numbered(14)));
    let _ = world.run(&APPLY).success();
    set(&world, "{ massDelete: { count: 0 } }");
    let back = ["rollback", "--auto-approve"];
    // Also where the manifests can't be read.
    for manifests in [folders(&numbered(14)), "kind: [".to_owned()] {
        world.write("manifests/all.yaml", &manifests);
        let writes = world.writes();
        let refused = world.run(&back).exits(3);
        let line = "Refused: mass-delete. Nothing was sent.";
        assert!(refused.stderr.contains(line), "{refused}");
        assert_eq!(world.writes(), writes);
    }
    let allowed = [&back[..], &["--allow", "mass-delete"]].concat();
    let _ = world.run(&allowed).success();
    world.write("manifests/all.yaml", &folders(&numbered(12)));
    world.assert_settled();
}

#[test]
fn a_limit_of_operations_holds_where_the_account_does_not_say_what_was_needed() {
    let mut world = crate::health::world(crate::health::GOOD);
    let _ = world.run(&APPLY).success();
    set(&world, "{ maxOperationsIncrease: 1000000 }");
    world.edit("manifests/all.yaml", "every: 15m", "every: 5m");
    let fault = "fault GET /scenarios/consumptions: 403";
    world.set_env("MAKEFORM_SANDBOX", Some(fault));
    refused_for(&world, &["operations-increase"]);
    // To run less often needs no more.
    world.edit("manifests/all.yaml", "every: 5m", "every: 30m");
    let _ = world.run(&APPLY).success();
    world.assert_settled();
}

#[test]
fn changing_much_is_refused_by_the_thresholds_of_the_project() {
    let world = World::new();
    world.write("manifests/all.yaml", &folders(&numbered(4)));
    let _ = world.run(&APPLY).success();
    let renamed = folders(&numbered(4)).replace("spec: { name: f", "spec: { name: g");
    world.write("manifests/all.yaml", &renamed);
    set(&world, "{ massUpdate: { percent: 50, least: 4 } }");
    refused_for(&world, &["mass-update"]);
}

#[test]
fn protection_survives_the_removal_of_the_manifest() {
    let world = World::new();
    let protected = folders(&["a".to_owned()]) + "lifecycle: { preventDestroy: true }\n";
    let protected = protected.replace(
        "spec: { name: a }\nlifecycle: { preventDestroy: true }",
        "spec: { name: a, lifecycle: { preventDestroy: true } }",
    );
    world.write("manifests/a.yaml", &protected);
    world.write("manifests/b.yaml", &folders(&["b".to_owned()]));
    let _ = world.run(&APPLY).success();
    std::fs::remove_file(world.file("manifests/a.yaml")).unwrap();
    refused_for(&world, &["prevent-destroy"]);
}

const HOOK: &str = "apiVersion: makeform/v1\nkind: Webhook\nmetadata: { name: leads }\nspec: { name: Leads, type: custom }\n";

#[test]
fn a_webhook_whose_url_would_change_says_so_loudly() {
    let world = World::new();
    world.write("manifests/hook.yaml", HOOK);
    let _ = world.run(&APPLY).success();
    let url = Account::of(&world).hooks()[0]["url"].clone();
    world.edit("manifests/hook.yaml", "custom", "mail");
    let text = world.run(&["plan"]).success();
    for line in [
        "-/+ webhook.leads",
        "(sensitive) -> (known after apply)",
        "warning[hook-url-changes]: the URL of `webhook.leads` would become another",
        "Apply refuses it without --allow hook-url-changes.",
    ] {
        assert!(text.stdout.contains(line), "{text}");
    }
    let plan = world.run(&["plan", "--format", "json"]).success();
    let plan: Value = serde_json::from_str(&plan.stdout).unwrap();
    assert_eq!(plan["findings"][0]["code"], "hook-url-changes");
    assert_eq!(plan["findings"][0]["address"], "webhook.leads");
    refused_for(&world, &["hook-url-changes"]);
    assert_ne!(Account::of(&world).hooks()[0]["url"], url);
}

const ACTIVE: &str = r#"
apiVersion: makeform/v1
kind: Scenario
metadata: { name: sync }
spec:
  name: Sync
  active: true
  schedule: { every: 15m }
  blueprint:
    flow: [{ id: 1, module: "rss:ActionReadArticles", version: 4, parameters: { include: [] }, mapper: { url: "https://example.com/feed" } }]
    metadata: { version: 1 }
"#;

#[test]
fn an_active_scenario_is_not_stopped_without_a_word() {
    for change in ["switched off", "no longer switched on", "deleted"] {
        let world = World::new();
        world.write("manifests/folder.yaml", &folders(&["a".to_owned()]));
        world.write("manifests/sync.yaml", ACTIVE);
        let _ = world.run(&APPLY).success();
        match change {
            "switched off" => world.edit("manifests/sync.yaml", "active: true", "active: false"),
            "deleted" => std::fs::remove_file(world.file("manifests/sync.yaml")).unwrap(),
            _ => world.edit("manifests/sync.yaml", "  active: true\n", ""),
        }
        refused_for(&world, &["stops-active"]);
        // One that is stopped already may go.
        if change != "deleted" {
            std::fs::remove_file(world.file("manifests/sync.yaml")).unwrap();
            let _ = world.run(&APPLY).success();
            world.assert_settled();
        }
    }
}

/// Keeps what it can't process.
const KEEPS: &str = r#"
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
"#;

#[test]
fn work_that_waits_is_not_lost_without_a_word() {
    let world = World::new();
    world.write("manifests/folder.yaml", &folders(&["a".to_owned()]));
    world.write("manifests/kept.yaml", KEEPS);
    let _ = world.run(&APPLY).success();
    let _ = world.run(&["run", "scenario.kept", "--wait"]).exits(5);
    std::fs::remove_file(world.file("manifests/kept.yaml")).unwrap();
    let plan = world.run(&["plan"]).success();
    let told = "`scenario.kept` has 1 incomplete executions, which would be lost";
    assert!(plan.stdout.contains(told), "{plan}");
    refused_for(&world, &["stops-active", "waiting-work"]);
}

#[test]
fn where_the_account_does_not_say_how_much_work_waits_it_may_be_some() {
    let world = World::new();
    let unified = "{ url: \"sandbox:\", dialect: unified, organization: \"1\" }";
    world.edit("makeform.yaml", "{ url: \"sandbox:\" }", unified);
    let parked = KEEPS.replace("active: true", "active: false");
    let parked = parked.replace("  schedule: { onDemand: true }\n", "");
    world.write("manifests/kept.yaml", &parked);
    world.write(
        "manifests/other.yaml",
        &parked.replace("kept", "other").replace("Kept", "Other"),
    );
    let _ = world.run(&APPLY).success();
    std::fs::remove_file(world.file("manifests/kept.yaml")).unwrap();
    let plan = world.run(&["plan"]).success();
    assert!(plan.stdout.contains("the account does not say"), "{plan}");
    refused_for(&world, &["waiting-work"]);
}

#[test]
fn each_guard_stands_in_the_table_of_guards() {
    let page = include_str!("../../docs/guards.md");
    let listed: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(code, _)| code)
        .collect();
    let mut guards: Vec<&str> = GUARDS.iter().map(|code| code.name).collect();
    for guard in &guards {
        assert!(listed.contains(guard), "{guard} is not in docs/guards.md");
    }
    guards.sort_unstable();
    let mut listed = listed;
    listed.sort_unstable();
    assert_eq!(listed, guards);
}

#[test]
fn what_an_active_scenario_needs_does_not_go_alone_without_a_word() {
    let world = World::copy_of("examples");
    let _ = world.run(&APPLY).success();
    let destroy = ["--destroy", "--only", "data-store.orders"];
    let writes = world.writes();
    let refused = world.run(&[&APPLY[..], &destroy].concat()).exits(3);
    let line = "`data-store.orders` would be deleted, and Make stops the active scenarios that need it: \
                `scenario.order-status`";
    assert!(refused.stdout.contains(line), "{refused}");
    assert!(
        refused
            .stdout
            .contains("It covers what --only names, and what that stands on."),
        "{refused}"
    );
    assert_eq!(world.writes(), writes);
    // With the scenario it goes, as far as that guard is asked.
    let both = [&destroy[..], &["--only", "scenario.order-status"]].concat();
    let plan = world.run(&[&["plan"], &both[..]].concat()).success();
    assert!(!plan.stdout.contains("Make stops"), "{plan}");
    world.assert_settled();
}

#[test]
fn a_variable_that_goes_is_missed_before_it_is_gone() {
    let world = World::copy_of("examples");
    let _ = world.run(&APPLY).success();
    let file = "manifests/order-desk/order-status.yaml";
    let text = world.read(file);
    world.write(file, text.split_once("---\n").unwrap().1);
    let plan = world.run(&["plan"]).success();
    let line = "the team will have no variable `deskChannel`; `scenario.order-status` needs it";
    assert!(plan.stdout.contains(line), "{plan}");
    let _ = world.run(&APPLY).success();
    let plan = world.run(&["plan"]).success();
    assert!(
        plan.stdout
            .contains("the team has no variable `deskChannel`"),
        "{plan}"
    );
    world.assert_settled();
}
