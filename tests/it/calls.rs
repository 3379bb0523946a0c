//! Calls are the currency: counted by the sandbox, bounded here.

use makeform::live::transport::Method;
use serde_json::json;

use crate::support::{account::Account, world::World};

#[test]
fn a_plan_of_a_seeded_account_of_1000_scenarios_makes_at_most_1020_requests() {
    let world = seeded();
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

/// A seeded account of 1,000 scenarios, exported: a project that manages all of them.
fn seeded() -> World {
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
    world
}

fn plan(world: &World) -> u64 {
    let before: u64 = world.requests().values().sum();
    let _ = world.run(&["-C", "exported", "plan"]).success();
    world.requests().values().sum::<u64>() - before
}

#[test]
fn a_warm_plan_of_1000_scenarios_reads_what_was_edited_and_the_managed_interfaces() {
    let world = seeded();
    let account = Account::of(&world);
    let rows = account.scenarios();
    let asking = rows.iter().filter(|row| {
        let interface = account.get(&format!("/scenarios/{}/interface", row["id"]), &[]);
        let side = |key: &str| interface["interface"][key].as_array().map_or(0, Vec::len);
        side("input") + side("output") > 0
    });
    let asking = u64::try_from(asking.count()).unwrap();
    let cold = plan(&world);
    assert!((1000..=1020).contains(&cold), "{cold} requests");
    // What was edited shortly before the list was read is read again.
    let warm = plan(&world);
    assert!(warm <= 20 + asking, "{warm} requests, {asking} interfaces");
    for row in rows.iter().take(10) {
        let mut blueprint = account.blueprint(&row["id"]);
        blueprint["metadata"]["edited"] = json!(true);
        let path = format!("/scenarios/{}", row["id"]);
        let body = json!({"blueprint": blueprint.to_string()});
        account.write(Method::Patch, &path, body);
    }
    let edited = plan(&world);
    assert!(edited <= 30 + asking, "{edited} requests");
    assert!(edited > warm, "{edited} requests, {warm} before the edits");
}
