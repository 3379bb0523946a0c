//! Stories of accounts that are reached through `api.make.com`.

use serde_json::{Value, json};

use crate::{
    diagnostic::Severity,
    model::{
        Blueprint, Field, Kind, Pin, Place, RemoteId, Source, Spec,
        reference::Template,
        spec::{
            DataStoreSpec, Link, OrganizationRoleSpec, ScenarioSpec, Schedule, ScheduleUse,
            Security, WebhookSpec,
            schedule::{Cron, When},
        },
    },
    plan::{
        Reason,
        testing::{
            World, at, connection, declared_scenario, edit, folder, lines, role, steps, update_of,
        },
    },
};

fn graph(modules: Value) -> Field<Blueprint> {
    Field::Set(Blueprint::new(&json!({ "modules": modules }), true))
}

fn scenario(name: &str, modules: Value) -> ScenarioSpec {
    ScenarioSpec {
        name: name.into(),
        active: Field::Set(true),
        blueprint: graph(modules),
        ..ScenarioSpec::default()
    }
}

fn make(spec: ScenarioSpec) -> Spec {
    Spec::Scenario(Box::new(spec))
}

fn webhook(name: &str) -> WebhookSpec {
    WebhookSpec {
        name: name.into(),
        kind: "custom".into(),
        scenario: Field::Set(Link::Thing(at("scenario.leads"))),
        ..WebhookSpec::default()
    }
}

fn guarded(name: &str, variable: &str) -> Spec {
    let token = Template::parse(&format!("${{env.{variable}}}"));
    Spec::Webhook(WebhookSpec {
        security: Field::Set(Security::Token { token }),
        ..webhook(name)
    })
}

/// A scenario that is started by a webhook, which needs it.
fn leads() -> World {
    let mut world = World::unified();
    let env = &mut world.desired.variables.env;
    env.insert("TOKEN".into(), "t0ken-of-the-hook".to_owned().into());
    env.insert("OTHER".into(), "0ther-of-the-hook".to_owned().into());
    let modules = json!([
        {"id": 1, "app": "gateway", "action": "CustomWebHook",
         "parameters": {"hook": "${webhook.leads}"}},
        {"id": 2, "app": "http", "action": "Get", "parameters": {"url": "https://a.test"}},
    ]);
    world.declare("scenario.leads", make(scenario("Leads", modules)));
    world.declare("webhook.leads", guarded("Leads hook", "TOKEN"));
    world
}

fn place() -> Place {
    let source = Source {
        name: "makeform.yaml".into(),
        text: String::new(),
    };
    Place::new(&source.into(), 0..0)
}

#[test]
fn a_scenario_and_its_webhook_need_each_other_and_are_made_all_the_same() {
    let mut world = leads();
    let plan = world.plan();
    assert_eq!(
        steps(&plan),
        ["create scenario.leads", "create webhook.leads"]
    );
    let [first, hook] = plan.steps.as_slice() else {
        panic!("{plan:?}");
    };
    assert!(first.later.contains(&at("webhook.leads")));
    assert!(hook.depends_on.contains(&at("scenario.leads")));
    let reason = Reason::FinishedAfter(vec![at("webhook.leads")]);
    assert!(first.reasons.contains(&reason), "{:?}", first.reasons);
    let part = first.first();
    assert!(part.is_known(), "{part:?}");
    assert_eq!(part.flag("active"), Some(false));
    assert_eq!(
        part.blueprint.unwrap().document().unwrap(),
        json!({ "modules": [], "connections": [] })
    );
    let _ = world.settle();
    // A run that ended between the two left the scenario bound, off and empty.
    let id = world.bindings.by_address[&at("scenario.leads")].id.clone();
    world.bind("scenario.leads", id.as_int().unwrap());
    let live = world.live_scenario(id.as_int().unwrap());
    live.active = Field::Set(false);
    live.blueprint = graph(json!([]));
    assert_eq!(steps(&world.settle()), ["update scenario.leads"]);
}

#[test]
fn a_scenario_is_switched_on_after_a_webhook_that_it_does_not_name() {
    let mut world = leads();
    declared_scenario(&mut world, "scenario.leads").blueprint =
        graph(json!([{"id": 2, "app": "http", "action": "Get"}]));
    let plan = world.plan();
    assert!(plan.steps[0].later.contains(&at("webhook.leads")));
    let part = plan.steps[0].first();
    assert_eq!(
        part.blueprint,
        plan.steps[0].after.as_ref().unwrap().blueprint
    );
    assert_eq!(part.flag("active"), Some(false));
    declared_scenario(&mut world, "scenario.leads").active = Field::Set(false);
    assert!(
        world.plan().steps[0].later.is_empty(),
        "nothing is left to be done"
    );
    let _ = world.settle();
}

#[test]
fn a_webhook_is_made_anew_for_each_change_and_its_credentials_are_known_by_their_variable() {
    let mut world = leads();
    let _ = world.settle();
    world.declare("webhook.leads", guarded("Leads hook", "OTHER"));
    let plan = world.plan();
    assert_eq!(
        steps(&plan),
        ["replace webhook.leads", "update scenario.leads"]
    );
    let text = format!(
        "{:?}",
        plan.steps
            .iter()
            .map(|s| lines(&s.changes))
            .collect::<Vec<_>>()
    );
    assert!(!text.contains("of-the-hook"), "{text}");
    assert!(text.contains("security.token: + (sensitive)"), "{text}");
    let _ = world.settle();

    world.declare("webhook.leads", guarded("Other name", "OTHER"));
    let plan = world.plan();
    let after = plan.steps[0].after.as_ref().unwrap();
    assert_eq!(after.get("security").unwrap()["token"], "0ther-of-the-hook");
    assert_eq!(
        plan.steps[0].reasons[0],
        Reason::ReplacedBecause("name".into())
    );
    let _ = world.settle();

    // What guards it is known no more: it would stand open.
    world.declare("webhook.leads", Spec::Webhook(webhook("Third name")));
    for binding in world.bindings.by_address.values_mut() {
        binding.form = None;
    }
    assert!(
        world.codes().contains(&"credentials-unknown"),
        "{:?}",
        world.codes()
    );
}

#[test]
fn schedules_are_what_cron_says() {
    let mut world = World::unified();
    let at_nine = Schedule {
        timezone: Some("Europe/Prague".into()),
        ..Schedule::of(When::Daily("09:00".parse().unwrap()))
    };
    let mut spec = scenario("Sync", json!([{"id": 1, "app": "http", "action": "Get"}]));
    spec.schedule = Field::Set(ScheduleUse::Inline(at_nine.clone()));
    world.declare("scenario.sync", make(spec));
    let _ = world.settle();

    let spec = declared_scenario(&mut world, "scenario.sync");
    let only_cron = When::Cron(Cron::parse("0 9 1 * 1").unwrap());
    spec.schedule = Field::Set(ScheduleUse::Inline(Schedule {
        when: only_cron,
        ..at_nine.clone()
    }));
    assert_eq!(update_of(&world).len(), 1);
    let _ = world.settle();

    let spec = declared_scenario(&mut world, "scenario.sync");
    spec.schedule = Field::Set(ScheduleUse::Inline(Schedule {
        timezone: Some("Asia/Tokyo".into()),
        when: When::Every(24 * 3_600),
        ..at_nine
    }));
    assert_eq!(update_of(&world).len(), 2);
    let _ = world.settle();

    let spec = declared_scenario(&mut world, "scenario.sync");
    spec.schedule = Field::Set(ScheduleUse::Inline(Schedule::of(When::Immediately)));
    let plan = world.plan();
    assert!(plan.steps.is_empty(), "{:?}", plan.steps);
    assert_eq!(world.codes(), ["not-expressible"]);
}

#[test]
fn what_the_account_has_no_word_for_is_told_and_left_alone() {
    let mut world = World::unified();
    world.declare("folder.crm", folder("CRM"));
    let mut spec = scenario("Sync", json!([{"id": 1, "app": "http", "action": "Get"}]));
    spec.folder = Field::Set(Link::Thing(at("folder.crm")));
    spec.settings.max_errors = Field::Set(7);
    spec.settings.sequential = Field::Set(true);
    world.declare("scenario.sync", make(spec));
    let mail = WebhookSpec {
        kind: "mail".into(),
        ..webhook("Mail")
    };
    world.declare("webhook.mail", Spec::Webhook(mail));
    let plan = world.plan();
    assert_eq!(steps(&plan), ["create scenario.sync"]);
    assert_eq!(
        plan.steps[0].after.as_ref().unwrap().get("maxErrors"),
        Some(&json!(7))
    );
    let told: Vec<&str> = plan.findings.iter().map(|f| f.message.as_str()).collect();
    for text in ["`folder.crm`", "`folder`", "`settings`", "`webhook.mail`"] {
        assert!(
            told.iter().any(|told| told.contains(text)),
            "{text}: {told:?}"
        );
    }
    assert!(
        plan.findings
            .iter()
            .all(|f| f.code.severity == Severity::Warning)
    );
    let _ = world.settle();
}

#[test]
fn modules_are_compared_one_by_one() {
    let mut world = leads();
    let _ = world.settle();
    let spec = declared_scenario(&mut world, "scenario.leads");
    edit(&mut spec.blueprint, true, |document| {
        document["modules"][1]["parameters"]["url"] = json!("https://b.test");
        document["connections"] = json!([{"from": 1, "to": 2}]);
    });
    let lines = update_of(&world);
    assert!(
        lines.iter().any(|line| line.contains("blueprint.modules.2")
            && line.contains(r#""https://a.test" -> "https://b.test""#)),
        "{lines:?}"
    );
    assert!(
        !lines.iter().any(|line| line.contains("connections")),
        "{lines:?}"
    );
    let _ = world.settle();
}

#[test]
fn what_nothing_lists_has_its_id_from_the_target() {
    let mut world = World::unified();
    world.declare("connection.slack", connection("Team Slack", "slack"));
    let modules = json!([{"id": 1, "app": "slack", "action": "CreateMessage",
        "parameters": {"account": "${connection.slack}"}}]);
    world.declare("scenario.tell", make(scenario("Tell", modules)));
    assert_eq!(world.codes(), ["connection-not-found"]);
    let pin = Pin {
        id: RemoteId::Int(123),
        place: place(),
    };
    world.desired.pins.insert(at("connection.slack"), pin);
    let plan = world.settle();
    let after = plan.steps[0].after.as_ref().unwrap().blueprint.clone();
    let document = after.unwrap().document().unwrap();
    assert_eq!(document["modules"][0]["parameters"]["account"], json!(123));
}

#[test]
fn a_webhook_that_starts_nothing_that_is_known_is_no_surprise_for_apply() {
    let mut world = leads();
    let unsaid = || {
        Spec::Webhook(WebhookSpec {
            scenario: Field::Absent,
            ..webhook("Leads hook")
        })
    };
    world.declare("webhook.leads", unsaid());
    assert_eq!(world.codes(), ["webhook-scenario"]);
    world.declare("webhook.leads", guarded("Leads hook", "TOKEN"));
    let _ = world.settle();
    // One that is there has its scenario, as long as nobody takes that out of its manifest.
    for binding in world.bindings.by_address.values_mut() {
        binding.form = None;
    }
    world.declare("webhook.leads", unsaid());
    assert_eq!(world.codes(), [] as [&str; 0]);
}

#[test]
fn what_is_needed_and_has_no_id_is_said_once_with_all_who_need_it() {
    let mut world = World::unified();
    let store = DataStoreSpec {
        name: "Orders".into(),
        data_structure: Field::Absent,
        max_size_mb: Field::Set(1),
    };
    world.declare("data-store.orders", Spec::DataStore(store));
    let modules = json!([{"id": 1, "app": "datastore", "action": "AddRecord",
        "parameters": {"datastore": "${data-store.orders}"}}]);
    for (address, name) in [("scenario.a", "A"), ("scenario.b", "B")] {
        world.declare(address, make(scenario(name, modules.clone())));
    }
    let plan = world.plan();
    let told: Vec<&str> = plan.findings.iter().map(|f| f.message.as_str()).collect();
    assert_eq!(
        told,
        [
            "the unified dialect (api.make.com) lists no data stores, and `map` has no id for \
             `data-store.orders`; `scenario.a` in module 1 (datastore:AddRecord), `scenario.b` in \
             module 1 (datastore:AddRecord) need it"
        ]
    );
    let pin = Pin {
        id: RemoteId::Int(71),
        place: place(),
    };
    world.desired.pins.insert(at("data-store.orders"), pin);
    assert_eq!(world.codes(), ["not-expressible"]);
    let _ = world.settle();
}

#[test]
fn a_member_has_one_role_of_four_and_nothing_takes_it_away() {
    let mut world = World::unified();
    let member = |role: &str| {
        Spec::OrganizationRole(OrganizationRoleSpec {
            email: "ada@example.com".into(),
            role: role.into(),
            name: None,
            note: None,
        })
    };
    world.declare("organization-role.ada", member("manager"));
    world.declare("team-role.ada", role("Ada@example.com", "manager"));
    assert_eq!(steps(&world.settle()), ["create organization-role.ada"]);
    world.declare("organization-role.ada", member("Team Operator"));
    assert!(world.codes().contains(&"role-not-found"));
    world.forget("organization-role.ada");
    world.forget("team-role.ada");
    let plan = world.plan();
    assert_eq!(steps(&plan), ["delete organization-role.ada"]);
    assert!(
        world.codes().contains(&"not-supported"),
        "{:?}",
        world.codes()
    );
    // The other kind of manifest says the same.
    world.declare("team-role.ada", role("ada@example.com", "manager"));
    let live = world.snapshot.live[&Kind::OrganizationRole]
        .values()
        .next()
        .unwrap();
    let id = live.id.as_int().unwrap();
    world.live(id, role("ada@example.com", "manager"));
    assert_eq!(
        world.steps(),
        ["adopt team-role.ada", "forget organization-role.ada"]
    );
}
