//! Whether somebody's roles allow what they ask for.

use serde_json::Value;

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::Refusal;
use crate::sandbox::store::Objects;

use super::roles;
use super::scope::{check_team, number, organization_at, organization_of};

/// Refuses whoever's role in an organization does not allow something. That a role is asked for
/// is documented; which one each call wants is derived from its name.
pub(super) fn require(
    call: &Call<'_>,
    world: &impl Objects,
    organization: u64,
    permission: &str,
) -> Result<Value, Refusal> {
    let found = organization_at(call, world, organization)?;
    match may(world, call.user(), organization, None, permission)? {
        true => Ok(found),
        false => Err(lacking(permission)),
    }
}

/// Refuses whoever's roles, in a team and in its organization, do not allow something there.
pub(super) fn require_in_team(
    call: &Call<'_>,
    world: &impl Objects,
    team: u64,
    permission: &str,
) -> Result<(), Refusal> {
    check_team(world, team)?;
    let organization = organization_of(world, team)?;
    organization_at(call, world, organization)?;
    match may(world, call.user(), organization, Some(team), permission)? {
        true => Ok(()),
        false => Err(lacking(permission)),
    }
}

fn lacking(permission: &str) -> Refusal {
    Refusal::forbidden(format!("Your role lacks the permission '{permission}'."))
}

/// What gives everything in all teams of an organization.
const ALL_TEAMS: &str = "organization teams access";

/// Whether a user's roles allow something in an organization or in a team of it.
pub(super) fn may(
    world: &impl Objects,
    user: u64,
    organization: u64,
    team: Option<u64>,
    permission: &str,
) -> Result<bool, Refusal> {
    let id = Collection::pair(user, organization);
    let held = world.object(Collection::UserOrganizationRoles, id)?;
    let in_organization = allowed_by(world, held)?;
    let has = |names: &[String], wanted: &str| names.iter().any(|name| name == wanted);
    let Some(team) = team else {
        return Ok(has(&in_organization, permission));
    };
    let held = world.object(Collection::UserTeamRoles, Collection::pair(user, team))?;
    let in_team = allowed_by(world, held)?;
    Ok(has(&in_team, permission) || has(&in_organization, ALL_TEAMS))
}

fn allowed_by(world: &impl Objects, held: Option<Value>) -> Result<Vec<String>, Refusal> {
    match held.as_ref().and_then(|row| number(row, "usersRoleId")) {
        Some(id) => roles::permissions_of(world, id),
        None => Ok(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::{Delete, Get, Patch, Post};
    use crate::sandbox::token::{self, NewToken, TokenKind};
    use crate::sandbox::trial::Trial;

    /// A token of a user, with these scopes.
    fn token_of(trial: &Trial, user: u64, scope: &[&str]) -> String {
        let value = format!("5a4db0c5-0000-4000-8000-0000000009{user:02}");
        let token = NewToken {
            value: value.clone(),
            kind: TokenKind::Api,
            scope: scope.iter().map(|&scope| scope.to_owned()).collect(),
            user,
            label: "test".to_owned(),
            created: jiff::Timestamp::constant(1_767_225_600 + i64::try_from(user).unwrap(), 0),
            expires: None,
        };
        let issued = trial.world.batch(|batch| token::issue(batch, &token));
        issued.unwrap();
        format!("Token {value}")
    }

    #[test]
    fn nobody_does_what_their_role_does_not_allow() {
        let trial = Trial::new();
        let max = token_of(&trial, 2, &["*"]);
        let status = |method, path: &str, body: Value| {
            let (status, answer) = trial.ask_as(&max, method, path, Some(body));
            assert!(
                status == 200 || answer["code"] == "SC403",
                "{path}: {answer}"
            );
            status
        };
        let invite = json!({ "usersRoleId": 13, "email": "nora@acme.example", "name": "Nora" });
        let role = json!({ "usersRoleId": 3 });
        let calls = [
            (Post, "/organizations/1/invite", invite),
            (Patch, "/organizations/1", json!({ "name": "Mine" })),
            (Delete, "/organizations/1", json!({})),
            (
                Post,
                "/teams",
                json!({ "name": "Mine", "organizationId": 1 }),
            ),
            (Patch, "/teams/1", json!({ "name": "Mine" })),
            (Delete, "/teams/1", json!({})),
            (Post, "/users/3/user-team-roles/1", role.clone()),
            (
                Post,
                "/users/3/user-organization-roles/1",
                json!({ "usersRoleId": 12 }),
            ),
            (
                Post,
                "/organizations/1/user-organization-roles/transfer",
                json!({ "userId": 2 }),
            ),
            (
                Post,
                "/organizations/1/variables",
                json!({ "name": "a", "typeId": 1, "value": 1 }),
            ),
        ];
        for (method, path, body) in calls.clone() {
            assert_eq!(status(method, path, body), 403, "{method} {path}");
        }
        let variable = json!({ "name": "a", "typeId": 1, "value": 1 });
        assert_eq!(
            status(Post, "/teams/1/variables", variable),
            200,
            "a member's to do"
        );
        trial.post(
            "/users/2/user-organization-roles/1",
            json!({ "usersRoleId": 12 }),
        );
        assert_eq!(
            status(Patch, "/organizations/1", json!({ "name": "Ours" })),
            200
        );
        assert_eq!(
            status(Post, "/users/3/user-team-roles/1", role),
            200,
            "all teams are theirs"
        );
        assert_eq!(
            status(Delete, "/organizations/1", json!({})),
            403,
            "the owner's alone"
        );
    }

    #[test]
    fn a_token_is_for_what_its_scopes_say() {
        let trial = Trial::new();
        let reader = token_of(&trial, 1, &["teams:read", "user:read"]);
        let status = |method, path: &str| trial.ask_as(&reader, method, path, None).0;
        assert_eq!(status(Get, "/teams/1"), 200);
        assert_eq!(status(Get, "/users/roles"), 200);
        assert_eq!(status(Delete, "/teams/1"), 403);
        assert_eq!(status(Get, "/teams/1/variables"), 403);
        assert_eq!(status(Get, "/organizations/1"), 403);
        assert_eq!(status(Post, "/users/3/user-team-roles/1"), 403);
        assert_eq!(
            status(Get, "/custom-property-structures?organizationId=1"),
            403
        );
        assert_eq!(status(Get, "/enums/countries"), 200);
    }
}
