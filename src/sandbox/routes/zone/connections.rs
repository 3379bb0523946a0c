//! Connections: looked up, never made. Their secrets are not in a world at all.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, reply};
use crate::sandbox::store::View;

use super::scope::{existing, required_team, set, text};

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
    further: &[],
    sorts: &["name"],
    order: Order::Ascending,
    page: None,
};

/// `GET /connections`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let scope = required_team(call, view)?;
    let kinds: Vec<&str> = call.query_all("type[]").collect();
    let is_wanted = |object: &Value| {
        let kind = text(object, "accountName").unwrap_or_default();
        kinds.is_empty() || kinds.contains(&kind)
    };
    LIST.answer(
        call,
        view,
        |object| scope.holds(object) && is_wanted(object),
        |object| object,
    )
}

/// `GET /connections/{id}`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    let mut found = existing(view, Collection::Connections, call.id(0)?, "Connection")?;
    set(&mut found, "scopes", json!([]));
    reply(&json!({ "connection": found }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::live::transport::Method::Get;
    use crate::sandbox::collection::Collection;
    use crate::sandbox::trial::Trial;

    #[test]
    fn connections_keys_and_data_are_looked_up_by_team() {
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

        let put = trial.world.batch(|batch| {
            let key = json!({ "id": 501, "name": "CRM", "typeName": "apikeyauth", "teamId": 1 });
            batch.put(Collection::Keys, 501, &key)?;
            let store = json!({
                "id": 601, "name": "Seen", "records": 0, "size": "0", "maxSize": "1048576",
                "teamId": 1, "datastructureId": 701,
            });
            batch.put(Collection::DataStores, 601, &store)?;
            let structure =
                json!({ "id": 701, "name": "Row", "teamId": 1, "spec": [], "strict": true });
            batch.put(Collection::DataStructures, 701, &structure)
        });
        assert!(put.is_ok());
        assert_eq!(
            trial.get("/keys?teamId=1")["keys"],
            json!([{ "id": 501, "name": "CRM" }])
        );
        assert_eq!(trial.get("/keys/501")["key"]["typeName"], "apikeyauth");
        let stores = trial.get("/data-stores?teamId=1&cols[]=id&cols[]=datastructureId");
        assert_eq!(
            stores["dataStores"],
            json!([{ "id": 601, "datastructureId": 701 }])
        );
        let structures = trial.get("/data-structures?teamId=1&cols[]=strict");
        assert_eq!(structures["dataStructures"], json!([{ "strict": true }]));
        assert_eq!(
            trial.get("/data-structures/701")["dataStructure"]["spec"],
            json!([])
        );
        assert_eq!(
            trial.get("/teams?organizationId=1")["teams"][0]["name"],
            "Sandbox team"
        );
        let zones = trial.get("/enums/timezones");
        assert_eq!(zones["timezones"][8]["name"], "(GMT+01:00) Europe/Prague");
    }
}
