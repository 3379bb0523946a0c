//! What is about to reach a file although it looks like a secret.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::model::{
    blueprint::modules,
    reference::{Part, Template},
    secret::sensitive_paths,
};

/// Where a document still holds texts that look like secrets, never the texts: fields by their
/// modules, `module 3 (http:Get): mapper.url, mapper.headers.0.value`. Empty if there are none.
pub(in crate::export) fn suspects(document: &Value) -> String {
    let modules = modules(document);
    let mut fields: BTreeMap<Option<usize>, Vec<String>> = BTreeMap::new();
    for path in sensitive_paths(&neutral(document)) {
        // A module comes before those inside it: the last that holds the field is the nearest.
        let holder = modules
            .iter()
            .rposition(|module| path.starts_with(&module.path));
        let module = holder.and_then(|index| modules.get(index));
        let depth = module.map_or(0, |module| module.path.len());
        let field: Vec<&str> = path.iter().skip(depth).map(String::as_str).collect();
        fields.entry(holder).or_default().push(field.join("."));
    }
    let parts = fields.into_iter().map(|(holder, fields)| {
        let fields = fields.join(", ");
        match holder.and_then(|index| modules.get(index)) {
            Some(module) => format!("module {} ({}): {fields}", module.key, module.module),
            None => fields,
        }
    });
    parts.collect::<Vec<_>>().join("; ")
}

/// Whether a name holds what looks like a secret. Nothing can stand for it there.
pub(in crate::export) fn has_secret(name: &str) -> bool {
    !sensitive_paths(&Value::from(name)).is_empty()
}

/// A text with a formula in place of each reference: what a reference stands for is no secret of
/// the file's.
pub(super) fn without_references(written: &str) -> String {
    let template = Template::parse(written);
    let parts = template.parts().iter().map(|part| match part {
        Part::Text(text) => text.as_str(),
        Part::Reference(_) => "{{1}}",
    });
    parts.collect()
}

fn neutral(value: &Value) -> Value {
    match value {
        Value::String(text) if text.contains("${") => Value::String(without_references(text)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
        Value::Array(items) => items.iter().map(neutral).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| (key.clone(), neutral(value)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{has_secret, suspects};

    #[test]
    fn what_a_reference_stands_for_is_not_in_the_file() {
        let module = |auth: &str| {
            json!({"flow": [{"id": 10, "module": "http:MakeRequest", "parameters": {
                "apiKeyKeychain": auth, "auth": auth, "authPass": auth}}]})
        };
        let found = |auth| suspects(&module(auth));
        assert_eq!(found("${key.harbor-yoga-apikeyauth-2}"), "");
        assert!(found("k3y-0f-harbor-Yoga-98").contains("authPass"));
        let mixed = found("k3y-0f-harbor-Yoga-98 ${env.OTHER}");
        assert!(!mixed.contains("env."), "{mixed}");
    }

    #[test]
    fn names_may_hold_secrets_too() {
        assert!(has_secret(
            "Call https://hook.eu1.make.com/k3j9x8w7v6u5t4s3r2q1p0o9n8m7l6k5"
        ));
        assert!(!has_secret("Lead Sync 2024 (key accounts)"));
    }
}
