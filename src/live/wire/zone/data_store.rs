//! Data stores. Their records are never read or written.

use serde_json::{Map, Value, json};

use crate::{
    live::{
        LiveError,
        expected::Expected,
        page::{List, Paging},
        transport::Request,
        wire::{Node, Wrong},
        write::{Write, changed},
    },
    model::{
        Facts, Field, Form, Kind, Live, RemoteId, Spec,
        spec::{DataStoreSpec, Link},
    },
};

/// The form's fields by their names in bodies.
const FIELDS: [(&str, &str); 3] = [
    ("name", "name"),
    ("dataStructure", "datastructureId"),
    ("maxSizeMB", "maxSizeMB"),
];

/// The size of a new store of which nobody says how large it may become, in MB.
const LEAST_SIZE: u64 = 1;

/// Bytes of one MB, as Make counts.
const MEGABYTE: u64 = 1_048_576;

/// All data stores of a team. Named columns, because the structure comes only when it is asked
/// for.
pub(in crate::live) fn list(team: u64) -> List {
    List {
        request: Request::get(&["data-stores"])
            .query("teamId", team)
            .columns(&[
                "id",
                "name",
                "teamId",
                "records",
                "size",
                "maxSize",
                "datastructureId",
            ]),
        key: "dataStores",
        paging: Paging::Sorted {
            limit: 10_000,
            by: "name",
        },
    }
}

/// One data store.
pub(in crate::live) fn get(id: &RemoteId) -> Request {
    Request::get(&["data-stores", &id.to_string()])
}

/// Reads a row. Sizes are texts that hold bytes.
pub(in crate::live) fn live(row: &Node<'_>) -> Result<Live, Wrong> {
    let structure = row.find_int("datastructureId")?;
    let structure = structure.map(|id| Link::Id(RemoteId::Int(id)));
    Ok(Live {
        id: RemoteId::Int(row.get("id")?.int()?),
        spec: Spec::DataStore(DataStoreSpec {
            name: row.get("name")?.text()?,
            data_structure: Field::from(structure),
            max_size_mb: row
                .find_int("maxSize")?
                .map_or(Field::Absent, |bytes| Field::Set(megabytes(bytes))),
        }),
        facts: Facts {
            records: row.find_int("records")?,
            ..Facts::default()
        },
    })
}

/// A size in MB. It was written in whole ones, of 1,048,576 bytes or of a million; anything
/// between counts as the next one.
fn megabytes(bytes: u64) -> u64 {
    match !bytes.is_multiple_of(MEGABYTE) && bytes.is_multiple_of(1_000_000) {
        true => bytes / 1_000_000,
        false => bytes.div_ceil(MEGABYTE),
    }
}

/// The request that creates a data store, and the form that stands then.
pub(in crate::live) fn create(team: u64, after: &Form) -> Result<(Write, Form), LiveError> {
    let name = after.text("name").ok_or_else(|| LiveError::Unsayable {
        kind: "data store",
        reason: "it has no name".to_owned(),
    })?;
    let mut standing = Form::default();
    standing.set("name", name);
    let structure = after.get("dataStructure").cloned().unwrap_or(Value::Null);
    standing.set("dataStructure", structure);
    let size = after.get("maxSizeMB").and_then(Value::as_u64);
    standing.set("maxSizeMB", size.unwrap_or(LEAST_SIZE));
    let mut body = body(&standing);
    body.insert("teamId".to_owned(), json!(team));
    let request = Request::post(&["data-stores"]).json(&Value::Object(body));
    Ok((Write::create(Kind::DataStore, request), standing))
}

/// The requests that turn one form into another. All that is known is said, since whether a part
/// is enough is not documented.
pub(in crate::live) fn update(id: &RemoteId, before: &Form, after: &Form) -> Vec<Write> {
    let mut fields = FIELDS.iter();
    if !fields.any(|(field, _)| changed(before, after, field).is_some()) {
        return Vec::new();
    }
    let mut merged = before.clone();
    merged.fields.extend(after.fields.clone());
    let request = Request::patch(&["data-stores", &id.to_string()]);
    let request = request.json(&Value::Object(body(&merged)));
    let answer = Expected::member("dataStore");
    vec![Write::change("update data store", request, answer)]
}

fn body(form: &Form) -> Map<String, Value> {
    FIELDS
        .into_iter()
        .filter_map(|(field, key)| Some((key.to_owned(), form.get(field)?.clone())))
        .collect()
}

/// The requests that delete a data store. The documents know a list of ids, Make's own client a
/// path: where the one is not known, the other is tried.
pub(in crate::live) fn delete(team: u64, id: &RemoteId) -> Vec<Write> {
    let request = Request::delete(&["data-stores"])
        .query("teamId", team)
        .query("confirmed", true)
        .json(&json!({ "ids": [id.to_value()] }));
    let other = Request::delete(&["data-stores", &id.to_string()]).query("confirmed", true);
    let write = Write::remove("delete data store", request, Expected::OBJECT);
    vec![write.or_else(|refusal| matches!(refusal.status, 400 | 404 | 405), other)]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Form, create, live, update};
    use crate::{
        live::wire::Node,
        model::{Field, Spec},
    };

    #[test]
    fn sizes_are_bytes_in_a_text_and_megabytes_in_a_body() {
        for (bytes, size) in [
            ("1048576", 1),
            ("10485760", 10),
            ("5000000", 5),
            ("1048577", 2),
        ] {
            let row = json!({"id": 1, "name": "x", "maxSize": bytes, "records": "3",
                "datastructureId": null});
            let live = live(&Node::at(&row, "")).unwrap();
            assert_eq!(live.facts.records, Some(3));
            let Spec::DataStore(spec) = live.spec else {
                panic!("no data store");
            };
            assert_eq!(spec.max_size_mb, Field::Set(size), "{bytes}");
            assert_eq!(spec.data_structure, Field::Null);
        }
        let mut after = Form::default();
        after.set("name", "Customers");
        let (write, standing) = create(4, &after).unwrap();
        let body = |write: &super::Write| -> Value {
            serde_json::from_slice(write.request.body.as_deref().unwrap()).unwrap()
        };
        assert_eq!(
            body(&write),
            json!({"teamId": 4, "name": "Customers", "datastructureId": null, "maxSizeMB": 1})
        );
        assert!(update(&"7".into(), &standing, &after).is_empty());
        after.set("maxSizeMB", 5);
        let writes = update(&"7".into(), &standing, &after);
        assert_eq!(
            body(&writes[0]),
            json!({"name": "Customers", "datastructureId": null, "maxSizeMB": 5})
        );
    }
}
