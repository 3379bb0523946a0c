//! Teams: looked up.

use serde_json::json;

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, reply};
use crate::sandbox::store::View;

use super::scope::{check_organization, check_team, existing};

const LIST: List = List {
    collection: Collection::Teams,
    name: "teams",
    usual: &["id", "name", "organizationId"],
    further: &[
        "activeScenarios",
        "activeApps",
        "operations",
        "transfer",
        "centicredits",
        "operationsLimit",
        "transferLimit",
        "consumedOperations",
        "consumedTransfer",
        "consumedCenticredits",
        "isPaused",
        "type",
        "scenarioDrafts",
    ],
    sorts: &["name", "id"],
    order: Order::Ascending,
    page: Some(10_000),
};

/// `GET /teams`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    check_organization(call.required_number("organizationId")?)?;
    LIST.answer(call, view, |_| true, |object| object)
}

/// `GET /teams/{id}`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    let id = call.id(0)?;
    check_team(view, id)?;
    let found = existing(view, Collection::Teams, id, "Team")?;
    reply(&json!({ "team": found }))
}
