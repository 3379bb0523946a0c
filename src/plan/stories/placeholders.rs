//! Variables that hold a placeholder: never written over what the account has.

use serde_json::json;

use crate::{
    model::{Field, Mark, reference::Template},
    plan::{
        Plan, refusals,
        testing::{World, declared_scenario, doing, edit, leads, make, plan_id, webhook},
    },
};

const LIVE: &str = "q8Zr41kPxT7w2LmNb";

fn set(world: &mut World, name: &str, value: &str) {
    let env = &mut world.desired.variables.env;
    env.insert(name.into(), value.to_owned().into());
}

/// A scenario with a secret in a header, applied.
fn applied() -> World {
    let mut world = World::new();
    set(&mut world, "CRM_TOKEN", LIVE);
    let flow = json!([{"id": 4, "module": "http:Get", "mapper": {
        "headers": [{"name": "auth", "value": "Bearer ${env.CRM_TOKEN}"}], "q": "${env.CRM_TOKEN}"}}]);
    world.declare("scenario.sync", make(doing("Sync", flow)));
    world.settle();
    world
}

fn refused(plan: &Plan) -> Vec<String> {
    refusals(plan, &[])
        .iter()
        .map(|finding| {
            assert_eq!(finding.code.name, "placeholder-value");
            assert!(finding.place.is_some(), "{finding:?}");
            finding.message.clone()
        })
        .collect()
}

#[test]
fn a_placeholder_over_a_live_secret_is_refused_by_the_name_of_its_variable() {
    let mut world = applied();
    for value in [
        "changeme",
        "<TOKEN>",
        "REDACTED",
        "your-token-here",
        "xxx",
        "TODO",
        "${CRM_TOKEN}",
        "{{token}}",
    ] {
        set(&mut world, "CRM_TOKEN", value);
        let plan = world.plan();
        assert_eq!(
            refused(&plan),
            [
                "`${env.CRM_TOKEN}` is set to a placeholder, which would be written to \
                 `scenario.sync` (module 4, mapper.headers.0.value and one more place)"
            ],
            "{value}"
        );
        let help = plan
            .findings
            .iter()
            .find_map(|finding| finding.help.clone());
        assert_eq!(
            help.unwrap(),
            "set CRM_TOKEN to the value that the account is to have, or go on with \
             `--allow placeholder-value`"
        );
        let said = format!("{:?}", plan.findings);
        assert!(value == "${CRM_TOKEN}" || !said.contains(value), "{said}");
        assert!(refusals(&plan, &["placeholder-value".to_owned()]).is_empty());
    }
    // Another secret is no placeholder, and the right one is no change.
    set(&mut world, "CRM_TOKEN", "Zx81Kd02Lmq93Pw7a");
    assert!(refused(&world.plan()).is_empty());
    set(&mut world, "CRM_TOKEN", LIVE);
    assert!(world.plan().is_empty());
}

#[test]
fn only_what_would_be_written_counts() {
    // One that the account has already is not written over anything, wherever it is by now..
    let mut world = applied();
    set(&mut world, "CRM_TOKEN", "changeme");
    let plan = world.plan();
    assert_eq!(refused(&plan).len(), 1);
    world.settle();
    let id = plan_id(&world, "scenario.sync");
    edit(&mut world.live_scenario(id).blueprint, false, |document| {
        let flow = document["flow"].as_array_mut().unwrap();
        flow.insert(0, json!({"id": 1, "module": "a:b"}));
    });
    let description = Template::literal("New");
    declared_scenario(&mut world, "scenario.sync").description = Field::Set(description);
    let plan = world.plan();
    assert_eq!(plan.steps.len(), 1);
    assert!(refused(&plan).is_empty(), "{:?}", plan.findings);

    // ..and what no step is about is not written either.
    world.forget("scenario.sync");
    assert!(refused(&world.plan()).is_empty());
}

#[test]
fn new_things_with_placeholders_are_refused_also_where_a_part_is_not_known_yet() {
    let mut world = leads();
    set(&mut world, "CRM_TOKEN", "changeme");
    let flow = json!([{"id": 1, "module": "http:Get",
        "mapper": {"url": "${webhook.new.url}?key=${env.CRM_TOKEN}"}}]);
    world.declare("webhook.new", webhook("New", "app-hook"));
    let mut spec = doing("Calls", flow);
    spec.description = Field::Set(Template::parse("asks ${env.CRM_TOKEN}"));
    world.declare("scenario.calls", make(spec));
    let plan = world.plan();
    let step = plan.steps.iter();
    let mut step = step.filter(|step| step.address.to_string() == "scenario.calls");
    let marks = &step.next().unwrap().after.as_ref().unwrap().marks;
    assert!(marks.values().any(|mark| *mark == Mark::Unknown));
    assert_eq!(
        refused(&plan),
        [
            "`${env.CRM_TOKEN}` is set to a placeholder, which would be written to \
             `scenario.calls` (module 1, mapper.url and one more place)"
        ]
    );
}
