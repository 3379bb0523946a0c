//! What is in no plan, and what a digest is of.

use serde_json::json;

use crate::{
    model::{Field, reference::Template},
    plan::{
        masked,
        testing::{
            World, declared_scenario, doing, edit, every, folder, leads, lines, make, plan_id,
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
