//! Stories of planning: what people do, and what the plan then says.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    Action, Change, Difference, Reason, Shown,
    testing::{World, at, connection, doing, every, folder, make, role, scenario, steps, webhook},
};
use crate::{
    model::{
        Binding, Blueprint, Field, Lifecycle, Origin, Pin, Place, Reading, RemoteId, Removed,
        Source, Spec,
        spec::{FolderSpec, Link, ScenarioSpec, Schedule, ScheduleUse},
    },
    plan::refusals,
};

/// Two folders, a webhook and two scenarios of which one calls the other.
fn leads() -> World {
    let mut world = World::new();
    world.live(96, connection("Team Slack", "slack"));
    world.declare("connection.slack", connection("Team Slack", "slack"));
    world.declare("folder.crm", folder("CRM"));
    let inner = FolderSpec {
        name: "Inner".into(),
        parent: Field::Set(Link::Thing(at("folder.crm"))),
    };
    world.declare("folder.a-inner", Spec::Folder(inner));
    world.declare("webhook.leads", webhook("Leads", "custom"));
    let child = doing(
        "Child",
        json!([{"id": 1, "module": "scenario-service:StartSubscenario"}]),
    );
    world.declare("scenario.child", make(child));
    let flow = json!([
        {"id": 1, "module": "gateway:CustomWebHook", "parameters": {"hook": "${webhook.leads}"}},
        {"id": 2, "module": "slack:CreateMessage", "parameters": {"__IMTCONN__": "${connection.slack}"},
         "mapper": {"text": "{{1.email}}"}, "metadata": {"designer": {"name": "Tell sales"}}},
        {"id": 3, "module": "scenario-service:CallSubscenario", "parameters": {"scenario": "${scenario.child}"}},
    ]);
    let parent = ScenarioSpec {
        folder: Field::Set(Link::Thing(at("folder.a-inner"))),
        active: Field::Set(true),
        schedule: every(15),
        ..doing("A lead", flow)
    };
    world.declare("scenario.a-lead", make(parent));
    world.declare("team-role.ada", role("Ada@example.com", "builder"));
    world
}

fn declared_scenario<'w>(world: &'w mut World, address: &str) -> &'w mut ScenarioSpec {
    let declared = world.desired.things.get_mut(&at(address)).unwrap();
    let Spec::Scenario(spec) = &mut declared.spec else {
        panic!("{address} is no scenario");
    };
    spec
}

fn edit(blueprint: &mut Field<Blueprint>, references: bool, edit: impl FnOnce(&mut Value)) {
    let mut document = blueprint.as_set().unwrap().document().unwrap();
    edit(&mut document);
    *blueprint = Field::Set(Blueprint::new(&document, references));
}

/// The changes as lines: `path: before -> after (origin)`.
fn lines(changes: &[Change]) -> Vec<String> {
    let text = |shown: &Shown| match shown {
        Shown::Value(value) => value.to_string(),
        Shown::Words(_, words) => words.clone(),
        Shown::Sensitive => "(sensitive)".into(),
        Shown::Unknown => "(known after apply)".into(),
    };
    let mut out = Vec::new();
    for change in changes {
        let origin = change
            .origin
            .map_or_else(String::new, |o| format!(" ({})", o.as_str()));
        let path = change.path.join(".");
        match &change.difference {
            Difference::Added(after) => out.push(format!("{path}: + {}{origin}", text(after))),
            Difference::Removed(before) => out.push(format!("{path}: - {}{origin}", text(before))),
            Difference::Changed(before, after) => {
                out.push(format!(
                    "{path}: {} -> {}{origin}",
                    text(before),
                    text(after)
                ));
            }
            Difference::Text { .. } => out.push(format!("{path}: text{origin}")),
            Difference::Part { sign, note, .. } => {
                out.push(format!(
                    "{path}: {sign:?} [{}] {note}{origin}",
                    change.title
                ));
            }
            Difference::Group {
                sign,
                note,
                changes,
            } => {
                out.push(format!("{path}: {sign:?} [{}] {note}", change.title));
                out.extend(lines(changes));
            }
        }
    }
    out
}

fn update_of(world: &World) -> Vec<String> {
    let plan = world.plan();
    assert_eq!(plan.steps.len(), 1, "{:?}", steps(&plan));
    lines(&plan.steps[0].changes)
}

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

fn plan_id(world: &World, address: &str) -> u64 {
    world.bindings.by_address[&at(address)].id.as_int().unwrap()
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
    let described = crate::model::reference::Template::literal("By hand");
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
fn an_unmanaged_object_of_the_name_is_adopted_and_never_built_twice() {
    let mut world = World::new();
    world.live(7, folder("CRM"));
    world.declare("folder.crm", folder("CRM"));
    let plan = world.plan();
    assert_eq!(steps(&plan), ["adopt folder.crm"]);
    assert!(!plan.has_changes() && !plan.is_empty());
    assert!(refusals(&plan, &[]).is_empty());
    world.settle();
    assert_eq!(plan_id(&world, "folder.crm"), 7);
}

#[test]
fn an_adoption_that_would_change_something_is_refused_unless_allowed() {
    let mut world = World::new();
    world.live(7, make(doing("Leads", json!([{"id": 1, "module": "a:b"}]))));
    world.declare("scenario.leads", make(doing("Leads", json!([]))));
    let plan = world.plan();
    assert_eq!(plan.steps[0].action, Action::Adopt);
    assert_eq!(refusals(&plan, &[])[0].code.name, "adopt-overwrites");
    assert!(refusals(&plan, &["adopt-overwrites".into()]).is_empty());
}

#[test]
fn names_that_are_not_unique_need_a_pin() {
    let mut world = World::new();
    world.live(7, folder("CRM"));
    world.live(8, folder("CRM"));
    world.declare("folder.crm", folder("CRM"));
    let plan = world.plan();
    assert!(plan.steps.is_empty() && plan.findings.has_errors());
    assert!(
        plan.findings
            .iter()
            .next()
            .unwrap()
            .message
            .contains("7, 8")
    );
    let source = Source {
        name: "makeform.ids.yaml".into(),
        text: String::new(),
    };
    let pin = Pin {
        id: RemoteId::Int(8),
        place: Place::new(&source.into(), 0..0),
    };
    world.desired.pins.insert(at("folder.crm"), pin);
    assert_eq!(world.plan().steps[0].reasons, [Reason::Pinned]);
    world.settle();
    assert_eq!(plan_id(&world, "folder.crm"), 8);
}

#[test]
fn a_manifest_that_goes_takes_its_object_with_it_users_first() {
    let mut world = leads();
    world.settle();
    let (lead, hook) = (
        plan_id(&world, "scenario.a-lead"),
        plan_id(&world, "webhook.leads"),
    );
    let live = world
        .snapshot
        .live
        .get_mut(&crate::model::Kind::Webhook)
        .unwrap();
    let facts = &mut live.get_mut(&RemoteId::Int(hook)).unwrap().facts;
    facts.attached = Some(RemoteId::Int(lead));
    for address in [
        "folder.crm",
        "folder.a-inner",
        "webhook.leads",
        "scenario.child",
        "scenario.a-lead",
    ] {
        world.forget(address);
    }
    assert_eq!(
        world.steps(),
        [
            "delete scenario.a-lead",
            "delete folder.a-inner",
            "delete folder.crm",
            "delete scenario.child",
            "delete webhook.leads",
        ]
    );
    world.settle();
    assert_eq!(world.bindings.by_address.len(), 1);
}

#[test]
fn what_the_ledger_does_not_know_is_never_deleted() {
    let mut world = World::new();
    world.live(7, folder("Somebody's"));
    assert!(world.plan().is_empty());
    world.destroy = true;
    assert!(world.plan().is_empty());
}

#[test]
fn a_removed_entry_forgets_without_deleting() {
    let mut world = leads();
    world.settle();
    let place = world.desired.things[&at("team-role.ada")].place.clone();
    world.forget("team-role.ada");
    let removed = Removed {
        destroy: false,
        place,
    };
    world.desired.removed.insert(at("team-role.ada"), removed);
    let plan = world.plan();
    assert_eq!(steps(&plan), ["forget team-role.ada"]);
    assert!(!plan.has_changes());
    world.settle();
}

#[test]
fn a_webhook_of_another_type_is_replaced_and_its_users_get_the_new_id() {
    let mut world = leads();
    world.settle();
    world.declare("webhook.leads", webhook("Leads", "mail"));
    let plan = world.plan();
    assert_eq!(
        steps(&plan),
        ["replace webhook.leads", "update scenario.a-lead"]
    );
    let hook = plan_id(&world, "webhook.leads");
    assert!(lines(&plan.steps[1].changes).contains(&format!(
        "blueprint.flow.1.parameters.hook: {hook} -> (known after apply)"
    )));
    world.settle();
}

#[test]
fn an_object_that_vanished_is_made_again() {
    let mut world = leads();
    world.settle();
    let id = RemoteId::Int(plan_id(&world, "folder.crm"));
    world
        .snapshot
        .live
        .get_mut(&crate::model::Kind::Folder)
        .unwrap()
        .remove(&id);
    let plan = world.plan();
    assert_eq!(steps(&plan), ["create folder.crm", "update folder.a-inner"]);
    assert_eq!(plan.steps[0].reasons, [Reason::Vanished(id)]);
    world.settle();
}

#[test]
fn an_account_half_read_is_not_built_twice() {
    let mut world = leads();
    world.settle();
    world.snapshot.reading.insert(
        crate::model::Kind::Folder,
        Reading::Partial("403 on page 2".into()),
    );
    world.snapshot.live.remove(&crate::model::Kind::Folder);
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
    let folders = world
        .snapshot
        .live
        .get_mut(&crate::model::Kind::Folder)
        .unwrap();
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
        ignore_changes: Vec::new(),
    };
    world.settle();
    let id = plan_id(&world, "scenario.leads");
    let live = world
        .snapshot
        .live
        .get_mut(&crate::model::Kind::Scenario)
        .unwrap();
    live.get_mut(&RemoteId::Int(id)).unwrap().facts.incomplete = 3;
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
fn connections_are_looked_up_and_missed_with_who_needs_them() {
    let mut world = leads();
    world.snapshot.live.remove(&crate::model::Kind::Connection);
    let plan = world.plan();
    let finding = plan.findings.iter().next().unwrap();
    assert_eq!(finding.code.name, "connection-not-found");
    assert!(
        finding.message.contains("`scenario.a-lead` needs it"),
        "{}",
        finding.message
    );
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
fn new_things_that_need_each_other_are_a_cycle_and_existing_ones_are_not() {
    let calls = |name: &str, other: &str| {
        let module = json!([{"id": 1, "module": "scenario-service:CallSubscenario",
                             "parameters": {"scenario": format!("${{scenario.{other}}}")}}]);
        make(doing(name, module))
    };
    let mut world = World::new();
    world.declare("scenario.a", calls("A", "b"));
    world.declare("scenario.b", calls("B", "a"));
    let plan = world.plan();
    let finding = plan.findings.iter().next().unwrap();
    assert_eq!(finding.code.name, "creation-cycle");
    assert!(
        finding
            .message
            .ends_with("`scenario.a` -> `scenario.b` -> `scenario.a`")
    );

    world.live(5, calls("A", "b"));
    assert!(!world.plan().findings.has_errors());
}

#[test]
fn only_the_chosen_and_what_they_stand_on_are_planned() {
    let mut world = leads();
    world.only = vec![at("scenario.a-lead")];
    assert_eq!(world.steps().len(), 5);
    world.only = vec![at("folder.a-inner")];
    assert_eq!(
        world.steps(),
        ["create folder.crm", "create folder.a-inner"]
    );
    world.only = vec![at("folder.crmm")];
    assert_eq!(world.codes(), ["unknown-address"]);
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
fn a_name_that_moves_to_another_address_is_told() {
    let mut world = World::new();
    world.declare("folder.crm", folder("CRM"));
    world.settle();
    world.forget("folder.crm");
    world.declare("folder.sales", folder("CRM"));
    assert_eq!(world.steps(), ["create folder.sales", "delete folder.crm"]);
    assert_eq!(world.codes(), ["looks-renamed"]);
}

#[test]
fn secrets_are_in_no_plan_and_no_ledger() {
    let mut world = leads();
    let (token, old, key) = ("t0p-s3cr3t-token", "0ld-s3cr3t-token", "q8Zr41kPxT7w2LmNb");
    world
        .desired
        .variables
        .env
        .insert("CRM_TOKEN".into(), token.to_owned().into());
    let flow = json!([
        {"id": 4, "module": "http:Get", "mapper": {"note": "${env.CRM_TOKEN}", "url": "${webhook.leads.url}",
         "headers": [{"name": "apikey", "value": key}, {"name": "auth", "value": "x ${env.CRM_TOKEN} y"}]}},
    ]);
    world.declare("scenario.http", make(doing("Http", flow)));
    let created = world.settle();
    let id = plan_id(&world, "scenario.http");
    edit(&mut world.live_scenario(id).blueprint, false, |document| {
        let flow = document["flow"].as_array_mut().unwrap();
        flow[0]["mapper"]["note"] = json!(old);
        flow[0]["mapper"]["headers"][0]["value"] = json!("Zx81Kd02Lmq93Pw7a");
        flow.insert(
            0,
            json!({"id": 1, "module": "a:b", "mapper": {"copy": token}}),
        );
    });
    let plan = world.plan();
    assert_eq!(
        lines(&plan.steps[0].changes),
        [
            "blueprint: Change [blueprint] 2 of 2 modules",
            "blueprint.flow.4: Change [4 http:Get] ",
            "blueprint.flow.4.mapper.headers.0.value: (sensitive) -> (sensitive)",
            "blueprint.flow.4.mapper.note: (sensitive) -> (sensitive)",
            "blueprint.flow.1: Remove [1 a:b] first (make)",
        ]
    );
    let before = super::masked(plan.steps[0].before.as_ref().unwrap());
    let ledger = serde_json::to_string(&world.bindings.by_address).unwrap();
    for secret in [
        token,
        old,
        key,
        "k3j9x8w7v6u5t4s3r2q1p0o9n8",
        "Zx81Kd02Lmq93Pw7a",
    ] {
        let texts = [
            format!("{created:?}"),
            format!("{plan:?}"),
            before.to_string(),
            ledger.clone(),
        ];
        for text in texts {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
    assert!(ledger.contains("x ${env.CRM_TOKEN} y"));
}

#[test]
fn the_digest_is_of_what_was_decided_and_of_nothing_else() {
    let mut world = leads();
    world.settle();
    declared_scenario(&mut world, "scenario.a-lead").schedule = every(5);
    let digest = world.plan().digest;

    // A colleague edits something else, or only moves modules about in the editor.
    let id = plan_id(&world, "scenario.a-lead");
    world.live(900, folder("New"));
    edit(&mut world.live_scenario(id).blueprint, false, |document| {
        document["flow"][0]["metadata"] = json!({"designer": {"x": 1}});
        document["metadata"]["instant"] = json!(false);
    });
    assert_eq!(world.plan().digest, digest);

    // A colleague edits the thing itself.
    let description = crate::model::reference::Template::literal("New");
    world.live_scenario(id).description = Field::Set(description);
    assert_ne!(world.plan().digest, digest);
}

#[test]
fn a_secret_enters_the_digest_by_its_name_only() {
    let digest = |token: &str| {
        let mut world = World::new();
        world
            .desired
            .variables
            .env
            .insert("TOKEN".into(), token.to_owned().into());
        let flow = json!([{"id": 1, "module": "a:b", "mapper": {"key": "${env.TOKEN}"}}]);
        world.declare("scenario.a", make(doing("A", flow)));
        world.plan().digest
    };
    assert_eq!(digest("first-token-1"), digest("second-token-2"));
}

#[test]
fn a_ledger_of_another_account_is_refused() {
    let mut world = leads();
    world.settle();
    world.bindings.identity = Some(crate::model::Identity {
        host: "eu1.make.com".into(),
        organization: 1,
        team: 1,
    });
    assert_eq!(world.codes(), ["foreign-ledger"]);
    assert!(world.plan().is_empty());
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

/// Flows of modules with few ids, so that two of them have much in common: nested, labelled,
/// with an id twice now and then.
fn flows() -> impl Strategy<Value = Value> {
    let values = prop_oneof![
        Just(json!(null)),
        Just(json!(1.0)),
        Just(json!({"0": "a", "b": [1, 2]})),
        Just(json!(["x", {"y": 1}])),
        Just(json!("line\nline\n")),
    ];
    let module = (0..6_u8, 0..3_u8, values.clone(), values)
        .prop_map(|(id, kind, mapper, x)| {
            json!({"id": id, "module": format!("app:Type{kind}"), "mapper": mapper,
                   "metadata": {"designer": {"x": x, "name": if kind == 2 { "Label" } else { "" }}}})
        });
    let leaf = prop::collection::vec(module.clone(), 0..4).prop_map(Value::Array);
    leaf.prop_recursive(3, 24, 4, move |inner| {
        let nested = (module.clone(), inner, 0..4_u8).prop_map(|(mut module, flow, place)| {
            match place {
                0 => module["routes"] = json!([{"flow": flow}, {"flow": []}]),
                1 => module["onerror"] = flow,
                2 => module["branches"] = json!([{"type": "if", "flow": flow}]),
                _ => module["tools"] = json!([{"name": "t", "flow": flow}]),
            }
            module
        });
        prop::collection::vec(nested, 0..4).prop_map(Value::Array)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_blueprint_becomes_any_other_and_then_nothing_changes(
        old in flows(), new in flows(), parked in flows(),
    ) {
        let mut world = World::new();
        let mut live = doing("A", old.clone());
        edit(&mut live.blueprint, false, |document| {
            document["metadata"]["designer"] = json!({"orphans": [parked, []]});
        });
        world.live(5, make(live));
        world.declare("scenario.a", make(doing("A", old)));
        world.settle();
        world.declare("scenario.a", make(doing("A", new)));
        let plan = world.settle();
        for step in &plan.steps {
            prop_assert!(!lines(&step.changes).is_empty());
        }
    }
}
