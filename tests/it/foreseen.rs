//! What a plan does to the runs and operations of a month, by what the account has seen: numbers
//! that another client of the same account comes to as well.

use serde_json::Value;

use crate::support::{
    account::Account,
    world::{Output, World},
};

/// The first of a month, in the account's time zone.
const FIRST: &str = "2026-03-01T06:00:00Z";

const MANIFESTS: &str = r#"
apiVersion: makeform/v1
kind: Scenario
metadata: { name: news }
spec:
  name: News
  active: true
  schedule: { every: 15m }
  blueprint: { flow: [{ id: 1, module: "rss:TriggerNewArticle", version: 4 }] }
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: digest }
spec:
  name: Digest
  active: true
  schedule: { daily: "06:30" }
  blueprint: { flow: [{ id: 1, module: "rss:TriggerNewArticle", version: 4 }] }
"#;

/// An account in which two scenarios have run for ten days.
fn lived() -> (World, Account) {
    let world = World::new();
    world.write("manifests/all.yaml", MANIFESTS);
    let account = Account::of(&world);
    account.set_clock(FIRST);
    let _ = world.run(&["apply", "--auto-approve"]).success();
    // A sandbox catches up with a hundred runs at once.
    for _ in 0..10 {
        account.pass_hours(24);
    }
    (world, account)
}

/// `1,234`
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let parts: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|part| std::str::from_utf8(part).unwrap())
        .collect();
    parts.join(",")
}

/// What a scenario has consumed, and in how many seconds, as another client reads it.
fn consumed(account: &Account, name: &str) -> (u64, u64) {
    let answer = account.get("/scenarios/consumptions", &[("teamId", "1")]);
    let id = account.scenario(name)["id"].clone();
    let rows = answer["scenarioConsumptions"].as_array().unwrap();
    let row = rows.iter().find(|row| row["scenarioId"] == id).unwrap();
    let since: jiff::Timestamp = answer["lastReset"].as_str().unwrap().parse().unwrap();
    let now: jiff::Timestamp =
        FIRST.parse::<jiff::Timestamp>().unwrap() + jiff::SignedDuration::from_hours(240);
    let seconds = now.duration_since(since).as_secs().try_into().unwrap();
    (row["operations"].as_u64().unwrap(), seconds)
}

/// A number of operations, for as long as 30 days.
fn monthly((operations, seconds): (u64, u64)) -> u64 {
    (operations * 30 * 86_400 + seconds / 2) / seconds
}

fn guarded(world: &World, most: u64) {
    let project = world.read("makeform.yaml");
    let (project, _) = project.split_once("  guards:").unwrap_or((&project, ""));
    let guards = format!("{project}  guards: {{ maxOperationsIncrease: {most} }}\n");
    world.write("makeform.yaml", &guards);
}

fn apply(world: &World, more: &[&str]) -> Output {
    world.run(&[&["apply", "--auto-approve"], more].concat())
}

#[track_caller]
fn refused(world: &World, words: &str) {
    let writes = world.writes();
    let output = apply(world, &[]).exits(3);
    assert!(output.stdout.contains(words), "{words}\n{output}");
    let line = "Refused: operations-increase. Nothing was sent.";
    assert!(output.stderr.contains(line), "{output}");
    assert!(
        output.stdout.contains("--allow operations-increase"),
        "{output}"
    );
    assert_eq!(world.writes(), writes);
}

#[test]
fn a_plan_says_what_a_month_will_cost_and_is_refused_beyond_what_is_allowed() {
    let (world, account) = lived();
    let (news, digest) = (consumed(&account, "News"), consumed(&account, "Digest"));
    // A run each quarter of an hour, and one a day.
    assert!(
        news.0 >= 959 && (9..=10).contains(&digest.0),
        "{news:?} {digest:?}"
    );
    world.edit("manifests/all.yaml", "every: 15m", "every: 1m");
    world.edit("manifests/all.yaml", "daily: \"06:30\"", "every: 4h");

    // A run is an operation at the least, also in what of the month lies before the first run.
    let before = (monthly(news).max(2_880), monthly(digest).max(30));
    let after = (before.0 * 15, before.1 * 6);
    let line = |runs: (u64, u64), operations: (u64, u64)| {
        format!(
            "runs/month {} -> {}; operations about {} -> {} (+{})",
            thousands(runs.0),
            thousands(runs.1),
            thousands(operations.0),
            thousands(operations.1),
            thousands(operations.1 - operations.0)
        )
    };
    let plan = world.run(&["plan"]).success().stdout;
    let organization = account.get("/organizations/1", &[]);
    let limit = organization["organization"]["license"]["operations"].as_u64();
    let all = (before.0 + before.1, after.0 + after.1);
    for said in [
        format!("({})", line((2_880, 43_200), (before.0, after.0))),
        format!("({})", line((30, 180), (before.1, after.1))),
        format!(
            "Forecast: {}; the organization has {} operations a month.",
            line((2_910, 43_380), all),
            thousands(limit.unwrap())
        ),
    ] {
        assert!(plan.contains(&said), "{said}\n{plan}");
    }
    let json = world.run(&["plan", "--format", "json"]).success().stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    let forecast = &json["forecast"];
    assert_eq!(forecast["runs"]["before"], 2_910);
    assert_eq!(forecast["runs"]["after"], 43_380);
    assert_eq!(forecast["operations"]["before"], all.0);
    assert_eq!(forecast["operations"]["after"], all.1);
    assert_eq!(forecast["unknown"], 0);
    assert_eq!(forecast["limit"].as_u64(), limit);

    // One less than it takes is too little, and just that is enough.
    let increase = all.1 - all.0;
    guarded(&world, increase - 1);
    refused(
        &world,
        &format!("at least {increase} more operations a month would be needed"),
    );
    guarded(&world, increase);
    let plan = world.run(&["plan"]).success().stdout;
    assert!(!plan.contains("operations-increase"), "{plan}");
    guarded(&world, increase - 1);
    let _ = apply(&world, &["--allow", "operations-increase"]).success();
    world.assert_settled();
}

#[test]
fn a_scenario_that_is_younger_than_the_history_is_not_told_to_be_cheap() {
    let (world, account) = lived();
    world.write(
        "manifests/young.yaml",
        "apiVersion: makeform/v1\nkind: Scenario\nmetadata: { name: young }\nspec:\n  name: Young\n  \
         active: true\n  schedule: { every: 15m }\n  blueprint: { flow: [{ id: 1, module: \
         \"rss:TriggerNewArticle\", version: 4 }, { id: 2, module: \"rss:TriggerNewArticle\", version: 4 }] }\n",
    );
    let _ = world.run(&["apply", "--auto-approve"]).success();
    account.pass_hours(24);
    let (operations, _) = consumed(&account, "Young");
    assert!((96..=200).contains(&operations), "{operations}");
    world.edit("manifests/young.yaml", "every: 15m", "every: 1m");
    let plan = world.run(&["plan"]).success().stdout;
    assert!(
        plan.contains("(runs/month 2,880 -> 43,200; operations unknown)"),
        "{plan}"
    );
    // A tenth of that is what its operations, spread over all the days, would come to.
    guarded(&world, 40_319);
    refused(&world, "at least 40320 more operations");
    guarded(&world, 40_320);
    let _ = apply(&world, &[]).success();
    world.assert_settled();
}

#[test]
fn where_there_is_no_history_each_run_counts_as_one_operation_and_that_is_said() {
    let (world, account) = lived();
    let news = consumed(&account, "News");
    world.edit("manifests/all.yaml", "every: 15m", "every: 1m");
    // The account tells this token nothing of it: a run is one operation at the least.
    let mut blind = world.command(&["plan"]);
    blind.env("MAKEFORM_SANDBOX", "fault GET /scenarios/consumptions: 403");
    let plan = String::from_utf8(blind.output().unwrap().stdout).unwrap();
    assert!(
        plan.contains("(runs/month 2,880 -> 43,200; operations unknown)"),
        "{plan}"
    );
    assert!(
        plan.contains("Forecast: runs/month 2,880 -> 43,200; operations unknown; the organization"),
        "{plan}"
    );
    guarded(&world, 40_319);
    let mut blind = world.command(&["apply", "--auto-approve"]);
    blind.env("MAKEFORM_SANDBOX", "fault GET /scenarios/consumptions: 403");
    let output = blind.output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3), "{stdout}");
    assert!(
        stdout.contains("at least 40320 more operations"),
        "{stdout}"
    );

    // What is new has none either, and what data starts has no number of runs.
    world.edit("manifests/all.yaml", "every: 1m", "every: 15m");
    world.write(
        "manifests/new.yaml",
        "apiVersion: makeform/v1\nkind: Scenario\nmetadata: { name: new }\nspec:\n  name: New\n  \
         active: true\n  schedule: { every: 1h }\n  blueprint: { flow: [{ id: 1, module: \
         \"rss:TriggerNewArticle\", version: 4 }] }\n",
    );
    let plan = world.run(&["plan"]).success().stdout;
    assert!(
        plan.contains("(runs/month 0 -> 720; operations unknown)"),
        "{plan}"
    );
    guarded(&world, 719);
    refused(
        &world,
        "at least 720 more operations a month would be needed",
    );
    // What is known counts with it: nothing is added where as much goes elsewhere.
    guarded(&world, 0);
    world.edit(
        "manifests/all.yaml",
        "active: true\n  schedule: { every: 15m }",
        "active: false\n  schedule: { every: 15m }",
    );
    assert!(monthly(news) > 720);
    let plan = world.run(&["plan"]).success().stdout;
    assert!(!plan.contains("operations-increase"), "{plan}");
    assert!(plan.contains(", and unknown for 1 scenario;"), "{plan}");
    // That one stands still from now on is another guard's matter.
    let _ = apply(&world, &["--allow", "stops-active"]).success();
    world.assert_settled();
}

#[test]
fn of_what_no_clock_starts_no_number_of_runs_is_foretold() {
    let world = World::new();
    world.write(
        "manifests/called.yaml",
        "apiVersion: makeform/v1\nkind: Scenario\nmetadata: { name: called }\nspec:\n  name: Called\n  \
         active: true\n  schedule: { onDemand: true }\n  blueprint: { flow: [{ id: 1, module: \
         \"rss:TriggerNewArticle\", version: 4 }] }\n",
    );
    let page = world.path().join("plan.html");
    let plan = world
        .run(&["plan", "--html", page.to_str().unwrap()])
        .success();
    let told = "Forecast: no clock starts what changes; operations unknown";
    assert!(plan.stdout.contains(told), "{}", plan.stdout);
    assert!(plan.stdout.contains("on demand"), "{}", plan.stdout);
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains(told));
    assert!(!page.contains("runs a month: 0 before, 0 after"));
    let _ = apply(&world, &[]).success();
    world.assert_settled();
}
