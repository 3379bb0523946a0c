//! What somebody changed in Make since the last apply.

use serde_json::json;

use crate::{
    model::{Field, Kind, Reading, RemoteId, reference::Template},
    plan::{
        Drifted,
        testing::{World, at, declared_scenario, doing, edit, folder, leads, lines, make, plan_id},
    },
};

/// `address` and the lines of its changes; `gone`.
fn told(world: &World) -> Vec<String> {
    let thing = |thing: &Drifted| match &thing.changes {
        Some(changes) => format!("{}: {}", thing.address, lines(changes).join(" | ")),
        None => format!("{}: gone", thing.address),
    };
    world.drift().things.iter().map(thing).collect()
}

#[test]
fn references_mean_what_they_meant_and_the_manifests_of_today_count_for_nothing() {
    let mut world = leads();
    world.settle();
    let spec = declared_scenario(&mut world, "scenario.a-lead");
    spec.description = Field::Set(Template::literal("New in git"));
    edit(&mut spec.blueprint, true, |document| {
        document["flow"].as_array_mut().unwrap().pop();
    });
    world.forget("scenario.child");
    assert!(told(&world).is_empty());
    // Another scenario is called.
    let id = plan_id(&world, "scenario.a-lead");
    world.live(77, make(doing("Elsewhere", json!([]))));
    let live = world.live_scenario(id);
    edit(&mut live.blueprint, false, |document| {
        document["flow"][3]["parameters"]["scenario"] = json!("SCN_77");
    });
    let found = told(&world);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].ends_with(r#"scenario: scenario.child -> "Elsewhere" (id 77)"#),
        "{found:?}"
    );
}

#[test]
fn what_is_gone_counts_only_where_the_account_was_read_whole() {
    let mut world = World::new();
    world.declare("folder.a", folder("A"));
    world.declare("folder.b", folder("B"));
    world.settle();
    let id = RemoteId::Int(plan_id(&world, "folder.a"));
    world
        .snapshot
        .live
        .get_mut(&Kind::Folder)
        .unwrap()
        .remove(&id);
    assert_eq!(told(&world), ["folder.a: gone"]);
    let partial = Reading::Partial("403 on page 2".into());
    world.snapshot.reading.insert(Kind::Folder, partial);
    let drift = world.drift();
    assert!(drift.things.is_empty());
    assert_eq!(
        drift.findings.iter().next().unwrap().code.name,
        "drift-unread"
    );
}

#[test]
fn of_what_was_imported_nothing_is_known() {
    let mut world = World::new();
    world.declare("folder.a", folder("A"));
    world.live(7, folder("B"));
    world.bind("folder.a", 7);
    let drift = world.drift();
    assert_eq!(drift.unknown, [at("folder.a")]);
    assert!(drift.things.is_empty());
}

#[test]
fn what_a_project_ignores_of_a_kind_is_no_drift_of_what_nobody_declares_either() {
    let mut world = World::new();
    world.declare("folder.stays", folder("Stays"));
    let mut spec = doing("A", json!([]));
    spec.description = Field::Set(Template::literal("Ours"));
    world.declare("scenario.a", make(spec));
    world.settle();
    let id = plan_id(&world, "scenario.a");
    world.live_scenario(id).description = Field::Set(Template::literal("Theirs"));
    assert_eq!(
        told(&world),
        [r#"scenario.a: description: "Ours" -> "Theirs""#]
    );
    world.forget("scenario.a");
    assert_eq!(told(&world).len(), 1);
    let ignored = vec![vec!["description".to_owned()]];
    world.desired.policy.ignored.insert(Kind::Scenario, ignored);
    assert!(told(&world).is_empty());
}
