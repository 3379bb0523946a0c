//! Blueprint files that several scenarios name, and what an update says that it did.

use serde_json::{Value, json};

use super::{diff, edit_named, files, patch, scenario, updated};
use crate::support::{account::Account, world::World};
use makeform::live::transport::Method;

/// A file of a blueprint with one module.
fn blueprint(name: &str, value: &str) -> String {
    let module = json!({
        "id": 1, "module": "util:SetVariable", "version": 1, "mapper": { "name": "a", "value": value },
    });
    let whole = json!({ "makeform": 1, "name": name, "flow": [module], "metadata": {} });
    format!("{whole:#}\n")
}

fn with_file(name: &str, file: &str) -> String {
    format!(
        "apiVersion: makeform/v1\nkind: Scenario\nmetadata: {{ name: {name} }}\nspec:\n  name: {name}\n  \
         blueprint: {{ file: {file} }}\n"
    )
}

fn says(value: &'static str) -> impl Fn(&mut Value) {
    move |blueprint| blueprint["flow"][0]["mapper"]["value"] = json!(value)
}

#[test]
fn a_file_that_scenarios_share_changes_for_all_or_for_none() {
    let world = World::new();
    for name in ["a", "b"] {
        world.write(
            &format!("manifests/{name}.yaml"),
            &with_file(name, "both.json"),
        );
    }
    world.write("manifests/both.json", &blueprint("a", "one"));
    world.write("manifests/c.yaml", &scenario("c", "  description: one\n"));
    let _ = world.run(&["apply", "--auto-approve"]).success();
    updated(&world);
    edit_named(&world, "a", says("two"));
    patch(&world, "c", json!({"description": "two"}));
    let before = files(world.path());
    let refused = world.run(&["export", "--update"]).exits(1);
    assert!(refused.stderr.contains("update-by-hand"), "{refused}");
    assert!(refused.stderr.contains("manifests/b.yaml:6"), "{refused}");
    assert!(files(world.path()) == before, "{refused}");
    edit_named(&world, "b", says("two"));
    let told = updated(&world);
    assert!(told.contains("3 things changed; 2 files written"), "{told}");
    assert!(world.read("manifests/both.json").contains("\"two\""));
}

#[test]
fn a_file_stays_that_a_scenario_names_which_the_target_leaves_out() {
    let world = World::new();
    world.edit(
        "makeform.yaml",
        "url: \"sandbox:\"",
        "url: \"sandbox:\", exclude: [scenario.theirs]",
    );
    for name in ["ours", "theirs"] {
        world.write(
            &format!("manifests/{name}.yaml"),
            &with_file(name, "both.json"),
        );
    }
    world.write("manifests/both.json", &blueprint("x", "one"));
    let _ = world.run(&["apply", "--auto-approve"]).success();
    updated(&world);
    let account = Account::of(&world);
    let id = account.scenario("ours")["id"].clone();
    let (status, _) = account.send(Method::Delete, &format!("/scenarios/{id}"), &[], None);
    assert!(status < 300, "{status}");
    let _ = world.run(&["export", "--update", "--prune"]).success();
    assert!(!world.file("manifests/ours.yaml").exists());
    assert!(world.file("manifests/both.json").exists());
    world.assert_settled();
}

#[test]
fn a_blueprint_follows_the_name_that_it_says() {
    let world = World::new();
    world.write("manifests/a.yaml", &with_file("a", "a.blueprint.json"));
    world.write("manifests/a.blueprint.json", &blueprint("a", "one"));
    let _ = world.run(&["apply", "--auto-approve"]).success();
    updated(&world);
    patch(&world, "a", json!({"name": "Other"}));
    updated(&world);
    let validated = world.run(&["validate"]).success();
    assert!(
        !validated.stderr.contains("overridden-by-spec"),
        "{validated}"
    );
    let now = world.read("manifests/a.blueprint.json");
    assert!(now.contains("\"name\": \"Other\""), "{now}");
}

#[test]
fn a_secret_that_is_not_set_here_is_no_change() {
    let world = World::new().with_env("CRM_TOKEN", "k3y-0f-harbor-yoga-98");
    world.write("manifests/a.yaml", &with_file("a", "a.json"));
    let text = blueprint("a", "${env.CRM_TOKEN}").replace("\"value\"", "\"apiKey\"");
    world.write("manifests/a.json", &text);
    let _ = world.run(&["apply", "--auto-approve"]).success();
    updated(&world);
    let world = world.with_env("CRM_TOKEN", "");
    let told = world.run(&["export", "--update"]).success();
    assert!(told.stderr.contains("Nothing to update"), "{told}");
}

#[test]
fn a_module_that_is_new_in_a_manifest_is_in_the_order_of_files() {
    let world = World::new();
    world.write("manifests/a.yaml", &scenario("a", ""));
    let _ = world.run(&["apply", "--auto-approve"]).success();
    updated(&world);
    let before = world.read("manifests/a.yaml");
    edit_named(&world, "a", |blueprint| {
        let mut module = blueprint["flow"][0].clone();
        module["id"] = json!(2);
        blueprint["flow"].as_array_mut().unwrap().push(module);
    });
    updated(&world);
    let changed = diff(&before, &world.read("manifests/a.yaml")).join("\n");
    let place = |key: &str| changed.rfind(&format!("{key}:")).unwrap();
    assert!(
        place("id") < place("module") && place("version") < place("mapper"),
        "{changed}"
    );
}

#[test]
fn a_reference_to_a_variable_that_is_not_set_is_never_replaced_by_its_value() {
    let world = World::new().with_env("CRM_TOKEN", "k3y-0f-harbor-yoga-98");
    world.write("manifests/a.yaml", &with_file("a", "a.json"));
    world.write("manifests/a.json", &blueprint("a", "${env.CRM_TOKEN}"));
    let _ = world.run(&["apply", "--auto-approve"]).success();
    updated(&world);
    let before = world.read("manifests/a.json");
    let world = world.with_env("CRM_TOKEN", "");
    let refused = world.run(&["export", "--update"]).exits(1);
    assert!(refused.stderr.contains("unset-variable"), "{refused}");
    assert!(!refused.stderr.contains("harbor"), "{refused}");
    assert_eq!(world.read("manifests/a.json"), before);
}
