//! What must not reach a file without a word.

use std::collections::BTreeMap;

use serde_json::Value;

use super::urls::HookUrls;
use crate::model::{blueprint::modules, secret::sensitive_paths, value_at};

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
