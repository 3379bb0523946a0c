//! People: who is in the organization or a team, and whose token this is.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Objects, View};

use super::scope::{Scope, existing, number, objects, set, text};
use super::{enums, invitations, organizations, rights, role_table};

const LIST: List = List {
    collection: Collection::Users,
    name: "users",
    usual: &[
        "id",
        "name",
        "email",
        "language",
        "timezoneId",
        "localeId",
        "countryId",
        "features",
        "avatar",
        "lastLogin",
    ],
    further: &["userTeamIds"],
    sorts: &["id", "name", "email"],
    order: Order::Descending,
    page: Some(10),
};

/// The rows of `GET /users/by-permission`.
const BY_PERMISSION: List = List {
    usual: &["id", "name", "email", "invitationStatus"],
    further: &["avatar", "personalSpaceId"],
    ..LIST
};

/// The columns of `GET /users/me`.
const ME: List = List {
    usual: &[
        "id",
        "name",
        "email",
        "language",
        "timezoneId",
        "localeId",
        "countryId",
        "features",
        "avatar",
        "lastLogin",
        "timezone",
        "locale",
    ],
    further: &["userOrganizationRoles", "userTeamRoles"],
    ..LIST
};

/// The members of a team or an organization, and what they are there.
struct Members {
    /// The role rows of the organization, by user.
    in_organization: BTreeMap<u64, Value>,
    /// The role rows in its teams.
    in_teams: Vec<Value>,
}

impl Members {
    fn of(
        call: &Call<'_>,
        world: &impl Objects,
        organization: u64,
        scope: &Scope,
    ) -> Result<Self, Refusal> {
        let rows = objects(world, Collection::UserOrganizationRoles, |row| {
            number(row, "organizationId") == Some(organization) && invitations::is_listed(call, row)
        })?;
        let by_user = |(_, row)| number(&row, "userId").map(|user| (user, row));
        let in_teams = objects(world, Collection::UserTeamRoles, |row| scope.holds(row))?;
        Ok(Self {
            in_organization: rows.into_iter().filter_map(by_user).collect(),
            in_teams: in_teams.into_iter().map(|(_, row)| row).collect(),
        })
    }

    /// The roles that a user has in the teams.
    fn team_roles(&self, user: u64) -> impl Iterator<Item = &Value> {
        let rows = self.in_teams.iter();
        rows.filter(move |row| number(row, "userId") == Some(user))
    }
}

/// `GET /users`. Filters by name and address are taken to want the whole of it: Make does not
/// say how they match.
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let scope = Scope::of(call, view)?;
    let members = Members::of(call, view, organization_of(view, &scope)?, &scope)?;
    let (name, email) = (call.query("name"), call.query("email"));
    let role = |parameter: &str| {
        let id = call.query_number(parameter)?;
        Ok::<_, Refusal>(id.map(|id| role_table::inward(call, id)))
    };
    let (team_role, organization_role) = (role("teamRoleId")?, role("organizationRoleId")?);
    let team = call.query_number("filterByTeamId")?;
    let factor = tfa_status(call)?;
    let is_member = |user: u64| match &scope {
        Scope::Team(_) => members.team_roles(user).next().is_some(),
        Scope::Organization { .. } => members.in_organization.contains_key(&user),
    };
    let fits = |user: u64| {
        let has = |field: &str, wanted: u64| {
            let mut rows = members.team_roles(user);
            rows.any(|row| number(row, field) == Some(wanted))
        };
        let in_organization = members.in_organization.get(&user);
        team_role.is_none_or(|role| has("usersRoleId", role))
            && organization_role.is_none_or(|role| {
                in_organization.and_then(|row| number(row, "usersRoleId")) == Some(role)
            })
            && match team {
                None => true,
                Some(0) => members.team_roles(user).next().is_none(),
                Some(team) => has("teamId", team),
            }
    };
    LIST.answer(
        call,
        view,
        |user| {
            number(user, "id").is_some_and(|id| is_member(id) && fits(id))
                && (name.is_none() || text(user, "name") == name)
                && (email.is_none() || text(user, "email") == email)
                && factor
                    .is_none_or(|wanted| text(user, "tfaStatus").unwrap_or("disabled") == wanted)
        },
        |mut user| {
            let id = number(&user, "id").unwrap_or_default();
            let teams = members
                .team_roles(id)
                .filter_map(|row| number(row, "teamId"));
            set(&mut user, "userTeamIds", teams.collect::<Vec<u64>>());
            user
        },
    )
}

/// Whether a second factor is on; in a world that nobody changed, it is for nobody.
fn tfa_status<'a>(call: &Call<'a>) -> Result<Option<&'a str>, Refusal> {
    match call.query("tfaStatus") {
        None => Ok(None),
        Some(status @ ("enabled" | "disabled")) => Ok(Some(status)),
        Some(_) => Err(Refusal::invalid(
            "'tfaStatus' should be enabled or disabled",
        )),
    }
}

fn organization_of(world: &impl Objects, scope: &Scope) -> Result<u64, Refusal> {
    match scope {
        Scope::Team(team) => super::scope::organization_of(world, *team),
        Scope::Organization { id, .. } => Ok(*id),
    }
}

/// `GET /users/by-permission`: who may do something in an organization, or in a team
/// (`type=company`, as teams were once called).
pub(super) fn by_permission(call: &Call<'_>, view: &View<'_>) -> Answer {
    let permission = call
        .query("permission")
        .ok_or_else(|| Refusal::invalid("should have required property 'permission'"))?;
    let scope = Scope::of(call, view)?;
    let team = match (call.query("type"), &scope) {
        (Some("organization"), Scope::Organization { .. }) => None,
        (Some("company"), Scope::Team(team)) => Some(*team),
        _ => {
            return Err(Refusal::invalid(
                "'type' should be organization with organizationId, or company with teamId",
            ));
        }
    };
    let organization = organization_of(view, &scope)?;
    let members = Members::of(call, view, organization, &scope)?;
    let mut able = Vec::new();
    for user in members.in_organization.keys() {
        if rights::may(view, *user, organization, team, permission)? {
            able.push(*user);
        }
    }
    BY_PERMISSION.answer(
        call,
        view,
        |user| number(user, "id").is_some_and(|id| able.contains(&id)),
        |mut user| {
            let id = number(&user, "id").unwrap_or_default();
            let row = members.in_organization.get(&id);
            let status = row.map_or(Value::Null, |row| invitations::status(row, call));
            set(&mut user, "invitationStatus", status);
            set(&mut user, "personalSpaceId", Value::Null);
            user
        },
    )
}

/// `GET /users/me`
pub(super) fn me(call: &Call<'_>, view: &View<'_>) -> Answer {
    let id = call.user();
    let mut user = existing(view, Collection::Users, id, "User")?;
    let zone = number(&user, "timezoneId")
        .and_then(enums::time_zone)
        .unwrap_or("UTC");
    set(&mut user, "timezone", zone);
    let locale = enums::locale(number(&user, "localeId"));
    set(&mut user, "locale", locale);
    let with_invited = call.query_flag("includeInvitedOrg")?.unwrap_or(false);
    let of_user = |row: &Value| number(row, "userId") == Some(id);
    let rows = objects(view, Collection::UserOrganizationRoles, |row| {
        let is_open = row.get("invitation").is_some_and(Value::is_string);
        of_user(row) && (with_invited || !is_open)
    })?;
    let rows = rows.iter();
    let rows = rows.map(|(_, row)| organizations::role_shown(call, row));
    set(
        &mut user,
        "userOrganizationRoles",
        rows.collect::<Vec<Value>>(),
    );
    let rows = objects(view, Collection::UserTeamRoles, of_user)?;
    let rows = rows.into_iter();
    let rows = rows.map(|(_, row)| role_table::shown(call, row));
    set(&mut user, "userTeamRoles", rows.collect::<Vec<Value>>());
    let user = ME.row(call, user)?;
    reply(&json!({ "authUser": user }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::Get;
    use crate::sandbox::trial::Trial;

    fn ids(trial: &Trial, path: &str) -> Vec<u64> {
        let rows = trial.get(path)["users"].clone();
        let rows = rows.as_array().cloned().unwrap_or_default();
        rows.iter().filter_map(|row| row["id"].as_u64()).collect()
    }

    #[test]
    fn people_are_found_by_what_they_are_and_where() {
        let trial = Trial::new();
        let found = |filter: &str| ids(&trial, &format!("/users?organizationId=1&{filter}"));
        assert_eq!(found("pg[sortDir]=asc"), [1, 2, 3, 4]);
        assert_eq!(found("email=mia@acme.example"), [3]);
        assert_eq!(found("organizationRoleId=13"), [4, 3, 2]);
        assert_eq!(found("teamRoleId=6"), [3]);
        assert_eq!(found("filterByTeamId=0"), [4]);
        assert_eq!(found("filterByTeamId=1"), [3, 2, 1]);
        assert_eq!(found("tfaStatus=enabled"), Vec::<u64>::new());
        assert_eq!(ids(&trial, "/users?teamId=1&teamRoleId=3"), [2]);
        let teams = trial.get("/users?teamId=1&cols[]=userTeamIds&email=max@acme.example");
        assert_eq!(teams["users"], json!([{ "userTeamIds": [1] }]));
        for wrong in ["", "teamId=1&", "tfaStatus=maybe&"] {
            let both = format!("/users?{wrong}organizationId=1");
            let answer = trial.ask(Get, &both, None).0;
            assert_eq!(answer, if wrong.is_empty() { 200 } else { 400 }, "{both}");
        }
        assert!(trial.refused(Get, "/users", None).starts_with("400"));
        assert!(
            trial
                .refused(Get, "/users?organizationId=2", None)
                .starts_with("403")
        );
    }

    #[test]
    fn people_are_found_by_what_they_may_do() {
        let trial = Trial::new();
        let may = |query: &str| ids(&trial, &format!("/users/by-permission?{query}"));
        let adds = "type=organization&organizationId=1&permission=organization%20user%20add";
        let adds = adds.replace("%20", " ");
        assert_eq!(may(&adds), [1]);
        assert_eq!(
            may("type=company&teamId=1&permission=scenario edit"),
            [2, 1]
        );
        assert_eq!(
            may("type=company&teamId=1&permission=scenario start"),
            [3, 2, 1]
        );
        let row = trial.get("/users/by-permission?type=company&teamId=1&permission=team delete");
        assert_eq!(row["users"][0]["invitationStatus"], Value::Null);
        for wrong in [
            "type=company&teamId=1",
            "type=company&organizationId=1&permission=x",
        ] {
            let path = format!("/users/by-permission?{wrong}");
            assert!(
                trial.refused(Get, &path, None).starts_with("400"),
                "{wrong}"
            );
        }
    }

    #[test]
    fn my_roles_are_shown_when_they_are_asked_for() {
        let trial = Trial::new();
        assert_eq!(
            trial.get("/users/me")["authUser"].get("userTeamRoles"),
            None
        );
        let me = trial.get("/users/me?cols[]=userOrganizationRoles&cols[]=userTeamRoles");
        assert_eq!(
            me["authUser"]["userOrganizationRoles"][0]["usersRoleId"],
            11
        );
        assert_eq!(me["authUser"]["userTeamRoles"][0]["teamId"], 1);
        assert!(
            trial
                .refused(Get, "/users/me?cols[]=password", None)
                .starts_with("400")
        );
    }
}
