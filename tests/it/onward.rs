//! What an apply tells while it works, and at its end: for people, and for other programs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::support::{
    examples::{TICKETS_PASSWORD, TICKETS_USER},
    world::{Output, World},
};

/// The guards that stand before taking all of the examples away.
const MEANT: [&str; 11] = [
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

fn with_fault(world: &World, args: &[&str], fault: &str) -> Output {
    let mut command = world.command(args);
    let output = command
        .env("MAKEFORM_SANDBOX", format!("fault {fault}"))
        .output()
        .unwrap();
    Output {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code(),
    }
}

/// The objects of `--progress json`, and what else stands on stderr.
fn told(stderr: &str) -> (Vec<Value>, String) {
    let (objects, others): (Vec<&str>, Vec<&str>) =
        stderr.lines().partition(|line| line.starts_with('{'));
    let objects = objects
        .iter()
        .map(|line| serde_json::from_str(line).unwrap());
    (objects.collect(), others.join("\n"))
}

/// Holds what any run may tell: known events with their keys, totals that are reached, and each
/// step from its beginning to its end, once.
#[track_caller]
fn sound(objects: &[Value], steps: u64) -> BTreeMap<String, String> {
    let mut reading: BTreeMap<String, (u64, Option<u64>)> = BTreeMap::new();
    let mut started = BTreeSet::new();
    let mut ended = BTreeMap::new();
    for object in objects {
        let text = |key: &str| object[key].as_str().unwrap().to_owned();
        let number = |key: &str| object[key].as_u64().unwrap();
        match object["event"].as_str().unwrap() {
            "reading" => {
                let known = (number("done"), object["total"].as_u64());
                reading.insert(text("kind"), known);
            }
            "pace" => assert!(number("requests") > 0 && number("limit") > 0, "{object}"),
            "waiting" => assert!(object["seconds"].is_f64(), "{object}"),
            "step" => {
                let (address, state) = (text("address"), text("state"));
                if state == "started" {
                    assert!(!text("doing").is_empty() && object.get("done").is_none());
                    assert!(started.insert(address), "{object}");
                    continue;
                }
                let keys = [
                    ("done", "what"),
                    ("failed", "reason"),
                    ("skipped", "because"),
                ];
                let (_, key) = keys.iter().find(|(known, _)| *known == state).unwrap();
                assert!(!text(key).is_empty(), "{object}");
                assert!(state == "skipped" || started.contains(&address), "{object}");
                assert_eq!(number("total"), steps, "{object}");
                let before = ended.insert(address, state);
                assert_eq!(before, None, "{object}");
                assert_eq!(number("done"), ended.len() as u64, "{object}");
            }
            other => assert_eq!(other, "online", "{object}"),
        }
    }
    for (kind, (done, total)) in reading {
        assert_eq!(Some(done), total, "{kind}");
    }
    ended
}

#[test]
fn another_program_can_follow_an_apply_to_its_end() {
    let args = ["apply", "--auto-approve", "--progress", "json"];
    let world = World::copy_of("examples");
    let output = world.run(&args).success();
    let (objects, rest) = told(&output.stderr);
    assert_eq!(rest, "", "nothing else is said where all goes well");
    let ended = sound(&objects, 15);
    assert_eq!(ended.len(), 15);
    assert!(ended.values().all(|state| state == "done"), "{ended:?}");
    // Data is data, however progress is told.
    assert!(!output.stdout.contains("\"event\""), "{output}");

    let quiet = World::copy_of("examples");
    let none = ["apply", "--auto-approve", "--progress", "none"];
    let none = quiet.run(&none).success();
    assert_eq!(none.stderr, "");
    let without_times = |text: &str| -> String {
        let lines = text.lines().filter(|line| !line.contains("last edited"));
        lines.map(|line| format!("{line}\n")).collect()
    };
    assert_eq!(without_times(&none.stdout), without_times(&output.stdout));
    let again = quiet.run(&["apply", "--auto-approve"]).success();
    assert_eq!(again.stderr, "", "in a pipe only what takes long is said");
}

#[test]
fn what_fails_and_what_stands_on_it_is_told_to_other_programs_without_a_secret() {
    let args = ["apply", "--auto-approve", "--progress", "json"];
    let world = World::copy_of("examples");
    let output = with_fault(&world, &args, "1st POST /hooks: 409").exits(4);
    let (objects, rest) = told(&output.stderr);
    assert!(
        rest.contains("error[request-refused]: webhook.leads"),
        "{rest}"
    );
    let ended = sound(&objects, 15);
    assert_eq!(ended["webhook.leads"], "failed");
    assert_eq!(ended["scenario.lead-sync"], "skipped");
    assert_eq!(ended.len(), 15);
    let because = objects.iter().find(|object| object["state"] == "skipped");
    assert_eq!(because.unwrap()["because"], "webhook.leads");

    for fault in [
        "1st POST /webhooks: 409",
        "1st POST /webhooks: drop after",
        "9th any: 500",
    ] {
        let world = World::copy_of("examples/unified")
            .with_env("TICKETS_USER", TICKETS_USER)
            .with_env("TICKETS_PASSWORD", TICKETS_PASSWORD);
        let output = with_fault(&world, &args, fault);
        let (objects, _) = told(&output.stderr);
        let steps = objects.iter().filter(|object| object["event"] == "step");
        assert!(steps.count() > 0, "{output}");
        for secret in [TICKETS_USER, TICKETS_PASSWORD] {
            assert!(!output.to_string().contains(secret), "{output}");
        }
    }
}

/// The command that the end of a run names.
#[track_caller]
fn next(output: &Output) -> Vec<String> {
    let (_, last) = output
        .stdout
        .trim_end()
        .rsplit_once("\n  makeform ")
        .unwrap();
    assert!(!last.contains('\n'), "{output}");
    last.split(' ').map(str::to_owned).collect()
}

#[test]
fn an_apply_that_stops_half_way_says_what_was_done_what_not_why_and_what_to_run() {
    let world = World::copy_of("examples");
    let args = ["apply", "--auto-approve"];
    let output = with_fault(&world, &args, "1st POST /hooks: 409").exits(4);
    for line in [
        "  folder.crm: created\n",
        "  webhook.leads: failed: POST /hooks was refused with status 409: The sandbox answers 409",
        "  scenario.lead-sync: skipped, because webhook.leads was not done\n",
        "; 1 failed, 1 skipped.\n",
    ] {
        assert!(output.stdout.contains(line), "{line}\n{output}");
    }
    let next = next(&output);
    assert_eq!(next, ["--target", "sandbox", "apply"]);
    let mut next: Vec<&str> = next.iter().map(String::as_str).collect();
    next.push("--auto-approve");
    let _ = world.run(&next).success();
    world.assert_settled();
}

#[test]
fn what_is_named_next_goes_on_with_what_was_begun_and_with_nothing_else() {
    let world = World::copy_of("examples");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    // Taking everything away: an apply alone would make it all again.
    let destroy = [&["apply", "--destroy"], &MEANT[..]].concat();
    let output = with_fault(&world, &destroy, "1st DELETE /scenarios/*: 409").exits(4);
    let command = next(&output);
    assert_eq!(command, ["--target", "sandbox", "apply", "--destroy"]);
    let mut command: Vec<&str> = command.iter().map(String::as_str).collect();
    command.extend(MEANT);
    let _ = world.run(&command).success();
    let plan = world.run(&["plan", "--destroy", "--detailed-exitcode"]);
    assert!(plan.success().stdout.contains("No changes"));

    // One thing of many.
    let only = ["apply", "--auto-approve", "--only", "folder.crm"];
    let output = with_fault(&world, &only, "1st POST /scenarios-folders: 409").exits(1);
    let command = next(&output);
    assert_eq!(
        command,
        ["--target", "sandbox", "apply", "--only", "folder.crm"]
    );
    let mut command: Vec<&str> = command.iter().map(String::as_str).collect();
    command.push("--auto-approve");
    let done = world.run(&command).success();
    assert!(
        done.stdout.contains("1 added, 0 changed, 0 destroyed"),
        "{done}"
    );
}

#[test]
fn a_way_back_that_stops_half_way_goes_on_as_one() {
    let world = World::copy_of("examples");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.edit(
        "manifests/lead-to-crm/lead-sync.yaml",
        "Copies leads",
        "Carries leads",
    );
    world.edit("manifests/nightly-sync/schedule.yaml", "02:30", "03:15");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let back = ["rollback", "--auto-approve"];
    let output = with_fault(&world, &back, "2nd PATCH /scenarios/*: 409").exits(4);
    let command = next(&output);
    // What was done of it is an apply of its own by now, and not the one to undo.
    assert_eq!(command, ["--target", "sandbox", "rollback", "2"]);
    let mut command: Vec<&str> = command.iter().map(String::as_str).collect();
    command.push("--auto-approve");
    let _ = world.run(&command).success();
    world.edit(
        "manifests/lead-to-crm/lead-sync.yaml",
        "Carries leads",
        "Copies leads",
    );
    world.edit("manifests/nightly-sync/schedule.yaml", "03:15", "02:30");
    world.assert_settled();
}
