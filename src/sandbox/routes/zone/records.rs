//! The records of a data store: their keys are unique in it, and their number and size are in
//! its row.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::sandbox::collection::Collection;
use crate::sandbox::record::{self, count, size};
use crate::sandbox::routes::body::{Body, absent, wrong};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use super::allowance::bytes;
use super::connection_data::names;
use super::data_stores::find;
use super::record_data::check;
use super::scope::{number, text};

/// The rows of a page when `pg[limit]` asks for none.
const PAGE: u64 = 10;

/// The longest key. Make states 255 bytes for the keys of its modules.
const LONGEST_KEY: usize = 255;

/// `GET /data-stores/{id}/data`: in the order in which they came.
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let id = call.id(0)?;
    let store = find(view, id)?;
    let offset = call.query_number("pg[offset]")?.unwrap_or(0);
    let limit = call.query_number("pg[limit]")?.unwrap_or(PAGE);
    let mut rows = Vec::new();
    let mut count = 0_u64;
    each(view, id, |_, record| {
        if count >= offset && count - offset < limit {
            rows.push(shown(&record));
        }
        count += 1;
    })?;
    let structure = structure(view, &store)?;
    let of_structure = |field: &str| structure.as_ref().and_then(|found| found.get(field));
    reply(&json!({
        "records": rows,
        "spec": of_structure("spec").cloned().unwrap_or_else(|| json!([])),
        "strict": of_structure("strict").cloned().unwrap_or(json!(false)),
        "count": count,
        "pg": { "limit": limit, "offset": offset },
    }))
}

/// `POST /data-stores/{id}/data`
pub(super) fn create(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    let store = find(batch, id)?;
    let body = call.body()?.only(&["key", "data"])?;
    let data = object(body.get("data").ok_or_else(|| absent("data"))?)?;
    let key = match body.get("key") {
        None | Some(Value::Null) => new_key(id, record::next(&store)),
        Some(_) => body.required_text("key", LONGEST_KEY)?.to_owned(),
    };
    if position(batch, id, &key)?.is_some() {
        return Err(taken(&key));
    }
    put(batch, id, &key, data.clone())
}

/// `PUT /data-stores/{id}/data/{key}`: the body is all that the record has from then on. Make's
/// own client says of it that a record which is not there is made.
pub(super) fn replace(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let (id, key) = (call.id(0)?, call.text_segment(1)?);
    find(batch, id)?;
    let data = call.body()?.fields().clone();
    put(batch, id, &key, data)
}

/// `PATCH /data-stores/{id}/data/{key}`: fields that are not in the body stay as they are.
pub(super) fn update(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let (id, key) = (call.id(0)?, call.text_segment(1)?);
    find(batch, id)?;
    let Some((_, record)) = position(batch, id, &key)? else {
        return Err(Refusal::missing(format!("Record not found '{key}'.")));
    };
    let mut data = object(record.get("data").unwrap_or(&Value::Null))?.clone();
    for (field, value) in call.body()?.fields() {
        data.insert(field.clone(), value.clone());
    }
    put(batch, id, &key, data)
}

/// `DELETE /data-stores/{id}/data`: those in `keys`, or `all` but `exceptKeys`, which must be
/// confirmed.
pub(super) fn remove(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    find(batch, id)?;
    let body = call.body()?.only(&["keys", "all", "exceptKeys"])?;
    let all = body.flag("all")?.unwrap_or(false);
    let chosen: Box<dyn Fn(&str) -> bool> = match (all, keys(&body, "keys")?) {
        (true, None) => {
            let kept = keys(&body, "exceptKeys")?.unwrap_or_default();
            Box::new(move |key| !kept.iter().any(|one| one == key))
        }
        // Keys that are not there are no reason to refuse: they are gone, as was asked.
        (false, Some(keys)) => Box::new(move |key| keys.iter().any(|one| one == key)),
        (true, Some(_)) => {
            return Err(Refusal::invalid("keys and all cannot be used together"));
        }
        (false, None) => return Err(absent("keys")),
    };
    let mut found = Vec::new();
    each(batch, id, |place, record| {
        let key = text(&record, "key").unwrap_or_default();
        if chosen(key) {
            found.push((place, key.to_owned(), size(&record)));
        }
    })?;
    if all && !found.is_empty() && !call.is_confirmed()? {
        let data = json!([{ "type": "deleteRecords", "data": [{ "count": found.len() }] }]);
        return Err(Refusal::unconfirmed(data));
    }
    let mut store = find(batch, id)?;
    for (place, _, size) in &found {
        batch.remove(Collection::Records, *place)?;
        let left = bytes(&store, "size").saturating_sub(*size);
        count(&mut store, -1, left);
    }
    batch.put(Collection::DataStores, id, &store)?;
    let keys: Vec<String> = found.into_iter().map(|(_, key, _)| key).collect();
    reply(&json!({ "keys": keys }))
}

/// Puts a record in place of any with its key, and answers it. The store's row says afterwards
/// how many there are and how much room they take; more than its room is refused.
fn put(batch: &mut Batch<'_>, id: u64, key: &str, data: Map<String, Value>) -> Answer {
    let mut store = find(batch, id)?;
    if let Some(structure) = structure(batch, &store)? {
        check(&structure, &data)?;
    }
    let record = record::object(id, key, Value::Object(data));
    let former = position(batch, id, key)?;
    let freed = former.as_ref().map_or(0, |(_, former)| size(former));
    let taken = bytes(&store, "size").saturating_sub(freed) + size(&record);
    let room = bytes(&store, "maxSize");
    if taken > room {
        return Err(Refusal::no_space(format!(
            "The data store has room for {room} bytes, and its records would take {taken}."
        )));
    }
    let place = match former {
        Some((place, _)) => {
            count(&mut store, 0, taken);
            place
        }
        None => {
            count(&mut store, 1, taken);
            record::take_place(&mut store, id)
        }
    };
    batch.put(Collection::Records, place, &record)?;
    batch.put(Collection::DataStores, id, &store)?;
    reply(&shown(&record))
}

/// The structure of a store's records, if it has one.
fn structure(world: &impl Objects, store: &Value) -> Result<Option<Value>, Refusal> {
    match number(store, "datastructureId") {
        Some(id) => Ok(world.object(Collection::DataStructures, id)?),
        None => Ok(None),
    }
}

/// Where the record of a key is, and what is there.
fn position(world: &impl Objects, store: u64, key: &str) -> Result<Option<(u64, Value)>, Refusal> {
    let mut found = None;
    each(world, store, |place, record| {
        if text(&record, "key") == Some(key) {
            found = Some((place, record));
        }
    })?;
    Ok(found)
}

fn each(world: &impl Objects, store: u64, visit: impl FnMut(u64, Value)) -> Result<(), Refusal> {
    let places = Collection::pair(store, 0)..=Collection::pair(store, u64::MAX);
    Ok(world.each_in(Collection::Records, places, visit)?)
}

fn shown(record: &Value) -> Value {
    json!({ "key": record.get("key"), "data": record.get("data") })
}

fn object(value: &Value) -> Result<&Map<String, Value>, Refusal> {
    value.as_object().ok_or_else(|| wrong("data", "object"))
}

/// What happens to a record whose key is there is not documented; Make's module for it refuses
/// unless it is told to overwrite, which the API has no way to say.
fn taken(key: &str) -> Refusal {
    Refusal::exists(format!("A record with the key '{key}' already exists."))
}

/// A key that Make would give: twelve hexadecimal digits. The same for the same record of every
/// world, so that what a world answers can be compared.
fn new_key(store: u64, next: u64) -> String {
    let digest = Sha256::digest(format!("{store}/{next}"));
    let digits = digest.iter().take(6).map(|byte| format!("{byte:02x}"));
    digits.collect()
}

fn keys(body: &Body, name: &str) -> Result<Option<Vec<String>>, Refusal> {
    let Some(value) = body.get(name) else {
        return Ok(None);
    };
    let keys = names(value).ok_or_else(|| wrong(name, "array of strings"))?;
    Ok(Some(keys.into_iter().map(str::to_owned).collect()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::{Delete, Get, Patch, Post, Put};
    use crate::sandbox::trial::Trial;

    /// A store with room for one megabyte, and the path of its records.
    fn made(trial: &Trial, structure: Value) -> (String, String) {
        let body = json!({
            "name": "S", "teamId": 1, "maxSizeMB": 1, "datastructureId": structure,
        });
        let id = trial.post("/data-stores", body)["dataStore"]["id"].clone();
        (
            format!("/data-stores/{id}"),
            format!("/data-stores/{id}/data"),
        )
    }

    fn row(trial: &Trial, store: &str) -> (Value, Value) {
        let row = trial.get(store)["dataStore"].clone();
        (row["records"].clone(), row["size"].clone())
    }

    #[test]
    fn records_are_made_listed_changed_and_deleted_and_counted() {
        let trial = Trial::new();
        let (store, path) = made(&trial, Value::Null);
        let record = json!({ "key": "a/b ü", "data": { "price": 6.50 } });
        assert_eq!(trial.post(&path, record.clone()), record);
        assert_eq!(row(&trial, &store), (json!(1), json!("19")));
        let own = trial.post(&path, json!({ "data": { "n": 1 } }));
        let key = own["key"].as_str().unwrap();
        assert_eq!(key.len(), 12);
        assert!(key.chars().all(|c| c.is_ascii_hexdigit()));
        assert_eq!(
            trial.get(&path),
            json!({
                "records": [record, own], "spec": [], "strict": false, "count": 2,
                "pg": { "limit": 10, "offset": 0 },
            })
        );
        let second = trial.get(&format!("{path}?pg[limit]=1&pg[offset]=1"));
        assert_eq!(
            (&second["records"], &second["count"]),
            (&json!([own]), &json!(2))
        );
        assert_eq!(second["pg"], json!({ "limit": 1, "offset": 1 }));

        let changed = trial.patch(&format!("{path}/a%2Fb%20%C3%BC"), json!({ "sold": true }));
        assert_eq!(changed["data"], json!({ "price": 6.50, "sold": true }));
        let put = |key: &str, data: Value| trial.ask(Put, &format!("{path}/{key}"), Some(data));
        let (status, replaced) = put("a%2Fb%20%C3%BC", json!({ "sold": false }));
        let expected = json!({ "key": "a/b ü", "data": { "sold": false } });
        assert_eq!((status, replaced), (200, expected));
        assert_eq!(put("new", json!({})).0, 200);
        assert_eq!(row(&trial, &store), (json!(3), json!("44")));

        let gone = trial.ask(
            Delete,
            &path,
            Some(json!({ "keys": ["new", "never", key] })),
        );
        assert_eq!(gone, (200, json!({ "keys": [key, "new"] })));
        assert_eq!(row(&trial, &store).0, 1);
        let last = trial.post(&path, json!({ "data": {} }));
        assert_ne!(last["key"], own["key"], "no key comes twice");
    }

    #[test]
    fn all_records_go_only_when_that_is_confirmed() {
        let trial = Trial::new();
        let (store, path) = made(&trial, Value::Null);
        for key in ["a", "b", "c"] {
            trial.post(&path, json!({ "key": key, "data": { "x": 1 } }));
        }
        let body = json!({ "all": true, "exceptKeys": ["b"] });
        let (status, refusal) = trial.ask(Delete, &path, Some(body.clone()));
        assert_eq!((status, &refusal["code"]), (406, &json!("IM004")));
        assert_eq!(row(&trial, &store).0, 3);
        let confirmed = format!("{path}?confirmed=true");
        assert_eq!(
            trial.ask(Delete, &confirmed, Some(body)),
            (200, json!({ "keys": ["a", "c"] }))
        );
        let rest = trial.ask(Delete, &confirmed, Some(json!({ "all": true })));
        assert_eq!(rest, (200, json!({ "keys": ["b"] })));
        assert_eq!(row(&trial, &store), (json!(0), json!("0")));
        for wrong in [
            json!({}),
            json!({ "keys": "a" }),
            json!({ "all": true, "keys": ["a"] }),
        ] {
            assert!(trial.refused(Delete, &path, Some(wrong)).starts_with("400"));
        }
    }

    #[test]
    fn a_full_store_takes_nothing_more() {
        let trial = Trial::new();
        let (store, path) = made(&trial, Value::Null);
        let long = |length: usize| json!({ "text": "x".repeat(length) });
        trial.post(&path, json!({ "key": "a", "data": long(600_000) }));
        let body = json!({ "key": "b", "data": long(600_000) });
        let refusal = trial.refused(Post, &path, Some(body));
        assert!(refusal.starts_with("400 IM003"), "{refusal}");
        // What a record frees may be taken by what replaces it.
        let replaced = trial.ask(Put, &format!("{path}/a"), Some(long(1_000_000)));
        assert_eq!(replaced.0, 200);
        let grown = trial.refused(Patch, &format!("{path}/a"), Some(long(1_048_576)));
        assert!(grown.starts_with("400 IM003"));
        assert_eq!(row(&trial, &store), (json!(1), json!("1000012")));
        let shrink = trial.refused(Patch, &store, Some(json!({ "maxSizeMB": 0 })));
        assert!(shrink.starts_with("400"));
    }

    #[test]
    fn what_no_record_can_be_is_refused() {
        let trial = Trial::new();
        let (_, path) = made(&trial, Value::Null);
        trial.post(&path, json!({ "key": "a", "data": {} }));
        let post = |body: Value| trial.refused(Post, &path, Some(body));
        assert!(post(json!({ "key": "a", "data": {} })).starts_with("400 IM005"));
        assert!(post(json!({ "key": "", "data": {} })).starts_with("400"));
        assert!(post(json!({ "key": "x".repeat(256), "data": {} })).starts_with("400"));
        assert!(post(json!({ "key": 1, "data": {} })).starts_with("400"));
        assert!(post(json!({ "data": [] })).starts_with("400"));
        assert!(post(json!({ "key": "b" })).starts_with("400"));
        let missing = trial.refused(Patch, &format!("{path}/b"), Some(json!({})));
        assert_eq!(missing, "404 SC404 Record not found 'b'.");
        assert!(
            trial
                .refused(Get, "/data-stores/9/data", None)
                .starts_with("404")
        );
    }

    #[test]
    fn records_keep_to_the_structure_of_their_store() {
        let trial = Trial::new();
        let spec = json!([
            { "name": "email", "type": "text", "required": true }, { "name": "age", "type": "number" },
        ]);
        let body = json!({ "teamId": 1, "name": "Row", "strict": true, "spec": spec });
        let structure = trial.post("/data-structures", body)["dataStructure"]["id"].clone();
        let (_, path) = made(&trial, structure);
        let good = json!({ "key": "a", "data": { "email": "a@b.example", "age": 3 } });
        assert_eq!(trial.post(&path, good.clone()), good);
        let post = |data: Value| trial.refused(Post, &path, Some(json!({ "data": data })));
        assert!(post(json!({ "age": 3 })).starts_with("400"));
        assert!(post(json!({ "email": "a", "extra": 1 })).starts_with("400"));
        let put = trial.refused(Put, &format!("{path}/a"), Some(json!({ "age": 3 })));
        assert!(put.starts_with("400"));
        let patched = trial.patch(&format!("{path}/a"), json!({ "age": 4 }));
        assert_eq!(patched["data"], json!({ "email": "a@b.example", "age": 4 }));
        let listed = trial.get(&path);
        assert_eq!((&listed["spec"], &listed["strict"]), (&spec, &json!(true)));
    }
}
