//! What stands in a file already, where it says what the account has.

use serde_json::{Map, Value};

use crate::{
    manifest::edit::{Item, align},
    model::values_equal,
};

/// A value as it is written, and what of it is compared: references resolved, and without what
/// says nothing. Both have the same lists; what is not compared is not in the second.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// As it is written.
    pub written: &'a Value,
    /// As it is compared.
    pub compared: &'a Value,
}

/// Brings what is written to what it has to say: whatever says it already stays as it stands, and
/// so does what is not compared.
#[must_use]
pub fn keep(old: Side<'_>, new: Side<'_>) -> Value {
    if values_equal(old.compared, new.compared) {
        return old.written.clone();
    }
    match (old.written, new.written, old.compared, new.compared) {
        (Value::Object(was), Value::Object(is), Value::Object(_), Value::Object(_)) => {
            Value::Object(keep_members(old, new, was, is))
        }
        (Value::Array(was), Value::Array(is), Value::Array(did), Value::Array(does))
            if was.len() == did.len() && is.len() == does.len() =>
        {
            let items = align(did, does).into_iter().zip(is.iter().zip(does));
            let items = items.map(|(item, (written, compared))| {
                let Item::Of(at) = item else {
                    return written.clone();
                };
                let before = was.get(at).zip(did.get(at));
                before.map_or_else(
                    || written.clone(),
                    |(was, did)| {
                        let old = Side {
                            written: was,
                            compared: did,
                        };
                        keep(old, Side { written, compared })
                    },
                )
            });
            items.collect()
        }
        _ => new.written.clone(),
    }
}

fn keep_members(
    old: Side<'_>,
    new: Side<'_>,
    was: &Map<String, Value>,
    is: &Map<String, Value>,
) -> Map<String, Value> {
    let mut kept = Map::new();
    for (key, value) in was {
        let now = match (old.compared.get(key), new.compared.get(key)) {
            (None, None) => Some(value.clone()),
            (Some(_), None) => None,
            (None, Some(compared)) => Some(is.get(key).unwrap_or(compared).clone()),
            (Some(did), Some(does)) => Some(keep(
                Side {
                    written: value,
                    compared: did,
                },
                Side {
                    written: is.get(key).unwrap_or(does),
                    compared: does,
                },
            )),
        };
        if let Some(now) = now {
            kept.insert(key.clone(), now);
        }
    }
    // What is new stands behind what comes before it in the new one.
    let mut before = None;
    for (key, value) in is {
        if kept.contains_key(key) {
            before = kept.keys().position(|other| other == key);
            continue;
        }
        let differs = match (old.compared.get(key), new.compared.get(key)) {
            (Some(did), Some(does)) => !values_equal(did, does),
            (None, Some(_)) => true,
            (_, None) => false,
        };
        if differs {
            let at = before.map_or(0, |before: usize| before + 1);
            kept.shift_insert(at.min(kept.len()), key.clone(), value.clone());
            before = Some(at);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Side, keep};

    #[test]
    fn what_says_the_same_stays_as_it_is_written() {
        let was = json!({"a": "${var.x}", "note": 1, "b": [{"id": 1, "t": "${env.T}", "u": 1},
            {"id": 2, "t": "x"}], "gone": 1});
        let did = json!({"a": "one", "b": [{"id": 1, "t": "secret", "u": 1}, {"id": 2, "t": "x"}],
            "gone": 1, "default": true});
        let is = json!({"a": "one", "more": 7, "b": [{"id": 3, "t": "${webhook.x.url}"},
            {"id": 1, "t": "secret", "u": 2}, {"id": 2, "t": "x"}], "silent": 4});
        let does = json!({"a": "one", "more": 7, "b": [{"id": 3, "t": "https"},
            {"id": 1, "t": "secret", "u": 2}, {"id": 2, "t": "x"}], "default": true});
        let old = Side {
            written: &was,
            compared: &did,
        };
        let made = keep(
            old,
            Side {
                written: &is,
                compared: &does,
            },
        );
        let expected = json!({"a": "${var.x}", "more": 7, "note": 1, "b": [
            {"id": 3, "t": "${webhook.x.url}"}, {"id": 1, "t": "${env.T}", "u": 2},
            {"id": 2, "t": "x"}]});
        assert_eq!(made.to_string(), expected.to_string());
        let same = Side {
            written: &is,
            compared: &did,
        };
        assert_eq!(keep(old, same), was);
        let other = Value::from("text");
        let other = Side {
            written: &other,
            compared: &other,
        };
        assert_eq!(keep(old, other), "text");
    }
}
