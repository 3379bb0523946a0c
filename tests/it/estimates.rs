//! What a plan says that its apply costs, and what the sandbox counts.

use makeform::{live::transport::Method, model::Dialect};
use serde_json::{Value, json};

use crate::support::{account::Account, examples::projects, world::World};

/// The guards that the plans of these stories run into, where they are meant.
const MEANT: [&str; 22] = [
    "--auto-approve",
    "--allow",
    "hook-url-changes",
    "--allow",
    "mass-update",
    "--allow",
    "own-user",
    "--allow",
    "last-admin",
    "--allow",
    "prevent-destroy",
    "--allow",
    "mass-delete",
    "--allow",
    "data-store-records",
    "--allow",
    "stops-active",
    "--allow",
    "waiting-work",
    "--allow",
    "adopt-overwrites",
    // So that progress does not stand between.
    "--progress=none",
];

fn total(world: &World) -> u64 {
    world.requests().values().sum()
}

/// The requests of a run, by route.
fn between(world: &World, work: impl FnOnce()) -> Vec<(String, u64)> {
    let before = world.requests();
    work();
    let after = world.requests().into_iter();
    let spent = after.map(|(route, count)| {
        let known = before.get(&route).copied().unwrap_or(0);
        (route, count - known)
    });
    spent.filter(|(_, count)| *count > 0).collect()
}

/// The number in `Apply: about 12 requests`; 0 where nothing is said.
fn foretold(plan: &str) -> u64 {
    let Some((_, rest)) = plan.split_once("Apply: about ") else {
        return 0;
    };
    rest.split(' ').next().unwrap().parse().unwrap()
}

/// Applies, and holds what the plan foretold against what the sandbox was asked beyond the reading
/// of the account, and against what the ledger keeps.
#[track_caller]
fn exact(world: &World, extent: &[&str], what: &str) {
    // Once, so that what can be kept is kept: apply reads no more than the second plan.
    let _ = world.run(&[&["plan"], extent].concat());
    let start = total(world);
    let plan = world.run(&[&["plan"], extent].concat()).success();
    let reading = total(world) - start;
    let mut stdout = String::new();
    let routes = between(world, || {
        let args = [&["apply"], extent, &MEANT[..]].concat();
        stdout = world.run(&args).success().stdout;
    });
    let sent: u64 = routes.iter().map(|(_, count)| count).sum();
    let foretold = foretold(&plan.stdout);
    assert_eq!(
        foretold,
        sent - reading,
        "{what}: {reading} of these read the account: {routes:#?}\n{plan}"
    );
    let history = ["state", "history", "--format", "json"];
    let history = world.run(&history).success().stdout;
    let history: Value = serde_json::from_str(&history).unwrap();
    let last = history["applies"].as_array().unwrap().last().unwrap();
    assert_eq!(last["requests"], foretold, "{what}: {history}");
}

fn append(world: &World, text: &str) {
    world.write("manifests/more.yaml", text);
}

#[test]
fn what_the_examples_cost_from_the_first_apply_to_the_last_is_foretold() {
    let world = World::copy_of("examples");
    exact(&world, &[], "create and adopt");

    let lead_sync = "manifests/lead-to-crm/lead-sync.yaml";
    world.edit(lead_sync, "Copies leads", "Carries leads");
    exact(&world, &[], "update a description");
    let schedule = "manifests/nightly-sync/schedule.yaml";
    world.edit(schedule, "02:30", "03:15");
    exact(&world, &[], "update a schedule that two share");
    let orders = "manifests/nightly-sync/orders.yaml";
    world.edit(orders, "active: true", "active: false");
    exact(&world, &[], "switch off");
    world.edit(orders, "active: false", "active: true");
    world.edit(orders, "Copies yesterday's", "Brings yesterday's");
    exact(&world, &[], "switch on and change");
    let status = "manifests/order-desk/order-status.yaml";
    world.edit(
        status,
        "name: urgent, type: boolean",
        "name: urgent, type: text",
    );
    exact(&world, &[], "set an interface");
    world.edit(status, "value: /order-desk", "value: /desk");
    exact(&world, &[], "set a variable");
    let roles = "manifests/team/roles.yaml";
    world.edit(roles, "role: Team Operator", "role: viewer");
    exact(&world, &[], "give another role");
    let storage = "manifests/order-desk/storage.yaml";
    world.edit(storage, "maxSizeMB: 5", "maxSizeMB: 6");
    world.edit(storage, "default: 1", "default: 2");
    world.edit(
        storage,
        "name: Orders of the shops",
        "name: Orders of shops",
    );
    exact(&world, &[], "update storage and a webhook's name");

    world.edit(
        "manifests/lead-to-crm/lead-sync.blueprint.json",
        "only big ones",
        "only the biggest",
    );
    exact(&world, &[], "update a blueprint");
}

#[test]
fn what_replacing_and_taking_away_costs_is_foretold() {
    let world = World::copy_of("examples");
    let _ = world.run(&["apply", "--auto-approve"]).success();

    // The scenario is stopped before its webhook goes, and started once it has the new one.
    world.edit(
        "manifests/lead-to-crm/lead-sync.yaml",
        "type: custom",
        "type: mail",
    );
    exact(&world, &[], "replace a webhook under a scenario that runs");

    // A scenario goes, and its webhook stays.
    let lead_sync = world.read("manifests/lead-to-crm/lead-sync.yaml");
    let (hook, _) = lead_sync.rsplit_once("---\n").unwrap();
    let hook = hook.to_owned();
    world.write("manifests/lead-to-crm/lead-sync.yaml", &hook);
    exact(
        &world,
        &[],
        "delete a scenario that runs, without its webhook",
    );
    world.write("manifests/lead-to-crm/lead-sync.yaml", &lead_sync);
    exact(&world, &[], "make it again");

    // Somebody deletes a scenario and a folder in Make.
    let account = Account::of(&world);
    for name in ["Orders report", "Order status"] {
        let id = account.scenario(name)["id"].clone();
        account.write(Method::Delete, &format!("/scenarios/{id}"), json!(null));
    }
    exact(&world, &[], "what vanished");

    // One role goes, and so does what nobody asks for any more: its binding lapses.
    let roles = world.read("manifests/team/roles.yaml");
    let (_, rest) = roles.split_once("---\n").unwrap();
    world.write("manifests/team/roles.yaml", rest);
    exact(&world, &[], "take a role away");
    let id = account.scenario("Orders report")["id"].clone();
    account.write(Method::Delete, &format!("/scenarios/{id}"), json!(null));
    let orders = world.read("manifests/nightly-sync/orders.yaml");
    let (kept, _) = orders.split_once("---\n").unwrap();
    let kept = kept.to_owned();
    world.write("manifests/nightly-sync/orders.yaml", &kept);
    exact(&world, &[], "drop the binding of what is gone");

    exact(&world, &["--destroy"], "take everything away");
}

#[test]
fn what_is_made_of_many_parts_costs_what_is_foretold() {
    let world = World::new();
    append(
        &world,
        r#"
apiVersion: makeform/v1
kind: Folder
metadata: { name: outer }
spec: { name: Outer }
---
apiVersion: makeform/v1
kind: Folder
metadata: { name: inner }
spec: { name: Inner, parent: folder.outer }
---
apiVersion: makeform/v1
kind: DataStructure
metadata: { name: order }
spec: { name: Order, fields: [{ name: number, type: text }] }
---
apiVersion: makeform/v1
kind: Webhook
metadata: { name: orders }
spec: { name: Orders, type: custom, enabled: false, dataStructure: data-structure.order }
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: caller }
spec:
  name: Caller
  description: Calls the other one.
  active: true
  schedule: { onDemand: true }
  interface: { input: [{ name: order, type: text }] }
  blueprint:
    flow:
      - id: 1
        module: scenario-service:CallSubscenario
        parameters: { scenarioId: "${scenario.called}" }
        mapper: {}
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: called }
spec:
  name: Called
  active: true
  schedule: { every: 15m }
  blueprint: { flow: [{ id: 1, module: "rss:TriggerNewArticle", version: 4 }] }
"#,
    );
    exact(
        &world,
        &[],
        "create with parts that need requests of their own",
    );
    world.edit("manifests/more.yaml", "enabled: false", "enabled: true");
    world.edit("manifests/more.yaml", "name: Orders,", "name: All orders,");
    world.edit("manifests/more.yaml", ", parent: folder.outer", "");
    exact(&world, &[], "name and state of a webhook, and a folder");
    exact(&world, &["--destroy"], "destroy");
}

#[test]
fn what_the_other_dialect_costs_is_foretold() {
    for world in projects(Dialect::Unified) {
        exact(&world, &[], "create");
        for file in ["manifests/reports.yaml", "manifests/tickets.yaml"] {
            if world.file(file).exists() {
                let text = world.read(file);
                let edited = text.replace("active: true", "active: false");
                world.write(file, &edited);
            }
        }
        let plan = world.run(&["plan", "--detailed-exitcode"]);
        if plan.code == Some(2) {
            exact(&world, &[], "switch off");
        }
    }
}

const RENAMED: &str = r#"
apiVersion: makeform/v1
kind: Folder
metadata: { name: crm }
spec: { name: CRM }
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: leads }
spec:
  name: Leads
  folder: folder.crm
  active: true
  schedule: { every: 15m }
  blueprint: { flow: [{ id: 1, module: "rss:TriggerNewArticle", version: 4 }] }
"#;

#[test]
fn what_moves_renames_and_pins_cost_is_foretold() {
    let world = World::new();
    append(&world, RENAMED);
    exact(&world, &[], "create");

    // Another address, and the same name in Make: the ledger alone learns of it.
    world.edit("manifests/more.yaml", "name: leads }", "name: lead-sync }");
    exact(&world, &[], "rename an address");
    // Another address and another name, with a moved block.
    world.edit("manifests/more.yaml", "name: crm }", "name: sales }");
    world.edit("manifests/more.yaml", "name: CRM }", "name: Sales }");
    world.edit("manifests/more.yaml", "folder.crm", "folder.sales");
    world.edit("manifests/more.yaml", "name: lead-sync }", "name: intake }");
    world.edit("manifests/more.yaml", "name: Leads", "name: Intake");
    world.write(
        "manifests/moved.yaml",
        "apiVersion: makeform/v1\nmoved:\n  - { from: folder.crm, to: folder.sales }\n  - { from: \
         scenario.lead-sync, to: scenario.intake }\n",
    );
    exact(&world, &[], "move and rename in Make");
    // The name in Make alone.
    world.edit("manifests/more.yaml", "name: Intake", "name: Inbox");
    exact(&world, &[], "rename in Make");

    // Two of one name that somebody built: the pin says which one is taken over, and it is changed.
    let account = Account::of(&world);
    for _ in 0..2 {
        let folder = json!({"name": "Twins", "teamId": 1});
        account.write(Method::Post, "/scenarios-folders", folder);
    }
    let folders = account.get("/scenarios-folders", &[("teamId", "1")]);
    let folders = folders["scenariosFolders"].as_array().unwrap();
    let mut twins = folders.iter().filter(|folder| folder["name"] == "Twins");
    let id = twins.next_back().unwrap()["id"].clone();
    world.write(
        "makeform.ids.yaml",
        &format!("apiVersion: makeform/v1\nkind: Ids\nspec:\n  sandbox:\n    folder.twin: {id}\n"),
    );
    world.write(
        "manifests/twin.yaml",
        "apiVersion: makeform/v1\nkind: Folder\nmetadata: { name: twin }\nspec: { name: Twin }\n",
    );
    exact(&world, &[], "adopt by a pin and rename");
    world.assert_settled();
}
