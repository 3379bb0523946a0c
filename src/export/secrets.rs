//! What must not reach a file without a word.

use std::collections::BTreeMap;

use serde_json::Value;

use super::urls::HookUrls;
use crate::model::{
    blueprint::modules,
    reference::{Part, Template},
    secret::sensitive_paths,
    value_at,
};

/// Where a document holds texts that look like secrets, never the texts: fields by their
/// modules, `module 3 (http:Get): mapper.url, mapper.headers.0.value`. Empty if there are none.
///
/// A field that holds the URL of a webhook is not among them: [`HookUrls`] finds it by what it
/// is, not by its looks.
pub(super) fn suspects(document: &Value, urls: &HookUrls<'_>) -> String {
    let modules = modules(document);
    let literal = without_references(document);
    let mut fields: BTreeMap<Option<usize>, Vec<String>> = BTreeMap::new();
    for path in sensitive_paths(&literal) {
        if value_at(document, &path).is_some_and(|text| !urls.within(text).is_empty()) {
            continue;
        }
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

/// A document with a formula in place of each reference: what a reference stands for is no secret
/// of the file's.
fn without_references(value: &Value) -> Value {
    match value {
        Value::String(text) if text.contains("${") => {
            let template = Template::parse(text);
            let parts = template.parts().iter().map(|part| match part {
                Part::Text(text) => text.as_str(),
                Part::Reference(_) => "{{1}}",
            });
            Value::String(parts.collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
        Value::Array(items) => items.iter().map(without_references).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| (key.clone(), without_references(value)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::suspects;
    use crate::export::{fixture::snapshot, known::Known, name::Names, urls::HookUrls};

    #[test]
    fn what_a_reference_stands_for_is_not_in_the_file() {
        let account = snapshot([]);
        let names = Names::of(&[(&account, &Known::default())]).remove(0);
        let urls = HookUrls::of(&account, &names);
        let module = |auth: &str| {
            json!({"flow": [{"id": 10, "module": "http:MakeRequest", "parameters": {
                "apiKeyKeychain": auth, "auth": auth, "authPass": auth}}]})
        };
        let found = |auth| suspects(&module(auth), &urls);
        assert_eq!(found("${key.harbor-yoga-apikeyauth-2}"), "");
        assert!(found("k3y-0f-harbor-Yoga-98").contains("authPass"));
        let mixed = found("k3y-0f-harbor-Yoga-98 ${env.OTHER}");
        assert!(!mixed.contains("env."), "{mixed}");
    }
}
