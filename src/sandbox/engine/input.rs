//! What a run is started with, against the scenario's inputs.

use serde_json::{Map, Value};

use crate::sandbox::collection::Collection;
use crate::sandbox::error::WorldError;
use crate::sandbox::routes::zone::scope::{is_true, text};
use crate::sandbox::store::Objects;

/// `given` with the defaults of what it lacks, or what it must not lack. Make documents that an
/// input can be required, not what is answered where it is missing. Fields that are no inputs are
/// let through.
pub(crate) fn complete(
    world: &impl Objects,
    scenario: u64,
    given: Value,
) -> Result<Result<Value, String>, WorldError> {
    let saved = world.object(Collection::Blueprints, scenario)?;
    let inputs = saved
        .as_ref()
        .and_then(|saved| saved.pointer("/metadata/input_spec"))
        .and_then(Value::as_array);
    let mut fields: Map<String, Value> = given.as_object().cloned().unwrap_or_default();
    for input in inputs.into_iter().flatten() {
        let name = text(input, "name").unwrap_or_default();
        if fields.get(name).is_some_and(|value| !value.is_null()) {
            continue;
        }
        match input.get("default").filter(|value| !value.is_null()) {
            Some(default) => {
                fields.insert(name.to_owned(), default.clone());
            }
            None if is_true(input, "required") => {
                return Ok(Err(format!(
                    "Missing value of required parameter '{name}'."
                )));
            }
            None => {}
        }
    }
    Ok(Ok(Value::Object(fields)))
}
