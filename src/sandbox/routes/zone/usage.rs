//! What scenarios, teams and the organization have consumed.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::engine::{due, usage};
use crate::sandbox::routes::call::{Call, stamp};
use crate::sandbox::routes::refusal::{Answer, reply};
use crate::sandbox::store::View;

use super::scope::{
    Scope, check_team, existing, number, organization_at, organization_of, teams_of,
};

/// `GET /scenarios/{id}/usage`
pub(super) fn of_scenario(call: &Call<'_>, view: &View<'_>) -> Answer {
    let id = call.id(0)?;
    let row = existing(view, Collection::Scenarios, id, "Scenario")?;
    let organization = organization_of(view, number(&row, "teamId").unwrap_or_default())?;
    answer(call, view, organization, |amount| amount.scenario_id == id)
}

/// `GET /teams/{id}/usage`
pub(super) fn of_team(call: &Call<'_>, view: &View<'_>) -> Answer {
    let id = call.id(0)?;
    check_team(view, id)?;
    let organization = organization_of(view, id)?;
    answer(call, view, organization, |amount| amount.team_id == id)
}

/// `GET /organizations/{id}/usage`
pub(super) fn of_organization(call: &Call<'_>, view: &View<'_>) -> Answer {
    let id = call.id(0)?;
    organization_at(call, view, id)?;
    let teams = teams_of(view, id)?;
    answer(call, view, id, |amount| teams.contains(&amount.team_id))
}

/// Days are UTC's unless `organizationTimezone` asks for the organization's. Which one Make's are
/// without it is not documented.
fn answer(
    call: &Call<'_>,
    view: &View<'_>,
    organization: u64,
    keep: impl Fn(&usage::Amount) -> bool,
) -> Answer {
    let zone = match call.query_flag("organizationTimezone")? {
        Some(true) => due::zone(view, organization)?,
        _ => TimeZone::UTC,
    };
    let days = usage::by_day(view, &zone, call.now, keep)?;
    reply(&json!({ "data": days }))
}

/// `GET /scenarios/consumptions`
pub(super) fn consumptions(call: &Call<'_>, view: &View<'_>) -> Answer {
    let scope = Scope::of(call, view)?;
    let organization = match &scope {
        Scope::Team(team) => organization_of(view, *team)?,
        Scope::Organization { id, .. } => *id,
    };
    let zone = due::zone(view, organization)?;
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
