//! The blueprint cache: what was read before is read again when it changed, and else not.

use std::{
    fs::{self, File},
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use makeform::live::transport::Method;
use serde_json::{Value, json};

use crate::support::{account::Account, world::World};

/// Each is edited in its own way.
const SCENARIOS: [&str; 9] = [
    "blueprint",
    "rename",
    "folder",
    "schedule",
    "description",
    "start",
    "ask",
    "save-interface",
    "unasked",
];

/// Scenarios whose manifests say what they take.
const ASKING: [&str; 2] = ["ask", "save-interface"];

fn project(options: &str) -> World {
    let world = World::new().with_env("MAKEFORM_SANDBOX", options);
    let mut text = "apiVersion: makeform/v1\n\
                    kind: Folder\n\
                    metadata: { name: crm }\n\
                    spec: { name: CRM }\n"
        .to_owned();
    for name in SCENARIOS {
        let interface = match ASKING.contains(&name) {
            true => "  interface: { input: [{ name: email, type: text }] }\n",
            false => "",
        };
        text.push_str(&format!(
            "---\n\
             apiVersion: makeform/v1\n\
             kind: Scenario\n\
             metadata: {{ name: {name} }}\n\
             spec:\n\
             \x20 name: {name}\n\
             \x20 folder: folder.crm\n\
             \x20 description: Does {name}.\n\
             \x20 active: false\n\
             \x20 schedule: {{ onDemand: true }}\n\
             {interface}\
             \x20 blueprint:\n\
             \x20   flow:\n\
             \x20     - {{ id: 1, module: \"util:SetVariables\", version: 1, mapper: {{ text: one }} }}\n\
             \x20   metadata: {{ version: 1 }}\n"
        ));
    }
    world.write("manifests/all.yaml", &text);
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world
}

fn account(world: &World, options: &str) -> Account {
    Account::with_options(&world.file(".makeform/sandbox"), options)
}

/// Lets so much time pass that whatever was edited so far may be kept. The server of an embedded
/// sandbox tells no time but that of the latest edit.
fn let_settle(account: &Account) {
    account.pass_hours(1);
    account.create_scenario("Somebody else's");
}

fn blueprints_read(world: &World) -> u64 {
    let requests = world.requests();
    let reads = requests
        .iter()
        .filter(|(route, _)| route.starts_with("GET ") && route.ends_with("/blueprint"));
    reads.map(|(_, count)| count).sum()
}

/// What a run reads in blueprints, and what it prints.
fn plan(world: &World, args: &[&str]) -> (u64, String) {
    let before = blueprints_read(world);
    let mut all = vec!["plan", "--format", "json"];
    all.extend(args);
    let output = world.run(&all).success();
    (blueprints_read(world) - before, output.stdout)
}

fn edit(account: &Account, name: &str) {
    let id = account.scenario(name)["id"].clone();
    let path = format!("/scenarios/{id}");
    let patch = |body: Value| drop(account.write(Method::Patch, &path, body));
    let fields = json!([{"name": "other", "type": "text"}]);
    match name {
        "blueprint" => {
            let mut blueprint = account.blueprint(&id);
            blueprint["flow"][0]["mapper"]["text"] = json!("two");
            patch(json!({"blueprint": blueprint.to_string()}));
        }
        "rename" => patch(json!({"name": "Another name"})),
        "folder" => patch(json!({"folderId": null})),
        "schedule" => {
            patch(json!({"scheduling": r#"{"type":"indefinitely","interval":900}"#}));
        }
        "description" => patch(json!({"description": "Changed."})),
        "start" => drop(account.write(Method::Post, &format!("{path}/start"), json!({}))),
        "save-interface" => patch(json!({"metadata": {"input_spec": fields}})),
        _ => {
            let body = json!({"interface": {"input": fields, "output": []}});
            drop(account.write(Method::Patch, &format!("{path}/interface"), body));
        }
    }
}

#[test]
fn a_warm_plan_is_that_of_a_fresh_look_whatever_an_edit_moves() {
    for (at, last_edit) in ["any", "save", "blueprint"].into_iter().enumerate() {
        for (also_at, version) in ["blueprint", "any", "absent"].into_iter().enumerate() {
            // Each with each takes the feature; `kept.rs` has more of them, without a process each.
            if at != also_at && cfg!(not(feature = "long-tests")) {
                continue;
            }
            let options = format!("quirk last-edit={last_edit}; quirk scenario-version={version}");
            let world = project(&options);
            let account = account(&world, &options);
            let_settle(&account);
            let (cold, fresh) = plan(&world, &[]);
            assert_eq!(cold, 9, "{options}");
            let (warm, kept) = plan(&world, &[]);
            // Those whose interfaces are managed are read, and without a version all are.
            let expected = if version == "absent" { 9 } else { 2 };
            assert_eq!(warm, expected, "{options}");
            assert_eq!(kept, fresh, "{options}");
            let mut before = fresh;
            for name in SCENARIOS {
                edit(&account, name);
                let (_, warm) = plan(&world, &[]);
                let (all, fresh) = plan(&world, &["--refresh"]);
                assert_eq!(all, 9);
                assert_eq!(warm, fresh, "{options}: {name}");
                if name != "unasked" {
                    assert_ne!(fresh, before, "{options}: {name}");
                }
                before = fresh;
            }
            // What a plan that trusts the cache decided, apply finds to be so.
            let apply = ["apply", "--auto-approve", "--allow", "stops-active"];
            let _ = world.run(&apply).success();
            world.assert_settled();
        }
    }
}

#[test]
fn an_edit_that_is_as_young_as_the_list_is_not_kept() {
    let world = project("");
    // All were made in the same moment, and nothing tells that it has passed.
    let (cold, _) = plan(&world, &[]);
    let (again, _) = plan(&world, &[]);
    assert_eq!((cold, again), (9, 9));
}

/// All files of the cache.
fn files(world: &World) -> Vec<PathBuf> {
    let folder = world.file(".makeform/sandbox/cache");
    let list = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    let mut files = list(&folder);
    files.extend(list(&folder.join("blobs")));
    files.retain(|path| path.is_file());
    files.sort();
    files
}

fn settled_project() -> World {
    let world = project("");
    let_settle(&account(&world, ""));
    world
}

/// What happens to the bytes of a file.
type Damage = fn(&mut Vec<u8>);

#[test]
fn nothing_that_happens_to_the_files_is_noticed_but_by_a_request() {
    let world = settled_project();
    let (_, fresh) = plan(&world, &[]);
    let damages: [(&str, Damage); 5] = [
        ("empty", Vec::clear),
        ("cut", |bytes| bytes.truncate(bytes.len() / 2)),
        ("longer", |bytes| bytes.push(b'x')),
        ("first", |bytes| bytes[0] ^= 1),
        ("middle", |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        }),
    ];
    let count = files(&world).len();
    assert!(count >= 3, "{count}");
    for index in 0..count {
        for (name, damage) in damages {
            // What is damaged is written anew, under another name.
            let path = &files(&world)[index];
            let mut bytes = fs::read(path).unwrap();
            damage(&mut bytes);
            File::create(path).unwrap().write_all(&bytes).unwrap();
            let (_, damaged) = plan(&world, &[]);
            assert_eq!(damaged, fresh, "{name}: {}", path.display());
            let (healed, again) = plan(&world, &[]);
            assert_eq!((healed, again), (2, fresh.clone()), "{name}");
        }
        let path = &files(&world)[index];
        fs::remove_file(path).unwrap();
        let (_, without) = plan(&world, &[]);
        assert_eq!(without, fresh, "{}", path.display());
    }
    // One blueprint in the place of another, a file in the place of a folder, no cache at all.
    for path in files(&world) {
        if path.parent().unwrap().ends_with("blobs") {
            let mut bytes = fs::read(&path).unwrap();
            let half = bytes.len() / 2;
            bytes.rotate_left(half);
            File::create(path).unwrap().write_all(&bytes).unwrap();
        }
    }
    assert_eq!(plan(&world, &[]).1, fresh);
    let folder = world.file(".makeform/sandbox/cache");
    fs::remove_dir_all(&folder).unwrap();
    File::create(&folder).unwrap();
    assert_eq!(plan(&world, &[]), (9, fresh.clone()));
    fs::remove_file(&folder).unwrap();
    assert_eq!(plan(&world, &[]), (9, fresh.clone()));
    assert_eq!(plan(&world, &[]), (2, fresh));
}

#[test]
fn it_is_sealed_with_a_key_of_the_users_and_is_none_to_others() {
    let mut world = settled_project();
    let (_, fresh) = plan(&world, &[]);
    assert_eq!(plan(&world, &[]), (2, fresh.clone()));
    let key = world.file(".config/makeform/cache.key");
    assert_eq!(
        fs::metadata(&key).unwrap().permissions().mode() & 0o777,
        0o600
    );
    // A passphrase in its place, another one, and the lost key.
    for (phrase, again) in [("one", 2), ("another", 2)] {
        world.set_env("MAKEFORM_STATE_KEY", Some(phrase));
        assert_eq!(plan(&world, &[]), (9, fresh.clone()), "{phrase}");
        assert_eq!(plan(&world, &[]), (again, fresh.clone()), "{phrase}");
    }
    world.set_env("MAKEFORM_STATE_KEY", None);
    assert_eq!(plan(&world, &[]), (9, fresh.clone()));
    fs::remove_file(&key).unwrap();
    assert_eq!(plan(&world, &[]), (9, fresh.clone()));
    assert_eq!(plan(&world, &[]), (2, fresh.clone()));
    // Without a place for a key nothing is kept, and nothing is said of it.
    fs::remove_dir_all(world.file(".makeform/sandbox/cache")).unwrap();
    world.set_env("HOME", Some(""));
    for _ in 0..2 {
        assert_eq!(plan(&world, &[]), (9, fresh.clone()));
    }
    assert!(!world.file(".makeform/sandbox/cache").exists());
}

#[test]
fn two_processes_may_use_it_at_once() {
    let world = settled_project();
    let (_, fresh) = plan(&world, &["--refresh"]);
    for round in 0..3 {
        if round < 2 {
            fs::remove_dir_all(world.file(".makeform/sandbox/cache")).unwrap();
        }
        let children: Vec<_> = (0..4)
            .map(|_| {
                let mut command = world.command(&["plan", "--format", "json"]);
                command.stdout(std::process::Stdio::piped());
                command.spawn().unwrap()
            })
            .collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success());
            let printed = String::from_utf8(output.stdout).unwrap();
            let printed = printed.replace(world.path().to_str().unwrap(), "[WORLD]");
            assert_eq!(printed, fresh);
        }
    }
    // What one swept of another's is kept by the next run.
    let _ = plan(&world, &[]);
    assert_eq!(plan(&world, &[]), (2, fresh));
}

#[test]
fn it_is_for_the_user_alone_and_stays_out_of_git() {
    let world = settled_project();
    let _ = plan(&world, &[]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for path in files(&world) {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    assert_eq!(mode(&world.file(".makeform/sandbox/cache")), 0o700);
    assert_eq!(mode(&world.file(".makeform/sandbox/cache/blobs")), 0o700);
    assert_eq!(world.read(".makeform/sandbox/cache/.gitignore"), "*\n");
}

#[test]
fn inputs_that_no_manifest_manages_keep_a_scenario_on_demand() {
    let world = project("");
    let account = account(&world, "");
    edit(&account, "unasked");
    let_settle(&account);
    let _ = plan(&world, &[]);
    let (on_demand, _) = plan(&world, &[]);
    let before = "Does unasked.\n  active: false\n  schedule: { onDemand: true }";
    let after = before.replace("onDemand: true", "every: 15m");
    world.edit("manifests/all.yaml", before, &after);
    // It costs the one request that it takes to know, whatever is kept.
    for _ in 0..2 {
        let reads = blueprints_read(&world);
        let refused = world.run(&["plan"]).exits(1);
        assert!(refused.stdout.contains("inputs-on-schedule"), "{refused}");
        assert_eq!(blueprints_read(&world), reads + on_demand + 1);
    }
    // Without them nothing stands in the way; and once it runs by itself, nothing is asked.
    let id = account.scenario("unasked")["id"].clone();
    let body = json!({"interface": {"input": [], "output": []}});
    account.write(Method::Patch, &format!("/scenarios/{id}/interface"), body);
    let_settle(&account);
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let_settle(&account);
    let _ = plan(&world, &[]);
    assert_eq!(plan(&world, &[]).0, on_demand);
    world.assert_settled();
}

#[test]
fn a_sandbox_that_is_made_anew_is_read_anew() {
    let world = World::new();
    let file = |text: &str| {
        let blueprint = json!({"name": "Sync", "metadata": {}, "flow": [
            {"id": 1, "module": "util:SetVariables", "version": 1, "mapper": {"text": text}}]});
        world.write("raw/sync.json", &blueprint.to_string());
        let _ = world
            .run(&["sandbox", "seed", "--blueprints", "raw"])
            .success();
    };
    file("one");
    let_settle(&account(&world, ""));
    world.edit("makeform.yaml", "[\"manifests/**/*.yaml\"]", "[]");
    let _ = world.run(&["export", "--out", "exported"]).success();
    let cache = world.file(".makeform/sandbox/cache");
    assert!(cache.join("blobs").is_dir());
    let _ = world.run(&["sandbox", "reset"]).success();
    assert!(!cache.exists());
}

/// All that the journals of a project say of a scenario.
fn journalled(world: &World, address: &str) -> String {
    let folder = world.file(".makeform/sandbox");
    let mut found = String::new();
    for folder in [folder.clone(), folder.join("history")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if !path.is_file() || path.extension().is_some_and(|end| end == "redb") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let lines = text
                .lines()
                .filter(|line| line.contains("\"intent\"") && line.contains(address));
            found.extend(lines.map(|line| format!("{line}\n")));
        }
    }
    found
}

#[test]
fn the_journal_has_the_interface_of_what_changes_and_of_what_goes() {
    let world = project("");
    let account = account(&world, "");
    edit(&account, "unasked");
    let_settle(&account);
    assert!(!journalled(&world, "scenario.unasked").contains("other"));
    world.edit("manifests/all.yaml", "Does unasked.", "Does more.");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let changed = journalled(&world, "scenario.unasked");
    let mut changes = changed
        .lines()
        .filter(|line| line.contains("update scenario"));
    assert!(
        changes.any(|line| line.contains(r#""name":"other""#)),
        "{changed}"
    );
    // The plan of a deletion has it, too: an edit of it makes another plan.
    let text = world.read("manifests/all.yaml");
    let at = text.find("---\napiVersion: makeform/v1\nkind: Scenario\nmetadata: { name: unasked }");
    world.write("manifests/all.yaml", &text[..at.unwrap()]);
    let _ = world.run(&["plan", "--out", "review.json"]).success();
    let id = account.scenario("unasked")["id"].clone();
    let body = json!({"interface": {"input": [{"name": "newest", "type": "text"}]}});
    account.write(Method::Patch, &format!("/scenarios/{id}/interface"), body);
    let refused = world.run(&["apply", "review.json"]).exits(3);
    assert!(
        refused.stderr.contains("another than the approved one"),
        "{refused}"
    );
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let gone = journalled(&world, "scenario.unasked");
    let deletion = gone.lines().find(|line| line.contains("delete scenario"));
    assert!(deletion.unwrap().contains(r#""name":"newest""#), "{gone}");
    // The same where all goes.
    let asked = journalled(&world, "scenario.start");
    assert!(!asked.contains("last words"), "{asked}");
    let id = account.scenario("description")["id"].clone();
    let body = json!({"interface": {"output": [{"name": "last words", "type": "text"}]}});
    account.write(Method::Patch, &format!("/scenarios/{id}/interface"), body);
    let destroy = [
        "apply",
        "--destroy",
        "--auto-approve",
        "--allow",
        "mass-delete",
        "--allow",
        "stops-active",
        "--allow",
        "waiting-work",
    ];
    let _ = world.run(&destroy).success();
    let gone = journalled(&world, "scenario.description");
    let deletion = gone.lines().find(|line| line.contains("delete scenario"));
    assert!(deletion.unwrap().contains("last words"), "{gone}");
}
