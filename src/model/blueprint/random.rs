//! Blueprints of every shape, odd ones included, for properties that hold for all of them.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Any blueprint.
pub(crate) fn blueprint() -> impl Strategy<Value = Value> {
    let flow = list(2);
    let metadata = prop_oneof![
        9 => object(&["instant", "zone", "notes", "version", "scenario", "designer", "other"]),
        1 => odd(),
    ];
    let orphans = prop::option::of(prop::collection::vec(list(1), 0..3));
    let key = prop_oneof![9 => Just("flow"), 1 => Just("modules")];
    let extra = object(&["name", "io", "modules", "unheardOf"]);
    (key, flow, metadata, orphans, extra, 0..20_u8).prop_map(
        |(key, flow, mut metadata, orphans, extra, without)| {
            if let (Some(orphans), Some(map)) = (orphans, metadata.as_object_mut()) {
                let designer = map.entry("designer").or_insert_with(|| json!({}));
                if let Value::Object(designer) = designer {
                    designer.insert("orphans".to_owned(), Value::Array(orphans));
                }
            }
            let mut document = extra;
            if let Value::Object(map) = &mut document {
                map.insert(key.to_owned(), flow);
                if without > 0 {
                    map.insert("metadata".to_owned(), metadata);
                }
            }
            document
        },
    )
}

/// A list of modules, whose routes, branches, tools and handlers are `depth` deep at most.
fn list(depth: u32) -> BoxedStrategy<Value> {
    let module = prop_oneof![19 => module(depth), 1 => odd().boxed()];
    prop_oneof![
        19 => prop::collection::vec(module, 0..4).prop_map(Value::Array),
        1 => odd(),
    ]
    .boxed()
}

fn module(depth: u32) -> BoxedStrategy<Value> {
    let id = prop::sample::select(vec![
        Some(json!(1)),
        Some(json!(2)),
        Some(json!(3)),
        Some(json!(12)),
        Some(json!("3")),
        Some(json!("3#2")),
        Some(json!("?")),
        Some(json!(1.5)),
        Some(Value::Null),
        None,
    ]);
    let kind = prop::sample::select(vec![
        Some(json!("http:Get")),
        Some(json!("builtin:BasicRouter")),
        Some(json!("scenario-service:StartSubscenario")),
        Some(json!("scenario-service:ReturnData")),
        Some(json!(5)),
        None,
    ]);
    let metadata = prop_oneof![
        9 => object(&[
            "designer", "restore", "expect", "interface", "parameters", "advanced",
            "setupValidation", "unheardOf",
        ]),
        1 => odd(),
    ];
    let metadata = prop::option::of(metadata);
    let designer = prop::option::of(object(&["x", "y", "name", "messages"]));
    let rest = object(&[
        "version",
        "parameters",
        "mapper",
        "filter",
        "samples",
        "app",
        "action",
    ]);
    let below = match depth {
        0 => Just(Map::new()).boxed(),
        _ => below(depth - 1),
    };
    (id, kind, metadata, designer, rest, below)
        .prop_map(|(id, kind, metadata, designer, rest, below)| {
            let mut module = Map::new();
            module.extend(rest.as_object().cloned().unwrap_or_default());
            module.extend(below);
            if let Some(mut metadata) = metadata {
                if let (Value::Object(map), Some(designer)) = (&mut metadata, designer) {
                    map.insert("designer".to_owned(), designer);
                }
                module.insert("metadata".to_owned(), metadata);
            }
            module.extend(kind.map(|kind| ("module".to_owned(), kind)));
            module.extend(id.map(|id| ("id".to_owned(), id)));
            Value::Object(module)
        })
        .boxed()
}

/// The lists of a module that hold modules.
fn below(depth: u32) -> BoxedStrategy<Map<String, Value>> {
    let branch = prop_oneof![
        9 => (list(depth), object(&["label", "disabled"])).prop_map(|(flow, mut branch)| {
            if let Value::Object(map) = &mut branch {
                map.insert("flow".to_owned(), flow);
            }
            branch
        }),
        1 => odd(),
    ];
    let branches = prop_oneof![
        9 => prop::collection::vec(branch, 0..3).prop_map(Value::Array),
        1 => odd(),
    ];
    let key = prop::sample::select(vec!["routes", "branches", "tools", "onerror", ""]);
    (key, branches, list(depth))
        .prop_map(|(key, branches, handlers)| {
            let value = if key == "onerror" { handlers } else { branches };
            let found = (!key.is_empty()).then(|| (key.to_owned(), value));
            found.into_iter().collect()
        })
        .boxed()
}

/// An object with some of these keys, and simple values.
fn object(keys: &[&'static str]) -> BoxedStrategy<Value> {
    let most = keys.len();
    prop::collection::vec((prop::sample::select(keys.to_vec()), odd()), 0..=most)
        .prop_map(|entries| {
            let entries = entries.into_iter();
            Value::Object(
                entries
                    .map(|(key, value)| (key.to_owned(), value))
                    .collect(),
            )
        })
        .boxed()
}

/// What nobody would expect in most places.
fn odd() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(300),
        json!(-1.5),
        json!(""),
        json!("a"),
        json!([]),
        json!([1, "b"]),
        json!({}),
        json!({"x": 1, "name": "Label", "10": 1, "2": [null]}),
    ])
}
