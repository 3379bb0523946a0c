//! What goes, what is replaced, and in which order.

use serde_json::json;

use crate::{
    model::{Field, Kind, RemoteId, Removed, reference::Template},
    plan::{
        Reason,
        testing::{
            World, at, declared_scenario, doing, edit, folder, leads, lines, make, plan_id, steps,
            webhook,
        },
    },
};

#[test]
fn a_manifest_that_goes_takes_its_object_with_it_users_first() {
    let mut world = leads();
    world.settle();
    let (lead, hook) = (
        plan_id(&world, "scenario.a-lead"),
        plan_id(&world, "webhook.leads"),
    );
    let live = world.snapshot.live.get_mut(&Kind::Webhook).unwrap();
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
    assert_eq!(plan.steps[0].reasons, [Reason::RemovedAndKept]);
    assert!(!plan.has_changes() && plan.findings.is_empty());
    world.settle();
    // An entry whose work is done, or that is misspelled, does nothing and is told.
    assert_eq!(world.codes(), ["removed-unknown"]);
}

#[test]
fn to_destroy_everything_is_a_reason_of_its_own() {
    let mut world = World::new();
    world.declare("folder.crm", folder("CRM"));
    world.settle();
    world.destroy = true;
    assert_eq!(world.plan().steps[0].reasons, [Reason::DestroyAll]);
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
    let hook = "blueprint.flow.1.parameters.hook: webhook.leads -> webhook.leads (id known after apply) (git)";
    assert!(lines(&plan.steps[1].changes).contains(&hook.to_owned()));
    world.settle();
}

#[test]
fn a_webhook_does_not_go_from_under_an_active_scenario_without_a_word() {
    let attached = || {
        let mut world = leads();
        world.settle();
        let lead = plan_id(&world, "scenario.a-lead");
        let hook = plan_id(&world, "webhook.leads");
        let live = world.snapshot.live.get_mut(&Kind::Webhook).unwrap();
        let facts = &mut live.get_mut(&RemoteId::Int(hook)).unwrap().facts;
        facts.attached = Some(RemoteId::Int(lead));
        (world, hook)
    };
    // It is referred to: the scenario is changed and started again after it.
    let (mut world, _) = attached();
    world.declare("webhook.leads", webhook("Leads", "mail"));
    assert_eq!(world.codes(), ["hook-url-changes"]);

    // Its id stands in the blueprint as a number.
    let (mut world, hook) = attached();
    let spec = declared_scenario(&mut world, "scenario.a-lead");
    edit(&mut spec.blueprint, true, |document| {
        document["flow"][1]["parameters"]["hook"] = json!(hook);
    });
    assert!(!world.plan().has_changes());
    assert_eq!(world.codes(), ["raw-id"]);
    world.declare("webhook.leads", webhook("Leads", "mail"));
    assert_eq!(
        world.codes(),
        ["raw-id", "hook-url-changes", "stops-active"]
    );
    world.forget("webhook.leads");
    assert_eq!(world.codes(), ["raw-id", "stops-active"]);

    // Nobody declares the scenario.
    let (mut world, _) = attached();
    world.bindings.by_address.remove(&at("scenario.a-lead"));
    world.desired.things.remove(&at("scenario.a-lead"));
    world.forget("webhook.leads");
    assert_eq!(world.codes(), ["stops-active"]);
}

#[test]
fn new_things_that_need_each_other_are_a_cycle_and_existing_ones_are_not() {
    let calls = |name: &str, other: &str| {
        let module = json!([{"id": 1, "module": "scenario-service:CallSubscenario",
                             "parameters": {"scenario": format!("${{scenario.{other}}}")}}]);
        make(doing(name, module))
    };
    let described = |name: &str, other: &str| {
        let mut spec = doing(name, json!([]));
        let text = format!("Works with ${{scenario.{other}.id}}.");
        spec.description = Field::Set(Template::parse(&text));
        make(spec)
    };
    let mut world = World::new();
    world.declare("scenario.a", calls("A", "b"));
    world.declare("scenario.b", calls("B", "a"));
    world.declare("scenario.c", calls("C", "c"));
    let plan = world.plan();
    let first = plan.steps[0].first();
    assert_eq!(
        first.blueprint.unwrap().document().unwrap(),
        json!({"name": "A", "flow": [], "metadata": {}})
    );
    let plan = world.settle();
    assert_eq!(
        steps(&plan),
        [
            "create scenario.a",
            "create scenario.b",
            "create scenario.c"
        ]
    );
    assert!(plan.steps[0].later.contains(&at("scenario.b")));
    assert!(plan.steps[1].depends_on.contains(&at("scenario.a")));
    assert!(plan.steps[2].later.contains(&at("scenario.c")));

    // What stands outside of the blueprint can't follow.
    let mut world = World::new();
    world.declare("scenario.a", described("A", "b"));
    world.declare("scenario.b", described("B", "a"));
    let plan = world.plan();
    let finding = plan.findings.iter().next().unwrap();
    assert_eq!(finding.code.name, "creation-cycle");
    assert!(
        finding
            .message
            .ends_with("`scenario.a` -> `scenario.b` -> `scenario.a`")
    );

    world.live(5, described("A", "b"));
    assert!(!world.plan().findings.has_errors());
}
