//! Blueprints of this dialect, `{modules, connections}`, as flows of the zone dialect and back.
//!
//! An editor's export travels in this dialect too, and is left as it is.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::sandbox::routes::refusal::Refusal;

/// What stands where a module has several successors.
const ROUTER: &str = "builtin:BasicRouter";

/// The blueprint that the zone dialect has for what was written.
pub(super) fn to_blueprint(name: &str, written: &Value) -> Result<Value, Refusal> {
    let Some(fields) = written.as_object() else {
        return Err(Refusal::invalid("'blueprint' should be object"));
    };
    if fields.contains_key("flow") {
        let mut export = fields.clone();
        export.insert("name".to_owned(), json!(name));
        export.entry("metadata").or_insert_with(|| json!({}));
        return Ok(Value::Object(export));
    }
    let Some(Value::Array(modules)) = fields.get("modules") else {
        return Err(Refusal::invalid("'blueprint.modules' should be array"));
    };
    let graph = Graph::read(modules, fields.get("connections"))?;
    let mut left = graph.nodes.keys().copied().collect::<BTreeSet<_>>();
    let mut router = graph.nodes.keys().max().copied().unwrap_or(0);
    let mut chains = Vec::new();
    for root in graph.roots() {
        let chain = graph.chain(root, &mut left, &mut router);
        if !chain.is_empty() {
            chains.push(chain);
        }
    }
    if !left.is_empty() {
        return Err(Refusal::invalid(
            "'blueprint.connections' lead round in a circle",
        ));
    }
    let mut chains = chains.into_iter();
    let flow = chains.next().unwrap_or_default();
    let orphans: Vec<Vec<Value>> = chains.collect();
    Ok(json!({
        "name": name, "flow": flow,
        "metadata": { "version": 1, "designer": { "orphans": orphans } },
    }))
}

/// Modules and connections of a flow: routes and error handlers hang on what they follow.
pub(super) fn of_blueprint(blueprint: &Value) -> (Vec<Value>, Vec<Value>) {
    let (mut modules, mut connections) = (Vec::new(), Vec::new());
    if let Some(flow) = blueprint.get("flow") {
        walk(flow, None, &mut modules, &mut connections);
    }
    (modules, connections)
}

fn walk(
    flow: &Value,
    before: Option<&Value>,
    modules: &mut Vec<Value>,
    connections: &mut Vec<Value>,
) {
    let mut before = before;
    for node in flow.as_array().into_iter().flatten() {
        let Some(id) = node.get("id") else { continue };
        let name = node
            .get("module")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let (app, action) = name.split_once(':').unwrap_or((name, ""));
        let mut module = Map::new();
        module.insert("id".to_owned(), id.clone());
        module.insert("app".to_owned(), json!(app));
        module.insert("action".to_owned(), json!(action));
        for key in ["parameters", "mapper", "filter"] {
            if let Some(value) = node.get(key) {
                module.insert(key.to_owned(), value.clone());
            }
        }
        modules.push(Value::Object(module));
        if let Some(before) = before {
            connections.push(json!({ "from": before, "to": id }));
        }
        for inner in ["routes", "branches", "tools"] {
            for part in node
                .get(inner)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                if let Some(flow) = part.get("flow") {
                    walk(flow, Some(id), modules, connections);
                }
            }
        }
        if let Some(handlers) = node.get("onerror") {
            walk(handlers, Some(id), modules, connections);
        }
        before = Some(id);
    }
}

/// Modules by id, and who follows whom.
struct Graph<'w> {
    nodes: BTreeMap<u64, &'w Value>,
    order: Vec<u64>,
    next: BTreeMap<u64, Vec<u64>>,
}

impl<'w> Graph<'w> {
    fn read(modules: &'w [Value], connections: Option<&Value>) -> Result<Self, Refusal> {
        let mut nodes = BTreeMap::new();
        let mut order = Vec::new();
        for (index, module) in modules.iter().enumerate() {
            let wrong =
                |what: &str| Refusal::invalid(format!("'blueprint.modules[{index}].{what}"));
            let id = module.get("id").and_then(Value::as_u64);
            let id = id.ok_or_else(|| wrong("id' should be integer"))?;
            for key in ["app", "action"] {
                if module
                    .get(key)
                    .and_then(Value::as_str)
                    .is_none_or(str::is_empty)
                {
                    return Err(wrong(&format!("{key}' should be string")));
                }
            }
            if nodes.insert(id, module).is_some() {
                return Err(wrong("id' stands twice"));
            }
            order.push(id);
        }
        let mut next: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        match connections {
            // Without connections each module follows the one before it.
            None | Some(Value::Null) => {
                for pair in order.windows(2) {
                    if let [from, to] = pair {
                        next.entry(*from).or_default().push(*to);
                    }
                }
            }
            Some(Value::Array(connections)) => {
                for connection in connections {
                    let end = |key: &str| {
                        let id = connection.get(key).and_then(Value::as_u64);
                        id.filter(|id| nodes.contains_key(id)).ok_or_else(|| {
                            Refusal::invalid(format!(
                                "'blueprint.connections[].{key}' names no module"
                            ))
                        })
                    };
                    let (from, to) = (end("from")?, end("to")?);
                    next.entry(from).or_default().push(to);
                }
            }
            Some(_) => return Err(Refusal::invalid("'blueprint.connections' should be array")),
        }
        Ok(Self { nodes, order, next })
    }

    /// Modules that follow nothing, in the order in which they were written.
    fn roots(&self) -> Vec<u64> {
        let followers: BTreeSet<u64> = self.next.values().flatten().copied().collect();
        let roots = self.order.iter().copied();
        roots.filter(|id| !followers.contains(id)).collect()
    }

    /// The flow that begins with a module. What several lead to stands where it is met first.
    fn chain(&self, first: u64, left: &mut BTreeSet<u64>, router: &mut u64) -> Vec<Value> {
        let mut flow = Vec::new();
        let mut at = Some(first);
        while let Some(id) = at.filter(|id| left.remove(id)) {
            flow.extend(self.nodes.get(&id).map(|module| node(module)));
            let followers = self.next.get(&id).map_or(&[][..], Vec::as_slice);
            at = match followers {
                [] => None,
                [one] => Some(*one),
                several => {
                    *router += 1;
                    let id = *router;
                    let routes: Vec<Value> = several
                        .iter()
                        .map(|first| json!({ "flow": self.chain(*first, left, router) }))
                        .collect();
                    flow.push(json!({
                        "id": id, "module": ROUTER, "version": 1, "mapper": null,
                        "routes": routes, "metadata": {},
                    }));
                    None
                }
            };
        }
        flow
    }
}

/// A module as a node of a flow.
fn node(module: &Value) -> Value {
    let text = |key: &str| module.get(key).and_then(Value::as_str).unwrap_or_default();
    let part = |key: &str| module.get(key).cloned().unwrap_or_else(|| json!({}));
    let mut node = json!({
        "id": module.get("id"), "module": format!("{}:{}", text("app"), text("action")),
        "version": module.get("version").cloned().unwrap_or_else(|| json!(1)),
        "parameters": part("parameters"), "mapper": part("mapper"), "metadata": {},
    });
    if let (Some(node), Some(filter)) = (node.as_object_mut(), module.get("filter")) {
        node.insert("filter".to_owned(), filter.clone());
    }
    node
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{of_blueprint, to_blueprint};

    fn module(id: u64) -> Value {
        json!({ "id": id, "app": "slack", "action": format!("Do{id}"), "parameters": {} })
    }

    /// Ids of a flow, routes in brackets.
    fn ids(flow: &Value) -> String {
        let nodes = flow.as_array().unwrap().iter().map(|node| {
            let routes: Vec<String> = node["routes"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|route| ids(&route["flow"]))
                .collect();
            match routes.is_empty() {
                true => node["id"].to_string(),
                false => format!("{}[{}]", node["id"], routes.join("|")),
            }
        });
        nodes.collect::<Vec<_>>().join(" ")
    }

    fn flow(modules: &[u64], connections: Option<&[(u64, u64)]>) -> String {
        let modules: Vec<Value> = modules.iter().map(|id| module(*id)).collect();
        let mut written = json!({ "modules": modules });
        if let Some(connections) = connections {
            written["connections"] = connections
                .iter()
                .map(|(from, to)| json!({ "from": from, "to": to }))
                .collect();
        }
        match to_blueprint("x", &written) {
            Ok(blueprint) => {
                let orphans = &blueprint["metadata"]["designer"]["orphans"];
                let orphans = orphans.as_array().unwrap().iter().map(ids);
                let mut all = vec![ids(&blueprint["flow"])];
                all.extend(orphans);
                all.join(" / ")
            }
            Err(refusal) => format!("{refusal:?}"),
        }
    }

    #[test]
    fn connections_say_the_order_and_a_fork_is_a_router() {
        assert_eq!(flow(&[2, 1, 3], None), "2 1 3");
        assert_eq!(flow(&[1, 2, 3], Some(&[(1, 3), (3, 2)])), "1 3 2");
        assert_eq!(flow(&[1, 2, 3], Some(&[(1, 2), (1, 3)])), "1 4[2|3]");
        assert_eq!(flow(&[1, 2, 3], Some(&[(1, 2)])), "1 2 / 3");
        assert!(flow(&[1, 2], Some(&[(1, 2), (2, 1)])).contains("circle"));
        assert!(flow(&[1, 1], None).contains("twice"));
        assert!(flow(&[1], Some(&[(1, 7)])).contains("names no module"));
    }

    #[test]
    fn a_flow_is_shown_as_modules_and_connections() {
        let written = json!({ "modules": [module(1), module(2), module(3)],
            "connections": [{ "from": 1, "to": 2 }, { "from": 1, "to": 3 }] });
        let (modules, connections) = of_blueprint(&to_blueprint("x", &written).unwrap());
        let names: Vec<&str> = modules
            .iter()
            .map(|m| m["action"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["Do1", "BasicRouter", "Do2", "Do3"]);
        assert_eq!(
            json!(connections),
            json!([{ "from": 1, "to": 4 }, { "from": 4, "to": 2 }, { "from": 4, "to": 3 }])
        );
    }

    #[test]
    fn an_editor_s_export_stays_as_it_is() {
        let export = json!({ "name": "old", "flow": [{ "id": 1 }], "metadata": { "a": 1 } });
        let blueprint = to_blueprint("new", &export).unwrap();
        assert_eq!(
            blueprint,
            json!({ "name": "new", "flow": [{ "id": 1 }], "metadata": { "a": 1 } })
        );
    }
}
