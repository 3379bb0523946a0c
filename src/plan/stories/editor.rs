//! What only Make's editor needs.

use serde_json::{Value, json};

use crate::{
    model::{Field, Mark},
    plan::{
        EditorDifference,
        testing::{
            World, at, declared_scenario, doing, edit, leads, lines, make, plan_id, steps, webhook,
        },
    },
};

/// A module with a place and a label of what was picked in it.
fn module(id: u64, x: i64, label: &str, text: &str) -> Value {
    json!({"id": id, "module": "http:Get", "mapper": {"text": text}, "metadata": {
        "designer": {"x": x, "y": 0}, "restore": {"label": label}}})
}

/// A scenario of two modules, applied.
fn applied() -> World {
    let mut world = World::new();
    let flow = json!([module(1, 0, "a", "one"), module(2, 300, "b", "two")]);
    world.declare("scenario.a", make(doing("A", flow)));
    world.settle();
    world
}

/// Somebody opens the scenario in Make, moves the second module and picks something again.
fn touch(world: &mut World) {
    let id = plan_id(world, "scenario.a");
    edit(&mut world.live_scenario(id).blueprint, false, |document| {
        document["flow"][1]["metadata"]["designer"]["x"] = json!(700);
        document["flow"][0]["metadata"]["restore"]["label"] = json!("A");
        document["flow"][1]["metadata"]["designer"]["messages"] = json!([1]);
        document["flow"][1]["samples"] = json!([{"a": 1}]);
        document["metadata"]["zone"] = json!("eu1.make.com");
        document["metadata"]["notes"] = json!([]);
    });
}

fn live(world: &mut World) -> Value {
    let id = plan_id(world, "scenario.a");
    let blueprint = &world.live_scenario(id).blueprint;
    blueprint.as_set().unwrap().document().unwrap()
}

fn place(document: &Value, index: usize) -> &Value {
    &document["flow"][index]["metadata"]["designer"]["x"]
}

#[test]
fn what_was_moved_in_make_is_a_line_and_no_change_until_it_is_asked_for() {
    let mut world = applied();
    touch(&mut world);
    let plan = world.plan();
    assert!(plan.is_empty() && !plan.has_changes());
    let told = EditorDifference {
        modules: vec!["1".into(), "2".into()],
        canvas: false,
        of: 2,
    };
    assert_eq!(plan.editor, [(at("scenario.a"), told)].into());
    assert_eq!(plan.editor[&at("scenario.a")].in_words(), "2 of 2 modules");

    world.editor = true;
    let applied = world.settle();
    assert_ne!(applied.digest, plan.digest);
    assert!(applied.editor.is_empty());
    assert_eq!(
        lines(&applied.steps[0].changes),
        ["editor: Change [editor] 2 of 2 modules"]
    );
    let document = live(&mut world);
    assert_eq!(place(&document, 1), 300);
    assert_eq!(
        document["flow"][1]["samples"],
        json!([{"a": 1}]),
        "it says nothing of that"
    );
    world.editor = false;
    assert!(world.plan().editor.is_empty());
}

#[test]
fn a_change_keeps_what_the_account_has_of_the_modules_that_stay_as_they_are() {
    let mut world = applied();
    touch(&mut world);
    let spec = declared_scenario(&mut world, "scenario.a");
    edit(&mut spec.blueprint, true, |document| {
        document["flow"][0]["mapper"]["text"] = json!("another");
        document["flow"][0]["metadata"]["restore"]["label"] = json!("file");
        let flow = document["flow"].as_array_mut().unwrap();
        flow.push(json!({"id": 3, "module": "http:Get"}));
        flow.push(
            json!({"id": 4, "module": "http:Get", "metadata": {"designer": {"x": -50, "y": 9}}}),
        );
    });
    let changed = world.settle();
    assert!(changed.editor.is_empty(), "it is told with the change");
    let document = live(&mut world);
    let labels = |index: usize| &document["flow"][index]["metadata"]["restore"]["label"];
    assert_eq!((labels(0), labels(1)), (&json!("file"), &json!("b")));
    assert_eq!(place(&document, 1), 700, "nobody asked to move it back");
    assert_eq!(place(&document, 2), 1000, "behind the one before it");
    assert_eq!(place(&document, 3), -50);
    assert_eq!(document["flow"][0]["metadata"]["designer"]["x"], 0);
    let left = &world.plan().editor[&at("scenario.a")];
    assert_eq!(left.modules, ["2"]);
    world.editor = true;
    world.settle();
    assert_eq!(place(&live(&mut world), 1), 300);
}

#[test]
fn a_blueprint_without_places_gets_some_and_nothing_is_said_of_them() {
    let mut world = World::new();
    let flow = json!([{"id": 1, "module": "a:b"}, {"id": 2, "module": "c:d"}]);
    world.declare("scenario.a", make(doing("A", flow)));
    world.settle();
    let document = live(&mut world);
    assert_eq!(
        (place(&document, 0), place(&document, 1)),
        (&json!(0), &json!(300))
    );
    touch(&mut world);
    world.editor = true;
    assert!(
        world.plan().is_empty(),
        "the manifest says nothing of the editor's part"
    );
    assert!(world.plan().editor.is_empty());
}

#[test]
fn the_digest_tells_one_part_of_the_editor_s_from_another_and_holds_no_secret() {
    let mut world = applied();
    world.editor = true;
    let digest = |world: &mut World, x: i64, sample: &str| {
        let spec = declared_scenario(world, "scenario.a");
        edit(&mut spec.blueprint, true, |document| {
            document["flow"][0]["metadata"]["designer"]["x"] = json!(x);
            document["flow"][0]["samples"] = json!({ "password": sample });
        });
        let plan = world.plan();
        assert_eq!(steps(&plan), ["update scenario.a"]);
        plan.digest
    };
    let one = digest(&mut world, 10, "q8Zr41kPxT7w2LmNb");
    assert_ne!(one, digest(&mut world, 11, "q8Zr41kPxT7w2LmNb"));
    assert_eq!(one, digest(&mut world, 10, "Zx81Kd02Lmq93Pw7a"));
    world.settle();
}

#[test]
fn references_in_samples_are_filled_in_like_all_others() {
    let mut world = leads();
    world.settle();
    world.declare("webhook.new", webhook("New", "custom"));
    let flow = json!([{"id": 1, "module": "http:Get", "samples": {"url": "${webhook.new.url}"},
        "metadata": {"designer": {"x": 0, "y": 0}}}]);
    world.declare("scenario.a", make(doing("A", flow)));
    let plan = world.settle();
    let after = plan
        .steps
        .iter()
        .find(|step| step.address == at("scenario.a"));
    let marks = &after.unwrap().after.as_ref().unwrap().marks;
    assert!(marks.values().any(|mark| *mark == Mark::Unknown));
    assert!(
        live(&mut world)["flow"][0]["samples"]["url"]
            .as_str()
            .unwrap()
            .starts_with("https")
    );

    // What the account has instead is none of the manifest's references any more.
    let id = plan_id(&world, "scenario.a");
    edit(&mut world.live_scenario(id).blueprint, false, |document| {
        document["flow"][0]["samples"] = json!({"url": "${webhook.gone.url}"});
    });
    declared_scenario(&mut world, "scenario.a").description =
        Field::Set(crate::model::reference::Template::literal("new"));
    let plan = world.settle();
    let after = plan.steps[0].after.as_ref().unwrap();
    assert!(
        !after
            .marks
            .keys()
            .any(|path| path.contains(&"samples".to_owned()))
    );
    world.editor = true;
    world.settle();
    assert!(
        live(&mut world)["flow"][0]["samples"]["url"]
            .as_str()
            .unwrap()
            .starts_with("https")
    );
}

#[test]
fn an_adoption_leaves_the_editor_s_part_alone_unless_it_is_asked_for() {
    let mut world = World::new();
    let flow = |x: i64| json!([module(1, x, "a", "one")]);
    world.live(5, make(doing("A", flow(70))));
    world.declare("scenario.a", make(doing("A", flow(0))));
    let plan = world.plan();
    assert!(plan.steps[0].sends_nothing());
    assert_eq!(plan.editor[&at("scenario.a")].in_words(), "1 of 1 module");
    world.editor = true;
    assert_eq!(world.codes(), ["adopt-overwrites"]);
    world.settle();
}
