//! Teams: looked up, made, changed, and removed with all that is in them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::license;
use crate::sandbox::routes::body::{Body, wrong};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use super::organization_roles::own_team;
use super::role_table::OWNER_ROLE;
use super::scope::{
    check_team, existing, number, objects, organization_at, organization_of, set, teams_of,
};
use super::{removal, rights, role_table};

/// The longest name.
const LONGEST_NAME: usize = 128;

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
        "globalAgentsEnabled",
    ],
    sorts: &["name", "id"],
    order: Order::Ascending,
    page: Some(10_000),
};

/// `GET /teams`. There are no private spaces that `includePrivateSpaces` could bring.
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let organization = call.required_number("organizationId")?;
    organization_at(call, view, organization)?;
    call.query_flag("includePrivateSpaces")?;
    let of_it = |team: &Value| number(team, "organizationId") == Some(organization);
    let active = Active::count(view)?;
    LIST.answer(call, view, of_it, |team| active.counted(team))
}

/// `GET /teams/{id}`: all of it, or the columns that are asked for.
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    let id = call.id(0)?;
    check_team(view, id)?;
    let team = existing(view, Collection::Teams, id, "Team")?;
    let team = match call.query("cols[]") {
        Some(_) => {
            let active = Active::count(view)?;
            LIST.row(call, active.counted(team))?
        }
        None => team,
    };
    reply(&json!({ "team": team }))
}

/// `POST /teams`: whoever makes it is its admin.
pub(super) fn create(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let body =
        call.body()?
            .only(&["name", "organizationId", "operationsLimit", "transferLimit"])?;
    let organization = body.required_id("organizationId")?;
    let found = rights::require(call, batch, organization, "team add")?;
    let name = body.required_text("name", LONGEST_NAME)?;
    let license = license::effective(call.plan, &found);
    let present = u64::try_from(teams_of(batch, organization)?.len()).unwrap_or(u64::MAX);
    if !license::has_room(&license, "teams", present) {
        return Err(Refusal::limit_reached("teams"));
    }
    let (id, owned) = put_new(batch, organization, name)?;
    let mut team = existing(batch, Collection::Teams, id, "Team")?;
    set_limits(&mut team, &body, &license)?;
    batch.put(Collection::Teams, id, &team)?;
    let role = match number(&owned, "userId") == Some(call.user()) {
        true => owned,
        false => own_team(batch, call.user(), id)?, // an admin's: the owner has one as well
    };
    let role = json!({
        "usersRoleId": role.get("usersRoleId"), "userId": role.get("userId"), "teamId": id,
        "changeable": false,
    });
    reply(&json!({ "team": team, "userTeamRole": role_table::shown(call, role) }))
}

/// Puts a new team into the world; answers its id and its owner's role in it.
pub(super) fn put_new(
    batch: &mut Batch<'_>,
    organization: u64,
    name: &str,
) -> Result<(u64, Value), Refusal> {
    let id = batch.next_id(Collection::Teams)?;
    let team = json!({
        "id": id, "name": name, "organizationId": organization, "scenarioDrafts": false,
        "type": "standard", "operationsLimit": null, "transferLimit": "0", "isPaused": false,
    });
    batch.put(Collection::Teams, id, &team)?;
    let owners = objects(batch, Collection::UserOrganizationRoles, |row| {
        number(row, "organizationId") == Some(organization)
            && number(row, "usersRoleId") == Some(OWNER_ROLE)
    })?;
    let owner = owners.first().and_then(|(_, row)| number(row, "userId"));
    let role = own_team(batch, owner.unwrap_or_default(), id)?;
    Ok((id, role))
}

/// `PATCH /teams/{id}`
pub(super) fn update(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    rights::require_in_team(call, batch, id, "team edit")?;
    let body = call
        .body()?
        .only(&["name", "operationsLimit", "transferLimit"])?;
    let mut team = existing(batch, Collection::Teams, id, "Team")?;
    if body.get("name").is_some() {
        let name = body.required_text("name", LONGEST_NAME)?;
        set(&mut team, "name", name);
    }
    let organization = organization_at(call, batch, organization_of(batch, id)?)?;
    let license = license::effective(call.plan, &organization);
    set_limits(&mut team, &body, &license)?;
    batch.put(Collection::Teams, id, &team)?;
    reply(&json!({ "team": team }))
}

/// Sets the limits that the body names. Without one of its own for transfer, a team gets the
/// part of the license's transfer that its operations are of the license's operations.
fn set_limits(team: &mut Value, body: &Body, license: &Value) -> Result<(), Refusal> {
    let limit = |name: &str| match body.get(name) {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(None)),
        Some(value) => value
            .as_u64()
            .map(|limit| Some(Some(limit)))
            .ok_or_else(|| wrong(name, "integer")),
    };
    if let Some(operations) = limit("operationsLimit")? {
        set(team, "operationsLimit", operations);
        let of = |figure: &str| u128::from(number(license, figure).unwrap_or_default());
        let part = u128::from(operations.unwrap_or_default()) * of("transfer");
        let transfer = part / of("operations").max(1);
        set(team, "transferLimit", transfer.to_string());
    }
    if let Some(transfer) = limit("transferLimit")? {
        set(
            team,
            "transferLimit",
            transfer.unwrap_or_default().to_string(),
        );
    }
    Ok(())
}

/// `DELETE /teams/{id}`: with its scenarios, hooks, variables and all else, if it is confirmed.
pub(super) fn remove(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    rights::require_in_team(call, batch, id, "team delete")?;
    if !call.is_confirmed()? {
        let team = existing(batch, Collection::Teams, id, "Team")?;
        let data = json!([{ "teamId": id, "teamName": team.get("name") }]);
        return Err(Refusal::unconfirmed(
            json!([{ "type": "deleteTeam", "data": data }]),
        ));
    }
    removal::team(batch, id)?;
    reply(&json!({ "team": id }))
}

/// What the scenarios of teams come to.
#[derive(Default)]
pub(super) struct Active {
    by_team: BTreeMap<u64, Team>,
}

#[derive(Default)]
struct Team {
    scenarios: u64,
    apps: BTreeSet<String>,
    operations: u64,
    transfer: u64,
}

/// All that is read of a scenario here.
#[derive(Deserialize)]
struct Counted {
    #[serde(rename = "teamId", default)]
    team: u64,
    #[serde(rename = "isActive", default)]
    is_active: bool,
    #[serde(rename = "usedPackages", default)]
    apps: Vec<String>,
    #[serde(default)]
    operations: Value,
    #[serde(default)]
    transfer: Value,
}

impl Active {
    /// Counts the scenarios of all teams.
    pub(super) fn count(world: &impl Objects) -> Result<Self, Refusal> {
        let mut active = Self::default();
        world.each_in(
            Collection::Scenarios,
            0..=u64::MAX,
            |_, scenario: Counted| {
                let team = active.by_team.entry(scenario.team).or_default();
                // Both are text in a scenario's row.
                let figure = |value: &Value| value.as_str()?.parse::<u64>().ok();
                team.operations += figure(&scenario.operations).unwrap_or(0);
                team.transfer += figure(&scenario.transfer).unwrap_or(0);
                if scenario.is_active {
                    team.scenarios += 1;
                    team.apps.extend(scenario.apps);
                }
            },
        )?;
        Ok(active)
    }

    fn teams(&self, ids: &[u64]) -> impl Iterator<Item = &Team> {
        ids.iter().filter_map(|id| self.by_team.get(id))
    }

    /// The active scenarios of these teams.
    pub(super) fn scenarios(&self, ids: &[u64]) -> u64 {
        self.teams(ids).map(|team| team.scenarios).sum()
    }

    /// The apps that those use.
    pub(super) fn apps(&self, ids: &[u64]) -> usize {
        let apps: BTreeSet<&String> = self.teams(ids).flat_map(|team| &team.apps).collect();
        apps.len()
    }

    /// A team's row with the columns that are counted.
    fn counted(&self, mut row: Value) -> Value {
        let none = Team::default();
        let id = number(&row, "id").unwrap_or_default();
        let team = self.by_team.get(&id).unwrap_or(&none);
        let transfer = team.transfer.to_string();
        set(&mut row, "activeScenarios", team.scenarios);
        set(&mut row, "activeApps", team.apps.len());
        for prefix in ["", "consumed"] {
            let name = |field: &str| match prefix {
                "" => field.to_lowercase(),
                _ => format!("{prefix}{field}"),
            };
            set(&mut row, &name("Operations"), team.operations);
            set(&mut row, &name("Transfer"), transfer.as_str());
            set(&mut row, &name("Centicredits"), team.operations * 100);
        }
        set(&mut row, "globalAgentsEnabled", false);
        row
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::{Delete, Get, Patch, Post};
    use crate::sandbox::PlanName;
    use crate::sandbox::trial::Trial;

    #[test]
    fn a_team_is_made_changed_and_removed() {
        let trial = Trial::new();
        let body = json!({ "name": "Sales", "organizationId": 1, "operationsLimit": 1 });
        let made = trial.post("/teams", body);
        assert_eq!(
            made["userTeamRole"],
            json!({ "usersRoleId": 1, "userId": 1, "teamId": 2, "changeable": false })
        );
        assert_eq!(made["team"]["transferLimit"], "536870");
        let renamed = trial.patch(
            "/teams/2",
            json!({ "name": "Sales EU", "operationsLimit": null }),
        );
        assert_eq!(renamed["team"]["name"], "Sales EU");
        assert_eq!(renamed["team"]["operationsLimit"], Value::Null);
        assert_eq!(trial.get("/teams/2"), renamed);
        let columns = trial.get("/teams/2?cols[]=name&cols[]=activeScenarios&cols[]=transfer");
        assert_eq!(
            columns["team"],
            json!({ "name": "Sales EU", "activeScenarios": 0, "transfer": "0" })
        );
        let listed = trial.get("/teams?organizationId=1&includePrivateSpaces=true");
        assert_eq!(listed["teams"].as_array().map(Vec::len), Some(2));
        assert!(
            trial
                .refused(Delete, "/teams/2", None)
                .starts_with("406 IM004")
        );
        assert_eq!(
            trial.delete("/teams/2?confirmed=true"),
            json!({ "team": 2 })
        );
        assert!(trial.refused(Get, "/teams/2", None).starts_with("403"));
        let roles = trial.get("/users/1/user-team-roles")["userTeamRoles"].clone();
        assert_eq!(roles.as_array().map(Vec::len), Some(1));
    }

    #[test]
    fn active_scenarios_are_counted() {
        let trial = Trial::new();
        let flow = json!([{ "id": 1, "module": "http:ActionSendData", "version": 3 }]);
        let id = trial.scenario("x", flow);
        trial.post(&format!("/scenarios/{id}/start"), json!({}));
        let team = trial.get("/teams?organizationId=1&cols[]=*")["teams"][0].clone();
        assert_eq!(
            (&team["activeScenarios"], &team["activeApps"]),
            (&json!(1), &json!(1))
        );
        let organization = trial.get("/organizations/1")["organization"].clone();
        assert_eq!(organization["activeScenarios"], 1);
    }

    #[test]
    fn what_a_team_cannot_be_is_refused() {
        let trial = Trial::new();
        let refused = |body: Value| trial.refused(Post, "/teams", Some(body));
        assert!(refused(json!({ "name": "x" })).starts_with("400"));
        assert!(refused(json!({ "organizationId": 1 })).starts_with("400"));
        assert!(refused(json!({ "name": "x", "organizationId": 9 })).starts_with("403"));
        let long = "x".repeat(129);
        assert!(refused(json!({ "name": long, "organizationId": 1 })).starts_with("400"));
        let patch = |body: Value| trial.refused(Patch, "/teams/1", Some(body));
        assert!(patch(json!({ "operationsLimit": "many" })).starts_with("400"));
        assert!(patch(json!({ "organizationId": 2 })).starts_with("400"));
        assert!(trial.refused(Delete, "/teams/9", None).starts_with("403"));
    }

    #[test]
    fn the_plan_decides_how_many_teams_there_can_be() {
        let body = json!({ "name": "Sales", "organizationId": 1 });
        let with = Trial::on;
        let one = with(PlanName::Pro).refused(Post, "/teams", Some(body.clone()));
        assert!(one.starts_with("403 IM011"), "{one}");
        with(PlanName::Enterprise).post("/teams", body);
    }
}
