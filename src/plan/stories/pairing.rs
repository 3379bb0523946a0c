//! Which object a manifest means.

use serde_json::json;

use crate::{
    model::{
        Field, Identity, Kind, Pin, Place, RemoteId, Removed, Source, Spec,
        spec::{FolderSpec, Link},
    },
    plan::{
        Action, Reason, refusals,
        testing::{
            World, at, connection, declared_scenario, doing, edit, every, folder, leads, make,
            plan_id, steps, webhook,
        },
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
fn what_names_an_ambiguous_thing_is_left_as_it_is() {
    let mut world = leads();
    world.settle();
    for address in ["webhook.leads", "folder.a-inner", "connection.slack"] {
        world.bindings.by_address.remove(&at(address));
    }
    world.live(901, webhook("Leads", "custom"));
    world.live(902, folder("Inner"));
    world.live(903, connection("Team Slack", "slack"));
    let plan = world.plan();
    assert!(plan.steps.is_empty(), "{:#?}", plan.steps);
    let mut codes = world.codes();
    codes.sort_unstable();
    let ambiguous = ["ambiguous-name", "ambiguous-name", "connection-not-found"];
    assert_eq!(codes, ambiguous);
    // What else differs is shown.
    declared_scenario(&mut world, "scenario.a-lead").schedule = every(5);
    assert_eq!(world.plan().steps[0].changes.len(), 1);
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
fn an_object_keeps_its_id_when_its_address_changes() {
    let mut world = leads();
    world.settle();
    let ids = ["folder.crm", "team-role.ada", "scenario.child"].map(|old| {
        let new = format!("{old}-2");
        let declared = world.desired.things.remove(&at(old)).unwrap();
        world.declare(&new, declared.spec);
        (new, plan_id(&world, old))
    });
    let inner = FolderSpec {
        name: "Inner".into(),
        parent: Field::Set(Link::Thing(at("folder.crm-2"))),
    };
    world.declare("folder.a-inner", Spec::Folder(inner));
    let spec = declared_scenario(&mut world, "scenario.a-lead");
    edit(&mut spec.blueprint, true, |document| {
        document["flow"][3]["parameters"]["scenario"] = json!("${scenario.child-2}");
    });
    // One is changed at the same time.
    declared_scenario(&mut world, "scenario.child-2").schedule = every(5);
    world
        .bindings
        .by_address
        .get_mut(&at("scenario.child"))
        .unwrap()
        .form = None;
    let plan = world.plan();
    assert_eq!(steps(&plan), ["update scenario.child-2"]);
    assert_eq!(
        plan.records[&at("scenario.child-2")].id,
        RemoteId::Int(ids[2].1)
    );
    assert_eq!(world.codes(), ["renamed", "renamed", "renamed"]);
    let first = &plan.findings.iter().next().unwrap().message;
    let id = ids[0].1;
    assert_eq!(
        first,
        &format!("`folder.crm` is now `folder.crm-2` (id {id})")
    );
    world.settle();
    for (new, id) in ids {
        assert_eq!(plan_id(&world, &new), id);
    }
    assert_eq!(world.bindings.by_address.len(), 6);
}

#[test]
fn a_renamed_thing_is_as_protected_as_it_was_and_only_its_own() {
    let mut world = World::new();
    world
        .declare("webhook.a", webhook("Leads", "custom"))
        .lifecycle
        .prevent_destroy = true;
    world.settle();
    world.forget("webhook.a");
    world.declare("webhook.b", webhook("Leads", "mail"));
    assert_eq!(world.steps(), ["replace webhook.b"]);
    assert!(world.codes().contains(&"prevent-destroy"));
    // Whose it is can't be said of two.
    world.declare("webhook.c", webhook("Leads", "custom"));
    assert!(world.plan().findings.has_errors());
    world.forget("webhook.c");
    // A removed: entry that asks for its end is heard.
    let place = world.desired.things[&at("webhook.b")].place.clone();
    let removed = Removed {
        destroy: true,
        place,
    };
    world.desired.removed.insert(at("webhook.a"), removed);
    assert_eq!(world.steps(), ["create webhook.b", "delete webhook.a"]);
    // One at a time: nothing happens to the other half of a rename.
    world.desired.removed.clear();
    world.only = vec![at("webhook.a")];
    assert!(world.plan().is_empty());
    world.only = vec![at("webhook.b")];
    assert_eq!(world.plan().lapsed, [at("webhook.a")]);
}

#[test]
fn no_two_things_are_one_object() {
    let mut world = World::new();
    let source = Source {
        name: "makeform.ids.yaml".into(),
        text: String::new(),
    };
    let pin = Pin {
        id: RemoteId::Int(8),
        place: Place::new(&source.into(), 0..0),
    };
    world.live(8, folder("CRM"));
    world.declare("folder.crm", folder("CRM"));
    world.declare("folder.sales", folder("CRM"));
    world.desired.pins.insert(at("folder.crm"), pin.clone());
    assert_eq!(world.steps(), ["adopt folder.crm", "create folder.sales"]);
    world.desired.pins.insert(at("folder.sales"), pin);
    assert_eq!(world.codes(), ["pin-taken", "pin-taken"]);
}

#[test]
fn connections_are_looked_up_and_missed_with_who_needs_them() {
    let mut world = leads();
    world.snapshot.live.remove(&Kind::Connection);
    let plan = world.plan();
    let finding = plan.findings.iter().next().unwrap();
    assert_eq!(finding.code.name, "connection-not-found");
    assert!(
        finding
            .message
            .ends_with("; `scenario.a-lead` in module 2 (slack:CreateMessage) needs it"),
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
