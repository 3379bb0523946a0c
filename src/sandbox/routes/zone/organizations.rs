//! Organizations, with the license that says what their plan allows.

use serde_json::{Value, json};

use crate::sandbox::beginning::organization_object;
use crate::sandbox::collection::Collection;
use crate::sandbox::license;
use crate::sandbox::limit::PlanName;
use crate::sandbox::quirk::ApiLimit;
use crate::sandbox::routes::body::Body;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use super::role_table::OWNER_ROLE;
use super::scope::{number, objects, organization_at, set};
use super::{enums, invitations, removal, rights, role_table, teams};

/// The longest name; Make states none.
const LONGEST_NAME: usize = 128;

const LIST: List = List {
    collection: Collection::Organizations,
    name: "organizations",
    usual: &["id", "name", "timezoneId", "countryId", "zone"],
    further: &[
        "isPaused",
        "license",
        "operations",
        "transfer",
        "operationsExt",
        "transferExt",
        "unusedOperations",
        "unusedTransfer",
        "lastReset",
        "nextReset",
        "teams",
        "serviceName",
        "productName",
        "features",
        "externalId",
        "activeApps",
        "activeScenarios",
        "autoPurchasingActivated",
        "solutionPartnerLink",
        "privateSpaces",
    ],
    sorts: &["name", "id"],
    order: Order::Ascending,
    page: Some(10_000),
};

/// `GET /organizations`: those that the user belongs to.
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let user = call.user();
    let mut mine = Vec::new();
    for (_, row) in objects(view, Collection::UserOrganizationRoles, |row| {
        number(row, "userId") == Some(user) && row.get("invitation").is_none_or(Value::is_null)
    })? {
        mine.extend(number(&row, "organizationId"));
    }
    let (zone, external) = (call.query("zone"), call.query("externalId"));
    let says = |object: &Value, field: &str, wanted: Option<&str>| {
        wanted.is_none_or(|wanted| object.get(field).is_some_and(|value| value == wanted))
    };
    let teams = objects(view, Collection::Teams, |_| true)?;
    let active = teams::Active::count(view)?;
    LIST.answer(
        call,
        view,
        |object| {
            number(object, "id").is_some_and(|id| mine.contains(&id))
                && says(object, "zone", zone)
                && says(object, "externalId", external)
        },
        |object| shown(call, object, &teams, &active),
    )
}

/// `GET /organizations/{id}`. `wait` is for organizations that take time to be made.
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    call.query_flag("wait")?;
    let found = organization_at(call, view, call.id(0)?)?;
    reply(&json!({ "organization": whole(call, view, found)? }))
}

/// `POST /organizations`: whoever makes one owns it, and its first team.
pub(super) fn create(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let body = call
        .body()?
        .only(&["name", "regionId", "timezoneId", "countryId"])?;
    let name = body.required_text("name", LONGEST_NAME)?;
    if !enums::is_region(body.required_id("regionId")?) {
        return Err(Refusal::invalid("'regionId' should be a known region"));
    }
    body.required_id("timezoneId")?;
    body.required_id("countryId")?;
    let id = batch.next_id(Collection::Organizations)?;
    let license = license::of(call.plan.unwrap_or(PlanName::Teams));
    let mut organization = organization_object(id, name, license);
    place(&mut organization, &body)?;
    batch.put(Collection::Organizations, id, &organization)?;
    let role = json!({
        "userId": call.user(), "organizationId": id, "usersRoleId": OWNER_ROLE,
        "invitation": null,
    });
    let key = Collection::pair(call.user(), id);
    batch.put(Collection::UserOrganizationRoles, key, &role)?;
    teams::put_new(batch, id, "My Team")?;
    let organization = whole(call, batch, organization)?;
    let role = role_shown(call, &role);
    reply(&json!({ "organization": organization, "userOrganizationRole": role }))
}

/// `PATCH /organizations/{id}`
pub(super) fn update(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    let mut organization = rights::require(call, batch, id, "organization edit")?;
    let body = call.body()?.only(&["name", "timezoneId", "countryId"])?;
    if body.get("name").is_some() {
        let name = body.required_text("name", LONGEST_NAME)?;
        set(&mut organization, "name", name);
    }
    place(&mut organization, &body)?;
    batch.put(Collection::Organizations, id, &organization)?;
    reply(&json!({ "organization": whole(call, batch, organization)? }))
}

/// Sets where an organization is, as far as the body says it.
fn place(organization: &mut Value, body: &Body) -> Result<(), Refusal> {
    if body.get("timezoneId").is_some() {
        let id = body.required_id("timezoneId")?;
        if enums::time_zone(id).is_none() {
            return Err(Refusal::invalid("'timezoneId' should be a known time zone"));
        }
        set(organization, "timezoneId", id);
    }
    if body.get("countryId").is_some() {
        let id = body.required_id("countryId")?;
        if !enums::is_country(id) {
            return Err(Refusal::invalid("'countryId' should be a known country"));
        }
        set(organization, "countryId", id);
    }
    Ok(())
}

/// `DELETE /organizations/{id}`: with all its teams and what they hold, if it is confirmed.
pub(super) fn remove(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    let organization = rights::require(call, batch, id, "organization delete")?;
    if !call.is_confirmed()? {
        let data = json!([{ "organizationId": id, "organizationName": organization.get("name") }]);
        return Err(Refusal::unconfirmed(
            json!([{ "type": "deleteOrganization", "data": data }]),
        ));
    }
    removal::organization(batch, id)?;
    reply(&json!({ "organization": id }))
}

/// All columns of one organization.
fn whole(call: &Call<'_>, world: &impl Objects, organization: Value) -> Result<Value, Refusal> {
    let teams = objects(world, Collection::Teams, |_| true)?;
    let active = teams::Active::count(world)?;
    Ok(shown(call, organization, &teams, &active))
}

fn shown(
    call: &Call<'_>,
    mut organization: Value,
    teams: &[(u64, Value)],
    active: &teams::Active,
) -> Value {
    let license = license::effective(call.plan, &organization);
    let id = number(&organization, "id");
    let own = teams
        .iter()
        .filter(|(_, team)| number(team, "organizationId") == id);
    let ids: Vec<u64> = own.clone().map(|(id, _)| *id).collect();
    let own: Vec<Value> = own
        .map(|(id, team)| json!({ "id": id, "name": team.get("name") }))
        .collect();
    if let Some(fields) = organization.as_object_mut() {
        fields.shift_remove(super::apps::FIELD);
    }
    set(&mut organization, "license", license);
    if let Some(license) = organization
        .get_mut("license")
        .and_then(Value::as_object_mut)
    {
        match call.quirks().api_limit {
            // Where nothing is limited, the license says so: clients pace themselves by it.
            ApiLimit::Stated if call.plan.is_none() => {
                let none = PlanName::Unlimited.api_limit();
                license.insert("apiLimit".to_owned(), json!(none));
            }
            ApiLimit::Stated => {}
            ApiLimit::Zero => {
                license.insert("apiLimit".to_owned(), json!(0));
            }
            ApiLimit::Absent => {
                license.shift_remove("apiLimit");
            }
        }
    }
    set(&mut organization, "teams", own);
    set(&mut organization, "activeScenarios", active.scenarios(&ids));
    set(&mut organization, "activeApps", active.apps(&ids));
    organization
}

/// A role row in an organization, as every answer shows it.
pub(super) fn role_shown(call: &Call<'_>, row: &Value) -> Value {
    let row = json!({
        "userId": row.get("userId"), "organizationId": row.get("organizationId"),
        "usersRoleId": row.get("usersRoleId"), "invitation": invitations::status(row, call),
    });
    role_table::shown(call, row)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::{Delete, Get, Patch, Post};
    use crate::sandbox::trial::Trial;

    #[test]
    fn an_organization_is_made_changed_and_removed_with_its_teams() {
        let trial = Trial::new();
        let body = json!({ "name": "Second", "regionId": 1, "timezoneId": 104, "countryId": 4 });
        let made = trial.post("/organizations", body);
        assert_eq!(made["organization"]["id"], 2);
        assert_eq!(
            made["organization"]["teams"],
            json!([{ "id": 2, "name": "My Team" }])
        );
        assert_eq!(made["organization"]["license"]["teams"], 0);
        assert_eq!(made["userOrganizationRole"]["usersRoleId"], 11);
        let role = trial.get("/teams/2/user-team-roles/1")["userTeamRole"].clone();
        assert_eq!(
            (&role["usersRoleId"], &role["changeable"]),
            (&json!(1), &json!(false))
        );

        let renamed = trial.patch("/organizations/2", json!({ "name": "B", "timezoneId": 1 }));
        assert_eq!(renamed["organization"]["name"], "B");
        assert_eq!(renamed["organization"]["timezoneId"], 1);
        assert_eq!(trial.get("/organizations/2"), renamed);
        let all = trial.get("/organizations?cols[]=name&cols[]=activeScenarios");
        assert_eq!(
            all["organizations"],
            json!([{ "name": "B", "activeScenarios": 0 }, { "name": "Sandbox", "activeScenarios": 0 }])
        );
        let users = trial.get("/users?organizationId=2")["users"].clone();
        assert_eq!(users.as_array().map(Vec::len), Some(1), "only who made it");

        assert!(
            trial
                .refused(Delete, "/organizations/2", None)
                .starts_with("406 IM004")
        );
        let gone = trial.delete("/organizations/2?confirmed=true");
        assert_eq!(gone, json!({ "organization": 2 }));
        assert!(
            trial
                .refused(Get, "/organizations/2", None)
                .starts_with("403")
        );
        assert!(trial.refused(Get, "/teams/2", None).starts_with("403"));
        assert_eq!(
            trial.get("/organizations")["organizations"][0]["name"],
            "Sandbox"
        );
    }

    #[test]
    fn lists_keep_organizations_apart() {
        let trial = Trial::new();
        let body = json!({ "name": "Second", "regionId": 1, "timezoneId": 1, "countryId": 1 });
        trial.post("/organizations", body);
        trial.scenario("one", json!([]));
        let names = |path: &str, key: &str| {
            let rows = trial.get(path)[key].clone();
            let rows = rows.as_array().cloned().unwrap_or_default();
            rows.iter()
                .map(|row| row["name"].clone())
                .collect::<Vec<Value>>()
        };
        assert_eq!(names("/scenarios?organizationId=1", "scenarios"), ["one"]);
        assert!(names("/scenarios?organizationId=2", "scenarios").is_empty());
        assert_eq!(names("/teams?organizationId=2", "teams"), ["My Team"]);
        assert_eq!(names("/teams?organizationId=1", "teams"), ["Sandbox team"]);
    }

    #[test]
    fn what_an_organization_cannot_be_is_refused() {
        let trial = Trial::new();
        let refused = |change: Value| {
            let mut body =
                json!({ "name": "Second", "regionId": 1, "timezoneId": 1, "countryId": 1 });
            for (name, value) in change.as_object().unwrap() {
                body[name] = value.clone();
            }
            trial.refused(Post, "/organizations", Some(body))
        };
        for wrong in ["regionId", "timezoneId", "countryId"] {
            assert!(
                refused(json!({ wrong: 9_999 })).starts_with("400"),
                "{wrong}"
            );
        }
        assert!(refused(json!({ "name": "" })).starts_with("400"));
        let patch = |body: Value| trial.refused(Patch, "/organizations/1", Some(body));
        assert!(patch(json!({ "regionId": 1 })).starts_with("400"));
        assert!(patch(json!({ "timezoneId": 9_999 })).starts_with("400"));
        assert!(
            trial
                .refused(Patch, "/organizations/7", Some(json!({})))
                .starts_with("403")
        );
        assert!(
            trial
                .refused(Get, "/organizations?cols[]=secret", None)
                .starts_with("400")
        );
    }

    #[test]
    fn the_license_may_not_state_the_request_limit() {
        let stated = |quirk: &str| {
            let trial = Trial::quirky(&[quirk]);
            let shown = trial.get("/organizations/1")["organization"]["license"].clone();
            shown.get("apiLimit").cloned()
        };
        assert_eq!(stated("api-limit=zero"), Some(json!(0)));
        assert_eq!(stated("api-limit=absent"), None);
        assert_eq!(stated("api-limit=stated"), Some(json!(1_000_000)));
    }
}
