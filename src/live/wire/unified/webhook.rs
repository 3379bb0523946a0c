//! Webhooks: made for a scenario, and never changed.

use serde_json::{Map, Value, json};

use super::{ROWS, id_of};
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
        spec::{Link, WebhookSpec},
    },
};

/// The parts of `security` in a form, by their names in requests.
const SECURITY: [(&str, &str); 4] = [
    ("security.type", "type"),
    ("security.username", "username"),
    ("security.password", "password"),
    ("security.token", "token"),
];

/// All webhooks.
pub(in crate::live) fn list() -> List {
    List {
        request: Request::get(&["webhooks"]),
        key: ROWS,
        paging: Paging::Offset { limit: 50 },
    }
}

/// Reads a row. Credentials never come back: of the security only its type is known, as
/// `security.type` among the app's own fields is of no use here.
pub(in crate::live) fn live(row: &Node<'_>) -> Result<Live, Wrong> {
    let scenario = match row.find("scenarioId") {
        None => Field::Absent,
        Some(id) => Field::from(RemoteId::from_value(id.value())),
    };
    let spec = WebhookSpec {
        name: row.get("name")?.text()?,
        kind: row
            .find_text("type")?
            .unwrap_or_else(|| "custom".to_owned()),
        hook_type: row.find_text("hookType")?.map_or(Field::Absent, Field::Set),
        scenario: scenario.as_ref().map(|id| Link::Id(id.clone())),
        ..WebhookSpec::default()
    };
    Ok(Live {
        id: id_of(row)?,
        spec: Spec::Webhook(spec),
        facts: Facts {
            attached: scenario.as_set().cloned(),
            url: row.find_text("url")?.map(Into::into),
            ..Facts::default()
        },
    })
}

/// The request that creates a webhook, and the form that stands then: all of it.
pub(in crate::live) fn create(after: &Form) -> Result<(Write, Form), LiveError> {
    let (Some(name), Some(scenario)) = (after.text("name"), after.get("scenario")) else {
        return Err(unsayable("it has no name or no scenario"));
    };
    let mut body = Map::new();
    body.insert("name".to_owned(), json!(name));
    body.insert("scenarioId".to_owned(), scenario.clone());
    let kind = after.text("type").unwrap_or("custom");
    body.insert("type".to_owned(), json!(kind));
    if let Some(hook_type) = after.text("hookType") {
        body.insert("hookType".to_owned(), json!(hook_type));
    }
    let security: Map<String, Value> = SECURITY
        .into_iter()
        .filter_map(|(field, key)| Some((key.to_owned(), after.get(field)?.clone())))
        .collect();
    if !security.is_empty() {
        body.insert("security".to_owned(), Value::Object(security));
    }
    let request = Request::post(&["webhooks"]).json(&Value::Object(body));
    Ok((Write::create_unified(Kind::Webhook, request), after.clone()))
}

/// Nothing of a webhook can be changed: a plan replaces it. What the account does not tell is
/// taken to be as it was sent.
pub(in crate::live) fn update(before: &Form, after: &Form) -> Result<Vec<Write>, LiveError> {
    let told = |field: &&String| before.fields.contains_key(*field);
    let mut fields = after.fields.keys().filter(told);
    match fields.any(|field| changed(before, after, field).is_some()) {
        true => Err(unsayable("it can't be changed once it is made")),
        false => Ok(Vec::new()),
    }
}

/// The requests that delete a webhook.
pub(in crate::live) fn delete(id: &RemoteId) -> Vec<Write> {
    let request = Request::delete(&["webhooks", &id.to_string()]);
    vec![Write::remove("delete webhook", request, Expected::OBJECT)]
}

fn unsayable(reason: &str) -> LiveError {
    LiveError::Unsayable {
        kind: "webhook",
        reason: reason.to_owned(),
    }
}
