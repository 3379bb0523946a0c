//! What a manifest says of a scenario that does not work: the account knows nothing of it, and it
//! stays.

use serde_json::json;

use super::{diff, edit_named, patch, updated};
use crate::{
    health::{GOOD, RUNNING},
    support::{account::Account, world::World},
};

const RULE: &str = "  # Somebody has to look.\n  onUnhealthy: stop # and is called\n  verify: # once after each change\n    \
                    run: { input: { email: ada@example.org } }\n    expect: success\n    within: 30s\n";

#[test]
fn what_is_done_with_a_scenario_that_does_not_work_stays_as_it_is_written() {
    let world = World::new();
    let (before, rest) = RUNNING.split_once("  verify:").unwrap();
    let (_, after) = rest.split_once('\n').unwrap();
    world.write("manifests/leads.yaml", &format!("{before}{RULE}{after}"));
    let sums = GOOD.replace("  description: Sums things up.\n", "");
    let sums = format!(
        "{}  onUnhealthy: continue\n",
        sums.replace("  active: true\n", "")
    );
    world.write("manifests/sums.yaml", &sums);
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let read = || ["leads", "sums"].map(|name| world.read(&format!("manifests/{name}.yaml")));
    let written = read();
    // Others of the account are added.
    updated(&world);
    assert_eq!(read(), written);

    // What stands around it changes.
    patch(&world, "Leads", json!({ "description": "Two." }));
    edit_named(&world, "Leads", |blueprint| {
        blueprint["flow"][1]["mapper"]["message"] = json!("Nobody.");
    });
    let half_hourly = r#"{"type":"indefinitely","interval":1800}"#;
    patch(&world, "Sums", json!({ "scheduling": half_hourly }));
    updated(&world);
    let [leads, sums] = read();
    assert!(leads.contains(RULE), "{leads}");
    let changed = diff(&written[0], &leads);
    assert_eq!(changed.len(), 4, "{changed:#?}");
    assert_eq!(diff(&written[1], &sums).len(), 2, "{sums}");
    assert!(sums.contains("\n  onUnhealthy: continue\n"), "{sums}");
    assert!(sums.contains("every: 30m"), "{sums}");

    // It is what happens then.
    world.edit(
        "manifests/leads.yaml",
        "ada@example.org }",
        "ada, bad: true }",
    );
    world.assert_settled();
    world.edit("manifests/leads.yaml", "Two.", "Three.");
    let applied = world.run(&["apply", "--auto-approve"]).exits(4);
    assert!(applied.stderr.contains("scenario-unhealthy"), "{applied}");
    let row = Account::of(&world).scenario("Leads");
    assert_eq!(
        (&row["description"], &row["isActive"]),
        (&json!("Three."), &json!(false))
    );
    world.edit(
        "manifests/leads.yaml",
        "ada, bad: true }",
        "ada@example.org }",
    );
    let _ = world.run(&["apply", "--auto-approve"]).success();
    updated(&world);
}
