//! An apply that is killed between a change of a scenario and the look at it: the next one looks,
//! and does what the manifest says of one that does not work.

use std::{fs, path::PathBuf};

use crate::{
    health::{BREAKS, GOOD, RUNNING, break_it, form, mend_it, world},
    support::{account::Account, far::Far, world::World},
};

/// Where an apply dies: before a request is sent, after it left, after its answer came, after
/// the journal's line about it was on disk.
const POINTS: [&str; 4] = ["before-send", "after-send", "after-answer", "after-journal"];

/// Kills an apply at each moment until one comes to its end, and tells what comes then.
fn killed(prepare: impl Fn() -> World, end: i32, then: impl Fn(&World, &str)) {
    for point in POINTS {
        for number in 1.. {
            let world = prepare();
            let moment = format!("{point}:{number}");
            let mut command = world.command(&["apply", "--auto-approve"]);
            let output = command.env("MAKEFORM_FAILPOINT", &moment).output().unwrap();
            if output.status.code().is_some() {
                assert_eq!(output.status.code(), Some(end), "{moment}: {output:?}");
                assert!(number > 1, "{point} comes up too seldom");
                break;
            }
            then(&world, &moment);
        }
    }
}

/// What the next plan has, which is never nothing.
fn planned(world: &World, moment: &str) -> String {
    let plan = world.run(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, Some(2), "{moment}: {plan}");
    plan.stdout
}

#[test]
fn what_does_not_work_gets_its_former_form_back_whenever_the_apply_was_killed() {
    let prepare = || {
        let world = world(GOOD);
        let _ = world.run(&["apply", "--auto-approve"]).success();
        break_it(&world);
        world
    };
    let former = world(GOOD);
    let _ = former.run(&["apply", "--auto-approve"]).success();
    let former = form(&former, "Sums").0;
    let checked = std::cell::Cell::new(0);
    killed(prepare, 4, |world, moment| {
        let plan = planned(world, moment);
        let why = "an apply that changed it ended before it was known whether it works";
        checked.set(checked.get() + usize::from(plan.contains(why)));
        let applied = world.run(&["apply", "--auto-approve"]);
        assert_eq!(applied.code, Some(4), "{moment}: {applied}");
        let said = "the form before was put back";
        assert!(applied.stderr.contains(said), "{moment}: {applied}");
        assert_eq!(form(world, "Sums").0, former, "{moment}");
        let broken = world.read("manifests/all.yaml");
        world.write("manifests/all.yaml", GOOD);
        world.assert_settled();
        world.write("manifests/all.yaml", &broken);
        // As before: the same change is planned again, and once it is mended it stands.
        let again = planned(world, moment);
        assert!(again.contains("will be updated in place"), "{again}");
        mend_it(world);
        let _ = world.run(&["apply", "--auto-approve"]).success();
        world.assert_settled();
    });
    assert!(checked.get() > 0);
}

#[test]
fn what_is_new_and_does_not_work_is_switched_off_whenever_the_apply_was_killed() {
    let bad = RUNNING.replace("ada@example.org }", "ada@example.org, bad: true }");
    killed(
        || world(&bad),
        4,
        |world, moment| {
            let _ = planned(world, moment);
            let applied = world.run(&["apply", "--auto-approve"]);
            assert!(
                applied.stderr.contains("its run ended in error"),
                "{moment}: {applied}"
            );
            let off = [
                "it was switched off and kept",
                "the form before was put back",
            ];
            assert!(
                off.iter().any(|off| applied.stderr.contains(off)),
                "{moment}: {applied}"
            );
            assert_eq!(
                Account::of(world).scenario("Leads")["isActive"],
                false,
                "{moment}"
            );
            world.edit("manifests/all.yaml", ", bad: true", "");
            let _ = world.run(&["apply", "--auto-approve"]).success();
            world.assert_settled();
        },
    );
}

#[test]
fn what_works_is_looked_at_and_done() {
    let prepare = || {
        let world = world(RUNNING);
        let _ = world.run(&["apply", "--auto-approve"]).success();
        world.edit("manifests/all.yaml", "One.", "Two.");
        world
    };
    let checked = std::cell::Cell::new(0);
    killed(prepare, 0, |world, moment| {
        // Killed after all was known, there is nothing left to do.
        let plan = world.run(&["plan"]).success();
        let is_done = plan.stdout.contains("No changes");
        let is_checked = plan.stdout.contains("scenario.leads will be checked");
        checked.set(checked.get() + usize::from(is_checked));
        let applied = world.run(&["apply", "--auto-approve"]).success();
        let told = "it is run once after this";
        assert_eq!(
            applied.stdout.contains(told),
            !is_done,
            "{moment}: {applied}"
        );
        world.assert_settled();
        assert_eq!(Account::of(world).scenario("Leads")["description"], "Two.");
    });
    assert!(checked.get() > 0);
}

const SECRETS: [&str; 2] = ["9f2c7d1e8b6a4c3d-one", "9f2c7d1e8b6a4c3d-two"];

/// A world in which an apply was killed that broke a scenario and gave it another secret.
fn killed_with_another_secret(key: Option<&str>) -> World {
    let secret = GOOD.replace("value: \"1\"", "value: \"${env.CRM_TOKEN}\"");
    let mut world = world(&secret).with_env("CRM_TOKEN", SECRETS[0]);
    world.set_env("MAKEFORM_STATE_KEY", key);
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.set_env("CRM_TOKEN", Some(SECRETS[1]));
    world.edit("manifests/all.yaml", "version: 1, parameters: {},", BREAKS);
    let mut command = world.command(&["apply", "--auto-approve"]);
    let killed = command
        .env("MAKEFORM_FAILPOINT", "after-journal:2")
        .output()
        .unwrap();
    assert_eq!(killed.status.code(), None, "{killed:?}");
    let why = "an apply that changed it ended before it was known whether it works";
    assert!(planned(&world, "killed").contains(why));
    world
}

#[test]
fn a_form_with_another_secret_is_not_put_back_but_switched_off() {
    let world = killed_with_another_secret(None);
    let applied = world.run(&["apply", "--auto-approve"]).exits(1);
    assert!(
        applied.stderr.contains("it was switched off and kept"),
        "{applied}"
    );
    assert_eq!(Account::of(&world).scenario("Sums")["isActive"], false);

    // The way back that is told leads to the form before, as far as it is known.
    let told = applied.stderr.split("makeform rollback ").nth(1).unwrap();
    let told: Vec<&str> = told.split_whitespace().take(3).collect();
    assert_eq!(told, ["2", "--only", "scenario.sums"], "{applied}");
    let command = [&["rollback"], told.as_slice(), &["--auto-approve"]].concat();
    let back = world.run(&command).success();
    assert!(back.stdout.contains("rollback-lacks-value"), "{back}");
    let account = Account::of(&world);
    let scenario = account.scenario("Sums");
    assert_eq!(scenario["isActive"], true);
    let blueprint = account.blueprint(&scenario["id"]);
    drop(account);
    assert!(blueprint["flow"][0].get("onerror").is_none(), "{blueprint}");
    assert_eq!(blueprint["flow"][0]["mapper"]["value"], SECRETS[1]);
    world.edit("manifests/all.yaml", BREAKS, "version: 1, parameters: {},");
    world.assert_settled();
    assert!(!world.holds("9f2c7d1e8b6a4c3d"));
}

#[test]
fn a_form_with_another_secret_is_put_back_by_whoever_has_the_key() {
    let world = killed_with_another_secret(Some("a key of the team's"));
    let applied = world.run(&["apply", "--auto-approve"]).exits(4);
    assert!(
        applied.stderr.contains("the form before was put back"),
        "{applied}"
    );
    let account = Account::of(&world);
    let scenario = account.scenario("Sums");
    assert_eq!(scenario["isActive"], true);
    let blueprint = account.blueprint(&scenario["id"]);
    drop(account);
    assert!(blueprint["flow"][0].get("onerror").is_none(), "{blueprint}");
    assert_eq!(blueprint["flow"][0]["mapper"]["value"], SECRETS[0]);
    world.edit("manifests/all.yaml", BREAKS, "version: 1, parameters: {},");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();
    assert!(!world.holds("9f2c7d1e8b6a4c3d"));
}

/// An apply of one machine is killed once its change is made, before that is looked at, and its disk
/// is gone; what another one has then.
fn lost(far: &Far, before: &str, after: &str) -> PathBuf {
    let first = far.machine("first", before);
    far.run(&first, &["apply", "--auto-approve"], 0);
    fs::write(first.join("manifests/all.yaml"), after).unwrap();
    let mut command = far.command(&first, &["apply", "--auto-approve"]);
    let killed = command
        .env("MAKEFORM_FAILPOINT", "after-answer:1")
        .output()
        .unwrap();
    assert_eq!(killed.status.code(), None, "{killed:?}");
    fs::remove_dir_all(&first).unwrap();
    far.machine("second", after)
}

/// The next one waits until the lease of the lost one has ended.
const NEXT: [&str; 4] = ["apply", "--auto-approve", "--lock-timeout", "60"];

#[test]
fn another_machine_looks_at_what_a_lost_one_changed_and_puts_back_what_does_not_work() {
    let broken = GOOD
        .replace("version: 1, parameters: {},", BREAKS)
        .replace("every: 15m", "every: 30m");
    let far = Far::new("3");
    let second = lost(&far, GOOD, &broken);
    let why = "an apply that changed it ended before it was known whether it works";
    let plan = far.run(&second, &["plan", "--detailed-exitcode"], 2);
    assert!(plan.contains(why), "{plan}");
    let applied = far.run(&second, &NEXT, 4);
    let said = "the form before was put back";
    assert!(applied.contains(said), "{applied}");
    let (row, _) = form(&far.world, "Sums");
    assert_eq!(
        (&row["isinvalid"], &row["isActive"]),
        (&false.into(), &true.into())
    );
    fs::write(second.join("manifests/all.yaml"), GOOD).unwrap();
    far.assert_settled(&second);
    let mended = broken.replace(BREAKS, "version: 1,");
    fs::write(second.join("manifests/all.yaml"), mended).unwrap();
    far.run(&second, &NEXT, 0);
    far.assert_settled(&second);
}

#[test]
fn another_machine_runs_what_a_lost_one_changed_and_did_not_run() {
    let far = Far::new("3");
    let after = RUNNING.replace("One.", "Two.");
    let second = lost(&far, RUNNING, &after);
    let applied = far.run(&second, &NEXT, 0);
    assert!(applied.contains("it is run once after this"), "{applied}");
    far.assert_settled(&second);
    assert_eq!(
        Account::of(&far.world).scenario("Leads")["description"],
        "Two."
    );
    let again = far.run(&second, &NEXT, 0);
    assert!(again.contains("No changes"), "{again}");
}
