//! What makes a plan refuse itself.

use serde_json::json;

use crate::{
    model::{
        Field, HealthRule, Kind, Lifecycle, Reading, RemoteId,
        spec::{Schedule, ScheduleUse},
    },
    plan::{
        refusals,
        testing::{World, at, doing, every, folder, leads, make, plan_id, role, steps},
    },
};

#[test]
fn an_account_half_read_is_not_built_twice() {
    let mut world = leads();
    world.settle();
    world
        .snapshot
        .reading
        .insert(Kind::Folder, Reading::Partial("403 on page 2".into()));
    world.snapshot.live.remove(&Kind::Folder);
    let plan = world.plan();
    assert!(
        !steps(&plan)
            .iter()
            .any(|step| step.starts_with("create folder"))
    );
    assert_eq!(refusals(&plan, &[])[0].code.name, "incomplete-snapshot");

    let mut world = World::new();
    for n in 0..10 {
        let address = format!("folder.f{n}");
        world.declare(&address, folder(&address));
    }
    world.settle();
    let folders = world.snapshot.live.get_mut(&Kind::Folder).unwrap();
    for _ in 0..4 {
        folders.pop_first();
    }
    assert_eq!(
        refusals(&world.plan(), &[])[0].code.name,
        "incomplete-snapshot"
    );
}

#[test]
fn protected_things_waiting_work_and_much_at_once_are_guarded() {
    let mut world = World::new();
    for n in 0..10 {
        let address = format!("folder.f{n}");
        world.declare(&address, folder(&address));
    }
    let spec = doing("Leads", json!([]));
    world.declare("scenario.leads", make(spec)).lifecycle = Lifecycle {
        prevent_destroy: true,
        health: HealthRule::default(),
        ignore_changes: Vec::new(),
    };
    world.settle();
    let id = plan_id(&world, "scenario.leads");
    let live = world.snapshot.live.get_mut(&Kind::Scenario).unwrap();
    live.get_mut(&RemoteId::Int(id)).unwrap().facts.incomplete = 3;
    let lifted = world.desired.things.get_mut(&at("scenario.leads")).unwrap();
    lifted.lifecycle.prevent_destroy = false;
    assert_eq!(world.codes(), ["protection-lifted"]);
    world.desired.things.clear();
    let mut codes = world.codes();
    codes.sort_unstable();
    assert_eq!(codes, ["mass-delete", "prevent-destroy", "waiting-work"]);
}

#[test]
fn the_tokens_own_user_and_the_last_admin_are_guarded() {
    let mut world = World::new();
    world.declare("team-role.owner", role("owner@example.com", "admin"));
    world.settle();
    world.declare(
        "team-role.owner",
        role("owner@example.com", "Team Operator"),
    );
    assert_eq!(world.codes(), ["own-user", "last-admin"]);
    world.declare("team-role.owner", role("owner@example.com", "Team Operatr"));
    assert!(world.codes().contains(&"role-not-found"));
    world.declare("team-role.b", role("nobody@example.com", "builder"));
    assert!(world.codes().contains(&"member-not-found"));
}

#[test]
fn others_are_promoted_before_the_last_admin_is_demoted() {
    let mut world = World::new();
    world.declare("team-role.a-owner", role("owner@example.com", "admin"));
    world.declare("team-role.b-ada", role("ada@example.com", "builder"));
    world.settle();
    world.declare("team-role.a-owner", role("owner@example.com", "builder"));
    world.declare("team-role.b-ada", role("ada@example.com", "admin"));
    let plan = world.plan();
    assert_eq!(
        steps(&plan),
        ["update team-role.b-ada", "update team-role.a-owner"]
    );
    assert!(plan.steps[1].depends_on.contains(&at("team-role.b-ada")));
    world.settle();
}

#[test]
fn every_guard_says_how_to_go_on() {
    let mut world = World::new();
    world.declare("team-role.owner", role("owner@example.com", "admin"));
    world.settle();
    world.ledger_shared = false;
    world.forget("team-role.owner");
    let plan = world.plan();
    assert_eq!(refusals(&plan, &[]).len(), 3);
    for finding in refusals(&plan, &[]) {
        let help = finding.help.as_deref().unwrap();
        let flag = format!("`--allow {}`", finding.code);
        assert!(help.ends_with(&flag), "{help}");
    }
}

#[test]
fn schedules_the_account_cannot_keep_are_found_before_anything_is_sent() {
    let mut world = World::new();
    world.snapshot.account.minimum_interval = Some(15);
    let mut spec = doing("Often", json!([]));
    spec.schedule = every(5);
    world.declare("scenario.often", make(spec.clone()));
    assert_eq!(world.codes(), ["interval-too-short"]);
    let mut daily = Schedule::from_make(&json!({"type": "daily", "time": "06:30"}));
    daily.timezone = Some("America/New_York".into());
    spec.schedule = Field::Set(ScheduleUse::Inline(daily));
    world.declare("scenario.often", make(spec));
    assert_eq!(world.codes(), ["timezone-differs"]);
}
