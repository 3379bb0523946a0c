//! Structures of custom properties: which an organization's scenarios can have.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::license;
use crate::sandbox::routes::body::wrong;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use super::rights;
use super::scope::{number, objects, organization_at};

/// The feature of the license, which says how many items there can be.
pub(super) const FEATURE: &str = "customProperties";

/// `GET /custom-property-structures`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let organization = call.required_number("organizationId")?;
    check_plan(call, view, organization)?;
    let rows = of_organization(view, organization)?;
    let rows: Vec<Value> = rows.into_iter().map(|(_, row)| row).collect();
    reply(&json!({ "customPropertyStructures": rows }))
}

/// `POST /custom-property-structures`: one for an organization, which cannot be removed.
pub(super) fn create(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let body = call
        .body()?
        .only(&["associatedType", "belongerType", "belongerId"])?;
    for (field, only) in [
        ("associatedType", "scenario"),
        ("belongerType", "organization"),
    ] {
        if body.required_text(field, only.len())? != only {
            return Err(wrong(field, only));
        }
    }
    let organization = body.required_id("belongerId")?;
    check_plan(call, batch, organization)?;
    rights::require(call, batch, organization, "custom properties edit")?;
    if !of_organization(batch, organization)?.is_empty() {
        return Err(Refusal::exists("The organization has a structure already."));
    }
    let id = batch.next_id(Collection::CustomPropertyStructures)?;
    let row = json!({
        "id": id, "created": call.stamp(), "belongers": [{
            "belongerId": organization, "belongerType": "organization",
            "associatedTypes": ["scenario"],
        }],
    });
    batch.put(Collection::CustomPropertyStructures, id, &row)?;
    reply(&json!({ "customPropertyStructure": row }))
}

/// Refuses an organization that is not there, or whose license has no custom properties.
/// Answers how many items there can be.
pub(super) fn check_plan(
    call: &Call<'_>,
    world: &impl Objects,
    organization: u64,
) -> Result<Value, Refusal> {
    let found = organization_at(call, world, organization)?;
    let license = license::effective(call.plan, &found);
    match license::allows(&license, FEATURE) {
        true => Ok(license),
        false => Err(Refusal::properties_off()),
    }
}

/// The organization of a structure.
pub(super) fn owner(structure: &Value) -> u64 {
    let id = structure.pointer("/belongers/0/belongerId");
    id.and_then(Value::as_u64).unwrap_or_default()
}

fn of_organization(world: &impl Objects, organization: u64) -> Result<Vec<(u64, Value)>, Refusal> {
    objects(world, Collection::CustomPropertyStructures, |structure| {
        owner(structure) == organization
    })
}

/// The items of an organization's structure.
pub(super) fn items_of_organization(
    world: &impl Objects,
    organization: u64,
) -> Result<Vec<Value>, Refusal> {
    let structures = of_organization(world, organization)?;
    let structure = structures.first().map(|(id, _)| *id);
    let items = objects(world, Collection::CustomPropertyItems, |item| {
        structure.is_some() && number(item, "structureId") == structure
    })?;
    Ok(items.into_iter().map(|(_, item)| item).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::{Get, Post};
    use crate::sandbox::PlanName;
    use crate::sandbox::trial::Trial;

    #[test]
    fn an_organization_has_one_structure() {
        let trial = Trial::on(PlanName::Enterprise);
        let path = "/custom-property-structures";
        let list = || trial.get("/custom-property-structures?organizationId=1");
        assert_eq!(list()["customPropertyStructures"], json!([]));
        let body = |of: &str, id: u64| json!({ "associatedType": of, "belongerType": "organization", "belongerId": id });
        let made = trial.post(path, body("scenario", 1));
        let row = made["customPropertyStructure"].clone();
        assert_eq!(row["belongers"][0]["associatedTypes"], json!(["scenario"]));
        assert_eq!(list()["customPropertyStructures"], json!([row]));
        let refused = |body: Value| trial.refused(Post, path, Some(body));
        assert!(refused(body("scenario", 1)).starts_with("400 IM005"));
        assert!(refused(body("hook", 1)).starts_with("400"));
        assert!(refused(body("scenario", 9)).starts_with("403"));
        let unnamed = trial.refused(Get, path, None);
        assert!(unnamed.starts_with("400"));
        let teams = Trial::new();
        let off = teams.refused(Get, "/custom-property-structures?organizationId=1", None);
        assert!(off.starts_with("403 IM027"), "{off}");
    }
}
