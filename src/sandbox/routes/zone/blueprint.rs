//! Blueprints: what is accepted, and what Make reads out of one.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::error::WorldError;
use crate::sandbox::routes::refusal::Refusal;
use crate::sandbox::store::Objects;

use super::scope::{number, text};

/// The longest name of a scenario.
pub(super) const LONGEST_NAME: usize = 120;

/// Parses the JSON string of a blueprint and refuses what Make would. What is accepted stays as
/// it was written, to the digit.
pub(super) fn parse(written: &str) -> Result<Value, Refusal> {
    let blueprint: Value = serde_json::from_str(written)
        .map_err(|error| Refusal::invalid(format!("blueprint should be JSON: {error}")))?;
    if !blueprint.is_object() {
        return Err(Refusal::invalid("blueprint should be object"));
    }
    match blueprint.get("flow") {
        Some(Value::Array(_)) => {}
        Some(_) => return Err(Refusal::invalid("blueprint.flow should be array")),
        None => return Err(Refusal::invalid("should have required property 'flow'")),
    }
    match blueprint.get("metadata") {
        Some(Value::Object(_)) => {}
        Some(_) => return Err(Refusal::invalid("blueprint.metadata should be object")),
        None => return Err(Refusal::invalid("should have required property 'metadata'")),
    }
    match blueprint.get("name") {
        Some(Value::String(name)) => check_name(name)?,
        // Not a refusal but a crash: that is how it was measured.
        _ => return Err(Refusal::broken("Cannot read the blueprint's name.")),
    }
    for module in modules(&blueprint) {
        if !text(module, "module").is_some_and(|name| name.contains(':')) {
            return Err(Refusal::unknown_module(
                text(module, "module").unwrap_or_default(),
            ));
        }
    }
    Ok(blueprint)
}

/// Refuses a name that is empty or too long.
pub(super) fn check_name(name: &str) -> Result<(), Refusal> {
    match name.chars().count() {
        0 => Err(Refusal::invalid(
            "name should NOT be shorter than 1 characters",
        )),
        length if length > LONGEST_NAME => Err(Refusal::invalid(format!(
            "name should NOT be longer than {LONGEST_NAME} characters"
        ))),
        _ => Ok(()),
    }
}

/// Its name.
pub(super) fn name(blueprint: &Value) -> &str {
    text(blueprint, "name").unwrap_or_default()
}

/// All modules that run, the outer before the inner. The orphans of the editor do not run.
pub(in crate::sandbox) fn modules(blueprint: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    collect(blueprint.get("flow"), &mut found);
    found
}

fn collect<'b>(flow: Option<&'b Value>, found: &mut Vec<&'b Value>) {
    for module in flow.and_then(Value::as_array).into_iter().flatten() {
        found.push(module);
        for branching in ["routes", "branches", "tools"] {
            for branch in module
                .get(branching)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                collect(branch.get("flow"), found);
            }
        }
        collect(module.get("onerror"), found);
    }
}

/// The app of each module, with repeats.
pub(super) fn packages(blueprint: &Value) -> Vec<String> {
    let names = modules(blueprint)
        .into_iter()
        .filter_map(|module| text(module, "module"));
    names
        .filter_map(|name| name.split_once(':'))
        .map(|(app, _)| app.to_owned())
        .collect()
}

/// The id that the next module in the editor gets.
pub(in crate::sandbox) fn next_module_id(blueprint: &Value) -> u64 {
    let ids = modules(blueprint)
        .into_iter()
        .filter_map(|module| number(module, "id"));
    ids.max().unwrap_or(0) + 1
}

/// The hook that the first module waits for.
pub(in crate::sandbox) fn trigger_hook(blueprint: &Value) -> Option<u64> {
    let parameters = trigger(blueprint)?.get("parameters")?;
    number(parameters, "hook").or_else(|| number(parameters, "__IMTHOOK__"))
}

/// Whether it runs whenever something arrives, instead of looking for news at intervals.
pub(in crate::sandbox) fn is_instant(blueprint: &Value) -> bool {
    let Some(trigger) = trigger(blueprint) else {
        return false;
    };
    let is_gateway = matches!(
        text(trigger, "module"),
        Some("gateway:CustomWebHook" | "gateway:CustomMailHook")
    );
    is_gateway
        || trigger_hook(blueprint).is_some()
        || trigger.get("listener").and_then(Value::as_bool) == Some(true)
}

fn trigger(blueprint: &Value) -> Option<&Value> {
    blueprint.get("flow")?.get(0)
}

/// Whether the scenario could not be started: the editor left an error in it, or it means to
/// store incomplete executions without being allowed to.
pub(super) fn is_invalid(blueprint: &Value) -> bool {
    let keeps_incomplete = blueprint.pointer("/metadata/scenario/dlq") == Some(&Value::Bool(true));
    modules(blueprint).into_iter().any(|module| {
        let messages = module
            .pointer("/metadata/designer/messages")
            .and_then(Value::as_array);
        let mut severities = messages
            .into_iter()
            .flatten()
            .map(|item| text(item, "severity"));
        let breaks = text(module, "module") == Some("builtin:Break");
        (breaks && !keeps_incomplete) || severities.any(|severity| severity == Some("error"))
    })
}

/// As Make gives it back: keys in order, and told whether it is instant.
pub(super) fn shown(mut blueprint: Value) -> Value {
    let instant = is_instant(&blueprint);
    if let Some(metadata) = blueprint.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert("instant".to_owned(), json!(instant));
    }
    blueprint.sort_all_objects();
    blueprint
}

/// Refuses a blueprint that names a connection, hook, key or data store which the team does not
/// have. Make was only seen to do so for connections.
pub(super) fn check_references(
    blueprint: &Value,
    team: u64,
    world: &impl Objects,
) -> Result<(), Refusal> {
    for module in modules(blueprint) {
        if let Some(Missing { what, id }) = missing(module, team, world)? {
            return Err(Refusal::unknown_reference(what, &id));
        }
    }
    Ok(())
}

/// Something that a module names and the team does not have.
pub(in crate::sandbox) struct Missing {
    pub(in crate::sandbox) what: &'static str,
    /// As refusals write it: `slack:301`.
    pub(in crate::sandbox) id: String,
}

/// The first thing among a module's parameters that is not there.
pub(in crate::sandbox) fn missing(
    module: &Value,
    team: u64,
    world: &impl Objects,
) -> Result<Option<Missing>, WorldError> {
    let parameters = module.get("parameters").and_then(Value::as_object);
    for (parameter, value) in parameters.into_iter().flatten() {
        let tag = tag(module, parameter);
        let (Some(referred), Some(id)) = (Referred::by(parameter, tag), value.as_u64()) else {
            continue;
        };
        let found = match id {
            0 => continue, // not chosen yet
            _ => world.object(referred.collection, id)?,
        };
        if found.is_none_or(|object| number(&object, "teamId") != Some(team)) {
            let kind = tag.and_then(|tag| tag.split([':', ',']).nth(1));
            let app = text(module, "module").and_then(|name| name.split(':').next());
            let kind = kind.or(app).unwrap_or_default();
            return Ok(Some(Missing {
                what: referred.what,
                id: format!("{kind}:{id}"),
            }));
        }
    }
    Ok(None)
}

/// The type that the editor noted for a parameter of a module.
fn tag<'b>(module: &'b Value, parameter: &str) -> Option<&'b str> {
    let noted = module.pointer("/metadata/parameters")?.as_array()?;
    let entry = noted
        .iter()
        .find(|entry| text(entry, "name") == Some(parameter))?;
    text(entry, "type")
}

/// What the id in a parameter stands for.
struct Referred {
    what: &'static str,
    collection: Collection,
}

impl Referred {
    /// By the type that the editor noted, else by the parameter's name.
    fn by(parameter: &str, tag: Option<&str>) -> Option<Self> {
        const CONNECTION: Referred = Referred {
            what: "Connection",
            collection: Collection::Connections,
        };
        const HOOK: Referred = Referred {
            what: "Hook",
            collection: Collection::Hooks,
        };
        const KEY: Referred = Referred {
            what: "Key",
            collection: Collection::Keys,
        };
        const DATA_STORE: Referred = Referred {
            what: "Data store",
            collection: Collection::DataStores,
        };
        match tag.and_then(|tag| tag.split(':').next()) {
            Some("account") => Some(CONNECTION),
            Some("hook") => Some(HOOK),
            Some("keychain") => Some(KEY),
            Some("datastore") => Some(DATA_STORE),
            Some(_) => None,
            None => match parameter {
                "__IMTCONN__" | "account" | "accountImap" | "makeConnectionId" => Some(CONNECTION),
                "__IMTHOOK__" | "hook" => Some(HOOK),
                "apiKeyKeychain" | "proxyKeychain" => Some(KEY),
                "datastore" => Some(DATA_STORE),
                _ => None,
            },
        }
    }
}
