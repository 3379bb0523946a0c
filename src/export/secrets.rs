//! What must not reach a file without a word.

use std::collections::BTreeMap;

use secrecy::ExposeSecret as _;
use serde_json::Value;

use super::name::Names;
use crate::model::{
    Address, Kind, Snapshot, blueprint::modules, secret::sensitive_paths, value_at,
};

/// Where a document holds texts that look like secrets, never the texts: fields by their
/// modules, `module 3 (http:Get): mapper.url, mapper.headers.0.value`. Empty if there are none.
///
/// A field that holds the URL of a webhook is not among them: [`HookUrls`] finds it by what it
/// is, not by its looks.
pub(super) fn suspects(document: &Value, urls: &HookUrls<'_>) -> String {
    let modules = modules(document);
    let mut fields: BTreeMap<Option<usize>, Vec<String>> = BTreeMap::new();
    for path in sensitive_paths(document) {
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

/// The URLs and addresses of the account's webhooks: whoever knows one can call it.
pub(super) struct HookUrls<'a>(BTreeMap<String, &'a Address>);

impl<'a> HookUrls<'a> {
    /// Those of a snapshot.
    pub(super) fn of(snapshot: &Snapshot, names: &'a Names) -> Self {
        let urls = snapshot.of(Kind::Webhook).filter_map(|live| {
            let url = bare(live.facts.url.as_ref()?.expose_secret());
            let address = names.address(Kind::Webhook, &live.id)?;
            (!url.is_empty()).then(|| (url.to_owned(), address))
        });
        Self(urls.collect())
    }

    /// The webhooks whose URL stands somewhere in a document.
    pub(super) fn within(&self, document: &Value) -> Vec<&'a Address> {
        let mut found = Vec::new();
        if !self.0.is_empty() {
            self.walk(document, &mut found);
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn walk(&self, value: &Value, found: &mut Vec<&'a Address>) {
        match value {
            Value::String(text) => found.extend(self.named_in(text)),
            Value::Array(items) => items.iter().for_each(|item| self.walk(item, found)),
            Value::Object(members) => members.values().for_each(|value| self.walk(value, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// A URL ends where no character of one follows; its query is not part of a hook's.
    fn named_in(&self, text: &str) -> impl Iterator<Item = &'a Address> {
        text.split(|c: char| c.is_whitespace() || "\"'<>(){}[],;?#`\\".contains(c))
            .filter_map(|word| self.0.get(bare(word)).copied())
    }
}

/// A URL without its scheme, as people write it in either way.
fn bare(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.trim_end_matches(['/', '.'])
}
