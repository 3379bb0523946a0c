//! An account that somebody else has built, taken over and changed.

use makeform::model::Dialect;

use super::{Case, apply_and_settle};
use crate::support::world::World;

/// How many scenarios a seeded account has: with so many there is something of every kind.
const SCENARIOS: &str = "25";

/// Takes over an account that somebody else has built, and changes something of each kind.
pub(super) fn seeded(seed: usize, case: &Case) {
    let world = World::in_memory().with_env("MAKEFORM_SANDBOX", &case.options());
    exported(&world, case.dialect, SCENARIOS, seed);
    world.assert_settled();
    apply_and_settle(&world);
    let changed = change_each_kind(&world);
    let expected = match case.dialect {
        Dialect::Zone => 9,
        Dialect::Unified => 3,
    };
    assert_eq!(changed, expected, "not so many kinds were changed");
    apply_and_settle(&world);
}

/// An account with so many scenarios that somebody else has built, and its manifests.
#[cfg(feature = "long-tests")]
pub(crate) fn taken_over(dialect: Dialect, scenarios: &str) -> World {
    let world = World::in_memory();
    exported(&world, dialect, scenarios, 1);
    world
}

/// Seeds an account, and exports it.
fn exported(world: &World, dialect: Dialect, scenarios: &str, seed: usize) {
    let seed = seed.to_string();
    let seed = ["sandbox", "seed", "--scenarios", scenarios, "--seed", &seed];
    let target = match dialect {
        // By its id: its name is changed, too.
        Dialect::Zone => "team: \"1\"",
        Dialect::Unified => "dialect: unified, organization: \"1\"",
    };
    world.write(
        "makeform.yaml",
        &format!(
            "apiVersion: makeform/v1\n\
             kind: Project\n\
             metadata: {{ name: seeded }}\n\
             spec:\n\
             \x20 manifests: [\"manifests/**/*.yaml\"]\n\
             \x20 targets: {{ sandbox: {{ url: \"sandbox:\", {target} }} }}\n"
        ),
    );
    world.write("manifests/none.yaml", "");
    let _ = world.run(&seed).success();
    let _ = world
        .run(&["export", "--keep-secrets", "--out", "."])
        .success();
}

/// Changes the first thing of each kind that has something to change; how many kinds.
pub(crate) fn change_each_kind(world: &World) -> usize {
    let mut changed = 0;
    let mut files: Vec<String> = manifests(world);
    files.sort();
    for (kind, field, value) in [
        ("DataStore", "maxSizeMB", "7"),
        ("DataStructure", "name", "Changed structure"),
        ("Folder", "name", "Changed folder"),
        ("OrganizationRole", "role", "admin"),
        ("Scenario", "name", "Changed scenario"),
        ("Team", "name", "Changed team"),
        ("TeamRole", "role", "builder"),
        ("Variable", "value", "changed"),
        ("Webhook", "name", "Changed hook"),
    ] {
        let is_changed = files.iter().any(|file| {
            let text = world.read(file);
            match changed_in(&text, kind, field, value) {
                Some(text) => {
                    world.write(file, &text);
                    true
                }
                None => false,
            }
        });
        changed += usize::from(is_changed);
    }
    changed
}

/// Gives every scenario that has a description another one.
#[cfg(feature = "long-tests")]
pub(crate) fn describe_all(world: &World) {
    for file in manifests(world) {
        let text = world.read(&file);
        let lines = text
            .lines()
            .map(|line| match line.starts_with("  description: ") {
                true => "  description: Described anew.",
                false => line,
            });
        world.write(&file, &(lines.collect::<Vec<_>>().join("\n") + "\n"));
    }
}

/// A file with the first document of a kind changed; none where it has no such document.
fn changed_in(text: &str, kind: &str, field: &str, value: &str) -> Option<String> {
    let mut documents: Vec<String> = text.split("---\n").map(str::to_owned).collect();
    let head = format!("kind: {kind}\n");
    let field = format!("\n  {field}: ");
    for document in &mut documents {
        let owner = ["role: Owner", "role: owner"].iter();
        if !document.contains(&head) || owner.into_iter().any(|role| document.contains(role)) {
            continue;
        }
        let Some((above, spec)) = document.split_once("\nspec:") else {
            continue;
        };
        if let Some((before, rest)) = spec.split_once(&field) {
            let (_, after) = rest.split_once('\n')?;
            *document = format!("{above}\nspec:{before}{field}{value}\n{after}");
            return Some(documents.join("---\n"));
        }
    }
    None
}

/// The manifests of a project.
fn manifests(world: &World) -> Vec<String> {
    let mut folders = vec![world.file("manifests")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "yaml") {
                let path = path.strip_prefix(world.path()).unwrap();
                files.push(path.to_str().unwrap().to_owned());
            }
        }
    }
    files
}

#[test]
fn a_seeded_account_settles() {
    for dialect in [Dialect::Zone, Dialect::Unified] {
        let settings = Vec::new();
        seeded(1, &Case { dialect, settings });
    }
}
