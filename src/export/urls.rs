//! The URLs of the account's webhooks: whoever knows one can call it.

use std::collections::BTreeMap;

use secrecy::ExposeSecret as _;
use serde_json::Value;

use super::name::Names;
use crate::model::{Address, Kind, Snapshot, reference::escape};

/// The URLs of webhooks and the addresses of mailhooks.
pub(super) struct HookUrls<'a>(BTreeMap<&'a str, Hook<'a>>);

struct Hook<'a> {
    address: &'a Address,
    /// As Make gives it, with its scheme.
    url: &'a str,
}

impl<'a> HookUrls<'a> {
    /// Those of a snapshot.
    pub(super) fn of(snapshot: &'a Snapshot, names: &'a Names) -> Self {
        let urls = snapshot.of(Kind::Webhook).filter_map(|live| {
            let url = live.facts.url.as_ref()?.expose_secret();
            let address = names.address(Kind::Webhook, &live.id)?;
            let bare = bare(url);
            (!bare.is_empty()).then_some((bare, Hook { address, url }))
        });
        Self(urls.collect())
    }

    /// The webhooks whose URL stands somewhere in a document, in whatever spelling.
    pub(super) fn within(&self, document: &Value) -> Vec<&'a Address> {
        let mut found = Vec::new();
        if !self.0.is_empty() {
            self.walk(document, &mut found);
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// A text as a file that may hold references has it: with one for each URL in the very
    /// spelling that Make gives, and with escapes. None if that is the text as it stands.
    pub(super) fn refer(&self, text: &str) -> Option<String> {
        let escaped = text.contains("${").then(|| escape(text));
        let text = escaped.as_deref().unwrap_or(text);
        let known = |word: &str| self.0.get(bare(word.trim_end_matches(ends_url)));
        let words = text.split_inclusive(ends_url);
        if self.0.is_empty() || !words.clone().any(|word| known(word).is_some()) {
            return escaped;
        }
        let replace = |word: &str| {
            let rest = known(word).and_then(|hook| Some((hook, word.strip_prefix(hook.url)?)));
            match rest {
                Some((hook, rest)) => format!("${{{}.url}}{rest}", hook.address),
                None => word.to_owned(),
            }
        };
        Some(words.map(replace).collect())
    }

    fn walk(&self, value: &Value, found: &mut Vec<&'a Address>) {
        match value {
            Value::String(text) => {
                let words = text.split(ends_url);
                found.extend(words.filter_map(|word| Some(self.0.get(bare(word))?.address)));
            }
            Value::Array(items) => items.iter().for_each(|item| self.walk(item, found)),
            Value::Object(members) => members.values().for_each(|value| self.walk(value, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// A URL ends where no character of one follows; its query is not part of a hook's.
fn ends_url(c: char) -> bool {
    c.is_whitespace() || "\"'<>(){}[],;?#`\\".contains(c)
}

/// A URL without its scheme, as people write it in either way.
fn bare(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.trim_end_matches(['/', '.'])
}
