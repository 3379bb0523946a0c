//! Who has which role, in a team and in the organization.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use super::roles;
use super::scope::{check_organization, check_team, existing, is_true, number, set};

/// `GET /teams/{id}/user-team-roles`
pub(super) fn of_team(call: &Call<'_>, view: &View<'_>) -> Answer {
    let team = call.id(0)?;
    check_team(view, team)?;
    let rows = rows(view, Collection::UserTeamRoles, |row| {
        number(row, "teamId") == Some(team)
    })?;
    reply(&json!({ "userTeamRoles": rows }))
}

/// `GET /users/{id}/user-team-roles`
pub(super) fn teams_of_user(call: &Call<'_>, view: &View<'_>) -> Answer {
    let user = call.id(0)?;
    existing(view, Collection::Users, user, "User")?;
    let rows = rows(view, Collection::UserTeamRoles, |row| {
        number(row, "userId") == Some(user)
    })?;
    reply(&json!({ "userTeamRoles": rows }))
}

/// `GET /teams/{id}/user-team-roles/{userId}`
pub(super) fn of_team_and_user(call: &Call<'_>, view: &View<'_>) -> Answer {
    show_team_role(view, call.id(1)?, call.id(0)?)
}

/// `GET /users/{id}/user-team-roles/{teamId}`
pub(super) fn of_user_and_team(call: &Call<'_>, view: &View<'_>) -> Answer {
    show_team_role(view, call.id(0)?, call.id(1)?)
}

/// `POST /users/{id}/user-team-roles/{teamId}`: adds or changes a role. An empty body takes the
/// user out of the team: documented for organizations, and presumed for teams.
pub(super) fn set_team_role(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let (user, team) = (call.id(0)?, call.id(1)?);
    check_team(batch, team)?;
    existing(batch, Collection::Users, user, "User")?;
    let id = Collection::pair(user, team);
    let present = batch.get(Collection::UserTeamRoles, id)?;
    if present
        .as_ref()
        .is_some_and(|row| !is_true(row, "changeable"))
    {
        return Err(Refusal::forbidden("This role cannot be changed."));
    }
    let mut row = present.unwrap_or_else(|| {
        json!({
            "usersRoleId": null, "userId": user, "teamId": team, "changeable": true,
            "ssoPending": false,
        })
    });
    if call.has_body() {
        let role = call
            .body()?
            .only(&["usersRoleId"])?
            .required_id("usersRoleId")?;
        roles::check_team_role(role)?;
        set(&mut row, "usersRoleId", role);
        batch.put(Collection::UserTeamRoles, id, &row)?;
    } else {
        if !batch.remove(Collection::UserTeamRoles, id)? {
            return Err(Refusal::missing(format!(
                "User {user} is not in team {team}."
            )));
        }
        set(&mut row, "usersRoleId", Value::Null);
    }
    reply(&json!({ "userTeamRole": row }))
}

/// `GET /organizations/{id}/user-organization-roles`
pub(super) fn of_organization(call: &Call<'_>, view: &View<'_>) -> Answer {
    check_organization(call.id(0)?)?;
    let rows = rows(view, Collection::UserOrganizationRoles, |_| true)?;
    reply(&json!({ "userOrganizationRoles": rows }))
}

/// `GET /organizations/{id}/user-organization-roles/{userId}`
pub(super) fn of_organization_and_user(call: &Call<'_>, view: &View<'_>) -> Answer {
    let (organization, user) = (call.id(0)?, call.id(1)?);
    check_organization(organization)?;
    let id = Collection::pair(user, organization);
    let row = existing(view, Collection::UserOrganizationRoles, id, "Role")?;
    reply(&json!({ "userOrganizationRole": row }))
}

/// `GET /users/{id}/user-organization-roles`
pub(super) fn organizations_of_user(call: &Call<'_>, view: &View<'_>) -> Answer {
    let user = call.id(0)?;
    existing(view, Collection::Users, user, "User")?;
    let is_theirs = |row: &Value| number(row, "userId") == Some(user);
    let rows = rows(view, Collection::UserOrganizationRoles, is_theirs)?;
    reply(&json!({ "userOrganizationRoles": rows }))
}

fn show_team_role(view: &View<'_>, user: u64, team: u64) -> Answer {
    check_team(view, team)?;
    let id = Collection::pair(user, team);
    let row = existing(view, Collection::UserTeamRoles, id, "Role")?;
    reply(&json!({ "userTeamRole": row }))
}

fn rows(
    view: &View<'_>,
    collection: Collection,
    keep: impl Fn(&Value) -> bool,
) -> Result<Vec<Value>, Refusal> {
    let mut rows = Vec::new();
    view.each_in(collection, 0..=u64::MAX, |_, row: Value| {
        if keep(&row) {
            rows.push(row);
        }
    })?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::Post;
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
}
