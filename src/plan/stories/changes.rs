//! What is shown of a change, and who made it.

use serde_json::json;

use crate::{
    model::{
        Binding, Field, Origin, RemoteId, Spec,
        reference::Template,
        spec::{Schedule, ScheduleUse},
    },
    plan::{
        Reason,
        testing::{
            World, at, declared_scenario, doing, edit, every, leads, lines, make, plan_id,
            scenario, update_of,
        },
    },
};

#[test]
fn everything_is_created_in_order_and_then_nothing_changes() {
    let mut world = leads();
    assert_eq!(
        world.steps(),
        [
            "create folder.crm",
            "create folder.a-inner",
            "create scenario.child",
            "create team-role.ada",
            "create webhook.leads",
            "create scenario.a-lead",
        ]
    );
    let plan = world.settle();
    let last = plan.steps.last().unwrap();
    assert!(last.reasons.contains(&Reason::StartRuns));
    assert_eq!(last.depends_on.len(), 3);
    assert_eq!(
        lines(&last.changes),
        [
            "name: + \"A lead\"",
            "active: + true",
            "folder: + (known after apply)",
            "schedule: + every 15m",
            "blueprint: Add [blueprint] 3 modules",
            "blueprint.flow.1: Add [1 gateway:CustomWebHook] first",
            "blueprint.flow.2: Add [2 slack:CreateMessage \"Tell sales\"] after 1",
            "blueprint.flow.3: Add [3 scenario-service:CallSubscenario] after 2",
        ]
    );
    // What was unknown went in as ids.
    let stored = world
        .live_scenario(plan_id(&world, "scenario.a-lead"))
        .blueprint
        .clone();
    let stored = stored.as_set().unwrap().document().unwrap();
    let hook = plan_id(&world, "webhook.leads");
    assert_eq!(stored["flow"][0]["parameters"]["hook"], json!(hook));
    assert_eq!(stored["flow"][1]["parameters"]["__IMTCONN__"], json!(96));
    let child = plan_id(&world, "scenario.child");
    assert_eq!(
        stored["flow"][2]["parameters"]["scenario"],
        json!(format!("SCN_{child}"))
    );
}

#[test]
fn a_change_is_shown_by_module_and_says_who_made_it() {
    let mut world = leads();
    world.settle();
    let spec = declared_scenario(&mut world, "scenario.a-lead");
    spec.schedule = every(5);
    edit(&mut spec.blueprint, true, |document| {
        document["flow"][1]["mapper"]["text"] = json!("{{lower(1.email)}}");
        let flow = document["flow"].as_array_mut().unwrap();
        flow.insert(
            1,
            json!({"id": 12, "module": "http:Get", "mapper": {"url": "https://a.test"}}),
        );
    });
    let id = plan_id(&world, "scenario.a-lead");
    let live = world.live_scenario(id);
    live.active = Field::Set(false);
    edit(&mut live.blueprint, false, |document| {
        document["metadata"]["scenario"] = json!({"maxErrors": 7});
        document["metadata"]["notes"] = json!(["a note"]);
        document["flow"][2]["metadata"] =
            json!({"designer": {"x": 900}, "restore": {"label": "b"}});
    });
    assert_eq!(
        update_of(&world),
        [
            "active: false -> true (make)",
            "schedule: every 15m -> every 5m (git)",
            "blueprint: Change [blueprint] settings, 2 of 4 modules",
            "blueprint.metadata.scenario.maxErrors: 7 -> 3 (make)",
            "blueprint.flow.12: Add [12 http:Get] after 1 (git)",
            "blueprint.flow.2: Change [2 slack:CreateMessage \"Tell sales\"] ",
            "blueprint.flow.2.mapper.text: \"{{1.email}}\" -> \"{{lower(1.email)}}\" (git)",
        ]
    );
    let plan = world.settle();
    // Name, description and folder, and two modules.
    assert_eq!(plan.steps[0].unchanged, 5);
    // What the editor keeps was neither shown nor dropped.
    let stored = world.live_scenario(id).blueprint.clone();
    let stored = stored.as_set().unwrap().document().unwrap();
    assert_eq!(stored["metadata"]["notes"], json!(["a note"]));
    assert_eq!(
        stored["flow"][3]["metadata"]["restore"],
        json!({"label": "b"})
    );
}

#[test]
fn two_who_change_one_field_are_a_conflict() {
    let mut world = leads();
    world.settle();
    let id = plan_id(&world, "scenario.a-lead");
    world.live_scenario(id).schedule = every(30);
    declared_scenario(&mut world, "scenario.a-lead").schedule = every(5);
    assert_eq!(
        update_of(&world),
        ["schedule: every 30m -> every 5m (both)"]
    );
    let plan = world.plan();
    assert_eq!(plan.steps[0].changes[0].origin, Some(Origin::Both));
}

#[test]
fn modules_that_move_are_said_to_move() {
    let mut world = leads();
    world.settle();
    let spec = declared_scenario(&mut world, "scenario.a-lead");
    edit(&mut spec.blueprint, true, |document| {
        document["flow"].as_array_mut().unwrap().swap(1, 2);
    });
    assert_eq!(
        update_of(&world),
        [
            "blueprint: Change [blueprint] 1 of 3 modules",
            "blueprint.flow.2: Move [2 slack:CreateMessage \"Tell sales\"] after 3",
        ]
    );
    world.settle();
}

#[test]
fn what_is_not_mentioned_stays_and_what_is_gone_returns_to_makes_default() {
    let mut world = leads();
    world.settle();
    let id = plan_id(&world, "scenario.a-lead");
    let described = Template::literal("By hand");
    world.live_scenario(id).description = Field::Set(described);
    assert!(world.plan().is_empty(), "a field that no manifest mentions");

    let spec = declared_scenario(&mut world, "scenario.a-lead");
    spec.schedule = Field::Absent;
    assert_eq!(
        update_of(&world),
        ["schedule: every 15m -> on demand (git)"]
    );
    let gone = Reason::FieldGone("schedule".into());
    assert!(world.plan().steps[0].reasons.contains(&gone));
    world.settle();
}

#[test]
fn settings_win_over_the_blueprint_and_can_stand_alone() {
    let mut world = World::new();
    let mut spec = scenario("Alone");
    spec.settings.max_errors = Field::Set(9);
    spec.settings.keep_incomplete = Field::Set(true);
    world.live(5, make(doing("Alone", json!([{"id": 1, "module": "a:b"}]))));
    world.declare("scenario.alone", make(spec));
    assert_eq!(
        update_of(&world),
        [
            "blueprint: Change [blueprint] settings",
            "blueprint.metadata.scenario.dlq: false -> true",
            "blueprint.metadata.scenario.maxErrors: 3 -> 9",
        ]
    );
    world.settle();
}

#[test]
fn a_shared_schedule_updates_its_users() {
    let mut world = World::new();
    let hours = |minutes: u64| {
        let schedule = json!({"type": "indefinitely", "interval": minutes * 60});
        Spec::Schedule(Schedule::from_make(&schedule))
    };
    world.declare("schedule.often", hours(15));
    let mut spec = doing("Leads", json!([]));
    spec.schedule = Field::Set(ScheduleUse::Shared(at("schedule.often")));
    world.declare("scenario.leads", make(spec));
    world.settle();
    world.declare("schedule.often", hours(20));
    let plan = world.plan();
    assert_eq!(
        lines(&plan.steps[0].changes),
        ["schedule: every 15m -> every 20m (git)"]
    );
    let reason = Reason::ScheduleChanged(at("schedule.often"));
    assert!(plan.steps[0].reasons.contains(&reason));
}

#[test]
fn ignored_changes_are_neither_shown_nor_written() {
    let mut world = leads();
    world.settle();
    let id = plan_id(&world, "scenario.a-lead");
    let live = world.live_scenario(id);
    live.schedule = every(45);
    edit(&mut live.blueprint, false, |document| {
        document["flow"][1]["mapper"]["text"] = json!("by hand");
    });
    let declared = world
        .desired
        .things
        .get_mut(&at("scenario.a-lead"))
        .unwrap();
    declared.lifecycle.ignore_changes = ["schedule", "blueprint.flow.2.mapper.text"]
        .map(|path| path.split('.').map(str::to_owned).collect())
        .to_vec();
    assert!(world.plan().steps.is_empty());
    declared_scenario(&mut world, "scenario.a-lead").active = Field::Set(false);
    assert_eq!(update_of(&world), ["active: true -> false (git)"]);
    world.settle();
    let stored = world.live_scenario(id).blueprint.clone();
    assert_eq!(
        stored.as_set().unwrap().document().unwrap()["flow"][1]["mapper"]["text"],
        "by hand"
    );
}

#[test]
fn what_both_sides_agree_on_by_now_is_recorded_silently() {
    let mut world = leads();
    world.settle();
    let id = plan_id(&world, "scenario.a-lead");
    world.live_scenario(id).schedule = every(5);
    declared_scenario(&mut world, "scenario.a-lead").schedule = every(5);
    // As after `makeform import`.
    let imported = Binding {
        id: RemoteId::Int(plan_id(&world, "folder.crm")),
        form: None,
        prevent_destroy: false,
    };
    world.bindings.by_address.insert(at("folder.crm"), imported);
    let plan = world.plan();
    assert!(!plan.has_changes() && plan.steps.is_empty());
    assert_eq!(plan.records.len(), 2);
    world.settle();
}

#[test]
fn what_a_colleague_moved_in_the_editor_stays_there_when_git_changes_a_mapper() {
    let mut world = World::new();
    let flow = json!([{"id": 1, "module": "a:b", "mapper": {"text": "old"}, "metadata": {
        "designer": {"x": 1, "y": 2, "name": "N"}, "expect": [{"name": "file"}]}}]);
    world.declare("scenario.a", make(doing("A", flow)));
    world.settle();
    let id = plan_id(&world, "scenario.a");
    edit(&mut world.live_scenario(id).blueprint, false, |document| {
        document["flow"][0]["metadata"] = json!({
            "designer": {"x": 999, "y": 888, "name": "N"}, "expect": [{"name": "live"}]});
    });
    let spec = declared_scenario(&mut world, "scenario.a");
    edit(&mut spec.blueprint, false, |document| {
        document["flow"][0]["mapper"]["text"] = json!("new");
    });
    world.settle();
    let blueprint = &world.live_scenario(id).blueprint;
    let document = blueprint.as_set().unwrap().document().unwrap();
    assert_eq!(document["flow"][0]["mapper"]["text"], json!("new"));
    assert_eq!(
        document["flow"][0]["metadata"],
        json!({"designer": {"x": 999, "y": 888, "name": "N"}, "expect": [{"name": "live"}]})
    );
}

#[test]
fn modules_of_both_sides_are_counted() {
    let mut world = World::new();
    let flow = |kind: &str| json!([{"id": 1, "module": kind}, {"id": 2, "module": kind}]);
    world.declare("scenario.a", make(doing("A", flow("a:b"))));
    world.settle();
    let spec = declared_scenario(&mut world, "scenario.a");
    edit(&mut spec.blueprint, false, |document| {
        document["flow"] = flow("c:d")
    });
    let changes = update_of(&world);
    assert_eq!(changes[0], "blueprint: Change [blueprint] 4 of 4 modules");
}
