//! A blueprint as a draft and what stands in it where the draft has references.
//!
//! What a manifest asks for and what the account has differ in these places only, most of the
//! time. Held so, both take the memory of one.

use serde_json::Value;

use super::document::COMPUTED;
use crate::model::values_equal;

/// What a document has in place of the texts of a draft that hold references, in the draft's
/// order. None if the two differ in anything else but what Make computes.
pub(super) fn fillings(draft: &Value, document: &Value) -> Option<Vec<Value>> {
    let mut found = Vec::new();
    let (Value::Object(drafted), Value::Object(there)) = (draft, document) else {
        return None;
    };
    let (metadata, of_draft) = (there.get("metadata")?, drafted.get("metadata")?);
    let rest = drafted.iter().filter(|(key, _)| *key != "metadata");
    let is_same = drafted.len() == there.len()
        && rest
            .into_iter()
            .all(|(key, draft)| compare(draft, there.get(key), &mut found))
        && match (of_draft, metadata) {
            (Value::Object(draft), Value::Object(there)) => {
                let said = |key: &&String| !COMPUTED.contains(&key.as_str());
                draft.keys().filter(said).count() == there.keys().filter(said).count()
                    && draft
                        .iter()
                        .filter(|(key, _)| said(key))
                        .all(|(key, draft)| compare(draft, there.get(key), &mut found))
            }
            (draft, there) => compare(draft, Some(there), &mut found),
        };
    is_same.then_some(found)
}

fn compare(draft: &Value, document: Option<&Value>, found: &mut Vec<Value>) -> bool {
    let Some(document) = document else {
        return false;
    };
    match (draft, document) {
        (Value::String(text), document) if text.contains("${") => {
            found.push(document.clone());
            true
        }
        (Value::Array(draft), Value::Array(items)) => {
            draft.len() == items.len()
                && draft
                    .iter()
                    .zip(items)
                    .all(|(draft, item)| compare(draft, Some(item), found))
        }
        (Value::Object(draft), Value::Object(members)) => {
            draft.len() == members.len()
                && draft
                    .iter()
                    .all(|(key, draft)| compare(draft, members.get(key), found))
        }
        (draft, document) => values_equal(draft, document),
    }
}

/// Puts them into the draft.
pub(super) fn fill(draft: &mut Value, fillings: Vec<Value>) {
    let mut fillings = fillings.into_iter();
    if let Value::Object(members) = draft {
        let metadata = members.get_mut("metadata").map(std::mem::take);
        members
            .values_mut()
            .for_each(|member| put(member, &mut fillings));
        if let Some(mut metadata) = metadata {
            if let Value::Object(said) = &mut metadata {
                let said = said.iter_mut();
                said.filter(|(key, _)| !COMPUTED.contains(&key.as_str()))
                    .for_each(|(_, value)| put(value, &mut fillings));
            } else {
                put(&mut metadata, &mut fillings);
            }
            members.insert("metadata".to_owned(), metadata);
        }
    }
}

fn put(draft: &mut Value, fillings: &mut impl Iterator<Item = Value>) {
    match draft {
        Value::String(text) if text.contains("${") => {
            if let Some(value) = fillings.next() {
                *draft = value;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| put(item, fillings)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|member| put(member, fillings)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{fill, fillings};
    use crate::model::{blueprint::random, values_equal};

    #[test]
    fn what_stands_at_references_is_all_that_may_differ() {
        let draft = json!({"name": "a ${x}", "flow": [{"id": 1, "parameters": {
            "hook": "${webhook.a}", "url": "u"}}], "metadata": {"instant": true, "designer": {"a": "$${b}"}}});
        let live = json!({"flow": [{"parameters": {"url": "u", "hook": 5}, "id": 1.0}],
            "metadata": {"zone": "z", "designer": {"a": "${b}"}}, "name": "a x"});
        let found = fillings(&draft, &live).unwrap();
        assert_eq!(found, [json!("a x"), json!(5), json!("${b}")]);
        let mut filled = draft.clone();
        fill(&mut filled, found);
        assert_eq!(
            filled,
            json!({"name": "a x", "flow": [{"id": 1, "parameters": {"hook": 5, "url": "u"}}],
                "metadata": {"instant": true, "designer": {"a": "${b}"}}})
        );
        for (path, value) in [
            ("/flow/0/parameters/url", json!("v")),
            ("/flow/0/parameters", json!({"hook": 5})),
            ("/metadata/designer", json!({"a": 1, "b": 2})),
            ("/metadata", json!([])),
            ("/flow", json!([])),
        ] {
            let mut other = live.clone();
            *other.pointer_mut(path).unwrap() = value;
            assert_eq!(fillings(&draft, &other), None, "{path}");
        }
    }

    /// Puts a reference in place of some values.
    fn drafted(value: &mut Value, some: &mut impl Iterator<Item = bool>) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| drafted(item, some)),
            Value::Object(members) => members
                .values_mut()
                .for_each(|member| drafted(member, some)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                if some.next() == Some(true) {
                    *value = json!("${webhook.a}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_draft_that_is_filled_is_the_document(
            document in random::blueprint(), some in proptest::collection::vec(any::<bool>(), 20),
        ) {
            let mut draft = document.clone();
            let mut some = some.into_iter().cycle();
            for (key, member) in draft.as_object_mut().unwrap() {
                if key != "metadata" {
                    drafted(member, &mut some);
                }
            }
            let whole = document.get("metadata").is_some();
            let found = fillings(&draft, &document);
            prop_assert_eq!(found.is_some(), whole);
            if let Some(found) = found {
                fill(&mut draft, found);
                prop_assert!(values_equal(&draft, &document), "{} is not {}", draft, document);
            }
        }
    }
}
