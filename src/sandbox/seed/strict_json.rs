//! JSON of a file, or the place where it is no JSON or has a key twice in one object.
//!
//! Parsers keep the last of two members with one key, and half of the object is lost in
//! silence. So keys are counted first.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// What is wrong with a text, and where: line and column count from 1, columns in characters.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) reason: String,
}

/// Parses a text in which every object has each key once.
pub(super) fn parse(text: &str) -> Result<Value, Fault> {
    let mut twice = None;
    let mut reader = serde_json::Deserializer::from_str(text);
    let checked = Unique { twice: &mut twice }.deserialize(&mut reader);
    match checked.and_then(|()| serde_json::from_str(text)) {
        Ok(value) => Ok(value),
        Err(error) => Err(fault(text, &error, twice)),
    }
}

fn fault(text: &str, error: &serde_json::Error, twice: Option<String>) -> Fault {
    let before: usize = text
        .split_inclusive('\n')
        .take(error.line() - 1)
        .map(str::len)
        .sum();
    let line = text.get(before..).unwrap_or_default();
    let (end, reason) = match twice {
        // The parser stands behind the key; people look for its beginning.
        Some(key) => (
            opening_quote(line, error.column()),
            format!("the key {key:?} stands twice in one object"),
        ),
        None => (error.column().saturating_sub(1), plain(error)),
    };
    let column = line
        .char_indices()
        .take_while(|(place, _)| *place < end)
        .count()
        + 1;
    Fault {
        line: error.line(),
        column,
        reason,
    }
}

/// Where the string begins that ends just before `end`.
fn opening_quote(line: &str, end: usize) -> usize {
    let bytes = line
        .as_bytes()
        .get(..end.saturating_sub(1))
        .unwrap_or_default();
    let escaped = |place: usize| {
        let before = bytes.get(..place).unwrap_or_default();
        before
            .iter()
            .rev()
            .take_while(|byte| **byte == b'\\')
            .count()
            % 2
            == 1
    };
    let mut quotes = bytes
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, byte)| **byte == b'"');
    quotes
        .find(|(place, _)| !escaped(*place))
        .map_or(0, |(place, _)| place)
}

/// What the parser says, without its own words for the place.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

/// Reads a value for its keys alone.
///
/// A number arrives as an object of one private key, which is harmless here.
struct Unique<'a> {
    twice: &'a mut Option<String>,
}

impl<'de> DeserializeSeed<'de> for Unique<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if seen.contains(&key) {
                *self.twice = Some(key);
                return Err(Error::custom("a key twice"));
            }
            seen.insert(key);
            map.next_value_seed(Unique {
                twice: &mut *self.twice,
            })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq
            .next_element_seed(Unique {
                twice: &mut *self.twice,
            })?
            .is_some()
        {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Fault, parse};

    #[test]
    fn a_key_twice_is_refused_where_it_stands_the_second_time() {
        let text =
            "{\r\n  \"a\": {\"n\": 1.50},\r\n  \"é\\\"\": [{\"k\": 1}, {\"k\": 2}],  \"é\\\"\": 3}";
        let reason = "the key \"é\\\"\" stands twice in one object".to_owned();
        assert_eq!(
            parse(text),
            Err(Fault {
                line: 3,
                column: 33,
                reason
            })
        );
    }

    #[test]
    fn the_same_key_in_two_objects_is_fine_and_numbers_keep_their_text() {
        let value = parse("[{\"k\": 1.50}, {\"k\": {\"k\": 12345678901234567890123}}]");
        assert_eq!(
            value.map(|value| value.to_string()).ok().as_deref(),
            Some("[{\"k\":1.50},{\"k\":{\"k\":12345678901234567890123}}]")
        );
        assert_eq!(parse("null"), Ok(json!(null)));
    }

    #[test]
    fn broken_json_is_refused_where_it_breaks() {
        let fault = parse("{\n  \"a\": \"ü\" x}").map_err(|fault| (fault.line, fault.column));
        assert_eq!(fault, Err((2, 12)));
    }
}
