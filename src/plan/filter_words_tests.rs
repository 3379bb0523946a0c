//! That filters read as sentences, and no two of them as the same.

use std::collections::HashMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::filter_words::{filter_words, operator};

fn words(conditions: Value) -> String {
    filter_words(&json!({ "conditions": conditions })).unwrap()
}

#[test]
fn conditions_read_as_sentences() {
    let won = json!({"a": "{{1.status}}", "o": "text:equal", "b": "won"});
    let vip = json!({"a": "{{1.vip}}", "o": "exist"});
    let rich = json!({"a": "{{1.amount}}", "o": "number:greaterorequal", "b": 1000});
    assert_eq!(words(json!([[won]])), "only if `1.status` equals \"won\"");
    assert_eq!(
        words(json!([[won, rich], [vip]])),
        "only if (`1.status` equals \"won\" and `1.amount` is at least 1000) or `1.vip` exists"
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
fn what_is_not_known_is_shown_as_it_is_written_and_what_has_no_words_gets_none() {
    let odd = json!([[{"a": "a`b", "o": "geo:near", "b": null}, {"o": "geo:here"}]]);
    assert_eq!(
        words(odd),
        "only if \"a`b\" geo:near null and nothing geo:here"
    );
    let like_words = json!([[{"a": "x", "o": "exists"}, {"a": "x", "o": "is: \"y\"", "b": 1}]]);
    assert_eq!(
        words(like_words),
        r#"only if "x" "exists" and "x" "is: \"y\"" 1"#
    );
    for conditions in [
        json!([[1]]),
        json!([[{"a": "x", "o": "exist"}], []]),
        json!([[{"a": "x", "o": "text:equal", "b": "y", "c": 1}]]),
        json!([[{"a": "x", "o": "exist", "b": "y"}]]),
        json!([[{"a": "x", "b": "y"}]]),
    ] {
        let filter = json!({ "conditions": conditions });
        assert_eq!(filter_words(&filter), None, "{filter}");
    }
    assert_eq!(filter_words(&json!({"conditions": [], "more": 1})), None);
    assert_eq!(filter_words(&json!({"conditions": [], "name": 1})), None);
    assert_eq!(filter_words(&json!("text")), None);
}

/// Every operator that Make's editor writes.
fn operators() -> Vec<String> {
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
    all
}

#[test]
fn every_operator_of_the_editor_has_words() {
    for written in operators() {
        let (words, _) = operator(&written).unwrap_or_else(|| panic!("{written}"));
        assert!(!words.contains(':'), "{written}");
    }
    assert_eq!(operator("text:odd"), None);
}

#[test]
fn no_two_conditions_have_the_same_words() {
    let operands = [
        json!("1.status"),
        json!("{{1.status}}"),
        json!("`1.status`"),
        json!("{{`1.status`}}"),
        json!("\"1.status\""),
        json!("{{1.a}} {{1.b}}"),
        json!("{{1.a"),
        json!("1.a}}"),
        json!(""),
        json!("an empty text"),
        json!("nothing"),
        json!(null),
        json!("null"),
        json!(5),
        json!("5"),
        json!(5.5),
        json!(true),
        json!("true"),
        json!([]),
        json!("[]"),
        json!({"a": 1}),
    ];
    let mut wordings: HashMap<String, Value> = HashMap::new();
    let mut operators: Vec<Option<String>> = operators().into_iter().map(Some).collect();
    let unknown = ["geo:near", "exists", "exist:ci", "text:odd:ci", ""];
    operators.extend(unknown.map(|operator| Some(operator.to_owned())));
    operators.push(None);
    let some = |operand: &Value| Some(operand.clone());
    let values: Vec<Option<Value>> = operands.iter().map(some).chain([None]).collect();
    for operator in &operators {
        for (a, b) in values
            .iter()
            .flat_map(|a| values.iter().map(move |b| (a, b)))
        {
            let mut condition = json!({});
            let parts = [
                ("a", a),
                ("b", b),
                ("o", &operator.clone().map(Value::from)),
            ];
            for (key, value) in parts {
                if let Some(value) = value {
                    condition[key] = value.clone();
                }
            }
            let Some(words) = filter_words(&json!([[condition]])) else {
                continue;
            };
            if let Some(other) = wordings.insert(words.clone(), condition.clone()) {
                panic!("{words}: {other} and {condition}");
            }
        }
    }
    assert!(wordings.len() > 20_000, "{}", wordings.len());
}

/// Texts of what the sentences themselves are made of.
fn text() -> impl Strategy<Value = String> {
    let parts = [
        "{{", "}}", "`", "\"", "\\", "1.a", "won", " and ", " or ", "exists", "(", ")", "\n",
    ];
    prop::collection::vec(prop::sample::select(parts.to_vec()), 0..5).prop_map(|v| v.concat())
}

fn conditions() -> impl Strategy<Value = Value> {
    let operand = || {
        prop_oneof![
            4 => text().prop_map(Value::from),
            2 => text().prop_map(|inner| Value::from(format!("{{{{{inner}}}}}"))),
            1 => (0..3).prop_map(Value::from),
            1 => Just(Value::Null),
        ]
    };
    let written = prop::sample::select(vec!["text:equal", "number:equal", "geo:near", "exist"]);
    let condition = (operand(), written, prop::option::of(operand())).prop_map(|(a, o, b)| {
        let mut condition = json!({"a": a, "o": o});
        if let Some(b) = b.filter(|_| o != "exist") {
            condition["b"] = b;
        }
        condition
    });
    let group = prop::collection::vec(condition, 0..3);
    prop::collection::vec(group, 0..3).prop_map(Value::from)
}

fn filter() -> impl Strategy<Value = Value> {
    let name = || prop::option::of(text());
    (conditions(), name(), name()).prop_map(|(conditions, name, label)| {
        let mut filter = json!({ "conditions": conditions });
        for (key, text) in [("name", name), ("label", label)] {
            if let Some(text) = text {
                filter[key] = Value::from(text);
            }
        }
        filter
    })
}

/// A filter without what says the same as nothing.
fn plain(mut filter: Value) -> Value {
    let map = filter.as_object_mut().unwrap();
    map.retain(|_, value| *value != "");
    if map["conditions"] == json!([[]]) {
        map["conditions"] = json!([]);
    }
    filter
}

/// A filter in which one text, of a name or of an operand, is another.
fn neighbours(filter: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    let others = |value: &Value| -> Vec<Value> {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let inner = text.strip_prefix("{{").and_then(|t| t.strip_suffix("}}"));
        let mut others = vec![
            json!(format!("{{{{{text}}}}}")),
            json!(format!("`{text}`")),
            json!(Value::from(text.as_str()).to_string()),
            json!(text),
            json!(inner.unwrap_or("x")),
        ];
        others.retain(|other| other != value);
        others
    };
    for key in ["name", "label"] {
        for other in filter.get(key).map(others).unwrap_or_default() {
            found.push(filter.clone());
            found.last_mut().unwrap()[key] = other;
        }
    }
    for (g, group) in filter["conditions"].as_array().unwrap().iter().enumerate() {
        for (c, condition) in group.as_array().unwrap().iter().enumerate() {
            for key in ["a", "b"] {
                for other in condition.get(key).map(others).unwrap_or_default() {
                    found.push(filter.clone());
                    found.last_mut().unwrap()["conditions"][g][c][key] = other;
                }
            }
        }
    }
    found
}

proptest! {
    #[test]
    fn words_are_equal_only_where_filters_are(one in filter(), other in filter()) {
        let (one, other) = (plain(one), plain(other));
        let words = filter_words(&one);
        for other in neighbours(&one).into_iter().map(plain).chain([other]) {
            if one != other && words.is_some() {
                prop_assert_ne!(&words, &filter_words(&other), "{} and {}", one, other);
            }
        }
    }
}
