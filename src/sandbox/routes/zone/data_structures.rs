//! Data structures: looked up.

use serde_json::json;

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, reply};
use crate::sandbox::store::View;

use super::scope::{existing, required_team};

const LIST: List = List {
    collection: Collection::DataStructures,
    name: "dataStructures",
    usual: &["id", "name", "teamId"],
    further: &["spec", "strict"],
    sorts: &["name"],
    order: Order::Ascending,
    page: Some(10_000),
};

/// `GET /data-structures`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let scope = required_team(call, view)?;
    LIST.answer(call, view, |object| scope.holds(object), |object| object)
}

/// `GET /data-structures/{id}`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    let found = existing(
        view,
        Collection::DataStructures,
        call.id(0)?,
        "Data structure",
    )?;
    reply(&json!({ "dataStructure": found }))
}
