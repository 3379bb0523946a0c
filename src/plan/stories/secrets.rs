//! What is in no plan, and what a digest is of.

use serde_json::json;

use crate::{
    model::{Field, Kind, Spec, reference::Template},
    plan::{
        masked,
        testing::{
            World, connection, declared_scenario, doing, edit, every, folder, leads, lines, make,
            plan_id, webhook,
        },
    },
};

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
    let before = masked(plan.steps[0].before.as_ref().unwrap());
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
    let description = Template::literal("New");
    world.live_scenario(id).description = Field::Set(description);
    assert_ne!(world.plan().digest, digest);
}

#[test]
fn another_object_of_the_same_name_is_another_decision() {
    let digest = |id: u64| {
        let mut world = leads();
        world.snapshot.live.remove(&Kind::Connection);
        world.live(id, connection("Team Slack", "slack"));
        world.plan().digest
    };
    assert_ne!(digest(96), digest(97));
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

/// A scenario with secrets of all lengths from the environment, applied.
fn world_with_variables() -> World {
    let mut world = World::new();
    for (name, value) in [("LONG", "t0p-s3cr3t-token"), ("SHORT", "pw7!")] {
        let env = &mut world.desired.variables.env;
        env.insert(name.into(), value.to_owned().into());
    }
    let flow = json!([{"id": 4, "module": "a:b", "mapper": {
        "a": "x ${env.LONG} y", "b": "${env.SHORT}", "c": "kept", "rows": [{"x": "${env.SHORT}"}],
        "literal": "$${env.LONG}",
    }}]);
    let mut spec = doing("A", flow);
    spec.description = Field::Set(Template::parse("for ${env.LONG}"));
    world.declare("scenario.a", make(spec));
    world.settle();
    world
}

fn tells_nothing(world: &World) {
    let plan = world.plan();
    let [step] = plan.steps.as_slice() else {
        panic!("{:?}", plan.steps);
    };
    let texts = [
        format!("{:?}", step.changes),
        masked(step.before.as_ref().unwrap()).to_string(),
    ];
    for text in texts {
        assert!(
            !text.contains("t0p") && !text.contains("pw7!"),
            "shown: {text}"
        );
        assert!(text.contains("ensitive"), "{text}");
    }
}

#[test]
fn what_came_from_a_variable_stays_hidden_when_the_variable_is_gone() {
    let mut world = world_with_variables();
    let id = plan_id(&world, "scenario.a");

    // The variable is another by now.
    for value in world.desired.variables.env.values_mut() {
        *value = "another".to_owned().into();
    }
    tells_nothing(&world);
    // Somebody put a row and a module before those with the secret..
    edit(&mut world.live_scenario(id).blueprint, false, |document| {
        let flow = document["flow"].as_array_mut().unwrap();
        let rows = flow[0]["mapper"]["rows"].as_array_mut().unwrap();
        rows.insert(0, json!({"x": "new"}));
        flow.insert(0, json!({"id": 1, "module": "a:b"}));
    });
    tells_nothing(&world);
    // ..and the references are gone from the manifest.
    let spec = declared_scenario(&mut world, "scenario.a");
    spec.description = Field::Absent;
    edit(&mut spec.blueprint, false, |document| {
        document["flow"][0]["mapper"] = json!({"a": "plain", "c": "other", "rows": []});
    });
    world.desired.variables.env.clear();
    tells_nothing(&world);
    let changes = lines(&world.plan().steps[0].changes);
    let open = "blueprint.flow.4.mapper.c: \"kept\" -> \"other\" (git)";
    assert!(changes.contains(&open.to_owned()), "{changes:#?}");
    // All of it goes.
    world.forget("scenario.a");
    tells_nothing(&world);
}

#[test]
fn a_hooks_own_url_is_hidden_in_its_fields_and_keys_are_never_shown() {
    let (udid, host) = ("k3j9x8w7v6u5t4s3r2", "https://hook.eu1.make.com");
    let mut world = World::new();
    let mut app = webhook("App", "app-hook");
    let Spec::Webhook(spec) = &mut app else {
        panic!("no webhook");
    };
    for (key, value) in [
        ("callback", json!(format!("id {udid}"))),
        ("secret", json!("abcde")),
        ("events", json!({format!("{host}/{udid}aaaaaa"): "on"})),
        ("topic", json!("orders")),
    ] {
        spec.fields.insert(key.into(), value);
    }
    world.live(7, app).facts.url = Some(format!("{host}/{udid}").into());
    let mut wanted = webhook("App", "app-hook");
    let Spec::Webhook(spec) = &mut wanted else {
        panic!("no webhook");
    };
    for key in ["callback", "secret", "events", "topic"] {
        spec.fields.insert(key.into(), json!({}));
    }
    world.declare("webhook.app", wanted);
    let changes = format!("{:?}", world.plan().steps[0].changes);
    assert!(changes.contains("orders"), "{changes}");
    for secret in [udid, "abcde"] {
        assert!(!changes.contains(secret), "{secret} is in {changes}");
    }
}

#[test]
fn a_label_that_holds_a_secret_is_in_no_title() {
    let secret = "t0p-s3cr3t-token";
    let mut world = World::new();
    let env = &mut world.desired.variables.env;
    env.insert("TOKEN".into(), secret.to_owned().into());
    let flow = |url: &str| {
        let label = json!({"designer": {"name": "Call ${env.TOKEN}"}});
        json!([{"id": 1, "module": "http:Get", "mapper": {"url": url}, "metadata": label}])
    };
    world.declare("scenario.a", make(doing("A", flow("x"))));
    let created = world.settle();
    world.declare("scenario.a", make(doing("A", flow("y"))));
    let changed = world.settle();
    world.forget("scenario.a");
    let gone = world.plan();
    for plan in [&created, &changed, &gone] {
        let text = format!("{plan:?}");
        assert!(!text.contains(secret), "{text}");
        assert!(text.contains("1 http:Get (sensitive)"), "{text}");
    }
}

#[test]
fn a_route_that_comes_hides_nothing_but_what_its_modules_hide() {
    let mut world = World::new();
    let token = "t0p-s3cr3t-token";
    let env = &mut world.desired.variables.env;
    env.insert("CRM_TOKEN".into(), token.to_owned().into());
    let router = |routes: serde_json::Value| json!([{"id": 1, "module": "builtin:BasicRouter", "routes": routes}]);
    let first = json!({"flow": [{"id": 2, "module": "util:Sleep"}]});
    world.declare("scenario.a", make(doing("A", router(json!([first])))));
    world.settle();
    let second = json!({"flow": [{"id": 3, "module": "http:Post",
        "mapper": {"key": "Bearer ${env.CRM_TOKEN}"}}]});
    world.declare(
        "scenario.a",
        make(doing("A", router(json!([first, second])))),
    );
    assert_eq!(
        lines(&world.plan().steps[0].changes),
        [
            "blueprint: Change [blueprint] 2 of 3 modules",
            "blueprint.flow.1: Change [1 builtin:BasicRouter] ",
            "blueprint.flow.1.routes.1: + (its modules are listed separately) (git)",
            "blueprint.flow.3: Add [3 http:Post] first in route 2 of module 1 (git)",
            "blueprint.flow.3.mapper.key: + (sensitive)",
        ]
    );
    world.settle();
}
