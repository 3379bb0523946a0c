//! A scenario's inputs and outputs, and the hook it is triggered by.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::quirk::InterfaceBody;
use crate::sandbox::routes::body::{Body, absent, wrong};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, View};

use super::scope::{existing, is_true, number, set};
use super::{hooks, scenario_row, scheduling};

/// The interface of a scenario that has none, as it is stored and shown beside a blueprint.
pub(super) fn none() -> Value {
    json!({ "input_spec": [], "output_spec": [] })
}

/// The interface in the body of a save, if there is one.
pub(super) fn of_save(body: &Body) -> Result<Option<Value>, Refusal> {
    let Some(metadata) = body.get("metadata") else {
        return Ok(None);
    };
    let given = metadata
        .as_object()
        .ok_or_else(|| wrong("metadata", "object"))?;
    let mut interface = none();
    for (name, specification) in given {
        if !["input_spec", "output_spec"].contains(&name.as_str()) || !is_fields(specification) {
            return Err(wrong(
                "metadata",
                "input_spec and output_spec, each an array or null",
            ));
        }
        set(&mut interface, name, specification.clone());
    }
    Ok(Some(interface))
}

/// Refuses inputs where nobody would give any: only a run on demand can.
pub(super) fn check_schedule(interface: &Value, row: &Value) -> Result<(), Refusal> {
    let inputs = interface.get("input_spec").and_then(Value::as_array);
    let has_inputs = inputs.is_some_and(|inputs| !inputs.is_empty());
    let schedule = row.get("scheduling").unwrap_or(&Value::Null);
    match has_inputs && scheduling::kind(schedule) != "on-demand" {
        true => Err(Refusal::conflict(
            "Scenario inputs require on-demand scheduling.",
        )),
        false => Ok(()),
    }
}

/// `GET /scenarios/{id}/interface`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    let id = call.id(0)?;
    existing(view, Collection::Scenarios, id, "Scenario")?;
    answer(&existing(view, Collection::Blueprints, id, "Blueprint")?)
}

/// `PATCH /scenarios/{id}/interface`
pub(super) fn update(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    let mut row = existing(batch, Collection::Scenarios, id, "Scenario")?;
    let mut saved = existing(batch, Collection::Blueprints, id, "Blueprint")?;
    let body = call.body()?;
    let given = match call.quirks().interface_body {
        InterfaceBody::Bare => body.only(&["input", "output"])?.fields().clone(),
        InterfaceBody::Wrapped => match body.only(&["interface"])?.get("interface") {
            Some(Value::Object(given)) => given.clone(),
            Some(_) => return Err(wrong("interface", "object")),
            None => return Err(absent("interface")),
        },
    };
    let mut interface = saved.get("metadata").cloned().unwrap_or_else(none);
    for (name, specification) in given {
        let field = match name.as_str() {
            "input" => "input_spec",
            "output" => "output_spec",
            _ => return Err(wrong("interface", "input and output")),
        };
        if !is_fields(&specification) {
            return Err(wrong(&name, "array or null"));
        }
        set(&mut interface, field, specification);
    }
    check_schedule(&interface, &row)?;
    set(&mut saved, "metadata", interface);
    scenario_row::touch(&mut row, call, batch)?;
    batch.put(Collection::Scenarios, id, &row)?;
    batch.put(Collection::Blueprints, id, &saved)?;
    answer(&saved)
}

fn answer(saved: &Value) -> Answer {
    let shown = |field: &str| match saved.pointer(&format!("/metadata/{field}")) {
        Some(Value::Array(fields)) if !fields.is_empty() => json!(fields),
        _ => Value::Null,
    };
    let interface = json!({ "input": shown("input_spec"), "output": shown("output_spec") });
    reply(&json!({ "interface": interface }))
}

fn is_fields(specification: &Value) -> bool {
    let fields = specification.as_array();
    specification.is_null() || fields.is_some_and(|fields| fields.iter().all(Value::is_object))
}

/// `GET /scenarios/{id}/triggers`: a part of the hook's own row.
pub(super) fn triggers(call: &Call<'_>, view: &View<'_>) -> Answer {
    let row = existing(view, Collection::Scenarios, call.id(0)?, "Scenario")?;
    let id = number(&row, "hookId")
        .ok_or_else(|| Refusal::missing("The scenario has no trigger of its own."))?;
    let hook = existing(view, Collection::Hooks, id, "Hook")?;
    let hook = hooks::shown(call, hook);
    reply(&json!({
        "id": id, "name": hook.get("name"), "udid": hook.get("udid"), "scope": null,
        "queueCount": hook.get("queueCount"), "queueLimit": hook.get("queueLimit"),
        "typeName": hook.get("typeName"), "type": hook.get("type"), "url": hook.get("url"),
        "flags": { "form": is_true(&hook, "form") },
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::live::transport::Method::{Get, Patch};
    use crate::sandbox::trial::Trial;

    #[test]
    fn inputs_are_set_read_back_and_refused_on_a_schedule() {
        let trial = Trial::new();
        let path = format!("/scenarios/{}", trial.scenario("x", json!([])));
        let interface = format!("{path}/interface");
        let nothing = json!({ "interface": { "input": null, "output": null } });
        assert_eq!(trial.get(&interface), nothing);
        let inputs = json!({ "input": [{ "name": "email", "type": "text" }], "output": null });
        let body = json!({ "interface": inputs });
        assert_eq!(trial.patch(&interface, body.clone()), body);
        let saved = trial.get(&format!("{path}/blueprint"));
        assert_eq!(saved["response"]["metadata"]["input_spec"], inputs["input"]);

        let hourly = json!({ "scheduling": r#"{"type":"indefinitely","interval":3600}"# });
        assert!(
            trial
                .refused(Patch, &path, Some(hourly.clone()))
                .starts_with("422 IM016")
        );
        trial.patch(&interface, json!({ "interface": { "input": [] } }));
        trial.patch(&path, hourly);
        assert!(
            trial
                .refused(Patch, &interface, Some(body))
                .starts_with("422 IM016")
        );
        assert!(
            trial
                .refused(Get, &format!("{path}/triggers"), None)
                .starts_with("404")
        );
    }
}
