//! Every module of a blueprint, wherever it stands.

use serde_json::{Map, Value};

/// Calls `visit` with each module: in the flow, in routes, branches, tools and handlers at any
/// depth, and among the orphans.
pub(super) fn each_module(blueprint: &mut Value, visit: &mut dyn FnMut(&mut Map<String, Value>)) {
    if let Some(flow) = blueprint.get_mut("flow") {
        each_in_flow(flow, visit);
    }
    let orphans = blueprint
        .pointer_mut("/metadata/designer/orphans")
        .and_then(Value::as_array_mut);
    for flow in orphans.into_iter().flatten() {
        each_in_flow(flow, visit);
    }
}

fn each_in_flow(flow: &mut Value, visit: &mut dyn FnMut(&mut Map<String, Value>)) {
    for module in flow.as_array_mut().into_iter().flatten() {
        let Some(module) = module.as_object_mut() else {
            continue;
        };
        visit(module);
        if let Some(handlers) = module.get_mut("onerror") {
            each_in_flow(handlers, visit);
        }
        for key in ["routes", "branches", "tools"] {
            let parts = module.get_mut(key).and_then(Value::as_array_mut);
            for flow in parts
                .into_iter()
                .flatten()
                .filter_map(|part| part.get_mut("flow"))
            {
                each_in_flow(flow, visit);
            }
        }
    }
}

/// The app of each module that runs, one entry per module, as `usedPackages` has it.
pub(super) fn packages(blueprint: &Value) -> Vec<String> {
    let names = running(blueprint)
        .into_iter()
        .filter_map(|module| module.get("module")?.as_str());
    names
        .map(|name| name.split_once(':').map_or(name, |(app, _)| app).to_owned())
        .collect()
}

/// The id that the editor would give the next module.
pub(super) fn next_module(blueprint: &Value) -> u64 {
    let ids = running(blueprint)
        .into_iter()
        .filter_map(|module| module.get("id")?.as_u64());
    ids.max().unwrap_or_default() + 1
}

/// The modules of the flow and below it: those among the orphans do not run.
fn running(blueprint: &Value) -> Vec<&Value> {
    fn collect<'a>(flow: Option<&'a Value>, found: &mut Vec<&'a Value>) {
        for module in flow.and_then(Value::as_array).into_iter().flatten() {
            found.push(module);
            collect(module.get("onerror"), found);
            for key in ["routes", "branches", "tools"] {
                let parts = module.get(key).and_then(Value::as_array);
                parts
                    .into_iter()
                    .flatten()
                    .for_each(|part| collect(part.get("flow"), found));
            }
        }
    }
    let mut found = Vec::new();
    collect(blueprint.get("flow"), &mut found);
    found
}
