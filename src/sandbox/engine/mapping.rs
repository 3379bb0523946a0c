//! `{{1.email}}`: what a text in a module stands for, as far as it is a plain path.
//!
//! Functions and operators of Make's expression language are not evaluated: a text with one of
//! them stays as it is written, and says nothing to a filter.

use serde_json::{Map, Value};

/// What each module has put out, by its id.
pub(super) type Bundles = Map<String, Value>;

/// A value with its texts resolved, at any depth.
pub(super) fn resolve(value: &Value, bundles: &Bundles) -> Value {
    match value {
        Value::String(text) => evaluate(text, bundles).unwrap_or_else(|| value.clone()),
        Value::Array(items) => items.iter().map(|item| resolve(item, bundles)).collect(),
        Value::Object(fields) => {
            let resolved = fields
                .iter()
                .map(|(name, value)| (name.clone(), resolve(value, bundles)));
            Value::Object(resolved.collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// What a text stands for: nothing if there is an expression in it that is more than a path.
pub(super) fn evaluate(text: &str, bundles: &Bundles) -> Option<Value> {
    if !text.contains("{{") {
        return Some(Value::from(text));
    }
    let whole = text.trim().strip_prefix("{{");
    if let Some(path) = whole.and_then(|rest| rest.strip_suffix("}}"))
        && !path.contains("{{")
    {
        return find(path, bundles);
    }
    let mut written = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (path, after) = after.split_once("}}")?;
        written.push_str(before);
        written.push_str(&words(&find(path, bundles)?));
        rest = after;
    }
    written.push_str(rest);
    Some(Value::from(written))
}

/// A value within a text: nothing for null.
pub(super) fn words(value: &Value) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None if value.is_null() => String::new(),
        None => value.to_string(),
    }
}

/// What is at `1.order.items[2].name`, counted from 1 as Make does, `[]` being the first; null
/// where there is nothing. Nothing at all if it is no path.
fn find(path: &str, bundles: &Bundles) -> Option<Value> {
    let mut segments = path.trim().split('.');
    let module = segments.next()?;
    if module.is_empty() || !module.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut found = bundles.get(module);
    for segment in segments {
        let (name, indexes) = match segment.split_once('[') {
            Some((name, indexes)) => (name, Some(indexes.strip_suffix(']')?)),
            None => (segment, None),
        };
        let name = name.trim_matches('`');
        if name.is_empty() || name.contains(['(', ')', ';', '"', '+', '*', '/', '=', ' ']) {
            return None;
        }
        found = found.and_then(|value| value.get(name));
        for index in indexes.into_iter().flat_map(|indexes| indexes.split("][")) {
            let index: usize = match index {
                "" => 1,
                index => index.parse().ok()?,
            };
            found = found.and_then(|value| value.get(index.checked_sub(1)?));
        }
    }
    Some(found.cloned().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{evaluate, resolve};

    #[test]
    fn paths_are_followed_and_anything_else_stays_as_written() {
        let bundles =
            json!({ "1": { "name": "Ada", "my field": 3, "items": [{ "id": 7 }, { "id": 8 }] } });
        let bundles = bundles.as_object().unwrap();
        let found = |text: &str| evaluate(text, bundles);
        assert_eq!(found("plain"), Some(json!("plain")));
        assert_eq!(found("{{1.name}}"), Some(json!("Ada")));
        assert_eq!(found("{{ 1.items[2].id }}"), Some(json!(8)));
        assert_eq!(found("{{1.items[].id}}"), Some(json!(7)));
        assert_eq!(found("{{1.`my-field`}}"), Some(Value::Null));
        assert_eq!(found("{{2.name}}"), Some(Value::Null));
        assert_eq!(
            found("Dear {{1.name}}, {{1.items[1]}}"),
            Some(json!("Dear Ada, {\"id\":7}"))
        );
        for text in [
            "{{upper(1.name)}}",
            "{{1.name + 2}}",
            "{{now}}",
            "a {{1.name",
            "{{1.a(b)}}",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
        assert_eq!(
            resolve(&json!({ "a": ["{{1.name}}", "{{now}}", 1] }), bundles),
            json!({ "a": ["Ada", "{{now}}", 1] })
        );
    }
}
