//! Data stores: tables of records in a team, each with the room that it may take.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::quirk::{DataStoreColumns, DataStoreRecords, UnknownIds};
use crate::sandbox::routes::body::{Body, absent, wrong};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use super::allowance::{Allowance, bytes};
use super::data_structures;
use super::scope::{check_team, existing, number, required_team, set};

/// The longest name.
const LONGEST_NAME: usize = 128;

/// The bytes of a megabyte, in which the size of a store is asked for.
const MEGABYTE: u64 = 1_048_576;

/// The structure is a column to ask for, unless a quirk says otherwise.
const LIST: List = List {
    collection: Collection::DataStores,
    name: "dataStores",
    usual: &["id", "name", "records", "size", "maxSize", "teamId"],
    further: &["datastructureId"],
    sorts: &["name"],
    order: Order::Ascending,
    page: Some(10),
};

/// One store alone has all of its columns.
const WHOLE: List = List {
    usual: &[
        "id",
        "name",
        "records",
        "size",
        "maxSize",
        "teamId",
        "datastructureId",
    ],
    further: &[],
    ..LIST
};

/// `GET /data-stores`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let scope = required_team(call, view)?;
    let list = match call.quirks().data_store_columns {
        DataStoreColumns::Listed => &LIST,
        DataStoreColumns::Whole => &WHOLE,
    };
    list.answer(
        call,
        view,
        |store| scope.holds(store),
        |store| shown(call, store),
    )
}

/// `GET /data-stores/{id}`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    answer_one(call, find(view, call.id(0)?)?)
}

/// `POST /data-stores`
pub(super) fn create(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let body = call
        .body()?
        .only(&["name", "teamId", "datastructureId", "maxSizeMB"])?;
    let team = body.required_id("teamId")?;
    check_team(batch, team)?;
    let name = body.required_text("name", LONGEST_NAME)?;
    let size = max_size(&body)?.ok_or_else(|| absent("maxSizeMB"))?;
    let structure = structure(call, batch, &body, team)?.flatten();
    let allowance = Allowance::of(call, batch, team)?;
    allowance.check_another_data_store()?;
    allowance.check_data_store_space(size, None)?;
    let id = batch.next_id(Collection::DataStores)?;
    let store = json!({
        "id": id, "name": name, "records": 0, "size": "0", "maxSize": size.to_string(),
        "teamId": team, "datastructureId": structure,
    });
    batch.put(Collection::DataStores, id, &store)?;
    answer_one(call, store)
}

/// `PATCH /data-stores/{id}`
pub(super) fn update(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    let mut store = find(batch, id)?;
    let team = number(&store, "teamId").unwrap_or_default();
    // Former versions of Make's own client sent the team along.
    let body = call
        .body()?
        .only(&["name", "teamId", "datastructureId", "maxSizeMB"])?;
    if body.get("teamId").is_some() && body.required_id("teamId")? != team {
        return Err(Refusal::invalid("a data store stays in its team"));
    }
    if body.get("name").is_some() {
        set(
            &mut store,
            "name",
            body.required_text("name", LONGEST_NAME)?,
        );
    }
    if let Some(structure) = structure(call, batch, &body, team)? {
        set(&mut store, "datastructureId", structure);
    }
    if let Some(size) = max_size(&body)? {
        let taken = bytes(&store, "size");
        if size < taken {
            return Err(Refusal::no_space(format!(
                "The records take {taken} bytes, more than the {size} that are asked for."
            )));
        }
        Allowance::of(call, batch, team)?.check_data_store_space(size, Some(id))?;
        set(&mut store, "maxSize", size.to_string());
    }
    batch.put(Collection::DataStores, id, &store)?;
    answer_one(call, store)
}

/// A store that must be there.
pub(super) fn find(world: &impl Objects, id: u64) -> Result<Value, Refusal> {
    existing(world, Collection::DataStores, id, "Data store")
}

fn answer_one(call: &Call<'_>, store: Value) -> Answer {
    reply(&json!({ "dataStore": WHOLE.row(call, shown(call, store))? }))
}

fn shown(call: &Call<'_>, mut store: Value) -> Value {
    if call.quirks().data_store_records == DataStoreRecords::Text {
        let records = number(&store, "records").unwrap_or(0);
        set(&mut store, "records", records.to_string());
    }
    store
}

/// The size that is asked for, in bytes, if any is.
fn max_size(body: &Body) -> Result<Option<u64>, Refusal> {
    let Some(asked) = body.get("maxSizeMB") else {
        return Ok(None);
    };
    let bytes = asked.as_u64().filter(|megabytes| *megabytes > 0);
    let bytes = bytes.and_then(|megabytes| megabytes.checked_mul(MEGABYTE));
    bytes
        .map(Some)
        .ok_or_else(|| wrong("maxSizeMB", "integer >= 1"))
}

/// The structure that is asked for, if the body says anything about it. It must be one of the
/// team's, unless a quirk lets in what is not there.
fn structure(
    call: &Call<'_>,
    world: &impl Objects,
    body: &Body,
    team: u64,
) -> Result<Option<Option<u64>>, Refusal> {
    let asked = body.nullable_id("datastructureId")?;
    if let Some(Some(id)) = asked
        && call.quirks().unknown_ids == UnknownIds::Refused
    {
        let found = existing(world, Collection::DataStructures, id, data_structures::NOUN)?;
        if number(&found, "teamId") != Some(team) {
            return Err(Refusal::missing(format!(
                "Data structure not found '{id}'."
            )));
        }
    }
    Ok(asked)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::{Delete, Get, Patch, Post};
    use crate::sandbox::collection::Collection;
    use crate::sandbox::trial::Trial;

    fn made(trial: &Trial, name: &str) -> u64 {
        let body = json!({ "name": name, "teamId": 1, "maxSizeMB": 1 });
        let made = trial.post("/data-stores", body);
        made["dataStore"]["id"].as_u64().unwrap()
    }

    fn license(trial: &Trial, name: &str, figure: u64) {
        let set = trial.world.batch(|batch| {
            let mut organization = batch.get(Collection::Organizations, 1)?.unwrap();
            organization["license"][name] = json!(figure);
            batch.put(Collection::Organizations, 1, &organization)
        });
        assert!(set.is_ok());
    }

    #[test]
    fn a_store_is_made_listed_changed_and_deleted() {
        let trial = Trial::new();
        let spec = json!({ "teamId": 1, "name": "Row", "strict": true, "spec": [] });
        let structure = trial.post("/data-structures", spec)["dataStructure"]["id"].clone();
        let body = json!({
            "name": "Customers", "teamId": 1, "datastructureId": structure, "maxSizeMB": 2,
        });
        let store = trial.post("/data-stores", body)["dataStore"].clone();
        let id = store["id"].clone();
        assert_eq!(
            store,
            json!({
                "id": id, "name": "Customers", "records": 0, "size": "0", "maxSize": "2097152",
                "teamId": 1, "datastructureId": structure,
            })
        );
        let path = format!("/data-stores/{id}");
        assert_eq!(trial.get(&path)["dataStore"], store);
        let some = trial.get(&format!("{path}?cols[]=maxSize"));
        assert_eq!(some["dataStore"], json!({ "maxSize": "2097152" }));
        let row = trial.get("/data-stores?teamId=1")["dataStores"][0].clone();
        assert_eq!((&row["id"], row.get("datastructureId")), (&id, None));
        let rows = trial.get("/data-stores?teamId=1&cols[]=id&cols[]=datastructureId");
        assert_eq!(
            rows["dataStores"],
            json!([{ "id": id, "datastructureId": structure }])
        );
        let change = json!({ "name": "C", "teamId": 1, "datastructureId": null, "maxSizeMB": 1 });
        let changed = trial.patch(&path, change)["dataStore"].clone();
        assert_eq!(
            (
                &changed["name"],
                &changed["maxSize"],
                &changed["datastructureId"]
            ),
            (&json!("C"), &json!("1048576"), &Value::Null)
        );
        assert_eq!(trial.delete(&path), json!({ "dataStore": id }));
        assert!(trial.refused(Get, &path, None).starts_with("404"));
    }

    #[test]
    fn stores_look_as_the_quirks_say() {
        let row = |quirk: &str| {
            let trial = Trial::quirky(&[quirk]);
            let path = format!("/data-stores/{}", made(&trial, "a"));
            let one = trial.get(&path)["dataStore"].clone();
            assert_eq!(one.get("datastructureId"), Some(&Value::Null));
            trial.get("/data-stores?teamId=1")["dataStores"][0].clone()
        };
        let has_structure = |quirk: &str| row(quirk).get("datastructureId").is_some();
        assert!(!has_structure("data-store-columns=listed"));
        assert!(has_structure("data-store-columns=whole"));
        assert_eq!(row("data-store-records=text")["records"], "0");
        assert_eq!(row("data-store-records=number")["records"], 0);
        let unknown = |setting: &str| {
            let trial = Trial::quirky(&[&format!("unknown-ids={setting}")]);
            let body = json!({ "name": "x", "teamId": 1, "maxSizeMB": 1, "datastructureId": 9 });
            trial.ask(Post, "/data-stores", Some(body)).0
        };
        assert_eq!((unknown("refused"), unknown("accepted")), (404, 200));
    }

    #[test]
    fn stores_are_listed_by_pages_of_ten() {
        let trial = Trial::new();
        license(&trial, "dslimit", 0);
        license(&trial, "dsslimit", 0);
        for number in 0..12 {
            made(&trial, &format!("store {number:02}"));
        }
        let names = |query: &str| {
            let rows = trial.get(&format!("/data-stores?teamId=1&cols[]=name{query}"));
            let rows = rows["dataStores"].as_array().unwrap().clone();
            (rows.len(), rows[0]["name"].as_str().unwrap().to_owned())
        };
        assert_eq!(names(""), (10, "store 00".to_owned()));
        assert_eq!(names("&pg[offset]=10"), (2, "store 10".to_owned()));
        assert_eq!(
            names("&pg[limit]=3&pg[sortDir]=desc"),
            (3, "store 11".to_owned())
        );
    }

    #[test]
    fn the_license_bounds_number_and_size() {
        let trial = Trial::new();
        license(&trial, "dslimit", 2);
        license(&trial, "dsslimit", 4 * 1_048_576);
        let id = made(&trial, "a");
        let post = |megabytes: u64| {
            let body = json!({ "name": "b", "teamId": 1, "maxSizeMB": megabytes });
            trial.ask(Post, "/data-stores", Some(body))
        };
        assert_eq!(post(4).1["code"], "IM003");
        assert_eq!(post(2).0, 200);
        let path = format!("/data-stores/{id}");
        let more = trial.refused(Patch, &path, Some(json!({ "maxSizeMB": 3 })));
        assert!(more.starts_with("400 IM003"), "{more}");
        trial.patch(&path, json!({ "maxSizeMB": 2 }));
        trial.patch(&path, json!({ "maxSizeMB": 1 }));
        assert_eq!(post(1).1["code"], "IM011");
        license(&trial, "dslimit", 0);
        assert_eq!(post(1).0, 200);
    }

    #[test]
    fn what_no_store_can_be_is_refused() {
        let trial = Trial::new();
        let id = made(&trial, "a");
        let post = |body: Value| trial.refused(Post, "/data-stores", Some(body));
        let path = format!("/data-stores/{id}");
        let patch = |body: Value| trial.refused(Patch, &path, Some(body));
        assert!(post(json!({ "name": "x", "teamId": 9, "maxSizeMB": 1 })).starts_with("403"));
        assert!(post(json!({ "name": "x", "teamId": 1 })).starts_with("400"));
        for size in [json!(0), json!("1"), json!(1.5), json!(-1), json!(u64::MAX)] {
            assert!(
                patch(json!({ "maxSizeMB": size })).starts_with("400"),
                "{size}"
            );
        }
        assert!(patch(json!({ "name": "" })).starts_with("400"));
        assert!(patch(json!({ "teamId": 2 })).starts_with("400"));
        assert!(patch(json!({ "maxSize": "1" })).starts_with("400"));
        assert!(patch(json!({ "datastructureId": 9 })).starts_with("404"));
        assert!(
            trial
                .refused(Delete, "/data-stores/9", None)
                .starts_with("404")
        );
    }
}
