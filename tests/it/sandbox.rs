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

#[test]
fn a_sandbox_in_this_process_is_set_up_by_the_environment() {
    let world = World::copy_of("examples");
    let world = world.with_env("MAKEFORM_SANDBOX", "fault any; quirk");
    let wrong = world.run(&["plan"]).exits(1);
    for words in [
        "MAKEFORM_SANDBOX",
        "\"fault any\" is no option of a sandbox",
    ] {
        assert!(wrong.stderr.contains(words), "{wrong}");
    }
    let world = world.with_env("MAKEFORM_SANDBOX", "fault any: 403");
    let refused = world.run(&["plan"]).exits(1);
    assert!(refused.stderr.contains("403"), "{refused}");
    let world = world.with_env("MAKEFORM_SANDBOX", "latency 1ms; quirk folder-list=flat");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();
}

#[test]
fn the_quirks_are_listed_with_their_settings() {
    let world = World::empty();
    let list = world.run(&["sandbox", "quirks"]).success();
    assert!(list.stdout.contains("last-edit: Which changes"), "{list}");
    assert!(list.stdout.contains("\n  blueprint "), "{list}");
    let wrong = world.run(&["sandbox", "serve", "--quirk", "last-edit=never"]);
    assert!(
        wrong.stderr.contains("there are any, save, blueprint"),
        "{wrong}"
    );
}
