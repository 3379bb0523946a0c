//! What the modules of a blueprint name by id: connections, hooks, keys, data stores, data
//! structures, devices.

use serde_json::{Map, Value};

use crate::sandbox::collection::Collection;

use super::blueprint::modules;
use super::scope::text;

/// One id in a blueprint.
pub(super) struct Reference<'b> {
    /// Where the thing is that it stands for.
    pub(super) collection: Collection,
    /// What a refusal calls that thing.
    pub(super) what: &'static str,
    /// The id; zero where nothing was chosen yet.
    pub(super) id: u64,
    /// Its type (`google`, `gateway-webhook`) as the editor noted it, else the module's app.
    pub(super) kind: &'b str,
    /// Whether it stands in `parameters`, which are the same for all bundles.
    pub(super) is_fixed: bool,
}

/// All ids that the modules of a blueprint name, with repeats.
pub(super) fn references(blueprint: &Value) -> Vec<Reference<'_>> {
    let modules = modules(blueprint).into_iter();
    modules.flat_map(of_module).collect()
}

/// The ids that one module names.
pub(super) fn of_module(module: &Value) -> Vec<Reference<'_>> {
    let mut found = Vec::new();
    for (place, notes) in [("parameters", "parameters"), ("mapper", "expect")] {
        let values = module.get(place).and_then(Value::as_object);
        collect(module, values, notes, place == "parameters", &mut found);
    }
    found
}

fn collect<'b>(
    module: &'b Value,
    values: Option<&'b Map<String, Value>>,
    notes: &str,
    is_fixed: bool,
    found: &mut Vec<Reference<'b>>,
) {
    let module_name = text(module, "module").unwrap_or_default();
    let app = module_name.split(':').next().unwrap_or_default();
    for (name, value) in values.into_iter().flatten() {
        let tag = tag(module, notes, name);
        let sort = match tag {
            Some(tag) => of_tag(tag),
            // What stands in a mapper is only sure where the editor says what it is.
            None if is_fixed => of_name(app, name),
            None => None,
        };
        if let (Some((collection, what)), Some(id)) = (sort, id_in(value, is_fixed)) {
            let kind = tag.and_then(|tag| tag.split([':', ',']).nth(1));
            found.push(Reference {
                collection,
                what,
                id,
                kind: kind.unwrap_or(app),
                is_fixed,
            });
        }
    }
}

/// An id as a module holds it. In a mapper, where it could be computed, it may be text.
fn id_in(value: &Value, is_fixed: bool) -> Option<u64> {
    match value.as_str() {
        Some(text) if !is_fixed => text.parse().ok(),
        _ => value.as_u64(),
    }
}

/// What a field of an object that is no module stands for, by its name.
pub(super) fn of_field(name: &str) -> Option<Collection> {
    match name {
        "udt" => Some(Collection::DataStructures),
        _ => of_name("", name).map(|(collection, _)| collection),
    }
}

/// The type that the editor noted for a field of a module.
fn tag<'b>(module: &'b Value, notes: &str, name: &str) -> Option<&'b str> {
    let noted = module.get("metadata")?.get(notes)?.as_array()?;
    let entry = noted
        .iter()
        .find(|entry| text(entry, "name") == Some(name))?;
    text(entry, "type")
}

const CONNECTION: (Collection, &str) = (Collection::Connections, "Connection");
const HOOK: (Collection, &str) = (Collection::Hooks, "Hook");
const KEY: (Collection, &str) = (Collection::Keys, "Key");
const DATA_STORE: (Collection, &str) = (Collection::DataStores, "Data store");
const DATA_STRUCTURE: (Collection, &str) = (Collection::DataStructures, "Data structure");
const DEVICE: (Collection, &str) = (Collection::Devices, "Device");

fn of_tag(tag: &str) -> Option<(Collection, &'static str)> {
    match tag.split(':').next().unwrap_or_default() {
        "account" => Some(CONNECTION),
        "hook" => Some(HOOK),
        "keychain" => Some(KEY),
        "datastore" => Some(DATA_STORE),
        "udt" => Some(DATA_STRUCTURE),
        "device" => Some(DEVICE),
        _ => None,
    }
}

/// For blueprints that the editor has not seen: by the names that fields of this sort have.
fn of_name(app: &str, name: &str) -> Option<(Collection, &'static str)> {
    match (name, app) {
        ("__IMTCONN__" | "account" | "accountImap" | "makeConnectionId", _) => Some(CONNECTION),
        ("__IMTHOOK__" | "hook", _) => Some(HOOK),
        ("apiKeyKeychain" | "proxyKeychain", _) | ("auth", "http") => Some(KEY),
        ("datastore", _) => Some(DATA_STORE),
        // In the modules that parse and write a format it is the structure of the data; other
        // apps have words of their own in a field of this name.
        ("type", "json" | "xml" | "csv") => Some(DATA_STRUCTURE),
        ("device", _) => Some(DEVICE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::references;
    use crate::sandbox::collection::Collection;

    fn named(module: Value) -> Vec<(Collection, u64, String)> {
        let blueprint = json!({ "flow": [module] });
        references(&blueprint)
            .iter()
            .map(|found| (found.collection, found.id, found.kind.to_owned()))
            .collect()
    }

    #[test]
    fn the_editors_notes_come_before_the_names_of_fields() {
        let module = json!({
            "module": "crm:search",
            "parameters": { "__IMTCONN__": 1, "hook": 2, "own": 3, "other": 4 },
            "mapper": { "shape": "5", "hook": 6, "text": "7" },
            "metadata": {
                "parameters": [
                    { "name": "own", "type": "account:crm2,crm" }, { "name": "hook", "type": "text" },
                ],
                "expect": [{ "name": "shape", "type": "udt" }, { "name": "text", "type": "text" }],
            },
        });
        assert_eq!(
            named(module),
            [
                (Collection::Connections, 1, "crm".to_owned()),
                (Collection::Connections, 3, "crm2".to_owned()),
                (Collection::DataStructures, 5, "crm".to_owned()),
            ]
        );
    }

    #[test]
    fn names_of_fields_mean_something_in_their_apps() {
        let of = |module: &str, name: &str| {
            let found = named(json!({ "module": module, "parameters": { name: 9 } }));
            found.first().map(|(collection, ..)| *collection)
        };
        assert_eq!(
            of("json:ParseJSON", "type"),
            Some(Collection::DataStructures)
        );
        assert_eq!(of("regexp:Parser", "type"), None);
        assert_eq!(of("http:MakeRequest", "auth"), Some(Collection::Keys));
        assert_eq!(of("slack:CreateMessage", "auth"), None);
        assert_eq!(of("android:Notify", "device"), Some(Collection::Devices));
    }
}
