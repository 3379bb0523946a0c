//! Filters in words.

use serde_json::Value;

/// A filter in words: ``only if `{{1.status}}` equals `won` ``; none where it lets all through.
///
/// Takes what stands under `filter` of a module, or a list of conditions (any of the outer list,
/// all of an inner one). What must not be shown is covered before.
#[must_use]
pub fn filter_words(filter: &Value) -> Option<String> {
    let (name, conditions) = match filter {
        Value::Object(map) => (
            map.get("name").and_then(Value::as_str),
            map.get("conditions").unwrap_or(&Value::Null),
        ),
        Value::String(text) if !text.is_empty() => return Some(format!("only if {text}")),
        Value::Array(_) => (None, filter),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
    };
    let name = name.filter(|name| !name.is_empty());
    let groups: Vec<String> = match conditions {
        Value::Array(groups) => groups.iter().filter_map(group).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    };
    let words = match groups.is_empty() {
        true => None,
        false => Some(format!("only if {}", groups.join(", or "))),
    };
    match (name, words) {
        (Some(name), Some(words)) => Some(format!("\"{name}\" {words}")),
        (Some(name), None) => Some(format!("\"{name}\"")),
        (None, words) => words,
    }
}

/// Conditions that must all hold.
fn group(group: &Value) -> Option<String> {
    let conditions: Vec<String> = match group {
        Value::Array(conditions) => conditions.iter().filter_map(condition).collect(),
        Value::Object(_) => condition(group).into_iter().collect(),
        Value::String(text) => vec![text.clone()],
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    };
    (!conditions.is_empty()).then(|| conditions.join(" and "))
}

fn condition(condition: &Value) -> Option<String> {
    let map = match condition {
        Value::Object(map) => map,
        // One that is covered.
        Value::String(text) => return Some(text.clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => return None,
    };
    let operand = |key: &str| {
        map.get(key).map(|value| match value {
            Value::String(text) => format!("`{text}`"),
            value => format!("`{value}`"),
        })
    };
    let a = operand("a").unwrap_or_else(|| "``".to_owned());
    let operator = map.get("o").and_then(Value::as_str).unwrap_or("exist");
    let (words, case) = operator_words(operator);
    let takes_none = matches!(operator, "exist" | "notexist");
    let b = operand("b").filter(|_| !takes_none);
    let b = b.map_or_else(String::new, |b| format!(" {b}"));
    Some(format!("{a} {words}{b}{case}"))
}

/// An operator in words, and what is to be said of upper and lower case.
fn operator_words(operator: &str) -> (String, &'static str) {
    let (operator, case) = match operator.strip_suffix(":ci") {
        Some(operator) => (operator, " in any case"),
        None => (operator, ""),
    };
    let (kind, name) = operator.split_once(':').unwrap_or(("", operator));
    let words = match (kind, name) {
        ("date" | "time", "greater") => "is later than",
        ("date" | "time", "greaterorequal") => "is not earlier than",
        ("date" | "time", "less") => "is earlier than",
        ("date" | "time", "lessorequal") => "is not later than",
        (_, "exist") => "exists",
        (_, "notexist") => "does not exist",
        (_, "equal") => "equals",
        (_, "notequal") => "does not equal",
        (_, "contain") => "contains",
        (_, "notcontain") => "does not contain",
        (_, "startwith") => "starts with",
        (_, "notstartwith") => "does not start with",
        (_, "endwith") => "ends with",
        (_, "notendwith") => "does not end with",
        (_, "pattern") => "matches",
        (_, "notpattern") => "does not match",
        (_, "greater") => "is greater than",
        (_, "greaterorequal") => "is at least",
        (_, "less") => "is less than",
        (_, "lessorequal") => "is at most",
        _ => return (operator.to_owned(), case),
    };
    (words.to_owned(), case)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::filter_words;

    #[test]
    fn a_filter_is_said_as_people_would() {
        let said = |filter: Value| filter_words(&filter).unwrap_or_default();
        let filter = json!({"name": "won", "conditions": [
            [{"a": "{{1.status}}", "o": "text:equal:ci", "b": "won"}, {"a": "{{1.mail}}", "o": "exist"}],
            [{"a": "{{1.n}}", "o": "number:greaterorequal", "b": 100}],
        ]});
        assert_eq!(
            said(filter),
            "\"won\" only if `{{1.status}}` equals `won` in any case and `{{1.mail}}` exists, or \
             `{{1.n}}` is at least `100`"
        );
        let bare = json!([[{"a": "B", "o": "date:greater", "b": "{{now}}"}]]);
        assert_eq!(said(bare), "only if `B` is later than `{{now}}`");
        let unheard = json!([[{"a": "B", "o": "array:quux", "b": "x"}]]);
        assert_eq!(said(unheard), "only if `B` array:quux `x`");
        assert_eq!(said(json!({"name": "all"})), "\"all\"");
    }

    #[test]
    fn what_lets_all_through_and_what_is_odd_says_nothing() {
        for odd in [
            json!(null),
            json!({}),
            json!([]),
            json!([[]]),
            json!([1, null]),
            json!(""),
            json!({"name": "", "conditions": []}),
            json!({"conditions": 5}),
        ] {
            assert_eq!(filter_words(&odd), None, "{odd}");
        }
    }
}
