//! Who uses a thing: the one place that says what must be confirmed before it is deleted, and
//! what becomes of its users then.

use std::collections::BTreeMap;

use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::Refusal;
use crate::sandbox::store::{Batch, Objects};

use super::references::{of_field, references};
use super::scenario_row;
use super::scope::{number, set};

/// The objects that name one thing.
#[derive(Debug, Default)]
pub(super) struct Uses {
    /// The thing itself.
    thing: Option<(Collection, u64)>,
    scenarios: BTreeMap<u64, Value>,
    hooks: BTreeMap<u64, Value>,
    data_stores: BTreeMap<u64, Value>,
}

impl Uses {
    /// Who names this thing by its id: blueprints and rows of scenarios, hooks, data stores.
    pub(super) fn of(
        world: &impl Objects,
        collection: Collection,
        id: u64,
    ) -> Result<Self, Refusal> {
        let mut uses = Self {
            thing: Some((collection, id)),
            ..Self::default()
        };
        // Few blueprints have the digits in them at all; only those are worth parsing.
        let digits = id.to_string();
        let mut users = Vec::new();
        each_blueprint(world, &digits, |scenario, blueprint| {
            let mut found = references(blueprint).into_iter();
            if found.any(|found| found.collection == collection && found.id == id) {
                users.push(scenario);
            }
        })?;
        each_row(world, |scenario, row| {
            if row.names(collection, id) {
                users.push(scenario);
            }
        })?;
        uses.add_scenarios(world, users)?;
        world.each_in(Collection::Hooks, 0..=u64::MAX, |hook, row: Value| {
            if fields_naming(&row, collection, id).next().is_some() {
                uses.hooks.insert(hook, row);
            }
        })?;
        if collection == Collection::DataStructures {
            world.each_in(Collection::DataStores, 0..=u64::MAX, |store, row: Value| {
                if number(&row, STRUCTURE) == Some(id) {
                    uses.data_stores.insert(store, row);
                }
            })?;
        }
        Ok(uses)
    }

    /// The scenarios of a team whose modules call a custom function: by name, in their mappers.
    pub(super) fn of_function(
        world: &impl Objects,
        team: u64,
        name: &str,
    ) -> Result<Self, Refusal> {
        let mut uses = Self::default();
        let mut users = Vec::new();
        each_blueprint(world, name, |scenario, blueprint| {
            if blueprint.get("flow").is_some_and(|flow| calls(flow, name)) {
                users.push(scenario);
            }
        })?;
        uses.add_scenarios(world, users)?;
        uses.scenarios
            .retain(|_, row| number(row, "teamId") == Some(team));
        Ok(uses)
    }

    fn add_scenarios(&mut self, world: &impl Objects, ids: Vec<u64>) -> Result<(), Refusal> {
        for id in ids {
            if let Some(row) = world.object(Collection::Scenarios, id)? {
                self.scenarios.insert(id, row);
            }
        }
        Ok(())
    }

    /// The scenarios among them, as `{"id":..,"name":..}`.
    pub(super) fn scenarios(&self) -> Vec<Value> {
        let rows = self.scenarios.iter();
        rows.map(|(id, row)| json!({ "id": id, "name": row.get("name") }))
            .collect()
    }

    /// Refuses to delete what is used unless the caller says that the consequences are known.
    /// What Make's refusal lists is only documented for scenarios; other users are listed in
    /// the same way.
    pub(super) fn confirm(&self, call: &Call<'_>, action: &str) -> Result<(), Refusal> {
        let listed: Vec<Value> = self.listed().collect();
        match listed.is_empty() || call.is_confirmed()? {
            true => Ok(()),
            false => Err(Refusal::unconfirmed(
                json!([{ "type": action, "data": listed }]),
            )),
        }
    }

    fn listed(&self) -> impl Iterator<Item = Value> {
        let name = |row: &Value| row.get("name").cloned();
        let scenarios = self.scenarios.iter();
        let hooks = self.hooks.iter();
        let stores = self.data_stores.iter();
        scenarios
            .map(move |(id, row)| json!({ "scenarioId": id, "scenarioName": name(row) }))
            .chain(hooks.map(move |(id, row)| json!({ "hookId": id, "hookName": name(row) })))
            .chain(
                stores
                    .map(move |(id, row)| json!({ "dataStoreId": id, "dataStoreName": name(row) })),
            )
    }

    /// Leaves the users without the thing, which is about to go. What Make does with them is
    /// not documented. Here scenarios keep their blueprints, are off and cannot be started;
    /// hooks and data stores name nothing any more.
    pub(super) fn let_go(mut self, call: &Call<'_>, batch: &mut Batch<'_>) -> Result<(), Refusal> {
        for (id, row) in &mut self.scenarios {
            set(row, "isinvalid", true);
            scenario_row::deactivate(row);
            scenario_row::touch(row, call, batch)?;
            if self.thing == number(row, "hookId").map(|hook| (Collection::Hooks, hook)) {
                set(row, "hookId", Value::Null);
            }
            batch.put(Collection::Scenarios, *id, row)?;
        }
        let Some((collection, thing)) = self.thing else {
            return Ok(());
        };
        for (id, row) in &mut self.hooks {
            let fields: Vec<String> = fields_naming(row, collection, thing)
                .map(str::to_owned)
                .collect();
            for field in fields {
                if let Some(data) = row.get_mut("data") {
                    set(data, &field, Value::Null);
                }
            }
            batch.put(Collection::Hooks, *id, row)?;
        }
        for (id, row) in &mut self.data_stores {
            set(row, STRUCTURE, Value::Null);
            batch.put(Collection::DataStores, *id, row)?;
        }
        Ok(())
    }
}

/// The scenarios that name each thing of a collection, as `{"id":..,"name":..}`.
pub(super) fn scenarios_by_thing(
    world: &impl Objects,
    collection: Collection,
) -> Result<BTreeMap<u64, Vec<Value>>, Refusal> {
    let mut found = BTreeMap::<u64, Vec<u64>>::new();
    // The devices of a blueprint stand in the row too, which is shorter by far.
    if collection != Collection::Devices {
        each_blueprint(world, "", |scenario, blueprint| {
            for reference in references(blueprint) {
                if reference.collection == collection {
                    found.entry(reference.id).or_default().push(scenario);
                }
            }
        })?;
    }
    each_row(world, |scenario, row| {
        for id in row.things(collection) {
            found.entry(id).or_default().push(scenario);
        }
    })?;
    let mut named = BTreeMap::new();
    for (id, mut users) in found {
        users.sort_unstable();
        users.dedup();
        let mut rows = Vec::new();
        for user in users {
            if let Some(row) = world.object(Collection::Scenarios, user)? {
                rows.push(json!({ "id": user, "name": row.get("name") }));
            }
        }
        named.insert(id, rows);
    }
    Ok(named)
}

/// Where a data store names its structure.
const STRUCTURE: &str = "datastructureId";

/// What the row of a scenario names.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    hook_id: Option<u64>,
    device_id: Option<u64>,
    #[serde(default)]
    devices: Vec<Value>,
}

impl Row {
    fn names(&self, collection: Collection, id: u64) -> bool {
        self.things(collection).any(|found| found == id)
    }

    fn things(&self, collection: Collection) -> impl Iterator<Item = u64> {
        let hook = self.hook_id.filter(|_| collection == Collection::Hooks);
        let is_device = collection == Collection::Devices;
        let device = self.device_id.filter(|_| is_device);
        let devices = self.devices.iter().filter(move |_| is_device);
        hook.into_iter()
            .chain(device)
            .chain(devices.filter_map(|device| device.as_u64().or_else(|| number(device, "id"))))
    }
}

fn each_row(world: &impl Objects, visit: impl FnMut(u64, Row)) -> Result<(), Refusal> {
    Ok(world.each_in(Collection::Scenarios, 0..=u64::MAX, visit)?)
}

/// Visits the blueprints in whose JSON a text stands.
fn each_blueprint(
    world: &impl Objects,
    text: &str,
    mut visit: impl FnMut(u64, &Value),
) -> Result<(), Refusal> {
    let text = Finder::new(text);
    let each = |scenario, kept: Value| {
        if let Some(blueprint) = kept.get("blueprint") {
            visit(scenario, blueprint);
        }
    };
    let has_text = |json: &[u8]| text.find(json).is_some();
    Ok(world.each_likely(Collection::Blueprints, 0..=u64::MAX, has_text, each)?)
}

/// The fields of a hook's data that name a thing.
fn fields_naming(hook: &Value, collection: Collection, id: u64) -> impl Iterator<Item = &str> {
    let data = hook.get("data").and_then(Value::as_object);
    let fields = data.into_iter().flatten();
    fields
        .filter(move |(name, value)| {
            of_field(name) == Some(collection) && value.as_u64() == Some(id)
        })
        .map(|(name, _)| name.as_str())
}

/// Whether an expression in some text calls a function: its name, and a parenthesis.
fn calls(value: &Value, name: &str) -> bool {
    match value {
        Value::String(text) => text.split("{{").skip(1).any(|expression| {
            let expression = expression.split("}}").next().unwrap_or_default();
            expression.match_indices(name).any(|(start, _)| {
                let before = expression.get(..start).unwrap_or_default();
                let after = expression.get(start + name.len()..).unwrap_or_default();
                let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
                !before.ends_with(is_word) && after.trim_start().starts_with('(')
            })
        }),
        Value::Array(items) => items.iter().any(|item| calls(item, name)),
        Value::Object(fields) => fields.values().any(|field| calls(field, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Uses, calls};
    use crate::live::transport::Method::Delete;
    use crate::sandbox::collection::Collection;
    use crate::sandbox::store::Batch;
    use crate::sandbox::trial::Trial;

    #[test]
    fn whoever_names_a_structure_is_listed_and_left_without_it() {
        let trial = Trial::new();
        let spec = json!([{ "name": "email", "type": "text" }]);
        let body = json!({ "teamId": 1, "name": "Row", "strict": true, "spec": spec });
        let structure = trial.post("/data-structures", body)["dataStructure"]["id"].clone();
        let hook = trial.hook("leads");
        trial.post(
            &format!("/hooks/{hook}/set-data"),
            json!({ "udt": structure }),
        );
        let body =
            json!({ "teamId": 1, "name": "S", "datastructureId": structure, "maxSizeMB": 1 });
        let store = trial.post("/data-stores", body)["dataStore"]["id"].clone();
        let flow = json!([{
            "id": 1, "module": "json:ParseJSON", "version": 1, "parameters": { "type": structure },
        }]);
        let scenario = trial.scenario("parse", flow);
        trial.scenario("other", json!([]));

        let path = format!("/data-structures/{structure}");
        let (status, body) = trial.ask(Delete, &path, None);
        assert_eq!((status, &body["code"]), (406, &json!("IM004")));
        assert_eq!(
            body["metadata"],
            json!([{ "type": "deleteDataStructure", "data": [
                { "scenarioId": scenario, "scenarioName": "parse" },
                { "hookId": hook, "hookName": "leads" },
                { "dataStoreId": store, "dataStoreName": "S" },
            ] }])
        );
        trial.delete(&format!("{path}?confirmed=true"));
        let hook = trial.get(&format!("/hooks/{hook}"));
        assert_eq!(hook["hook"]["data"]["udt"], Value::Null);
        let store = trial.get(&format!("/data-stores/{store}"));
        assert_eq!(store["dataStore"]["datastructureId"], Value::Null);
        let row = trial.get(&format!("/scenarios/{scenario}"));
        assert_eq!(row["scenario"]["isinvalid"], true);
    }

    #[test]
    fn a_row_that_names_a_device_uses_it() {
        let trial = Trial::new();
        let scenario = trial.scenario("x", json!([]));
        let used = |batch: &mut Batch<'_>, devices: Value| {
            let mut row = batch.get(Collection::Scenarios, scenario)?.unwrap();
            row["devices"] = devices;
            batch.put(Collection::Scenarios, scenario, &row)?;
            Ok(Uses::of(batch, Collection::Devices, 7).unwrap().scenarios())
        };
        let users = json!([{ "id": scenario, "name": "x" }]);
        for devices in [json!([7]), json!([{ "id": 7 }])] {
            let found = trial.world.batch(|batch| used(batch, devices)).unwrap();
            assert_eq!(json!(found), users);
        }
        let found = trial.world.batch(|batch| used(batch, json!([8]))).unwrap();
        assert_eq!(found, Vec::<Value>::new());
    }

    #[test]
    fn a_function_is_called_where_its_name_stands_before_a_parenthesis_in_braces() {
        let in_text = |text: &str| calls(&json!([{ "mapper": { "value": text } }]), "tax");
        for text in [
            "{{tax(1.a)}}",
            "sum: {{1.a + tax (2)}}",
            "{{upper(tax(1.a))}}",
        ] {
            assert!(in_text(text), "{text}");
        }
        for text in [
            "tax(1)",
            "{{syntax(1)}}",
            "{{1.tax}}",
            "{{a}} tax(1)",
            "{{1.tax(2)}}",
        ] {
            assert!(!in_text(text), "{text}");
        }
    }
}
