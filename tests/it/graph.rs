//! `graph`: what the program draws.

use crate::support::world::World;

#[test]
fn scenarios_and_what_depends_on_what_are_drawn_in_three_languages() {
    let world = World::copy_of("examples");
    let all = world.run(&["graph"]).success().stdout;
    assert!(all.starts_with("flowchart LR\n"), "{all}");
    assert!(all.contains("|starts|"), "{all}");
    let one = world.run(&["graph", "scenario.lead-sync"]).success().stdout;
    assert!(
        one.contains("route 2: only if #96;1.employees#96;"),
        "{one}"
    );
    assert!(one.contains("|\"on an error\"|"), "{one}");
    let dot = world
        .run(&["graph", "scenario.lead-sync", "--format", "dot"])
        .success()
        .stdout;
    assert!(
        dot.starts_with("digraph {") && dot.ends_with("}\n"),
        "{dot}"
    );
    for addresses in [&[][..], &["scenario.lead-sync", "scenario.orders-report"]] {
        let args = [&["graph", "--format", "svg"], addresses].concat();
        let svg = world.run(&args).success().stdout;
        assert!(
            svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"),
            "{svg}"
        );
        assert!(!svg.contains("style=\""), "{svg}");
    }
    assert!(!world.file(".makeform").exists(), "it reads manifests only");
}

#[test]
fn what_has_no_modules_is_told() {
    let world = World::copy_of("examples");
    let nobody = world.run(&["graph", "scenario.nobody"]).exits(1);
    assert!(
        nobody.stderr.contains("no manifest declares it"),
        "{nobody}"
    );
    let folder = world.run(&["graph", "folder.crm"]).exits(1);
    assert!(folder.stderr.contains("has no modules to draw"), "{folder}");
}

#[test]
fn what_is_drawn_needs_no_value_of_the_environment() {
    let world = World::new();
    world.write("manifests/a.yaml", SECRET);
    let unset = world.run(&["plan"]).exits(1);
    assert!(unset.stderr.contains("unset-variable"), "{unset}");
    let drawn = world.run(&["graph", "scenario.a"]).success();
    assert!(drawn.stdout.contains("http"), "{drawn}");
    let _ = world.run(&["graph"]).success();
}

/// A scenario that sends what the environment holds.
const SECRET: &str = r#"
apiVersion: makeform/v1
kind: Scenario
metadata: { name: a }
spec:
  name: A
  blueprint:
    flow:
      - id: 1
        module: "http:ActionSendData"
        version: 3
        mapper: { url: "https://crm.example", headers: [{ name: authorization, value: "Bearer ${env.CRM_TOKEN}" }] }
    metadata: {}
"#;
