//! What is drawn of a step.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Drawing, Fate, drawing, drawing_of, merge::merge, side::Side};
use crate::{
    model::blueprint::{functional, modules, random::blueprint},
    plan::testing::{World, doing, edit, make, plan_id},
};

/// Nodes and edges as lines.
fn told(drawing: &Drawing) -> Vec<String> {
    let name = |at: usize| drawing.nodes[at].key.clone();
    let nodes = drawing.nodes.iter().map(|node| {
        let label = node.label.as_deref().unwrap_or("-");
        format!(
            "{} {} {} {label}",
            node.fate.as_str(),
            node.key,
            node.module
        )
    });
    let edges = drawing.edges.iter().map(|edge| {
        let (from, to) = (name(edge.from), name(edge.to));
        let line = format!("{} {from}->{to} {}", edge.fate.as_str(), edge.words());
        line.trim_end().to_owned()
    });
    nodes.chain(edges).collect()
}

/// The drawing of the only step of a plan.
fn drawn(world: &World) -> Drawing {
    let plan = world.plan();
    assert_eq!(plan.steps.len(), 1);
    drawing(&plan.steps[0]).unwrap()
}

#[test]
fn before_and_after_are_one_drawing() {
    let only =
        |value: &str| json!({"conditions": [[{"a": "{{1.s}}", "o": "text:equal", "b": value}]]});
    let old = json!([
        {"id": 1, "module": "gateway:CustomWebHook"},
        {"id": 2, "module": "json:ParseJSON"},
        {"id": 3, "module": "builtin:BasicRouter", "routes": [
            {"flow": [{"id": 4, "module": "slack:Post", "filter": only("won")}]},
            {"flow": [{"id": 5, "module": "http:Get", "onerror": [{"id": 6, "module": "builtin:Break"}]},
                      {"id": 7, "module": "http:Post"}]},
        ]},
    ]);
    let new = json!([
        {"id": 1, "module": "gateway:CustomWebHook"},
        {"id": 3, "module": "builtin:BasicRouter", "routes": [
            {"flow": [{"id": 4, "module": "slack:Post", "filter": only("lost"),
                       "metadata": {"designer": {"name": "Tell"}}}]},
            {"disabled": true, "flow": [{"id": 8, "module": "http:Get"}]},
            {"flow": [{"id": 7, "module": "http:Post", "mapper": {"url": "x"}},
                      {"id": 5, "module": "http:Put", "onerror": [{"id": 6, "module": "builtin:Break"}]}]},
        ]},
    ]);
    let mut world = World::new();
    world.declare("scenario.a", make(doing("A", old)));
    let created = drawn(&world);
    assert!(created.nodes.iter().all(|node| node.fate == Fate::Added));
    assert!(created.edges.iter().all(|edge| edge.fate == Fate::Added));
    world.settle();
    world.declare("scenario.a", make(doing("A", new)));
    let changed = drawn(&world);
    assert_eq!(
        told(&changed),
        [
            "same 1 gateway:CustomWebHook -",
            "removed 2 json:ParseJSON -",
            "changed 3 builtin:BasicRouter -",
            "removed 5 http:Get -",
            "changed 4 slack:Post Tell",
            "added 8 http:Get -",
            "moved 7 http:Post -",
            "added 5 http:Put -",
            "same 6 builtin:Break -",
            "added 1->3",
            "changed 3->4 route 1: only if `1.s` equals \"won\" -> only if `1.s` equals \"lost\"",
            "added 3->8 route 2: switched off",
            "added 3->7 route 3",
            "added 7->5",
            "added 5->6 on an error",
            "removed 1->2",
            "removed 2->3",
            "removed 3->5 route 2",
            "removed 5->6 on an error",
            "removed 5->7",
        ]
    );
    world.settle();
    world.forget("scenario.a");
    let gone = drawn(&world);
    assert!(gone.nodes.iter().all(|node| node.fate == Fate::Removed));
}

#[test]
fn a_graph_is_drawn_by_its_connections() {
    let document = json!({
        "modules": [
            {"id": "a", "app": "http", "action": "get", "label": "Read"},
            {"id": "b", "app": "slack", "action": "post", "filter": [[{"a": "{{a.x}}", "o": "exist"}]]},
            {"id": "c", "app": "slack", "action": "post", "filter": {"odd": 1}},
        ],
        "connections": [
            {"from": "a", "to": "b"}, {"from": "a", "to": "c"}, {"from": "c", "to": "a"},
            {"from": "a", "to": "b"}, {"from": "a", "to": "nowhere"}, 5,
        ],
    });
    assert_eq!(
        told(&drawing_of(&document)),
        [
            "same a http:get Read",
            "same b slack:post -",
            "same c slack:post -",
            "same a->b only if `a.x` exists",
            "same a->c only if {\"odd\":1}",
            "same c->a",
        ]
    );
}

#[test]
fn what_is_secret_is_in_no_drawing() {
    let secret = "t0p-s3cr3t-token";
    let mut world = World::new();
    let env = &mut world.desired.variables.env;
    env.insert("TOKEN".into(), secret.to_owned().into());
    let flow = json!([
        {"id": 1, "module": "gateway:CustomWebHook"},
        {"id": 2, "module": "http:Get", "metadata": {"designer": {"name": "Call ${env.TOKEN}"}},
         "filter": {"name": "by ${env.TOKEN}", "conditions": [[{"a": "{{1.t}}", "o": "text:equal", "b": "${env.TOKEN}"}]]}},
        {"id": 3, "module": "builtin:BasicIfElse", "branches": [
            {"type": "if", "label": "${env.TOKEN}", "conditions": [[{"a": "${env.TOKEN}", "o": "exist"}]],
             "flow": [{"id": 4, "module": "a:b"}]},
        ]},
    ]);
    world.declare("scenario.a", make(doing("A", flow)));
    let created = drawn(&world);
    assert!(!format!("{created:?}").contains(secret), "{created:?}");
    assert_eq!(
        told(&created)[4..],
        [
            "added 1->2 only if `1.t` equals \"(sensitive)\" (\"(sensitive)\")",
            "added 2->3",
            "added 3->4 branch 1: (sensitive), only if \"(sensitive)\" exists",
        ]
    );
    world.settle();
    let id = plan_id(&world, "scenario.a");
    edit(&mut world.live_scenario(id).blueprint, false, |document| {
        document["flow"][1]["filter"]["conditions"][0][0]["b"] = json!("an-0lder-s3cret");
    });
    let changed = drawn(&world);
    let text = format!("{changed:?}");
    assert!(!text.contains(secret) && !text.contains("0lder"), "{text}");
    let plan = format!("{:?}", world.plan());
    assert!(!plan.contains(secret) && !plan.contains("0lder"), "{plan}");
}

proptest! {
    #[test]
    fn every_module_of_before_and_after_is_drawn_once(old in blueprint(), new in blueprint()) {
        let (old, new) = (functional(&old), functional(&new));
        let marks = BTreeMap::new();
        let sides = (Side::new(&old, &old, &marks), Side::new(&new, &new, &marks));
        let drawing = merge(&sides.0, &sides.1, &[]);
        let names = |document: &Value| -> Vec<(String, String)> {
            let modules = modules(document);
            modules.iter().map(|m| (m.key.clone(), m.module.to_string())).collect()
        };
        let of = |gone: Fate| {
            let mut names: Vec<_> = drawing.nodes.iter().filter(|node| node.fate != gone)
                .map(|node| (node.key.clone(), node.module.clone())).collect();
            names.sort();
            names
        };
        let sorted = |document: &Value| { let mut names = names(document); names.sort(); names };
        prop_assert_eq!(of(Fate::Added), sorted(&old));
        prop_assert_eq!(of(Fate::Removed), sorted(&new));
        for edge in &drawing.edges {
            prop_assert!(edge.from < drawing.nodes.len() && edge.to < drawing.nodes.len());
        }
    }
}
