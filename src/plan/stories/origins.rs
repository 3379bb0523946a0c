//! Who made a difference: git, Make, or both.

use serde_json::{Value, json};

use crate::{
    model::{Field, Kind, Origin, RemoteId, Spec, spec::DataStructureSpec},
    plan::{
        Change, Difference,
        testing::{
            World, at, connection, declared_scenario, doing, edit, folder, lines, make, plan_id,
            update_of,
        },
    },
};

fn structure(fields: &[&str]) -> Spec {
    let fields = fields
        .iter()
        .map(|name| json!({"name": name, "type": "text"}));
    Spec::DataStructure(DataStructureSpec {
        name: "Lead".into(),
        strict: Field::Absent,
        fields: Field::Set(fields.collect()),
    })
}

/// A data structure, as it was applied, as somebody left it in Make, and as the manifest has it now.
fn lists(applied: &[&str], live: &[&str], wanted: &[&str]) -> Vec<String> {
    let mut world = World::new();
    world.declare("data-structure.lead", structure(applied));
    world.settle();
    let id = plan_id(&world, "data-structure.lead");
    let Spec::DataStructure(mut spec) = structure(live) else {
        unreachable!()
    };
    spec.strict = Field::Set(false);
    world.live(id, Spec::DataStructure(spec));
    world.declare("data-structure.lead", structure(wanted));
    let lines = update_of(&world).into_iter();
    lines.filter(|line| !line.contains("type")).collect()
}

#[test]
fn an_item_in_front_of_a_list_is_nobodys_conflict() {
    let (a, b) = (r#"+ "a""#, r#"- "b""#);
    // In git.
    assert_eq!(
        lists(&["b", "c"], &["b", "c"], &["a", "b", "c"]),
        [format!("fields.0.name: {a} (git)")]
    );
    // In Make, which the manifest takes back.
    assert_eq!(
        lists(&["a", "b", "c"], &["b", "c"], &["a", "b", "c"]),
        [format!("fields.0.name: {a} (make)")]
    );
    // One here and one there.
    assert_eq!(
        lists(&["b", "c"], &["b", "c", "d"], &["a", "b", "c"]),
        [
            format!("fields.0.name: {a} (git)"),
            r#"fields.2.name: - "d" (make)"#.to_owned()
        ]
    );
    assert_eq!(
        lists(&["b", "c"], &["b", "c", "d"], &["c"]),
        [
            format!("fields.0.name: {b} (git)"),
            r#"fields.2.name: - "d" (make)"#.to_owned()
        ]
    );
    // The same one here and there.
    assert_eq!(
        lists(&["b", "c"], &["x", "c"], &["y", "c"]),
        [r#"fields.0.name: "x" -> "y" (both)"#]
    );
}

#[test]
fn what_goes_although_somebody_changed_it_in_make_is_a_conflict() {
    let mut world = World::new();
    world.declare("folder.a", folder("A"));
    let mut spec = doing(
        "Sync",
        json!([{"id": 1, "module": "http:Get", "mapper": {"url": "/a"}}]),
    );
    spec.description = Field::Set(crate::model::reference::Template::literal("Ours"));
    world.declare("scenario.sync", make(spec));
    world.settle();
    world.forget("scenario.sync");
    let plan = world.plan();
    let is_git = |line: &String| line.ends_with("(git)");
    let found = lines(&plan.steps[0].changes);
    let told = found
        .iter()
        .filter(|line| line.contains("description") || line.contains("flow"));
    assert!(
        told.clone().count() == 2 && told.clone().all(is_git),
        "{found:?}"
    );

    let id = plan_id(&world, "scenario.sync");
    let live = world.live_scenario(id);
    edit(&mut live.blueprint, false, |document| {
        document["flow"][0]["mapper"]["url"] = json!("/b");
    });
    let found = lines(&world.plan().steps[0].changes);
    let module = found
        .iter()
        .find(|line| line.starts_with("blueprint.flow.1:"));
    assert!(module.unwrap().ends_with("(both)"), "{found:?}");
    assert!(
        found
            .iter()
            .any(|line| line.starts_with("description") && is_git(line))
    );
}

#[test]
fn what_was_deleted_in_make_comes_again_because_of_that() {
    let mut world = World::new();
    world.declare("folder.a", folder("A"));
    world.settle();
    world.snapshot.live.remove(&Kind::Folder);
    assert_eq!(update_of(&world), [r#"name: + "A" (make)"#]);
    world.declare("folder.a", folder("B"));
    assert_eq!(update_of(&world), [r#"name: + "B" (both)"#]);
}

fn group<'c>(changes: &'c [Change], path: &str) -> &'c Change {
    let inner = changes
        .iter()
        .filter_map(|change| match &change.difference {
            Difference::Group { changes, .. } | Difference::Moved { changes, .. } => Some(changes),
            Difference::Added(_)
            | Difference::Removed(_)
            | Difference::Changed(..)
            | Difference::Text { .. }
            | Difference::Part { .. } => None,
        });
    let mut all = changes.iter().chain(inner.flatten());
    all.find(|change| change.path.join(".") == path).unwrap()
}

#[test]
fn a_module_and_a_blueprint_have_an_origin_where_all_in_them_have_one() {
    let url = |document: &mut Value, at: usize, url: &str| {
        document["flow"][at]["mapper"]["url"] = json!(url);
    };
    let mut world = World::new();
    let module =
        |id: u64| json!({"id": id, "module": "http:Get", "mapper": {"url": "/a", "method": "get"}});
    let spec = doing("Sync", json!([module(1), module(2), module(3)]));
    world.declare("scenario.sync", make(spec));
    world.settle();
    let id = plan_id(&world, "scenario.sync");

    let live = world.live_scenario(id);
    edit(&mut live.blueprint, false, |document| {
        url(document, 0, "/b");
    });
    let plan = world.plan();
    let changes = &plan.steps[0].changes;
    assert_eq!(group(changes, "blueprint").origin, Some(Origin::Make));
    let Difference::Group { changes, .. } = &changes[0].difference else {
        panic!("{changes:?}")
    };
    assert_eq!(
        group(changes, "blueprint.flow.1").origin,
        Some(Origin::Make)
    );

    // The third one is moved and changed by the manifest, the second one in both.
    let live = world.live_scenario(id);
    edit(&mut live.blueprint, false, |document| {
        url(document, 1, "/b");
    });
    let spec = declared_scenario(&mut world, "scenario.sync");
    edit(&mut spec.blueprint, true, |document| {
        url(document, 1, "/c");
        document["flow"][1]["mapper"]["method"] = json!("post");
        url(document, 2, "/c");
        let flow = document["flow"].as_array_mut().unwrap();
        let last = flow.pop().unwrap();
        flow.insert(0, last);
    });
    let plan = world.plan();
    let changes = &plan.steps[0].changes;
    assert_eq!(group(changes, "blueprint").origin, None);
    let Difference::Group { changes, .. } = &changes[0].difference else {
        panic!("{changes:?}")
    };
    let origin = |path: &str| group(changes, path).origin;
    assert_eq!(origin("blueprint.flow.1"), Some(Origin::Make));
    assert_eq!(origin("blueprint.flow.2"), None);
    assert_eq!(origin("blueprint.flow.2.mapper.url"), Some(Origin::Both));
    assert_eq!(origin("blueprint.flow.2.mapper.method"), Some(Origin::Git));
    assert_eq!(origin("blueprint.flow.3"), Some(Origin::Git));
    assert!(matches!(
        group(changes, "blueprint.flow.3").difference,
        Difference::Moved { .. }
    ));
}

#[test]
fn nobody_knows_who_changed_what_was_never_applied() {
    let mut world = World::new();
    world.live(7, folder("A"));
    world.bind("folder.a", 7);
    world.declare("folder.a", folder("B"));
    assert_eq!(update_of(&world), [r#"name: "A" -> "B""#]);
    assert_eq!(
        world.bindings.by_address[&at("folder.a")].id,
        RemoteId::Int(7)
    );
}

#[test]
fn another_connection_by_the_same_reference_is_nothing_that_was_done_in_make() {
    let module = |id: u64, reference: &str| {
        json!({"id": id, "module": "hubspotcrm:createContact", "mapper": {"email": "a"},
            "parameters": {"__IMTCONN__": reference}})
    };
    let mut world = World::new();
    world.live(302, connection("Acme", "hubspotcrm"));
    world.live(309, connection("Acorn", "hubspotcrm"));
    world.declare("connection.hubspot", connection("Acme", "hubspotcrm"));
    world.declare("connection.other", connection("Acorn", "hubspotcrm"));
    let flow = json!([
        module(1, "${connection.hubspot}"),
        module(2, "${connection.hubspot}")
    ]);
    world.declare("scenario.sync", make(doing("Sync", flow)));
    world.settle();
    let origins = |world: &World| -> Vec<String> {
        let lines = update_of(world).into_iter();
        let lines = lines.filter(|line| line.contains("__IMTCONN__"));
        lines
            .map(|line| line.rsplit_once(' ').unwrap().1.to_owned())
            .collect()
    };

    // The manifest names another one: nobody touched the scenario in Make.
    world.declare("connection.hubspot", connection("Acorn", "hubspotcrm"));
    let told = update_of(&world);
    assert!(told.iter().any(|line| line.contains("302")), "{told:?}");
    assert!(!told.iter().any(|line| line.contains("(make)")), "{told:?}");

    // What else was changed in Make is told as before, and what is gone from there too.
    let id = plan_id(&world, "scenario.sync");
    let live = world.live_scenario(id);
    edit(&mut live.blueprint, false, |document| {
        document["flow"][0]["mapper"]["email"] = json!("b");
        document["flow"].as_array_mut().unwrap().pop();
    });
    let told = update_of(&world);
    let has = |start: &str, end: &str| {
        let mut lines = told.iter();
        lines.any(|line| line.starts_with(start) && line.ends_with(end))
    };
    assert!(has("blueprint.flow.1.mapper.email", "(make)"), "{told:?}");
    assert!(has("blueprint.flow.2:", "(make)"), "{told:?}");

    // Another reference is another matter: that stands in git.
    world.declare("connection.hubspot", connection("Acme", "hubspotcrm"));
    world.settle();
    let spec = declared_scenario(&mut world, "scenario.sync");
    edit(&mut spec.blueprint, true, |document| {
        document["flow"][0]["parameters"]["__IMTCONN__"] = json!("${connection.other}");
    });
    assert_eq!(origins(&world), ["(git)"]);
}
