//! Who has which role, in a team and in the organization; roles in teams given and taken.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::quirk::TeamRoleRemoval;
use crate::sandbox::routes::body::absent;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, View};

use super::rights;
use super::role_table;
use super::roles;
use super::scope::{
    check_team, existing, is_true, number, objects, organization_at, organization_of, set,
};
use super::{invitations, organizations};

/// Rows of organizations; two columns are counted when they are asked for.
const IN_ORGANIZATIONS: List = List {
    collection: Collection::UserOrganizationRoles,
    name: "userOrganizationRoles",
    usual: &["userId", "organizationId", "usersRoleId", "invitation"],
    further: &["organizationTeamsCount", "joinedTeamsCount"],
    sorts: &["userId"],
    order: Order::Ascending,
    page: None,
};

/// `GET /teams/{id}/user-team-roles`
pub(super) fn of_team(call: &Call<'_>, view: &View<'_>) -> Answer {
    let team = call.id(0)?;
    check_team(view, team)?;
    team_roles(call, view, |row| number(row, "teamId") == Some(team))
}

/// `GET /users/{id}/user-team-roles`
pub(super) fn teams_of_user(call: &Call<'_>, view: &View<'_>) -> Answer {
    let user = call.id(0)?;
    existing(view, Collection::Users, user, "User")?;
    team_roles(call, view, |row| number(row, "userId") == Some(user))
}

fn team_roles(call: &Call<'_>, view: &View<'_>, keep: impl Fn(&Value) -> bool) -> Answer {
    let rows = objects(view, Collection::UserTeamRoles, keep)?;
    let rows = rows
        .into_iter()
        .map(|(_, row)| role_table::shown(call, row));
    let rows: Vec<Value> = rows.collect();
    reply(&json!({ "userTeamRoles": rows }))
}

/// `GET /teams/{id}/user-team-roles/{userId}`
pub(super) fn of_team_and_user(call: &Call<'_>, view: &View<'_>) -> Answer {
    show_team_role(call, view, call.id(1)?, call.id(0)?)
}

/// `GET /users/{id}/user-team-roles/{teamId}`
pub(super) fn of_user_and_team(call: &Call<'_>, view: &View<'_>) -> Answer {
    show_team_role(call, view, call.id(0)?, call.id(1)?)
}

fn show_team_role(call: &Call<'_>, view: &View<'_>, user: u64, team: u64) -> Answer {
    check_team(view, team)?;
    let id = Collection::pair(user, team);
    let row = existing(view, Collection::UserTeamRoles, id, "Role")?;
    reply(&json!({ "userTeamRole": role_table::shown(call, row) }))
}

/// `POST /users/{id}/user-team-roles/{teamId}`: adds or changes a role.
pub(super) fn set_team_role(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let (user, team) = (call.id(0)?, call.id(1)?);
    rights::require_in_team(call, batch, team, "team user add")?;
    existing(batch, Collection::Users, user, "User")?;
    let organization = organization_of(batch, team)?;
    let id = Collection::pair(user, team);
    let present = batch.get(Collection::UserTeamRoles, id)?;
    if present
        .as_ref()
        .is_some_and(|row| !is_true(row, "changeable"))
    {
        return Err(Refusal::forbidden("This role cannot be changed."));
    }
    if !call.has_body() {
        return match call.quirks().team_role_removal {
            TeamRoleRemoval::EmptyBody => take_team_role(batch, present, user, team),
            TeamRoleRemoval::NotOffered => Err(absent("usersRoleId")),
        };
    }
    let role = call
        .body()?
        .only(&["usersRoleId"])?
        .required_id("usersRoleId")?;
    let role = role_table::inward(call, role);
    roles::check(batch, role, "team", organization)?;
    let member = Collection::pair(user, organization);
    existing(batch, Collection::UserOrganizationRoles, member, "Member")?;
    let mut row = present.unwrap_or_else(|| team_role(user, team, role));
    set(&mut row, "usersRoleId", role);
    batch.put(Collection::UserTeamRoles, id, &row)?;
    reply(&json!({ "userTeamRole": role_table::shown(call, row) }))
}

/// A call without a body takes the user out of the team, and answers with a role that is `null`.
/// Make documents that for organizations; that it holds for teams is presumed.
fn take_team_role(batch: &mut Batch<'_>, present: Option<Value>, user: u64, team: u64) -> Answer {
    let Some(mut row) = present else {
        let detail = format!("User {user} is not in team {team}.");
        return Err(Refusal::missing(detail));
    };
    batch.remove(Collection::UserTeamRoles, Collection::pair(user, team))?;
    set(&mut row, "usersRoleId", Value::Null);
    reply(&json!({ "userTeamRole": row }))
}

/// The row of a role in a team.
pub(super) fn team_role(user: u64, team: u64, role: u64) -> Value {
    json!({
        "usersRoleId": role, "userId": user, "teamId": team, "changeable": true,
        "ssoPending": false,
    })
}

/// `GET /organizations/{id}/user-organization-roles`
pub(super) fn of_organization(call: &Call<'_>, view: &View<'_>) -> Answer {
    let organization = call.id(0)?;
    organization_at(call, view, organization)?;
    list(call, view, |row| {
        number(row, "organizationId") == Some(organization)
    })
}

/// `GET /users/{id}/user-organization-roles`
pub(super) fn organizations_of_user(call: &Call<'_>, view: &View<'_>) -> Answer {
    let user = call.id(0)?;
    existing(view, Collection::Users, user, "User")?;
    list(call, view, |row| number(row, "userId") == Some(user))
}

fn list(call: &Call<'_>, view: &View<'_>, keep: impl Fn(&Value) -> bool) -> Answer {
    let teams = objects(view, Collection::Teams, |_| true)?;
    let joined = objects(view, Collection::UserTeamRoles, |_| true)?;
    let shown = |mut row: Value| {
        let (user, organization) = (number(&row, "userId"), number(&row, "organizationId"));
        let of_it = || {
            let teams = teams.iter();
            teams.filter(|(_, team)| number(team, "organizationId") == organization)
        };
        let is_in = |team: u64| {
            let mut joined = joined.iter();
            joined.any(|(_, role)| {
                number(role, "teamId") == Some(team) && number(role, "userId") == user
            })
        };
        let inside = of_it().filter(|(team, _)| is_in(*team)).count();
        set(&mut row, "organizationTeamsCount", of_it().count());
        set(&mut row, "joinedTeamsCount", inside);
        let invitation = invitations::status(&row, call);
        set(&mut row, "invitation", invitation);
        role_table::shown(call, row)
    };
    IN_ORGANIZATIONS.answer(
        call,
        view,
        |row| keep(row) && invitations::is_listed(call, row),
        shown,
    )
}

/// `GET /organizations/{id}/user-organization-roles/{userId}`
pub(super) fn of_organization_and_user(call: &Call<'_>, view: &View<'_>) -> Answer {
    show_organization_role(call, view, call.id(1)?, call.id(0)?)
}

/// `GET /users/{id}/user-organization-roles/{organizationId}`
pub(super) fn of_user_and_organization(call: &Call<'_>, view: &View<'_>) -> Answer {
    show_organization_role(call, view, call.id(0)?, call.id(1)?)
}

fn show_organization_role(
    call: &Call<'_>,
    view: &View<'_>,
    user: u64,
    organization: u64,
) -> Answer {
    organization_at(call, view, organization)?;
    let id = Collection::pair(user, organization);
    let row = existing(view, Collection::UserOrganizationRoles, id, "Role")?;
    answer_role(call, &row)
}

/// A role in an organization, as every call that is about one answers.
pub(super) fn answer_role(call: &Call<'_>, row: &Value) -> Answer {
    reply(&json!({ "userOrganizationRole": organizations::role_shown(call, row) }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::{Get, Post};
    use crate::sandbox::trial::Trial;

    #[test]
    fn a_role_is_changed_taken_away_and_given_again() {
        let trial = Trial::new();
        let rows = || trial.get("/teams/1/user-team-roles")["userTeamRoles"].clone();
        assert_eq!(rows().as_array().map(Vec::len), Some(3));
        let path = "/users/2/user-team-roles/1";
        let row = trial.post(path, json!({ "usersRoleId": 6 }));
        assert_eq!(row["userTeamRole"]["usersRoleId"], 6);
        assert_eq!(trial.get(path), row);
        assert_eq!(trial.get("/teams/1/user-team-roles/2"), row);
        assert_eq!(
            trial.post(path, json!({}))["userTeamRole"]["usersRoleId"],
            Value::Null
        );
        assert_eq!(
            trial.get("/users/2/user-team-roles")["userTeamRoles"],
            json!([])
        );
        assert_eq!(
            trial.get("/users?teamId=1")["users"]
                .as_array()
                .map(Vec::len),
            Some(2)
        );
        trial.post(path, json!({ "usersRoleId": 1 }));

        let refused =
            |path: &str, role: u64| trial.refused(Post, path, Some(json!({ "usersRoleId": role })));
        assert!(refused(path, 13).starts_with("400"), "no role of teams");
        assert!(
            refused("/users/1/user-team-roles/1", 3).starts_with("403"),
            "the owner's"
        );
        assert!(refused("/users/99/user-team-roles/1", 3).starts_with("404"));
    }

    #[test]
    fn people_roles_and_the_organization_can_be_joined() {
        let trial = Trial::new();
        let people = trial.get("/users?organizationId=1&pg[sortBy]=id&pg[sortDir]=asc");
        assert_eq!(people["users"][0]["email"], "olivia@acme.example");
        let roles = trial.get("/organizations/1/user-organization-roles");
        assert_eq!(roles["userOrganizationRoles"][0]["usersRoleId"], 11);
        let names = trial.get("/users/roles?category=team");
        assert_eq!(names["usersRoles"][0]["identifier"], "company:team-admin");
        assert_eq!(
            trial.get("/users/me")["authUser"]["timezone"],
            "Europe/Prague"
        );
        let organization = trial.get("/organizations/1")["organization"].clone();
        assert_eq!(organization["license"]["apiLimit"], 1_000_000);
        assert_eq!(
            organization["teams"],
            json!([{ "id": 1, "name": "Sandbox team" }])
        );
        let authorization = trial.get("/users/me/current-authorization");
        assert_eq!(authorization["authorization"]["authUsed"], "token");
    }

    #[test]
    fn a_role_in_a_team_may_have_to_stay() {
        let trial = Trial::quirky(&["team-role-removal=not-offered"]);
        let path = "/users/2/user-team-roles/1";
        assert!(
            trial
                .refused(Post, path, Some(json!({})))
                .starts_with("400")
        );
        assert_eq!(trial.get(path)["userTeamRole"]["usersRoleId"], 3);
    }

    #[test]
    fn roles_may_have_other_ids_than_documented() {
        let trial = Trial::quirky(&["role-ids=other"]);
        let path = "/users/2/user-team-roles/1";
        assert_eq!(trial.get(path)["userTeamRole"]["usersRoleId"], 103);
        let documented = trial.refused(Post, path, Some(json!({ "usersRoleId": 6 })));
        assert!(documented.starts_with("400"), "{documented}");
        let given = trial.post(path, json!({ "usersRoleId": 106 }));
        assert_eq!(given["userTeamRole"]["usersRoleId"], 106);
        assert_eq!(
            trial.get("/teams/1/user-team-roles")["userTeamRoles"][1]["usersRoleId"],
            106
        );
        let people = trial.get("/users?organizationId=1&teamRoleId=106&cols[]=id");
        assert_eq!(people["users"], json!([{ "id": 3 }, { "id": 2 }]));
        let roles = trial.get("/users/roles?category=team&roleId=106&cols[]=id&cols[]=name");
        assert_eq!(
            roles["usersRoles"],
            json!([{ "id": 106, "name": "Team Operator" }])
        );
        let rows = trial.get("/organizations/1/user-organization-roles");
        assert_eq!(rows["userOrganizationRoles"][0]["usersRoleId"], 111);
        let me = trial.get("/users/me?cols[]=userTeamRoles")["authUser"].clone();
        assert_eq!(me["userTeamRoles"][0]["usersRoleId"], 101);
        assert_eq!(trial.get("/users/roles/101")["usersRole"]["id"], 101);
        assert!(
            trial
                .refused(Get, "/users/roles/1", None)
                .starts_with("404")
        );
    }
}
