//! Connections: looked up, made, renamed, deleted. Their secrets are not in a world at all: what
//! is sent of them is checked and dropped, and only the names of the fields are kept.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use super::connection_data::{self, holds_scopes, is_oauth};
use super::scope::{check_team, existing, number, organization_of, required_team, set, text};
use super::uses::{Uses, scenarios_by_thing};

/// The longest name. Make does not state it; it is that of keys, hooks and data stores.
const LONGEST_NAME: usize = 128;

const LIST: List = List {
    collection: Collection::Connections,
    name: "connections",
    usual: &[
        "id",
        "name",
        "accountName",
        "accountLabel",
        "packageName",
        "expire",
        "metadata",
        "teamId",
        "theme",
        "upgradeable",
        "scopesCnt",
        "scoped",
        "accountType",
        "editable",
        "uid",
        "connectedSystemId",
        "organizationId",
    ],
    further: &["scenarioUsages"],
    sorts: &["name"],
    order: Order::Ascending,
    page: None,
};

/// One connection alone has its scopes, too.
const ONE: List = List {
    usual: &[
        "id",
        "name",
        "accountName",
        "accountLabel",
        "packageName",
        "expire",
        "metadata",
        "teamId",
        "theme",
        "upgradeable",
        "scopesCnt",
        "scoped",
        "accountType",
        "editable",
        "uid",
        "connectedSystemId",
        "organizationId",
        "scopes",
    ],
    ..LIST
};

/// `GET /connections`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let scope = required_team(call, view)?;
    let kinds: Vec<&str> = call.query_all("type[]").collect();
    let is_wanted = |object: &Value| {
        let kind = text(object, "accountName").unwrap_or_default();
        kinds.is_empty() || kinds.contains(&kind)
    };
    let mut columns = call.query_all("cols[]");
    let usages = match columns.any(|column| column == "scenarioUsages" || column == "*") {
        true => Some(scenarios_by_thing(view, Collection::Connections)?),
        false => None,
    };
    LIST.answer(
        call,
        view,
        |object| scope.holds(object) && is_wanted(object),
        |mut object| {
            show_scoped(call, &mut object);
            if let (Some(usages), Some(id)) = (&usages, number(&object, "id")) {
                let users = usages.get(&id).cloned().unwrap_or_default();
                set(&mut object, "scenarioUsages", users);
            }
            object
        },
    )
}

/// Scopes can be asked for by type (`google[]=..`). Whether connections without them are left
/// out is not documented; here they are in, and `scoped` says that they lack some.
fn show_scoped(call: &Call<'_>, object: &mut Value) {
    let kind = text(object, "accountName").unwrap_or_default();
    if matches!(kind, "type" | "cols") {
        return; // these are parameters of the list itself
    }
    let asked: Vec<&str> = call.query_all(&format!("{kind}[]")).collect();
    if !asked.is_empty() {
        let scoped = holds_scopes(object, &asked);
        set(object, "scoped", scoped);
    }
}

/// `GET /connections/{id}`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    let mut found = find(call, view)?;
    if found.get("scopes").is_none() {
        set(&mut found, "scopes", json!([]));
    }
    let users = Uses::of(view, Collection::Connections, call.id(0)?)?.scenarios();
    set(&mut found, "scenarioUsages", users);
    reply(&json!({ "connection": ONE.row(call, found)? }))
}

/// `POST /connections`: in the body, `accountName` is the name and `accountType` the type, and
/// the rest is what the type asks for.
pub(super) fn create(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let team = call.required_number("teamId")?;
    check_team(batch, team)?;
    let body = call.body()?;
    let name = body.required_text("accountName", LONGEST_NAME)?;
    let kind = body.required_text("accountType", LONGEST_NAME)?;
    let scopes = connection_data::asked_scopes(&body, kind)?;
    let oauth = is_oauth(kind);
    let id = batch.next_id(Collection::Connections)?;
    let mut connection = json!({
        "id": id, "name": name, "accountName": kind, "accountLabel": connection_data::label(kind),
        "packageName": null, "expire": null, "metadata": null, "teamId": team,
        "theme": "#fecd5f", "upgradeable": false, "scopesCnt": scopes.len(), "scoped": true,
        "accountType": if oauth { "oauth" } else { "basic" }, "editable": !oauth, "uid": null,
        "connectedSystemId": null, "organizationId": organization_of(batch, team)?, "scopes": scopes,
    });
    let own = ["accountName", "accountType", "scopes", "teamId"];
    let fields = body.fields().iter();
    let fields = fields.filter(|(field, _)| !own.contains(&field.as_str()));
    connection_data::note_fields(&mut connection, fields);
    batch.put(Collection::Connections, id, &connection)?;
    answer_one(call, connection)
}

/// `PATCH /connections/{id}`: the name, and nothing else.
pub(super) fn rename(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let mut connection = find(call, batch)?;
    let body = call.body()?.only(&["name"])?;
    let name = body.required_text("name", LONGEST_NAME)?;
    set(&mut connection, "name", name);
    batch.put(Collection::Connections, call.id(0)?, &connection)?;
    answer_one(call, connection)
}

/// `DELETE /connections/{id}`: one in use only with `confirmed=true`.
pub(super) fn remove(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    find(call, batch)?;
    let id = call.id(0)?;
    let uses = Uses::of(batch, Collection::Connections, id)?;
    uses.confirm(call, "deleteConnection")?;
    uses.let_go(call, batch)?;
    batch.remove(Collection::Connections, id)?;
    reply(&json!({ "connection": id }))
}

/// The connection of the path.
pub(super) fn find(call: &Call<'_>, world: &impl Objects) -> Result<Value, Refusal> {
    existing(world, Collection::Connections, call.id(0)?, "Connection")
}

fn answer_one(call: &Call<'_>, connection: Value) -> Answer {
    reply(&json!({ "connection": LIST.row(call, connection)? }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::{Delete, Get, Patch, Post};
    use crate::sandbox::trial::Trial;

    fn made(trial: &Trial, kind: &str) -> (u64, String) {
        let body = json!({ "accountName": "Mine", "accountType": kind, "apiKey": "s3cret" });
        let made = trial.post("/connections?teamId=1", body)["connection"].clone();
        let id = made["id"].as_u64().unwrap();
        (id, format!("/connections/{id}"))
    }

    #[test]
    fn connections_are_listed_by_team_type_and_column() {
        let trial = Trial::new();
        let all = trial.get("/connections?teamId=1");
        assert_eq!(all["connections"].as_array().map(Vec::len), Some(5));
        assert_eq!(all.get("pg"), None);
        let two = trial.get("/connections?teamId=1&type[]=slack&type[]=google&cols[]=name");
        assert_eq!(
            two["connections"],
            json!([{ "name": "Acme Google" }, { "name": "Acme Slack" }])
        );
        assert_eq!(
            trial.get("/connections/301")["connection"]["scopes"],
            json!([])
        );
        assert!(trial.refused(Get, "/connections", None).starts_with("400"));
        let other = trial.refused(Get, "/connections?teamId=9", None);
        assert!(other.starts_with("403"), "{other}");
    }

    #[test]
    fn an_id_at_another_service_may_be_above_64_bits() {
        let trial = Trial::new();
        let answer = trial.send(Get, "/connections?teamId=1&type[]=google", None);
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(text.contains("\"uid\":225874569526501080000,"), "{text}");
    }

    #[test]
    fn scopes_are_shown_and_asked_for_by_type() {
        let trial = Trial::new();
        let drive = "https://www.googleapis.com/auth/drive";
        let google = trial.get("/connections/303")["connection"].clone();
        assert_eq!(
            google["scopesCnt"],
            google["scopes"].as_array().unwrap().len()
        );
        assert_eq!(google["scopes"][0]["account"], "google");
        let scoped = |wanted: &str| {
            let path = format!("/connections?teamId=1&type[]=google&google[]={wanted}");
            trial.get(&path)["connections"][0]["scoped"].clone()
        };
        assert_eq!(
            (scoped(drive), scoped("other")),
            (json!(true), json!(false))
        );
        let body = json!({ "scope": [drive, "other"] });
        let answer = trial.post("/connections/303/scoped", body);
        assert_eq!(answer, json!({ "connection": { "scoped": false } }));
        let answer = trial.post("/connections/303/scoped", json!({ "scope": [drive] }));
        assert_eq!(answer, json!({ "connection": { "scoped": true } }));
        let wrong = trial.refused(
            Post,
            "/connections/303/scoped",
            Some(json!({ "scope": "x" })),
        );
        assert!(wrong.starts_with("400"));
    }

    #[test]
    fn a_connection_is_made_renamed_and_deleted_and_tells_no_secret() {
        let trial = Trial::new();
        let (id, path) = made(&trial, "make");
        let connection = trial.get(&path)["connection"].clone();
        assert_eq!(connection["name"], "Mine");
        assert_eq!(connection["accountName"], "make");
        assert_eq!(connection["accountType"], "basic");
        let renamed = trial.patch(&format!("{path}?cols[]=name"), json!({ "name": "Yours" }));
        assert_eq!(renamed, json!({ "connection": { "name": "Yours" } }));
        let all = trial.get("/connections?teamId=1&cols[]=*").to_string();
        assert!(all.contains("Yours") && !all.contains("s3cret"));
        assert_eq!(trial.delete(&path), json!({ "connection": id }));
        assert!(trial.refused(Get, &path, None).starts_with("404"));
    }

    #[test]
    fn a_connection_in_use_goes_only_when_that_is_confirmed() {
        let trial = Trial::new();
        let flow = json!([{
            "id": 1, "module": "slack:CreateMessage", "version": 4,
            "parameters": { "__IMTCONN__": 301 },
        }]);
        let scenario = trial.scenario("x", flow);
        let usages = json!([{ "id": scenario, "name": "x" }]);
        let shown = trial.get("/connections/301?cols[]=scenarioUsages");
        assert_eq!(shown["connection"]["scenarioUsages"], usages);
        let listed = trial.get("/connections?teamId=1&type[]=slack&cols[]=scenarioUsages");
        assert_eq!(listed["connections"], json!([{ "scenarioUsages": usages }]));

        let (status, body) = trial.ask(Delete, "/connections/301", None);
        assert_eq!((status, &body["code"]), (406, &json!("IM004")));
        assert_eq!(body["metadata"][0]["data"][0]["scenarioId"], scenario);
        trial.delete("/connections/301?confirmed=true");
        let row = trial.get(&format!("/scenarios/{scenario}"))["scenario"].clone();
        assert_eq!(
            (&row["isinvalid"], &row["isActive"]),
            (&json!(true), &json!(false))
        );
        let start = trial.refused(Post, &format!("/scenarios/{scenario}/start"), None);
        assert!(start.starts_with('4'), "{start}");
    }

    #[test]
    fn what_no_connection_can_be_is_refused() {
        let trial = Trial::new();
        let refused = |path: &str, body: Value| trial.refused(Post, path, Some(body));
        let body = json!({ "accountName": "a", "accountType": "make" });
        assert!(refused("/connections", body.clone()).starts_with("400"));
        assert!(refused("/connections?teamId=9", body).starts_with("403"));
        let body = json!({ "accountName": "a" });
        assert_eq!(
            refused("/connections?teamId=1", body),
            "400 SC400 should have required property 'accountType'"
        );
        let long = json!({ "name": "x".repeat(129) });
        assert!(
            trial
                .refused(Patch, "/connections/301", Some(long))
                .starts_with("400")
        );
        let more = json!({ "name": "x", "teamId": 2 });
        assert!(
            trial
                .refused(Patch, "/connections/301", Some(more))
                .starts_with("400")
        );
        assert!(
            trial
                .refused(Delete, "/connections/999", None)
                .starts_with("404")
        );
    }
}
