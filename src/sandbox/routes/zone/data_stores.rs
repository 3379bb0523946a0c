//! Data stores: looked up.

use serde_json::json;

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, reply};
use crate::sandbox::store::View;

use super::scope::{existing, required_team};

/// The structure is a column to ask for: without `cols[]` it may be missing.
const LIST: List = List {
    collection: Collection::DataStores,
    name: "dataStores",
    usual: &["id", "name", "records", "size", "maxSize", "teamId"],
    further: &["datastructureId"],
    sorts: &["name"],
    order: Order::Ascending,
    page: Some(10),
};

/// `GET /data-stores`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let scope = required_team(call, view)?;
    LIST.answer(call, view, |object| scope.holds(object), |object| object)
}

/// `GET /data-stores/{id}`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    let found = existing(view, Collection::DataStores, call.id(0)?, "Data store")?;
    reply(&json!({ "dataStore": found }))
}
