//! Any two blueprints.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::plan::testing::{World, doing, edit, lines, make};

/// Flows of modules with few ids, so that two of them have much in common: nested, labelled,
/// with an id twice now and then.
fn flows() -> impl Strategy<Value = Value> {
    let values = prop_oneof![
        Just(json!(null)),
        Just(json!(1.0)),
        Just(json!({"0": "a", "b": [1, 2]})),
        Just(json!(["x", {"y": 1}])),
        Just(json!("line\nline\n")),
    ];
    let module = (0..6_u8, 0..3_u8, values.clone(), values)
        .prop_map(|(id, kind, mapper, x)| {
            json!({"id": id, "module": format!("app:Type{kind}"), "mapper": mapper,
                   "metadata": {"designer": {"x": x, "name": if kind == 2 { "Label" } else { "" }}}})
        });
    let leaf = prop::collection::vec(module.clone(), 0..4).prop_map(Value::Array);
    leaf.prop_recursive(3, 24, 4, move |inner| {
        let nested = (module.clone(), inner, 0..4_u8).prop_map(|(mut module, flow, place)| {
            match place {
                0 => module["routes"] = json!([{"flow": flow}, {"flow": []}]),
                1 => module["onerror"] = flow,
                2 => module["branches"] = json!([{"type": "if", "flow": flow}]),
                _ => module["tools"] = json!([{"name": "t", "flow": flow}]),
            }
            module
        });
        prop::collection::vec(nested, 0..4).prop_map(Value::Array)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_blueprint_becomes_any_other_and_then_nothing_changes(
        old in flows(), new in flows(), parked in flows(),
    ) {
        let mut world = World::new();
        let mut live = doing("A", old.clone());
        edit(&mut live.blueprint, false, |document| {
            document["metadata"]["designer"] = json!({"orphans": [parked, []]});
        });
        world.live(5, make(live));
        world.declare("scenario.a", make(doing("A", old)));
        world.settle();
        world.declare("scenario.a", make(doing("A", new)));
        let plan = world.settle();
        for step in &plan.steps {
            prop_assert!(!lines(&step.changes).is_empty());
        }
        world.editor = true;
        world.settle();
        world.editor = false;
        let plan = world.plan();
        prop_assert!(plan.is_empty() && plan.editor.is_empty());
    }
}
