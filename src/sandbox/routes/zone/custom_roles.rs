//! Roles of an organization's own: made of permissions, and given like Make's.
//!
//! Make's reference and its SDK differ: the id is in the body there and in the path here, and the
//! category is called `permissionType` there. Both forms are answered.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::license;
use crate::sandbox::quirk::CustomRoleForm;
use crate::sandbox::routes::body::{Body, wrong};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::Batch;

use super::rights;
use super::role_table::{self, Permission};
use super::scope::{existing, number, objects, set, text};

/// The longest name.
const LONGEST_NAME: usize = 50;

/// The longest description; Make states none.
const LONGEST_DESCRIPTION: usize = 1024;

/// The feature of the license.
const FEATURE: &str = "customRoles";

/// `POST /users/custom-roles`
pub(super) fn create(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let body = call.body()?.only(&[
        "name",
        "category",
        "permissionType",
        "organizationId",
        "description",
        "permissions",
    ])?;
    let organization = body.required_id("organizationId")?;
    check_plan(call, batch, organization)?;
    let (known, other) = match call.quirks().custom_role_form {
        CustomRoleForm::Either if body.get("category").is_none() => ("permissionType", "category"),
        CustomRoleForm::Either | CustomRoleForm::Path => ("category", "permissionType"),
        CustomRoleForm::Body => ("permissionType", "category"),
    };
    if body.get(other).is_some() {
        let detail = format!("should NOT have additional property '{other}'");
        return Err(Refusal::invalid(detail));
    }
    let category = body.required_text(known, LONGEST_NAME)?;
    if !["team", "organization"].contains(&category) {
        return Err(wrong(known, "team or organization"));
    }
    let name = body.required_text("name", LONGEST_NAME)?;
    check_name(batch, organization, name, None)?;
    let id = batch.next_id(Collection::Roles)?;
    let role = json!({
        "id": id, "name": name, "category": category, "organizationId": organization,
        "description": description(&body)?.unwrap_or(Value::Null),
        "permissions": permissions(&body, category)?.unwrap_or_default(),
    });
    batch.put(Collection::Roles, id, &role)?;
    answer(&role)
}

/// `PATCH /users/custom-roles/{id}`, and the same with `id` in the body.
pub(super) fn update(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let known = ["id", "organizationId", "name", "description", "permissions"];
    let body = call.body()?.only(&known)?;
    let (id, mut role) = find(call, &body, batch)?;
    if body.get("name").is_some() {
        let name = body.required_text("name", LONGEST_NAME)?;
        check_name(batch, body.required_id("organizationId")?, name, Some(id))?;
        set(&mut role, "name", name);
    }
    if let Some(description) = description(&body)? {
        set(&mut role, "description", description);
    }
    let category = text(&role, "category").unwrap_or_default().to_owned();
    if let Some(permissions) = permissions(&body, &category)? {
        set(&mut role, "permissions", permissions);
    }
    batch.put(Collection::Roles, id, &role)?;
    answer(&role)
}

/// `DELETE /users/custom-roles/{id}`, and the same with `id` in the body. Refused while anybody
/// has it.
pub(super) fn remove(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let body = call.body()?.only(&["id", "organizationId"])?;
    let (id, _) = find(call, &body, batch)?;
    for collection in [Collection::UserTeamRoles, Collection::UserOrganizationRoles] {
        let held = objects(batch, collection, |row| {
            number(row, "usersRoleId") == Some(id)
        })?;
        if !held.is_empty() {
            return Err(Refusal::conflict(format!(
                "Role '{id}' is assigned to users: {}.",
                held.len()
            )));
        }
    }
    batch.remove(Collection::Roles, id)?;
    reply(&json!({ "roleId": id }))
}

/// The role that is meant, by the path or the body.
fn find(call: &Call<'_>, body: &Body, batch: &Batch<'_>) -> Result<(u64, Value), Refusal> {
    let is_in_path = !call.segment(0).is_empty();
    let id = match (is_in_path, call.quirks().custom_role_form) {
        (true, CustomRoleForm::Either | CustomRoleForm::Path) => call.id(0)?,
        (false, CustomRoleForm::Either | CustomRoleForm::Body) => body.required_id("id")?,
        (true, CustomRoleForm::Body) | (false, CustomRoleForm::Path) => {
            return Err(Refusal::missing("The path does not exist."));
        }
    };
    let organization = body.required_id("organizationId")?;
    check_plan(call, batch, organization)?;
    let role = existing(batch, Collection::Roles, id, "Role")?;
    match number(&role, "organizationId") == Some(organization) {
        true => Ok((id, role)),
        false => Err(Refusal::missing(format!("Role not found '{id}'."))),
    }
}

fn check_plan(call: &Call<'_>, batch: &Batch<'_>, organization: u64) -> Result<(), Refusal> {
    let found = rights::require(call, batch, organization, "organization user edit")?;
    match are_in_plan(call, &found) {
        true => Ok(()),
        false => Err(Refusal::not_in_plan(FEATURE)),
    }
}

/// Whether an organization may have roles of its own.
pub(super) fn are_in_plan(call: &Call<'_>, organization: &Value) -> bool {
    license::allows(&license::effective(call.plan, organization), FEATURE)
}

/// Refuses a second role of a name. Make does not document it; two could not be told apart.
fn check_name(
    batch: &Batch<'_>,
    organization: u64,
    name: &str,
    own: Option<u64>,
) -> Result<(), Refusal> {
    let same = objects(batch, Collection::Roles, |role| {
        number(role, "organizationId") == Some(organization)
            && text(role, "name") == Some(name)
            && number(role, "id") != own
    })?;
    match same.is_empty() {
        true => Ok(()),
        false => Err(Refusal::exists(format!("There is a role '{name}'."))),
    }
}

fn description(body: &Body) -> Result<Option<Value>, Refusal> {
    if body.get("description").is_some_and(Value::is_null) {
        return Ok(Some(Value::Null));
    }
    let given = body.text("description", LONGEST_DESCRIPTION)?;
    Ok(given.map(Value::from))
}

/// The ids of permissions, which must be of the role's category.
fn permissions(body: &Body, category: &str) -> Result<Option<Value>, Refusal> {
    let Some(given) = body.get("permissions") else {
        return Ok(None);
    };
    let ids = given
        .as_array()
        .ok_or_else(|| wrong("permissions", "array"))?;
    for id in ids {
        let known = permission(id).is_some_and(|known| known.role_category == category);
        if !known {
            let detail = format!("permission {id} is none of a {category} role");
            return Err(Refusal::invalid(detail));
        }
    }
    Ok(Some(given.clone()))
}

fn permission(id: &Value) -> Option<Permission> {
    let id = id.as_u64();
    role_table::permissions().find(|known| Some(known.id) == id)
}

fn granted(role: &Value) -> Vec<Permission> {
    let ids = role.get("permissions").and_then(Value::as_array);
    ids.into_iter().flatten().filter_map(permission).collect()
}

/// The names of what a role allows.
pub(super) fn permission_names(role: &Value) -> Vec<String> {
    let granted = granted(role).into_iter();
    granted
        .map(|permission| permission.name.to_owned())
        .collect()
}

/// A role as the list of roles shows it: permissions are names there, and ids here.
pub(super) fn row(role: &Value) -> Value {
    json!({
        "id": role.get("id"), "name": role.get("name"), "category": role.get("category"),
        "subsidiary": true, "managementType": "custom_managed",
        "description": role.get("description"), "permissions": permission_names(role),
    })
}

fn answer(role: &Value) -> Answer {
    let permissions: Vec<Value> = granted(role)
        .iter()
        .map(|permission| json!({ "id": permission.id, "name": permission.name }))
        .collect();
    reply(&json!({ "role": {
        "id": role.get("id"), "name": role.get("name"), "category": role.get("category"),
        "managementType": "custom_managed", "description": role.get("description"),
        "permissions": permissions,
    } }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::{Delete, Patch, Post};
    use crate::sandbox::quirk::Quirks;
    use crate::sandbox::trial::Trial;
    use crate::sandbox::{PlanName, WorldOptions};

    const ROLES: &str = "/users/custom-roles";

    fn trial() -> Trial {
        Trial::on(PlanName::Enterprise)
    }

    fn viewer() -> Value {
        json!({ "name": "Viewer", "category": "team", "organizationId": 1, "permissions": [19] })
    }

    fn of_organization() -> Value {
        json!({ "organizationId": 1 })
    }

    #[test]
    fn a_role_is_made_given_and_removed_with_its_id_in_the_path() {
        let trial = trial();
        let made = trial.post(ROLES, viewer());
        let expected = json!({
            "id": 2001, "name": "Viewer", "category": "team", "managementType": "custom_managed",
            "description": null, "permissions": [{ "id": 19, "name": "scenario view" }],
        });
        assert_eq!(made, json!({ "role": expected }));
        let path = "/users/custom-roles/2001";
        let change =
            json!({ "organizationId": 1, "description": "Looks", "permissions": [19, 38] });
        let changed = trial.patch(path, change);
        assert_eq!(changed["role"]["description"], "Looks");
        assert_eq!(changed["role"]["permissions"][1]["name"], "scenario logs");
        let role = trial.get("/users/roles/2001")["usersRole"].clone();
        assert_eq!(
            role["permissions"],
            json!(["scenario view", "scenario logs"])
        );
        assert_eq!(role["organizationId"], 1);

        let mia = "/users/3/user-team-roles/1";
        trial.post(mia, json!({ "usersRoleId": 2001 }));
        let held = trial.refused(Delete, path, Some(of_organization()));
        assert!(held.starts_with("422"), "{held}");
        trial.post(mia, json!({ "usersRoleId": 3 }));
        let (status, gone) = trial.ask(Delete, path, Some(of_organization()));
        assert_eq!((status, gone), (200, json!({ "roleId": 2001 })));
        let again = trial.refused(Delete, path, Some(of_organization()));
        assert!(again.starts_with("404"), "{again}");
    }

    #[test]
    fn a_role_is_made_changed_and_removed_with_its_id_in_the_body() {
        let trial = trial();
        let body = json!({
            "name": "Inviter", "permissionType": "organization", "organizationId": 1,
            "description": "Lets people in", "permissions": [26, 27],
        });
        let made = trial.post(ROLES, body);
        assert_eq!(made["role"]["category"], "organization");
        let change = json!({ "id": 2001, "organizationId": 1, "name": "Host" });
        assert_eq!(trial.patch(ROLES, change)["role"]["name"], "Host");
        let body = json!({ "id": 2001, "organizationId": 1 });
        let (_, gone) = trial.ask(Delete, ROLES, Some(body));
        assert_eq!(gone, json!({ "roleId": 2001 }));
    }

    #[test]
    fn a_role_gives_what_it_says() {
        let trial = trial();
        let mut inviter = viewer();
        inviter["category"] = json!("organization");
        inviter["permissions"] = json!([26]);
        trial.post(ROLES, inviter);
        trial.post(
            "/users/2/user-organization-roles/1",
            json!({ "usersRoleId": 2001 }),
        );
        let may = "/users/by-permission?type=organization&organizationId=1\
                   &permission=organization user add&cols[]=id&pg[sortDir]=asc";
        assert_eq!(trial.get(may)["users"], json!([{ "id": 1 }, { "id": 2 }]));
    }

    #[test]
    fn roles_that_cannot_be_are_refused() {
        let trial = trial();
        trial.post(ROLES, viewer());
        let with = |field: &str, value: Value| {
            let mut body = viewer();
            body["name"] = json!("Other");
            body[field] = value;
            trial.refused(Post, ROLES, Some(body))
        };
        assert!(with("name", json!("Viewer")).starts_with("400 IM005"));
        assert!(with("name", json!("x".repeat(51))).starts_with("400"));
        assert!(with("category", json!("company")).starts_with("400"));
        assert!(
            with("permissionType", json!("team")).starts_with("400"),
            "both of them"
        );
        assert!(
            with("permissions", json!([24])).starts_with("400"),
            "one of organizations"
        );
        assert!(with("permissions", json!([4_711])).starts_with("400"));
        assert!(with("organizationId", json!(9)).starts_with("403"));
        let system = trial.refused(Patch, "/users/custom-roles/3", Some(of_organization()));
        assert!(system.starts_with("404"), "Make's own: {system}");
        let nobody = trial.refused(Patch, ROLES, Some(of_organization()));
        assert!(nobody.starts_with("400"), "which one: {nobody}");
        let teams = Trial::new().refused(Post, ROLES, Some(viewer()));
        assert!(teams.starts_with("402 SC402"), "{teams}");
    }

    #[test]
    fn only_one_form_may_be_known() {
        let role =
            |category: &str| json!({ "name": "Viewer", category: "team", "organizationId": 1 });
        for (setting, known, other) in [
            ("path", "category", "permissionType"),
            ("body", "permissionType", "category"),
        ] {
            let mut quirks = Quirks::default();
            quirks.set("custom-role-form", setting).unwrap();
            let trial = Trial::with(WorldOptions {
                plan: Some(PlanName::Enterprise),
                quirks,
                ..WorldOptions::default()
            });
            assert!(
                trial
                    .refused(Post, ROLES, Some(role(other)))
                    .starts_with("400"),
                "{setting}"
            );
            trial.post(ROLES, role(known));
            let in_body = json!({ "id": 2001, "organizationId": 1 });
            let (by_body, _) = trial.ask(Patch, ROLES, Some(in_body));
            let path = "/users/custom-roles/2001";
            let (by_path, _) = trial.ask(Patch, path, Some(of_organization()));
            let expected = if setting == "path" {
                (404, 200)
            } else {
                (200, 404)
            };
            assert_eq!((by_body, by_path), expected, "{setting}");
        }
    }
}
