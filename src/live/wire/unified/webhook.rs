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
        reference::Template,
        spec::{Link, Security, WebhookSpec},
        values_equal,
    },
};

/// The parts of `security` that the account tells again.
const TOLD: [&str; 2] = ["type", "username"];

/// All webhooks.
pub(in crate::live) fn list() -> List {
    List {
        request: Request::get(&["webhooks"]),
        key: ROWS,
        paging: Paging::Offset { limit: 50 },
    }
}

/// Reads a row. Credentials never come back: they are empty.
pub(in crate::live) fn live(row: &Node<'_>) -> Result<Live, Wrong> {
    let scenario = match row.find("scenarioId") {
        None => Field::Absent,
        Some(id) => Field::from(RemoteId::from_value(id.value())),
    };
    let kind = row
        .find_text("type")?
        .unwrap_or_else(|| "custom".to_owned());
    let spec = WebhookSpec {
        name: row.get("name")?.text()?,
        kind,
        hook_type: row.find_text("hookType")?.map_or(Field::Null, Field::Set),
        security: match row.find("security") {
            None => Field::Absent,
            Some(security) => guard(&security)?,
        },
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

/// Reads what a caller has to show, without what makes it secret.
fn guard(security: &Node<'_>) -> Result<Field<Security>, Wrong> {
    let untold = || Template::literal("");
    Ok(match security.find_text("type")?.as_deref() {
        Some("basic") => Field::Set(Security::Basic {
            username: security
                .find_text("username")?
                .map_or_else(untold, Template::literal),
            password: untold(),
        }),
        Some("token") => Field::Set(Security::Token { token: untold() }),
        Some(_) | None => Field::Null,
    })
}

/// The request that creates a webhook, and the form that stands then: all of it that the account
/// tells.
pub(in crate::live) fn create(after: &Form) -> Result<(Write, Form), LiveError> {
    let (Some(name), Some(scenario)) = (after.text("name"), after.get("scenario")) else {
        return Err(unsayable("it has no name or no scenario"));
    };
    let mut body = Map::new();
    body.insert("name".to_owned(), json!(name));
    body.insert("scenarioId".to_owned(), scenario.clone());
    body.insert(
        "type".to_owned(),
        json!(after.text("type").unwrap_or("custom")),
    );
    if let Some(hook_type) = after.text("hookType") {
        body.insert("hookType".to_owned(), json!(hook_type));
    }
    let mut standing = after.clone();
    if let Some(security) = after.get("security").filter(|value| !value.is_null()) {
        body.insert("security".to_owned(), security.clone());
        standing.set("security", told(security));
    }
    let request = Request::post(&["webhooks"]).json(&Value::Object(body));
    Ok((Write::create_unified(Kind::Webhook, request), standing))
}

/// Nothing of a webhook can be changed: a plan replaces it. What the account does not tell is
/// taken to be as it was sent.
pub(in crate::live) fn update(before: &Form, after: &Form) -> Result<Vec<Write>, LiveError> {
    let tells = |field: &&String| before.fields.contains_key(*field);
    let differs = |field: &String| {
        let alike = before.get(field).zip(after.get(field));
        let alike = alike.is_some_and(|(old, new)| values_equal(&told(old), &told(new)));
        !alike && changed(before, after, field).is_some()
    };
    match after.fields.keys().filter(tells).any(differs) {
        true => Err(unsayable("it can't be changed once it is made")),
        false => Ok(Vec::new()),
    }
}

/// What the account tells of a value: of `security` not the credentials.
fn told(value: &Value) -> Value {
    let Value::Object(parts) = value else {
        return value.clone();
    };
    let told = TOLD.into_iter();
    told.filter_map(|key| Some((key.to_owned(), parts.get(key)?.clone())))
        .collect()
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Field, Form, Security, Spec, create, live, update};
    use crate::{live::wire::Node, model::reference::Template};

    fn wanted() -> Form {
        let mut form = Form::default();
        form.set("name", "Leads");
        form.set("type", "raw");
        form.set("scenario", 12);
        let security = json!({ "type": "basic", "username": "ada", "password": "p" });
        form.set("security", security);
        form
    }

    #[test]
    fn a_webhook_is_made_with_its_credentials_and_stands_without() {
        let (write, standing) = create(&wanted()).unwrap();
        let body: Value = serde_json::from_slice(write.request.body.as_deref().unwrap()).unwrap();
        assert_eq!(
            body,
            json!({ "name": "Leads", "scenarioId": 12, "type": "raw",
                "security": { "type": "basic", "username": "ada", "password": "p" } })
        );
        assert_eq!(
            standing.get("security"),
            Some(&json!({ "type": "basic", "username": "ada" }))
        );
        assert!(update(&standing, &wanted()).unwrap().is_empty());
        let mut renamed = wanted();
        renamed.set("name", "Orders");
        assert!(update(&standing, &renamed).is_err());
        let mut unguarded = wanted();
        unguarded.set("security", json!({ "type": "token", "token": "t" }));
        assert!(update(&standing, &unguarded).is_err());
    }

    #[test]
    fn a_row_tells_the_name_of_who_may_call_and_no_more() {
        let row = json!({ "id": 7, "name": "Leads", "type": "custom", "scenarioId": 12,
            "hookType": null, "security": { "type": "basic", "username": "ada" } });
        let Spec::Webhook(spec) = live(&Node::at(&row, "")).unwrap().spec else {
            panic!("no webhook");
        };
        let security = Security::Basic {
            username: Template::literal("ada"),
            password: Template::literal(""),
        };
        assert_eq!(spec.security, Field::Set(security));
        assert_eq!(spec.kind, "custom");
        assert_eq!(spec.hook_type, Field::Null);
    }
}
