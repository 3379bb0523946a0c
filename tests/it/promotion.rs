//! From one team to another: what an account holds is exported, and applied to an account whose
//! things have the same names and other ids.

use std::collections::{BTreeMap, BTreeSet};

use makeform::sandbox::{Batch, Collection, World as Sandbox, WorldError, WorldOptions};
use serde_json::{Value, json};

use crate::support::world::World;

/// Ids of the first account that mean something lie above this: no other number does.
const FIRST: u64 = 4_000_000;

/// How far the same things' ids lie above those in the second account.
const APART: u64 = 3_000_000;

/// What is looked up, and never made.
const LOOKED: [Collection; 3] = [
    Collection::Connections,
    Collection::Keys,
    Collection::Devices,
];

/// What has an id that a manifest or a blueprint may hold.
const NUMBERED: [Collection; 9] = [
    Collection::Connections,
    Collection::DataStores,
    Collection::DataStructures,
    Collection::Devices,
    Collection::Folders,
    Collection::Hooks,
    Collection::Keys,
    Collection::Scenarios,
    Collection::Users,
];

fn open(world: &World, name: &str) -> Sandbox {
    Sandbox::open(&world.file(name), WorldOptions::default()).unwrap()
}

fn rows(batch: &mut Batch<'_>, collection: Collection) -> Result<Vec<(u64, Value)>, WorldError> {
    let mut rows = Vec::new();
    batch.each(collection, |id, row| rows.push((id, row)))?;
    Ok(rows)
}

/// Has a new account give out high ids only; what it begins with has low ones, but for
/// connections, which others name.
fn begin_high(world: &Sandbox) {
    let begin = |batch: &mut Batch<'_>| {
        for (at, collection) in (0..).zip(NUMBERED) {
            let above = FIRST + at * 100_000;
            batch.put(collection, above, &json!({}))?;
            batch.next_id(collection)?;
            batch.remove(collection, above)?;
        }
        for (id, mut row) in rows(batch, Collection::Connections)? {
            let new = batch.next_id(Collection::Connections)?;
            row["id"] = json!(new);
            batch.remove(Collection::Connections, id)?;
            batch.put(Collection::Connections, new, &row)?;
        }
        Ok(())
    };
    world.batch(begin).unwrap();
}

/// Copies what is looked up, and the people, under other ids.
fn set_up(first: &Sandbox, second: &Sandbox) {
    let all = |collection| first.batch(|batch| rows(batch, collection)).unwrap();
    let copied: BTreeMap<Collection, Vec<(u64, Value)>> = LOOKED
        .into_iter()
        .chain([
            Collection::Users,
            Collection::UserTeamRoles,
            Collection::UserOrganizationRoles,
        ])
        .map(|collection| (collection, all(collection)))
        .collect();
    let put = |batch: &mut Batch<'_>| {
        for (id, _) in rows(batch, Collection::Connections)? {
            batch.remove(Collection::Connections, id)?;
        }
        for (collection, rows) in &copied {
            for (id, row) in rows {
                let mut row = row.clone();
                let user = row["userId"].as_u64();
                let own = user.unwrap_or(*id);
                if own < FIRST {
                    continue;
                }
                let moved = own + APART;
                let id = match user {
                    Some(_) => {
                        row["userId"] = json!(moved);
                        Collection::pair(moved, 1)
                    }
                    None => {
                        row["id"] = json!(moved);
                        moved
                    }
                };
                batch.put(*collection, id, &row)?;
            }
        }
        Ok(())
    };
    second.batch(put).unwrap();
}

/// The ids of the first account.
fn ids(world: &Sandbox) -> BTreeSet<u64> {
    let all = |batch: &mut Batch<'_>| {
        let mut ids = BTreeSet::new();
        for collection in NUMBERED {
            ids.extend(rows(batch, collection)?.into_iter().map(|(id, _)| id));
        }
        Ok(ids)
    };
    let mut ids = world.batch(all).unwrap();
    ids.retain(|id| *id >= FIRST);
    ids
}

/// Whole numbers, wherever they stand in a text: `SCN_901`, `/12/`.
fn numbers(text: &str) -> impl Iterator<Item = u64> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
}

/// The ids that stand somewhere in a text.
fn left_in(text: &str, ids: &BTreeSet<u64>) -> Vec<u64> {
    numbers(text)
        .filter(|number| ids.contains(number))
        .collect()
}

/// Says under which ids the second account has what no name tells.
fn pin_second(world: &World) {
    let file = "exported/makeform.ids.yaml";
    if !world.file(file).exists() {
        return;
    }
    let text = world.read(file);
    let (_, first) = text.split_once("  first:\n").unwrap();
    let looked = |line: &&str| {
        ["connection.", "key.", "device.", "agent."]
            .iter()
            .any(|kind| line.trim_start().starts_with(kind))
    };
    let pins = first.lines().filter(looked).map(|line| {
        let (address, id) = line.split_once(": ").unwrap();
        match id.parse::<u64>() {
            Ok(id) => format!("{address}: {}\n", id + APART),
            // An AI agent: nothing lists those.
            Err(_) => format!(
                "{address}: {}\n",
                id.replacen(|c: char| c.is_alphanumeric(), "f", 1)
            ),
        }
    });
    let pins: String = pins.collect();
    world.write(file, &format!("{text}  second:\n{pins}"));
}

/// Exports an account, applies it to another, and looks for what is left of the first.
fn promote(scenarios: usize, seed: u64) {
    let world = World::in_memory();
    begin_high(&open(&world, "first"));
    let (scenarios, seed) = (scenarios.to_string(), seed.to_string());
    let _ = world
        .run(&[
            "sandbox",
            "seed",
            "--scenarios",
            &scenarios,
            "--seed",
            &seed,
            "--world",
            "first",
        ])
        .success();
    let known = {
        let (first, second) = (open(&world, "first"), open(&world, "second"));
        set_up(&first, &second);
        ids(&first)
    };
    let targets = |targets: &str, manifests: &str| {
        format!(
            "apiVersion: makeform/v1\nkind: Project\nmetadata: {{ name: promoted }}\nspec:\n  \
             manifests: [{manifests}]\n  targets:\n{targets}"
        )
    };
    let first = "    first: { url: \"sandbox:first\" }\n";
    world.write("makeform.yaml", &targets(first, ""));
    let _ = world.run(&["export", "--out", "exported"]).success();
    let _ = world.run(&["export", "--out", "again"]).success();
    let (once, twice) = (world.files("exported"), world.files("again"));
    assert_eq!(once.len(), twice.len());
    for ((name, once), twice) in once.iter().zip(twice.values()) {
        assert_eq!(once, twice, "{name}");
    }
    for (name, bytes) in &once {
        if !name.ends_with("makeform.ids.yaml") {
            let left = left_in(&String::from_utf8_lossy(bytes), &known);
            assert!(left.is_empty(), "{name} holds {left:?}");
        }
    }
    let inside = |args: &[&str]| {
        let mut all = vec!["-C", "exported"];
        all.extend(args);
        world.run(&all)
    };
    world.write(
        "exported/makeform.yaml",
        &targets(
            "    first: { url: \"sandbox:../first\" }\n    second: { url: \"sandbox:../second\" }\n",
            "\"manifests/**/*.yaml\"",
        ),
    );
    let plan = inside(&["plan", "--target", "first", "--detailed-exitcode"]).success();
    assert!(plan.stdout.contains("No changes"), "{plan}");

    pin_second(&world);
    let _ = inside(&["apply", "--target", "second", "--auto-approve"]).success();
    let plan = inside(&["plan", "--target", "second", "--detailed-exitcode"]).success();
    assert!(plan.stdout.contains("No changes"), "{plan}");

    let second = open(&world, "second");
    let mut seen = 0;
    let written = |collection: &Collection| !LOOKED.contains(collection);
    for collection in Collection::ALL.into_iter().filter(written) {
        for (id, row) in second.batch(|batch| rows(batch, collection)).unwrap() {
            let left = left_in(&row.to_string(), &known);
            assert!(left.is_empty(), "{collection:?} {id} holds {left:?}: {row}");
            seen += 1;
        }
    }
    assert!(
        seen > 2 * known.len() / 3,
        "{seen} rows, {} things",
        known.len()
    );
}

#[test]
fn an_account_is_promoted_to_a_second_team_without_an_id_of_the_first() {
    promote(25, 1);
}

#[cfg(feature = "long-tests")]
#[test]
fn an_account_of_300_scenarios_is_promoted() {
    for seed in [1, 2, 3] {
        promote(300, seed);
    }
}
