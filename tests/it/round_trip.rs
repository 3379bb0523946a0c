//! Accounts of every shape: out as manifests, which say what the account holds, and into another
//! account. What is in them comes from the generator, or from folders of raw blueprint files.

use std::{collections::BTreeMap, fs};

use makeform::{
    model::{
        blueprint::{modules, place_of, visit_modules_mut},
        values_equal,
    },
    sandbox::{Collection, World as Sandbox, WorldOptions},
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

/// Loads a folder of raw files as an account, exports that, and applies it to another.
fn files_round_trip(seed: u64) {
    let world = World::in_memory();
    fs::create_dir(world.file("raw")).unwrap();
    blueprint_files::write_blueprint_files(&world.file("raw"), seed);
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

    world.write(
        "makeform.yaml",
        &project("[]", "{ url: \"sandbox:first\" }"),
    );
    let _ = world.run(&["export", "--out", "exported"]).success();
    let first_export = world.files("exported/manifests");
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

    // What that account holds now are the same manifests, places of modules aside.
    let _ = inside(&["export", "--out", "of-second"]).success();
    let second_export = world.files("exported/of-second/manifests");
    let second_export = second_export
        .into_iter()
        .map(|(name, bytes)| (name.replacen("of-second/", "", 1), bytes));
    for (name, bytes) in second_export {
        let same = first_export.get(&name) == Some(&bytes);
        assert!(same || name.ends_with(".editor.json"), "{name} differs");
    }

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

#[test]
fn blueprints_of_every_shape_survive_export_and_apply_to_another_account() {
    files_round_trip(20);
}

fn project(manifests: &str, target: &str) -> String {
    format!(
        "apiVersion: makeform/v1\nkind: Project\nmetadata: {{ name: copy }}\nspec:\n  manifests: {manifests}\n  targets: {{ main: {target} }}\n"
    )
}

/// The kinds whose manifests are counted, with the rows that the account has of them.
const COUNTED: [(&str, Collection); 8] = [
    ("Connection", Collection::Connections),
    ("DataStore", Collection::DataStores),
    ("DataStructure", Collection::DataStructures),
    ("Device", Collection::Devices),
    ("Folder", Collection::Folders),
    ("Key", Collection::Keys),
    ("Scenario", Collection::Scenarios),
    ("Webhook", Collection::Hooks),
];

/// The manifests of each kind.
fn manifests(world: &World) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (name, bytes) in world.files("manifests") {
        if name.ends_with(".yaml") {
            let text = String::from_utf8(bytes).unwrap();
            let kinds = text.lines().filter_map(|line| line.strip_prefix("kind: "));
            for kind in kinds {
                *counts.entry(kind.to_owned()).or_default() += 1;
            }
        }
    }
    counts
}

/// Exports an invented account in place: all that it has is declared, planning from it shows that
/// nothing would change, and exporting it again touches no file.
fn account_round_trip(scenarios: usize, seed: u64, dialect: &str) {
    let world = World::in_memory();
    let (scenarios, seed) = (scenarios.to_string(), seed.to_string());
    let sized = [
        "--scenarios",
        &scenarios,
        "--seed",
        &seed,
        "--world",
        "first",
    ];
    let _ = world
        .run(&[&["sandbox", "seed"], &sized[..]].concat())
        .success();
    let target = format!("{{ url: \"sandbox:first\", organization: \"1\", dialect: {dialect} }}");
    world.write(
        "makeform.yaml",
        &project("[\"manifests/**/*.yaml\"]", &target),
    );
    let exported = world.run(&["export"]).success();
    assert!(exported.stderr.contains("shows no changes"), "{exported}");

    let declared = manifests(&world);
    let sandbox = Sandbox::open(&world.file("first"), WorldOptions::default()).unwrap();
    let rows = |collection| {
        let mut rows = 0;
        sandbox
            .batch(|batch| batch.each(collection, |_, _| rows += 1))
            .unwrap();
        rows
    };
    for (kind, collection) in COUNTED {
        // What nothing lists in the other dialect can't be declared.
        if dialect == "zone" || kind == "Scenario" {
            let count = declared.get(kind).copied().unwrap_or_default();
            assert_eq!(count, rows(collection), "{kind}");
        }
    }
    drop(sandbox);

    let plan = world
        .run(&["plan", "--format", "json", "--detailed-exitcode"])
        .success();
    let plan: Value = serde_json::from_str(&plan.stdout).unwrap();
    let summary = |of: &str| plan["summary"][of].as_u64().unwrap() as usize;
    for of in ["create", "update", "replace", "delete"] {
        assert_eq!(summary(of), 0, "{of}");
    }
    let looked = ["Agent", "Connection", "Device", "Key"];
    let managed = declared
        .iter()
        .filter(|(kind, _)| !looked.contains(&kind.as_str()));
    let managed: usize = managed.map(|(_, count)| count).sum();
    let same = summary("adopt") + summary("unchanged");
    println!(
        "{dialect}, seed {seed}: {same} of {managed} things are in the account as they were exported"
    );
    assert_eq!(same, managed);

    let stamped = || -> Vec<_> {
        let all = world
            .files("manifests")
            .into_iter()
            .chain(world.files(".").into_iter());
        let all = all.filter(|(name, _)| name.contains("manifests/") || name.contains("makeform."));
        all.map(|(name, bytes)| {
            let changed = world.file(&name).metadata().unwrap().modified().unwrap();
            (name, bytes, changed)
        })
        .collect()
    };
    let once = stamped();
    let again = world.run(&["export"]).success();
    assert!(again.stderr.contains("0 files written"), "{again}");
    assert!(once == stamped(), "an unchanged account was written again");
}

#[test]
fn an_account_is_declared_as_it_is_and_exported_again_without_touching_a_byte() {
    account_round_trip(30, 4, "zone");
    account_round_trip(15, 5, "unified");
}

#[cfg(feature = "long-tests")]
#[test]
fn accounts_of_300_scenarios_are_declared_as_they_are() {
    for seed in [1, 2, 3, 4] {
        account_round_trip(300, seed, "zone");
        account_round_trip(300, seed, "unified");
    }
}

#[cfg(feature = "long-tests")]
#[test]
fn folders_of_blueprints_survive_export_and_apply_to_another_account() {
    for seed in [21, 22, 23] {
        files_round_trip(seed);
    }
}
