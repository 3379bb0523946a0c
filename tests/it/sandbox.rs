//! A sandbox that is made new.

use crate::support::world::World;

const LEDGER: &str = ".makeform/sandbox/ledger.json";

#[test]
fn a_reset_forgets_what_was_applied_and_everything_can_be_applied_again() {
    let world = World::copy_of("examples");
    let new = world.run(&["plan"]).success();
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let first = world.read(LEDGER);

    let reset = world.run(&["sandbox", "reset"]).success();
    assert!(reset.stderr.contains("target sandbox"), "{reset}");
    let bound = world.run(&["state", "list"]).success();
    assert!(!bound.stdout.contains("scenario."), "{bound}");
    let history = std::fs::read_dir(world.file(".makeform/sandbox/history")).unwrap();
    let kept = history
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .any(|text| text == first);
    assert!(kept, "the ledger is in the history");

    let plan = world.run(&["plan"]).success();
    assert_eq!(plan.stdout, new.stdout);
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();
}

#[test]
fn a_reset_leaves_the_ledgers_of_other_worlds_alone() {
    let world = World::copy_of("examples");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let ledger = world.read(LEDGER);
    let reset = world.run(&["sandbox", "reset", "--world", "other"]);
    let reset = reset.success();
    assert!(!reset.stderr.contains("target"), "{reset}");
    assert_eq!(world.read(LEDGER), ledger);
    world.assert_settled();
}
