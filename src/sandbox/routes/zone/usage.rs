//! What scenarios, teams and the organization have consumed.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::sandbox::beginning::ORGANIZATION;
use crate::sandbox::collection::Collection;
use crate::sandbox::engine::{due, usage};
use crate::sandbox::routes::call::{Call, stamp};
use crate::sandbox::routes::refusal::{Answer, reply};
use crate::sandbox::store::View;

use super::scope::{Scope, check_organization, check_team, existing};

/// `GET /scenarios/{id}/usage`
pub(super) fn of_scenario(call: &Call<'_>, view: &View<'_>) -> Answer {
    let id = call.id(0)?;
    existing(view, Collection::Scenarios, id, "Scenario")?;
    answer(call, view, |amount| amount.scenario_id == id)
}

/// `GET /teams/{id}/usage`
pub(super) fn of_team(call: &Call<'_>, view: &View<'_>) -> Answer {
    let id = call.id(0)?;
    check_team(view, id)?;
    answer(call, view, |amount| amount.team_id == id)
}

/// `GET /organizations/{id}/usage`
pub(super) fn of_organization(call: &Call<'_>, view: &View<'_>) -> Answer {
    check_organization(call.id(0)?)?;
    answer(call, view, |_| true)
}

/// Days are UTC's unless `organizationTimezone` asks for the organization's. Which one Make's are
/// without it is not documented.
fn answer(call: &Call<'_>, view: &View<'_>, keep: impl Fn(&usage::Amount) -> bool) -> Answer {
    let zone = match call.query_flag("organizationTimezone")? {
        Some(true) => due::zone(view, ORGANIZATION)?,
        _ => TimeZone::UTC,
    };
    let days = usage::by_day(view, &zone, call.now, keep)?;
    reply(&json!({ "data": days }))
}

/// `GET /scenarios/consumptions`
pub(super) fn consumptions(call: &Call<'_>, view: &View<'_>) -> Answer {
    let scope = Scope::of(call, view)?;
    let zone = due::zone(view, ORGANIZATION)?;
    let reset = usage::last_reset(&zone, call.now);
    let sums = usage::by_scenario(view, reset)?;
    let is_wanted = |amount: &usage::Amount| scope.holds(&json!({ "teamId": amount.team_id }));
    let rows = sums.into_values().filter(is_wanted).map(|amount| {
        json!({
            "scenarioId": amount.scenario_id, "operations": amount.operations,
            "transfer": amount.transfer, "centicredits": amount.centicredits,
        })
    });
    reply(&json!({
        "scenarioConsumptions": rows.collect::<Vec<Value>>(), "lastReset": stamp(reset),
    }))
}
