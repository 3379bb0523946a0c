//! Worlds that are filled from folders of blueprint files.

use std::fs;

use makeform::sandbox::seed::seed_blueprints;
use makeform::sandbox::{Collection, World, WorldOptions};
use serde_json::Value;

use crate::support::blueprint_files::{
    write_blueprint_files, write_clashing_files, write_duplicate_key_file,
};

fn world(folder: &tempfile::TempDir) -> World {
    World::open(folder.path(), WorldOptions::default()).unwrap()
}

fn rows(world: &World, collection: Collection) -> Vec<Value> {
    let mut rows = Vec::new();
    world
        .batch(|batch| batch.each(collection, |_, row| rows.push(row)))
        .unwrap();
    rows
}

#[test]
fn files_of_every_shape_are_loaded_as_they_are() {
    let (files, place, bare) = (
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    write_blueprint_files(files.path(), 20);
    let giant = fs::read_to_string(files.path().join("giant.json")).unwrap();
    let parsed: Value = serde_json::from_str(&giant).unwrap();
    let minified = parsed.to_string();
    assert!(
        giant.len() > 3_000_000 && minified.len() < 1_500_000,
        "{} and {}",
        giant.len(),
        minified.len()
    );

    let world = world(&place);
    let report = seed_blueprints(&world, files.path(), false).unwrap();
    assert_eq!((report.scenarios, &report.notes), (49, &Vec::new()));
    let kept = rows(&world, Collection::Blueprints);
    assert!(kept.iter().any(|kept| kept["blueprint"] == parsed));
    let ids = [
        (
            Collection::Connections,
            vec![6_103, 6_104, 6_105, 6_106, 6_115, 6_116],
        ),
        (Collection::Hooks, vec![6_101, 6_102, 6_121]),
        (Collection::Keys, vec![6_107, 6_108, 6_109, 6_110]),
        (Collection::DataStores, vec![6_111, 6_120]),
        (Collection::DataStructures, vec![6_112, 6_114]),
        (Collection::Scenarios, vec![6_113]),
    ];
    for (collection, ids) in ids {
        for id in ids {
            assert!(
                world
                    .batch(|batch| batch.get(collection, id))
                    .unwrap()
                    .is_some(),
                "{collection:?} {id}"
            );
        }
    }

    // A world of stand-ins alone has the same things, and hooks that wait for their scenario.
    let bare = self::world(&bare);
    let alone = seed_blueprints(&bare, files.path(), true).unwrap();
    assert_eq!(
        (alone.scenarios, alone.hooks, alone.called_scenarios),
        (0, report.hooks, report.called_scenarios)
    );
    for collection in [
        Collection::Connections,
        Collection::Keys,
        Collection::DataStores,
        Collection::DataStructures,
    ] {
        assert_eq!(rows(&bare, collection), rows(&world, collection));
    }
    assert!(
        rows(&bare, Collection::Hooks)
            .iter()
            .all(|hook| hook.get("scenarioId").is_none())
    );
}

#[test]
fn files_that_clash_are_loaded_with_fresh_ids_and_a_note_for_each() {
    let (files, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_clashing_files(files.path());
    let report = seed_blueprints(&world(&place), files.path(), false).unwrap();
    assert_eq!(
        report.notes,
        [
            "two.json: hook 8001 feeds the scenario of one.json, and a hook feeds only one; here it is 100002 now.",
            "types.json: connection 7001 is of type google, but of type slack2 in one.json; here it is 7003 now.",
        ]
    );
}

#[test]
fn a_file_with_a_key_twice_is_refused_and_nothing_is_loaded() {
    let (files, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_clashing_files(files.path());
    let (path, line, column) = write_duplicate_key_file(files.path());
    let world = world(&place);
    let error = seed_blueprints(&world, files.path(), false).unwrap_err();
    let place = format!(
        "failed to read {}:{line}:{column}: the key \"url\" ",
        path.display()
    );
    assert!(error.to_string().starts_with(&place), "{error}");
    assert!(rows(&world, Collection::Scenarios).is_empty());
}
