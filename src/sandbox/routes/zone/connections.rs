//! Connections: looked up, never made. Their secrets are not in a world at all.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, reply};
use crate::sandbox::store::View;

use super::scope::{existing, required_team, set, text};

const LIST: List = List {
    collection: Collection::Connections,
    name: "connections",
    usual: &[
        "id",
        "name",
        "accountName",
        "accountLabel",
        "packageName",
        "expire",
        "metadata",
        "teamId",
        "theme",
        "upgradeable",
        "scopesCnt",
        "scoped",
        "accountType",
        "editable",
        "uid",
        "connectedSystemId",
        "organizationId",
    ],
    further: &[],
    sorts: &["name"],
    order: Order::Ascending,
    page: None,
};

/// `GET /connections`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let scope = required_team(call, view)?;
    let kinds: Vec<&str> = call.query_all("type[]").collect();
    let is_wanted = |object: &Value| {
        let kind = text(object, "accountName").unwrap_or_default();
        kinds.is_empty() || kinds.contains(&kind)
    };
    LIST.answer(
        call,
        view,
        |object| scope.holds(object) && is_wanted(object),
        |object| object,
    )
}

/// `GET /connections/{id}`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    let mut found = existing(view, Collection::Connections, call.id(0)?, "Connection")?;
    set(&mut found, "scopes", json!([]));
    reply(&json!({ "connection": found }))
}
