//! Placeholders: words that stand where a value was to come.

use crate::{
    diagnostic::codes::lints as codes,
    model::blueprint::{IdPlace, formulas_of},
};

use super::Lint;

/// Words that stand in for a value wherever they are all that is there.
const WORDS: [&str; 5] = [
    "CHANGEME",
    "CHANGE_ME",
    "REDACTED",
    "REPLACEME",
    "REPLACE_ME",
];

/// How many words a text may have whose `YOUR_KEY` is no prose: `Bearer YOUR_KEY`.
const FEW_WORDS: usize = 3;

/// The placeholder of a text, if there is one.
///
/// Found are `{{CONNECTION_GMAIL}}` (a formula that is one name in capitals with `_`: no formula of
/// Make's is), `<YOUR_TOKEN>`, `YOUR_API_KEY` in what is no prose, and `REDACTED` as the whole text.
pub(super) fn in_text(text: &str) -> Option<String> {
    if text.contains("{{") {
        let formula = formulas_of(text).find(|formula| is_constant(formula.trim()));
        if let Some(formula) = formula {
            return Some(format!("{{{{{formula}}}}}"));
        }
    }
    let whole = text.trim();
    // References have names of their own.
    if whole.is_empty() || whole.contains('\n') || whole.contains("${") {
        return None;
    }
    let bare = whole.trim_matches(|c: char| !c.is_alphanumeric());
    if WORDS.contains(&bare.to_uppercase().as_str()) && bare.to_uppercase() == bare {
        return Some(whole.to_owned());
    }
    if let Some(inner) = between(whole, '<', '>')
        && (is_constant(inner) || begins_with_your(inner))
    {
        return Some(whole.to_owned());
    }
    let few = whole.split_whitespace().count() <= FEW_WORDS;
    let mut words = whole.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let your = words.find(|word| word.starts_with("YOUR_") && is_constant(word));
    your.filter(|_| few).map(str::to_owned)
}

/// Placeholders where an id belongs. There, a name in a formula or in brackets is enough.
pub(super) fn in_id_places(places: &[IdPlace<'_>], found: &mut Vec<Lint>) {
    for place in places {
        let Some(text) = place.value.as_str().map(str::trim) else {
            continue;
        };
        // The texts of modules were looked at: what was found there is not told again.
        if place.module.is_some() && in_text(text).is_some() {
            continue;
        }
        let in_formula = text
            .strip_prefix("{{")
            .and_then(|rest| rest.strip_suffix("}}"));
        let inner = in_formula
            .or_else(|| between(text, '<', '>'))
            .or_else(|| between(text, '[', ']'));
        let is_name = |inner: &str| {
            !inner.is_empty()
                && inner
                    .chars()
                    .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' '))
                && inner.chars().any(char::is_alphabetic)
        };
        if inner.is_some_and(|inner| is_name(inner.trim())) || in_text(text).is_some() {
            let kind = place.kind.prefix();
            found.push(Lint {
                code: &codes::LEFTOVER_PLACEHOLDER,
                path: place.path.clone(),
                part: String::new(),
                message: format!("`{text}` stands where {} names a {kind}", place.holder()),
                help: format!("write `${{{kind}.NAME}}`"),
            });
        }
    }
}

/// `CONNECTION_GMAIL`: capitals, digits, and at least one `_`.
fn is_constant(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.len() >= 4
        && text.contains('_')
        && text.chars().all(fits)
}

/// `your token here`, whatever the capitals.
fn begins_with_your(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["your ", "your-", "your_", "insert ", "replace "]
        .iter()
        .any(|start| lower.starts_with(start))
}

fn between(text: &str, open: char, close: char) -> Option<&str> {
    let inner = text.strip_prefix(open)?.strip_suffix(close)?;
    (!inner.contains([open, close])).then_some(inner)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{in_id_places, in_text};
    use crate::model::blueprint::id_places;

    #[test]
    fn placeholders_are_found_and_what_only_looks_so_is_not() {
        for (text, left) in [
            ("{{CONNECTION_GMAIL}}", "{{CONNECTION_GMAIL}}"),
            ("https://x/{{ BASE_ID }}/y", "{{ BASE_ID }}"),
            ("<YOUR_TOKEN>", "<YOUR_TOKEN>"),
            ("<your token here>", "<your token here>"),
            ("Bearer YOUR_API_KEY", "YOUR_API_KEY"),
            ("https://x.test/YOUR_HOOK?a=1", "YOUR_HOOK"),
            ("REDACTED", "REDACTED"),
            (" ***REDACTED*** ", "***REDACTED***"),
            ("[CHANGE_ME]", "[CHANGE_ME]"),
        ] {
            assert_eq!(in_text(text).as_deref(), Some(left), "{text}");
        }
        for text in [
            "",
            "{{1.FIRST_NAME}}",
            "{{var.organization.BASE_URL}}",
            "{{emptystring}} {{now}} {{NAME}}",
            "{{lower(1.a)}}",
            "IN_PROGRESS",
            "TODO",
            "redacted",
            "<br>",
            "<BR>",
            "<DOC_TYPE><A_B>",
            "<p>YOUR_NAME is what people write into this long field</p>",
            "Your order",
            "your-shop",
            "process.env.YOUR_KEY;\nrun()",
            "${var.YOUR_KEY}",
        ] {
            assert_eq!(in_text(text), None, "{text}");
        }
    }

    #[test]
    fn where_an_id_belongs_a_name_in_brackets_is_one() {
        let found = |value: &Value| {
            let document = json!({"flow": [
                {"id": 1, "module": "a:b", "parameters": {"__IMTCONN__": value}}]});
            let mut found = Vec::new();
            in_id_places(&id_places(&document), &mut found);
            found.len()
        };
        for value in ["{{gmail}}", "<CONNECTION>", "[my connection]"] {
            assert_eq!(found(&json!(value)), 1, "{value}");
        }
        for value in [
            json!(12),
            json!(""),
            json!("12"),
            json!("{{var.input.Account}}"),
            json!("{{1.connection}}"),
            json!("${connection.gmail}"),
            json!("TAC_1"),
            // Told of as a text of the module.
            json!("{{CONNECTION_GMAIL}}"),
        ] {
            assert_eq!(found(&value), 0, "{value}");
        }
    }
}
