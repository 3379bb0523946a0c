//! Schedules of the real program and the real account, in both dialects.

use makeform::model::Dialect;
use serde_json::Value;

use crate::support::{account::Account, world::World};

/// Two days before clocks in Europe are put forward.
const SPRING: &str = "2026-03-28T20:00:00Z";

/// A project with one scenario that is switched on and looks for news, in a world where it is
/// [`SPRING`].
fn project(dialect: Dialect, schedule: &str) -> World {
    let world = World::empty();
    let blueprint = match dialect {
        Dialect::Zone => "{ flow: [{ id: 1, module: \"rss:TriggerNewArticle\", version: 4 }] }",
        Dialect::Unified => "{ modules: [{ id: 1, app: http, action: ActionSendData }] }",
    };
    world.write(
        "makeform.yaml",
        &format!(
            "apiVersion: makeform/v1\nkind: Project\nmetadata: {{ name: test }}\nspec:\n  manifests: \
             [\"m/*.yaml\"]\n  targets: {{ main: {{ url: \"sandbox:\", dialect: {dialect} }} }}\n"
        ),
    );
    world.write(
        "m/sync.yaml",
        &format!(
            "apiVersion: makeform/v1\nkind: Scenario\nmetadata: {{ name: sync }}\nspec:\n  name: Sync\n  \
             active: true\n  schedule: {schedule}\n  blueprint: {blueprint}\n"
        ),
    );
    Account::of(&world).set_clock(SPRING);
    world
}

/// Applies, and plans again; exports, and plans what was written.
fn settle(world: &World) -> String {
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();
    let _ = std::fs::remove_dir_all(world.file("exported"));
    let _ = world.run(&["export", "--out", "exported"]).success();
    let plan = world.run(&["-C", "exported", "plan", "--detailed-exitcode"]);
    assert!(plan.success().stdout.contains("No changes"));
    let files = [
        "exported/manifests/sync.yaml",
        "exported/manifests/scenarios/sync.yaml",
    ];
    let file = files.into_iter().find(|file| world.file(file).exists());
    world.read(file.unwrap())
}

#[test]
fn cron_of_six_hours_with_a_time_zone_works_in_both_dialects() {
    let schedule = "{ cron: \"0 */6 * * *\", timezone: Europe/Prague }";

    let world = project(Dialect::Zone, schedule);
    let validated = world.run(&["validate"]).success();
    let warned = "Make counts `0 */6 * * *` from the moment of activation";
    assert!(validated.to_string().contains(warned), "{validated}");
    let plan = world.run(&["plan"]).success();
    let shown = "+ schedule:     every 6h\n          next runs: at once, as it is switched on, then every 6h\n";
    assert!(plan.stdout.contains(shown), "{plan}");
    let exported = settle(&world);
    assert!(
        exported.contains("every: 6h") && !exported.contains("timezone"),
        "{exported}"
    );

    let world = project(Dialect::Unified, schedule);
    let validated = world.run(&["validate"]).success();
    assert!(!validated.to_string().contains("cron-phase"), "{validated}");
    let plan = world.run(&["plan"]).success();
    let shown =
        "next runs: Sun 2026-03-29 00:00 CET (+01:00), Sun 2026-03-29 06:00 CEST (+02:00),\n";
    assert!(plan.stdout.contains(shown), "{plan}");
    let exported = settle(&world);
    assert!(exported.contains("every: 6h"), "{exported}");
    assert!(exported.contains("timezone: Europe/Prague"), "{exported}");
}

#[test]
fn the_first_of_the_next_runs_is_when_the_account_runs_it() {
    for (schedule, expected) in [
        // Clocks go from two to three in that night.
        ("{ daily: \"02:30\" }", "2026-03-29T03:30:00+02:00"),
        ("{ cron: \"15 9 1 * *\" }", "2026-04-01T09:15:00+02:00"),
        (
            "{ yearly: { months: [feb], days: [29], time: \"12:00\" } }",
            "2028-02-29T12:00:00+01:00",
        ),
        (
            "{ once: 2026-12-01T09:00:00Z }",
            "2026-12-01T10:00:00+01:00",
        ),
        (
            "{ daily: \"09:00\", restrict: [{ days: [wed] }] }",
            "2026-04-01T09:00:00+02:00",
        ),
    ] {
        let world = project(Dialect::Zone, schedule);
        let plan = world.run(&["plan", "--format", "json"]).success();
        let plan: Value = serde_json::from_str(&plan.stdout).unwrap();
        let next = &plan["steps"][0]["nextRuns"];
        assert_eq!(next["active"], true);
        assert_eq!(next["timezone"], "Europe/Prague");
        let first = next["runs"][0]["at"].as_str().unwrap();
        assert_eq!(first, expected, "{schedule}");
        let _ = world.run(&["apply", "--auto-approve"]).success();
        let row = Account::of(&world).scenario("Sync");
        let moment = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
        let account = row["nextExec"].as_str().unwrap();
        assert_eq!(moment(account), moment(first), "{schedule}");
    }
}

#[test]
fn what_the_account_would_refuse_is_said_before_anything_is_sent() {
    let free =
        |schedule: &str| project(Dialect::Zone, schedule).with_env("MAKEFORM_SANDBOX", "plan free");
    let world = free("{ every: 5m }");
    let plan = world.run(&["plan"]).exits(1);
    let told = "error[interval-too-short]: runs every 5m, but this account's plan allows no interval below 15m";
    assert!(plan.to_string().contains(told), "{plan}");
    // Switched off, it may be there; and the account takes it.
    world.edit("m/sync.yaml", "active: true", "active: false");
    let plan = world.run(&["plan"]).success();
    assert!(
        plan.to_string().contains("warning[interval-too-short]"),
        "{plan}"
    );
    let _ = settle(&world);
    world.edit("m/sync.yaml", "active: false", "active: true");
    let writes = world.writes();
    let refused = world.run(&["apply", "--auto-approve"]).exits(1);
    assert!(refused.to_string().contains(told), "{refused}");
    assert_eq!(world.writes(), writes);
    // As the account itself says.
    let account = Account::with_options(&world.file(".makeform/sandbox"), "plan free");
    let id = account.scenario("Sync")["id"].clone();
    let start = format!("/scenarios/{id}/start");
    let (status, body) = account.send(makeform::live::transport::Method::Post, &start, &[], None);
    drop(account);
    assert_eq!(
        (status, &body["message"]),
        (422, &Value::from("Invalid interval."))
    );
    world.edit("m/sync.yaml", "every: 5m", "every: 15m");
    let _ = settle(&world);

    let world = project(Dialect::Zone, "{ every: 15m }");
    world.edit(
        "m/sync.yaml",
        "rss:TriggerNewArticle",
        "gateway:CustomWebHook",
    );
    let plan = world.run(&["plan"]).exits(1);
    assert!(
        plan.to_string().contains("error[instant-refused]"),
        "{plan}"
    );
    world.edit("m/sync.yaml", "{ every: 15m }", "{ immediately: true }");
    let _ = world.run(&["plan"]).success();
    world.edit(
        "m/sync.yaml",
        "gateway:CustomWebHook",
        "rss:TriggerNewArticle",
    );
    let plan = world.run(&["plan"]).success();
    assert!(
        plan.to_string().contains("warning[immediately-never]"),
        "{plan}"
    );
}

#[test]
fn the_digest_of_a_plan_stays_while_time_passes() {
    let world = project(Dialect::Zone, "{ daily: \"02:30\" }");
    let plan = || world.run(&["plan"]).success().stdout;
    let digest = |plan: &str| {
        plan.lines()
            .find(|line| line.starts_with("Digest: "))
            .unwrap()
            .to_owned()
    };
    let before = plan();
    Account::of(&world).pass_hours(48);
    let after = plan();
    assert!(before.contains("next runs: Sun 2026-03-29"), "{before}");
    assert!(after.contains("next runs: Tue 2026-03-31"), "{after}");
    assert_eq!(digest(&before), digest(&after));
}

#[test]
fn every_seeded_schedule_is_exported_without_makes_own_json() {
    for dialect in [Dialect::Zone, Dialect::Unified] {
        let world = World::empty();
        world.write(
            "makeform.yaml",
            &format!(
                "apiVersion: makeform/v1\nkind: Project\nmetadata: {{ name: seeded }}\nspec:\n  manifests: \
                 []\n  targets: {{ main: {{ url: \"sandbox:account\", organization: 1, dialect: {dialect} }} }}\n"
            ),
        );
        let seed = [
            "sandbox",
            "seed",
            "--world",
            "account",
            "--seed",
            "7",
            "--scenarios",
            "150",
        ];
        let _ = world.run(&seed).success();
        let exported = world.run(&["export", "--out", "exported"]).success();
        let mut forms = std::collections::BTreeMap::new();
        for file in files(&world.file("exported/manifests")) {
            let text = std::fs::read_to_string(&file).unwrap();
            let mut lines = text
                .lines()
                .skip_while(|line| line.trim() != "schedule:")
                .skip(1);
            if let Some(line) = lines.next() {
                let form = line.trim().split(':').next().unwrap().to_owned();
                *forms.entry(form).or_insert(0) += 1;
            }
        }
        let total: usize = forms.values().sum();
        assert!(total > 100, "{forms:?} {exported}");
        assert_eq!(forms.get("raw"), None, "{forms:?}");
    }
}

fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false if path.extension().is_some_and(|end| end == "yaml") => found.push(path),
            false => {}
        }
    }
    found
}
