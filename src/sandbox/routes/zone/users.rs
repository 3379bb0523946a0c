//! People: who is in the organization or a team, and whose token this is.

use serde_json::{Value, json};

use crate::sandbox::beginning::OWNER;
use crate::sandbox::collection::Collection;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, reply};
use crate::sandbox::store::{Objects, View};

use super::enums;
use super::scope::{Scope, existing, number, set, text};

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
    further: &[],
    sorts: &["id", "name", "email"],
    order: Order::Descending,
    page: Some(10),
};

/// `GET /users`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let mut members = Vec::new();
    let (collection, team) = match Scope::of(call, view)? {
        Scope::Team(team) => (Collection::UserTeamRoles, Some(team)),
        Scope::Organization => (Collection::UserOrganizationRoles, None),
    };
    view.each_in(collection, 0..=u64::MAX, |_, role: Value| {
        if team.is_none() || number(&role, "teamId") == team {
            members.extend(number(&role, "userId"));
        }
    })?;
    let (name, email) = (call.query("name"), call.query("email"));
    let is_member = |user: &Value| number(user, "id").is_some_and(|id| members.contains(&id));
    LIST.answer(
        call,
        view,
        |user| {
            is_member(user)
                && (name.is_none() || text(user, "name") == name)
                && (email.is_none() || text(user, "email") == email)
        },
        |user| user,
    )
}

/// `GET /users/me`
pub(super) fn me(_: &Call<'_>, view: &View<'_>) -> Answer {
    let mut user = existing(view, Collection::Users, OWNER, "User")?;
    let zone = number(&user, "timezoneId")
        .and_then(enums::time_zone)
        .unwrap_or("UTC");
    set(&mut user, "timezone", zone);
    set(&mut user, "locale", "en");
    reply(&json!({ "authUser": user }))
}

/// What the world's token may do: everything that the sandbox answers.
const SCOPES: [&str; 18] = [
    "connections:read",
    "datastores:read",
    "hooks:read",
    "hooks:write",
    "keys:read",
    "organizations:read",
    "organizations:write",
    "scenarios:read",
    "scenarios:run",
    "scenarios:write",
    "teams:read",
    "teams:write",
    "udts:read",
    "udts:write",
    "datastores:write",
    "team-variables:read",
    "user:read",
    "user:write",
];

/// `GET /users/me/current-authorization`
pub(super) fn authorization(_: &Call<'_>, _: &View<'_>) -> Answer {
    reply(&json!({ "authorization": { "authUsed": "token", "scope": SCOPES } }))
}
