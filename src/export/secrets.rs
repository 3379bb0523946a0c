//! What must not reach a file without a word.

use std::collections::BTreeMap;

use secrecy::ExposeSecret as _;
use serde_json::Value;

use super::name::Names;
use crate::model::{Address, Kind, Snapshot};

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
