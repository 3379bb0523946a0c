//! What a team has beside the things that its scenarios name: records in its data stores,
//! devices, custom functions. All of it follows from numbers, none from chance.

use serde_json::{Map, Value, json};

use crate::sandbox::record;
use crate::sandbox::{Batch, Collection, WorldError};

use super::reference::{Named, Pool};
use super::report::SeedReport;
use super::rows::TEAM;

/// Fills the data stores of a pool, and adds devices and functions, as many as suit so many
/// scenarios.
pub(super) fn furnish(
    batch: &mut Batch<'_>,
    pool: &Pool,
    scenarios: usize,
    report: &mut SeedReport,
) -> Result<(), WorldError> {
    for (index, store) in pool.data_stores.iter().enumerate() {
        let structure = pool
            .data_structures
            .get(index % pool.data_structures.len().max(1));
        // Every third store takes whatever comes.
        let structure = structure.filter(|_| index % 3 != 2);
        // The first has more than a page of its list.
        let amount = if index == 0 { 12 } else { index % 4 };
        report.records += fill(batch, store.id, structure, amount)?;
    }
    for number in 0..=scenarios / 200 {
        device(batch, number)?;
        report.devices += 1;
    }
    for number in 0..=scenarios / 100 {
        function(batch, number)?;
        report.functions += 1;
    }
    Ok(())
}

/// Gives a store its structure, and records that fit it.
fn fill(
    batch: &mut Batch<'_>,
    id: u64,
    structure: Option<&Named>,
    amount: usize,
) -> Result<usize, WorldError> {
    let Some(mut store) = batch.get(Collection::DataStores, id)? else {
        return Ok(0);
    };
    let mut spec = Value::Null;
    if let Some(structure) = structure {
        let found = batch.get(Collection::DataStructures, structure.id)?;
        spec = found
            .and_then(|found| found.get("spec").cloned())
            .unwrap_or_default();
        if let Some(fields) = store.as_object_mut() {
            fields.insert("datastructureId".to_owned(), json!(structure.id));
        }
    }
    let mut taken = 0;
    for number in 1..=amount {
        let kept = record::object(id, &format!("{id}-{number:04}"), data(&spec, number));
        taken += record::size(&kept);
        let place = record::take_place(&mut store, id);
        record::count(&mut store, 1, taken);
        batch.put(Collection::Records, place, &kept)?;
    }
    batch.put(Collection::DataStores, id, &store)?;
    Ok(amount)
}

/// Data of the fields of a structure, or of a few where there is none.
fn data(spec: &Value, number: usize) -> Value {
    let mut data = Map::new();
    for field in spec.as_array().into_iter().flatten() {
        let name = field
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let value = match field.get("type").and_then(Value::as_str) {
            Some("number") => json!(number),
            Some("boolean") => json!(number.is_multiple_of(2)),
            Some("date") => json!("2026-05-04T10:00:00.000Z"),
            Some("array") => json!([]),
            Some("collection") => json!({}),
            _ => json!(format!("{name} {number}")),
        };
        data.insert(name.to_owned(), value);
    }
    if data.is_empty() {
        data.insert("value".to_owned(), json!(format!("value {number}")));
    }
    Value::Object(data)
}

/// The fields of the structure that gets this id: one of three sets.
pub(super) fn spec(id: u64) -> Value {
    match id % 3 {
        0 => json!([
            { "name": "id", "type": "text", "label": "ID", "required": true },
            { "name": "email", "type": "text", "label": "Email" },
        ]),
        1 => json!([
            { "name": "order", "type": "number", "label": "Order", "required": true },
            { "name": "paid", "type": "boolean", "label": "Paid", "default": false },
            { "name": "due", "type": "date", "label": "Due" },
        ]),
        _ => json!([
            { "name": "key", "type": "text", "label": "Key", "required": true, "multiline": false },
            { "name": "lines", "type": "array", "label": "Lines", "spec": {
                "type": "collection", "spec": [
                    { "name": "sku", "type": "text" }, { "name": "amount", "type": "number" },
                ],
            } },
            { "name": "address", "type": "collection", "spec": [{ "name": "city", "type": "text" }] },
        ]),
    }
}

fn device(batch: &mut Batch<'_>, number: usize) -> Result<(), WorldError> {
    let id = batch.next_id(Collection::Devices)?;
    let is_phone = number.is_multiple_of(2);
    let (name, os) = if is_phone {
        ("Phone", "iOS")
    } else {
        ("Tablet", "Android")
    };
    let device = json!({
        "id": id, "name": format!("{name} {}", number + 1), "teamId": TEAM,
        "udid": format!("{id:032}"),
        "scope": if is_phone { json!(["button", "scan", "share", "apn"]) } else { json!(["scan"]) },
        "info": {
            "os": os, "brand": if is_phone { "Apple" } else { "Samsung" }, "model": name,
            "osversion": "18.3", "appversion": "2.0.3",
        },
        "gone": false, "queueCount": 0, "queueLimit": 10_000,
    });
    batch.put(Collection::Devices, id, &device)
}

/// Functions have names of their own in a team.
fn function(batch: &mut Batch<'_>, number: usize) -> Result<(), WorldError> {
    let id = batch.next_id(Collection::Functions)?;
    let name = match number {
        0 => "initials".to_owned(),
        number => format!("initials{number}"),
    };
    let code = format!(
        "function {name}(text) {{\n  return text.split(' ').map(word => word[0]).join('');\n}}"
    );
    let moment = "2026-03-02T09:00:00.000Z";
    let function = json!({
        "id": id, "name": name, "description": "First letters of the words", "code": code,
        "args": "(text)", "updatedAt": moment, "createdAt": moment, "teamId": TEAM,
        "createdByUser": { "id": 1, "name": "Olivia Owen", "email": "olivia@acme.example" },
        "history": [],
    });
    batch.put(Collection::Functions, id, &function)
}
