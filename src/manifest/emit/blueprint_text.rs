//! Blueprints as JSON files that diff well.

use serde_json::{Map, Value};

use crate::manifest::blueprint_file::MARKER;

/// Where a document's keys go: these first, those last, the others between as they come.
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

/// The text of a blueprint: two spaces, a newline at the end, what a reader looks for first.
///
/// Only keys of the document and of its modules move. Everything else stays as it is, the
/// spelling of numbers included.
#[must_use]
pub fn blueprint_text(document: &Value) -> String {
    let mut document = document.clone();
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
    format!("{document:#}\n")
}

/// Arranges a list of modules, and whatever modules they hold.
fn arrange_modules(list: Option<&mut Value>) {
    let modules = list.and_then(Value::as_array_mut).into_iter().flatten();
    for module in modules.filter_map(Value::as_object_mut) {
        arrange(module, &MODULE);
        arrange_modules(module.get_mut("onerror"));
        for holder in ["routes", "branches", "tools"] {
            let parts = module.get_mut(holder).and_then(Value::as_array_mut);
            for part in parts.into_iter().flatten() {
                arrange_modules(part.get_mut("flow"));
            }
        }
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
    use crate::model::values_equal;
    use serde_json::Value;

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
        "b": 1,
        "a": 2
      }
    }
  ],
  "io": {
    "n": 1.50,
    "big": 123456789012345678901234567890
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
}
