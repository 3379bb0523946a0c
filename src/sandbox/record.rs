//! Records of data stores as a world keeps them: where they are, and what their store's row says
//! of them. Rules of the API are the caller's to keep.

use serde_json::{Value, json};

use super::collection::Collection;

/// Where a store keeps the number of its next record. No answer shows it.
const NEXT: &str = "nextRecord";

/// A record of a store.
pub(crate) fn object(store: u64, key: &str, data: Value) -> Value {
    json!({ "dataStoreId": store, "key": key, "data": data })
}

/// The number that the next record of a store gets.
pub(crate) fn next(store: &Value) -> u64 {
    store.get(NEXT).and_then(Value::as_u64).unwrap_or(1)
}

/// Takes the place of a new record: all of a store stand together, in the order they came.
pub(crate) fn take_place(store: &mut Value, id: u64) -> u64 {
    let next = next(store);
    if let Some(fields) = store.as_object_mut() {
        fields.insert(NEXT.to_owned(), json!(next + 1));
    }
    Collection::pair(id, next)
}

/// Adds to the number of records in a store's row, and sets the bytes that they take.
pub(crate) fn count(store: &mut Value, more: i64, taken: u64) {
    let records = store.get("records").and_then(Value::as_u64).unwrap_or(0);
    if let Some(fields) = store.as_object_mut() {
        let records = records.saturating_add_signed(more);
        fields.insert("records".to_owned(), json!(records));
        fields.insert("size".to_owned(), json!(taken.to_string()));
    }
}

/// The bytes that a record takes. How Make counts them is not documented; here it is those of
/// its key, and of its data as JSON.
pub(crate) fn size(record: &Value) -> u64 {
    let key = record
        .get("key")
        .and_then(Value::as_str)
        .map_or(0, str::len);
    let data = record.get("data").map_or(0, |data| data.to_string().len());
    u64::try_from(key + data).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{count, object, size, take_place};
    use crate::sandbox::collection::Collection;

    #[test]
    fn a_row_counts_the_records_and_gives_each_its_place() {
        let mut row = json!({ "records": 0, "size": "0" });
        let record = object(601, "k", json!({ "a": 1 }));
        assert_eq!(size(&record), 8);
        let places = [take_place(&mut row, 601), take_place(&mut row, 601)];
        assert_eq!(places, [1, 2].map(|next| Collection::pair(601, next)));
        count(&mut row, 2, 16);
        count(&mut row, -1, 8);
        assert_eq!((&row["records"], &row["size"]), (&json!(1), &json!("8")));
    }
}
