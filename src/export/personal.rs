//! E-mail addresses in what only Make's editor needs: labels of connections, samples, notes.

use serde_json::{Map, Value};

use crate::model::blueprint::{EditorPart, join, split};

/// What stands where an address was.
const REMOVED: &str = "e-mail removed";

/// A blueprint whose editor's part holds no e-mail address. What the scenario does stays.
pub(super) fn without_addresses(document: Value) -> Value {
    let (does, editor) = split(document);
    let editor = cleaned(editor.into_value());
    join(does, EditorPart::from_value(editor))
}

fn cleaned(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(replaced(&text).unwrap_or(text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
        Value::Array(items) => items.into_iter().map(cleaned).collect(),
        Value::Object(members) => {
            let members = members.into_iter();
            let members =
                members.map(|(key, value)| (replaced(&key).unwrap_or(key), cleaned(value)));
            Value::Object(members.collect::<Map<String, Value>>())
        }
    }
}

/// A text with all addresses in it removed; none if there are none.
fn replaced(text: &str) -> Option<String> {
    let mut kept = String::new();
    let mut from = 0;
    for (at, _) in text.match_indices('@') {
        let Some(before) = text.get(from..at) else {
            continue;
        };
        let is_of_user = |c: char| c.is_alphanumeric() || "._%+-'".contains(c);
        let user = before.chars().rev().take_while(|c| is_of_user(*c));
        let user: usize = user.map(char::len_utf8).sum();
        let after = text.get(at + 1..).unwrap_or_default();
        let is_of_host = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
        let host = after.find(|c| !is_of_host(c)).unwrap_or(after.len());
        let host = after
            .get(..host)
            .unwrap_or_default()
            .trim_end_matches(['.', '-']);
        let has_domain = host
            .split_once('.')
            .is_some_and(|(name, _)| !name.is_empty());
        if user == 0 || !has_domain {
            continue;
        }
        kept.push_str(text.get(from..at - user).unwrap_or_default());
        kept.push_str(REMOVED);
        from = at + 1 + host.len();
    }
    kept.push_str(text.get(from..).unwrap_or_default());
    (from > 0).then_some(kept)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{replaced, without_addresses};

    #[test]
    fn addresses_go_and_what_looks_like_some_stays() {
        for (text, expected) in [
            (
                "My Google (mia.doe+x@acme.example)",
                "My Google (e-mail removed)",
            ),
            (
                "a@b.de, ü@münchen.example.",
                "e-mail removed, e-mail removed.",
            ),
            (
                "mia@acme.example/mia@acme.example",
                "e-mail removed/e-mail removed",
            ),
        ] {
            assert_eq!(replaced(text).as_deref(), Some(expected));
        }
        for text in [
            "@mia",
            "logo@2x",
            "a @ b.de",
            "x@localhost",
            "@b.de",
            "{{1.email}}",
        ] {
            assert_eq!(replaced(text), None, "{text}");
        }
    }

    #[test]
    fn only_what_the_editor_needs_is_changed() {
        let module = |label: &str| {
            json!({"id": 3, "module": "a:b", "mapper": {"to": "mia@acme.example"},
                "metadata": {"restore": {"parameters": {"__IMTCONN__": {"label": label}}}}})
        };
        let whole = |label: &str| json!({"flow": [module(label)], "metadata": {"notes": [label]}});
        assert_eq!(
            without_addresses(whole("G (mia@acme.example)")),
            whole("G (e-mail removed)")
        );
    }
}
