//! Filters in words: `only if `1.status` equals `won``.
//!
//! The operators are Make's own, as its editor writes them into blueprints. One that is not known
//! is shown as it is written.

use serde_json::Value;

/// A filter of a module (`{"name":..,"conditions":[[..]]}`), or the bare conditions of a branch,
/// as a sentence; none of what is neither.
///
/// The operands stand between backticks, `{{1.status}}` as `1.status`; a constant text that holds
/// a backtick itself is quoted as JSON.
#[must_use]
pub fn filter_words(filter: &Value) -> Option<String> {
    let (name, conditions) = match filter {
        Value::Object(map) => {
            let known = ["name", "conditions", "label"];
            if !map.keys().all(|key| known.contains(&key.as_str())) {
                return None;
            }
            let name = map.get("name").and_then(Value::as_str);
            (name, map.get("conditions")?)
        }
        Value::Array(_) => (None, filter),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
    };
    let groups = conditions.as_array()?;
    let groups: Option<Vec<Vec<String>>> = groups
        .iter()
        .map(|group| group.as_array()?.iter().map(condition).collect())
        .collect();
    let mut groups = groups?;
    groups.retain(|group| !group.is_empty());
    let several = groups.len() > 1;
    let groups: Vec<String> = groups
        .iter()
        .map(|group| match (several, group.len()) {
            (true, 2..) => format!("({})", group.join(" and ")),
            _ => group.join(" and "),
        })
        .collect();
    let mut words = match groups.as_slice() {
        [] => "always".to_owned(),
        groups => format!("only if {}", groups.join(" or ")),
    };
    if let Some(name) = name.filter(|name| !name.is_empty()) {
        words.push_str(&format!(" ({name:?})"));
    }
    Some(words)
}

/// One condition: `1.status` equals `won`.
fn condition(condition: &Value) -> Option<String> {
    let map = condition.as_object()?;
    let a = operand(map.get("a"));
    let Some(written) = map.get("o") else {
        // What the editor writes while no operator is chosen.
        return Some(format!("{a} exists"));
    };
    let written = written.as_str()?;
    let b = || operand(map.get("b"));
    Some(match operator(written) {
        Some((words, false)) => format!("{a} {words}"),
        Some((words, true)) => format!("{a} {words} {}", b()),
        None => match map.contains_key("b") {
            true => format!("{a} {written} {}", b()),
            false => format!("{a} {written}"),
        },
    })
}

fn operand(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "nothing".to_owned(),
        Some(Value::String(text)) if text.is_empty() => "an empty text".to_owned(),
        Some(Value::String(text)) => {
            let inner = text.strip_prefix("{{").and_then(|t| t.strip_suffix("}}"));
            let inner = inner.filter(|inner| !inner.contains("{{") && !inner.contains("}}"));
            let shown = inner.unwrap_or(text);
            match shown.contains('`') {
                true => format!("{shown:?}"),
                false => format!("`{shown}`"),
            }
        }
        Some(other) => format!("`{other}`"),
    }
}

/// An operator in words, and whether it has a second operand.
fn operator(written: &str) -> Option<(String, bool)> {
    let (written, any_case) = match written.strip_suffix(":ci") {
        Some(operator) => (operator, true),
        None => (written, false),
    };
    let words = match written {
        "exist" => return Some(("exists".to_owned(), false)),
        "notexist" => return Some(("does not exist".to_owned(), false)),
        "text:equal" | "number:equal" | "boolean:equal" | "semver:equal" => "equals",
        "text:notequal" | "number:notequal" | "boolean:notequal" | "semver:notequal" => {
            "does not equal"
        }
        "text:contain" | "array:contain" => "contains",
        "text:notcontain" | "array:notcontain" => "does not contain",
        "text:startwith" => "starts with",
        "text:notstartwith" => "does not start with",
        "text:endwith" => "ends with",
        "text:notendwith" => "does not end with",
        "text:pattern" => "matches the pattern",
        "text:notpattern" => "does not match the pattern",
        "number:less" | "semver:less" => "is less than",
        "number:greater" | "semver:greater" => "is greater than",
        "number:lessorequal" | "semver:lessorequal" => "is at most",
        "number:greaterorequal" | "semver:greaterorequal" => "is at least",
        "date:equal" | "time:equal" => "is at",
        "date:notequal" | "time:notequal" => "is not at",
        "date:less" | "time:less" => "is before",
        "date:greater" | "time:greater" => "is after",
        "date:lessorequal" | "time:lessorequal" => "is at or before",
        "date:greaterorequal" | "time:greaterorequal" => "is at or after",
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{filter_words, operator};

    fn words(conditions: Value) -> String {
        filter_words(&json!({ "conditions": conditions })).unwrap()
    }

    #[test]
    fn conditions_read_as_sentences() {
        let won = json!({"a": "{{1.status}}", "o": "text:equal", "b": "won"});
        let vip = json!({"a": "{{1.vip}}", "o": "exist"});
        let rich = json!({"a": "{{1.amount}}", "o": "number:greaterorequal", "b": 1000});
        assert_eq!(words(json!([[won]])), "only if `1.status` equals `won`");
        assert_eq!(
            words(json!([[won, rich], [vip]])),
            "only if (`1.status` equals `won` and `1.amount` is at least `1000`) or `1.vip` exists"
        );
        assert_eq!(words(json!([])), "always");
        assert_eq!(words(json!([[]])), "always");
        let any = json!([[{"a": "{{1.a}} {{1.b}}", "o": "text:contain:ci", "b": ""}]]);
        assert_eq!(
            words(any),
            "only if `{{1.a}} {{1.b}}` contains (any case) an empty text"
        );
        let named = json!({"name": "Won", "conditions": [[vip]]});
        assert_eq!(
            filter_words(&named).unwrap(),
            "only if `1.vip` exists (\"Won\")"
        );
    }

    #[test]
    fn what_is_not_known_is_shown_as_it_is_written() {
        let odd = json!([[{"a": "a`b", "o": "geo:near", "b": null}, {"a": null, "o": "odd"}]]);
        assert_eq!(
            words(odd),
            "only if \"a`b\" geo:near nothing and nothing odd"
        );
        let other = json!({"conditions": [[1]]});
        assert_eq!(filter_words(&other), None);
        assert_eq!(filter_words(&json!({"conditions": [], "more": 1})), None);
        assert_eq!(filter_words(&json!("text")), None);
    }

    #[test]
    fn every_operator_of_the_editor_has_words() {
        let ordered = [
            "equal",
            "notequal",
            "less",
            "greater",
            "lessorequal",
            "greaterorequal",
        ];
        let texts = ["equal", "contain", "startwith", "endwith", "pattern"];
        let with = |head: &str, tails: &[&str]| -> Vec<String> {
            tails.iter().map(|tail| format!("{head}:{tail}")).collect()
        };
        let mut all: Vec<String> = ["exist", "notexist"].map(str::to_owned).to_vec();
        for head in ["number", "date", "time", "array", "semver"] {
            all.extend(with(head, &ordered));
        }
        all.extend(with("boolean", &["equal", "notequal"]));
        all.extend(with(
            "array",
            &["contain", "notcontain", "contain:ci", "notcontain:ci"],
        ));
        for text in texts {
            all.extend(["", ":ci"].map(|end| format!("text:{text}{end}")));
            all.extend(["", ":ci"].map(|end| format!("text:not{text}{end}")));
        }
        for written in all {
            let (words, _) = operator(&written).unwrap_or_else(|| panic!("{written}"));
            assert!(!words.contains(':'), "{written}");
        }
        assert_eq!(operator("text:odd"), None);
    }
}
