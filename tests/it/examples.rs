//! The examples are what the README says they are.

use crate::support::world::World;

#[test]
fn all_examples_apply_to_a_new_sandbox_and_settle() {
    let world = World::copy_of("examples");
    let _ = world.run(&["validate"]).success();
    let plan = world.run(&["plan"]).success();
    insta::assert_snapshot!(plan.to_string());
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();
    let writes = world.writes();
    let again = world.run(&["apply", "--auto-approve"]).success();
    assert!(again.stdout.contains("No changes"), "{again}");
    assert_eq!(world.writes(), writes, "a no-op apply sent a write");
}

#[test]
fn all_examples_can_be_exported_and_plan_without_changes() {
    let world = World::copy_of("examples");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let _ = world.run(&["export", "--out", "exported"]).success();
    let _ = world.run(&["-C", "exported", "validate"]).success();
    let plan = world
        .run(&["-C", "exported", "plan", "--detailed-exitcode"])
        .success();
    assert!(plan.stdout.contains("No changes"), "{plan}");
}

#[test]
fn a_destroy_takes_away_all_that_was_made_and_nothing_else() {
    let world = World::copy_of("examples");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let account = crate::support::account::Account::of(&world);
    account.create_scenario("Somebody else's");
    drop(account);
    let refused = world
        .run(&["apply", "--destroy", "--auto-approve"])
        .exits(3);
    assert!(refused.to_string().contains("prevent-destroy"), "{refused}");
    let allowed = [
        "apply",
        "--destroy",
        "--auto-approve",
        "--allow",
        "prevent-destroy",
        "--allow",
        "mass-delete",
    ];
    let _ = world.run(&allowed).success();
    let account = crate::support::account::Account::of(&world);
    let names: Vec<_> = account
        .scenarios()
        .iter()
        .map(|row| row["name"].clone())
        .collect();
    assert_eq!(names, ["Somebody else's"]);
    assert!(account.hooks().is_empty());
}
