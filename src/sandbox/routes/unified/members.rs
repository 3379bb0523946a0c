//! Members of the organization. The role here is one word for what the zone dialect has two
//! roles for: the one in the organization, and the one in the team.

use serde_json::{Value, json};

use crate::live::transport::Method;
use crate::sandbox::collection::Collection;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use crate::sandbox::routes::zone::is_listed;

use super::inner::Inner;
use super::page::Page;
use super::scenarios::check_organization;

/// The organization's roles by their ids.
const OWNER: u64 = 11;
const ADMIN: u64 = 12;
const MEMBER: u64 = 13;

/// The team's roles by their ids.
const TEAM_ADMIN: u64 = 1;
const TEAM_MEMBER: u64 = 3;
const TEAM_MONITORING: u64 = 4;

/// The team that the word is about.
const TEAM: u64 = 1;

/// What a word means in the zone dialect.
struct Meaning {
    organization: u64,
    team: u64,
}

impl Meaning {
    fn of(word: &str) -> Result<Self, Refusal> {
        let (organization, team) = match word {
            "admin" => (ADMIN, TEAM_ADMIN),
            "manager" => (MEMBER, TEAM_ADMIN),
            "builder" => (MEMBER, TEAM_MEMBER),
            "viewer" => (MEMBER, TEAM_MONITORING),
            _ => {
                return Err(Refusal::invalid(
                    "'role' should be viewer, builder, manager or admin",
                ));
            }
        };
        Ok(Self { organization, team })
    }
}

/// The word for two roles.
fn word(organization: Option<u64>, team: Option<u64>) -> &'static str {
    match (organization, team) {
        (Some(OWNER), _) => "owner",
        (Some(ADMIN), _) => "admin",
        (_, Some(TEAM_ADMIN)) => "manager",
        (_, Some(TEAM_MEMBER)) => "builder",
        _ => "viewer",
    }
}

/// `GET /organizations/{id}/users`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    check_organization(call.id(0)?)?;
    let number = |object: &Value, field: &str| object.get(field).and_then(Value::as_u64);
    let mut members = Vec::new();
    view.each_in(
        Collection::UserOrganizationRoles,
        0..=u64::MAX,
        |_, role: Value| {
            if let Some(user) = number(&role, "userId").filter(|_| is_listed(call, &role)) {
                members.push((
                    user,
                    number(&role, "usersRoleId"),
                    role.get("invitation").cloned(),
                ));
            }
        },
    )?;
    let mut rows = Vec::new();
    for (id, organization, invitation) in members {
        let Some(user) = view.object(Collection::Users, id)? else {
            continue;
        };
        let team = view.object(Collection::UserTeamRoles, Collection::pair(id, TEAM))?;
        let team = team.as_ref().and_then(|role| number(role, "usersRoleId"));
        rows.push(json!({
            "id": id, "email": user.get("email"), "name": user.get("name"),
            "role": word(organization, team), "invitation": invitation,
        }));
    }
    Page::of(call)?.answer(rows)
}

/// `POST /organizations/{id}/users`: an invitation.
pub(super) fn add(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let organization = call.id(0)?;
    check_organization(organization)?;
    let body = call.body()?.only(&["email", "role"])?;
    let email = body.required_text("email", 250)?;
    let meaning = Meaning::of(body.required_text("role", 20)?)?;
    let name = email.split('@').next().unwrap_or_default();
    let invited = Inner::new(
        Method::Post,
        format!("/organizations/{organization}/invite"),
    )
    .body(&json!({
        "usersRoleId": meaning.organization, "email": email, "name": name, "note": "",
        "teamsId": [TEAM],
    }))
    .carry_out(call, batch)?;
    let user = invited.pointer("/user/id").and_then(Value::as_u64);
    let user = user.ok_or_else(|| Refusal::broken("who was invited has no id"))?;
    give_team_role(user, meaning.team, call, batch)?;
    reply(&json!({ "id": user }))
}

/// `PATCH /organizations/{id}/users/{userId}`
pub(super) fn change(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let (organization, user) = (call.id(0)?, call.id(1)?);
    check_organization(organization)?;
    let body = call.body()?.only(&["role"])?;
    let meaning = Meaning::of(body.required_text("role", 20)?)?;
    Inner::new(
        Method::Post,
        format!("/users/{user}/user-organization-roles/{organization}"),
    )
    .body(&json!({ "usersRoleId": meaning.organization }))
    .carry_out(call, batch)?;
    give_team_role(user, meaning.team, call, batch)?;
    reply(&json!({ "id": user }))
}

fn give_team_role(
    user: u64,
    role: u64,
    call: &Call<'_>,
    batch: &mut Batch<'_>,
) -> Result<(), Refusal> {
    Inner::new(
        Method::Post,
        format!("/users/{user}/user-team-roles/{TEAM}"),
    )
    .body(&json!({ "usersRoleId": role }))
    .carry_out(call, batch)
    .map(drop)
}
