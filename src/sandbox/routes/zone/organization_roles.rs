//! Roles in an organization: changed, taken away with all that goes with them, and handed over.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::quirk::InvitationRemoval;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal};
use crate::sandbox::store::Batch;

use super::memberships::{answer_role, team_role};
use super::rights;
use super::role_table::{ADMIN_ROLE, OWNER_ROLE, TEAM_ADMIN, inward};
use super::roles;
use super::scope::{existing, number, organization_at, set, teams_of};

/// `POST /users/{id}/user-organization-roles/{organizationId}`: changes a role. Without a body it
/// removes the user, if that is confirmed.
pub(super) fn set_role(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let (user, organization) = (call.id(0)?, call.id(1)?);
    rights::require(call, batch, organization, "organization user add")?;
    let id = Collection::pair(user, organization);
    // Whoever is not in the organization comes into it by an invitation only.
    let mut row = existing(batch, Collection::UserOrganizationRoles, id, "Member")?;
    // There is always one owner, who goes by handing the organization over.
    if number(&row, "usersRoleId") == Some(OWNER_ROLE) {
        return Err(Refusal::forbidden("The owner's role cannot be changed."));
    }
    if !call.has_body() {
        let is_open = row.get("invitation").is_some_and(Value::is_string);
        if is_open && call.quirks().invitation_removal == InvitationRemoval::Refused {
            return Err(Refusal::missing(format!("Member not found '{user}'.")));
        }
        return remove_user(call, batch, user, organization);
    }
    let role = call
        .body()?
        .only(&["usersRoleId"])?
        .required_id("usersRoleId")?;
    let role = inward(call, role);
    roles::check(batch, role, "organization", organization)?;
    if role == OWNER_ROLE {
        return Err(Refusal::forbidden("Ownership can only be transferred."));
    }
    set(&mut row, "usersRoleId", role);
    batch.put(Collection::UserOrganizationRoles, id, &row)?;
    answer_role(call, &row)
}

/// Takes a user out of the organization and its teams; an open invitation is withdrawn by it.
/// `deleteConnections` is accepted, but a world's connections do not say whose they are.
fn remove_user(call: &Call<'_>, batch: &mut Batch<'_>, user: u64, organization: u64) -> Answer {
    call.query_flag("deleteConnections")?;
    let teams = teams_of(batch, organization)?;
    if !call.is_confirmed()? {
        let data = json!([{ "userId": user, "organizationId": organization }]);
        return Err(Refusal::unconfirmed(
            json!([{ "type": "removeUser", "data": data }]),
        ));
    }
    for team in teams {
        batch.remove(Collection::UserTeamRoles, Collection::pair(user, team))?;
    }
    let id = Collection::pair(user, organization);
    let mut row = existing(batch, Collection::UserOrganizationRoles, id, "Member")?;
    batch.remove(Collection::UserOrganizationRoles, id)?;
    set(&mut row, "usersRoleId", Value::Null);
    set(&mut row, "invitation", Value::Null);
    answer_role(call, &row)
}

/// `POST /users/{id}/user-organization-roles/{organizationId}/transfer`
pub(super) fn transfer_to(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    transfer(call, batch, call.id(0)?, call.id(1)?)
}

/// `POST /organizations/{id}/user-organization-roles/transfer`
pub(super) fn transfer_of(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let user = call.body()?.only(&["userId"])?.required_id("userId")?;
    transfer(call, batch, user, call.id(0)?)
}

/// Makes another member the owner; the owner until now becomes an admin. Only the owner can.
fn transfer(call: &Call<'_>, batch: &mut Batch<'_>, user: u64, organization: u64) -> Answer {
    organization_at(call, batch, organization)?;
    let caller = call.user();
    let from = Collection::pair(caller, organization);
    let mut before = existing(batch, Collection::UserOrganizationRoles, from, "Role")?;
    if number(&before, "usersRoleId") != Some(OWNER_ROLE) {
        return Err(Refusal::forbidden("Only the owner can transfer ownership."));
    }
    let to = Collection::pair(user, organization);
    let mut after = existing(batch, Collection::UserOrganizationRoles, to, "Member")?;
    if after.get("invitation").is_some_and(Value::is_string) {
        return Err(Refusal::conflict("The invitation is still open."));
    }
    if user == caller {
        return answer_role(call, &after);
    }
    set(&mut before, "usersRoleId", ADMIN_ROLE);
    batch.put(Collection::UserOrganizationRoles, from, &before)?;
    set(&mut after, "usersRoleId", OWNER_ROLE);
    batch.put(Collection::UserOrganizationRoles, to, &after)?;
    for team in teams_of(batch, organization)? {
        own_team(batch, user, team)?;
        let id = Collection::pair(caller, team);
        if let Some(mut row) = batch.get(Collection::UserTeamRoles, id)? {
            set(&mut row, "changeable", true);
            batch.put(Collection::UserTeamRoles, id, &row)?;
        }
    }
    answer_role(call, &after)
}

/// Makes the organization's owner what an owner is in each of its teams: its admin, for good.
pub(super) fn own_team(batch: &mut Batch<'_>, owner: u64, team: u64) -> Result<Value, Refusal> {
    let mut row = team_role(owner, team, TEAM_ADMIN);
    set(&mut row, "changeable", false);
    let id = Collection::pair(owner, team);
    batch.put(Collection::UserTeamRoles, id, &row)?;
    Ok(row)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::{Get, Post};
    use crate::sandbox::trial::Trial;

    const MAX: &str = "/users/2/user-organization-roles/1";

    #[test]
    fn a_role_in_the_organization_is_changed_but_no_owner_made_or_unmade() {
        let trial = Trial::new();
        let row = trial.post(MAX, json!({ "usersRoleId": 12 }));
        let expected = json!({
            "userId": 2, "organizationId": 1, "usersRoleId": 12, "invitation": null,
        });
        assert_eq!(row, json!({ "userOrganizationRole": expected }));
        assert_eq!(trial.get(MAX), row);
        assert_eq!(trial.get("/organizations/1/user-organization-roles/2"), row);
        let refused =
            |path: &str, role: u64| trial.refused(Post, path, Some(json!({ "usersRoleId": role })));
        assert!(refused(MAX, 11).starts_with("403 SC403 Ownership can only be transferred"));
        assert!(refused(MAX, 3).starts_with("400"), "a role of teams");
        let olivia = "/users/1/user-organization-roles/1";
        assert!(refused(olivia, 12).starts_with("403 SC403 The owner's role"));
        let removal = trial.refused(Post, &format!("{olivia}?confirmed=true"), None);
        assert!(
            removal.starts_with("403"),
            "the last owner stays: {removal}"
        );
        assert!(refused("/users/99/user-organization-roles/1", 13).starts_with("404"));
        assert!(refused("/users/2/user-organization-roles/9", 13).starts_with("403"));
    }

    #[test]
    fn whoever_leaves_the_organization_leaves_its_teams() {
        let trial = Trial::new();
        let counted = "/organizations/1/user-organization-roles\
                       ?cols[]=userId&cols[]=organizationTeamsCount&cols[]=joinedTeamsCount";
        let rows = trial.get(counted)["userOrganizationRoles"].clone();
        let one = json!({ "userId": 2, "organizationTeamsCount": 1, "joinedTeamsCount": 1 });
        assert_eq!(rows[1], one);
        assert_eq!(rows[3]["joinedTeamsCount"], 0, "Sam is in no team");
        assert!(trial.refused(Post, MAX, None).starts_with("406 IM004"));
        assert_eq!(
            trial.get("/users?teamId=1")["users"]
                .as_array()
                .map(Vec::len),
            Some(3)
        );
        let path = format!("{MAX}?confirmed=true&deleteConnections=false");
        let gone = trial.post(&path, json!({}));
        assert_eq!(gone["userOrganizationRole"]["usersRoleId"], Value::Null);
        assert_eq!(
            trial.get("/users/2/user-team-roles")["userTeamRoles"],
            json!([])
        );
        assert!(trial.refused(Get, MAX, None).starts_with("404"));
        assert!(trial.refused(Post, &path, None).starts_with("404"));
        let team = "/users/2/user-team-roles/1";
        let back = trial.refused(Post, team, Some(json!({ "usersRoleId": 3 })));
        assert!(
            back.starts_with("404"),
            "no member, no role in a team: {back}"
        );
    }

    #[test]
    fn ownership_goes_to_another_member() {
        let trial = Trial::new();
        let transfer = "/organizations/1/user-organization-roles/transfer";
        let to = |user: u64| Some(json!({ "userId": user }));
        assert!(trial.refused(Post, transfer, to(99)).starts_with("404"));
        let role = trial.post(transfer, json!({ "userId": 4 }));
        assert_eq!(role["userOrganizationRole"]["usersRoleId"], 11);
        let before = trial.get("/users/1/user-organization-roles/1");
        assert_eq!(before["userOrganizationRole"]["usersRoleId"], 12);
        let team = |user: u64| {
            let row = trial.get(&format!("/teams/1/user-team-roles/{user}"));
            row["userTeamRole"]["changeable"].clone()
        };
        assert_eq!((team(4), team(1)), (json!(false), json!(true)));
        let again = trial.refused(Post, "/users/2/user-organization-roles/1/transfer", None);
        assert!(again.starts_with("403 SC403 Only the owner"));
    }
}
