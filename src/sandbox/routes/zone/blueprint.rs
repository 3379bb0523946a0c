//! Blueprints: what is accepted, and what Make reads out of one.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::error::WorldError;
use crate::sandbox::quirk::{KeyOrder, Numbers, Quirks, UnknownIds};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::Refusal;
use crate::sandbox::store::Objects;

use super::references::of_module;
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

/// Whether a module has a place for a connection and none in it.
pub(super) fn lacks_connection(blueprint: &Value) -> bool {
    modules(blueprint).into_iter().any(|module| {
        let chosen = |name: &str| {
            let value = module.get("parameters").and_then(|set| set.get(name));
            value.is_some_and(|value| value.as_u64() != Some(0) && !value.is_null())
        };
        let noted = module
            .pointer("/metadata/parameters")
            .and_then(Value::as_array);
        let is_account =
            |entry: &&Value| text(entry, "type").is_some_and(|kind| kind.starts_with("account:"));
        let mut places = noted.into_iter().flatten().filter(is_account);
        let is_written = module.pointer("/parameters/__IMTCONN__").is_some();
        places.any(|place| text(place, "name").is_some_and(|name| !chosen(name)))
            || is_written && !chosen("__IMTCONN__")
    })
}

/// As Make gives it back: told whether it is instant, with its keys in order.
pub(super) fn shown(mut blueprint: Value, quirks: &Quirks) -> Value {
    let instant = is_instant(&blueprint);
    if let Some(metadata) = blueprint.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert("instant".to_owned(), json!(instant));
    }
    if quirks.numbers == Numbers::Integers {
        drop_fractions(&mut blueprint);
    }
    if quirks.key_order == KeyOrder::Sorted {
        blueprint.sort_all_objects();
    }
    blueprint
}

/// Writes `1.0` as `1`, as a program does that knows one sort of number.
fn drop_fractions(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let written = number.to_string();
            let whole = written.split_once('.').filter(|(_, fraction)| {
                !fraction.is_empty() && fraction.bytes().all(|digit| digit == b'0')
            });
            if let Some(whole) = whole.and_then(|(whole, _)| whole.parse::<i128>().ok()) {
                *value = json!(whole);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(drop_fractions),
        Value::Object(fields) => fields.values_mut().for_each(drop_fractions),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// Refuses a blueprint that names a connection, hook, key or data store which the team does not
/// have.
pub(super) fn check_references(
    blueprint: &Value,
    team: u64,
    call: &Call<'_>,
    world: &impl Objects,
) -> Result<(), Refusal> {
    let checked = match call.quirks().unknown_ids {
        UnknownIds::Refused => CHECKED,
        UnknownIds::Accepted => &[Collection::Connections],
    };
    for module in modules(blueprint) {
        if let Some(Missing { referred, id }) = missing(module, team, world, checked)? {
            return Err(Refusal::unknown_reference(referred, &id));
        }
    }
    Ok(())
}

/// What a module must not name unless it is there.
pub(in crate::sandbox) const CHECKED: &[Collection] = &[
    Collection::Connections,
    Collection::Hooks,
    Collection::Keys,
    Collection::DataStores,
];

/// Something that a module names and the team does not have.
pub(in crate::sandbox) struct Missing {
    pub(in crate::sandbox) referred: &'static str,
    /// As refusals write it: `slack:301`.
    pub(in crate::sandbox) id: String,
}

/// The first thing of these sorts among a module's parameters that is not there.
pub(in crate::sandbox) fn missing(
    module: &Value,
    team: u64,
    world: &impl Objects,
    checked: &[Collection],
) -> Result<Option<Missing>, WorldError> {
    for found in of_module(module) {
        // Zero is a thing that was not chosen yet.
        if found.id == 0 || !found.is_fixed || !checked.contains(&found.collection) {
            continue;
        }
        let thing = world.object(found.collection, found.id)?;
        if thing.is_none_or(|thing| number(&thing, "teamId") != Some(team)) {
            return Ok(Some(Missing {
                referred: found.what,
                id: format!("{}:{}", found.kind, found.id),
            }));
        }
    }
    Ok(None)
}
