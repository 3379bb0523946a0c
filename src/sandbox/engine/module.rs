//! What single modules do.
//!
//! Nothing outside the world is ever touched: a module of an app runs, costs an operation and puts
//! out an empty bundle. The few that work on the run itself do what they do at Make, and
//! `sandbox:Fail`, which Make does not have, fails.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::error::WorldError;
use crate::sandbox::routes::zone::blueprint::{CHECKED, Missing, missing};
use crate::sandbox::routes::zone::scope::{is_true, number, text};

use super::failure::Failure;
use super::input;
use super::mapping::resolve;
use super::run::{self, Kind, Start};
use super::walk::Walk;

/// How many scenarios may call one another in a row.
const DEEPEST: u8 = 20;

/// Runs one module: the bundle that it puts out, or why it failed.
pub(super) fn run(
    walk: &mut Walk<'_, '_>,
    module: &Value,
) -> Result<Result<Value, Failure>, WorldError> {
    let mapper = module.get("mapper").unwrap_or(&Value::Null);
    let mapper = resolve(mapper, &walk.bundles);
    let given = mapper.to_string().len() as u64;
    let ran = match missing(module, walk.team, walk.batch, CHECKED)? {
        Some(Missing { referred, id }) => Err(Failure::missing(module, referred, &id)),
        None => act(walk, module, mapper)?,
    };
    walk.done.transfer += given;
    walk.done.modules.push(json!({
        "id": number(module, "id"), "operations": 1, "transfer": given,
        "error": ran.as_ref().err().map(Failure::shown),
    }));
    Ok(ran)
}

fn act(
    walk: &mut Walk<'_, '_>,
    module: &Value,
    mapper: Value,
) -> Result<Result<Value, Failure>, WorldError> {
    let is_trigger = walk.done.modules.is_empty() && walk.bundles.is_empty();
    Ok(Ok(match text(module, "module").unwrap_or_default() {
        "sandbox:Fail" => match should_fail(&mapper) {
            true => {
                let name = text(&mapper, "type").unwrap_or("RuntimeError");
                let message = text(&mapper, "message").unwrap_or("The module was told to fail.");
                return Ok(Err(Failure::of(module, name, message)));
            }
            false => json!({}),
        },
        "util:FunctionSleep" => {
            let seconds = mapper.get("duration").and_then(seconds).unwrap_or_default();
            walk.done.paused += seconds.saturating_mul(1_000);
            json!({})
        }
        "util:SetVariable2" => {
            json!({ (text(&mapper, "name").unwrap_or_default()): mapper.get("value") })
        }
        "util:SetVariables" => {
            let variables = mapper.get("variables").and_then(Value::as_array);
            let pairs = variables.into_iter().flatten().map(|variable| {
                let name = text(variable, "name").unwrap_or_default().to_owned();
                (name, variable.get("value").cloned().unwrap_or_default())
            });
            Value::Object(pairs.collect())
        }
        "json:ParseJSON" => {
            let written = text(&mapper, "json").unwrap_or_default();
            match serde_json::from_str(written) {
                Ok(parsed) => parsed,
                Err(_) => {
                    let message = "Source is not valid JSON.";
                    return Ok(Err(Failure::of(module, "DataError", message)));
                }
            }
        }
        "builtin:BasicFeeder" => {
            let items = mapper.get("array").and_then(Value::as_array);
            items
                .and_then(|items| items.first())
                .cloned()
                .unwrap_or_else(|| json!({}))
        }
        "gateway:WebhookRespond" => {
            walk.done.response = Some(mapper);
            json!({})
        }
        "scenario-service:StartSubscenario" => walk.input.clone(),
        "scenario-service:ReturnData" => {
            let outputs = mapper.get("outputs").filter(|outputs| outputs.is_object());
            walk.done.outputs = Some(outputs.unwrap_or(&mapper).clone());
            json!({})
        }
        "scenario-service:CallSubscenario" => return call(walk, module, &mapper),
        _ if is_trigger => walk.input.clone(),
        _ => json!({}),
    }))
}

/// Whether `when` is absent or holds: so a scenario can fail by what it is given.
fn should_fail(mapper: &Value) -> bool {
    match mapper.get("when") {
        None => true,
        Some(Value::Null) => false,
        Some(Value::Bool(state)) => *state,
        Some(Value::String(text)) => !matches!(text.as_str(), "" | "false" | "0"),
        Some(value) => value.as_f64() != Some(0.0),
    }
}

fn seconds(value: &Value) -> Option<u64> {
    value
        .as_u64()
        .or_else(|| value.as_str()?.trim().parse().ok())
}

/// Runs another scenario, which must be active.
fn call(
    walk: &mut Walk<'_, '_>,
    module: &Value,
    mapper: &Value,
) -> Result<Result<Value, Failure>, WorldError> {
    let fail = |name: &str, message: String| Ok(Err(Failure::of(module, name, message)));
    let parameters = module.get("parameters").unwrap_or(&Value::Null);
    let Some(id) = called(parameters).or_else(|| called(mapper)) else {
        return Ok(Err(Failure::missing(module, "Scenario", "")));
    };
    let row = walk.batch.get(Collection::Scenarios, id)?;
    let Some(row) = row.filter(|row| number(row, "teamId") == Some(walk.team)) else {
        return Ok(Err(Failure::missing(module, "Scenario", &id.to_string())));
    };
    if !is_true(&row, "isActive") {
        return fail("RuntimeError", format!("Scenario {id} is not activated."));
    }
    if walk.depth >= DEEPEST {
        return fail(
            "RuntimeError",
            format!("Scenarios call one another over {DEEPEST} deep."),
        );
    }
    let given = match mapper.get("inputs").or_else(|| mapper.get("data")) {
        Some(inputs) if inputs.is_object() => inputs.clone(),
        _ => others(mapper),
    };
    let input = match input::complete(walk.batch, id, given)? {
        Ok(input) => input,
        Err(message) => return fail("BundleValidationError", message),
    };
    let paused = i64::try_from(walk.done.paused).unwrap_or(i64::MAX);
    let began = walk.began.as_millisecond().saturating_add(paused);
    let started = run::begin(
        walk.batch,
        Start {
            at: jiff::Timestamp::from_millisecond(began).unwrap_or(walk.began),
            depth: walk.depth + 1,
            ..Start::new(id, Kind::Auto, input, walk.began)
        },
    )?;
    let waits = |object: &Value| {
        object
            .get("shouldWaitForExecutionEnd")
            .and_then(Value::as_bool)
    };
    if waits(mapper).or_else(|| waits(parameters)) == Some(false) {
        return Ok(Ok(json!({ "executionId": started.id })));
    }
    walk.done.paused += started.paused;
    match started.row.get("error") {
        Some(error) if number(&started.row, "status") == Some(3) => {
            let message = text(error, "message").unwrap_or_default();
            fail("RuntimeError", format!("Scenario {id} failed: {message}"))
        }
        _ => Ok(Ok(started
            .row
            .get("outputs")
            .cloned()
            .unwrap_or_else(|| json!({})))),
    }
}

/// The scenario that is called, written as a number or as `SCN_901`.
fn called(fields: &Value) -> Option<u64> {
    let value = fields
        .get("scenario")
        .or_else(|| fields.get("scenarioId"))?;
    let written = value.as_str().map(|text| text.trim_start_matches("SCN_"));
    value.as_u64().or_else(|| written?.parse().ok())
}

/// What is given to the called scenario, where it does not stand under a name of its own.
fn others(mapper: &Value) -> Value {
    let own = ["scenario", "scenarioId", "shouldWaitForExecutionEnd"];
    let fields = mapper.as_object().into_iter().flatten();
    let given = fields.filter(|(name, _)| !own.contains(&name.as_str()));
    Value::Object(
        given
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    )
}
