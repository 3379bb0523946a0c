//! `export --update`: manifests that people wrote, after somebody changed the account.

mod commented;
mod health;
mod secrets;
mod shared;

use std::{collections::BTreeMap, fs, path::Path, time::SystemTime};

use makeform::live::transport::Method;
use serde_json::{Value, json};

use crate::{
    support::{account::Account, world::World},
    two_files::{applied, edit, git, look_around},
};

/// All files of a folder with their bytes and when they were written, `.git` and `.makeform` aside.
fn files(folder: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with(".git") && path.is_dir() || name == ".makeform" {
            continue;
        }
        if path.is_dir() {
            for (inner, file) in files(&path) {
                found.insert(format!("{name}/{inner}"), file);
            }
        } else {
            let written = fs::metadata(&path).unwrap().modified().unwrap();
            found.insert(name, (fs::read(&path).unwrap(), written));
        }
    }
    found
}

/// Updates; then does so again, which writes nothing; then a plan shows no changes.
fn updated(world: &World) -> String {
    let update = world.run(&["export", "--update"]).success();
    let before = files(world.path());
    let again = world.run(&["export", "--update"]).success();
    assert!(again.stderr.contains("no file was written"), "{again}");
    assert!(files(world.path()) == before, "{again}");
    world.assert_settled();
    update.stderr
}

/// The same account, as another project has it that applies at once.
fn colleague(world: &World, manifests: &str) {
    world.write(
        "colleague/makeform.yaml",
        "apiVersion: makeform/v1\nkind: Project\nmetadata: { name: other }\nspec:\n  \
         manifests: [\"m/*.yaml\"]\n  env: [CRM_TOKEN]\n  targets: { sandbox: { url: \
         \"sandbox:../.makeform/sandbox\" } }\n",
    );
    world.write("colleague/m/all.yaml", manifests);
    let allowed = ["--allow", "adopt-overwrites"];
    let apply = ["-C", "colleague", "apply", "--auto-approve"];
    let _ = world.run(&[&apply[..], &allowed[..]].concat()).success();
    fs::remove_dir_all(world.file("colleague")).unwrap();
}

/// The lines that differ.
fn diff(before: &str, after: &str) -> Vec<String> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let gone = old.iter().filter(|line| !new.contains(line));
    let come = new.iter().filter(|line| !old.contains(line));
    let gone = gone.map(|line| format!("-{line}"));
    gone.chain(come.map(|line| format!("+{line}"))).collect()
}

#[test]
fn one_word_in_makes_editor_is_one_line_and_the_rest_stays_in_the_editor_s_file() {
    let world = applied();
    let _ = world.run(&["export", "--out", "repository"]).success();
    git(&world, &["init", "-q"]);
    world.write("repository/.gitignore", ".makeform/\n");
    git(&world, &["add", "-A"]);
    git(&world, &["commit", "-qm", "Export"]);
    let update = ["-C", "repository", "export", "--update"];
    let plan = [
        "-C",
        "repository",
        "plan",
        "--editor",
        "--detailed-exitcode",
    ];

    let before = files(&world.file("repository"));
    let _ = world.run(&update).success();
    assert!(files(&world.file("repository")) == before);

    edit(&world, |blueprint| {
        let text = blueprint
            .pointer_mut("/flow/1/routes/0/flow/0/mapper/text")
            .unwrap();
        *text = json!("welcome {{1.name}}");
        look_around(blueprint);
    });
    let _ = world.run(&update).success();
    let changed = git(&world, &["diff", "--numstat", "HEAD"]);
    let changed: Vec<&str> = changed.lines().collect();
    let [does, editors] = changed[..] else {
        panic!("{changed:?}");
    };
    assert_eq!(does, "1\t1\tmanifests/scenarios/lead-sync.blueprint.json");
    assert!(editors.ends_with("\tmanifests/scenarios/lead-sync.editor.json"));
    let plan = world.run(&plan).success();
    assert!(plan.stdout.contains("No changes"), "{plan}");

    git(&world, &["commit", "-qam", "Greet otherwise"]);
    edit(&world, |blueprint| {
        blueprint["flow"][1]["metadata"]["designer"]["x"] = json!(1);
    });
    let _ = world.run(&update).success();
    let changed = git(&world, &["diff", "--name-only", "HEAD"]);
    assert_eq!(changed, "manifests/scenarios/lead-sync.editor.json\n");
}

#[test]
fn a_raw_export_with_references_becomes_the_two_files_when_it_changes() {
    let world = applied();
    let path = "manifests/lead-sync.blueprint.json";
    let raw = world.read(path);
    updated(&world);
    assert_eq!(world.read(path), raw);
    edit(&world, |blueprint| {
        blueprint["flow"][1]["routes"][1]["flow"][0]["mapper"]["name"] = json!("memo");
    });
    updated(&world);
    let does = world.read(path);
    assert!(
        does.contains("\"memo\"") && does.contains("${webhook.leads}"),
        "{does}"
    );
    assert!(!does.contains("restore"), "{does}");
    assert!(
        world
            .read("manifests/lead-sync.editor.json")
            .contains("restore")
    );
}

/// What the story's scenarios do.
const FLOW: &str = "{ flow: [ { id: 1, module: \"util:SetVariable\", version: 1, \
                    mapper: { name: a, value: b } } ], metadata: {} }";

fn scenario(name: &str, fields: &str) -> String {
    format!(
        "apiVersion: makeform/v1\nkind: Scenario\nmetadata: {{ name: {name} }}\nspec:\n{fields}  \
         blueprint: {FLOW}\n"
    )
}

fn patch(world: &World, name: &str, body: Value) {
    let account = Account::of(world);
    let id = account.scenario(name)["id"].clone();
    account.write(Method::Patch, &format!("/scenarios/{id}"), body);
}

#[test]
fn what_is_gone_is_told_and_taken_away_with_all_that_belongs_to_it() {
    let world = World::new();
    let kept = "# Those of sales.\n\n# It stays.\napiVersion: makeform/v1\nkind: Folder\n\
                metadata: { name: sales } # its address\n# Below it.\n";
    let gone = "---\n# It goes.\napiVersion: makeform/v1\nkind: Folder\nmetadata: { name: old }\n";
    world.write("manifests/all.yaml", &format!("{kept}{gone}"));
    world.write(
        "manifests/one.yaml",
        "apiVersion: makeform/v1\nkind: Scenario\nmetadata: { name: one }\nspec:\n  folder: \
         folder.old # for now\n  blueprint: { file: one.blueprint.json }\n",
    );
    world.write(
        "manifests/two.yaml",
        &scenario("two", "  folder: folder.old # too\n"),
    );
    let blueprint = r#"{"makeform": 1, "name": "one", "flow": [], "metadata": {"version": 1}}"#;
    world.write("manifests/one.blueprint.json", blueprint);
    world.write(
        "manifests/one.editor.json",
        r#"{"makeform": 1, "metadata": {"notes": []}}"#,
    );
    let _ = world.run(&["apply", "--auto-approve"]).success();
    updated(&world);
    let account = Account::of(&world);
    let id = account.scenario("one")["id"].clone();
    world.write(
        "makeform.ids.yaml",
        &format!(
            "# ids\napiVersion: makeform/v1\nkind: Ids\nspec:\n  sandbox:\n    scenario.one: {id}\n"
        ),
    );
    let (status, _) = account.send(Method::Delete, &format!("/scenarios/{id}"), &[], None);
    assert!(status < 300, "{status}");
    let folders = account.get("/scenarios-folders", &[("teamId", "1")]);
    let folders = folders["scenariosFolders"].as_array().unwrap().clone();
    let old = folders.iter().find(|row| row["name"] == "old").unwrap();
    let two = account.scenario("two")["id"].clone();
    account.write(
        Method::Patch,
        &format!("/scenarios/{two}"),
        json!({"folderId": null}),
    );
    let path = format!("/scenarios-folders/{}", old["id"]);
    let (status, _) = account.send(Method::Delete, &path, &[], None);
    assert!(status < 300, "{status}");

    // Something new, not applied yet: that is no thing that is gone.
    world.write("manifests/new.yaml", &scenario("new", "  active: false\n"));
    let before = files(&world.file("manifests"));
    let told = world.run(&["export", "--update"]).success();
    for address in ["scenario.one", "folder.old"] {
        let finding = format!("warning[gone]: the account has nothing of {address}");
        assert!(told.stderr.contains(&finding), "{told}");
    }
    assert!(!told.stderr.contains("scenario.new"), "{told}");
    let after = files(&world.file("manifests"));
    let changed: Vec<&String> = after
        .keys()
        .filter(|name| after[*name] != before[*name])
        .collect();
    assert_eq!(changed, ["two.yaml"], "it stands in no folder any more");
    assert!(
        world
            .read("manifests/two.yaml")
            .contains("  folder: null # too\n")
    );

    // What is still named stays, all of it.
    world.edit(
        "makeform.yaml",
        "url: \"sandbox:\"",
        "url: \"sandbox:\", overrides: { scenario.one: { active: false } }",
    );
    let refused = world.run(&["export", "--update", "--prune"]).exits(1);
    assert!(refused.stderr.contains("gone-but-named"), "{refused}");
    assert!(files(&world.file("manifests")) == after);
    world.edit(
        "makeform.yaml",
        ", overrides: { scenario.one: { active: false } }",
        "",
    );

    // Two of one name get pins, beside the one that goes.
    let twins = [(); 2].map(|()| account.create_scenario("twin"));
    let _ = world.run(&["export", "--update", "--prune"]).success();
    assert_eq!(world.read("manifests/all.yaml"), kept);
    let left = files(&world.file("manifests"));
    let went: Vec<&String> = after
        .keys()
        .filter(|name| !left.contains_key(*name))
        .collect();
    assert_eq!(went, ["one.blueprint.json", "one.editor.json", "one.yaml"]);
    let ids = world.read("makeform.ids.yaml");
    assert!(
        ids.starts_with("# ids\n") && !ids.contains("scenario.one"),
        "{ids}"
    );
    for twin in twins {
        assert!(ids.contains(&format!(": {twin}\n")), "{ids}");
    }
    let plan = world.run(&["plan"]).success();
    assert!(
        plan.stdout.contains("1 to add, 0 to change, 0 to destroy"),
        "{plan}"
    );
}

#[test]
fn what_is_new_is_added_and_what_is_renamed_keeps_its_address() {
    let world = World::new();
    let lead = "apiVersion: makeform/v1\nkind: Scenario\nmetadata: { name: lead } # for ever\nspec:\n  \
                # only by hand\n  active: false\n  blueprint: { file: lead.blueprint.json }\n";
    world.write("manifests/lead.yaml", lead);
    let module = r#"{"id": 1, "module": "util:SetVariable", "version": 1, "mapper": {"name": "x",
        "value": "${env.CRM_TOKEN}"}}"#;
    let blueprint =
        format!(r#"{{"makeform": 1, "name": "lead", "flow": [{module}], "metadata": {{}}}}"#);
    world.write("manifests/lead.blueprint.json", &blueprint);
    let by_hand = "# Folders, by name\napiVersion: makeform/v1\nkind: Folder\nmetadata: { name: a }\n\
                   spec: { name: A } # first";
    world.write("manifests/folders.yaml", by_hand);
    let world = world.with_env("CRM_TOKEN", "k3y-0f-harbor-yoga-98");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    updated(&world);
    let folders = world.read("manifests/folders.yaml");
    assert!(folders.starts_with("# Folders, by name\n"));
    colleague(
        &world,
        &format!(
            "apiVersion: makeform/v1\nkind: Folder\nmetadata: {{ name: b }}\nspec: {{ name: B }}\n---\n{}",
            scenario("new", "  name: New one\n  folder: folder.b\n")
        ),
    );
    patch(&world, "lead", json!({"name": "Lead Sync"}));
    edit_named(&world, "Lead Sync", |blueprint| {
        blueprint["flow"][0]["mapper"]["name"] = json!("y");
    });
    let told = updated(&world);
    assert!(told.contains("1 thing changed, 2 things added"), "{told}");
    let now = world.read("manifests/lead.yaml");
    assert_eq!(diff(lead, &now), ["+  name: Lead Sync"]);
    let now = world.read("manifests/lead.blueprint.json");
    assert!(
        now.contains("\"name\": \"y\"") && now.contains("\"${env.CRM_TOKEN}\""),
        "{now}"
    );
    assert!(!now.contains("harbor"), "{now}");
    let now = world.read("manifests/folders.yaml");
    assert!(
        now.starts_with(&format!("{}\n---\napiVersion", folders.trim_end())),
        "{now}"
    );
    assert!(now.contains("metadata:\n  name: b\n"), "{now}");
    assert!(
        world
            .read("manifests/scenarios/b/new-one.yaml")
            .contains("folder: folder.b")
    );
}

fn edit_named(world: &World, name: &str, edit: impl FnOnce(&mut Value)) {
    let account = Account::of(world);
    let id = account.scenario(name)["id"].clone();
    let mut blueprint = account.blueprint(&id);
    edit(&mut blueprint);
    let body = json!({"blueprint": blueprint.to_string()});
    account.write(Method::Patch, &format!("/scenarios/{id}"), body);
}

#[test]
fn what_a_target_says_itself_and_what_is_ignored_is_left() {
    let world = World::new();
    world.edit(
        "makeform.yaml",
        "url: \"sandbox:\"",
        "url: \"sandbox:\", overrides: { scenario.one: { description: of the sandbox } }",
    );
    let one = scenario(
        "one",
        "  description: of all # shared\n  schedule: { every: 30m } # often\n",
    );
    let two = scenario(
        "two",
        "  description: mine\n  schedule: { every: 30m }\n  lifecycle: { ignoreChanges: [description] }\n",
    );
    world.write("manifests/one.yaml", &one);
    world.write("manifests/two.yaml", &two);
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let schedule = json!({"type": "indefinitely", "interval": 3600}).to_string();
    for name in ["one", "two"] {
        let body = json!({"description": "of the account", "scheduling": schedule});
        patch(&world, name, body);
    }
    let told = world.run(&["export", "--update"]).success();
    assert!(told.stderr.contains("update-overridden"), "{told}");
    assert!(told.stderr.contains("makeform.yaml:"), "{told}");
    let expected = one.replace("every: 30m", "every: 1h");
    assert_eq!(world.read("manifests/one.yaml"), expected);
    let expected = two.replace("every: 30m", "every: 1h");
    assert_eq!(world.read("manifests/two.yaml"), expected);
    let plan = world.run(&["plan"]).success();
    assert!(plan.stdout.contains("0 to add, 1 to change"), "{plan}");
    assert!(plan.stdout.contains("description"), "{plan}");
}

#[test]
fn what_can_t_be_changed_alone_is_refused_before_anything_is_written() {
    let world = World::new();
    world.write(
        "manifests/a.yaml",
        &scenario("a", "  name: &name Same\n  description: *name\n"),
    );
    world.write("manifests/b.yaml", &scenario("b", "  description: one\n"));
    let _ = world.run(&["apply", "--auto-approve"]).success();
    patch(&world, "Same", json!({"name": "Other"}));
    patch(&world, "b", json!({"description": "two"}));
    let before = files(world.path());
    let refused = world.run(&["export", "--update"]).exits(1);
    assert!(refused.stderr.contains("update-by-hand"), "{refused}");
    assert!(refused.stderr.contains("manifests/a.yaml:5"), "{refused}");
    let after = files(world.path());
    assert!(after["manifests/b.yaml"] == before["manifests/b.yaml"]);
    world.edit(
        "manifests/a.yaml",
        "&name Same\n  description: *name",
        "Other\n  description: Same",
    );
    updated(&world);
    assert!(world.read("manifests/b.yaml").contains("description: two"));
}

#[test]
fn a_schedule_that_scenarios_share_changes_for_all_or_for_one() {
    let world = World::new();
    let office = "apiVersion: makeform/v1\nkind: Schedule\nmetadata: { name: office }\nspec:\n  every: 30m # all\n";
    world.write("manifests/office.yaml", office);
    for name in ["a", "b"] {
        let text = scenario(name, "  schedule: schedule.office # as all\n");
        world.write(&format!("manifests/{name}.yaml"), &text);
    }
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let every = |seconds: u64| {
        let schedule = json!({"type": "indefinitely", "interval": seconds}).to_string();
        json!({ "scheduling": schedule })
    };
    patch(&world, "a", every(3600));
    patch(&world, "b", every(3600));
    updated(&world);
    assert_eq!(
        world.read("manifests/office.yaml"),
        office.replace("30m", "1h")
    );
    patch(&world, "b", every(7200));
    let a = world.read("manifests/a.yaml");
    updated(&world);
    assert_eq!(world.read("manifests/a.yaml"), a);
    let b = world.read("manifests/b.yaml");
    assert!(b.contains("  schedule: # as all\n    every: 2h\n"), "{b}");
}
