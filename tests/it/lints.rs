//! Lints on whole accounts: what people really have must not be drowned in warnings.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::world::World;

const PROJECT: &str = r#"apiVersion: makeform/v1
kind: Project
metadata: { name: seeded }
spec:
  manifests: []
  targets: { main: { url: "sandbox:account" } }
"#;

/// How many findings of each code and severity validation has.
fn counts(world: &World) -> BTreeMap<(String, String), usize> {
    let output = world
        .run(&["-C", "exported", "validate", "--format", "json"])
        .success();
    let report: Value = serde_json::from_str(&output.stdout).unwrap();
    let mut counts = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        let word = |key: &str| finding[key].as_str().unwrap().to_owned();
        *counts.entry((word("code"), word("severity"))).or_default() += 1;
    }
    counts
}

#[test]
fn seeded_accounts_have_few_warnings_and_true_ones() {
    for seed in ["1", "7"] {
        let mut world = World::in_memory();
        world.write("makeform.yaml", PROJECT);
        let seeded = ["sandbox", "seed", "--scenarios", "120", "--seed", seed];
        let _ = world
            .run(&[&seeded[..], &["--world", "account"]].concat())
            .success();
        let _ = world.run(&["export", "--out", "exported"]).success();
        world.set_found(&[], "exported");
        let counts = counts(&world);

        for ((code, severity), count) in counts {
            assert_ne!(severity, "error", "{code}");
            assert!(count <= 3, "{count} times {code}");
        }
    }
}

const SCENARIO: &str = r#"apiVersion: makeform/v1
kind: Scenario
metadata: { name: odd }
spec:
  name: Odd
  blueprint:
    name: Odd
    flow:
      - { id: 1, module: "http:ActionSendData", mapper: { url: "{{7.url}}" } }
    metadata: {}
"#;

#[test]
fn a_lint_that_is_an_error_stops_plans_and_one_that_warns_does_not() {
    let world = World::new();
    world.write("manifests/odd.yaml", SCENARIO);
    let warned = world.run(&["validate"]).success();
    assert!(
        warned.stderr.contains("warning[module-missing]"),
        "{warned}"
    );
    let planned = world.run(&["plan"]).success();
    let all = format!("{}{}", planned.stdout, planned.stderr);
    assert!(!all.contains("module-missing"), "{planned}");

    let project = world.read("makeform.yaml");
    world.write(
        "makeform.yaml",
        &project.replace("spec:\n", "spec:\n  lints: { module-missing: error }\n"),
    );
    for command in [&["validate"][..], &["plan"], &["apply", "--auto-approve"]] {
        let stopped = world.run(command).exits(1);
        assert!(
            stopped.stderr.contains("error[module-missing]"),
            "{stopped}"
        );
    }
}
