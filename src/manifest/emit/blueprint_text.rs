//! Blueprints as JSON files that diff well.

use serde_json::{Map, Value};

use crate::manifest::blueprint_file::MARKER;

/// Where keys go: these first, those last, the others between, sorted.
struct Order {
    first: &'static [&'static str],
    last: &'static [&'static str],
}

const DOCUMENT: Order = Order {
    first: &[MARKER, "name", "flow", "modules", "connections"],
    last: &["metadata"],
};

const MODULE: Order = Order {
    first: &[
        "id",
        "module",
        "app",
        "action",
        "version",
        "parameters",
        "mapper",
        "filter",
    ],
    last: &["routes", "branches", "tools", "onerror", "metadata"],
};

/// A route, a branch or a tool.
const BRANCH: Order = Order {
    first: &[
        "type",
        "name",
        "label",
        "description",
        "disabled",
        "conditions",
    ],
    last: &["flow"],
};

const FILTER: Order = Order {
    first: &["name", "conditions"],
    last: &[],
};

/// `{{1.status}}`, `text:equal`, `open`.
const CONDITION: Order = Order {
    first: &["a", "o", "b"],
    last: &[],
};

/// The canonical text of a blueprint: two spaces, a newline at the end, what a reader looks for
/// first, all other keys sorted, numbers ascending.
///
/// Documents that are equal but for the order of keys have one text. Make's server orders them
/// anew when it saves. The spelling of numbers stays as it is.
#[must_use]
pub fn blueprint_text(document: &Value) -> String {
    let mut document = sorted(document);
    if let Some(members) = document.as_object_mut() {
        arrange(members, &DOCUMENT);
        arrange_modules(members.get_mut("flow"));
        arrange_modules(members.get_mut("modules"));
        if let Some(Value::Array(groups)) = members
            .get_mut("metadata")
            .and_then(|metadata| metadata.get_mut("designer"))
            .and_then(|designer| designer.get_mut("orphans"))
        {
            groups
                .iter_mut()
                .for_each(|group| arrange_modules(Some(group)));
        }
    }
    text(&document)
}

/// The text of the editor's part: two spaces, a newline at the end, keys sorted.
#[must_use]
pub(super) fn editor_text(document: &Value) -> String {
    text(&sorted(document))
}

fn text(document: &Value) -> String {
    format!("{document:#}\n")
}

/// A document whose keys are sorted.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Object(members) => {
            let mut entries: Vec<(&String, &Value)> = members.iter().collect();
            // `10` comes after `9`, and numbers before words.
            let number = |key: &str| key.parse().unwrap_or(u64::MAX);
            entries.sort_by_key(|(key, _)| (number(key), *key));
            let entries = entries.into_iter();
            Value::Object(
                entries
                    .map(|(key, value)| (key.clone(), sorted(value)))
                    .collect(),
            )
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// Arranges a list of modules, and whatever modules they hold.
fn arrange_modules(list: Option<&mut Value>) {
    let modules = list.and_then(Value::as_array_mut).into_iter().flatten();
    for module in modules.filter_map(Value::as_object_mut) {
        arrange(module, &MODULE);
        if let Some(Value::Object(filter)) = module.get_mut("filter") {
            arrange(filter, &FILTER);
            arrange_conditions(filter);
        }
        arrange_modules(module.get_mut("onerror"));
        for holder in ["routes", "branches", "tools"] {
            let parts = module.get_mut(holder).and_then(Value::as_array_mut);
            for part in parts.into_iter().flatten() {
                if let Value::Object(part) = part {
                    arrange(part, &BRANCH);
                    arrange_conditions(part);
                    arrange_modules(part.get_mut("flow"));
                }
            }
        }
    }
}

/// Arranges the conditions of a filter or a branch: any of these lists, all in one.
fn arrange_conditions(owner: &mut Map<String, Value>) {
    let any = owner.get_mut("conditions").and_then(Value::as_array_mut);
    let all = any.into_iter().flatten().filter_map(Value::as_array_mut);
    for condition in all.flatten().filter_map(Value::as_object_mut) {
        arrange(condition, &CONDITION);
    }
}

fn arrange(members: &mut Map<String, Value>, order: &Order) {
    let mut rest = std::mem::take(members);
    let mut take = |keys: &[&str]| -> Vec<(String, Value)> {
        keys.iter()
            .filter_map(|key| rest.shift_remove_entry(*key))
            .collect()
    };
    let (first, last) = (take(order.first), take(order.last));
    members.extend(first);
    members.extend(rest);
    members.extend(last);
}

#[cfg(test)]
mod tests {
    use super::blueprint_text;
    use crate::model::{blueprint::random::blueprint, values_equal};
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    #[test]
    fn modules_come_in_reading_order_wherever_they_stand_and_nothing_is_lost() {
        let text = r#"{"metadata":{"designer":{"orphans":[[{"version":1,"id":9}]]},"scenario":{}},
            "flow":[{"metadata":{"b":1,"a":2},"onerror":[{"module":"builtin:Ignore","id":3}],
                     "mapper":null,"x":[],"routes":[{"flow":[{"parameters":{},"id":2}]}],"id":1}],
            "io":{"n":1.50,"big":123456789012345678901234567890},"name":"A"}"#;
        let document: Value = serde_json::from_str(text).unwrap();
        let written = blueprint_text(&document);
        let back: Value = serde_json::from_str(&written).unwrap();
        assert!(values_equal(&document, &back));
        assert_eq!(blueprint_text(&back), written);
        let expected = r#"{
  "name": "A",
  "flow": [
    {
      "id": 1,
      "mapper": null,
      "x": [],
      "routes": [
        {
          "flow": [
            {
              "id": 2,
              "parameters": {}
            }
          ]
        }
      ],
      "onerror": [
        {
          "id": 3,
          "module": "builtin:Ignore"
        }
      ],
      "metadata": {
        "a": 2,
        "b": 1
      }
    }
  ],
  "io": {
    "big": 123456789012345678901234567890,
    "n": 1.50
  },
  "metadata": {
    "designer": {
      "orphans": [
        [
          {
            "id": 9,
            "version": 1
          }
        ]
      ]
    },
    "scenario": {}
  }
}
"#;
        assert_eq!(written, expected);
    }

    #[test]
    fn conditions_and_lists_with_numbers_for_keys_read_in_their_order() {
        let document = json!({"flow": [{
            "filter": {"conditions": [[{"b": "x", "o": "text:equal", "a": "{{1.y}}"}]], "name": "F"},
            "mapper": {"values": {"10": "k", "9": "j", "a": "b"}}, "id": 1}]});
        let text = blueprint_text(&document);
        let mut from = 0;
        for key in [
            "id",
            "mapper",
            "\"9\"",
            "\"10\"",
            "\"a\"",
            "name",
            "conditions",
            "{{1.y}}",
            "text:equal",
        ] {
            let at = text.get(from..).and_then(|rest| rest.find(key));
            from += at.unwrap_or_else(|| panic!("{key} comes too early:\n{text}"));
        }
    }

    /// The same document with its keys the other way round.
    fn reversed(value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(reversed).collect(),
            Value::Object(members) => Value::Object(
                members
                    .iter()
                    .rev()
                    .map(|(key, value)| (key.clone(), reversed(value)))
                    .collect::<Map<_, _>>(),
            ),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn the_text_is_stable_loses_nothing_and_does_not_hang_on_the_order_of_keys(
            document in blueprint(),
        ) {
            let text = blueprint_text(&document);
            let back: Value = serde_json::from_str(&text).unwrap();
            prop_assert!(values_equal(&back, &document));
            prop_assert_eq!(&blueprint_text(&back), &text);
            prop_assert_eq!(&blueprint_text(&reversed(&document)), &text);
        }
    }
}
