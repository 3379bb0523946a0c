//! Every command, as a user runs it.

use std::{io::Read as _, process::Stdio};

use makeform::live::transport::Method;
use serde_json::{Value, json};

use super::{
    logins::logins,
    story::{APPLY, Dialect, Story},
};
use crate::support::{account::Account, hunt::files, logging_in::Visitor, world::Output};

/// The plan, in every form.
fn plans(story: &mut Story) {
    let _ = story.run(&["plan"]).success();
    let _ = story
        .run(&["plan", "--refresh", "--format", "json"])
        .success();
    let _ = story.run(&["plan", "--out", "plan.json"]).success();
    let _ = story.run(&["plan", "--html", "plan.html"]).success();
    for format in ["mermaid", "dot", "svg"] {
        let _ = story.run(&["graph", "--format", format]).success();
    }
    for format in ["markdown", "github"] {
        let _ = story.run(&["plan", "--format", format]).success();
    }
    let _ = story.run(&["plan", "--markdown", "plan.md"]).success();
    let _ = story.run(&["plan", "--summary"]).success();
    let commit = "4f1c2b7d9e8a3c6f5b0d1e2a7c9f8b6d3e4a5c1f";
    let recorded = ["plan", "--record", "--commit", commit];
    // The first of a commit stays.
    let recorded = story.run(&recorded);
    assert!(matches!(recorded.code, Some(0 | 3)), "{recorded}");
}

/// What can be asked of things that are applied.
fn questions(story: &mut Story) {
    let list = story.run(&["state", "list"]).success();
    let addresses: Vec<&str> = list
        .stdout
        .split_whitespace()
        .filter(|word| {
            ["scenario.", "webhook.", "variable."]
                .iter()
                .any(|kind| word.starts_with(kind))
        })
        .collect();
    assert!(addresses.len() >= 4, "{list}");
    for address in addresses {
        let _ = story.run(&["state", "show", address]).success();
    }
    for format in ["text", "json"] {
        let _ = story.run(&["status", "--format", format]).success();
        let _ = story.run(&["auth", "status", "--format", format]).success();
        let _ = story.run(&["doctor", "--format", format]);
        let _ = story.run(&["drift", "--format", format]);
    }
    for format in ["text", "json", "github", "sarif"] {
        let _ = story.run(&["validate", "--format", format]).success();
    }
}

/// Runs, and what is told of them.
fn running(story: &mut Story) {
    let input = ["run", "scenario.runs", "--input", "slow.json"];
    let started = story.run(&input).success();
    let slow = started.stdout.trim();
    let _ = story
        .run(&["executions", "stop", "scenario.runs", slow])
        .success();
    let json = story.run(&["run", "scenario.kept", "--wait", "--format", "json"]);
    let run: Value = serde_json::from_str(&json.stdout).unwrap();
    let failed = run["execution"].as_str().unwrap();
    for format in ["text", "json"] {
        let _ = story
            .run(&["executions", "list", "scenario.kept", "--format", format])
            .success();
        let _ = story
            .run(&[
                "executions",
                "show",
                "scenario.kept",
                failed,
                "--format",
                format,
            ])
            .success();
        let list = story.run(&["incomplete", "list", "--format", format]);
        let id = list
            .stdout
            .split('"')
            .find(|word| word.len() == 32)
            .unwrap_or("0123")
            .to_owned();
        let _ = story.run(&[
            "incomplete",
            "show",
            "scenario.kept",
            &id,
            "--format",
            format,
        ]);
        if format == "json" {
            let _ = story.run(&["incomplete", "retry", "scenario.kept", &id]);
            let _ = story.run(&["incomplete", "delete", "scenario.kept", &id]);
        }
    }
}

/// Somebody edits scenarios in Make, and writes tokens into them.
pub(super) fn edited_by_hand(story: &mut Story) {
    for (name, value) in [
        ("literal header", "canary-literal-7c2Rt55KpW9-header"),
        ("literal field", "canary-literal-7c2Rt55KpW9-apikey"),
        ("literal by hand", "canary-literal-7c2Rt55KpW9-byhand"),
        ("literal vendor", "xoxb-7312998104321-canaryQzLm81Lm0xPq"),
        (
            "literal hook",
            "https://hook.eu1.make.com/canary7c2rt55kpw9lmx0qz81abcd",
        ),
        ("literal basic", "canary7c2Rt55KpW9basic"),
    ] {
        story.hunt.add(name, value);
    }
    let account = Account::of(&story.account);
    for hook in account.hooks() {
        let url = hook["url"].as_str().unwrap();
        story.hunt.add(
            &format!("hook {}", hook["name"]),
            url.rsplit('/').next().unwrap(),
        );
    }
    let edit = |name: &str, edit: &dyn Fn(&mut Value)| {
        let row = account.scenario(name);
        let mut blueprint = account.blueprint(&row["id"]);
        edit(&mut blueprint);
        let path = format!("/scenarios/{}", row["id"]);
        account.write(
            Method::Patch,
            &path,
            json!({ "blueprint": blueprint.to_string() }),
        );
    };
    let literal = |module: &mut Value| {
        module["mapper"]["headers"] = json!([
            { "name": "authorization", "value": "Bearer canary-literal-7c2Rt55KpW9-header" },
            { "name": "x-more", "value": "xoxb-7312998104321-canaryQzLm81Lm0xPq" },
        ]);
        module["mapper"]["apiKey"] = json!("canary-literal-7c2Rt55KpW9-apikey");
        module["mapper"]["hook"] = json!("https://hook.eu1.make.com/canary7c2rt55kpw9lmx0qz81abcd");
        module["mapper"]["db"] = json!("https://ann:canary7c2Rt55KpW9basic@db.example/x");
    };
    // In one that is to change back, and in a module that is not ours to change.
    edit("Caller", &|blueprint| {
        literal(&mut blueprint["flow"][1]);
    });
    edit("Kept", &|blueprint| literal(&mut blueprint["flow"][2]));
    let id = account.create_scenario("By hand");
    let blueprint = json!({ "name": "By hand", "metadata": {}, "flow": [{
        "id": 1, "module": "http:ActionSendData", "version": 3, "mapper": {
            "url": "https://b.example",
            "headers": [{ "name": "x-api-key", "value": "canary-literal-7c2Rt55KpW9-byhand" }],
        }
    }] });
    account.write(
        Method::Patch,
        &format!("/scenarios/{id}"),
        json!({ "blueprint": blueprint.to_string() }),
    );
}

/// Exports: each place of a secret in a live blueprint is named, and only who asks for it finds the
/// secret itself in the files.
fn exported(story: &mut Story) {
    let export = story.run(&["export", "--out", "exported"]).success();
    assert!(export.stderr.contains("headers.0.value"), "{export}");
    let _ = story
        .run(&["export", "--keep-secrets", "--out", "kept"])
        .success();
    story.assert_in("kept", "literal by hand");
    // From there it is planned, applied and known like any other.
    story.key("MAKE_API_KEY", "ca4a7e00-2222-4222-8333-0000deadbeef");
    for args in [
        &["plan"][..],
        &["plan", "--format", "json"],
        &["fmt"],
        &APPLY,
    ] {
        let ours = [args, &["-C", "kept"]].concat();
        let output = story.run(&ours);
        assert_eq!(output.code, Some(0), "{output}");
    }
}

/// Back to before the last apply, when secrets were others, and forth again.
fn back_and_forth(story: &mut Story) {
    let _ = story.run(&["rollback", "--dry-run"]).success();
    let json = ["rollback", "--dry-run", "--format", "json"];
    let _ = story.run(&json).success();
    let out = ["rollback", "--out", "back.json"];
    let _ = story.run(&out).success();
    let back = [
        "rollback",
        "--auto-approve",
        "--allow",
        "placeholder-value",
        "--allow",
        "rollback-overwrites",
        "--allow",
        "stops-active",
    ];
    let _ = story.run(&back).success();
    let _ = story.run(&APPLY).success();
    let _ = story.run(&["plan", "--detailed-exitcode"]).success();
}

/// What else there is to type.
fn the_rest(story: &mut Story) {
    for format in ["text", "json"] {
        let history = ["state", "history", "--format", format];
        let _ = story.run(&history).success();
    }
    let pulled = story.run(&["state", "pull"]).success();
    assert!(pulled.stdout.contains("makeform/ledger/v1"), "{pulled}");
    let _ = story.run(&["state", "push", "makeform.yaml"]).exits(1);
    let _ = story.run(&["state", "unlock"]).success();
    let _ = story.run(&["state", "migrate", "--from", "git"]).exits(1);
    let _ = story
        .run(&["state", "mv", "scenario.caller", "scenario.called"])
        .success();
    let _ = story
        .run(&["state", "mv", "scenario.called", "scenario.caller"])
        .success();
    let _ = story.run(&["state", "rm", "webhook.leads"]).success();
    let hooks = Account::of(&story.account).hooks();
    let hook = hooks.iter().find(|hook| hook["name"] == "Leads");
    let hook = hook.unwrap()["id"].to_string();
    let _ = story
        .run(&["import", "webhook.leads", "no-such-id"])
        .exits(1);
    let _ = story.run(&["import", "webhook.leads", &hook]).success();
    let _ = story.run(&["explain", "no-token"]).success();
    let _ = story.run(&["schema"]).success();
    let _ = story.run(&["completions", "bash"]).success();
    let _ = story.run(&["man"]).success();
    story.world.write("begun/README", "");
    let _ = story.run(&["init", "-C", "begun", "--force"]).success();
    let _ = story
        .run(&["sandbox", "seed", "--scenarios", "2", "--world", "toy"])
        .success();
    let _ = story.run(&["sandbox", "stats", "--world", "toy"]).success();
    let _ = story.run(&["sandbox", "reset", "--world", "toy"]).success();
    let _ = story.run(&["sandbox", "quirks"]).success();
    served(story);
}

/// A server of the program's own is shown a key and a secret, and says nothing of them.
fn served(story: &mut Story) {
    let args = [
        "sandbox",
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--world",
        "toy",
    ];
    let mut command = story.world.command(&args);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = Vec::new();
    let mut stderr = child.stderr.take().unwrap();
    while !said.ends_with(b"\n") {
        let mut byte = [0];
        stderr.read_exact(&mut byte).unwrap();
        said.extend(byte);
    }
    let line = String::from_utf8(said.clone()).unwrap();
    let url = line
        .split_whitespace()
        .find(|word| word.starts_with("http"))
        .unwrap();
    let status = Visitor::new().get(&format!(
        "{url}/users/me?token={}",
        "ca4a7e00-1111-4222-8333-0000deadbeef"
    ));
    assert_eq!(status.status, 401);
    child.kill().unwrap();
    child.wait().unwrap();
    stderr.read_to_end(&mut said).unwrap();
    let output = Output {
        stdout: String::new(),
        stderr: String::from_utf8(said).unwrap(),
        code: Some(0),
    };
    story.saw(&args, &output);
}

fn life(dialect: Dialect) {
    let mut story = Story::new(dialect);
    let far = story.far();
    plans(&mut story);
    let _ = story.run(&["apply", "plan.json"]).success();
    let _ = story.run(&["plan", "--detailed-exitcode"]).success();
    assert!(story.parrot.heard("ca4a7e00-1111-4222-8333-0000deadbeef"));
    questions(&mut story);
    running(&mut story);
    story.assert_nowhere();

    edited_by_hand(&mut story);
    plans(&mut story);
    questions(&mut story);
    match dialect {
        Dialect::Zone => {
            // Blueprints are kept, and sealed: what is below looks in there, too.
            let blobs = files(&story.world.file(".makeform/main/cache/blobs"));
            let kept = blobs.iter().map(|path| path.metadata().unwrap().len());
            assert!(kept.sum::<u64>() > 1000, "{blobs:?}");
        }
        Dialect::Unified => assert!(!story.world.file(".makeform/main/cache").exists()),
    }
    exported(&mut story);
    story.assert_nowhere();

    story.rotate(2);
    plans(&mut story);
    let _ = story.run(&APPLY).success();
    let _ = story.run(&["plan", "--detailed-exitcode"]).success();
    questions(&mut story);
    back_and_forth(&mut story);
    the_rest(&mut story);
    logins(&mut story);
    story.saw_far(far);
    story.assert_nowhere_at_all();
    story.assert_all_ran();
}

#[test]
fn no_command_shows_or_keeps_a_secret_in_the_zone_dialect() {
    life(Dialect::Zone);
}

#[test]
fn no_command_shows_or_keeps_a_secret_in_the_unified_dialect() {
    life(Dialect::Unified);
}
