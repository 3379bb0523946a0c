//! What makes a plan refuse itself.

use serde_json::json;

use crate::{
    model::{
        Facts, Field, HealthRule, Kind, Lifecycle, Reading, RemoteId, Threshold,
        spec::{Schedule, ScheduleUse},
    },
    plan::{
        refusals,
        testing::{World, at, doing, every, folder, leads, make, plan_id, role, steps, webhook},
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
    live.get_mut(&RemoteId::Int(id)).unwrap().facts.incomplete = Some(3);
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

/// The guards that a world runs into once something of one thing of it is not known.
fn blind(kind: Kind, spec: crate::model::Spec, blind: fn(&mut Facts)) -> Vec<&'static str> {
    let mut world = World::new();
    let address = format!("{}.it", kind.prefix());
    world.declare(&address, spec);
    world.declare("folder.stays", folder("Stays"));
    world.settle();
    let live = world.snapshot.live.get_mut(&kind).unwrap();
    blind(&mut live.values_mut().next().unwrap().facts);
    world.forget(&address);
    world.codes()
}

#[test]
fn what_the_account_does_not_say_counts_as_the_worst() {
    let unknown = |facts: &mut Facts| *facts = Facts::default();
    let known = |_: &mut Facts| {};
    let scenario = || make(doing("It", json!([])));
    assert!(blind(Kind::Scenario, scenario(), known).is_empty());
    assert_eq!(blind(Kind::Scenario, scenario(), unknown), ["waiting-work"]);
    let hook = || webhook("It", "custom");
    assert!(blind(Kind::Webhook, hook(), known).is_empty());
    assert_eq!(blind(Kind::Webhook, hook(), unknown), ["waiting-work"]);
    let store = || {
        crate::model::Spec::DataStore(crate::model::spec::DataStoreSpec {
            name: "It".into(),
            data_structure: Field::Absent,
            max_size_mb: Field::Set(1),
        })
    };
    assert!(blind(Kind::DataStore, store(), known).is_empty());
    assert_eq!(
        blind(Kind::DataStore, store(), unknown),
        ["data-store-records"]
    );
}

#[test]
fn whether_a_scenario_is_active_may_not_be_known_either() {
    let mut world = World::new();
    world.declare("scenario.a", make(doing("A", json!([]))));
    world.declare("folder.stays", folder("Stays"));
    world.settle();
    let id = plan_id(&world, "scenario.a");
    world.live_scenario(id).active = Field::Absent;
    world.forget("scenario.a");
    assert_eq!(world.codes(), ["stops-active"]);
}

#[test]
fn roles_are_not_taken_where_nobody_knows_who_would_be_left() {
    let mut world = World::new();
    world.declare("team-role.ada", role("ada@example.com", "admin"));
    world.declare("team-role.owner", role("owner@example.com", "admin"));
    world.settle();
    world.forget("team-role.ada");
    assert!(world.codes().is_empty());
    // Whose token it is.
    let own = world.snapshot.account.own_user.take();
    assert_eq!(world.codes(), ["own-user"]);
    world.snapshot.account.own_user = own;
    // Who else is an admin.
    let partial = Reading::Partial("403".into());
    world.snapshot.reading.insert(Kind::TeamRole, partial);
    assert_eq!(world.codes(), ["last-admin", "incomplete-snapshot"]);
}

#[test]
fn how_much_is_too_much_is_said_by_the_project() {
    let mut world = World::new();
    for n in 0..4 {
        let address = format!("folder.f{n}");
        world.declare(&address, folder(&address));
    }
    world.settle();
    world.declare("folder.f0", folder("Other"));
    world.forget("folder.f1");
    assert!(world.codes().is_empty());
    let one = Threshold {
        percent: 24,
        least: 4,
        count: 9,
    };
    world.desired.policy.mass_update = one;
    world.desired.policy.mass_delete = one;
    assert_eq!(world.codes(), ["mass-delete", "mass-update"]);
    let none = Threshold {
        percent: 100,
        least: 0,
        count: 1,
    };
    world.desired.policy.mass_update = none;
    world.desired.policy.mass_delete = none;
    assert!(world.codes().is_empty());
}

#[test]
fn a_field_that_is_ignored_replaces_nothing() {
    let mut world = World::new();
    let lifecycle = Lifecycle {
        prevent_destroy: false,
        ignore_changes: vec![vec!["type".to_owned()]],
        health: HealthRule::default(),
    };
    world.declare("webhook.a", webhook("A", "custom")).lifecycle = lifecycle.clone();
    world.settle();
    world.declare("webhook.a", webhook("A", "mail")).lifecycle = lifecycle;
    assert!(!world.plan().has_changes());
}
