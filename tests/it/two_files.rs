//! Blueprints in two files: what reviewers see of an edit in Make, what a plan makes of it, and
//! raw exports that become both.

use std::process::Command;

use makeform::{live::transport::Method, model::values_equal};
use serde_json::{Value, json};

use crate::support::{account::Account, world::World};

const MANIFEST: &str = r#"apiVersion: makeform/v1
kind: Scenario
metadata: { name: lead-sync }
spec: { name: Lead Sync, blueprint: { file: lead-sync.blueprint.json } }
---
apiVersion: makeform/v1
kind: Webhook
metadata: { name: leads }
spec: { name: Leads, type: custom }
---
apiVersion: makeform/v1
kind: Connection
metadata: { name: slack }
spec: { name: Acme Slack, type: slack }
"#;

/// What Make's editor exports: a router, a filter, an error handler, and all that the editor keeps.
fn export(hook: &Value, connection: &Value) -> Value {
    let kept = |x: i64, y: i64, label: &str| {
        json!({"designer": {"x": x, "y": y}, "restore": {"expect": {"channel": {"label": label}}},
            "expect": [{"name": "text", "type": "text", "label": "Text"}],
            "parameters": [{"name": "__IMTCONN__", "type": "account:slack", "label": "Connection"}]})
    };
    let mut tell = json!({"id": 4, "module": "slack:CreateMessage", "version": 4,
        "parameters": {"__IMTCONN__": connection},
        "mapper": {"channel": "C1", "text": "hello {{1.name}}", "values": {"10": "k", "9": "j"}},
        "filter": {"conditions": [[{"b": "x", "o": "text:equal", "a": "{{1.kind}}"}]], "name": "Known"},
        "onerror": [{"id": 5, "module": "builtin:Ignore", "version": 1, "parameters": {},
                     "mapper": {}, "metadata": {"designer": {"x": 900, "y": 300}}}],
        "metadata": kept(600, -150, "#leads")});
    tell["metadata"]["restore"]["parameters"] = json!({"__IMTCONN__": {"label": "Acme Slack"}});
    json!({
        "name": "Lead Sync",
        "flow": [
            {"id": 1, "module": "gateway:CustomWebHook", "version": 1, "parameters": {"hook": hook,
                "maxResults": 1}, "mapper": {}, "metadata": {"designer": {"x": 0, "y": 0},
                "restore": {"parameters": {"hook": {"label": "Leads"}}},
                "parameters": [{"name": "hook", "type": "hook:gateway-webhook"}],
                "interface": [{"name": "name", "type": "text"}]}, "samples": {"name": "Ada"}},
            {"id": 2, "module": "builtin:BasicRouter", "version": 1, "mapper": null,
             "metadata": {"designer": {"x": 300, "y": 0}}, "routes": [
                {"flow": [tell]},
                {"flow": [{"id": 6, "module": "util:SetVariable", "version": 1, "parameters": {},
                    "mapper": {"name": "note", "value": "first line\nsecond line"},
                    "metadata": {"designer": {"x": 600, "y": 150, "name": "Keep a note"}}}]},
             ]},
        ],
        "metadata": {"instant": true, "version": 1, "zone": "eu1.make.com", "notes": [],
            "designer": {"orphans": []}, "scenario": {"maxErrors": 3, "dlq": true}},
    })
}

/// A project whose manifest names a raw export, applied.
pub(crate) fn applied() -> World {
    let world = World::new();
    world.write("manifests/all.yaml", MANIFEST);
    let raw = export(&json!("${webhook.leads}"), &json!("${connection.slack}"));
    let mut marked = json!({"makeform": 1});
    marked
        .as_object_mut()
        .unwrap()
        .extend(raw.as_object().unwrap().clone());
    world.write("manifests/lead-sync.blueprint.json", &marked.to_string());
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();
    world
}

/// Edits the scenario as somebody in Make's editor would.
pub(crate) fn edit(world: &World, edit: impl FnOnce(&mut Value)) {
    let account = Account::of(world);
    let id = account.scenario("Lead Sync")["id"].clone();
    let mut blueprint = account.blueprint(&id);
    edit(&mut blueprint);
    let body = json!({"blueprint": blueprint.to_string()});
    account.write(Method::Patch, &format!("/scenarios/{id}"), body);
}

fn blueprint(world: &World) -> Value {
    let account = Account::of(world);
    account.blueprint(&account.scenario("Lead Sync")["id"])
}

/// The same with all keys the other way round: Make's server has an order of its own.
fn reordered(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(reordered).collect(),
        Value::Object(map) => {
            let turned = map.iter().rev();
            Value::Object(
                turned
                    .map(|(key, value)| (key.clone(), reordered(value)))
                    .collect(),
            )
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// Moves modules, picks values anew, writes a note, runs it once: nothing of what it does.
pub(crate) fn look_around(blueprint: &mut Value) {
    let tell = "/flow/1/routes/0/flow/0/metadata";
    *blueprint.pointer_mut(tell).unwrap() = json!({"designer": {"x": 750, "y": -300},
        "restore": {"expect": {"channel": {"label": "#all-leads"}},
                    "parameters": {"__IMTCONN__": {"label": "Acme Slack (new)"}}},
        "expect": [{"name": "text", "type": "text", "label": "Message"}],
        "parameters": [{"name": "__IMTCONN__", "type": "account:slack", "label": "Account"}],
        "setupValidation": {"version": 2}});
    blueprint["flow"][1]["metadata"]["designer"]["x"] = json!(350);
    blueprint["flow"][0]["samples"] = json!({"name": "Grace"});
    blueprint["metadata"]["notes"] = json!([{"moduleIds": [4], "content": "<p>Ask Ann</p>"}]);
    blueprint["metadata"]["zone"] = json!("eu2.make.com");
    *blueprint = reordered(blueprint);
}

pub(crate) fn git(world: &World, args: &[&str]) -> String {
    let output = Command::new("git")
        .args([
            "-c",
            "user.name=tester",
            "-c",
            "user.email=tester@acme.example",
        ])
        .args(args)
        .current_dir(world.file("repository"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("HOME", world.path())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {args:?}: {stderr}");
    String::from_utf8(output.stdout).unwrap()
}

/// Exports to a folder that may be a repository, and plans from there.
fn export_to_repository(world: &World) {
    let _ = world.run(&["export", "--out", "repository"]).success();
    for flags in [&[][..], &["--editor"]] {
        let plan = ["-C", "repository", "plan", "--detailed-exitcode"];
        let plan = world.run(&[&plan[..], flags].concat()).success();
        assert!(plan.stdout.contains("No changes"), "{plan}");
        assert!(!plan.stdout.contains("editor's part"), "{plan}");
    }
}

#[test]
fn one_word_in_makes_editor_is_one_line_for_those_who_review_it() {
    let world = applied();
    export_to_repository(&world);
    git(&world, &["init", "-q"]);
    world.write("repository/.gitignore", ".makeform/\n");
    git(&world, &["add", "-A"]);
    git(&world, &["commit", "-qm", "Export"]);
    let attribute = ["check-attr", "linguist-generated"];
    let told = |file: &str| git(&world, &[&attribute[..], &["--", file]].concat());
    let folder = "manifests";
    assert!(told(&format!("{folder}/scenarios/lead-sync.editor.json")).ends_with(": set\n"));
    assert!(
        told(&format!("{folder}/scenarios/lead-sync.blueprint.json")).ends_with(": unspecified\n")
    );

    edit(&world, |blueprint| {
        let text = blueprint
            .pointer_mut("/flow/1/routes/0/flow/0/mapper/text")
            .unwrap();
        *text = json!("welcome {{1.name}}");
        look_around(blueprint);
    });
    git(&world, &["rm", "-rq", folder]);
    export_to_repository(&world);
    git(&world, &["add", "-A"]);
    let changed = git(&world, &["diff", "--cached", "--numstat", "HEAD"]);
    let changed: Vec<&str> = changed.lines().collect();
    let of = |name: &str| changed.iter().find(|line| line.ends_with(name)).copied();
    assert_eq!(changed.len(), 2, "{changed:?}");
    let does = of("lead-sync.blueprint.json").unwrap();
    assert!(does.starts_with("1\t1\t"), "{changed:?}");
    assert!(of("lead-sync.editor.json").is_some(), "{changed:?}");
    let diff = git(
        &world,
        &["diff", "--cached", "-U0", "HEAD", "--", "*.blueprint.json"],
    );
    let lines: Vec<&str> = diff
        .lines()
        .filter(|line| {
            line.starts_with(['+', '-']) && !line.starts_with("+++") && !line.starts_with("---")
        })
        .map(str::trim_end)
        .collect();
    assert_eq!(lines.len(), 2, "{diff}");
    assert!(
        lines[1].contains(r#""text": "welcome {{1.name}}""#),
        "{diff}"
    );

    // A look around alone is nothing for reviewers.
    git(&world, &["commit", "-qm", "Greet otherwise"]);
    edit(&world, look_around);
    edit(&world, |blueprint| {
        blueprint["flow"][1]["metadata"]["designer"]["x"] = json!(1);
    });
    git(&world, &["rm", "-rq", folder]);
    export_to_repository(&world);
    git(&world, &["add", "-A"]);
    let changed = git(&world, &["diff", "--cached", "--name-only", "HEAD"]);
    assert_eq!(changed.lines().count(), 1, "{changed}");
    assert!(changed.ends_with("lead-sync.editor.json\n"), "{changed}");
}

#[test]
fn the_two_files_of_an_export_are_the_account_s_blueprint_and_export_twice_writes_the_same() {
    let world = applied();
    edit(&world, look_around);
    export_to_repository(&world);
    let path = "repository/manifests/scenarios/lead-sync.blueprint.json";
    let does = world.read(path);
    for editors in [
        "designer\": {\n            \"x\"",
        "restore",
        "samples",
        "notes",
        "zone",
        "expect",
    ] {
        assert!(!does.contains(editors), "{editors}:\n{does}");
    }
    assert!(
        does.contains("\"name\": \"Keep a note\"") && does.contains("${webhook.leads}"),
        "{does}"
    );
    let does: Value = serde_json::from_str(&does).unwrap();
    let editor = world.read("repository/manifests/scenarios/lead-sync.editor.json");
    let editor: Value = serde_json::from_str(&editor).unwrap();
    let editor = makeform::model::blueprint::EditorPart::from_value(editor);
    let mut joined = makeform::model::blueprint::join(does, editor);
    joined.as_object_mut().unwrap().remove("makeform");
    let mut whole = blueprint(&world);
    whole["metadata"].as_object_mut().unwrap().remove("instant");
    whole["flow"][0]["parameters"]["hook"] = json!("${webhook.leads}");
    let connection = "/flow/1/routes/0/flow/0/parameters/__IMTCONN__";
    *whole.pointer_mut(connection).unwrap() = json!("${connection.acme-slack}");
    assert!(values_equal(&joined, &whole), "{joined:#}\n{whole:#}");

    world.write("repository/.gitattributes", "*.png binary");
    let _ = world.run(&["export", "--out", "repository"]).success();
    let attributes = world.read("repository/.gitattributes");
    assert_eq!(
        attributes,
        "*.png binary\n*.editor.json linguist-generated\n"
    );
    let again = world.run(&["export", "--out", "repository"]).success();
    assert!(again.stderr.starts_with("0 files written to "), "{again}");
}

#[test]
fn what_the_editor_did_is_a_line_until_it_is_asked_for() {
    let world = applied();
    edit(&world, look_around);
    let line = "# scenario.lead-sync: only the editor's part differs, in 3 of 5 modules and the \
                canvas; --editor applies it";
    let plan = world.run(&["plan", "--detailed-exitcode"]).success();
    assert!(
        plan.stdout.contains(line) && plan.stdout.contains("No changes."),
        "{plan}"
    );
    let json = world.run(&["plan", "--format", "json"]).success();
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(
        json["editor"],
        json!([{"address": "scenario.lead-sync", "modules": ["1", "2", "4"], "canvas": true}])
    );
    let writes = world.writes();
    let _ = world.run(&["apply", "--auto-approve"]).success();
    assert_eq!(world.writes(), writes);

    // With a change beside it, the digests tell the two apart.
    world.edit(
        "manifests/lead-sync.blueprint.json",
        "hello {{1.name}}",
        "dear {{1.name}}",
    );
    let digest = |flags: &[&str]| {
        let plan = world
            .run(&[&["plan", "--format", "json"], flags].concat())
            .success();
        let plan: Value = serde_json::from_str(&plan.stdout).unwrap();
        plan["digest"].as_str().unwrap().to_owned()
    };
    let (without, with) = (digest(&[]), digest(&["--editor"]));
    assert_ne!(without, with);
    let _ = world
        .run(&["apply", "--editor", "--expect", &without])
        .exits(3);
    let _ = world.run(&["apply", "--expect", &with]).exits(3);
    let _ = world.run(&["apply", "--expect", &without]).success();
    world.assert_settled();
    let whole = blueprint(&world);
    let tell = whole.pointer("/flow/1/routes/0/flow/0").unwrap();
    assert_eq!(tell["mapper"]["text"], "dear {{1.name}}");
    assert_eq!(
        tell["metadata"]["designer"],
        json!({"x": 750, "y": -300}),
        "it stays where it is"
    );
    assert_eq!(
        tell["metadata"]["restore"]["expect"]["channel"]["label"], "#leads",
        "the file's"
    );
    assert_eq!(
        whole["flow"][1]["metadata"]["designer"]["x"], 350,
        "untouched"
    );

    let plan = world
        .run(&["plan", "--editor", "--detailed-exitcode"])
        .exits(2);
    assert!(
        plan.stdout
            .contains("~ editor: 3 of 5 modules and the canvas"),
        "{plan}"
    );
    let _ = world
        .run(&["apply", "--editor", "--auto-approve"])
        .success();
    let plan = world
        .run(&["plan", "--editor", "--detailed-exitcode"])
        .success();
    assert!(plan.stdout.contains("No changes."), "{plan}");
    let plan = world.run(&["plan", "--detailed-exitcode"]).success();
    assert!(!plan.stdout.contains("editor's part"), "{plan}");
    assert_eq!(
        blueprint(&world)["flow"][1]["metadata"]["designer"]["x"],
        300
    );
}

#[test]
fn modules_without_a_place_are_laid_out_and_lie_on_top_of_none() {
    let world = applied();
    let text = world.read("manifests/lead-sync.blueprint.json");
    let mut document: Value = serde_json::from_str(&text).unwrap();
    let routes = document
        .pointer_mut("/flow/1/routes")
        .unwrap()
        .as_array_mut()
        .unwrap();
    let new = |id: u64| {
        json!({"id": id, "module": "util:SetVariable", "version": 1,
        "parameters": {}, "mapper": {"name": "a", "value": "b"}})
    };
    routes[0]["flow"].as_array_mut().unwrap().insert(0, new(10));
    routes.push(json!({"flow": [new(11), new(12)]}));
    world.write("manifests/lead-sync.blueprint.json", &document.to_string());
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();
    let whole = blueprint(&world);
    let mut places = Vec::new();
    for module in makeform::model::blueprint::modules(&whole) {
        let designer = module.value.pointer("/metadata/designer");
        let place = makeform::model::blueprint::place_of(designer);
        places.push((
            module.key.clone(),
            place.unwrap_or_else(|| panic!("{} has none", module.key)),
        ));
    }
    assert_eq!(places.len(), 8);
    for (index, (one, at)) in places.iter().enumerate() {
        for (other, there) in places.iter().skip(index + 1) {
            let far = (at.0 - there.0).abs() >= 150.0 || (at.1 - there.1).abs() >= 150.0;
            assert!(far, "{one} and {other}");
        }
    }
}

#[test]
fn a_raw_export_becomes_two_files_with_references_where_they_are_certain() {
    let world = applied();
    let whole = blueprint(&world);
    world.write(
        "manifests/lead-sync.blueprint.json",
        &format!("\u{feff}{whole}"),
    );
    let _ = world.run(&["plan", "--detailed-exitcode"]).success();

    let files = "manifests/lead-sync.blueprint.json\nmanifests/lead-sync.editor.json\n";
    let check = world.run(&["fmt", "--check"]).exits(2);
    assert_eq!(check.stdout, files);
    assert!(!world.file("manifests/lead-sync.editor.json").exists());
    let done = world.run(&["fmt"]).success();
    assert_eq!(done.stdout, files);
    assert!(!done.stderr.contains("uncertain"), "{done}");
    let does = world.read("manifests/lead-sync.blueprint.json");
    // The ledger knows the one, the editor left the name of the other.
    assert!(does.contains("\"hook\": \"${webhook.leads}\""), "{does}");
    assert!(
        does.contains("\"__IMTCONN__\": \"${connection.slack}\""),
        "{does}"
    );
    assert!(
        does.starts_with("{\n  \"makeform\": 1,\n  \"name\": \"Lead Sync\""),
        "{does}"
    );
    assert!(!does.contains("restore"), "{does}");
    assert_eq!(
        world.read(".gitattributes"),
        "*.editor.json linguist-generated\n"
    );
    let again = world.run(&["fmt"]).success();
    assert_eq!(again.stdout, "");
    let _ = world.run(&["fmt", "--check"]).success();
    let plan = world
        .run(&["plan", "--editor", "--detailed-exitcode"])
        .success();
    assert!(plan.stdout.contains("No changes."), "{plan}");

    // What people type is put in order; what nothing explains stays, and is said.
    world.edit(
        "manifests/lead-sync.blueprint.json",
        "\"${connection.slack}\"",
        "999",
    );
    world.edit("manifests/lead-sync.blueprint.json", "\n", "\r\n");
    world.edit("manifests/lead-sync.editor.json", "Acme Slack", "Another");
    let said = world.run(&["fmt"]).success();
    assert!(
        said.stderr
            .contains("connection 999 (`Another`) in module 4 is none that a manifest"),
        "{said}"
    );
    assert_eq!(said.stdout, "manifests/lead-sync.blueprint.json\n");
    assert!(
        !world
            .read("manifests/lead-sync.blueprint.json")
            .contains('\r')
    );
    world.edit("manifests/lead-sync.blueprint.json", "\"flow\"", "flow");
    let refused = world.run(&["fmt"]).exits(1);
    assert!(
        refused.stderr.contains("lead-sync.blueprint.json:4"),
        "{refused}"
    );
}

#[test]
fn what_an_export_can_t_bring_back_is_not_left_beside_it() {
    let world = World::new();
    let account = Account::of(&world);
    drop(account.create_scenario("Bare"));
    drop(account);
    world.write(
        "repository/manifests/scenarios/bare.editor.json",
        "{\"modules\": {}}",
    );
    let refused = world.run(&["export", "--out", "repository"]).exits(1);
    assert!(
        refused.stderr.contains("bare.editor.json exists"),
        "{refused}"
    );
    assert!(
        !world
            .file("repository/manifests/scenarios/bare.yaml")
            .exists()
    );
}
