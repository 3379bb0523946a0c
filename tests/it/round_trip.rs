//! Raw blueprint files of every shape: into an account, out as manifests, into another account.

use std::fs;

use makeform::model::{
    blueprint::{modules, place_of, visit_modules_mut},
    values_equal,
};
use serde_json::{Value, json};

use crate::support::{account::Account, blueprint_files, world::World};

/// A blueprint as the account gives it, without what the server computes.
fn comparable(mut blueprint: Value) -> Value {
    if let Some(metadata) = blueprint.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("instant");
    }
    blueprint
}

/// The modules that stand nowhere: what is made of them is laid out.
fn keys_without_place(blueprint: &Value) -> Vec<String> {
    let all = modules(blueprint).into_iter();
    let nowhere =
        all.filter(|module| place_of(module.value.pointer("/metadata/designer")).is_none());
    nowhere.map(|module| module.key).collect()
}

/// A blueprint without the places of some modules.
fn unplaced(mut blueprint: Value, keys: &[String]) -> Value {
    visit_modules_mut(&mut blueprint, &mut |key, module| {
        if !keys.contains(&key.to_owned()) {
            return;
        }
        let metadata = module.entry("metadata").or_insert_with(|| json!({}));
        if let Value::Object(metadata) = metadata {
            let designer = metadata.entry("designer").or_insert_with(|| json!({}));
            if let Value::Object(designer) = designer {
                designer.retain(|key, _| key != "x" && key != "y");
            }
        }
    });
    blueprint
}

fn by_name(account: &Account) -> Vec<(String, Value)> {
    let mut blueprints: Vec<(String, Value)> = account
        .scenarios()
        .iter()
        .map(|row| {
            (
                row["name"].as_str().unwrap().to_owned(),
                comparable(account.blueprint(&row["id"])),
            )
        })
        .collect();
    blueprints.sort_by(|a, b| a.0.cmp(&b.0));
    blueprints
}

#[test]
fn blueprints_of_every_shape_survive_export_and_apply_to_another_account() {
    let world = World::empty();
    fs::create_dir(world.file("raw")).unwrap();
    blueprint_files::write_blueprint_files(&world.file("raw"));
    let seed = ["sandbox", "seed", "--blueprints", "raw", "--world", "first"];
    let _ = world.run(&seed).success();
    let stand_ins = [
        "sandbox",
        "seed",
        "--blueprints",
        "raw",
        "--stand-ins-only",
        "--world",
        "second",
    ];
    let _ = world.run(&stand_ins).success();

    world.write("makeform.yaml", &project("first"));
    let _ = world.run(&["export", "--out", "exported"]).success();
    let inside = |args: &[&str]| {
        let mut all = vec!["-C", "exported"];
        all.extend(args);
        world.run(&all)
    };
    let _ = inside(&["validate"]).success();
    let plan = inside(&["plan", "--detailed-exitcode"]).success();
    assert!(plan.stdout.contains("No changes"), "{plan}");

    let made = world.read("exported/makeform.yaml");
    let first = world.file("first").display().to_string();
    assert!(made.contains(&first), "{made}");
    world.write(
        "exported/makeform.yaml",
        &made.replace(&first, &world.file("second").display().to_string()),
    );
    let _ = inside(&["apply", "--auto-approve"]).success();
    let plan = inside(&["plan", "--detailed-exitcode"]).success();
    assert!(plan.stdout.contains("No changes"), "{plan}");

    let before = by_name(&Account::in_folder(&world.file("first")));
    let after = by_name(&Account::in_folder(&world.file("second")));
    assert_eq!(before.len(), after.len());
    for ((name, before), (other, after)) in before.into_iter().zip(after) {
        assert_eq!(name, other);
        let without = keys_without_place(&before);
        let (before, after) = (unplaced(before, &without), unplaced(after, &without));
        assert!(
            values_equal(&before, &after),
            "the blueprint of {name} came back changed"
        );
    }
}

#[test]
fn a_key_twice_is_refused_with_its_place() {
    let world = World::empty();
    fs::create_dir(world.file("raw")).unwrap();
    let (_, line, column) = blueprint_files::write_duplicate_key_file(&world.file("raw"));
    let refused = world
        .run(&["sandbox", "seed", "--blueprints", "raw", "--world", "first"])
        .exits(1);
    assert!(
        refused.stderr.contains(&format!(".json:{line}:{column}")),
        "{refused}"
    );

    let project = World::new();
    fs::create_dir(project.file("manifests")).unwrap();
    blueprint_files::write_duplicate_key_file(&project.file("manifests"));
    let file = fs::read_dir(project.file("manifests"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let file = file.file_name().into_string().unwrap();
    project.write(
        "manifests/a.yaml",
        &format!(
            "apiVersion: makeform/v1\nkind: Scenario\nmetadata: {{ name: twice }}\nspec: {{ blueprint: {{ file: {file} }} }}\n"
        ),
    );
    let refused = project.run(&["validate"]).exits(1);
    assert!(
        refused.stderr.contains(&format!("{file}:{line}:")),
        "{refused}"
    );
}

fn project(world: &str) -> String {
    format!(
        "apiVersion: makeform/v1\nkind: Project\nmetadata: {{ name: copy }}\nspec:\n  manifests: []\n  targets: {{ main: {{ url: \"sandbox:{world}\" }} }}\n"
    )
}
