//! From an HTTP request to the bundle that a hook hands to its scenario.

use std::net::IpAddr;

use axum::body::Bytes;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

/// A request to a hook.
pub(crate) struct Post {
    pub(crate) method: String,
    pub(crate) query: Vec<(String, String)>,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
    /// Who sent it, where that is known.
    pub(crate) from: Option<IpAddr>,
}

/// The bundle: the fields of the query and of the body, and what the hook is set to add. A body
/// that is no object stands under `value`; with `stringify` JSON does, as text.
pub(crate) fn bundle(hook: &Value, post: &Post) -> Value {
    let is_set =
        |name: &str| hook.pointer("/data").and_then(|data| data.get(name)) == Some(&json!(true));
    let mut fields = Map::new();
    for (name, value) in &post.query {
        fields.insert(name.clone(), json!(value));
    }
    let kind = post.headers.iter().find(|(name, _)| name == "content-type");
    let kind = kind.map_or("", |(_, kind)| kind.as_str());
    let words = || String::from_utf8_lossy(&post.body).into_owned();
    if post.body.is_empty() {
        // Nothing but the query.
    } else if kind.starts_with("application/x-www-form-urlencoded") {
        for (name, value) in form_urlencoded::parse(&post.body) {
            fields.insert(name.into_owned(), json!(value));
        }
    } else {
        match serde_json::from_slice(&post.body) {
            Ok(_) if is_set("stringify") => {
                fields.insert("value".to_owned(), json!(words()));
            }
            Ok(Value::Object(body)) => fields.extend(body),
            Ok(body) => {
                fields.insert("value".to_owned(), body);
            }
            Err(_) => {
                fields.insert("value".to_owned(), json!(words()));
            }
        }
    }
    if is_set("method") {
        fields.insert("__IMTMETHOD__".to_owned(), json!(post.method));
    }
    if is_set("headers") {
        let headers = post.headers.iter();
        let headers = headers.map(|(name, value)| json!({ "name": name, "value": value }));
        fields.insert("__IMTHEADERS__".to_owned(), headers.collect());
    }
    Value::Object(fields)
}

/// The fields of a bundle, as a data structure states them.
pub(crate) fn guess(bundle: &Value) -> Value {
    let fields = bundle.as_object().into_iter().flatten();
    fields.map(|(name, value)| field(name, value)).collect()
}

fn field(name: &str, value: &Value) -> Value {
    let mut field = json!({ "name": name, "type": kind(value) });
    let spec = match value {
        Value::Object(_) => guess(value),
        Value::Array(items) => match items.first() {
            Some(item @ Value::Object(_)) => {
                json!({ "type": "collection", "spec": guess(item) })
            }
            Some(item) => json!({ "type": kind(item) }),
            None => return field,
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return field,
    };
    if let Some(field) = field.as_object_mut() {
        field.insert("spec".to_owned(), spec);
    }
    field
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Object(_) => "collection",
        Value::Array(_) => "array",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(text) if is_date(text) => "date",
        Value::String(_) | Value::Null => "text",
    }
}

fn is_date(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Post, bundle, guess};

    fn sent(data: Value, kind: &str, query: &[(&str, &str)], body: &'static str) -> Value {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let post = Post {
            method: "PUT".to_owned(),
            query: query.iter().copied().map(owned).collect(),
            headers: vec![owned(("content-type", kind))],
            body: body.into(),
            from: None,
        };
        bundle(&json!({ "data": data }), &post)
    }

    #[test]
    fn query_and_body_become_one_bundle() {
        let body = r#"{"email":"a@b.example","n":1}"#;
        assert_eq!(
            sent(
                json!({}),
                "application/json",
                &[("email", "x"), ("utm", "y")],
                body
            ),
            json!({ "email": "a@b.example", "utm": "y", "n": 1 })
        );
        assert_eq!(
            sent(
                json!({}),
                "application/x-www-form-urlencoded",
                &[],
                "a=1&b=%C3%A9"
            ),
            json!({ "a": "1", "b": "é" })
        );
        assert_eq!(
            sent(json!({}), "application/json", &[], "[1,2]"),
            json!({ "value": [1, 2] })
        );
        assert_eq!(
            sent(json!({}), "text/plain", &[], "hello"),
            json!({ "value": "hello" })
        );
        assert_eq!(sent(json!({}), "", &[], ""), json!({}));
        let options = json!({ "stringify": true, "method": true, "headers": true });
        assert_eq!(
            sent(options, "application/json", &[], body),
            json!({
                "value": body, "__IMTMETHOD__": "PUT",
                "__IMTHEADERS__": [{ "name": "content-type", "value": "application/json" }],
            })
        );
    }

    #[test]
    fn a_bundle_says_which_fields_it_has() {
        let bundle = json!({
            "id": 7, "vip": true, "at": "2026-04-11T09:00:00Z", "order": { "sum": 1.5 },
            "lines": [{ "sku": "a" }], "tags": ["x"], "none": null,
        });
        assert_eq!(
            guess(&bundle),
            json!([
                { "name": "id", "type": "number" }, { "name": "vip", "type": "boolean" },
                { "name": "at", "type": "date" },
                { "name": "order", "type": "collection", "spec": [{ "name": "sum", "type": "number" }] },
                { "name": "lines", "type": "array",
                  "spec": { "type": "collection", "spec": [{ "name": "sku", "type": "text" }] } },
                { "name": "tags", "type": "array", "spec": { "type": "text" } },
                { "name": "none", "type": "text" },
            ])
        );
    }
}
