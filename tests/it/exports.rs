//! Exports into projects that are there: names, files, pins, several targets.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::SystemTime,
};

use makeform::live::transport::Method;
use serde_json::{Value, json};

use crate::support::{account::Account, world::World};

/// The files of a folder, each with its bytes and the time of its last change.
fn files(world: &World, folder: &str) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let all = world.files(folder).into_iter();
    all.map(|(name, bytes)| {
        let changed = world.file(&name).metadata().unwrap().modified().unwrap();
        (name, (bytes, changed))
    })
    .collect()
}

fn names(world: &World, folder: &str) -> BTreeSet<String> {
    let all = world.files(folder).into_keys();
    let prefix = format!("{folder}/");
    all.map(|name| name.strip_prefix(&prefix).unwrap().to_owned())
        .collect()
}

fn folder(account: &Account, name: &str) -> u64 {
    let body = json!({"teamId": 1, "name": name});
    let answer = account.write(Method::Post, "/scenarios-folders", body);
    answer["scenarioFolder"]["id"].as_u64().unwrap()
}

fn rename_folder(account: &Account, id: u64, name: &str) {
    let path = format!("/scenarios-folders/{id}");
    account.write(Method::Patch, &path, json!({ "name": name }));
}

fn name_scenario(account: &Account, id: &Value, name: &str) {
    let path = format!("/scenarios/{id}");
    account.write(Method::Patch, &path, json!({ "name": name }));
}

fn project(targets: &str) -> String {
    format!(
        "apiVersion: makeform/v1\nkind: Project\nmetadata: {{ name: acme }}\nspec:\n  \
         manifests: [\"manifests/**/*.yaml\"]\n  targets:\n{targets}"
    )
}

/// A project with these targets, each with a world of its own name.
fn with_targets(targets: &[&str]) -> World {
    let world = World::empty();
    let line = |target: &&str| format!("    {target}: {{ url: \"sandbox:{target}\" }}\n");
    world.write(
        "makeform.yaml",
        &project(&targets.iter().map(line).collect::<String>()),
    );
    world
}

fn account(world: &World, target: &str) -> Account {
    Account::in_folder(&world.file(target))
}

#[test]
fn things_keep_their_addresses_and_files_when_make_calls_them_otherwise() {
    let world = World::new();
    let account = || Account::of(&world);
    let (crm, tests) = {
        let account = account();
        (folder(&account, "CRM"), folder(&account, "Tests"))
    };
    account().create_scenario("Lead Sync");
    // By hand, in a file of its own choice.
    world.write(
        "manifests/ours/base.yaml",
        "apiVersion: makeform/v1\nkind: Folder\nmetadata:\n  name: sales\nspec:\n  name: CRM\n",
    );
    let exported = world.run(&["export"]).success();
    assert!(exported.stderr.contains("7 files written"), "{exported}");
    let there = names(&world, "manifests");
    assert!(there.contains("scenarios/lead-sync.yaml"), "{there:?}");
    assert!(!world.read("manifests/folders.yaml").contains("CRM"));

    // Known by the ledger from now on, whatever they are called.
    let _ = world.run(&["apply", "--auto-approve"]).success();
    rename_folder(&account(), crm, "Customers");
    rename_folder(&account(), tests, "Sales");
    let lead = account().scenario("Lead Sync")["id"].clone();
    name_scenario(&account(), &lead, "Leads");
    account().create_scenario("Lead sync!");
    let before = files(&world, "manifests");
    let refused = world.run(&["export"]).exits(1);
    for file in ["folders.yaml", "ours/base.yaml", "scenarios/lead-sync.yaml"] {
        assert!(
            refused.stderr.contains(&format!("{file} exists")),
            "{refused}"
        );
    }
    assert!(refused.stderr.contains("--update"), "{refused}");
    assert_eq!(files(&world, "manifests"), before, "nothing was written");

    // And where the old files are out of the way, by the ledger alone.
    std::fs::remove_dir_all(world.file("manifests")).unwrap();
    let _ = world.run(&["export"]).success();
    let folders = world.read("manifests/folders.yaml");
    let named = |address: &str, name: &str| {
        folders.contains(&format!("name: {address}\nspec:\n  name: {name}\n"))
    };
    assert!(
        named("sales", "Customers") && named("tests", "Sales"),
        "{folders}"
    );
    assert!(world.file("manifests/scenarios/lead-sync-2.yaml").exists());
    assert!(
        world
            .read("manifests/scenarios/lead-sync.yaml")
            .contains("Leads")
    );
    let plan = world.run(&["plan", "--format", "json"]).success();
    let plan: Value = serde_json::from_str(&plan.stdout).unwrap();
    assert_eq!(plan["summary"]["delete"], 0, "{plan:#}");
    let changed = plan["steps"].as_array().unwrap().iter();
    let changed: Vec<&Value> = changed
        .filter(|step| !step["changes"].as_array().unwrap().is_empty())
        .collect();
    assert!(changed.is_empty(), "{changed:#?}");
}

#[test]
fn what_a_target_leaves_out_is_named_as_it_is_declared_and_never_written() {
    let world = World::new();
    let account = || Account::of(&world);
    let held = folder(&account(), "Held");
    let lead = account().create_scenario("Lead Sync");
    account().write(
        Method::Patch,
        &format!("/scenarios/{lead}"),
        json!({"folderId": held}),
    );
    world.write(
        "manifests/held.yaml",
        "apiVersion: makeform/v1\nkind: Folder\nmetadata: { name: theirs }\nspec: { name: Held }\n\
         ---\n\
         apiVersion: makeform/v1\nkind: Folder\nmetadata: { name: new }\nspec: { name: Elsewhere }\n",
    );
    world.edit(
        "makeform.yaml",
        "{ url: \"sandbox:\" }",
        "{ url: \"sandbox:\", exclude: [folder.*] }",
    );
    folder(&account(), "New");
    let before = world.read("manifests/held.yaml");
    let _ = world.run(&["export", "--kind", "Scenario"]).success();
    let manifest = world.read("manifests/scenarios/theirs/lead-sync.yaml");
    assert!(manifest.contains("folder: folder.theirs"), "{manifest}");
    assert_eq!(world.read("manifests/held.yaml"), before);
    assert!(!world.file("manifests/folders.yaml").exists());

    let refused = world.run(&["export", "--only", "folder.theirs"]).exits(1);
    assert!(
        refused.stderr.contains("the target leaves it out"),
        "{refused}"
    );
    // A new thing gets no name that another has, be that left out here.
    let _ = world.run(&["export"]).success();
    let folders = world.read("manifests/folders.yaml");
    assert!(
        folders.contains("name: new-2\nspec:\n  name: New\n"),
        "{folders}"
    );
}

#[test]
fn things_that_may_be_one_or_another_stop_an_export_before_it_writes() {
    let world = World::new();
    for _ in 0..2 {
        Account::of(&world).create_scenario("Nightly");
    }
    world.write(
        "manifests/a.yaml",
        "apiVersion: makeform/v1\nkind: Scenario\nmetadata: { name: nightly }\nspec: { name: Nightly }\n",
    );
    let refused = world.run(&["export"]).exits(1);
    assert!(
        refused.stderr.contains("several objects named `Nightly`"),
        "{refused}"
    );
    assert_eq!(names(&world, "manifests").len(), 1);

    // A pin says which, and the other gets one, too.
    let ids = "# by hand\napiVersion: makeform/v1\nkind: Ids\nspec:\n  sandbox:\n    \
               scenario.nightly: 1002  # the second\n";
    world.write("makeform.ids.yaml", ids);
    world.write(
        "manifests/a.yaml",
        "apiVersion: makeform/v1\nkind: Folder\nmetadata: { name: a }\nspec: { name: A }\n",
    );
    let _ = world.run(&["export"]).success();
    let pinned = format!("{ids}    scenario.nightly-2: 1001\n");
    assert_eq!(world.read("makeform.ids.yaml"), pinned);
    let once = files(&world, ".");
    let _ = world.run(&["export"]).success();
    assert_eq!(world.read("makeform.ids.yaml"), pinned);
    let manifests = |files: BTreeMap<String, (Vec<u8>, SystemTime)>| -> Vec<_> {
        files
            .into_iter()
            .filter(|(name, _)| name.contains("manifests/"))
            .collect()
    };
    assert_eq!(manifests(once), manifests(files(&world, ".")));
}

#[test]
fn what_no_list_of_the_account_has_is_named_as_the_project_declares_it() {
    let world = World::new();
    let account = || Account::of(&world);
    let listed = account().get("/connections", &[("teamId", "1")]);
    let id = listed["connections"][0]["id"].clone();
    let blueprint = json!({"name": "Post", "metadata": {}, "flow": [{"id": 1, "version": 1,
        "module": "slack:CreateMessage", "parameters": {"__IMTCONN__": id}, "mapper": {}}]});
    let body = json!({"teamId": 1, "blueprint": blueprint.to_string(),
        "scheduling": r#"{"type":"on-demand"}"#});
    account().write(Method::Post, "/scenarios", body);
    let target = format!(
        "{{ url: \"sandbox:\", dialect: unified, organization: \"1\", map: {{ connection.ours: {id} }} }}"
    );
    world.edit("makeform.yaml", "{ url: \"sandbox:\" }", &target);
    world.write(
        "manifests/ours.yaml",
        "apiVersion: makeform/v1\nkind: Connection\nmetadata: { name: ours }\nspec: { name: Ours }\n",
    );
    let _ = world.run(&["export"]).success();
    let written = world.read("manifests/scenarios/post.blueprint.json");
    assert!(written.contains("\"${connection.ours}\""), "{written}");
    world.assert_settled();
    let once = files(&world, "manifests");
    let _ = world.run(&["export"]).success();
    assert_eq!(files(&world, "manifests"), once);
}

#[test]
fn a_layout_is_for_new_things_and_old_ones_stay_where_they_are() {
    let world = World::new();
    let account = || Account::of(&world);
    let crm = folder(&account(), "CRM");
    let lead = account().create_scenario("Lead Sync");
    account().write(
        Method::Patch,
        &format!("/scenarios/{lead}"),
        json!({"folderId": crm}),
    );
    let _ = world.run(&["export", "--layout", "kinds"]).success();
    let laid: BTreeSet<String> = [
        "folders/crm.yaml",
        "scenarios/lead-sync.blueprint.json",
        "scenarios/lead-sync.yaml",
    ]
    .map(str::to_owned)
    .into();
    let there = names(&world, "manifests");
    assert!(there.is_superset(&laid), "{there:?}");
    let once = files(&world, "manifests");

    // Not one byte, whatever the layout says.
    let again = world.run(&["export"]).success();
    assert!(again.stderr.contains("0 files written"), "{again}");
    assert_eq!(files(&world, "manifests"), once);
    let second = account().create_scenario("Second");
    account().write(
        Method::Patch,
        &format!("/scenarios/{second}"),
        json!({"folderId": crm}),
    );
    let _ = world.run(&["export"]).success();
    assert!(world.file("manifests/scenarios/crm/second.yaml").exists());
    let now = files(&world, "manifests");
    assert!(once.iter().all(|(name, file)| now.get(name) == Some(file)));
}

#[test]
fn several_targets_share_manifests_and_what_differs_is_said_with_what_to_do() {
    let world = with_targets(&["production", "staging"]);
    for target in ["staging", "production"] {
        let account = account(&world, target);
        if target == "production" {
            // Other ids for the same names.
            folder(&account, "Old");
        }
        let crm = folder(&account, "CRM");
        for name in ["Lead Sync", "Nightly", "Nightly"] {
            let id = account.create_scenario(name);
            account.write(
                Method::Patch,
                &format!("/scenarios/{id}"),
                json!({"folderId": crm}),
            );
        }
    }
    let lead = account(&world, "production").scenario("Lead Sync")["id"].clone();
    let slow = json!({"scheduling": r#"{"type":"indefinitely","interval":3600}"#});
    account(&world, "production").write(Method::Patch, &format!("/scenarios/{lead}"), slow);
    account(&world, "staging").create_scenario("Trial");

    let targets = ["--target", "staging", "--target", "production"];
    let export = [&targets[..], &["export"]].concat();
    let exported = world.run(&export).success();
    for said in [
        "target `production` has scenario.lead-sync otherwise: schedule",
        r#"`overrides: { scenario.lead-sync: {"schedule":{"every":"1h","onDemand":null}} }`"#,
        "target `production` has no scenario.trial",
        "`exclude: [scenario.trial]`",
        "target `staging` has no folder.old",
    ] {
        assert!(exported.stderr.contains(said), "{said}: {exported}");
    }
    let manifest = world.read("manifests/scenarios/crm/lead-sync.yaml");
    assert!(
        manifest.contains("onDemand: true"),
        "of the first: {manifest}"
    );
    let ids = world.read("makeform.ids.yaml");
    let nightly = |target: &str| {
        format!("  {target}:\n    scenario.nightly: 1002\n    scenario.nightly-2: 1003\n")
    };
    assert!(
        ids.contains(&nightly("staging")) && ids.contains(&nightly("production")),
        "{ids}"
    );

    // As it proposes.
    world.write(
        "makeform.yaml",
        &project(
            "    staging: { url: \"sandbox:staging\", exclude: [folder.old] }
    production:
      url: \"sandbox:production\"
      exclude: [scenario.trial]
      overrides: { scenario.lead-sync: {\"schedule\":{\"every\":\"1h\",\"onDemand\":null}} }
",
        ),
    );
    let once = files(&world, "manifests");
    let again = world.run(&export).success();
    assert!(!again.stderr.contains("warning"), "{again}");
    assert!(again.stderr.contains("0 files written"), "{again}");
    assert_eq!(files(&world, "manifests"), once);
    assert_eq!(world.read("makeform.ids.yaml"), ids);
    for target in ["staging", "production"] {
        let plan = world
            .run(&["--target", target, "plan", "--detailed-exitcode"])
            .success();
        assert!(plan.stdout.contains("No changes"), "{plan}");
    }
    // One that can't be read hinders no other.
    let both = world
        .run(&["--all-targets", "export", "--only", "folder.crm"])
        .success();
    assert!(both.stderr.contains("0 files written"), "{both}");
}

#[test]
fn a_folder_gets_a_project_for_each_of_several_targets() {
    let world = with_targets(&["client-a", "client-b", "client-c"]);
    for target in ["client-a", "client-b"] {
        account(&world, target).create_scenario(&format!("Of {target}"));
    }
    world.write("client-c/notes.txt", "no sandbox");
    let backup = ["--all-targets", "export", "--out", "backup"];
    let exported = world.run(&backup).exits(1);
    assert!(
        exported.stderr.contains("holds files, but no sandbox"),
        "{exported}"
    );
    for target in ["client-a", "client-b"] {
        let manifest = format!("backup/{target}/manifests/scenarios/of-{target}.yaml");
        assert!(world.file(&manifest).exists(), "{manifest}");
        let made = world.read(&format!("backup/{target}/makeform.yaml"));
        assert!(made.contains(&format!("defaultTarget: {target}")), "{made}");
        let plan = world
            .run(&[
                "-C",
                &format!("backup/{target}"),
                "plan",
                "--detailed-exitcode",
            ])
            .success();
        assert!(plan.stdout.contains("No changes"), "{plan}");
    }
    assert!(!world.file("backup/client-c").exists());
    assert!(!world.file("manifests").exists());
    let once = files(&world, "backup");
    let _ = world.run(&backup).exits(1);
    assert_eq!(files(&world, "backup"), once);

    let one = ["--target", "client-a", "export", "--out", "alone"];
    let _ = world.run(&one).success();
    assert!(world.file("alone/makeform.yaml").exists());
}

#[test]
fn an_export_that_does_not_read_back_says_which_fields_of_what_and_where() {
    let world = World::new();
    Account::of(&world).create_scenario("Lead Sync");
    let _ = world.run(&["export"]).success();
    world.edit(
        "makeform.yaml",
        "{ url: \"sandbox:\" }",
        "{ url: \"sandbox:\", overrides: { scenario.lead-sync: { description: x, schedule: { onDemand: null, every: 1h } } } }",
    );
    let failed = world.run(&["export"]).exits(1);
    for said in [
        "[not-the-account]",
        "scenario.lead-sync is not as in the account: description, schedule",
        "manifests/scenarios/lead-sync.yaml:4",
        "0 files written",
        "overrides",
    ] {
        assert!(failed.stderr.contains(said), "{said}: {failed}");
    }
    assert!(!failed.stderr.contains("Exported"), "{failed}");
}
