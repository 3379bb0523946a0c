//! Keys. Their values are checked against their type and dropped: a world has none to tell.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::body::{absent, wrong};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use super::key_types;
use super::scope::{check_team, existing, required_team, set, text};
use super::uses::Uses;

/// The longest name.
const LONGEST_NAME: usize = 128;

const LIST: List = List {
    collection: Collection::Keys,
    name: "keys",
    usual: &["id", "name"],
    further: &["typeName", "teamId", "packageName", "theme"],
    sorts: &["name"],
    order: Order::Ascending,
    page: None,
};

/// One key alone has all of its columns.
const ONE: List = List {
    usual: &["id", "name", "typeName", "teamId", "packageName", "theme"],
    further: &[],
    ..LIST
};

/// `GET /keys`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let scope = required_team(call, view)?;
    let kind = call.query("typeName");
    let is_wanted = |object: &Value| kind.is_none() || text(object, "typeName") == kind;
    LIST.answer(
        call,
        view,
        |object| scope.holds(object) && is_wanted(object),
        |object| object,
    )
}

/// `GET /keys/types`
pub(super) fn types(_: &Call<'_>, _: &View<'_>) -> Answer {
    let types: Vec<Value> = key_types::all()
        .iter()
        .map(key_types::KeyType::shown)
        .collect();
    reply(&json!({ "keysTypes": types }))
}

/// `GET /keys/{id}`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    answer_one(call, find(call, view)?)
}

/// `POST /keys`
pub(super) fn create(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let body = call
        .body()?
        .only(&["teamId", "name", "typeName", "parameters"])?;
    let team = body.required_id("teamId")?;
    check_team(batch, team)?;
    let name = body.required_text("name", LONGEST_NAME)?;
    let kind = body.required_text("typeName", LONGEST_NAME)?;
    let kind = key_types::find(kind)
        .ok_or_else(|| Refusal::invalid(format!("unknown type of key '{kind}'")))?;
    let parameters = body.get("parameters").ok_or_else(|| absent("parameters"))?;
    check_parameters(kind, parameters)?;
    let id = batch.next_id(Collection::Keys)?;
    let key = json!({
        "id": id, "name": name, "typeName": kind.name, "teamId": team, "packageName": null,
        "theme": kind.theme,
    });
    batch.put(Collection::Keys, id, &key)?;
    answer_one(call, key)
}

/// `PATCH /keys/{id}`
pub(super) fn update(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let mut key = find(call, batch)?;
    let body = call.body()?.only(&["name", "parameters"])?;
    if body.get("name").is_some() {
        set(&mut key, "name", body.required_text("name", LONGEST_NAME)?);
    }
    if let Some(parameters) = body.get("parameters") {
        match text(&key, "typeName").and_then(key_types::find) {
            Some(kind) => check_parameters(kind, parameters)?,
            // A type of some app: what it asks for is the app's affair.
            None if parameters.is_object() => {}
            None => return Err(wrong("parameters", "object")),
        }
    }
    batch.put(Collection::Keys, call.id(0)?, &key)?;
    answer_one(call, key)
}

/// `DELETE /keys/{id}`: one in use only with `confirmed=true`.
pub(super) fn remove(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    find(call, batch)?;
    let id = call.id(0)?;
    let uses = Uses::of(batch, Collection::Keys, id)?;
    uses.confirm(call, "deleteKey")?;
    uses.let_go(call, batch)?;
    batch.remove(Collection::Keys, id)?;
    reply(&json!({ "key": id }))
}

fn find(call: &Call<'_>, world: &impl Objects) -> Result<Value, Refusal> {
    existing(world, Collection::Keys, call.id(0)?, "Key")
}

fn answer_one(call: &Call<'_>, key: Value) -> Answer {
    reply(&json!({ "key": ONE.row(call, key)? }))
}

/// Refuses parameters without what the type must have. Whether Make refuses more than it knows
/// is not documented; the examples of its own clients send names that the types do not list.
fn check_parameters(kind: &key_types::KeyType, parameters: &Value) -> Result<(), Refusal> {
    let given = parameters
        .as_object()
        .ok_or_else(|| wrong("parameters", "object"))?;
    let mut required = kind.fields.iter().filter(|field| field.required);
    match required.find(|field| !given.contains_key(field.name)) {
        None => Ok(()),
        Some(field) => Err(absent(field.name)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::{Delete, Get, Patch, Post};
    use crate::sandbox::trial::Trial;

    fn basic() -> Value {
        json!({
            "teamId": "1", "name": "CRM", "typeName": "basicauth",
            "parameters": { "authUser": "me", "authPass": "s3cret" },
        })
    }

    #[test]
    fn a_key_is_made_read_changed_and_deleted_and_its_value_never_comes_back() {
        let trial = Trial::new();
        let key = trial.post("/keys", basic())["key"].clone();
        let id = key["id"].clone();
        assert_eq!(
            key,
            json!({
                "id": id, "name": "CRM", "typeName": "basicauth", "teamId": 1,
                "packageName": null, "theme": "#007ee5",
            })
        );
        let path = format!("/keys/{id}");
        assert_eq!(trial.get(&path)["key"], key);
        let some = trial.get(&format!("{path}?cols[]=typeName"));
        assert_eq!(some["key"], json!({ "typeName": "basicauth" }));
        let renamed = trial.patch(&path, json!({ "name": "ERP", "parameters": {} }));
        assert_eq!(renamed["key"]["name"], "ERP");
        let listed = trial.get("/keys?teamId=1");
        assert_eq!(listed, json!({ "keys": [{ "id": id, "name": "ERP" }] }));
        let whole = trial
            .get("/keys?teamId=1&cols[]=*&typeName=basicauth")
            .to_string();
        assert!(whole.contains("basicauth") && !whole.contains("s3cret"));
        let others = trial.get("/keys?teamId=1&typeName=aes-key");
        assert_eq!(others["keys"], json!([]));
        assert_eq!(trial.delete(&path), json!({ "key": id }));
        assert!(trial.refused(Get, &path, None).starts_with("404"));
    }

    #[test]
    fn types_say_what_they_ask_for() {
        let trial = Trial::new();
        let types = trial.get("/keys/types")["keysTypes"].clone();
        let types = types.as_array().unwrap();
        let named = |name: &str| types.iter().find(|kind| kind["name"] == name).unwrap();
        let basic = &named("basicauth")["parameters"];
        assert_eq!(
            (&basic[0]["name"], &basic[1]["type"]),
            (&json!("authUser"), &json!("password"))
        );
        let placement = &named("apikeyauth")["parameters"][1];
        assert_eq!(
            (&placement["type"], &placement["default"]),
            (&json!("select"), &json!("header"))
        );
        assert_eq!(
            placement["options"][1],
            json!({ "label": "Query string", "value": "qs" })
        );
        for name in [
            "aes-key",
            "apn",
            "clientcertauth",
            "eet",
            "gpg-private",
            "gpg-public",
            "webpay",
        ] {
            named(name);
        }
    }

    #[test]
    fn what_no_key_can_be_is_refused() {
        let trial = Trial::new();
        let refused = |change: fn(&mut Value)| {
            let mut body = basic();
            change(&mut body);
            trial.refused(Post, "/keys", Some(body))
        };
        assert!(refused(|body| body["teamId"] = json!(9)).starts_with("403"));
        assert!(refused(|body| body["typeName"] = json!("nokey")).starts_with("400"));
        assert!(refused(|body| body["name"] = json!("")).starts_with("400"));
        assert!(refused(|body| body["parameters"] = json!("x")).starts_with("400"));
        assert!(refused(|body| body["value"] = json!("x")).starts_with("400"));
        assert_eq!(
            refused(|body| {
                body["typeName"] = json!("apikeyauth");
                body["parameters"] = json!({ "placement": "header" });
            }),
            "400 SC400 should have required property 'key'"
        );
        let path = format!("/keys/{}", trial.post("/keys", basic())["key"]["id"]);
        let moved = trial.refused(Patch, &path, Some(json!({ "typeName": "aes-key" })));
        assert!(moved.starts_with("400"));
        assert!(
            trial
                .refused(Get, "/keys?teamId=9", None)
                .starts_with("403")
        );
    }

    #[test]
    fn a_key_in_use_goes_only_when_that_is_confirmed() {
        let trial = Trial::new();
        let key = trial.post("/keys", basic())["key"]["id"].clone();
        let flow = json!([{
            "id": 1, "module": "http:ActionSendDataBasicAuth", "version": 3,
            "parameters": { "auth": key },
        }]);
        trial.scenario("x", flow);
        let path = format!("/keys/{key}");
        assert!(trial.refused(Delete, &path, None).starts_with("406 IM004"));
        trial.delete(&format!("{path}?confirmed=true"));
    }
}
