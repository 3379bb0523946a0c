//! Secrets of all sorts in an account, and what export and validate make of them.

mod garden;

use std::{collections::BTreeSet, fs, path::Path};

use base64::Engine as _;
use serde_json::{Value, json};

use self::garden::{Garden, header, http, planted};
use crate::support::world::{Output, World};

/// All that a folder holds, in one text.
fn all_of(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all_of(&path, all);
        } else {
            all.push_str(&path.display().to_string());
            all.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

fn assert_none(planted: &[String], text: &str, what: &str) {
    let engine = base64::engine::general_purpose::STANDARD;
    for secret in planted {
        let encoded = engine.encode(secret);
        let escaped = secret.replace('/', "%2F").replace('=', "%3D");
        for form in [secret, &encoded, &escaped] {
            let at = text.find(form.as_str());
            let from = at.map_or(0, |at| at.saturating_sub(200));
            let near = at.map(|at| String::from_utf8_lossy(&text.as_bytes()[from..at + 10]));
            assert!(at.is_none(), "`{secret}` is in {what}: {}", near.unwrap());
        }
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", output.stdout, output.stderr)
}

#[test]
fn fifty_planted_secrets_reach_no_file_and_planning_from_it_shows_no_changes() {
    let (mut world, planted) = planted();
    let distinct: BTreeSet<&String> = planted.iter().collect();
    assert!(distinct.len() >= 50, "{}", distinct.len());
    // What is said of the files that hold them shows none.
    let told = world.run(&["validate"]).success();
    assert_none(&planted, &said(&told), "what validate says");
    let count = told.stderr.matches("warning[literal-secret]").count();
    assert!(count >= 50, "{count} of {} told", distinct.len());
    assert_none(&planted, &said(&world.run(&["plan"]).success()), "a plan");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();

    let exported = world.run(&["export", "--out", "exported"]).success();
    assert_none(&planted, &said(&exported), "what export says");
    let mut all = String::new();
    all_of(&world.file("exported"), &mut all);
    assert_none(&planted, &all, "an exported file");
    let example = world.read("exported/.env.example");
    assert!(
        example.lines().filter(|line| line.ends_with('=')).count() >= 50,
        "{example}"
    );

    // Without the values nothing is sent: it does not even plan.
    let unset = world
        .run(&["-C", "exported", "apply", "--auto-approve"])
        .exits(1);
    assert!(unset.stderr.contains("error[unset-variable]"), "{unset}");

    // Exporting again without them changes not a byte.
    let again = world.run(&["export", "--out", "exported"]).success();
    assert!(again.stderr.contains("0 files written"), "{again}");
    let mut once_more = String::new();
    all_of(&world.file("exported"), &mut once_more);
    assert_eq!(all, once_more);

    let found = world.set_found(&[], "exported");
    let values: BTreeSet<&String> = found.values().collect();
    for secret in &distinct {
        assert!(
            values.iter().any(|value| value.contains(secret.as_str())),
            "{secret}"
        );
    }
    let inside = |args: &[&str]| world.run(&[&["-C", "exported"], args].concat());
    let valid = inside(&["validate"]).success();
    assert!(!valid.stderr.contains("literal-secret"), "{valid}");
    let plan = inside(&["plan", "--detailed-exitcode", "--editor"]).success();
    assert!(plan.stdout.contains("No changes"), "{plan}");
    assert_none(&planted, &said(&plan), "a plan");
}

#[expect(clippy::print_stderr, reason = "CI shows what was flagged")]
fn say(text: &str) {
    eprintln!("{text}");
}

#[test]
fn look_alikes_are_exported_as_they_are() {
    let lines = include_str!("../../../src/model/secret/look_alikes.txt").lines();
    let lines: Vec<&str> = lines.filter(|line| !line.starts_with('#')).collect();
    let module = |(id, line): (u64, &&str)| {
        let (place, rest) = line.split_once(' ').unwrap();
        let (name, value) = rest.split_once(" = ").unwrap_or(("text", rest));
        let mapper = match place {
            "header" => json!({"headers": [{"name": name, "value": value}]}),
            "query" => json!({"qs": [{"name": name, "value": value}]}),
            _ => json!({name: value}),
        };
        http(id, mapper)
    };
    let flow: Vec<Value> = (1..).zip(&lines).map(module).collect();
    assert!(flow.len() >= 200);
    let blueprint = json!({"name": "Harmless", "flow": flow, "metadata": {"version": 1}});
    let world = World::new();
    world.write("raw/Harmless.json", &blueprint.to_string());
    let _ = world
        .run(&["sandbox", "seed", "--blueprints", "raw"])
        .success();
    let exported = world.run(&["export", "--out", "exported"]).success();
    let text = world.read("exported/manifests/scenarios/harmless.blueprint.json");
    // One of them is a reference as it stands, which is escaped.
    let flagged = text.matches("${env.").count() - text.matches("$${env.").count();
    say(&format!("{flagged} of {} look-alikes flagged", lines.len()));
    assert!(flagged <= 2, "{flagged}: {exported}");
}

#[cfg(unix)]
#[test]
fn kept_secrets_are_in_files_that_nobody_else_can_read() {
    use std::os::unix::fs::PermissionsExt as _;

    let (world, planted) = planted();
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let mode = |name: &str| fs::metadata(world.file(name)).unwrap().permissions().mode() & 0o777;
    for _ in 0..2 {
        let kept = world
            .run(&["export", "--keep-secrets", "--out", "kept"])
            .success();
        assert!(
            kept.stderr.contains("warning[export-secret-kept]"),
            "{kept}"
        );
        assert_none(&planted, &said(&kept), "what export says");
        let blueprint = "kept/manifests/scenarios/planted.blueprint.json";
        let text = world.read(blueprint);
        assert!(
            planted
                .iter()
                .filter(|secret| text.contains(secret.as_str()))
                .count()
                >= 40
        );
        assert_eq!(mode(blueprint), 0o600);
        assert_eq!(mode("kept/makeform.yaml"), 0o600);
        assert_eq!(mode("kept/manifests/variables.yaml"), 0o600);
        assert!(!world.file("kept/.env.example").exists());
        // As somebody may have left it.
        let open = fs::Permissions::from_mode(0o644);
        fs::set_permissions(world.file(blueprint), open).unwrap();
    }
    let plan = world.run(&["-C", "kept", "plan", "--detailed-exitcode", "--editor"]);
    assert!(plan.success().stdout.contains("No changes"));
}

#[test]
fn labels_without_addresses_are_all_that_is_lost_with_no_personal_data() {
    let world = World::new();
    let module = json!({"id": 1, "module": "gmail:Send", "version": 1, "parameters": {},
        "mapper": {"to": "bob@partner.example"}, "metadata": {"designer": {"x": 0, "y": 0},
            "restore": {"expect": {"from": {"label": "My Google (mia.doe@acme.example)"}}},
            "interface": [{"name": "from", "sample": "ann@acme.example"}]}});
    let blueprint = json!({"name": "Mails", "flow": [module],
        "metadata": {"version": 1, "notes": [{"content": "ask eve@acme.example"}]}});
    world.write("raw/Mails.json", &blueprint.to_string());
    let _ = world
        .run(&["sandbox", "seed", "--blueprints", "raw"])
        .success();
    let _ = world.run(&["export", "--out", "whole"]).success();
    let whole = world.read("whole/manifests/scenarios/mails.editor.json");
    assert_eq!(whole.matches("@acme.example").count(), 3, "{whole}");
    let does = world.read("whole/manifests/scenarios/mails.blueprint.json");
    assert!(!does.contains("@acme.example") && does.contains("bob@partner.example"));

    let _ = world
        .run(&["export", "--no-personal-data", "--out", "bare"])
        .success();
    let bare = world.read("bare/manifests/scenarios/mails.editor.json");
    assert!(
        !bare.contains('@') && bare.contains("My Google (e-mail removed)"),
        "{bare}"
    );
    assert_eq!(
        does,
        world.read("bare/manifests/scenarios/mails.blueprint.json")
    );
    let plan = world
        .run(&["-C", "bare", "plan", "--detailed-exitcode"])
        .success();
    assert!(plan.stdout.contains("No changes"), "{plan}");
}

#[test]
fn a_project_that_is_there_gets_the_variables_declared_and_keeps_the_names_it_gave() {
    let mut world = World::new();
    let mut g = Garden::default();
    let (one, two) = (g.key(24), g.key(24));
    let call = |id: u64, key: &str| {
        let mut module = header("Authorization", format!("Bearer {key}"));
        module["id"] = json!(id);
        module
    };
    let blueprint = json!({"name": "Calls", "flow": [call(1, &one), call(2, &two), call(3, &one)],
        "metadata": {"version": 1}});
    world.write("raw/Calls.json", &blueprint.to_string());
    let _ = world
        .run(&["sandbox", "seed", "--blueprints", "raw"])
        .success();
    world.write(
        "makeform.yaml",
        "apiVersion: makeform/v1\nkind: Project\nmetadata: { name: acme }\nspec:\n  \
         manifests: [\"manifests/**/*.yaml\"] # all\n  env:\n    - OURS # ours\n  \
         targets:\n    sandbox: { url: \"sandbox:\" }\n",
    );
    let _ = world.run(&["export"]).success();
    let project = world.read("makeform.yaml");
    let declared = "    - OURS # ours\n    - CALLS_1_AUTHORIZATION\n    - CALLS_2_AUTHORIZATION\n";
    assert!(
        project.contains(declared) && project.contains("# all"),
        "{project}"
    );
    let path = "manifests/scenarios/calls.blueprint.json";
    assert_eq!(
        world
            .read(path)
            .matches("${env.CALLS_1_AUTHORIZATION}")
            .count(),
        2
    );

    // Somebody gives it a better name; whether it is set or not, export leaves that.
    world.edit(path, "CALLS_1_AUTHORIZATION", "CRM_TOKEN");
    world.edit("makeform.yaml", "CALLS_1_AUTHORIZATION", "CRM_TOKEN");
    for value in [None, Some(one.as_str()), None] {
        world.set_env("CRM_TOKEN", value);
        let again = world.run(&["export"]).success();
        assert!(
            again.stderr.contains("0 files written") || again.stderr.contains("1 file written"),
            "{again}"
        );
        assert_eq!(world.read(path).matches("${env.CRM_TOKEN}").count(), 2);
        assert_none(&g.planted, &said(&again), "what export says");
    }
    world.set_env("CRM_TOKEN", Some(&one));
    world.set_env("CALLS_2_AUTHORIZATION", Some("something-else-4711"));
    let other = world.run(&["export"]).success();
    assert!(
        other
            .stderr
            .contains("Set to something else than the account has"),
        "{other}"
    );
    world.set_env("CALLS_2_AUTHORIZATION", Some(&two));
    world.assert_settled();
}
