//! Filters in words: `only if `1.status` equals "won"`.
//!
//! Who reviews a plan reads the sentence and not the filter, so two filters that do not do the same
//! never have the same words: values and constants, types and operators are told apart, and what
//! has no words of its own has none at all. The operators are Make's own, as its editor writes them
//! into blueprints; one that is not known is shown as it is written.

use serde_json::{Map, Value};

/// A filter of a module (`{"name":..,"conditions":[[..]]}`), or the bare conditions of a branch,
/// as a sentence; none of what is neither, or holds more than a sentence can tell.
///
/// What is taken from a module stands between backticks, `{{1.status}}` as `1.status`, constants
/// as JSON: "won", 5. A name that is empty is none, and no conditions are one group of none.
#[must_use]
pub fn filter_words(filter: &Value) -> Option<String> {
    let (names, conditions) = match filter {
        Value::Object(map) => (names(map)?, map.get("conditions")?),
        Value::Array(_) => (String::new(), filter),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
    };
    Some(sentence(conditions.as_array()?)? + &names)
}

/// What a filter is called: ` ("Won")`.
fn names(filter: &Map<String, Value>) -> Option<String> {
    let mut words = String::new();
    for (key, value) in filter {
        let before = match key.as_str() {
            "conditions" => continue,
            "name" => "",
            "label" => "label ",
            _ => return None,
        };
        match value {
            Value::Null => {}
            Value::String(text) if text.is_empty() => {}
            Value::String(_) => words.push_str(&format!(" ({before}{value})")),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => return None,
        }
    }
    Some(words)
}

/// Groups of conditions, of which one must hold whole.
fn sentence(groups: &[Value]) -> Option<String> {
    let groups: Option<Vec<&Vec<Value>>> = groups.iter().map(Value::as_array).collect();
    let groups = groups?;
    if groups.is_empty() || (groups.len() == 1 && groups.iter().all(|group| group.is_empty())) {
        return Some("always".to_owned());
    }
    let mut words = Vec::new();
    for group in &groups {
        let conditions: Option<Vec<String>> = group.iter().map(condition).collect();
        let conditions = conditions?;
        words.push(match (groups.len(), conditions.len()) {
            // What Make does with an empty group among others is not known.
            (_, 0) => return None,
            (2.., 2..) => format!("({})", conditions.join(" and ")),
            (_, _) => conditions.join(" and "),
        });
    }
    Some(format!("only if {}", words.join(" or ")))
}

/// One condition: `1.status` equals "won".
fn condition(condition: &Value) -> Option<String> {
    let map = condition.as_object()?;
    if !map
        .keys()
        .all(|key| matches!(key.as_str(), "a" | "o" | "b"))
    {
        return None;
    }
    let (a, b) = (operand(map.get("a")), map.get("b"));
    let Some(written) = map.get("o") else {
        // What the editor writes while no operator is chosen.
        return b.is_none().then(|| format!("{a} exists (by default)"));
    };
    let written = written.as_str()?;
    Some(match (operator(written), b) {
        (Some((words, false)), None) => format!("{a} {words}"),
        // A second operand that nothing is compared with.
        (Some((_, false)), Some(_)) => return None,
        (Some((words, true)), b) => format!("{a} {words} {}", operand(b)),
        (None, None) => format!("{a} {}", unknown(written)),
        (None, b) => format!("{a} {} {}", unknown(written), operand(b)),
    })
}

/// An operator that is not known: as it is written, in quotes where it could be taken for words,
/// which have no colon.
fn unknown(operator: &str) -> String {
    let is_part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric());
    match operator.contains(':') && operator.split(':').all(is_part) {
        true => operator.to_owned(),
        false => Value::from(operator).to_string(),
    }
}

fn operand(value: Option<&Value>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(Value::String(text)) if text.is_empty() => "an empty text".to_owned(),
        Some(Value::String(text)) if is_computed(text) && !text.contains('`') => {
            let inner = text.strip_prefix("{{").and_then(|t| t.strip_suffix("}}"));
            let inner = inner.filter(|inner| !inner.contains("{{") && !inner.contains("}}"));
            format!("`{}`", inner.unwrap_or(text))
        }
        Some(other) => other.to_string(),
    }
}

/// Whether Make puts something in place of a part of a text.
fn is_computed(text: &str) -> bool {
    text.split_once("{{")
        .is_some_and(|(_, rest)| rest.contains("}}"))
}

/// An operator in words, and whether it has a second operand.
pub(super) fn operator(written: &str) -> Option<(String, bool)> {
    let (written, any_case) = match written.strip_suffix(":ci") {
        Some(operator) => (operator, true),
        None => (written, false),
    };
    let words = match written {
        "exist" if !any_case => return Some(("exists".to_owned(), false)),
        "notexist" if !any_case => return Some(("does not exist".to_owned(), false)),
        "text:equal" => "equals",
        "text:notequal" => "does not equal",
        "text:contain" => "contains",
        "text:notcontain" => "does not contain",
        "text:startwith" => "starts with",
        "text:notstartwith" => "does not start with",
        "text:endwith" => "ends with",
        "text:notendwith" => "does not end with",
        "text:pattern" => "matches the pattern",
        "text:notpattern" => "does not match the pattern",
        "number:equal" => "equals the number",
        "number:notequal" => "does not equal the number",
        "number:less" => "is less than",
        "number:greater" => "is greater than",
        "number:lessorequal" => "is at most",
        "number:greaterorequal" => "is at least",
        "boolean:equal" => "equals the boolean",
        "boolean:notequal" => "does not equal the boolean",
        "semver:equal" => "equals the version",
        "semver:notequal" => "does not equal the version",
        "semver:less" => "is less than the version",
        "semver:greater" => "is greater than the version",
        "semver:lessorequal" => "is at most the version",
        "semver:greaterorequal" => "is at least the version",
        "date:equal" => "is at",
        "date:notequal" => "is not at",
        "date:less" => "is before",
        "date:greater" => "is after",
        "date:lessorequal" => "is at or before",
        "date:greaterorequal" => "is at or after",
        "time:equal" => "is at the time",
        "time:notequal" => "is not at the time",
        "time:less" => "is before the time",
        "time:greater" => "is after the time",
        "time:lessorequal" => "is at or before the time",
        "time:greaterorequal" => "is at or after the time",
        "array:contain" => "contains the item",
        "array:notcontain" => "does not contain the item",
        "array:equal" => "has as many items as",
        "array:notequal" => "has not as many items as",
        "array:less" => "has fewer items than",
        "array:greater" => "has more items than",
        "array:lessorequal" => "has at most as many items as",
        "array:greaterorequal" => "has at least as many items as",
        _ => return None,
    };
    Some(match any_case {
        true => (format!("{words} (any case)"), true),
        false => (words.to_owned(), true),
    })
}
