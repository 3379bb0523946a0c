//! JSON as text, taken apart without copies: what is read by the thousand is digested so.
//!
//! To build values of a blueprint, only to write them out again in another order, takes ten times
//! as long as to find its parts in the text that came.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::json::write_number;

/// How deep lists and objects may stand in each other: as deep as `serde_json` parses.
const DEEPEST: usize = 127;

/// A document as it was written, and its parts.
#[derive(Debug)]
pub struct Outline<'a> {
    text: &'a str,
    root: Part<'a>,
}

/// A part of a document. It borrows the document's text.
#[derive(Debug)]
enum Part<'a> {
    /// Anything but a list or an object, as it was written.
    Scalar(&'a str),
    List(Vec<Self>),
    /// In order of keys, each once.
    Object(Vec<(Cow<'a, str>, Self)>),
}

impl<'a> Outline<'a> {
    /// Takes a document apart; none if its lists and objects stand so deep in each other that it
    /// can't be parsed.
    #[must_use]
    pub fn of(document: &'a RawValue) -> Option<Self> {
        let text = document.get();
        let mut reader = Reader { rest: text };
        Some(Self {
            text,
            root: reader.part(0)?,
        })
    }

    /// The document as it was written.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// A text that is a member of the document.
    #[must_use]
    pub fn text_of(&self, key: &str) -> Option<String> {
        match self.root.member(key)? {
            Part::Scalar(written) => serde_json::from_str(written).ok(),
            Part::List(_) | Part::Object(_) => None,
        }
    }

    /// The canonical text, as that of [`super::canonical`], but for some members of one member.
    pub(super) fn canonical_without(mut self, member: &str, keys: &[&str]) -> String {
        if let Part::Object(members) = &mut self.root {
            let found = members.iter_mut().find(|(key, _)| key == member);
            if let Some((_, Part::Object(members))) = found {
                members.retain(|(key, _)| !keys.contains(&key.as_ref()));
            }
        }
        let mut canonical = String::with_capacity(self.text.len());
        self.root.write(&mut canonical);
        canonical
    }
}

impl Part<'_> {
    fn member(&self, key: &str) -> Option<&Self> {
        let Self::Object(members) = self else {
            return None;
        };
        let found = members.iter().find(|(known, _)| known == key);
        found.map(|(_, part)| part)
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Scalar(written) => write_scalar(written, out),
            Self::List(parts) => {
                out.push('[');
                for (index, part) in parts.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    part.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (key, part)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    match key {
                        Cow::Borrowed(key) => {
                            out.push('"');
                            out.push_str(key);
                            out.push('"');
                        }
                        Cow::Owned(key) => write_text(key, out),
                    }
                    out.push(':');
                    part.write(out);
                }
                out.push('}');
            }
        }
    }
}

fn write_scalar(written: &str, out: &mut String) {
    match written.as_bytes().first() {
        // Without a backslash there is nothing in it that could be written in two ways.
        Some(b'"') if written.contains('\\') => {
            let text: Result<String, _> = serde_json::from_str(written);
            write_text(&text.unwrap_or_default(), out);
        }
        Some(b'-' | b'0'..=b'9') => write_number(written, out),
        _ => out.push_str(written),
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

/// Reads JSON that is known to be well formed.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn part(&mut self, depth: usize) -> Option<Part<'a>> {
        match self.peek()? {
            b'"' => self.string().map(Part::Scalar),
            b'{' if depth < DEEPEST => self.object(depth + 1),
            b'[' if depth < DEEPEST => self.list(depth + 1),
            b'{' | b'[' => None,
            _ => {
                let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']') || is_blank(*byte);
                let end = self.rest.bytes().position(|byte| ends(&byte));
                self.take(end.unwrap_or(self.rest.len())).map(Part::Scalar)
            }
        }
    }

    fn list(&mut self, depth: usize) -> Option<Part<'a>> {
        let mut parts = Vec::new();
        self.take(1)?;
        if self.peek()? == b']' {
            self.take(1)?;
            return Some(Part::List(parts));
        }
        loop {
            parts.push(self.part(depth)?);
            if self.separator()? == "]" {
                return Some(Part::List(parts));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<Part<'a>> {
        let mut members = Vec::new();
        self.take(1)?;
        if self.peek()? == b'}' {
            self.take(1)?;
            return Some(Part::Object(members));
        }
        loop {
            self.peek()?;
            let key = self.key()?;
            self.separator()?; // the colon
            members.push((key, self.part(depth)?));
            if self.separator()? == "}" {
                break;
            }
        }
        if !members.is_sorted_by(|(a, _), (b, _)| a < b) {
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            // Of members with the same key, the last one counts.
            members.dedup_by(|later, earlier| {
                let same = later.0 == earlier.0;
                if same {
                    std::mem::swap(later, earlier);
                }
                same
            });
        }
        Some(Part::Object(members))
    }

    fn key(&mut self) -> Option<Cow<'a, str>> {
        let written = self.string()?;
        match written.contains('\\') {
            true => serde_json::from_str(written).ok().map(Cow::Owned),
            false => written.get(1..written.len() - 1).map(Cow::Borrowed),
        }
    }

    /// A string with its quotes.
    fn string(&mut self) -> Option<&'a str> {
        let bytes = self.rest.as_bytes();
        let mut end = 1;
        loop {
            let rest = bytes.get(end..)?;
            end += rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
            match bytes.get(end)? {
                b'"' => return self.take(end + 1),
                _ => end += 2,
            }
        }
    }

    /// What stands between two parts, or ends them.
    fn separator(&mut self) -> Option<&'a str> {
        self.peek()?;
        self.take(1)
    }

    /// The next byte that is not blank; the reader then stands before it.
    fn peek(&mut self) -> Option<u8> {
        let mut next = *self.rest.as_bytes().first()?;
        if is_blank(next) {
            self.rest = self.rest.trim_start_matches([' ', '\n', '\r', '\t']);
            next = *self.rest.as_bytes().first()?;
        }
        Some(next)
    }

    fn take(&mut self, bytes: usize) -> Option<&'a str> {
        let (taken, rest) = self.rest.split_at_checked(bytes)?;
        self.rest = rest;
        Some(taken)
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, value::RawValue};

    use super::Outline;
    use crate::model::canonical;

    fn raw(text: &str) -> Box<RawValue> {
        serde_json::from_str(text).unwrap()
    }

    fn canonical_of(text: &str) -> String {
        let raw = raw(text);
        Outline::of(&raw).unwrap().canonical_without("", &[])
    }

    #[test]
    fn the_canonical_text_is_that_of_the_parsed_document() {
        for text in [
            r#" { "b" : [ 1.0 , -0 , 1E5, 1e400, 100000000000000000000000, 12 ] , "a":{} , "c":[] } "#,
            r#"{"a":1,"b":2,"a":{"x":3}}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"é":"\u00e9\/\n\"\\","\"":"\u0000","":"\ud83d\ude00😀"}"#,
            "\"\\\\\"",
            "null",
            "\n[true,\r\n\tfalse ]",
            r#"{"b":1,"a":2,"b":3,"a":4,"b":5}"#,
        ] {
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!(canonical_of(text), canonical(&value), "{text}");
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,4})?([eE][+-]?[0-9]{1,3})?"
                .prop_map(|text| serde_json::from_str(&text).unwrap()),
            ".*".prop_map(Value::from),
            "[\\\\\"\u{0}-\u{20}a-c{}:,\\[\\]]*".prop_map(Value::from),
        ];
        scalar.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((".{0,3}", inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_document_has_one_canonical_text(value in any_json()) {
            let canonical = canonical(&value);
            prop_assert_eq!(&canonical_of(&value.to_string()), &canonical);
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            prop_assert_eq!(&canonical_of(&pretty), &canonical);
        }
    }

    #[test]
    fn what_is_too_deep_to_be_parsed_is_refused() {
        for (depth, read) in [(127, true), (128, false), (100_000, false)] {
            let text = "[".repeat(depth) + &"]".repeat(depth);
            assert_eq!(serde_json::from_str::<Value>(&text).is_ok(), read);
            assert_eq!(Outline::of(&raw(&text)).is_some(), read);
        }
    }

    #[test]
    fn a_text_is_found_by_its_key() {
        let text = raw(r#"{"name":"a\u00e9","flow":[{"name":"b"}],"n":1}"#);
        let outline = Outline::of(&text).unwrap();
        assert_eq!(outline.text_of("name").as_deref(), Some("aé"));
        assert_eq!(outline.text_of("n"), None);
        assert_eq!(outline.text_of("flow"), None);
        assert_eq!(outline.text(), text.get());
    }
}
