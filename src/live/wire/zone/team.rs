//! Teams of the organization.

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
    model::{Facts, Field, Form, Kind, Live, RemoteId, Spec, spec::TeamSpec},
};

/// What changes and deletions are answered with.
const ANSWER: Expected = Expected::member("team");

/// All that is read of a team.
const COLUMNS: [&str; 5] = [
    "id",
    "name",
    "organizationId",
    "operationsLimit",
    "activeScenarios",
];

/// All teams of an organization.
pub(in crate::live) fn list(organization: u64) -> List {
    List {
        request: Request::get(&["teams"])
            .query("organizationId", organization)
            .columns(&COLUMNS),
        key: "teams",
        paging: Paging::Sorted {
            limit: 10_000,
            by: "name",
        },
    }
}

/// Reads a row.
pub(in crate::live) fn live(row: &Node<'_>) -> Result<Live, Wrong> {
    Ok(Live {
        id: RemoteId::Int(row.get("id")?.int()?),
        spec: Spec::Team(TeamSpec {
            name: row.get("name")?.text()?,
            operations_limit: Field::from(row.find_int("operationsLimit")?),
        }),
        facts: Facts {
            active_scenarios: row.find_int("activeScenarios")?,
            ..Facts::default()
        },
    })
}

/// The request that creates a team, and the form that stands then.
pub(in crate::live) fn create(organization: u64, after: &Form) -> Result<(Write, Form), LiveError> {
    let name = after.text("name").ok_or_else(|| LiveError::Unsayable {
        kind: "team",
        reason: "it has no name".to_owned(),
    })?;
    let most = limit(after).cloned().unwrap_or(Value::Null);
    let mut body = json!({ "name": name, "organizationId": organization });
    if let (Some(body), false) = (body.as_object_mut(), most.is_null()) {
        body.insert("operationsLimit".to_owned(), most.clone());
    }
    let mut standing = Form::default();
    standing.set("name", name);
    standing.set("limits", json!({ "operations": most }));
    let request = Request::post(&["teams"]).json(&body);
    Ok((Write::create(Kind::Team, request), standing))
}

/// The requests that turn one form into another.
pub(in crate::live) fn update(id: &RemoteId, before: &Form, after: &Form) -> Vec<Write> {
    let mut body = Map::new();
    if let Some(name) = changed(before, after, "name") {
        body.insert("name".to_owned(), name.clone());
    }
    if changed(before, after, "limits").is_some() {
        let most = limit(after).cloned().unwrap_or(Value::Null);
        body.insert("operationsLimit".to_owned(), most);
    }
    if body.is_empty() {
        return Vec::new();
    }
    let request = Request::patch(&["teams", &id.to_string()]).json(&Value::Object(body));
    vec![Write::change("update team", request, ANSWER)]
}

fn limit(form: &Form) -> Option<&Value> {
    form.get("limits")?.get("operations")
}

/// The requests that delete a team with all that it holds. Confirmed: a guard asks before.
pub(in crate::live) fn delete(id: &RemoteId) -> Vec<Write> {
    let request = Request::delete(&["teams", &id.to_string()]).query("confirmed", true);
    vec![Write::remove("delete team", request, ANSWER)]
}
