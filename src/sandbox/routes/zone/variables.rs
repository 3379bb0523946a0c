//! Variables of teams and organizations: those of the system, and those that people made.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::body::{Body, absent, wrong};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal};
use crate::sandbox::store::{Batch, View};

use super::scope::{existing, set};
use super::variable_shelf::{NUMBER, Place, Shelf, Wrapped};

/// The longest name; Make states none.
const LONGEST_NAME: usize = 128;

fn shown(variable: &Value) -> Value {
    json!({
        "name": variable.get("name"), "typeId": variable.get("typeId"),
        "value": variable.get("value"), "isSystem": false,
    })
}

fn list(call: &Call<'_>, view: &View<'_>, place: Place) -> Answer {
    let shelf = Shelf::open(call, view, place)?;
    let mut rows = shelf.system();
    if shelf.has_custom {
        rows.extend(
            shelf
                .custom(view)?
                .iter()
                .map(|(_, variable)| shown(variable)),
        );
    }
    place.answer(call, Wrapped::Many, rows)
}

fn create(call: &Call<'_>, batch: &mut Batch<'_>, place: Place) -> Answer {
    let shelf = Shelf::open_to_write(call, batch, place)?;
    let body = call.body()?.only(&["name", "typeId", "value"])?;
    let name = body.required_text("name", LONGEST_NAME)?;
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '$' || c == '_';
    if !name.chars().all(is_allowed) {
        return Err(wrong("name", "of letters, digits, $ and _"));
    }
    if shelf.is_system(name) || shelf.find(batch, name)?.is_some() {
        return Err(Refusal::exists(format!("There is a variable '{name}'.")));
    }
    let kind = kind(&body)?.ok_or_else(|| absent("typeId"))?;
    let value = body.get("value").ok_or_else(|| absent("value"))?;
    check_value(kind, value)?;
    let id = batch.next_id(Collection::Variables)?;
    let variable = json!({
        "id": id, "scope": place.scope(), "scopeId": shelf.id, "name": name, "typeId": kind,
        "value": value, "history": [],
    });
    batch.put(Collection::Variables, id, &variable)?;
    place.answer(call, Wrapped::One, shown(&variable))
}

fn update(call: &Call<'_>, batch: &mut Batch<'_>, place: Place) -> Answer {
    let shelf = Shelf::open_to_write(call, batch, place)?;
    let (id, mut variable) = shelf.named(call, batch)?;
    let body = call.body()?.only(&["typeId", "value"])?;
    let before = variable.get("value").cloned().unwrap_or_default();
    let (kind, value) = (kind(&body)?, body.get("value"));
    // Documented: only together are they checked against each other.
    if let (Some(kind), Some(value)) = (kind, value) {
        check_value(kind, value)?;
    }
    if let Some(kind) = kind {
        set(&mut variable, "typeId", kind);
    }
    if let Some(value) = value {
        set(&mut variable, "value", value.clone());
        let author = existing(batch, Collection::Users, call.user(), "User")?;
        let history = variable.get("history").and_then(Value::as_array).cloned();
        let mut history = history.unwrap_or_default();
        history.insert(
            0,
            json!({ "id": history.len() + 1, "diffObject": {
            "originalValue": before, "newValue": value, "updatedAt": call.stamp(),
            "author": author.get("name"),
        } }),
        );
        set(&mut variable, "history", history);
    }
    batch.put(Collection::Variables, id, &variable)?;
    place.answer(call, Wrapped::One, shown(&variable))
}

fn remove(call: &Call<'_>, batch: &mut Batch<'_>, place: Place) -> Answer {
    let shelf = Shelf::open_to_write(call, batch, place)?;
    let (id, variable) = shelf.named(call, batch)?;
    let name = variable.get("name").cloned().unwrap_or_default();
    if !call.is_confirmed()? {
        return Err(Refusal::unconfirmed(
            json!([{ "type": "deleteVariable", "data": [{ "name": name }] }]),
        ));
    }
    batch.remove(Collection::Variables, id)?;
    place.answer(call, Wrapped::One, name)
}

/// The changes of a variable's value, the latest first; of one that never changed, its value.
fn history(call: &Call<'_>, view: &View<'_>, place: Place) -> Answer {
    let shelf = Shelf::open(call, view, place)?;
    let (id, variable) = shelf.named(call, view)?;
    let history = variable.get("history").and_then(Value::as_array).cloned();
    let mut history = history.unwrap_or_default();
    if history.is_empty() {
        let value = variable.get("value");
        history.push(json!({ "id": id, "diffObject": { "value": value } }));
    }
    place.answer(call, Wrapped::History, history)
}

const BOOLEAN: u64 = 3;
const DATE: u64 = 4;

fn kind(body: &Body) -> Result<Option<u64>, Refusal> {
    match body.get("typeId").map(Value::as_u64) {
        None => Ok(None),
        Some(Some(kind @ NUMBER..=DATE)) => Ok(Some(kind)),
        Some(_) => Err(wrong("typeId", "1, 2, 3 or 4")),
    }
}

/// Refuses a value of another type. A number, truth value or date may also be written as text;
/// it is kept as it was sent.
fn check_value(kind: u64, value: &Value) -> Result<(), Refusal> {
    let written = value.as_str();
    let (fits, name) = match kind {
        NUMBER => {
            let is_number = |text: &str| text.parse::<f64>().is_ok_and(f64::is_finite);
            (
                value.is_number() || written.is_some_and(is_number),
                "number",
            )
        }
        BOOLEAN => {
            let is_truth = |text: &str| matches!(text, "true" | "false");
            (
                value.is_boolean() || written.is_some_and(is_truth),
                "boolean",
            )
        }
        DATE => {
            let is_date = |text: &str| {
                text.parse::<jiff::Timestamp>().is_ok() || text.parse::<jiff::civil::Date>().is_ok()
            };
            (written.is_some_and(is_date), "date")
        }
        _ => (written.is_some(), "string"),
    };
    match fits {
        true => Ok(()),
        false => Err(wrong("value", name)),
    }
}

/// `GET /teams/{id}/variables`
pub(super) fn of_team(call: &Call<'_>, view: &View<'_>) -> Answer {
    list(call, view, Place::Team)
}

/// `POST /teams/{id}/variables`
pub(super) fn create_in_team(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    create(call, batch, Place::Team)
}

/// `PATCH /teams/{id}/variables/{name}`
pub(super) fn update_in_team(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    update(call, batch, Place::Team)
}

/// `DELETE /teams/{id}/variables/{name}`
pub(super) fn remove_from_team(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    remove(call, batch, Place::Team)
}

/// `GET /teams/{id}/variables/{name}/history`
pub(super) fn history_in_team(call: &Call<'_>, view: &View<'_>) -> Answer {
    history(call, view, Place::Team)
}

/// `GET /organizations/{id}/variables`
pub(super) fn of_organization(call: &Call<'_>, view: &View<'_>) -> Answer {
    list(call, view, Place::Organization)
}

/// `POST /organizations/{id}/variables`
pub(super) fn create_in_organization(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    create(call, batch, Place::Organization)
}

/// `PATCH /organizations/{id}/variables/{name}`
pub(super) fn update_in_organization(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    update(call, batch, Place::Organization)
}

/// `DELETE /organizations/{id}/variables/{name}`
pub(super) fn remove_from_organization(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    remove(call, batch, Place::Organization)
}

/// `GET /organizations/{id}/variables/{name}/history`
pub(super) fn history_in_organization(call: &Call<'_>, view: &View<'_>) -> Answer {
    history(call, view, Place::Organization)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::{Delete, Get, Patch, Post};
    use crate::sandbox::trial::Trial;
    use crate::sandbox::{PlanName, WorldOptions};

    fn custom(trial: &Trial, path: &str, key: &str) -> Vec<Value> {
        let rows = trial.get(path)[key].as_array().cloned().unwrap_or_default();
        rows.into_iter()
            .filter(|row| row["isSystem"] == false)
            .collect()
    }

    #[test]
    fn a_variable_is_made_changed_and_removed_in_its_place() {
        let trial = Trial::new();
        for (base, one, many) in [
            ("/teams/1/variables", "teamVariable", "teamVariables"),
            (
                "/organizations/1/variables",
                "organizationVariable",
                "organizationVariables",
            ),
        ] {
            let body = json!({ "name": "region", "typeId": 2, "value": "eu" });
            let row = json!({ "name": "region", "typeId": 2, "value": "eu", "isSystem": false });
            assert_eq!(trial.post(base, body), json!({ one: row.clone() }));
            assert_eq!(custom(&trial, base, many), [row]);
            let path = format!("{base}/region");
            let history = format!("{path}/history");
            let key = format!("{one}History");
            assert_eq!(
                trial.get(&history)[&key][0]["diffObject"],
                json!({ "value": "eu" })
            );
            let changed = trial.patch(&path, json!({ "typeId": 1, "value": 7 }));
            assert_eq!(changed[one]["value"], 7);
            let latest = trial.get(&history)[&key][0]["diffObject"].clone();
            assert_eq!(
                (&latest["originalValue"], &latest["newValue"]),
                (&json!("eu"), &json!(7))
            );
            assert!(trial.refused(Delete, &path, None).starts_with("406 IM004"));
            assert_eq!(
                trial.delete(&format!("{path}?confirmed=true")),
                json!({ one: "region" })
            );
            assert!(custom(&trial, base, many).is_empty());
            assert!(trial.refused(Get, &history, None).starts_with("404"));
        }
    }

    #[test]
    fn system_variables_are_there_and_stay_as_they_are() {
        let trial = Trial::new();
        let rows = trial.get("/organizations/1/variables")["organizationVariables"].clone();
        let row = json!({ "name": "name", "typeId": 2, "value": "Sandbox", "isSystem": true });
        assert_eq!(rows[1], row);
        assert_eq!(rows[2]["value"], 10_000, "operations left");
        let team = trial.get("/teams/1/variables")["teamVariables"].clone();
        assert_eq!(team[0]["value"], 1);
        let value = Some(json!({ "value": "x" }));
        let patch = trial.refused(Patch, "/teams/1/variables/name", value);
        assert!(patch.starts_with("403"), "{patch}");
        let delete = trial.refused(Delete, "/teams/1/variables/id?confirmed=true", None);
        assert!(delete.starts_with("403"), "{delete}");
    }

    #[test]
    fn values_must_be_of_the_type_that_is_sent_along() {
        let trial = Trial::new();
        let base = "/teams/1/variables";
        let refused = |body: Value| trial.refused(Post, base, Some(body));
        for (kind, value) in [
            (1, json!("many")),
            (2, json!(7)),
            (3, json!("yes")),
            (4, json!("soon")),
            (5, json!(1)),
        ] {
            let body = json!({ "name": "x", "typeId": kind, "value": value });
            assert!(refused(body).starts_with("400"), "{kind} {value}");
        }
        for (name, kind, value) in [
            ("a", 1, json!(1.5)),
            ("b", 1, json!("15")),
            ("c", 3, json!(true)),
            ("d", 4, json!("2026-02-01T00:00:00.000Z")),
            ("$e_1", 2, json!("")),
        ] {
            let made = trial.post(
                base,
                json!({ "name": name, "typeId": kind, "value": value }),
            );
            assert_eq!(made["teamVariable"]["value"], value, "kept as sent");
        }
        let again = json!({ "name": "a", "typeId": 1, "value": 1 });
        assert!(refused(again).starts_with("400 IM005"));
        let system = json!({ "name": "name", "typeId": 2, "value": "x" });
        assert!(refused(system).starts_with("400 IM005"));
        let spaced = json!({ "name": "two words", "typeId": 1, "value": 1 });
        assert!(refused(spaced).starts_with("400"));
        let rename = trial.refused(Patch, "/teams/1/variables/a", Some(json!({ "name": "z" })));
        assert!(rename.starts_with("400"), "{rename}");
        let alone = trial.patch("/teams/1/variables/a", json!({ "value": "text" }));
        assert_eq!(
            alone["teamVariable"]["typeId"], 1,
            "a value alone is not checked"
        );
        let both = json!({ "typeId": 1, "value": "text" });
        assert!(
            trial
                .refused(Patch, "/teams/1/variables/a", Some(both))
                .starts_with("400")
        );
        let unknown = trial.refused(
            Patch,
            "/teams/1/variables/none",
            Some(json!({ "value": 1 })),
        );
        assert!(unknown.starts_with("404"));
        assert!(
            trial
                .refused(Get, "/teams/9/variables", None)
                .starts_with("403")
        );
    }

    #[test]
    fn without_the_license_there_are_only_those_of_the_system() {
        let trial = Trial::new();
        let body = json!({ "name": "region", "typeId": 2, "value": "eu" });
        trial.post("/teams/1/variables", body.clone());
        let core = trial.reopened(WorldOptions {
            plan: Some(PlanName::Core),
            ..WorldOptions::default()
        });
        assert!(custom(&core, "/teams/1/variables", "teamVariables").is_empty());
        let made = core.refused(Post, "/teams/1/variables", Some(body));
        assert!(made.starts_with("404"), "{made}");
        let changed = core.refused(
            Patch,
            "/teams/1/variables/region",
            Some(json!({ "value": 1 })),
        );
        assert!(changed.starts_with("404"), "{changed}");
    }

    #[test]
    fn variables_may_come_back_under_plainer_names() {
        let trial = Trial::quirky(&["variables-wrapper=plain"]);
        let body = json!({ "name": "region", "typeId": 2, "value": "eu" });
        let made = trial.post("/teams/1/variables", body);
        assert_eq!(made["variable"]["value"], "eu");
        assert_eq!(custom(&trial, "/teams/1/variables", "variables").len(), 1);
        assert!(trial.get("/organizations/1/variables")["variables"].is_array());
    }
}
