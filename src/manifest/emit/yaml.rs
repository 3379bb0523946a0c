//! JSON values as YAML that every reader of YAML 1.1 and 1.2 reads back alike.

use serde::{
    Serialize,
    ser::{Error as _, SerializeMap as _, SerializeSeq as _, Serializer},
};
use serde_json::{Number, Value};
use serde_saphyr::{DoubleQuoted, ser_options};

use super::EmitError;
use crate::model::numbers_equal;

/// The text of one document.
pub(in crate::manifest) fn to_yaml(document: &Value) -> Result<String, EmitError> {
    let options = ser_options! {
        compact_list_indent: false,
        // Folded lines move with every edit of a paragraph: a diff is to show the edit alone.
        folded_wrap_chars: 1_000_000,
    };
    serde_saphyr::to_string_with_options(&Yaml(document), options)
        .map_err(|error| EmitError::Yaml(error.to_string()))
}

/// The text of several documents, one below the other.
pub(in crate::manifest) fn to_yaml_stream(documents: &[Value]) -> Result<String, EmitError> {
    let texts: Vec<String> = documents.iter().map(to_yaml).collect::<Result<_, _>>()?;
    Ok(texts.join("---\n"))
}

/// A value whose numbers are written as numbers: by itself, `serde_json` hands those of arbitrary
/// precision over as a map.
struct Yaml<'a>(&'a Value);

impl Serialize for Yaml<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(flag) => serializer.serialize_bool(*flag),
            Value::Number(number) => serialize_number(number, serializer),
            Value::String(text) if is_clock_like(text) => DoubleQuoted(text).serialize(serializer),
            Value::String(text) => serializer.serialize_str(text),
            Value::Array(items) => {
                let mut sequence = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    sequence.serialize_element(&Yaml(item))?;
                }
                sequence.end()
            }
            Value::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (key, value) in members {
                    map.serialize_entry(key, &Yaml(value))?;
                }
                map.end()
            }
        }
    }
}

/// Whether a text has digits, colons and little else: `12:30` is the number 750 to YAML 1.1. The
/// emitter quotes just those, and `03:45`, which is no number, not; side by side, a reader would
/// look for a reason.
fn is_clock_like(text: &str) -> bool {
    text.contains(':')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'_' | b'+' | b'-'))
}

fn serialize_number<S: Serializer>(number: &Number, serializer: S) -> Result<S::Ok, S::Error> {
    if let Ok(whole) = number.to_string().parse::<i128>() {
        return serializer.serialize_i128(whole);
    }
    number
        .as_f64()
        .filter(|float| Number::from_f64(*float).is_some_and(|kept| numbers_equal(&kept, number)))
        .map_or_else(
            || {
                Err(S::Error::custom(format!(
                    "{number} has more digits than can be kept"
                )))
            },
            |float| serializer.serialize_f64(float),
        )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::to_yaml;

    #[test]
    fn what_readers_of_yaml_1_1_would_take_for_something_else_is_quoted() {
        let document = json!({
            "daily": "03:45",
            "times": ["12:30", "09:00:15", "1:30.5", "-1:30"],
            "days": ["no", "on", "2026-01-01", "0x1F", "1_000", "1e3", "007"],
            "12:30": "noon",
            "no": "yes",
            "plain": ["a:b", "sandbox:", "https://eu1.make.com"],
        });
        let written = r#"daily: "03:45"
times:
  - "12:30"
  - "09:00:15"
  - "1:30.5"
  - "-1:30"
days:
  - "no"
  - "on"
  - "2026-01-01"
  - "0x1F"
  - "1_000"
  - "1e3"
  - "007"
"12:30": noon
"no": "yes"
plain:
  - a:b
  - "sandbox:"
  - https://eu1.make.com
"#;
        assert_eq!(to_yaml(&document).unwrap(), written);
    }
}
