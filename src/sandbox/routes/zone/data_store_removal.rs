//! How data stores are deleted, with their records: one by one or several at once.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::quirk::DeleteOneDataStore;
use crate::sandbox::routes::body::{Body, absent, wrong};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::Batch;

use super::data_stores::find;
use super::scope::required_team;
use super::uses::Uses;

/// `DELETE /data-stores/{id}`: how Make's own client deletes one. Its documents only know
/// [`several`].
pub(super) fn one(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    check_form(call, DeleteOneDataStore::Path)?;
    find(batch, id)?;
    delete(call, batch, &[id])?;
    reply(&json!({ "dataStore": id }))
}

/// `DELETE /data-stores`: those in `ids`, or `all` of a team but `exceptIds`.
pub(super) fn several(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    check_form(call, DeleteOneDataStore::Ids)?;
    let scope = required_team(call, batch)?;
    let mut there = Vec::new();
    batch.each(Collection::DataStores, |id, store| {
        if scope.holds(&store) {
            there.push(id);
        }
    })?;
    let body = call.body()?.only(&["ids", "all", "exceptIds"])?;
    let chosen = match (body.flag("all")?, ids(&body, "ids")?) {
        (Some(true), None) => {
            let kept = ids(&body, "exceptIds")?.unwrap_or_default();
            there.retain(|id| !kept.contains(id));
            there
        }
        (None | Some(false), Some(ids)) => {
            if let Some(unknown) = ids.iter().find(|id| !there.contains(id)) {
                return Err(Refusal::missing(format!(
                    "Data store not found '{unknown}'."
                )));
            }
            ids
        }
        (Some(true), Some(_)) => {
            return Err(Refusal::invalid("ids and all cannot be used together"));
        }
        (None | Some(false), None) => return Err(absent("ids")),
    };
    delete(call, batch, &chosen)?;
    reply(&json!({ "dataStores": chosen }))
}

/// Refuses a form of deletion that the world does not have.
fn check_form(call: &Call<'_>, form: DeleteOneDataStore) -> Result<(), Refusal> {
    let offered = call.quirks().delete_one_data_store;
    match offered == DeleteOneDataStore::Either || offered == form {
        true => Ok(()),
        false => Err(Refusal::wrong_method()),
    }
}

/// Deletes stores with their records. Make documents that a store in a scenario must be
/// confirmed; that one with records must, too, it does not say, so it need not here.
fn delete(call: &Call<'_>, batch: &mut Batch<'_>, ids: &[u64]) -> Result<(), Refusal> {
    for &id in ids {
        let uses = Uses::of(batch, Collection::DataStores, id)?;
        uses.confirm(call, "deleteDataStore")?;
        uses.let_go(call, batch)?;
        batch.remove_of(Collection::Records, id)?;
        batch.remove(Collection::DataStores, id)?;
    }
    Ok(())
}

/// A list of ids, if it is there.
fn ids(body: &Body, name: &str) -> Result<Option<Vec<u64>>, Refusal> {
    let Some(value) = body.get(name) else {
        return Ok(None);
    };
    let ids = value.as_array().and_then(|items| {
        let mut ids: Vec<u64> = items.iter().map(Value::as_u64).collect::<Option<_>>()?;
        ids.sort_unstable();
        ids.dedup();
        Some(ids)
    });
    ids.map(Some)
        .ok_or_else(|| wrong(name, "array of integers"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::Delete;
    use crate::sandbox::collection::Collection;
    use crate::sandbox::trial::Trial;

    fn made(trial: &Trial, name: &str) -> u64 {
        let body = json!({ "name": name, "teamId": 1, "maxSizeMB": 1 });
        let made = trial.post("/data-stores", body);
        made["dataStore"]["id"].as_u64().unwrap()
    }

    #[test]
    fn stores_are_deleted_several_at_once_as_the_documents_say() {
        let trial = Trial::new();
        let ids: Vec<u64> = ["a", "b", "c", "d"].map(|name| made(&trial, name)).to_vec();
        let ask = |query: &str, body: Value| {
            trial.ask(Delete, &format!("/data-stores?teamId=1{query}"), Some(body))
        };
        let (status, answer) = ask("", json!({ "ids": [ids[0]] }));
        assert_eq!((status, answer), (200, json!({ "dataStores": [ids[0]] })));
        // One that is not there keeps the others, too.
        assert_eq!(ask("", json!({ "ids": [ids[1], 9] })).0, 404);
        assert_eq!(
            trial.get(&format!("/data-stores/{}", ids[1]))["dataStore"]["name"],
            "b"
        );
        assert_eq!(ask("", json!({})).0, 400);
        assert_eq!(ask("", json!({ "ids": "all" })).0, 400);
        assert_eq!(ask("", json!({ "all": true, "ids": [ids[1]] })).0, 400);
        let (status, answer) = ask(
            "&confirmed=true",
            json!({ "all": true, "exceptIds": [ids[3]] }),
        );
        assert_eq!(
            (status, answer),
            (200, json!({ "dataStores": [ids[1], ids[2]] }))
        );
        assert_eq!(
            trial.refused(Delete, "/data-stores", Some(json!({ "all": true }))),
            "400 SC400 should have required property 'teamId'"
        );
    }

    #[test]
    fn a_store_in_use_goes_only_when_that_is_confirmed_with_its_records() {
        let trial = Trial::new();
        let id = made(&trial, "Seen");
        let path = format!("/data-stores/{id}");
        trial.post(
            &format!("{path}/data"),
            json!({ "key": "a", "data": { "x": 1 } }),
        );
        let flow = json!([{
            "id": 1, "module": "datastore:GetRecord", "version": 1,
            "parameters": { "datastore": id },
        }]);
        let scenario = trial.scenario("x", flow);
        assert!(trial.refused(Delete, &path, None).starts_with("406 IM004"));
        let body = Some(json!({ "ids": [id] }));
        let several = trial.refused(Delete, "/data-stores?teamId=1", body);
        assert!(several.starts_with("406 IM004"));
        trial.delete(&format!("{path}?confirmed=true"));
        let row = trial.get(&format!("/scenarios/{scenario}"));
        assert_eq!(row["scenario"]["isinvalid"], true);
        let left = trial.world.batch(|batch| {
            let mut left = 0;
            batch.each(Collection::Records, |_, _| left += 1)?;
            Ok(left)
        });
        assert_eq!(left.unwrap(), 0);
    }

    #[test]
    fn one_store_goes_by_the_form_that_the_quirk_says() {
        let deleted = |setting: &str| {
            let trial = Trial::quirky(&[&format!("delete-one-data-store={setting}")]);
            let (one, other) = (made(&trial, "a"), made(&trial, "b"));
            let path = trial.ask(Delete, &format!("/data-stores/{one}"), None).0;
            let ids = Some(json!({ "ids": [other] }));
            (path, trial.ask(Delete, "/data-stores?teamId=1", ids).0)
        };
        assert_eq!(deleted("either"), (200, 200));
        assert_eq!(deleted("path"), (200, 405));
        assert_eq!(deleted("ids"), (405, 200));
    }
}
