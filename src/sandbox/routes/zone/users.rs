//! People: who is in the organization or a team, and whose token this is.

use serde_json::{Value, json};

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
pub(super) fn me(call: &Call<'_>, view: &View<'_>) -> Answer {
    let mut user = existing(view, Collection::Users, call.user(), "User")?;
    let zone = number(&user, "timezoneId")
        .and_then(enums::time_zone)
        .unwrap_or("UTC");
    set(&mut user, "timezone", zone);
    set(&mut user, "locale", "en");
    reply(&json!({ "authUser": user }))
}
