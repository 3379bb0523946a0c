//! Invitations into an organization: sent, shown to whom they are for, and accepted.
//!
//! Who is invited is a user at once, with a role row that says so until the invitation is
//! accepted. The hash that accepts it goes out by e-mail at Make; here it is in that row, under
//! `invitationHash`, which only the invited user's own list shows.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::sandbox::beginning::user_object;
use crate::sandbox::collection::Collection;
use crate::sandbox::license;
use crate::sandbox::quirk::InvitationRow;
use crate::sandbox::routes::body::{Body, absent, wrong};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use super::memberships::{answer_role, team_role};
use super::organizations::role_shown;
use super::rights;
use super::role_table::{self, OWNER_ROLE, TEAM_MEMBER};
use super::roles;
use super::scope::{existing, number, objects, set, text};

/// How long an invitation can be accepted; Make does not say.
const VALID: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The longest name, address and note; Make states none.
const LONGEST: usize = 255;

/// `POST /organizations/{id}/invite`. Inviting again whose invitation is open sends a new one.
pub(super) fn invite(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let organization = call.id(0)?;
    let found = rights::require(call, batch, organization, "organization user add")?;
    let body = call
        .body()?
        .only(&["usersRoleId", "email", "name", "note", "teamsId"])?;
    let role = body.required_id("usersRoleId")?;
    let role = role_table::inward(call, role);
    roles::check(batch, role, "organization", organization)?;
    if role == OWNER_ROLE {
        return Err(Refusal::forbidden("Ownership can only be transferred."));
    }
    let email = body.required_text("email", LONGEST)?;
    if email
        .split_once('@')
        .is_none_or(|(name, host)| name.is_empty() || host.is_empty())
    {
        return Err(Refusal::invalid("'email' should match format email"));
    }
    let name = body.required_text("name", LONGEST)?;
    body.text("note", LONGEST)?;
    let teams = teams_named(&body, batch, organization)?;

    let user = user_of(batch, email, name)?;
    let id = number(&user, "id").unwrap_or_default();
    let key = Collection::pair(id, organization);
    match batch.get(Collection::UserOrganizationRoles, key)? {
        Some(row) if is_open(&row) => {}
        Some(_) => return Err(Refusal::exists(format!("'{email}' is a member already."))),
        None => check_room(call, batch, &found, organization)?,
    }
    let row = json!({
        "userId": id, "organizationId": organization, "usersRoleId": role,
        "invitation": "pending", "invitedAt": call.stamp(),
        "invitationHash": hash(id, organization, call.now),
    });
    batch.put(Collection::UserOrganizationRoles, key, &row)?;
    for team in teams {
        let row = team_role(id, team, TEAM_MEMBER);
        batch.put(Collection::UserTeamRoles, Collection::pair(id, team), &row)?;
    }
    reply(&json!({ "user": user, "userOrganizationRole": role_shown(call, &row) }))
}

fn teams_named(body: &Body, world: &impl Objects, organization: u64) -> Result<Vec<u64>, Refusal> {
    let Some(given) = body.get("teamsId").filter(|given| !given.is_null()) else {
        return Ok(Vec::new());
    };
    let given = given.as_array().ok_or_else(|| wrong("teamsId", "array"))?;
    let mut teams = Vec::new();
    for id in given {
        let id = id
            .as_u64()
            .ok_or_else(|| wrong("teamsId", "array of integer"))?;
        let team = existing(world, Collection::Teams, id, "Team")?;
        if number(&team, "organizationId") != Some(organization) {
            return Err(Refusal::missing(format!("Team not found '{id}'.")));
        }
        teams.push(id);
    }
    Ok(teams)
}

/// The user with this address, new where there is none.
fn user_of(batch: &mut Batch<'_>, email: &str, name: &str) -> Result<Value, Refusal> {
    let is_theirs =
        |user: &Value| text(user, "email").is_some_and(|known| known.eq_ignore_ascii_case(email));
    if let Some((_, user)) = objects(batch, Collection::Users, is_theirs)?.pop() {
        return Ok(user);
    }
    let id = batch.next_id(Collection::Users)?;
    let user = user_object(id, name, email);
    batch.put(Collection::Users, id, &user)?;
    Ok(user)
}

/// Refuses one person more than the license allows; those invited count.
fn check_room(
    call: &Call<'_>,
    batch: &Batch<'_>,
    organization: &Value,
    id: u64,
) -> Result<(), Refusal> {
    let members = objects(batch, Collection::UserOrganizationRoles, |row| {
        number(row, "organizationId") == Some(id)
    })?;
    let license = license::effective(call.plan, organization);
    let present = u64::try_from(members.len()).unwrap_or(u64::MAX);
    match license::has_room(&license, "users", present) {
        true => Ok(()),
        false => Err(Refusal::limit_reached("users")),
    }
}

/// What an invitation is accepted with: no two are the same.
fn hash(user: u64, organization: u64, now: Timestamp) -> String {
    let seed = format!("{user}/{organization}/{}", now.as_nanosecond());
    let mut hash = base16ct::lower::encode_string(&Sha256::digest(seed));
    hash.truncate(40);
    hash
}

fn is_open(row: &Value) -> bool {
    row.get("invitation").is_some_and(Value::is_string)
}

/// What a role row says of its invitation now: `pending`, `expired`, or `null` without one.
pub(super) fn status(row: &Value, call: &Call<'_>) -> Value {
    if !is_open(row) {
        return Value::Null;
    }
    let sent = text(row, "invitedAt").and_then(|time| time.parse::<Timestamp>().ok());
    let until = sent.and_then(|sent| sent.checked_add(VALID).ok());
    match until.is_some_and(|until| until < call.now) {
        true => json!("expired"),
        false => json!("pending"),
    }
}

/// Whether lists of an organization's people and roles show a row.
pub(in crate::sandbox::routes) fn is_listed(call: &Call<'_>, row: &Value) -> bool {
    call.quirks().invitation_row == InvitationRow::Listed || !is_open(row)
}

/// `GET /organizations/invitation?hash=`. What it answers is not documented.
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    let hash = call.query("hash").ok_or_else(|| absent("hash"))?;
    let (_, row) = by_hash(view, hash)?;
    reply(&json!({ "invitation": described(call, view, &row)? }))
}

/// `GET /users/me/organization-invitations`. What it answers is not documented.
pub(super) fn own(call: &Call<'_>, view: &View<'_>) -> Answer {
    let user = call.user();
    let open = objects(view, Collection::UserOrganizationRoles, |row| {
        number(row, "userId") == Some(user) && is_open(row)
    })?;
    let mut shown = Vec::new();
    for (_, row) in open {
        shown.push(described(call, view, &row)?);
    }
    reply(&json!({ "organizationInvitations": shown }))
}

/// `POST /organizations/accept-invitation`: by whoever has the hash.
pub(super) fn accept(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let body = call.body()?.only(&["hash"])?;
    let (id, mut row) = by_hash(batch, body.required_text("hash", LONGEST)?)?;
    if status(&row, call) == "expired" {
        return Err(Refusal::conflict("The invitation has expired."));
    }
    set(&mut row, "invitation", Value::Null);
    if let Some(fields) = row.as_object_mut() {
        fields.shift_remove("invitedAt");
        fields.shift_remove("invitationHash");
    }
    batch.put(Collection::UserOrganizationRoles, id, &row)?;
    answer_role(call, &row)
}

fn by_hash(world: &impl Objects, hash: &str) -> Result<(u64, Value), Refusal> {
    let found = objects(world, Collection::UserOrganizationRoles, |row| {
        is_open(row) && text(row, "invitationHash") == Some(hash)
    })?;
    found
        .into_iter()
        .next()
        .ok_or_else(|| Refusal::missing("Invitation not found."))
}

fn described(call: &Call<'_>, world: &impl Objects, row: &Value) -> Result<Value, Refusal> {
    let organization = number(row, "organizationId").unwrap_or_default();
    let user = number(row, "userId").unwrap_or_default();
    let found = existing(
        world,
        Collection::Organizations,
        organization,
        "Organization",
    )?;
    let user = existing(world, Collection::Users, user, "User")?;
    let shown = json!({
        "organizationId": organization, "organizationName": found.get("name"),
        "email": user.get("email"), "usersRoleId": row.get("usersRoleId"),
        "status": status(row, call), "hash": row.get("invitationHash"),
    });
    Ok(role_table::shown(call, shown))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::{Get, Post};
    use crate::sandbox::collection::Collection;
    use crate::sandbox::trial::Trial;

    fn body(email: &str) -> Value {
        json!({
            "usersRoleId": 13, "email": email, "name": "Nora Nil", "note": "Welcome",
            "teamsId": [1],
        })
    }

    fn stored(trial: &Trial, user: u64) -> Value {
        let id = Collection::pair(user, 1);
        let found = trial
            .world
            .batch(|batch| batch.get(Collection::UserOrganizationRoles, id));
        found.unwrap().unwrap()
    }

    #[test]
    fn an_invitation_is_open_until_it_is_accepted() {
        let trial = Trial::new();
        let sent = trial.post("/organizations/1/invite", body("nora@acme.example"));
        let expected = json!({
            "userId": 5, "organizationId": 1, "usersRoleId": 13, "invitation": "pending",
        });
        assert_eq!(sent["userOrganizationRole"], expected);
        assert_eq!(sent["user"]["name"], "Nora Nil");
        let rows = trial.get("/organizations/1/user-organization-roles");
        assert_eq!(rows["userOrganizationRoles"][4], expected);
        let role = trial.get("/teams/1/user-team-roles/5");
        assert_eq!(role["userTeamRole"]["usersRoleId"], 3, "a team member");

        let hash = stored(&trial, 5)["invitationHash"]
            .as_str()
            .unwrap()
            .to_owned();
        let found = trial.get(&format!("/organizations/invitation?hash={hash}"));
        assert_eq!(found["invitation"]["organizationName"], "Sandbox");
        assert_eq!(
            trial.get("/users/me/organization-invitations")["organizationInvitations"],
            json!([]),
            "it is not the owner's"
        );
        let accept = json!({ "hash": hash });
        let accepted = trial.post("/organizations/accept-invitation", accept.clone());
        assert_eq!(accepted["userOrganizationRole"]["invitation"], Value::Null);
        let again = trial.refused(Post, "/organizations/accept-invitation", Some(accept));
        assert!(again.starts_with("404"));
        let member = trial.refused(
            Post,
            "/organizations/1/invite",
            Some(body("NORA@acme.example")),
        );
        assert!(member.starts_with("400 IM005"), "{member}");
    }

    #[test]
    fn an_old_invitation_has_expired_and_a_new_one_renews_it() {
        let trial = Trial::new();
        trial.post("/organizations/1/invite", body("nora@acme.example"));
        let mut row = stored(&trial, 5);
        row["invitedAt"] = json!("2020-01-01T00:00:00.000Z");
        let old = row["invitationHash"].clone();
        let put = trial.world.batch(|batch| {
            batch.put(
                Collection::UserOrganizationRoles,
                Collection::pair(5, 1),
                &row,
            )
        });
        put.unwrap();
        let shown =
            || trial.get("/users/5/user-organization-roles/1")["userOrganizationRole"].clone();
        assert_eq!(shown()["invitation"], "expired");
        let accept = |hash: &Value| json!({ "hash": hash });
        let late = trial.refused(Post, "/organizations/accept-invitation", Some(accept(&old)));
        assert!(late.starts_with("422"), "{late}");
        trial.post("/organizations/1/invite", body("nora@acme.example"));
        assert_eq!(shown()["invitation"], "pending");
        assert_ne!(stored(&trial, 5)["invitationHash"], old);
        let removal = "/users/5/user-organization-roles/1?confirmed=true";
        trial.post(removal, json!({}));
        let gone = trial.refused(Get, "/users/5/user-organization-roles/1", None);
        assert!(gone.starts_with("404"), "withdrawn: {gone}");
    }

    #[test]
    fn invitations_that_cannot_be_are_refused() {
        let trial = Trial::new();
        let refused = |change: Value| {
            let mut body = body("nora@acme.example");
            for (name, value) in change.as_object().unwrap() {
                body[name] = value.clone();
            }
            trial.refused(Post, "/organizations/1/invite", Some(body))
        };
        assert!(
            refused(json!({ "usersRoleId": 11 })).starts_with("403"),
            "an owner"
        );
        assert!(
            refused(json!({ "usersRoleId": 3 })).starts_with("400"),
            "a role of teams"
        );
        assert!(refused(json!({ "email": "nora" })).starts_with("400"));
        assert!(refused(json!({ "email": "max@acme.example" })).starts_with("400 IM005"));
        assert!(refused(json!({ "name": "" })).starts_with("400"));
        assert!(refused(json!({ "teamsId": [9] })).starts_with("404"));
        assert!(refused(json!({ "hello": 1 })).starts_with("400"));
        let unknown = trial.refused(Get, "/organizations/invitation?hash=x", None);
        assert!(unknown.starts_with("404"));
        let users = trial.get("/users?organizationId=1")["users"].clone();
        assert_eq!(users.as_array().map(Vec::len), Some(4), "nobody was made");
    }

    #[test]
    fn a_license_for_five_lets_no_sixth_in() {
        let trial = Trial::new();
        let put = trial.world.batch(|batch| {
            let mut organization = batch.get(Collection::Organizations, 1)?.unwrap_or_default();
            organization["license"]["users"] = json!(5);
            batch.put(Collection::Organizations, 1, &organization)
        });
        put.unwrap();
        trial.post("/organizations/1/invite", body("nora@acme.example"));
        let full = trial.refused(
            Post,
            "/organizations/1/invite",
            Some(body("x@acme.example")),
        );
        assert!(full.starts_with("403 IM011"), "{full}");
        trial.post("/organizations/1/invite", body("nora@acme.example")); // she is counted already
    }

    #[test]
    fn open_invitations_may_be_in_no_list_and_may_not_be_withdrawn() {
        let trial = Trial::quirky(&["invitation-row=hidden", "invitation-removal=refused"]);
        trial.post("/organizations/1/invite", body("nora@acme.example"));
        let rows = || {
            let rows = trial.get("/organizations/1/user-organization-roles");
            let users = trial.get("/users?organizationId=1");
            let count = |rows: &Value| rows.as_array().map_or(0, Vec::len);
            (
                count(&rows["userOrganizationRoles"]),
                count(&users["users"]),
            )
        };
        assert_eq!(rows(), (4, 4));
        let removal = "/users/5/user-organization-roles/1?confirmed=true";
        assert!(trial.refused(Post, removal, None).starts_with("404"));
        let hash = stored(&trial, 5)["invitationHash"].clone();
        trial.post("/organizations/accept-invitation", json!({ "hash": hash }));
        assert_eq!(rows(), (5, 5));
        trial.post(removal, json!({}));
        assert_eq!(rows(), (4, 4));
    }
}
