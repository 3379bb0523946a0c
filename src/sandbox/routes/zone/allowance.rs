//! What the organization's license allows of data stores and functions.

use serde_json::Value;

use crate::sandbox::beginning::ORGANIZATION;
use crate::sandbox::collection::Collection;
use crate::sandbox::routes::refusal::Refusal;
use crate::sandbox::store::Objects;

use super::scope::{existing, number, text};

/// The license, as the organization has it.
fn license(world: &impl Objects) -> Result<Value, Refusal> {
    let organization = existing(
        world,
        Collection::Organizations,
        ORGANIZATION,
        "Organization",
    )?;
    Ok(organization.get("license").cloned().unwrap_or_default())
}

/// Refuses a data store beyond their number (`dslimit`).
pub(super) fn check_another_data_store(world: &impl Objects) -> Result<(), Refusal> {
    let allowed = number(&license(world)?, "dslimit").unwrap_or(0);
    let mut there = 0;
    world.each_in(Collection::DataStores, 0..=u64::MAX, |_, _: Value| {
        there += 1;
    })?;
    // Zero means no limit, as in the license's other figures.
    match allowed == 0 || there < allowed {
        true => Ok(()),
        false => Err(Refusal::limit_reached("data stores")),
    }
}

/// Refuses a data store of so many bytes if all of them would take more than the license has
/// (`dsslimit`). `except` is the store that is resized.
pub(super) fn check_data_store_space(
    world: &impl Objects,
    wanted: u64,
    except: Option<u64>,
) -> Result<(), Refusal> {
    let allowed = number(&license(world)?, "dsslimit").unwrap_or(0);
    let mut taken = 0_u64;
    world.each_in(Collection::DataStores, 0..=u64::MAX, |id, store: Value| {
        if Some(id) != except {
            taken = taken.saturating_add(bytes(&store, "maxSize"));
        }
    })?;
    let left = allowed.saturating_sub(taken);
    match allowed == 0 || wanted <= left {
        true => Ok(()),
        false => Err(Refusal::no_space(format!(
            "The license leaves {left} bytes for data stores, not {wanted}."
        ))),
    }
}

/// Refuses to make or change custom functions without the license for them.
pub(super) fn check_functions(world: &impl Objects) -> Result<(), Refusal> {
    match license(world)?.get("customFunctions") {
        Some(Value::Bool(true)) => Ok(()),
        _ => Err(Refusal::not_in_plan("customFunctions")),
    }
}

/// A size, which Make writes as text.
pub(super) fn bytes(object: &Value, field: &str) -> u64 {
    let written = text(object, field).and_then(|text| text.parse().ok());
    written.or_else(|| number(object, field)).unwrap_or(0)
}
