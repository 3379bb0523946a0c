//! Data structures: the fields that data of some kind has.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::body::{Body, absent, wrong};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use super::scope::{check_team, existing, required_team, set, text};
use super::uses::Uses;

/// The longest name.
const LONGEST_NAME: usize = 128;

/// What a refusal calls one.
pub(super) const NOUN: &str = "Data structure";

const LIST: List = List {
    collection: Collection::DataStructures,
    name: "dataStructures",
    usual: &["id", "name", "teamId"],
    further: &["spec", "strict"],
    sorts: &["name"],
    order: Order::Ascending,
    page: Some(10_000),
};

/// `GET /data-structures`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let scope = required_team(call, view)?;
    LIST.answer(call, view, |object| scope.holds(object), |object| object)
}

/// `GET /data-structures/{id}`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    answer_one(&find(call, view)?)
}

/// `POST /data-structures`
pub(super) fn create(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let body = call.body()?.only(&["teamId", "name", "strict", "spec"])?;
    let team = body.required_id("teamId")?;
    check_team(batch, team)?;
    let name = body.required_text("name", LONGEST_NAME)?;
    let strict = strict_or_default(&body)?;
    let spec = spec_or_default(&body)?;
    check_spec(&spec)?;
    add(batch, team, name, strict, spec)
}

/// `PATCH /data-structures/{id}`: the fields are replaced as a whole.
pub(super) fn update(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let mut structure = find(call, batch)?;
    let body = call.body()?.only(&["name", "strict", "spec"])?;
    if body.get("name").is_some() {
        let name = body.required_text("name", LONGEST_NAME)?;
        set(&mut structure, "name", name);
    }
    if let Some(strict) = body.flag("strict")? {
        set(&mut structure, "strict", strict);
    }
    if let Some(spec) = body.get("spec") {
        check_spec(spec)?;
        set(&mut structure, "spec", spec.clone());
    }
    batch.put(Collection::DataStructures, call.id(0)?, &structure)?;
    answer_one(&structure)
}

/// `DELETE /data-structures/{id}`: one in use only with `confirmed=true`.
pub(super) fn remove(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    find(call, batch)?;
    let id = call.id(0)?;
    let uses = Uses::of(batch, Collection::DataStructures, id)?;
    uses.confirm(call, "deleteDataStructure")?;
    uses.let_go(call, batch)?;
    batch.remove(Collection::DataStructures, id)?;
    reply(&json!({ "dataStructure": id }))
}

/// `POST /data-structures/{id}/clone`: the same fields under another name, in any team.
pub(super) fn clone(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let structure = find(call, batch)?;
    let body = call.body()?.only(&["name", "targetTeamId"])?;
    let team = body.required_id("targetTeamId")?;
    check_team(batch, team)?;
    let name = body.required_text("name", LONGEST_NAME)?;
    let strict = structure.get("strict") == Some(&Value::Bool(true));
    let spec = structure.get("spec").cloned().unwrap_or_default();
    add(batch, team, name, strict, spec)
}

fn add(batch: &mut Batch<'_>, team: u64, name: &str, strict: bool, spec: Value) -> Answer {
    let id = batch.next_id(Collection::DataStructures)?;
    let structure =
        json!({ "id": id, "name": name, "teamId": team, "spec": spec, "strict": strict });
    batch.put(Collection::DataStructures, id, &structure)?;
    answer_one(&structure)
}

fn find(call: &Call<'_>, world: &impl Objects) -> Result<Value, Refusal> {
    existing(world, Collection::DataStructures, call.id(0)?, NOUN)
}

fn answer_one(structure: &Value) -> Answer {
    reply(&json!({ "dataStructure": structure }))
}

/// The documents ask for `strict` and `spec`, the client's types do not. Which is right is not
/// known; here they may be left out.
fn strict_or_default(body: &Body) -> Result<bool, Refusal> {
    Ok(body.flag("strict")?.unwrap_or(false))
}

fn spec_or_default(body: &Body) -> Result<Value, Refusal> {
    Ok(body.get("spec").cloned().unwrap_or_else(|| json!([])))
}

/// The types of fields: those of data structures first, then those that only parameters of apps
/// have. Make's documents say that a field is written like such a parameter.
#[rustfmt::skip] // a list of words
const TYPES: [&str; 21] = [
    "text", "number", "boolean", "date", "buffer", "collection", "array",
    "any", "cert", "email", "filename", "integer", "json", "password", "select", "time",
    "timestamp", "timezone", "uinteger", "url", "uuid",
];

/// Refuses fields that are none: without a name or of no type, with another of the same name
/// beside them, or with the fields below them not in the form that their type has.
fn check_spec(spec: &Value) -> Result<(), Refusal> {
    let fields = spec.as_array().ok_or_else(|| wrong("spec", "array"))?;
    let mut names = Vec::new();
    for field in fields {
        let name = text(field, "name").filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| absent("name"))?;
        if names.contains(&name) {
            return Err(Refusal::invalid(format!("spec has two fields '{name}'")));
        }
        names.push(name);
        check_type(field)?;
    }
    Ok(())
}

fn check_type(field: &Value) -> Result<(), Refusal> {
    let kind = text(field, "type").ok_or_else(|| absent("type"))?;
    match (kind, field.get("spec")) {
        ("collection", Some(spec)) => check_spec(spec),
        // The items of an array are one field, without a name.
        ("array", Some(item)) if item.is_object() => check_type(item),
        // Older ones have an array of fields there: what each item, a collection, has.
        ("array", Some(spec)) => check_spec(spec),
        _ if TYPES.contains(&kind) => Ok(()),
        _ => Err(Refusal::invalid(format!("unknown type '{kind}' in spec"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::{Delete, Get, Patch, Post};
    use crate::sandbox::trial::Trial;

    fn spec() -> Value {
        json!([
            { "name": "email", "type": "text", "label": "E-mail", "required": true },
            { "name": "lines", "type": "array", "spec": { "type": "collection", "spec": [
                { "name": "amount", "type": "number", "default": 1.50 },
            ] } },
        ])
    }

    fn made(trial: &Trial) -> Value {
        let body = json!({ "teamId": 1, "name": "Order", "strict": true, "spec": spec() });
        trial.post("/data-structures", body)["dataStructure"].clone()
    }

    #[test]
    fn a_structure_is_made_listed_changed_cloned_and_deleted() {
        let trial = Trial::new();
        let structure = made(&trial);
        let id = structure["id"].clone();
        assert_eq!(
            structure,
            json!({ "id": id, "name": "Order", "teamId": 1, "spec": spec(), "strict": true })
        );
        let path = format!("/data-structures/{id}");
        assert_eq!(trial.get(&path)["dataStructure"], structure);
        let rows = trial.get("/data-structures?teamId=1");
        assert_eq!(
            rows,
            json!({
                "dataStructures": [{ "id": id, "name": "Order", "teamId": 1 }],
                "pg": { "sortBy": "name", "sortDir": "asc", "limit": 10_000, "offset": 0 },
            })
        );
        let rows = trial.get("/data-structures?teamId=1&cols[]=spec&cols[]=strict");
        assert_eq!(
            rows["dataStructures"],
            json!([{ "spec": spec(), "strict": true }])
        );

        let less = json!([{ "name": "email", "type": "text" }]);
        let changed = trial.patch(&path, json!({ "spec": less, "strict": false }));
        assert_eq!(changed["dataStructure"]["spec"], less);
        assert_eq!(changed["dataStructure"]["name"], "Order");
        let body = json!({ "name": "Copy", "targetTeamId": 1 });
        let copy = trial.post(&format!("{path}/clone"), body)["dataStructure"].clone();
        assert_ne!(copy["id"], id);
        assert_eq!((&copy["name"], &copy["spec"]), (&json!("Copy"), &less));
        assert_eq!(trial.delete(&path), json!({ "dataStructure": id }));
        assert!(trial.refused(Get, &path, None).starts_with("404"));
        let named = trial.post("/data-structures", json!({ "teamId": "1", "name": "x" }));
        assert_eq!(named["dataStructure"]["spec"], json!([]));
    }

    #[test]
    fn what_no_structure_can_be_is_refused() {
        let trial = Trial::new();
        let refused = |spec: Value| {
            let body = json!({ "teamId": 1, "name": "x", "strict": true, "spec": spec });
            trial.refused(Post, "/data-structures", Some(body))
        };
        for wrong in [
            json!({}),
            json!(["email"]),
            json!([{ "type": "text" }]),
            json!([{ "name": "a" }]),
            json!([{ "name": "a", "type": "string" }]),
            json!([{ "name": "a", "type": "text" }, { "name": "a", "type": "number" }]),
            json!([{ "name": "a", "type": "collection", "spec": [{ "name": "b" }] }]),
            json!([{ "name": "a", "type": "array", "spec": { "type": "strange" } }]),
        ] {
            let said = refused(wrong.clone());
            assert!(said.starts_with("400"), "{wrong}: {said}");
        }
        let path = format!("/data-structures/{}", made(&trial)["id"]);
        let change = |body: Value| trial.refused(Patch, &path, Some(body));
        assert!(change(json!({ "teamId": 2 })).starts_with("400"));
        assert!(change(json!({ "strict": "yes" })).starts_with("400"));
        assert!(change(json!({ "name": "x".repeat(129) })).starts_with("400"));
        let clone = |body: Value| trial.refused(Post, &format!("{path}/clone"), Some(body));
        assert!(clone(json!({ "name": "x" })).starts_with("400"));
        assert!(clone(json!({ "name": "x", "targetTeamId": 9 })).starts_with("403"));
        assert!(
            trial
                .refused(Delete, "/data-structures/9", None)
                .starts_with("404")
        );
    }

    #[test]
    fn a_structure_in_use_goes_only_when_that_is_confirmed() {
        let trial = Trial::new();
        let id = made(&trial)["id"].clone();
        let body = json!({ "teamId": 1, "name": "S", "datastructureId": id, "maxSizeMB": 1 });
        trial.post("/data-stores", body);
        let path = format!("/data-structures/{id}");
        assert!(trial.refused(Delete, &path, None).starts_with("406 IM004"));
        trial.delete(&format!("{path}?confirmed=true"));
    }
}
