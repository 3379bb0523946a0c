//! The examples are what the README says they are, in both dialects.

use makeform::model::Dialect;

use crate::support::{
    account::Account,
    examples::{TICKETS_PASSWORD, TICKETS_USER, projects},
    world::World,
};

const BOTH: [Dialect; 2] = [Dialect::Zone, Dialect::Unified];

#[test]
fn all_examples_apply_to_a_new_sandbox_and_settle() {
    for dialect in BOTH {
        for (index, world) in projects(dialect).iter().enumerate() {
            let _ = world.run(&["validate"]).success();
            // Plans say when things run next.
            Account::of(world).set_clock("2026-03-27T12:00:00Z");
            let plan = world.run(&["plan"]).success();
            insta::assert_snapshot!(format!("plan_of_{dialect}_{index}"), plan.to_string());
            let _ = world.run(&["apply", "--auto-approve"]).success();
            world.assert_settled();
            let writes = world.writes();
            let again = world.run(&["apply", "--auto-approve"]).success();
            assert!(again.stdout.contains("No changes"), "{again}");
            assert_eq!(world.writes(), writes, "a no-op apply sent a write");
        }
    }
}

#[test]
fn all_examples_can_be_exported_and_plan_without_changes() {
    for world in BOTH.into_iter().flat_map(projects) {
        let _ = world.run(&["apply", "--auto-approve"]).success();
        let exported = world.run(&["export", "--out", "exported"]).success();
        let _ = world.run(&["-C", "exported", "validate"]).success();
        let plan = world
            .run(&["-C", "exported", "plan", "--detailed-exitcode"])
            .success();
        assert!(plan.stdout.contains("No changes"), "{plan}");
        for secret in [TICKETS_USER, TICKETS_PASSWORD] {
            assert!(!exported.to_string().contains(secret), "{exported}");
            assert!(!world.holds(secret), "{secret} was written down");
        }
    }
}

#[test]
fn a_destroy_takes_away_all_that_was_made_and_nothing_else() {
    for world in BOTH.into_iter().flat_map(projects) {
        destroy(&world);
    }
}

fn destroy(world: &World) {
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let account = Account::of(world);
    account.create_scenario("Somebody else's");
    drop(account);
    let is_of_members = world.file("manifests/members.yaml").exists();
    let (guard, code) = match is_of_members {
        // Nothing there removes a member: the others go.
        true => ("not-supported", 4),
        false => ("prevent-destroy", 0),
    };
    let refused = world
        .run(&["apply", "--destroy", "--auto-approve"])
        .exits(3);
    assert!(refused.to_string().contains(guard), "{refused}");
    let allowed = [
        "apply",
        "--destroy",
        "--auto-approve",
        "--allow",
        guard,
        "--allow",
        "mass-delete",
        "--allow",
        "stops-active",
        "--allow",
        "waiting-work",
    ];
    let destroyed = world.run(&allowed).exits(code);
    assert!(destroyed.stdout.contains(" destroyed"), "{destroyed}");
    let account = Account::of(world);
    let names: Vec<_> = account
        .scenarios()
        .iter()
        .map(|row| row["name"].clone())
        .collect();
    assert_eq!(names, ["Somebody else's"]);
    assert!(account.hooks().is_empty());
}

#[test]
fn the_label_of_a_module_is_told_as_one() {
    let world = World::copy_of("examples");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.edit(
        "manifests/lead-to-crm/lead-sync.blueprint.json",
        "Create the contact",
        "Make the contact",
    );
    let plan = world.run(&["plan"]).success().stdout;
    let said = r#"~ label: "Create the contact" -> "Make the contact""#;
    assert!(plan.contains(said), "{plan}");
    assert!(!plan.contains("metadata.designer"), "{plan}");
}
