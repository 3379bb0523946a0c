//! When scenarios run once a plan is carried out, and what of it Make would not do.

use serde_json::{Value, json};

use crate::{
    diagnostic::Severity,
    model::{
        Blueprint, Field, Spec,
        spec::{
            ScenarioSpec, Schedule, ScheduleUse,
            schedule::{Clocks, Cron, NextRuns, When},
        },
    },
    plan::{
        Activity, Plan, Upcoming,
        testing::{World, at, declared_scenario, doing, every, make},
    },
};

fn inline(schedule: Schedule) -> Field<ScheduleUse> {
    Field::Set(ScheduleUse::Inline(schedule))
}

fn said(schedule: Value) -> Field<ScheduleUse> {
    inline(Schedule::from_make(&schedule))
}

fn daily(time: &str) -> Field<ScheduleUse> {
    said(json!({"type": "daily", "time": time}))
}

/// A scenario that looks for news, and is switched on.
fn polling(schedule: Field<ScheduleUse>) -> ScenarioSpec {
    beginning_with("rss:TriggerNewArticle", schedule)
}

fn beginning_with(module: &str, schedule: Field<ScheduleUse>) -> ScenarioSpec {
    ScenarioSpec {
        active: Field::Set(true),
        schedule,
        ..doing("Sync", json!([{"id": 1, "module": module}]))
    }
}

fn declared(spec: ScenarioSpec) -> World {
    let mut world = World::new();
    world.declare("scenario.sync", make(spec));
    world
}

fn upcoming(plan: &Plan) -> Option<&Upcoming> {
    let mut steps = plan.steps.iter();
    steps
        .find(|step| step.address == at("scenario.sync"))?
        .upcoming
        .as_ref()
}

/// `2026-03-28 02:30 CET`, with what the clocks do.
fn times(plan: &Plan) -> Vec<String> {
    let Some(NextRuns::At(runs)) = upcoming(plan).and_then(|upcoming| upcoming.runs.as_ref())
    else {
        panic!("{:?}", upcoming(plan));
    };
    let words = runs.iter().map(|run| {
        let clocks = match run.clocks {
            Clocks::Run => String::new(),
            Clocks::Skip | Clocks::Repeat => format!(" {:?}", run.clocks),
        };
        format!("{}{clocks}", run.at.strftime("%Y-%m-%d %H:%M %Z"))
    });
    words.collect()
}

/// `code severity: message` of all findings.
fn findings(world: &World) -> Vec<String> {
    let findings = world.plan().findings;
    let words = findings.iter().map(|finding| {
        format!(
            "{} {:?}: {}",
            finding.code.name, finding.severity, finding.message
        )
    });
    words.collect()
}

#[test]
fn a_changed_schedule_has_its_next_three_runs_in_the_organizations_time_zone() {
    let mut world = declared(polling(daily("02:30")));
    let nights = [
        "2026-03-28 02:30 CET",
        "2026-03-29 03:30 CEST Skip",
        "2026-03-30 02:30 CEST",
    ];
    assert_eq!(times(&world.plan()), nights);
    assert_eq!(upcoming(&world.plan()).unwrap().activity, Activity::Starts);
    world.settle();

    // What is not about when it runs, says nothing of it.
    let spec = declared_scenario(&mut world, "scenario.sync");
    spec.description = Field::Set(crate::model::reference::Template::literal("Other"));
    assert_eq!(upcoming(&world.plan()), None);
    world.settle();

    declared_scenario(&mut world, "scenario.sync").schedule = daily("14:00");
    let plan = world.plan();
    assert_eq!(times(&plan)[0], "2026-03-27 14:00 CET");
    assert_eq!(upcoming(&plan).unwrap().activity, Activity::Goes);
    let spec = declared_scenario(&mut world, "scenario.sync");
    spec.active = Field::Set(false);
    assert_eq!(upcoming(&world.plan()).unwrap().activity, Activity::Rests);
}

#[test]
fn each_scenario_that_shares_a_schedule_shows_when_it_runs() {
    let schedule =
        |time: &str| Spec::Schedule(Schedule::from_make(&json!({"type": "daily", "time": time})));
    let shared = Field::Set(ScheduleUse::Shared(at("schedule.nightly")));
    let mut world = declared(polling(shared.clone()));
    world.declare("schedule.nightly", schedule("01:00"));
    let other = ScenarioSpec {
        name: "Other".into(),
        ..polling(shared)
    };
    world.declare("scenario.other", make(other));
    world.settle();
    world.declare("schedule.nightly", schedule("14:00"));
    let plan = world.plan();
    assert_eq!(plan.steps.len(), 2);
    assert!(plan.steps.iter().all(|step| step.upcoming.is_some()));
    assert_eq!(times(&plan)[0], "2026-03-27 14:00 CET");
}

#[test]
fn the_time_of_a_plan_is_no_part_of_its_digest() {
    let mut world = declared(polling(daily("14:00")));
    let before = world.plan();
    world.now = "2027-01-01T00:00:00Z".parse().unwrap();
    let after = world.plan();
    assert_ne!(times(&before), times(&after));
    assert_eq!(before.digest, after.digest);
    // Nor is what is found at one time and not at another.
    let once = json!({"type": "once", "date": "2026-12-01T09:00:00Z"});
    declared_scenario(&mut world, "scenario.sync").schedule = said(once);
    let late = world.plan();
    assert_eq!(world.codes(), ["never-runs"]);
    world.now = "2026-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(world.plan().digest, late.digest);
    assert_eq!(world.codes(), [] as [&str; 0]);
}

#[test]
fn a_schedule_without_a_moment_left_is_told() {
    for (schedule, words) in [
        (
            json!({"type": "once", "date": "2026-03-27T12:00:00Z"}),
            "once at 2026-03-27T12:00:00Z",
        ),
        (
            json!({"type": "yearly", "months": [2], "days": [30], "time": "09:00"}),
            "day 30 of feb at 09:00",
        ),
        (
            json!({"type": "indefinitely", "interval": 900,
                   "between": ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"]}),
            "every 15m, from 2026-01-01T00:00:00Z until 2026-02-01T00:00:00Z",
        ),
    ] {
        let world = declared(polling(said(schedule)));
        let message =
            format!("never-runs Warning: runs {words}, and there is no such moment from now on");
        assert_eq!(findings(&world), [message]);
    }
}

#[test]
fn an_interval_that_the_plan_forbids_is_refused_as_it_is_switched_on() {
    let message = "runs every 5m, but this account's plan allows no interval below 15m";
    let error = format!("interval-too-short Error: {message}");
    let mut world = declared(polling(every(5)));
    world.snapshot.account.minimum_interval = Some(15);
    assert_eq!(findings(&world), [error.as_str()]);
    // Where the account does not say, nobody knows.
    world.snapshot.account.minimum_interval = None;
    assert_eq!(findings(&world), [] as [&str; 0]);
    world.snapshot.account.minimum_interval = Some(15);
    let sync = |world: &mut World, active, schedule| {
        let spec = declared_scenario(world, "scenario.sync");
        (spec.active, spec.schedule) = (Field::Set(active), schedule);
    };
    sync(&mut world, false, every(5));
    assert_eq!(
        findings(&world),
        [format!("interval-too-short Warning: {message}")]
    );
    world.settle();
    assert_eq!(findings(&world), [] as [&str; 0]);
    sync(&mut world, true, every(5));
    assert_eq!(findings(&world), [error.as_str()]);
    // The schedule that somebody made in Make counts as well.
    sync(&mut world, true, Field::Absent);
    world.bindings.by_address.clear();
    assert!(findings(&world).contains(&error), "{:?}", findings(&world));
    for schedule in [
        json!({"type": "immediately"}),
        json!({"type": "on-demand"}),
        json!({"type": "daily", "time": "09:00"}),
        json!({"type": "indefinitely", "interval": 900}),
    ] {
        let hook = beginning_with("gateway:CustomWebHook", said(schedule.clone()));
        let is_interval = schedule["type"] == "indefinitely";
        let spec = if is_interval {
            polling(said(schedule))
        } else {
            hook
        };
        let mut world = declared(spec);
        world.snapshot.account.minimum_interval = Some(15);
        assert_eq!(findings(&world), [] as [&str; 0]);
    }
}

#[test]
fn a_schedule_has_to_suit_the_trigger() {
    let instant = "gateway:CustomWebHook";
    let refused = "instant-refused Error: module 1 (gateway:CustomWebHook) tells of news at once, and \
                   Make refuses to switch it on with an interval";
    let mut world = declared(beginning_with(instant, every(15)));
    assert_eq!(findings(&world), [refused]);
    let spec = declared_scenario(&mut world, "scenario.sync");
    spec.active = Field::Set(false);
    assert_eq!(findings(&world), [] as [&str; 0]);
    world.settle();
    // Also if the manifest holds no blueprint: the account does.
    let spec = declared_scenario(&mut world, "scenario.sync");
    (spec.active, spec.blueprint) = (Field::Set(true), Field::Absent);
    assert_eq!(findings(&world), [refused]);

    for schedule in [daily("09:00"), said(json!({"type": "immediately"}))] {
        let world = declared(beginning_with(instant, schedule));
        assert_eq!(findings(&world), [] as [&str; 0]);
    }
    let world = declared(polling(said(json!({"type": "immediately"}))));
    assert_eq!(
        findings(&world),
        [
            "immediately-never Warning: module 1 (rss:TriggerNewArticle) is told of nothing, so that it \
          never runs immediately"
        ]
    );
    // A blueprint that changes may begin with something else.
    let mut world = declared(beginning_with("a:b", every(15)));
    world.settle();
    let other = beginning_with(instant, every(15));
    declared_scenario(&mut world, "scenario.sync").blueprint = other.blueprint;
    assert_eq!(findings(&world), [refused]);
}

#[test]
fn a_time_zone_differs_where_its_clocks_do() {
    let zoned = |zone: &str, schedule: Value| {
        let schedule = Schedule {
            timezone: Some(zone.into()),
            ..Schedule::from_make(&schedule)
        };
        findings(&declared(polling(inline(schedule))))
    };
    let daily = json!({"type": "daily", "time": "06:30"});
    let often = json!({"type": "indefinitely", "interval": 900});
    let told = "timezone-differs Error: means times in America/New_York, but the organization's are \
                in Europe/Prague";
    assert_eq!(zoned("America/New_York", daily.clone()), [told]);
    for zone in ["Europe/Prague", "Europe/Berlin"] {
        assert_eq!(zoned(zone, daily.clone()), [] as [&str; 0]);
    }
    assert_eq!(zoned("America/New_York", often.clone()), [] as [&str; 0]);
    let mut limited = often;
    limited["restrict"] = json!([{"days": [1]}]);
    assert_eq!(zoned("America/New_York", limited), [told]);
    let lunar = json!({"type": "lunar", "time": "06:30"});
    assert_eq!(zoned("America/New_York", lunar), [told]);

    let mut world = declared(polling(inline(Schedule {
        timezone: Some("America/New_York".into()),
        ..Schedule::from_make(&daily)
    })));
    world.snapshot.account.timezone = None;
    assert!(findings(&world)[0].starts_with("timezone-differs Warning"));
    assert_eq!(upcoming(&world.plan()).unwrap().runs, None);
    let severe = world
        .plan()
        .findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    assert!(!severe);
}

#[test]
fn the_unified_dialect_runs_by_the_clock_of_each_schedule() {
    let every_six_hours = |zone: Option<&str>| {
        inline(Schedule {
            timezone: zone.map(str::to_owned),
            ..Schedule::of(When::Cron(Cron::parse("0 */6 * * *").unwrap()))
        })
    };
    let modules = json!({"modules": [{"id": 1, "app": "http", "action": "Get"}]});
    let mut world = World::unified();
    let spec = ScenarioSpec {
        blueprint: Field::Set(Blueprint::new(&modules, true)),
        ..polling(every_six_hours(Some("America/New_York")))
    };
    world.declare("scenario.sync", make(spec));
    let morning = [
        "2026-03-27 12:00 EDT",
        "2026-03-27 18:00 EDT",
        "2026-03-28 00:00 EDT",
    ];
    assert_eq!(times(&world.plan()), morning);
    assert_eq!(findings(&world), [] as [&str; 0]);
    world.settle();
    // Another zone is another time.
    let spec = declared_scenario(&mut world, "scenario.sync");
    spec.schedule = every_six_hours(Some("Europe/Prague"));
    assert_eq!(times(&world.plan())[0], "2026-03-27 18:00 CET");
    world.settle();
    // One that the manifest does not say stays as it is.
    let spec = declared_scenario(&mut world, "scenario.sync");
    spec.schedule = inline(Schedule::of(When::Daily("09:00".parse().unwrap())));
    assert_eq!(times(&world.plan())[0], "2026-03-28 09:00 CET");
    world.bindings.by_address.clear();
    world.snapshot.live.clear();
    assert_eq!(upcoming(&world.plan()).unwrap().runs, None);
}
