//! Data structures (`udt` in Make's words).

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
    model::{Facts, Field, Form, Kind, Live, RemoteId, Spec, spec::DataStructureSpec},
};

/// What changes and deletions are answered with.
const ANSWER: Expected = Expected::member("dataStructure");

/// The form's fields by their names in bodies.
const FIELDS: [(&str, &str); 3] = [("name", "name"), ("strict", "strict"), ("fields", "spec")];

/// All data structures of a team, with what they are made of, which has to be asked for.
pub(in crate::live) fn list(team: u64) -> List {
    List {
        request: Request::get(&["data-structures"])
            .query("teamId", team)
            .columns(&["id", "name", "teamId", "strict", "spec"]),
        key: "dataStructures",
        paging: Paging::Sorted {
            limit: 10_000,
            by: "name",
        },
    }
}

/// One data structure.
pub(in crate::live) fn get(id: &RemoteId) -> Request {
    Request::get(&["data-structures", &id.to_string()])
}

/// Reads a row.
pub(in crate::live) fn live(row: &Node<'_>) -> Result<Live, Wrong> {
    let fields = row
        .find("spec")
        .map(|node| node.value().as_array().cloned());
    Ok(Live {
        id: RemoteId::Int(row.get("id")?.int()?),
        spec: Spec::DataStructure(DataStructureSpec {
            name: row.get("name")?.text()?,
            strict: row.find_flag("strict")?.map_or(Field::Absent, Field::Set),
            fields: fields.map_or(Field::Absent, |fields| {
                Field::Set(fields.unwrap_or_default())
            }),
        }),
        facts: Facts::default(),
    })
}

/// The request that creates a data structure, and the form that stands then.
pub(in crate::live) fn create(team: u64, after: &Form) -> Result<(Write, Form), LiveError> {
    let name = after.text("name").ok_or_else(|| LiveError::Unsayable {
        kind: "data structure",
        reason: "it has no name".to_owned(),
    })?;
    let mut standing = Form::default();
    standing.set("name", name);
    standing.set("strict", after.flag("strict").unwrap_or(false));
    let fields = after.get("fields").filter(|fields| !fields.is_null());
    standing.set("fields", fields.cloned().unwrap_or_else(|| json!([])));
    let mut body = body(&standing, |_, value| Some(value));
    body.insert("teamId".to_owned(), json!(team));
    let request = Request::post(&["data-structures"]).json(&Value::Object(body));
    Ok((Write::create(Kind::DataStructure, request), standing))
}

/// The requests that turn one form into another. The fields are replaced as a whole.
pub(in crate::live) fn update(id: &RemoteId, before: &Form, after: &Form) -> Vec<Write> {
    let body = body(after, |field, _| changed(before, after, field));
    if body.is_empty() {
        return Vec::new();
    }
    let request = Request::patch(&["data-structures", &id.to_string()]).json(&Value::Object(body));
    vec![Write::change("update data structure", request, ANSWER)]
}

fn body<'f>(
    form: &'f Form,
    said: impl Fn(&str, &'f Value) -> Option<&'f Value>,
) -> Map<String, Value> {
    FIELDS
        .into_iter()
        .filter_map(|(field, key)| {
            let value = said(field, form.get(field)?)?;
            Some((key.to_owned(), value.clone()))
        })
        .collect()
}

/// The requests that delete a data structure. Confirmed, because Make asks where it is used, and
/// the plan has said so already.
pub(in crate::live) fn delete(id: &RemoteId) -> Vec<Write> {
    let request = Request::delete(&["data-structures", &id.to_string()]).query("confirmed", true);
    vec![Write::remove("delete data structure", request, ANSWER)]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Form, create, live, update};
    use crate::live::wire::Node;

    #[test]
    fn a_structure_is_made_whole_and_its_fields_are_replaced_as_a_whole() {
        let mut after = Form::default();
        after.set("name", "Lead");
        after.set("fields", json!([{"name": "email", "type": "text"}]));
        let (write, standing) = create(4, &after).unwrap();
        let body = |write: &super::Write| -> Value {
            serde_json::from_slice(write.request.body.as_deref().unwrap()).unwrap()
        };
        assert_eq!(
            body(&write),
            json!({"teamId": 4, "name": "Lead", "strict": false,
                "spec": [{"name": "email", "type": "text"}]})
        );
        assert!(update(&"7".into(), &standing, &after).is_empty());
        let mut other = after.clone();
        other.set("fields", json!([{"name": "phone", "type": "text"}]));
        let writes = update(&"7".into(), &standing, &other);
        assert_eq!(writes[0].request.path, "/data-structures/7");
        assert_eq!(
            body(&writes[0]),
            json!({"spec": [{"name": "phone", "type": "text"}]})
        );
    }

    #[test]
    fn a_row_that_does_not_tell_its_fields_is_no_row_without_fields() {
        let row = json!({"id": 1, "name": "x"});
        let crate::model::Spec::DataStructure(spec) = live(&Node::at(&row, "")).unwrap().spec
        else {
            panic!("no data structure");
        };
        assert!(spec.fields.is_absent() && spec.strict.is_absent());
    }
}
