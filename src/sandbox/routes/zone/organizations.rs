//! The organization, with the license that says what its plan allows.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::quirk::ApiLimit;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Objects, View};

use super::scope::{check_organization, existing, set};

const LIST: List = List {
    collection: Collection::Organizations,
    name: "organizations",
    usual: &["id", "name", "timezoneId", "countryId", "zone"],
    further: &[
        "isPaused",
        "license",
        "operations",
        "transfer",
        "nextReset",
        "teams",
    ],
    sorts: &["name", "id"],
    order: Order::Ascending,
    page: Some(10_000),
};

/// `GET /organizations`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let teams = teams(view)?;
    LIST.answer(call, view, |_| true, |object| shown(call, object, &teams))
}

/// `GET /organizations/{id}`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    let id = call.id(0)?;
    check_organization(id)?;
    let found = existing(view, Collection::Organizations, id, "Organization")?;
    reply(&json!({ "organization": shown(call, found, &teams(view)?) }))
}

fn teams(view: &View<'_>) -> Result<Value, Refusal> {
    let mut teams = Vec::new();
    view.each_in(Collection::Teams, 0..=u64::MAX, |id, team: Value| {
        teams.push(json!({ "id": id, "name": team.get("name") }));
    })?;
    Ok(Value::Array(teams))
}

fn shown(call: &Call<'_>, mut organization: Value, teams: &Value) -> Value {
    if let Some(fields) = organization.as_object_mut() {
        fields.remove(super::apps::FIELD);
    }
    if let (Some(plan), Some(license)) = (call.plan, organization.get_mut("license")) {
        set(license, "apiLimit", plan.api_limit());
    }
    if let Some(license) = organization
        .get_mut("license")
        .and_then(Value::as_object_mut)
    {
        match call.quirks().api_limit {
            ApiLimit::Stated => {}
            ApiLimit::Zero => {
                license.insert("apiLimit".to_owned(), json!(0));
            }
            ApiLimit::Absent => {
                license.shift_remove("apiLimit");
            }
        }
    }
    set(&mut organization, "teams", teams.clone());
    organization
}
