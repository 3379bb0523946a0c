//! Kill -9 at every request boundary of an apply: the next one converges, with nothing twice and
//! nothing lost.

use std::collections::BTreeMap;

use makeform::model::Dialect;

use crate::support::{account::Account, examples::projects, world::World};

/// Where an apply dies: before a request is sent, after it left, after its answer came, after
/// the journal's line about it was on disk.
const POINTS: [&str; 4] = ["before-send", "after-send", "after-answer", "after-journal"];

/// What a user would count in the account.
#[derive(Debug, PartialEq)]
struct Inventory {
    scenarios: BTreeMap<String, bool>,
    hooks: Vec<String>,
    folders: Vec<String>,
    /// Variables with their values, and people with their roles and invitations.
    others: Vec<String>,
}

fn inventory(world: &World) -> Inventory {
    let account = Account::of(world);
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let mut hooks: Vec<String> = account
        .hooks()
        .iter()
        .map(|hook| text(&hook["name"]))
        .collect();
    hooks.sort();
    let folders = account.get("/scenarios-folders", &[("teamId", "1")]);
    let folders = folders["scenariosFolders"].as_array().unwrap();
    let mut folders: Vec<String> = folders.iter().map(|folder| text(&folder["name"])).collect();
    folders.sort();
    let rows = account.scenarios();
    let scenarios: BTreeMap<String, bool> = rows
        .iter()
        .map(|row| (text(&row["name"]), row["isActive"] == true))
        .collect();
    assert_eq!(
        scenarios.len(),
        rows.len(),
        "a scenario was made twice: {rows:?}"
    );
    Inventory {
        scenarios,
        hooks,
        folders,
        others: others(&account),
    }
}

fn others(account: &Account) -> Vec<String> {
    let mut others = Vec::new();
    for (path, key, fields) in [
        (
            "/teams/1/variables",
            "teamVariables",
            ["name", "value", "typeId"],
        ),
        (
            "/organizations/1/user-organization-roles",
            "userOrganizationRoles",
            ["userId", "usersRoleId", "invitation"],
        ),
        (
            "/teams/1/user-team-roles",
            "userTeamRoles",
            ["userId", "usersRoleId", "teamId"],
        ),
        (
            "/data-stores",
            "dataStores",
            ["name", "maxSize", "datastructureId"],
        ),
        (
            "/data-structures",
            "dataStructures",
            ["name", "strict", "spec"],
        ),
    ] {
        let columns = ["id"].iter().chain(&fields).map(|name| ("cols[]", *name));
        let of_team = path.starts_with("/data-");
        let query: Vec<_> = std::iter::once(("teamId", "1")).chain(columns).collect();
        let answer = account.get(path, if of_team { &query } else { &[] });
        let rows = answer[key].as_array().unwrap();
        others.extend(rows.iter().map(|row| {
            let fields = fields.map(|field| row[field].to_string());
            format!("{key} {}", fields.join(" "))
        }));
    }
    others.sort();
    others
}

/// The examples, on no disk: a kill takes only what a process had not yet written.
fn examples() -> World {
    World::in_memory().with_copy_of("examples")
}

/// Kills an apply at each point until one runs to its end; `prepare` makes each world.
fn sweep(points: &[&str], prepare: impl Fn() -> World, expected: &Inventory) {
    for point in points {
        let mut number = 1;
        loop {
            let world = prepare();
            let mut command = world.command(&["apply", "--auto-approve"]);
            let output = command
                .env("MAKEFORM_FAILPOINT", format!("{point}:{number}"))
                .output()
                .unwrap();
            if output.status.code() == Some(0) {
                assert!(number > 1, "`{point}` never fired");
                break;
            }
            assert_eq!(
                output.status.code(),
                None,
                "`{point}:{number}` did not kill it"
            );
            let again = world.run(&["apply", "--auto-approve"]);
            assert_eq!(
                again.code,
                Some(0),
                "after a kill at {point}:{number}:\n{again}"
            );
            assert_eq!(
                &inventory(&world),
                expected,
                "after a kill at {point}:{number}"
            );
            world.assert_settled();
            number += 1;
        }
    }
}

#[test]
fn an_apply_that_creates_everything_survives_a_kill_at_any_moment() {
    let finished = examples();
    let _ = finished.run(&["apply", "--auto-approve"]).success();
    let expected = inventory(&finished);
    assert_eq!(expected.scenarios.len(), 4);
    sweep(&POINTS, examples, &expected);
}

#[test]
fn what_is_made_in_two_parts_survives_a_kill_between_them() {
    let help_desk = || projects(Dialect::Unified).pop().unwrap();
    let finished = help_desk();
    let _ = finished.run(&["apply", "--auto-approve"]).success();
    let expected = inventory(&finished);
    assert_eq!((expected.scenarios.len(), expected.hooks.len()), (3, 1));
    assert!(expected.scenarios.values().all(|active| *active));
    // What stands after an answer stands before the next request.
    sweep(&["before-send", "after-send"], help_desk, &expected);
}

/// Two things change and one goes.
fn edited() -> World {
    let world = examples();
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.edit("manifests/nightly-sync/schedule.yaml", "02:30", "03:45");
    world.edit(
        "manifests/lead-to-crm/lead-sync.yaml",
        "name: CRM",
        "name: Customers",
    );
    let text = world.read("manifests/nightly-sync/orders.yaml");
    let (kept, _) = text.split_once("---").unwrap();
    world.write("manifests/nightly-sync/orders.yaml", kept);
    world
}

#[test]
fn an_apply_that_changes_and_deletes_survives_a_kill_at_any_moment() {
    let finished = edited();
    let _ = finished.run(&["apply", "--auto-approve"]).success();
    let expected = inventory(&finished);
    assert_eq!(expected.scenarios.len(), 3);
    assert_eq!(expected.folders, ["Customers"]);
    sweep(&POINTS, edited, &expected);
}
