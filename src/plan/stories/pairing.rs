//! Which object a manifest means.

use serde_json::json;

use crate::{
    model::{Identity, Kind, Pin, Place, RemoteId, Source},
    plan::{
        Action, Reason, refusals,
        testing::{World, at, doing, folder, leads, make, plan_id, steps},
    },
};

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
fn an_object_that_vanished_is_made_again() {
    let mut world = leads();
    world.settle();
    let id = RemoteId::Int(plan_id(&world, "folder.crm"));
    world
        .snapshot
        .live
        .get_mut(&Kind::Folder)
        .unwrap()
        .remove(&id);
    let plan = world.plan();
    assert_eq!(steps(&plan), ["create folder.crm", "update folder.a-inner"]);
    assert_eq!(plan.steps[0].reasons, [Reason::Vanished(id)]);
    world.settle();
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
fn connections_are_looked_up_and_missed_with_who_needs_them() {
    let mut world = leads();
    world.snapshot.live.remove(&Kind::Connection);
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
fn a_ledger_of_another_account_is_refused() {
    let mut world = leads();
    world.settle();
    world.bindings.identity = Some(Identity {
        host: "eu1.make.com".into(),
        organization: 1,
        team: 1,
    });
    assert_eq!(world.codes(), ["foreign-ledger"]);
    assert!(world.plan().is_empty());
}
