//! Keys: looked up, never made, and without their values.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, reply};
use crate::sandbox::store::View;

use super::scope::{existing, required_team, text};

const LIST: List = List {
    collection: Collection::Keys,
    name: "keys",
    usual: &["id", "name"],
    further: &["typeName", "teamId", "packageName", "theme"],
    sorts: &["name"],
    order: Order::Ascending,
    page: None,
};

/// `GET /keys`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let scope = required_team(call, view)?;
    let kind = call.query("typeName");
    let is_wanted = |object: &Value| kind.is_none() || text(object, "typeName") == kind;
    LIST.answer(
        call,
        view,
        |object| scope.holds(object) && is_wanted(object),
        |object| object,
    )
}

/// `GET /keys/{id}`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    let found = existing(view, Collection::Keys, call.id(0)?, "Key")?;
    reply(&json!({ "key": found }))
}
