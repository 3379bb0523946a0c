//! Roles, Make's own and an organization's, looked up.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::quirk::RoleIdentifiers;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Objects, View};

use super::custom_roles;
use super::role_table::{self, ROLES, Role};
use super::scope::{check_team, number, objects, organization_at, organization_of, set, text};

/// The columns of a row.
const ROW: List = List {
    collection: Collection::Roles,
    name: "usersRoles",
    usual: &[
        "id",
        "name",
        "identifier",
        "category",
        "subsidiary",
        "managementType",
        "description",
        "permissions",
    ],
    further: &[],
    sorts: &["id"],
    order: Order::Ascending,
    page: None,
};

/// `GET /users/roles`. Roles of an organization's own are shown when it, or one of its teams, is
/// named.
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let category = category(call, "category")?;
    let wanted = call.query_number("roleId")?;
    let wanted = wanted.map(|id| role_table::inward(call, id));
    let excluded: Vec<u64> = call
        .query_all("excludeRole[]")
        .filter_map(|id| Some(role_table::inward(call, id.parse().ok()?)))
        .collect();
    let organization = match (
        call.query_number("organizationId")?,
        call.query_number("teamId")?,
    ) {
        (Some(id), _) => Some(id),
        (None, Some(team)) => {
            check_team(view, team)?;
            Some(organization_of(view, team)?)
        }
        (None, None) => None,
    };
    let mut rows: Vec<Value> = ROLES.iter().map(row).collect();
    if let Some(id) = organization {
        let organization = organization_at(call, view, id)?;
        if custom_roles::are_in_plan(call, &organization) {
            for (_, role) in objects(view, Collection::Roles, |role| belongs(role, id))? {
                rows.push(custom_roles::row(&role));
            }
        }
    }
    rows.retain(|row| {
        let id = number(row, "id");
        category.is_none_or(|name| text(row, "category") == Some(name))
            && wanted.is_none_or(|wanted| id == Some(wanted))
            && !id.is_some_and(|id| excluded.contains(&id))
    });
    let rows = rows.into_iter();
    let rows: Result<Vec<Value>, Refusal> =
        rows.map(|row| ROW.row(call, shown(call, row))).collect();
    reply(&json!({ "usersRoles": rows? }))
}

/// `GET /users/roles/{id}`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    let id = role_table::inward(call, call.id(0)?);
    let (row, organization) = match find(view, id)? {
        Found::System(role) => (row(role), Value::Null),
        Found::Custom(role) => {
            let organization = number(&role, "organizationId").unwrap_or_default();
            organization_at(call, view, organization)?;
            (custom_roles::row(&role), json!(organization))
        }
    };
    let mut row = shown(call, row);
    set(&mut row, "organizationId", organization);
    reply(&json!({ "usersRole": row }))
}

/// `GET /users/roles/permissions`
pub(super) fn permissions(call: &Call<'_>, _: &View<'_>) -> Answer {
    let category = category(call, "roleCategory")?;
    let rows: Vec<Value> = role_table::permissions()
        .filter(|permission| category.is_none_or(|name| name == permission.role_category))
        .map(|permission| {
            json!({
                "id": permission.id, "name": permission.name, "note": permission.name,
                "category": permission.category(), "roleCategory": permission.role_category,
                "label": permission.name, "customRolesHidden": false, "requires": [],
            })
        })
        .collect();
    reply(&json!({ "usersRolesPermissions": rows }))
}

fn category<'a>(call: &Call<'a>, parameter: &str) -> Result<Option<&'a str>, Refusal> {
    let category = call.query(parameter);
    match category.filter(|name| !["team", "organization"].contains(name)) {
        Some(unknown) => Err(Refusal::invalid(format!("unknown category '{unknown}'"))),
        None => Ok(category),
    }
}

fn row(role: &Role) -> Value {
    json!({
        "id": role.id, "name": role.name, "identifier": role.identifier,
        "category": role.category, "subsidiary": role.category == "team",
        "managementType": "system_locked", "description": null,
        "permissions": role.permissions(),
    })
}

/// A row as answers have it.
fn shown(call: &Call<'_>, mut row: Value) -> Value {
    let id = number(&row, "id").unwrap_or_default();
    set(&mut row, "id", role_table::outward(call, id));
    let is_bare = call.quirks().role_identifiers == RoleIdentifiers::TeamOnly;
    if is_bare
        && text(&row, "category") == Some("organization")
        && let Some(fields) = row.as_object_mut()
    {
        fields.shift_remove("identifier");
    }
    row
}

fn belongs(role: &Value, organization: u64) -> bool {
    number(role, "organizationId") == Some(organization)
}

/// A role, by where it comes from.
enum Found {
    System(&'static Role),
    Custom(Value),
}

/// The names of what a role allows.
pub(super) fn permissions_of(world: &impl Objects, id: u64) -> Result<Vec<String>, Refusal> {
    Ok(match find(world, id)? {
        Found::System(role) => role.permissions().into_iter().map(str::to_owned).collect(),
        Found::Custom(role) => custom_roles::permission_names(&role),
    })
}

fn find(world: &impl Objects, id: u64) -> Result<Found, Refusal> {
    static SYSTEM: &[Role] = &ROLES;
    if let Some(role) = SYSTEM.iter().find(|role| role.id == id) {
        return Ok(Found::System(role));
    }
    let custom = world.object(Collection::Roles, id)?;
    custom
        .map(Found::Custom)
        .ok_or_else(|| Refusal::missing(format!("Role not found '{id}'.")))
}

/// Refuses an id that is no role of this category which the organization could give.
pub(super) fn check(
    world: &impl Objects,
    id: u64,
    category: &str,
    organization: u64,
) -> Result<(), Refusal> {
    let fits = match find(world, id) {
        Ok(Found::System(role)) => role.category == category,
        Ok(Found::Custom(role)) => {
            text(&role, "category") == Some(category) && belongs(&role, organization)
        }
        Err(_) => false,
    };
    match fits {
        true => Ok(()),
        false => Err(Refusal::invalid(format!("role {id} is no {category} role"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::Get;
    use crate::sandbox::PlanName;
    use crate::sandbox::trial::Trial;

    #[test]
    fn roles_are_listed_by_category_id_and_organization() {
        let trial = Trial::on(PlanName::Enterprise);
        let body = json!({ "name": "Viewer", "category": "team", "organizationId": 1 });
        trial.post("/users/custom-roles", body);
        let names = |query: &str| {
            let rows = trial.get(&format!("/users/roles?{query}"))["usersRoles"].clone();
            let rows = rows.as_array().cloned().unwrap_or_default();
            let name = |row: &Value| row["name"].as_str().unwrap_or_default().to_owned();
            rows.iter().map(name).collect::<Vec<String>>()
        };
        assert_eq!(names("category=organization").len(), 5);
        assert_eq!(
            names("category=team").len(),
            5,
            "those of organizations are asked for"
        );
        for shelf in ["organizationId=1", "teamId=1"] {
            let all = names(&format!("category=team&{shelf}"));
            assert_eq!(all.last().map(String::as_str), Some("Viewer"), "{shelf}");
        }
        assert_eq!(names("roleId=6"), ["Team Operator"]);
        assert_eq!(
            names("category=team&excludeRole[]=1&excludeRole[]=3").len(),
            3
        );
        let columns = trial.get("/users/roles?roleId=11&cols[]=name&cols[]=identifier");
        let owner = json!({ "name": "Owner", "identifier": "organization:owner" });
        assert_eq!(columns["usersRoles"], json!([owner]));
        let one = trial.get("/users/roles/3")["usersRole"].clone();
        assert_eq!(one["managementType"], "system_locked");
        assert!(
            trial
                .refused(Get, "/users/roles/99", None)
                .starts_with("404")
        );
        assert!(
            trial
                .refused(Get, "/users/roles?category=x", None)
                .starts_with("400")
        );
        assert!(
            trial
                .refused(Get, "/users/roles?organizationId=9", None)
                .starts_with("403")
        );
    }

    #[test]
    fn permissions_are_listed_with_ids_that_roles_can_be_made_of() {
        let trial = Trial::new();
        let all = trial.get("/users/roles/permissions")["usersRolesPermissions"].clone();
        assert_eq!(all[0]["name"], "account add");
        assert_eq!(
            (&all[0]["id"], &all[0]["category"]),
            (&json!(1), &json!("accounts"))
        );
        let team = trial.get("/users/roles/permissions?roleCategory=team");
        let rows = team["usersRolesPermissions"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        assert!(rows.iter().all(|row| row["roleCategory"] == "team"));
        assert!(rows.len() < all.as_array().map_or(0, Vec::len));
    }

    #[test]
    fn roles_of_organizations_may_have_no_identifier() {
        let trial = Trial::quirky(&["role-identifiers=team-only"]);
        let roles = trial.get("/users/roles")["usersRoles"].clone();
        let has = |row: &Value| row.get("identifier").is_some();
        let rows = roles.as_array().cloned().unwrap_or_default();
        assert!(
            rows.iter()
                .all(|row| has(row) == (row["category"] == "team"))
        );
    }
}
