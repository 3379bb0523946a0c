//! A ledger in a git remote that is slow, or fails: nothing is sent that is not written down there,
//! and nothing is done twice.

use std::{path::Path, thread, time::Duration};

use serde_json::{Value, json};

use crate::support::{
    account::Account,
    far::{Far, ended, git},
};
use makeform::live::transport::Method;

const APPLY: [&str; 4] = ["apply", "--auto-approve", "--lock-timeout", "60"];

/// The writes of an apply: the intents, and what has come of them.
const INTENTS: &str = "apply #[0-9]+: (request [0-9]+: |[0-9]+ records)";

/// Folders with these names.
fn folders(names: [&str; 3]) -> String {
    let each = ["a", "b", "c"].into_iter().zip(names);
    let each = each.map(|(address, name)| {
        format!(
            "---\napiVersion: makeform/v1\nkind: Folder\nmetadata: {{ name: {address} }}\n\
             spec: {{ name: {name} }}\n"
        )
    });
    each.collect()
}

fn write(machine: &Path, names: [&str; 3]) {
    std::fs::write(machine.join("manifests/all.yaml"), folders(names)).unwrap();
}

/// The folders of the account.
fn made(far: &Far) -> Vec<String> {
    let account = Account::of(&far.world);
    let folders = account.get("/scenarios-folders", &[("teamId", "1")]);
    let folders = folders["scenariosFolders"].as_array().unwrap().iter();
    let mut names: Vec<String> = folders
        .map(|folder| folder["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn nothing_is_sent_before_its_intent_is_stored_however_long_that_takes() {
    let far = Far::new("8");
    let [first, second] =
        ["first", "second"].map(|name| far.machine(name, &folders(["A", "B", "C"])));
    far.meet(INTENTS, "holds");
    let slow = far.command(&first, &APPLY).spawn().unwrap();
    far.met();
    let waits = far.command(&second, &APPLY).spawn().unwrap();
    let refused = far.run(&second, &["apply", "--auto-approve"], 1);
    assert!(refused.contains("ledger-locked"), "{refused}");
    assert!(refused.contains("tester@testhost"), "{refused}");
    // More than half the lease: what is stored then has to be followed by a renewal.
    thread::sleep(Duration::from_millis(4500));
    assert_eq!(far.writes(), 0);
    far.mend();
    ended(&slow.wait_with_output().unwrap(), 0);
    ended(&waits.wait_with_output().unwrap(), 0);
    assert_eq!(far.writes(), 3);
    assert_eq!(made(&far), ["A", "B", "C"]);
    let log = far.log();
    let over = log.iter().find(|line| line.contains("takes the lock over"));
    assert_eq!(over, None, "{log:#?}");
    far.assert_settled(&second);
}

#[test]
fn a_lease_that_ends_sooner_than_a_write_is_said_to_be_too_short() {
    let mut far = Far::new("1");
    let machine = far.machine("one", &folders(["A", "B", "C"]));
    // The intents, and what renews the lock after that: each takes longer than half of it.
    far.meet(&format!("{INTENTS}|renews"), "takes-its-time");
    let said = far.run(&machine, &APPLY, 1);
    assert!(said.contains("ledger-locked"), "{said}");
    assert!(said.contains("MAKEFORM_LEASE"), "{said}");
    assert_eq!(far.writes(), 0);
    far.world.set_env("MAKEFORM_LEASE", Some("10"));
    far.run(&machine, &APPLY, 0);
    far.assert_settled(&machine);
}

#[test]
fn what_can_not_be_written_down_is_not_sent_and_the_next_one_takes_over() {
    let mut far = Far::new("3");
    far.world
        .set_env("MAKEFORM_TIMEOUTS", Some("arrival 1s; ledger 1s"));
    let [first, second] =
        ["first", "second"].map(|name| far.machine(name, &folders(["A", "B", "C"])));
    // The machine is gone once it is to store the intents, and stays so; or says no.
    for (then, told, names) in [
        ("goes", "Connection refused", ["A", "B", "C"]),
        ("refuses", "no pushes today", ["A", "B", "D"]),
    ] {
        write(&first, names);
        write(&second, names);
        let before = (far.writes(), made(&far));
        far.meet(INTENTS, then);
        let said = far.run(&first, &APPLY, 1);
        for words in [
            "ledger-unreachable",
            told,
            "refs/makeform/served of ssh://far.example/",
            ": not reached",
            "The lock was not given back",
            "makeform --target served state unlock",
        ] {
            assert!(said.contains(words), "{words}: {said}");
        }
        assert_eq!((far.writes(), made(&far)), before);
        if then == "goes" {
            let plan = far.run(&second, &["plan"], 1);
            assert!(plan.contains("ledger-unreachable"), "{plan}");
        }
        far.mend();
        let next = far.run(&second, &APPLY, 0);
        assert!(next.contains("Apply complete!"), "{next}");
        assert_eq!(made(&far), names);
        far.assert_settled(&first);
    }
    // Who may not even ask is told so at once.
    far.world.write("far/denied", "");
    let said = far.run(&first, &["plan"], 1);
    assert!(
        said.contains("far.example: Permission denied (publickey)"),
        "{said}"
    );
}

#[test]
fn a_remote_that_comes_back_in_time_is_waited_for() {
    let mut far = Far::new("2");
    far.world
        .set_env("MAKEFORM_TIMEOUTS", Some("arrival 1s; ledger 60s"));
    let machine = far.machine("one", &folders(["A", "B", "C"]));
    // Away for longer than half the lease, while the intents are to be stored.
    far.meet(INTENTS, "goes");
    let apply = far.command(&machine, &APPLY).spawn().unwrap();
    far.met();
    thread::sleep(Duration::from_millis(1500));
    assert_eq!(far.writes(), 0);
    far.mend();
    let said = ended(&apply.wait_with_output().unwrap(), 0);
    assert!(said.contains("Apply complete! 3 added"), "{said}");
    assert_eq!(far.writes(), 3);
    let log = far.log();
    let last = log.last().unwrap();
    assert!(last.ends_with("gives the lock back"), "{log:#?}");
    far.assert_settled(&machine);
}

#[test]
fn a_push_whose_answer_is_lost_or_that_is_lost_itself_is_stored_once() {
    let far = Far::new("30");
    let [first, second] =
        ["first", "second"].map(|name| far.machine(name, &folders(["A", "B", "C"])));
    // Each push is stored, and the line is cut before it is told so.
    far.meet(".", "loses");
    let said = far.run(&first, &APPLY, 0);
    assert!(said.contains("3 added"), "{said}");
    let lost = far.world.read("far/lost").lines().count();
    let log = far.log();
    let whole = [
        "apply takes the lock",
        "begin a generation of the ledger",
        "apply #1 begins",
        "apply #1: 3 records",
        "apply #1: 6 records",
        "apply #1 ended: complete",
        "apply #1 becomes history",
        "apply gives the lock back",
    ];
    assert_eq!((lost, &log[..]), (8, &whole.map(str::to_owned)[..]));
    // Each push dies before it is stored, and is stored when it is sent again.
    far.meet(".", "dies-first");
    write(&second, ["A", "B", "D"]);
    let said = far.run(&second, &APPLY, 0);
    assert!(said.contains("1 changed"), "{said}");
    let again = [
        "apply takes the lock",
        "apply #2 begins",
        "apply #2: request 4: update folder folder.c",
        "apply #2: 2 records",
        "apply #2 ended: complete",
        "apply #2 becomes history",
        "apply gives the lock back",
    ];
    assert_eq!(far.log().split_off(whole.len()), again);
    far.mend();
    assert_eq!(far.writes(), 4);
    assert_eq!(made(&far), ["A", "B", "D"]);
    write(&first, ["A", "B", "D"]);
    far.assert_settled(&first);
    let list = far.run(&first, &["state", "list"], 0);
    assert_eq!(list.matches("folder.").count(), 3, "{list}");
}

#[test]
fn what_was_recorded_from_one_clone_is_applied_from_another_or_refused() {
    let far = Far::new("30");
    let reviewer = far.machine("reviewer", &folders(["A", "B", "C"]));
    git(&reviewer, &["remote", "add", "code", &bare(&far)]);
    let request = |names, branch: &str| {
        write(&reviewer, names);
        git(&reviewer, &["add", "--all"]);
        git(&reviewer, &["commit", "--quiet", "-m", branch]);
        git(
            &reviewer,
            &["push", "--quiet", "code", &format!("HEAD:{branch}")],
        );
        git(&reviewer, &["rev-parse", "HEAD"])
    };
    let merger = far.machine("merger", "");
    git(&merger, &["remote", "add", "code", &bare(&far)]);
    let check_out = |commit: &str| {
        git(&merger, &["fetch", "--quiet", "code"]);
        git(&merger, &["checkout", "--quiet", "--force", commit]);
    };
    let expect = [&APPLY[..1], &["--expect", "recorded"]].concat();

    let head = request(["A", "B", "C"], "one");
    check_out(&head);
    // Nobody has planned it.
    let refused = far.run(&merger, &expect, 3);
    assert!(refused.contains(&head), "{refused}");
    // The line is cut once it is stored.
    far.meet(".", "loses");
    far.run(&reviewer, &["plan", "--record"], 0);
    far.mend();
    let done = far.run(&merger, &expect, 0);
    assert!(done.contains("3 added"), "{done}");
    far.assert_settled(&merger);

    // Somebody changes the account after the review.
    let head = request(["A", "B", "D"], "two");
    far.run(&reviewer, &["plan", "--record"], 0);
    let account = Account::of(&far.world);
    let folders = account.get("/scenarios-folders", &[("teamId", "1")]);
    let folders = folders["scenariosFolders"].as_array().unwrap().clone();
    let moved = folders.iter().find(|folder| folder["name"] == "C").unwrap();
    let path = format!("/scenarios-folders/{}", moved["id"]);
    account.write(Method::Patch, &path, json!({ "name": "Mine" }));
    drop(account);
    let before = far.writes();
    // The merge commit is another one than the head that was reviewed.
    git(&merger, &["checkout", "--quiet", "-b", "trunk"]);
    git(&merger, &["fetch", "--quiet", "code", "two"]);
    git(&merger, &["merge", "--quiet", "--squash", "FETCH_HEAD"]);
    git(&merger, &["commit", "--quiet", "-m", "Squashed"]);
    let nothing = far.run(&merger, &expect, 3);
    assert!(nothing.contains("--commit SHA"), "{nothing}");
    let named = [&expect[..], &["--commit", &head]].concat();
    let refused = far.run(&merger, &named, 3);
    assert!(
        refused.contains("folder.c: it was changed in Make"),
        "{refused}"
    );
    assert_eq!(
        (far.writes(), made(&far)),
        (before, ["A", "B", "Mine"].map(str::to_owned).to_vec())
    );

    // It is planned and recorded anew, under a commit of its own.
    let head = request(["A", "B", "E"], "three");
    far.run(&reviewer, &["plan", "--record"], 0);
    check_out(&head);
    far.run(&merger, &expect, 0);
    far.assert_settled(&merger);
    let plan = far.run(&merger, &["plan", "--format", "json"], 0);
    let plan: Value = serde_json::from_str(plan.trim()).unwrap();
    assert_eq!(plan["steps"], json!([]));
}

/// The remote by its path, for the branches: they are none of makeform's business.
fn bare(far: &Far) -> String {
    far.world.file("far/remote.git").display().to_string()
}

#[test]
fn of_pushes_that_compete_each_is_stored_once() {
    let far = Far::new("30");
    let [first, second] =
        ["first", "second"].map(|name| far.machine(name, &folders(["A", "B", "C"])));
    git(&second, &["add", "--all"]);
    git(&second, &["commit", "--quiet", "-m", "One"]);
    // While the intents are on their way, somebody records a plan: the ref is not as it was.
    far.meet(INTENTS, "holds");
    let apply = far.command(&first, &APPLY).spawn().unwrap();
    far.met();
    far.run(&second, &["plan", "--record"], 0);
    assert_eq!(far.log().last().unwrap(), "plan of served for review");
    assert_eq!(far.writes(), 0);
    far.mend();
    let said = ended(&apply.wait_with_output().unwrap(), 0);
    assert!(said.contains("3 added"), "{said}");
    let log = far.log();
    let at = log
        .iter()
        .position(|line| line == "plan of served for review");
    assert_eq!(log[at.unwrap() + 1], "apply #1: 3 records", "{log:#?}");
    assert_eq!(far.writes(), 3);
    far.assert_settled(&second);
    // What was recorded is kept, and is no plan of what is there now.
    let gone = far.run(&second, &["apply", "--expect", "recorded"], 3);
    assert!(gone.contains("folder.a: create is gone"), "{gone}");
}
