//! Custom properties of scenarios: values of the items that the organization's structure has.

use serde_json::{Map, Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::body::{absent, wrong};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use super::custom_property_structures::{check_plan, items_of_organization};
use super::scenario_row;
use super::scope::{existing, is_true, number, organization_of, set, text};

/// `GET /scenarios/{id}/custom-properties`: nothing, where nothing was filled in.
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    let (id, _, _) = open(call, view)?;
    answer(id, &stored(view, id)?.unwrap_or_else(|| json!({})))
}

/// `POST /scenarios/{id}/custom-properties`: fills them in for the first time.
pub(super) fn create(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let (id, row, items) = open(call, batch)?;
    if stored(batch, id)?.is_some() {
        return Err(Refusal::exists(
            "The scenario has custom properties already.",
        ));
    }
    let given = complete(call, &items)?;
    keep(call, batch, id, row, given)
}

/// `PUT /scenarios/{id}/custom-properties`: replaces all.
pub(super) fn replace(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let (id, row, items) = open(call, batch)?;
    stored(batch, id)?.ok_or_else(never_set)?;
    let given = complete(call, &items)?;
    keep(call, batch, id, row, given)
}

/// `PATCH /scenarios/{id}/custom-properties`: changes those that are sent; `null` clears one.
pub(super) fn update(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let (id, row, items) = open(call, batch)?;
    let present = stored(batch, id)?.ok_or_else(never_set)?;
    let mut values = present.as_object().cloned().unwrap_or_default();
    let body = call.body()?;
    for (name, value) in body.fields() {
        check(&items, name, value)?;
        values.insert(name.clone(), value.clone());
    }
    values.retain(|_, value| !value.is_null());
    check_required(&items, &values)?;
    keep(call, batch, id, row, values)
}

/// `DELETE /scenarios/{id}/custom-properties`
pub(super) fn remove(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let (id, mut row, _) = open(call, batch)?;
    stored(batch, id)?.ok_or_else(never_set)?;
    scenario_row::touch(&mut row, call, batch)?;
    put(batch, id, row, None)?;
    reply(&json!({ "scenarioId": id }))
}

/// The scenario, and the items that its organization has for scenarios.
fn open(call: &Call<'_>, world: &impl Objects) -> Result<(u64, Value, Vec<Value>), Refusal> {
    let id = call.id(0)?;
    let row = existing(world, Collection::Scenarios, id, "Scenario")?;
    let team = number(&row, "teamId").unwrap_or_default();
    let organization = organization_of(world, team)?;
    check_plan(call, world, organization)?;
    Ok((id, row, items_of_organization(world, organization)?))
}

fn stored(world: &impl Objects, id: u64) -> Result<Option<Value>, Refusal> {
    Ok(world.object(Collection::CustomProperties, id)?)
}

fn never_set() -> Refusal {
    Refusal::never_set("The scenario has no custom properties.")
}

/// All values of a body, without those that are `null`.
fn complete(call: &Call<'_>, items: &[Value]) -> Result<Map<String, Value>, Refusal> {
    let body = call.body()?;
    let mut values = Map::new();
    for (name, value) in body.fields() {
        check(items, name, value)?;
        if !value.is_null() {
            values.insert(name.clone(), value.clone());
        }
    }
    check_required(items, &values)?;
    Ok(values)
}

fn check_required(items: &[Value], values: &Map<String, Value>) -> Result<(), Refusal> {
    let mut required = items.iter().filter(|item| is_true(item, "required"));
    let missing = required.find(|item| !values.contains_key(text(item, "name").unwrap_or("")));
    match missing {
        Some(item) => Err(absent(text(item, "name").unwrap_or_default())),
        None => Ok(()),
    }
}

/// Refuses a value that no item of the structure has, or not of this type.
fn check(items: &[Value], name: &str, value: &Value) -> Result<(), Refusal> {
    let item = items.iter().find(|item| text(item, "name") == Some(name));
    let Some(item) = item else {
        return Err(Refusal::invalid(format!(
            "should NOT have additional property '{name}'"
        )));
    };
    if value.is_null() {
        return Ok(());
    }
    let is_option = |value: &Value| {
        let options = item.get("options").and_then(Value::as_array);
        let mut options = options.into_iter().flatten();
        options.any(|option| option.get("value") == Some(value))
    };
    let (fits, expected) = match text(item, "type").unwrap_or_default() {
        "boolean" => (value.is_boolean(), "boolean"),
        "number" => (value.is_number(), "number"),
        "date" => {
            let is_date = |text: &str| {
                text.parse::<jiff::Timestamp>().is_ok() || text.parse::<jiff::civil::Date>().is_ok()
            };
            (value.as_str().is_some_and(is_date), "date")
        }
        "dropdown" => (is_option(value), "one of its options"),
        "multiselect" => {
            let chosen = value.as_array();
            let fits = chosen.is_some_and(|chosen| chosen.iter().all(is_option));
            (fits, "an array of its options")
        }
        _ => (value.is_string(), "string"),
    };
    match fits {
        true => Ok(()),
        false => Err(wrong(name, expected)),
    }
}

fn keep(
    call: &Call<'_>,
    batch: &mut Batch<'_>,
    id: u64,
    mut row: Value,
    values: Map<String, Value>,
) -> Answer {
    let values = Value::Object(values);
    scenario_row::touch(&mut row, call, batch)?;
    put(batch, id, row, Some(&values))?;
    answer(id, &values)
}

/// Stores the properties of a scenario, and the scenario's row with them.
pub(super) fn put(
    batch: &mut Batch<'_>,
    id: u64,
    mut row: Value,
    values: Option<&Value>,
) -> Result<(), Refusal> {
    match values {
        Some(values) => {
            set(&mut row, "customProperties", values.clone());
            batch.put(Collection::CustomProperties, id, values)?;
        }
        None => {
            if let Some(fields) = row.as_object_mut() {
                fields.shift_remove("customProperties");
            }
            batch.remove(Collection::CustomProperties, id)?;
        }
    }
    batch.put(Collection::Scenarios, id, &row)?;
    Ok(())
}

fn answer(id: u64, values: &Value) -> Answer {
    reply(&json!({ "customProperties": values, "scenarioId": id }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::{self, Delete, Get, Patch, Post, Put};
    use crate::sandbox::PlanName;
    use crate::sandbox::trial::Trial;

    /// A world whose scenarios have a required team and an optional cost, with one scenario.
    fn trial() -> (Trial, String) {
        let trial = Trial::on(PlanName::Unlimited);
        let structure = json!({
            "associatedType": "scenario", "belongerType": "organization", "belongerId": 1,
        });
        trial.post("/custom-property-structures", structure);
        let items = "/custom-property-structures/2101/custom-property-structure-items";
        trial.post(
            items,
            json!({
                "name": "team", "label": "Team", "type": "dropdown", "required": true,
                "options": [{ "value": "Sales" }, { "value": "Ops" }],
            }),
        );
        for (name, kind) in [("cost", "number"), ("live", "boolean"), ("since", "date")] {
            let item = json!({ "name": name, "label": name, "type": kind, "required": false });
            trial.post(items, item);
        }
        let id = trial.scenario("x", json!([]));
        (trial, format!("/scenarios/{id}/custom-properties"))
    }

    #[test]
    fn properties_are_filled_in_changed_replaced_and_removed() {
        let (trial, path) = trial();
        let send = |method: Method, body: Value| trial.ask(method, &path, Some(body)).1;
        assert_eq!(trial.get(&path)["customProperties"], json!({}));
        assert!(
            trial
                .refused(Patch, &path, Some(json!({ "cost": 1 })))
                .starts_with("404 IM013")
        );
        assert!(
            trial
                .refused(Put, &path, Some(json!({ "team": "Ops" })))
                .starts_with("404 IM013")
        );
        assert!(trial.refused(Delete, &path, None).starts_with("404 IM013"));

        let made = send(Post, json!({ "team": "Sales", "cost": 2.5 }));
        assert_eq!(
            made["customProperties"],
            json!({ "team": "Sales", "cost": 2.5 })
        );
        assert!(made["scenarioId"].is_u64());
        let again = trial.refused(Post, &path, Some(json!({ "team": "Ops" })));
        assert!(again.starts_with("400 IM005"), "{again}");
        let merged = send(Patch, json!({ "cost": null, "live": true }));
        assert_eq!(
            merged["customProperties"],
            json!({ "team": "Sales", "live": true })
        );
        let replaced = send(Put, json!({ "team": "Ops", "since": "2026-01-01" }));
        assert_eq!(trial.get(&path), replaced);
        assert_eq!(replaced["customProperties"]["team"], "Ops");
        trial.delete(&path);
        assert_eq!(trial.get(&path)["customProperties"], json!({}));
    }

    #[test]
    fn values_that_do_not_fit_the_structure_are_refused() {
        let (trial, path) = trial();
        for body in [
            json!({}),
            json!({ "cost": 1 }),
            json!({ "team": "Nobody" }),
            json!({ "team": "Ops", "cost": "much" }),
            json!({ "team": "Ops", "live": 1 }),
            json!({ "team": "Ops", "since": "then" }),
            json!({ "team": "Ops", "colour": "red" }),
        ] {
            assert!(
                trial
                    .refused(Post, &path, Some(body.clone()))
                    .starts_with("400"),
                "{body}"
            );
        }
        trial.post(&path, json!({ "team": "Ops" }));
        let cleared = trial.refused(Patch, &path, Some(json!({ "team": null })));
        assert!(cleared.starts_with("400"), "it is required: {cleared}");
    }

    #[test]
    fn an_edit_of_properties_is_an_edit_and_they_go_with_their_scenario() {
        let (trial, path) = trial();
        let scenario = path.trim_end_matches("/custom-properties");
        let edited = || trial.get(scenario)["scenario"]["lastEdit"].clone();
        let before = edited();
        trial.post(&path, json!({ "team": "Ops" }));
        assert_ne!(edited(), before);
        let row = trial.get(scenario)["scenario"]["customProperties"].clone();
        assert_eq!(row, json!({ "team": "Ops" }));
        trial.delete(scenario);
        assert!(trial.refused(Get, &path, None).starts_with("404"));
        let off = Trial::new();
        let id = off.scenario("x", json!([]));
        let refused = off.refused(Get, &format!("/scenarios/{id}/custom-properties"), None);
        assert!(refused.starts_with("403 IM027"), "{refused}");
    }
}
