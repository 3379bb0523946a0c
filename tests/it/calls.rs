//! Calls are the currency: counted by the sandbox, bounded here.

use crate::support::world::World;

#[test]
fn a_plan_of_a_seeded_account_of_1000_scenarios_makes_at_most_1020_requests() {
    let world = World::new();
    world.write(
        "makeform.yaml",
        &world
            .read("makeform.yaml")
            .replace("[\"manifests/**/*.yaml\"]", "[]"),
    );
    let _ = world
        .run(&["sandbox", "seed", "--scenarios", "1000", "--seed", "3"])
        .success();
    let _ = world.run(&["export", "--out", "exported"]).success();
    let before: u64 = world.requests().values().sum();
    let plan = world
        .run(&["-C", "exported", "plan", "--detailed-exitcode"])
        .success();
    assert!(plan.stdout.contains("No changes"), "{plan}");
    let spent = world.requests().values().sum::<u64>() - before;
    assert!(spent <= 1020, "{spent} requests");
    assert!(
        spent >= 1000,
        "{spent} requests: the blueprints were not read"
    );
}
