//! Webhooks and mailhooks.

use std::collections::BTreeMap;

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
        reference::Template,
        spec::{Link, WebhookSpec},
    },
};

/// Make's own kinds of hook: our word, and its `typeName`. All others belong to apps, with fields of
/// their own, and are named alike.
const PLAIN: [(&str, &str); 2] = [("custom", "gateway-webhook"), ("mail", "gateway-mailhook")];

/// The form's fields that are part of a hook's `data`, by their names there. Apps' own fields
/// follow under `fields.`.
const DATA: [(&str, &str); 6] = [
    ("connection", "__IMTCONN__"),
    ("headers", "headers"),
    ("method", "method"),
    ("stringify", "stringify"),
    ("ip", "ip"),
    ("dataStructure", "udt"),
];

/// All hooks of a team; the list comes whole.
pub(in crate::live) fn list(team: u64) -> List {
    List {
        request: Request::get(&["hooks"]).query("teamId", team),
        key: "hooks",
        paging: Paging::Whole,
    }
}

/// One hook.
pub(in crate::live) fn get(id: &RemoteId) -> Request {
    Request::get(&["hooks", &id.to_string()])
}

/// Reads a row.
pub(in crate::live) fn live(row: &Node<'_>) -> Result<Live, Wrong> {
    let data = row.find("data");
    let data = data
        .as_ref()
        .and_then(|data| data.value().as_object())
        .cloned()
        .unwrap_or_default();
    let type_name = row.get("typeName")?.text()?;
    let plain = PLAIN.into_iter().find(|(_, named)| *named == type_name);
    let kind = plain.map_or(type_name, |(word, _)| word.to_owned());
    let spec = WebhookSpec {
        name: row.get("name")?.text()?,
        kind,
        connection: link(&data, "__IMTCONN__"),
        enabled: row.find_flag("enabled")?.map_or(Field::Absent, Field::Set),
        headers: flag(&data, "headers"),
        method: flag(&data, "method"),
        stringify: flag(&data, "stringify"),
        ip: match data.get("ip") {
            None => Field::Absent,
            Some(Value::String(ip)) if !ip.is_empty() => Field::Set(Template::literal(ip)),
            Some(_) => Field::Null,
        },
        data_structure: link(&data, "udt"),
        // Nothing of the zones' API: see the other dialect.
        security: Field::Absent,
        hook_type: Field::Absent,
        scenario: Field::Absent,
        fields: fields(&data),
    };
    Ok(Live {
        id: RemoteId::Int(row.get("id")?.int()?),
        spec: Spec::Webhook(spec),
        facts: Facts {
            queued: row.find_int("queueCount")?,
            attached: row.find_int("scenarioId")?.map(RemoteId::Int),
            url: row.find_text("url")?.map(Into::into),
            ..Facts::default()
        },
    })
}

fn flag(data: &Map<String, Value>, key: &str) -> Field<bool> {
    data.get(key)
        .and_then(Value::as_bool)
        .map_or(Field::Absent, Field::Set)
}

fn link(data: &Map<String, Value>, key: &str) -> Field<Link> {
    match data.get(key) {
        None => Field::Absent,
        Some(value) => Field::from(RemoteId::from_value(value).map(Link::Id)),
    }
}

/// What an app keeps in `data` beside what all hooks have.
fn fields(data: &Map<String, Value>) -> BTreeMap<String, Value> {
    data.iter()
        .filter(|(key, _)| *key != "teamId" && !DATA.iter().any(|(_, name)| *name == key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// The request that creates a hook, and the form that stands then: enabled, open to all
/// addresses and without a data structure, which only `set-data` can give it.
pub(in crate::live) fn create(team: u64, after: &Form) -> Result<(Write, Form), LiveError> {
    let (name, kind) =
        after
            .text("name")
            .zip(after.text("type"))
            .ok_or_else(|| LiveError::Unsayable {
                kind: "webhook",
                reason: "it has no name or no type".to_owned(),
            })?;
    let mut standing = after.clone();
    for flag in ["headers", "method", "stringify"] {
        if standing.get(flag).is_none() {
            standing.set(flag, false);
        }
    }
    standing.set("enabled", true);
    standing.set("ip", Value::Null);
    standing.set("dataStructure", Value::Null);
    let mut body = data(kind, &standing);
    body.retain(|key, _| key != "ip" && key != "udt");
    body.insert("name".to_owned(), json!(name));
    body.insert("teamId".to_owned(), json!(team));
    let plain = PLAIN.into_iter().find(|(word, _)| *word == kind);
    let type_name = plain.map_or(kind, |(_, named)| named);
    body.insert("typeName".to_owned(), json!(type_name));
    let request = Request::post(&["hooks"]).json(&Value::Object(body));
    Ok((Write::create(Kind::Webhook, request), standing))
}

/// The requests that turn one form into another: name, data and state have one each.
pub(in crate::live) fn update(
    id: &RemoteId,
    before: &Form,
    after: &Form,
) -> Result<Vec<Write>, LiveError> {
    if changed(before, after, "type").is_some() {
        return Err(LiveError::Unsayable {
            kind: "webhook",
            reason: "its type can't be changed once it is made".to_owned(),
        });
    }
    let id = id.to_string();
    let mut writes = Vec::new();
    if let Some(name) = changed(before, after, "name") {
        let request = Request::patch(&["hooks", &id]).json(&json!({ "name": name }));
        writes.push(Write::change(
            "rename webhook",
            request,
            Expected::member("hook"),
        ));
    }
    let is_data =
        |field: &str| DATA.iter().any(|(name, _)| *name == field) || field.starts_with("fields.");
    let mut fields = after.fields.keys();
    if fields.any(|field| is_data(field) && changed(before, after, field).is_some()) {
        // The call replaces all data, so it also says what stays.
        let mut merged = before.clone();
        merged.fields.extend(after.fields.clone());
        let kind = merged.text("type").unwrap_or_default();
        let body = Value::Object(data(kind, &merged));
        let request = Request::post(&["hooks", &id, "set-data"]).json(&body);
        writes.push(Write::change(
            "set webhook data",
            request,
            Expected::member("changed"),
        ));
    }
    if let Some(enabled) = changed(before, after, "enabled").and_then(Value::as_bool) {
        let (what, verb) = match enabled {
            true => ("enable webhook", "enable"),
            false => ("disable webhook", "disable"),
        };
        let request = Request::post(&["hooks", &id, verb]);
        writes.push(Write::change(what, request, Expected::member("success")));
    }
    Ok(writes)
}

/// The requests that delete a hook. Confirmed, because Make asks where a scenario uses it, and
/// the plan has said so already.
pub(in crate::live) fn delete(id: &RemoteId) -> Vec<Write> {
    let request = Request::delete(&["hooks", &id.to_string()]).query("confirmed", true);
    vec![Write::remove(
        "delete webhook",
        request,
        Expected::member("hook"),
    )]
}

/// A hook's data, flat, as create and `set-data` take it. Apps' hooks know only some of what
/// Make's own have: there, what is off or empty is left out.
fn data(kind: &str, form: &Form) -> Map<String, Value> {
    let plain = PLAIN.iter().any(|(word, _)| *word == kind);
    let mut body = Map::new();
    for (field, key) in DATA {
        let Some(value) = form.get(field) else {
            continue;
        };
        let empty = value.is_null() || *value == Value::Bool(false);
        let said = match key {
            "__IMTCONN__" => !value.is_null(),
            _ => plain || !empty,
        };
        if said {
            body.insert(key.to_owned(), value.clone());
        }
    }
    for (field, value) in &form.fields {
        if let Some(key) = field.strip_prefix("fields.") {
            body.insert(key.to_owned(), value.clone());
        }
    }
    body
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Form, create, update};

    fn form(fields: Value) -> Form {
        let fields = fields.as_object().unwrap().clone().into_iter().collect();
        Form {
            fields,
            ..Form::default()
        }
    }

    fn body(write: &super::Write) -> Value {
        serde_json::from_slice(write.request.body.as_deref().unwrap()).unwrap()
    }

    #[test]
    fn a_plain_hook_is_created_open_and_narrowed_by_set_data() {
        let after = form(json!({
            "name": "leads", "type": "custom", "headers": true, "ip": "10.0.0.1",
        }));
        let (write, standing) = create(4, &after).unwrap();
        assert_eq!(
            body(&write),
            json!({"name": "leads", "teamId": 4, "typeName": "gateway-webhook",
                "headers": true, "method": false, "stringify": false})
        );
        let rest = update(&1_u64.to_string().as_str().into(), &standing, &after).unwrap();
        let [set_data] = rest.as_slice() else {
            panic!("{rest:?}");
        };
        assert_eq!(set_data.request.path, "/hooks/1/set-data");
        assert_eq!(
            body(set_data),
            json!({"headers": true, "method": false, "stringify": false, "ip": "10.0.0.1",
                "udt": null})
        );
    }

    #[test]
    fn an_app_s_hook_is_created_with_its_connection_and_fields_alone() {
        let after = form(json!({
            "name": "form", "type": "jotform", "connection": 96, "fields.formId": "9128",
            "headers": false, "enabled": true, "ip": null,
        }));
        let (write, standing) = create(4, &after).unwrap();
        assert_eq!(
            body(&write),
            json!({"name": "form", "teamId": 4, "typeName": "jotform", "__IMTCONN__": 96,
                "formId": "9128"})
        );
        assert!(update(&"1".into(), &standing, &after).unwrap().is_empty());
        let mut other = after;
        other.set("type", "airtable");
        assert!(update(&"1".into(), &standing, &other).is_err());
    }
}
