//! What the organization's license allows of data stores and functions.

use serde_json::Value;

use crate::sandbox::collection::Collection;
use crate::sandbox::license;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::Refusal;
use crate::sandbox::store::Objects;

use super::scope::{existing, number, organization_of, teams_of, text};

/// What the organization of a team may have, and the data stores that it has.
pub(super) struct Allowance {
    license: Value,
    /// The room of each data store, in bytes, with its id.
    stores: Vec<(u64, u64)>,
}

impl Allowance {
    /// That of a team's organization: all of its teams share it.
    pub(super) fn of(call: &Call<'_>, world: &impl Objects, team: u64) -> Result<Self, Refusal> {
        let id = organization_of(world, team)?;
        let organization = existing(world, Collection::Organizations, id, "Organization")?;
        let teams = teams_of(world, id)?;
        let mut stores = Vec::new();
        world.each_in(Collection::DataStores, 0..=u64::MAX, |store, row: Value| {
            if number(&row, "teamId").is_some_and(|team| teams.contains(&team)) {
                stores.push((store, bytes(&row, "maxSize")));
            }
        })?;
        Ok(Self {
            license: license::effective(call.plan, &organization),
            stores,
        })
    }

    /// Refuses a data store beyond their number (`dslimit`).
    pub(super) fn check_another_data_store(&self) -> Result<(), Refusal> {
        let present = u64::try_from(self.stores.len()).unwrap_or(u64::MAX);
        match license::has_room(&self.license, "dslimit", present) {
            true => Ok(()),
            false => Err(Refusal::limit_reached("data stores")),
        }
    }

    /// Refuses a data store of so many bytes if all of them would take more than the license has
    /// (`dsslimit`). `except` is the store that is resized.
    pub(super) fn check_data_store_space(
        &self,
        wanted: u64,
        except: Option<u64>,
    ) -> Result<(), Refusal> {
        let allowed = number(&self.license, "dsslimit").unwrap_or(0);
        let others = self.stores.iter().filter(|(id, _)| Some(*id) != except);
        let taken = others.fold(0_u64, |sum, (_, bytes)| sum.saturating_add(*bytes));
        let left = allowed.saturating_sub(taken);
        match allowed == 0 || wanted <= left {
            true => Ok(()),
            false => Err(Refusal::no_space(format!(
                "The license leaves {left} bytes for data stores, not {wanted}."
            ))),
        }
    }

    /// Refuses to make or change custom functions without the license for them.
    pub(super) fn check_functions(&self) -> Result<(), Refusal> {
        match license::allows(&self.license, "customFunctions") {
            true => Ok(()),
            false => Err(Refusal::not_in_plan("customFunctions")),
        }
    }
}

/// A size, which Make writes as text.
pub(super) fn bytes(object: &Value, field: &str) -> u64 {
    let written = text(object, field).and_then(|text| text.parse().ok());
    written.or_else(|| number(object, field)).unwrap_or(0)
}
