//! The repository keeps its own promises.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn no_test_file_is_forgotten() {
    let main = fs::read_to_string(root().join("tests/it/main.rs")).unwrap();
    for entry in fs::read_dir(root().join("tests/it")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if name != "main" && name != "snapshots" && !name.starts_with('.') {
            assert!(
                main.contains(&format!("mod {name};")),
                "tests/it/{name} is never compiled"
            );
        }
    }
}

#[test]
fn every_dependency_says_what_it_is_for() {
    let text = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let mut in_dependencies = false;
    let mut previous = "";
    for line in text.lines() {
        if line.starts_with('[') {
            in_dependencies = line.contains("dependencies");
        } else if in_dependencies && line.contains('=') && !line.starts_with('#') {
            assert!(previous.starts_with('#'), "no comment above `{line}`");
        }
        previous = line;
    }
}

#[test]
fn the_crate_budget_holds() {
    // What is built, as `.ci/run` counts it. The lock file names more: crates of other systems, of
    // features that are off, of development.
    let args = "tree --locked --offline -e normal,build --prefix none --format {p}";
    let tree = Command::new(env!("CARGO"))
        .args(args.split(' '))
        .current_dir(root())
        .output()
        .unwrap();
    let text = String::from_utf8(tree.stdout).unwrap();
    let crates: BTreeSet<&str> = text
        .lines()
        .map(|line| line.split(" (").next().unwrap())
        .collect();
    assert!(crates.len() > 100, "{tree:?}", tree = tree.stderr);
    assert!(
        crates.len() <= 250,
        "{} crates in the default build",
        crates.len()
    );
}
