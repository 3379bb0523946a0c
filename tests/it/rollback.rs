//! Going back: what was made goes, what was changed returns, what was deleted comes back.

use std::fs;

use makeform::{live::transport::Method, model::Dialect};
use serde_json::{Value, json};

use crate::support::{
    account::Account,
    examples::projects,
    git::{check_out, commit, init},
    world::{NO_PLANS, Output, World},
};

const BOTH: [Dialect; 2] = [Dialect::Zone, Dialect::Unified];

/// The guards that a way back over whole projects runs into, where it is meant.
pub(crate) const MEANT: [&str; 11] = [
    "--auto-approve",
    "--allow",
    "prevent-destroy",
    "--allow",
    "mass-delete",
    "--allow",
    "data-store-records",
    "--allow",
    "stops-active",
    "--allow",
    "waiting-work",
];

fn rollback(world: &World, more: &[&str]) -> Output {
    world.run(&[&["rollback"], &MEANT[..], more].concat())
}

fn apply(world: &World) -> Output {
    world.run(&[&["apply"], &MEANT[..]].concat())
}

/// The names of what an account holds.
fn names(world: &World) -> Vec<String> {
    let account = Account::of(world);
    let all = account.scenarios().into_iter().chain(account.hooks());
    let mut names: Vec<String> = all
        .map(|row| row["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn an_example_goes_as_it_came_and_comes_back_with_a_rollback_of_that() {
    for world in BOTH.into_iter().flat_map(projects) {
        init(&world);
        let all = commit(&world);
        // Nothing removes a member of the other dialect: those are there from the beginning.
        let first = match world.file("manifests/members.yaml").exists() {
            true => "manifests/members.yaml",
            false => "manifests/connections.yaml",
        };
        let text = world.read(first);
        fs::remove_dir_all(world.file("manifests")).unwrap();
        world.write(first, &text);
        let nothing = commit(&world);
        let _ = apply(&world).success();
        check_out(&world, &all);
        let _ = apply(&world).success();
        world.assert_settled();
        let were = names(&world);

        let gone = rollback(&world, &[]).success();
        assert!(gone.stdout.contains("destroyed"), "{gone}");
        check_out(&world, &nothing);
        world.assert_settled();
        assert!(names(&world).is_empty(), "{gone}");

        let back = rollback(&world, &[]).success();
        assert!(back.stdout.contains("created"), "{back}");
        check_out(&world, &all);
        world.assert_settled();
        assert_eq!(names(&world), were, "{back}");
    }
}

#[test]
fn what_an_example_changed_and_deleted_is_as_it_was() {
    let [world] = <[World; 1]>::try_from(projects(Dialect::Zone))
        .ok()
        .unwrap();
    init(&world);
    let before = commit(&world);
    let _ = apply(&world).success();
    let account = Account::of(&world);
    let desk = account.scenario("Order status")["id"].clone();
    let was = account.blueprint(&desk);
    drop(account);

    // The whole desk goes, with its store, its structure and its webhook; the others change.
    fs::remove_dir_all(world.file("manifests/order-desk")).unwrap();
    world.edit(
        "manifests/lead-to-crm/lead-sync.yaml",
        "schedule: { immediately: true }",
        "schedule: { immediately: true }\n  # more\n",
    );
    world.edit(
        "manifests/lead-to-crm/lead-sync.yaml",
        "maxErrors: 5",
        "maxErrors: 7",
    );
    world.edit("manifests/nightly-sync/schedule.yaml", "02:30", "03:45");
    world.edit("manifests/nightly-sync/orders.yaml", "/operations", "/ops");
    world.edit("manifests/team/roles.yaml", "role: builder", "role: viewer");
    let _ = commit(&world);
    let _ = apply(&world).success();
    world.assert_settled();

    let shown = world.run(&["rollback", "--dry-run"]).success();
    for line in [
        "+ scenario.order-status",
        "+ data-store.orders",
        "~ scenario.lead-sync",
        "~ team-role.max",
        "rollback-new-url",
        "rollback-lacks-records",
    ] {
        assert!(shown.to_string().contains(line), "{line}\n{shown}");
    }
    let back = rollback(&world, &[]).success();
    check_out(&world, &before);
    world.assert_settled();

    // It names the new store.
    let account = Account::of(&world);
    let row = account.scenario("Order status");
    assert_ne!(row["id"], desk);
    assert_eq!(row["isActive"], json!(true), "{back}");
    let now = account.blueprint(&row["id"]);
    let store = |blueprint: &Value| blueprint["flow"][1]["parameters"]["datastore"].clone();
    assert_ne!(store(&now), store(&was));
    let with_store = |blueprint: &Value| {
        let mut blueprint = blueprint.clone();
        blueprint["flow"][1]["parameters"]["datastore"] = json!("the store");
        blueprint["flow"].clone()
    };
    assert_eq!(with_store(&now), with_store(&was));
}

/// A project whose scenario sends a token, in git.
fn project() -> (World, String) {
    let world = World::new().with_env("CRM_TOKEN", "canary-t0ken-4c1f");
    init(&world);
    world.write(
        "manifests/a.yaml",
        r#"apiVersion: makeform/v1
kind: Folder
metadata: { name: crm }
spec: { name: CRM }
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: sync }
spec:
  name: Sync
  folder: folder.crm
  schedule: { every: 15m }
  blueprint:
    flow:
      - { id: 1, module: "http:ActionSendData", version: 3, mapper: { url: "https://acme.example", note: "${env.CRM_TOKEN}" } }
    metadata: { version: 1 }
"#,
    );
    let first = commit(&world);
    let _ = apply(&world).success();
    (world, first)
}

#[test]
fn after_an_apply_that_was_cut_short_only_what_it_did_is_undone() {
    for fault in ["fault 3rd write: 500", "fault 2nd write: drop after"] {
        let (mut world, first) = project();
        world.edit("manifests/a.yaml", "every: 15m", "every: 30m");
        world.edit("manifests/a.yaml", "name: Sync\n", "name: Synced\n");
        world.write(
            "manifests/b.yaml",
            "apiVersion: makeform/v1\nkind: Folder\nmetadata: { name: a-new }\nspec: { name: New }\n\
             ---\napiVersion: makeform/v1\nkind: Webhook\nmetadata: { name: z }\nspec: { name: Z, type: custom }\n",
        );
        let _ = commit(&world);
        world.set_env("MAKEFORM_SANDBOX", Some(fault));
        let partial = apply(&world);
        assert_ne!(partial.code, Some(3), "{partial}");
        world.set_env("MAKEFORM_SANDBOX", None);
        let back = rollback(&world, &[]).success();
        check_out(&world, &first);
        world.assert_settled();
        assert!(Account::of(&world).hooks().is_empty(), "{back}");
    }
}

#[test]
fn what_an_apply_made_that_was_cut_short_may_be_somebodys_work_by_now() {
    for is_edited in [false, true] {
        let (mut world, first) = project();
        world.write(
            "manifests/b.yaml",
            "apiVersion: makeform/v1\nkind: Folder\nmetadata: { name: a-new }\nspec: { name: New }\n",
        );
        let _ = commit(&world);
        world.set_env("MAKEFORM_FAILPOINT", Some("after-journal:2"));
        let killed = apply(&world);
        world.set_env("MAKEFORM_FAILPOINT", None);
        assert_ne!(killed.code, Some(0), "{killed}");
        if is_edited {
            let account = Account::of(&world);
            let folders = account.get("/scenarios-folders", &[("teamId", "1")]);
            let folders = folders["scenariosFolders"].as_array().unwrap();
            let new = folders.iter().find(|folder| folder["name"] == "New");
            let path = format!("/scenarios-folders/{}", new.unwrap()["id"]);
            account.write(Method::Patch, &path, json!({ "name": "Ours by now" }));
            drop(account);
            let refused = rollback(&world, &[]).exits(3);
            let said = "`folder.a-new` may have been changed in Make";
            assert!(refused.to_string().contains(said), "{refused}");
        }
        let _ = rollback(&world, &["--allow", "rollback-overwrites"]).success();
        check_out(&world, &first);
        world.assert_settled();
    }
}

#[test]
fn what_somebody_changed_in_make_since_is_not_overwritten_silently() {
    let (world, first) = project();
    world.edit("manifests/a.yaml", "every: 15m", "every: 30m");
    let _ = commit(&world);
    let _ = apply(&world).success();
    let account = Account::of(&world);
    let id = account.scenario("Sync")["id"].clone();
    let path = format!("/scenarios/{id}");
    let patch = makeform::live::transport::Method::Patch;
    let _ = account.write(
        patch,
        &path,
        json!({"scheduling": "{\"type\":\"indefinitely\",\"interval\":3600}"}),
    );
    drop(account);
    let refused = world.run(&["rollback", "--auto-approve"]).exits(3);
    assert!(
        refused.to_string().contains("rollback-overwrites"),
        "{refused}"
    );
    let back = rollback(&world, &["--allow", "rollback-overwrites"]).success();
    assert!(back.to_string().contains("changed in"), "{back}");
    check_out(&world, &first);
    world.assert_settled();
}

#[test]
fn a_plan_back_is_approved_by_its_digest_and_refused_when_things_move() {
    let (world, first) = project();
    world.edit("manifests/a.yaml", "every: 15m", "every: 30m");
    let second = commit(&world);
    let _ = apply(&world).success();
    world.edit("manifests/a.yaml", "every: 30m", "every: 45m");
    let _ = commit(&world);
    let _ = apply(&world).success();

    let out = [
        "rollback",
        "--to-commit",
        &first[..12],
        "--out",
        "back.json",
    ];
    let saved = world.run(&out).success();
    assert!(
        saved
            .stderr
            .contains("makeform --target sandbox rollback 2 --expect sha256:"),
        "{saved}"
    );
    let plan: Value = serde_json::from_str(&world.read("back.json")).unwrap();
    let digest = plan["digest"].as_str().unwrap();
    let no = world.run(&["rollback", "2", "--expect", NO_PLANS]).exits(3);
    assert!(no.stderr.contains("another than the approved one"), "{no}");
    let _ = world.run(&["rollback", "2", "--expect", digest]).success();
    check_out(&world, &first);
    world.assert_settled();

    // Back to where the second commit had left it: a rollback of the rollback, and one apply more.
    let to = ["rollback", "--to-commit", &second, "--auto-approve"];
    let _ = world.run(&to).success();
    check_out(&world, &second);
    world.assert_settled();

    for (args, said) in [
        (
            &["rollback", "9", "--auto-approve"][..],
            "there is no apply #9",
        ),
        (
            &["rollback", "--to-commit", "0000000", "--auto-approve"],
            "nothing was applied from commit",
        ),
        (&["rollback"], "no terminal to ask on"),
    ] {
        let refused = world.run(args).exits(1);
        assert!(refused.to_string().contains(said), "{refused}");
    }
}

#[test]
fn secrets_go_back_with_the_key_and_are_told_of_without_it() {
    for key in [Some("a key of the user's"), None] {
        let (mut world, first) = project();
        let secret = "canary-t0ken-4c1f";
        world.set_env("MAKEFORM_STATE_KEY", key);
        world.set_env("CRM_TOKEN", Some("canary-an0ther-77e"));
        world.edit("manifests/a.yaml", "every: 15m", "every: 30m");
        let _ = commit(&world);
        let _ = apply(&world).success();
        for canary in [secret, "canary-an0ther-77e", "a key of the user's"] {
            assert!(!world.holds(canary), "{canary} was written down");
        }
        let back = rollback(&world, &[]).success();
        assert!(!back.to_string().contains("canary"), "{back}");
        let says_so = back.to_string().contains("rollback-lacks-value");
        assert_eq!(says_so, key.is_none(), "{back}");
        let account = Account::of(&world);
        let id = account.scenario("Sync")["id"].clone();
        let note = account.blueprint(&id)["flow"][0]["mapper"]["note"].clone();
        drop(account);
        check_out(&world, &first);
        match key {
            Some(_) => {
                assert_eq!(note, secret);
                world.set_env("CRM_TOKEN", Some(secret));
            }
            None => assert_eq!(note, "canary-an0ther-77e"),
        }
        world.assert_settled();

        // What is made anew without its value: the one of the environment, if it is the same.
        fs::remove_file(world.file("manifests/a.yaml")).unwrap();
        world.write(
            "manifests/c.yaml",
            "apiVersion: makeform/v1\nkind: Folder\nmetadata: { name: c }\nspec: { name: C }\n",
        );
        let _ = commit(&world);
        let _ = apply(&world).success();
        let back = rollback(&world, &[]).success();
        assert!(!back.to_string().contains("rollback-lacks-value"), "{back}");
        check_out(&world, &first);
        world.assert_settled();
        assert!(!world.holds("canary"), "a secret was written down");
    }
}

#[test]
fn what_was_adopted_is_nobodys_again_and_as_it_was() {
    let (world, first) = project();
    let account = Account::of(&world);
    let _ = account.create_scenario("Theirs");
    let id = account.scenario("Theirs")["id"].clone();
    let was = account.blueprint(&id);
    drop(account);
    world.write(
        "manifests/b.yaml",
        r#"apiVersion: makeform/v1
kind: Scenario
metadata: { name: theirs }
spec:
  name: Theirs
  description: Ours
  blueprint:
    flow: [{ id: 5, module: "util:SetVariable2", version: 1, mapper: { name: x, value: "1" } }]
    metadata: { version: 1 }
"#,
    );
    let _ = commit(&world);
    let _ = world
        .run(&["apply", "--auto-approve", "--allow", "adopt-overwrites"])
        .success();
    let back = rollback(&world, &[]).success();
    check_out(&world, &first);
    world.assert_settled();
    let list = world.run(&["state", "list"]).success();
    assert!(!list.stdout.contains("scenario.theirs"), "{list}\n{back}");
    let account = Account::of(&world);
    assert_eq!(account.scenario("Theirs")["id"], id);
    assert_eq!(account.blueprint(&id)["flow"], was["flow"]);
}
