//! What is shown of a change, and who made it.

use serde_json::{Value, json};

use crate::{
    model::{
        Binding, Field, Origin, RemoteId, Spec,
        reference::Template,
        spec::{Link, Schedule, ScheduleUse},
    },
    plan::{
        Difference, Reason,
        testing::{
            World, at, declared_scenario, doing, edit, every, folder, leads, lines, make, plan_id,
            scenario, update_of, webhook,
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
            "folder: + folder.a-inner (id known after apply)",
            "schedule: + every 15m",
            "blueprint: Add [blueprint] 4 modules",
            "blueprint.flow.7: Add [7 rss:TriggerNewArticle] first",
            "blueprint.flow.1: Add [1 gateway:CustomWebHook] after 7",
            "blueprint.flow.1.parameters.hook: + webhook.leads (id known after apply)",
            "blueprint.flow.2: Add [2 slack:CreateMessage \"Tell sales\"] after 1",
            "blueprint.flow.2.mapper.text: + \"{{1.email}}\"",
            "blueprint.flow.2.parameters.__IMTCONN__: + connection.slack",
            "blueprint.flow.3: Add [3 scenario-service:CallSubscenario] after 2",
            "blueprint.flow.3.parameters.scenario: + (known after apply)",
        ]
    );
    // What was unknown went in as ids.
    let stored = world
        .live_scenario(plan_id(&world, "scenario.a-lead"))
        .blueprint
        .clone();
    let stored = stored.as_set().unwrap().document().unwrap();
    let hook = plan_id(&world, "webhook.leads");
    assert_eq!(stored["flow"][1]["parameters"]["hook"], json!(hook));
    assert_eq!(stored["flow"][2]["parameters"]["__IMTCONN__"], json!(96));
    let child = plan_id(&world, "scenario.child");
    assert_eq!(
        stored["flow"][3]["parameters"]["scenario"],
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
        document["flow"][2]["mapper"]["text"] = json!("{{lower(1.email)}}");
        let flow = document["flow"].as_array_mut().unwrap();
        flow.insert(
            2,
            json!({"id": 12, "module": "http:Get", "mapper": {"url": "https://a.test"}}),
        );
    });
    let id = plan_id(&world, "scenario.a-lead");
    let live = world.live_scenario(id);
    live.active = Field::Set(false);
    edit(&mut live.blueprint, false, |document| {
        document["metadata"]["scenario"] = json!({"maxErrors": 7});
        document["metadata"]["notes"] = json!(["a note"]);
        document["flow"][3]["metadata"] =
            json!({"designer": {"x": 900}, "restore": {"label": "b"}});
    });
    assert_eq!(
        update_of(&world),
        [
            "active: false -> true (make)",
            "schedule: every 15m -> every 5m (git)",
            "blueprint: Change [blueprint] settings, 2 of 5 modules",
            "blueprint.metadata.scenario.maxErrors: 7 -> 3 (make)",
            "blueprint.flow.12: Add [12 http:Get] after 1 (git)",
            "blueprint.flow.12.mapper.url: + \"https://a.test\"",
            "blueprint.flow.2: Change [2 slack:CreateMessage \"Tell sales\"] ",
            "blueprint.flow.2.mapper.text: \"{{1.email}}\" -> \"{{lower(1.email)}}\" (git)",
        ]
    );
    let plan = world.settle();
    // Name, description and folder, and three modules.
    assert_eq!(plan.steps[0].unchanged, 6);
    // What the editor keeps was neither shown nor dropped.
    let stored = world.live_scenario(id).blueprint.clone();
    let stored = stored.as_set().unwrap().document().unwrap();
    assert_eq!(stored["metadata"]["notes"], json!(["a note"]));
    assert_eq!(
        stored["flow"][4]["metadata"]["restore"],
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
fn ids_are_shown_as_the_names_of_their_objects() {
    let mut world = leads();
    world.declare("folder.archive", folder("Archive"));
    world.settle();
    world.live(813, folder("Somebody's"));
    world.live(814, webhook("Loose", "custom"));
    let id = plan_id(&world, "scenario.a-lead");
    let live = world.live_scenario(id);
    live.folder = Field::Set(Link::Id(RemoteId::Int(813)));
    edit(&mut live.blueprint, false, |document| {
        document["flow"][1]["parameters"]["hook"] = json!(814);
        document["flow"][3]["parameters"]["scenario"] = json!("SCN_9999");
    });
    let spec = declared_scenario(&mut world, "scenario.a-lead");
    spec.folder = Field::Set(Link::Thing(at("folder.archive")));
    let lines = update_of(&world);
    for line in [
        "folder: \"Somebody's\" (id 813) -> folder.archive (both)",
        "blueprint.flow.1.parameters.hook: \"Loose\" (id 814) -> webhook.leads (make)",
        "blueprint.flow.3.parameters.scenario: \"SCN_9999\" -> scenario.child (make)",
    ] {
        assert!(lines.iter().any(|found| found == line), "{lines:#?}");
    }
}

#[test]
fn a_reference_that_changes_is_no_conflict() {
    let mut world = leads();
    world.declare("webhook.other", webhook("Other", "custom"));
    world.settle();
    let id = plan_id(&world, "scenario.a-lead");
    let [inner, crm, leads, other] = [
        "folder.a-inner",
        "folder.crm",
        "webhook.leads",
        "webhook.other",
    ]
    .map(|address| plan_id(&world, address));
    let origins = |world: &World| -> Vec<_> {
        let lines = update_of(world).into_iter();
        lines
            .filter_map(|line| {
                line.split_once(": ").map(|(path, rest)| {
                    let origin = rest.rsplit_once(" (").map_or("", |(_, origin)| origin);
                    format!("{path} {origin}")
                })
            })
            .filter(|line| !line.starts_with("blueprint ") && !line.ends_with("flow.1 "))
            .collect()
    };
    // In the manifests..
    let spec = declared_scenario(&mut world, "scenario.a-lead");
    spec.folder = Field::Set(Link::Thing(at("folder.crm")));
    edit(&mut spec.blueprint, true, |document| {
        document["flow"][1]["parameters"]["hook"] = json!("${webhook.other}");
    });
    let git = ["folder git)", "blueprint.flow.1.parameters.hook git)"];
    assert_eq!(origins(&world), git);
    // ..by both..
    world.live_scenario(id).folder = Field::Null;
    let both = ["folder both)", "blueprint.flow.1.parameters.hook git)"];
    assert_eq!(origins(&world), both);
    // ..and by somebody in Make.
    let spec = declared_scenario(&mut world, "scenario.a-lead");
    spec.folder = Field::Set(Link::Thing(at("folder.a-inner")));
    edit(&mut spec.blueprint, true, |document| {
        document["flow"][1]["parameters"]["hook"] = json!("${webhook.leads}");
    });
    let live = world.live_scenario(id);
    live.folder = Field::Set(Link::Id(RemoteId::Int(crm)));
    edit(&mut live.blueprint, false, |document| {
        document["flow"][1]["parameters"]["hook"] = json!(other);
    });
    let make = ["folder make)", "blueprint.flow.1.parameters.hook make)"];
    assert_eq!(origins(&world), make);
    assert!(inner != crm && leads != other);
    world.settle();
}

#[test]
fn modules_that_move_are_said_to_move() {
    let mut world = leads();
    world.settle();
    let spec = declared_scenario(&mut world, "scenario.a-lead");
    edit(&mut spec.blueprint, true, |document| {
        document["flow"].as_array_mut().unwrap().swap(2, 3);
    });
    assert_eq!(
        update_of(&world),
        [
            "blueprint: Change [blueprint] 1 of 4 modules",
            "blueprint.flow.2: Move [2 slack:CreateMessage \"Tell sales\"] after 1 -> after 3 (git)",
        ]
    );
    world.settle();
}

#[test]
fn a_module_that_comes_shows_what_it_does_and_machines_get_it_whole() {
    let mut world = World::new();
    let token = "t0p-s3cr3t-token";
    let env = &mut world.desired.variables.env;
    env.insert("CRM_TOKEN".into(), token.to_owned().into());
    let old = json!([{"id": 1, "module": "a:b"}, {"id": 2, "module": "util:Sleep"}]);
    world.declare("scenario.a", make(doing("A", old)));
    world.settle();
    let new = json!([
        {"id": 1, "module": "a:b"},
        {"id": 2, "module": "http:Post", "version": 3, "parameters": {},
         "mapper": {"url": "https://crm.test", "key": "Bearer ${env.CRM_TOKEN}", "body": "a\nb"},
         "filter": {"name": "only new", "conditions": [[{"a": "{{1.id}}", "o": "exist"}]]},
         "metadata": {"designer": {"x": 3, "name": "Post"}}},
    ]);
    world.declare("scenario.a", make(doing("A", new)));
    assert_eq!(
        update_of(&world),
        [
            "blueprint: Change [blueprint] 2 of 3 modules",
            "blueprint.flow.2: Remove [2 util:Sleep] after 1 (git)",
            "blueprint.flow.2: Add [2 http:Post \"Post\"] after 1 (git)",
            "blueprint.flow.2.filter: + only if `1.id` exists (\"only new\")",
            "blueprint.flow.2.mapper.body: text",
            "blueprint.flow.2.mapper.key: + (sensitive)",
            "blueprint.flow.2.mapper.url: + \"https://crm.test\"",
        ]
    );
    let plan = world.plan();
    let Difference::Group { changes, .. } = &plan.steps[0].changes[0].difference else {
        panic!("no group");
    };
    let values = changes.iter().map(|change| {
        let Difference::Part { value, .. } = &change.difference else {
            panic!("no part: {change:?}");
        };
        value.clone()
    });
    let values: Vec<Value> = values.collect();
    assert_eq!(
        values[0],
        json!({"module": "util:Sleep", "position": "after 1"})
    );
    assert_eq!(values[1]["module"], "http:Post");
    assert_eq!(values[1]["position"], "after 1");
    assert_eq!(values[1]["version"], 3);
    assert_eq!(values[1]["mapper"]["key"], "(sensitive)");
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
        document["flow"][2]["mapper"]["text"] = json!("by hand");
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
        stored.as_set().unwrap().document().unwrap()["flow"][2]["mapper"]["text"],
        "by hand"
    );
}

#[test]
fn an_ignored_module_that_only_make_has_stays_where_it_is() {
    let mut world = leads();
    let env = &mut world.desired.variables.env;
    env.insert("TOKEN".into(), "t0p-s3cr3t-token".to_owned().into());
    let spec = declared_scenario(&mut world, "scenario.a-lead");
    edit(&mut spec.blueprint, true, |document| {
        document["flow"][2]["onerror"] = json!([{"id": 9, "module": "builtin:Break"}]);
        document["flow"][3]["mapper"] = json!({"key": "${env.TOKEN}"});
    });
    world.settle();
    let id = plan_id(&world, "scenario.a-lead");
    edit(&mut world.live_scenario(id).blueprint, false, |document| {
        let onerror = document["flow"][2]["onerror"].as_array_mut().unwrap();
        onerror.push(json!({"id": 13, "module": "util:Note"}));
        let flow = document["flow"].as_array_mut().unwrap();
        flow.insert(2, json!({"id": 12, "module": "util:Sleep"}));
        flow.insert(3, json!({"id": 14, "module": "util:Sleep"}));
    });
    let address = at("scenario.a-lead");
    let declared = world.desired.things.get_mut(&address).unwrap();
    declared.lifecycle.ignore_changes = ["12", "13", "14"]
        .map(|key| ["blueprint", "flow", key].map(str::to_owned).to_vec())
        .to_vec();
    assert!(world.plan().steps.is_empty());
    let spec = declared_scenario(&mut world, "scenario.a-lead");
    edit(&mut spec.blueprint, true, |document| {
        document["flow"][3]["mapper"]["key"] = json!("x ${env.TOKEN}");
        document["flow"][2]["mapper"]["text"] = json!("other");
    });
    assert_eq!(
        update_of(&world),
        [
            "blueprint: Change [blueprint] 2 of 8 modules",
            "blueprint.flow.2: Change [2 slack:CreateMessage \"Tell sales\"] ",
            "blueprint.flow.2.mapper.text: \"{{1.email}}\" -> \"other\" (git)",
            "blueprint.flow.3: Change [3 scenario-service:CallSubscenario] ",
            "blueprint.flow.3.mapper.key: (sensitive) -> (sensitive)",
        ]
    );
    world.settle();
    let stored = world.live_scenario(id).blueprint.clone();
    let stored = stored.as_set().unwrap().document().unwrap();
    let flow = stored["flow"].as_array().unwrap();
    let ids: Vec<u64> = flow.iter().map(|m| m["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, [7, 1, 12, 14, 2, 3]);
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
        invited: false,
        unchecked: None,
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
        json!({"designer": {"x": 999, "y": 888, "name": "N"}, "expect": [{"name": "file"}]})
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
        document["flow"] = flow("c:d");
    });
    let changes = update_of(&world);
    assert_eq!(changes[0], "blueprint: Change [blueprint] 4 of 4 modules");
}
