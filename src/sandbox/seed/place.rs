//! The places of a blueprint that name things of the team by id.
//!
//! The editor's type tags say where they are; where there are no tags, as in blueprints that
//! were written through the API, the names of the parameters do.

use serde_json::{Map, Value, json};

use super::reference::Sort;
use super::walk::each_module;

/// One place that names a thing.
#[derive(Debug)]
pub(super) struct Place<'a> {
    /// The sort of thing.
    pub(super) sort: Sort,
    /// The types that fit; empty where nothing says so.
    pub(super) types: Vec<String>,
    /// The type it most likely has.
    pub(super) likely: String,
    /// Its id.
    pub(super) id: u64,
    /// What the editor called it when the blueprint was saved.
    pub(super) label: Option<String>,
    value: &'a mut Value,
}

impl Place<'_> {
    /// Names another thing of the same sort here.
    pub(super) fn rename(&mut self, id: u64) {
        *self.value = match self.sort {
            Sort::Scenario => json!(format!("SCN_{id}")),
            Sort::Connection | Sort::Key | Sort::Hook | Sort::DataStore | Sort::DataStructure => {
                json!(id)
            }
        };
    }
}

/// Calls `see` with each place of a blueprint, orphans and inputs included.
pub(super) fn each_place(blueprint: &mut Value, see: &mut dyn FnMut(Place<'_>)) {
    each_module(blueprint, &mut |module| each_in_module(module, see));
    let inputs = blueprint
        .pointer_mut("/io/input_spec")
        .and_then(Value::as_array_mut);
    for input in inputs.into_iter().flatten() {
        let tag = input
            .get("type")
            .and_then(Value::as_str)
            .and_then(Sort::of_tag);
        let Some((sort, types)) = tag.map(|(sort, types)| (sort, split(types))) else {
            continue;
        };
        let Some(value) = input.get_mut("default") else {
            continue;
        };
        let Some(id) = read(sort, value) else {
            continue;
        };
        let likely = types.first().cloned().unwrap_or_default();
        see(Place {
            sort,
            types,
            likely,
            id,
            label: None,
            value,
        });
    }
}

/// The hook that a module is fed by.
pub(super) fn hook_of(module: &mut Map<String, Value>) -> Option<u64> {
    let mut hook = None;
    each_in_module(module, &mut |place| {
        if place.sort == Sort::Hook {
            hook = Some(place.id);
        }
    });
    hook
}

fn each_in_module(module: &mut Map<String, Value>, see: &mut dyn FnMut(Place<'_>)) {
    let app = module
        .get("module")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let metadata = module.get("metadata").cloned().unwrap_or_default();
    for (section, specs) in [
        ("parameters", ["parameters", "expect"]),
        ("mapper", ["expect", "parameters"]),
    ] {
        let Some(Value::Object(values)) = module.get_mut(section) else {
            continue;
        };
        for (name, value) in values {
            let tag = specs
                .iter()
                .find_map(|specs| type_tag(&metadata, specs, name));
            let found = match tag {
                Some(tag) => Sort::of_tag(tag).map(|(sort, types)| (sort, split(types))),
                None => by_name(&app, section, name).map(|sort| (sort, Vec::new())),
            };
            let Some((sort, types)) = found else { continue };
            let Some(id) = read(sort, value) else {
                continue;
            };
            let restored = restored(&metadata, section, name);
            let label = restored
                .and_then(|kept| kept.get("label"))
                .and_then(Value::as_str);
            let likely = likely(restored, &types, sort, &app);
            let label = label
                .filter(|label| !label.trim().is_empty())
                .map(str::to_owned);
            see(Place {
                sort,
                types,
                likely,
                id,
                label,
                value,
            });
        }
    }
}

/// The type tag of a parameter in one list of the editor's specifications.
fn type_tag<'a>(metadata: &'a Value, specs: &str, name: &str) -> Option<&'a str> {
    let specs = metadata.get(specs)?.as_array()?;
    let spec = specs
        .iter()
        .find(|spec| spec.get("name").is_some_and(|given| given == name))?;
    spec.get("type")?.as_str()
}

/// What the editor remembers of a parameter, in the newer shape or the older flat one.
fn restored<'a>(metadata: &'a Value, section: &str, name: &str) -> Option<&'a Value> {
    let restore = metadata.get("restore")?;
    let section = if section == "mapper" {
        "expect"
    } else {
        section
    };
    restore
        .get(section)
        .and_then(|kept| kept.get(name))
        .or_else(|| restore.get(name))
}

/// The sort of thing that parameters of this name have been seen to hold.
fn by_name(app: &str, section: &str, name: &str) -> Option<Sort> {
    match (section, name) {
        ("parameters", "__IMTCONN__" | "account" | "accountImap" | "makeConnectionId") => {
            Some(Sort::Connection)
        }
        ("parameters", "hook" | "__IMTHOOK__") => Some(Sort::Hook),
        ("parameters", "auth" | "key" | "apiKeyKeychain" | "proxyKeychain") => Some(Sort::Key),
        ("parameters", "datastore") => Some(Sort::DataStore),
        // Many other modules have a `type` that is no data structure.
        ("parameters", "type") => ["json:", "xml:", "csv:"]
            .iter()
            .any(|one| app.starts_with(one))
            .then_some(Sort::DataStructure),
        ("parameters", "scenario") => Some(Sort::Scenario),
        ("mapper", "bodyDataStructure") => Some(Sort::DataStructure),
        _ => None,
    }
}

/// The type that the editor saw, or the first that fits, or what the module's app suggests.
fn likely(restored: Option<&Value>, types: &[String], sort: Sort, module: &str) -> String {
    let seen = restored
        .and_then(|kept| kept.pointer("/data/connection"))
        .and_then(Value::as_str);
    let seen = seen.filter(|seen| types.is_empty() || types.iter().any(|one| one == seen));
    let app = module.split_once(':').map_or(module, |(app, _)| app);
    match (seen.or(types.first().map(String::as_str)), sort) {
        (Some(known), _) => known.to_owned(),
        (None, Sort::Key) => "apikeyauth".to_owned(),
        (None, Sort::Hook) if module == "gateway:CustomMailHook" => "gateway-mailhook".to_owned(),
        (None, Sort::Hook) if app == "gateway" => "gateway-webhook".to_owned(),
        (None, Sort::Hook | Sort::Connection) => app.to_owned(),
        (None, Sort::DataStore | Sort::DataStructure | Sort::Scenario) => String::new(),
    }
}

/// The id in a value, if there is one: expressions, placeholders and blanks are none.
fn read(sort: Sort, value: &Value) -> Option<u64> {
    let id = match sort {
        Sort::Scenario => value.as_str()?.strip_prefix("SCN_")?.parse().ok()?,
        Sort::Connection | Sort::Key | Sort::Hook | Sort::DataStore | Sort::DataStructure => {
            value.as_u64()?
        }
    };
    (id > 0).then_some(id)
}

fn split(types: &str) -> Vec<String> {
    types
        .split(',')
        .filter(|one| !one.is_empty())
        .map(str::to_owned)
        .collect()
}
