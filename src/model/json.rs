//! JSON: paths, equality by value, and the canonical form that digests are made of.

use std::fmt::Write as _;

use serde_json::{Number, Value};
use sha2::{Digest as _, Sha256};

/// A path into a JSON document: keys, and indices as text. A module of a blueprint is named by
/// its id: `["blueprint", "flow", "3", "mapper"]`.
pub type Path = Vec<String>;

/// The value at a path; array indices as text.
#[must_use]
pub fn value_at<'a>(value: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, key| match value {
        Value::Object(map) => map.get(key),
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    })
}

/// The value at a path, to be changed.
#[must_use]
pub fn value_at_mut<'a>(value: &'a mut Value, path: &[String]) -> Option<&'a mut Value> {
    path.iter().try_fold(value, |value, key| match value {
        Value::Object(map) => map.get_mut(key),
        Value::Array(items) => items.get_mut(key.parse::<usize>().ok()?),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    })
}

/// Whether two numbers have the same value, whatever their spelling: `1`, `1.0` and `10e-1`.
///
/// Make's server is JavaScript, so what was sent as `1.0` comes back as `1`. Nothing is rounded:
/// numbers of any length are compared digit by digit.
#[must_use]
pub fn numbers_equal(a: &Number, b: &Number) -> bool {
    a == b || decimal(&a.to_string()) == decimal(&b.to_string())
}

/// A number as sign, significant digits and exponent, so that equal values are equal triples.
fn decimal(text: &str) -> (bool, String, i64) {
    let (negative, text) = text
        .strip_prefix('-')
        .map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, 0), |(m, e)| {
        (m, e.parse::<i64>().unwrap_or(i64::MAX / 2))
    });
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let exponent = exponent.saturating_sub(i64::try_from(fraction.len()).unwrap_or(i64::MAX));
    let significant = digits.trim_start_matches('0');
    let trimmed = significant.trim_end_matches('0');
    if trimmed.is_empty() {
        return (false, String::new(), 0);
    }
    let dropped = i64::try_from(significant.len() - trimmed.len()).unwrap_or(i64::MAX);
    (
        negative,
        trimmed.to_owned(),
        exponent.saturating_add(dropped),
    )
}

/// Whether two documents are equal as unordered JSON, numbers by value.
#[must_use]
pub fn values_equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => numbers_equal(a, b),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| values_equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| values_equal(a, b)))
        }
        (a, b) => a == b,
    }
}

/// The canonical text of a document: keys sorted, no blanks, numbers by value.
///
/// Not RFC 8785, which rounds integers above 2^53.
#[must_use]
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write_canonical(value, &mut text);
    text
}

fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::String(text) => write_text(text, out),
        Value::Number(number) => write_number(number.as_str(), out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_canonical(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut members: Vec<_> = map
                .iter()
                .map(|(key, value)| (key.as_str(), value))
                .collect();
            members.sort_unstable_by_key(|(key, _)| *key);
            write_members(&members, out);
        }
    }
}

/// An object of members that are in order.
fn write_members(members: &[(&str, &Value)], out: &mut String) {
    out.push('{');
    for (index, (key, value)) in members.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_text(key, out);
        out.push(':');
        write_canonical(value, out);
    }
    out.push('}');
}

/// The canonical form of a text.
pub(super) fn write_text(text: &str, out: &mut String) {
    let is_escaped = |byte: u8| matches!(byte, b'"' | b'\\' | 0..b' ');
    if text.bytes().any(is_escaped) {
        let _ = write!(out, "{}", Value::from(text));
    } else {
        out.push('"');
        out.push_str(text);
        out.push('"');
    }
}

/// Whether a number is surely written in its canonical form already, as most are.
pub(super) fn is_canonical_number(written: &str) -> bool {
    let short = written.len() <= 20 && written != "-0";
    let mut digits = written.strip_prefix('-').unwrap_or(written).bytes();
    short && digits.all(|byte| byte.is_ascii_digit())
}

/// The canonical form of a number, from any spelling.
pub(super) fn write_number(written: &str, out: &mut String) {
    if is_canonical_number(written) {
        out.push_str(written);
        return;
    }
    let (negative, digits, exponent) = decimal(written);
    let sign = if negative { "-" } else { "" };
    let _ = match (digits.is_empty(), exponent) {
        (true, _) => write!(out, "0"),
        // Small whole numbers keep their everyday form.
        (false, 0..=20) => {
            let zeros = usize::try_from(exponent).unwrap_or(0);
            write!(out, "{sign}{digits}{}", "0".repeat(zeros))
        }
        (false, _) => write!(out, "{sign}{digits}e{exponent}"),
    };
}

/// `sha256:` and the hexadecimal digest of a document's canonical text.
#[must_use]
pub fn digest_of(value: &Value) -> String {
    digest_of_text(&canonical(value))
}

/// The same of an object that has these members, each once, in whatever order.
#[must_use]
pub fn digest_of_members(mut members: Vec<(&str, &Value)>) -> String {
    members.sort_unstable_by_key(|(key, _)| *key);
    let mut text = String::new();
    write_members(&members, &mut text);
    digest_of_text(&text)
}

/// The same of a text that is canonical.
pub(super) fn digest_of_text(canonical: &str) -> String {
    let digest = base16ct::lower::encode_string(&Sha256::digest(canonical));
    format!("sha256:{digest}")
}

#[cfg(test)]
mod tests {
    use super::{canonical, digest_of, digest_of_members, values_equal};
    use serde_json::{Value, json};

    fn parse(text: &str) -> Value {
        serde_json::from_str(text).expect("valid JSON")
    }

    #[test]
    fn numbers_compare_by_value_and_are_never_rounded() {
        for (a, b, equal) in [
            ("1", "1.0", true),
            ("1", "10e-1", true),
            ("0", "-0.0", true),
            ("-2.50", "-25E-1", true),
            ("9007199254740993", "9007199254740992", false),
            ("225874569526501080000", "2.2587456952650108e20", true),
            ("1e400", "1e401", false),
        ] {
            assert_eq!(values_equal(&parse(a), &parse(b)), equal, "{a} and {b}");
            assert_eq!(
                canonical(&parse(a)) == canonical(&parse(b)),
                equal,
                "{a} and {b}"
            );
        }
    }

    #[test]
    fn the_canonical_text_does_not_depend_on_the_order_of_keys() {
        let a = parse(r#"{"b":[1,{"y":null,"x":"é"}],"a":1.50}"#);
        let b = parse(r#"{"a":15e-1,"b":[1.0,{"x":"é","y":null}]}"#);
        assert_eq!(canonical(&a), r#"{"a":15e-1,"b":[1,{"x":"é","y":null}]}"#);
        assert_eq!(digest_of(&a), digest_of(&b));
        let members = ["b", "a"].map(|key| (key, &a[key]));
        assert_eq!(digest_of_members(members.into()), digest_of(&b));
        assert!(!values_equal(&a, &json!({"a": 1.5})));
    }
}
