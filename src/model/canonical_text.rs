//! The canonical text of JSON as it was written, made without values: what is read by the thousand
//! is digested so.
//!
//! To build values of a blueprint, only to write them out again in another order, takes ten times
//! as long as to find its parts in the text that came.

use std::borrow::Cow;

use memchr::memchr2;
use serde_json::value::RawValue;

use super::json::{write_number, write_text};

/// How deep lists and objects may stand in each other: as deep as `serde_json` parses.
const DEEPEST: usize = 127;

/// How long an item of a blueprint is at the least, on average, in bytes.
const LENGTH: usize = 20;

/// The canonical text of a document, as that of [`super::canonical`], but for some members of one
/// of its members; none if its lists and objects stand so deep in each other that it can't be
/// parsed.
pub(super) fn canonical_without(
    document: &RawValue,
    member: &str,
    keys: &[&str],
) -> Option<String> {
    let text = document.get();
    let mut reader = Reader {
        rest: text,
        open: Vec::with_capacity(64),
        items: Vec::with_capacity(text.len() / LENGTH),
    };
    let root = reader.part(0)?;
    let mut writer = Writer {
        items: reader.items,
        out: String::with_capacity(text.len()),
    };
    writer.part(root, Left::In(member, keys));
    Some(writer.out)
}

/// A part of a document. It borrows the document's text.
#[derive(Clone, Copy)]
enum Part<'a> {
    /// What is written in one way only.
    Plain(&'a str),
    /// A string in which something is escaped that need not be.
    Escaped(&'a str),
    Number(&'a str),
    List(Items),
    /// In order of keys; of members with the same key, the last one counts.
    Object(Items),
}

/// What stands in a list or an object: a range of all items.
#[derive(Clone, Copy)]
struct Items {
    start: usize,
    end: usize,
}

/// An item of a list, whose key is empty, or a member of an object.
struct Item<'a> {
    key: Cow<'a, str>,
    part: Part<'a>,
}

/// Reads JSON that is known to be well formed.
struct Reader<'a> {
    rest: &'a str,
    /// The items so far of the lists and objects that have not ended, of the outermost first.
    open: Vec<Item<'a>>,
    /// Those of the ones that have.
    items: Vec<Item<'a>>,
}

impl<'a> Reader<'a> {
    fn part(&mut self, depth: usize) -> Option<Part<'a>> {
        Some(match self.peek()? {
            b'"' => match self.string()? {
                (written, Escapes::Needless) => Part::Escaped(written),
                (written, Escapes::None | Escapes::Needed) => Part::Plain(written),
            },
            b'{' if depth < DEEPEST => self.object(depth + 1)?,
            b'[' if depth < DEEPEST => self.list(depth + 1)?,
            b'{' | b'[' => return None,
            first => {
                let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']') || is_blank(*byte);
                let end = self.rest.bytes().position(|byte| ends(&byte));
                let written = self.take(end.unwrap_or(self.rest.len()))?;
                match first {
                    b'-' | b'0'..=b'9' => Part::Number(written),
                    _ => Part::Plain(written),
                }
            }
        })
    }

    fn list(&mut self, depth: usize) -> Option<Part<'a>> {
        let outer = self.open.len();
        self.take(1)?;
        if self.peek()? == b']' {
            self.take(1)?;
        } else {
            loop {
                let key = Cow::Borrowed("");
                let part = self.part(depth)?;
                self.open.push(Item { key, part });
                if self.separator()? == b']' {
                    break;
                }
            }
        }
        Some(Part::List(self.close(outer)))
    }

    fn object(&mut self, depth: usize) -> Option<Part<'a>> {
        let outer = self.open.len();
        self.take(1)?;
        if self.peek()? == b'}' {
            self.take(1)?;
        } else {
            loop {
                self.peek()?;
                let key = match self.string()? {
                    (written, Escapes::None) => Cow::Borrowed(written.get(1..written.len() - 1)?),
                    (written, Escapes::Needed | Escapes::Needless) => {
                        Cow::Owned(serde_json::from_str(written).ok()?)
                    }
                };
                self.separator()?; // the colon
                let part = self.part(depth)?;
                self.open.push(Item { key, part });
                if self.separator()? == b'}' {
                    break;
                }
            }
        }
        let members = self.open.get_mut(outer..)?;
        if !members.is_sorted_by(|a, b| a.key < b.key) {
            members.sort_by(|a, b| a.key.cmp(&b.key));
        }
        Some(Part::Object(self.close(outer)))
    }

    /// Ends a list or an object.
    fn close(&mut self, outer: usize) -> Items {
        let start = self.items.len();
        self.items.extend(self.open.drain(outer..));
        Items {
            start,
            end: self.items.len(),
        }
    }

    /// A string with its quotes.
    fn string(&mut self) -> Option<(&'a str, Escapes)> {
        let bytes = self.rest.as_bytes();
        let (mut end, mut escapes) = (1, Escapes::None);
        loop {
            let rest = bytes.get(end..)?;
            end += memchr2(b'"', b'\\', rest)?;
            if *bytes.get(end)? == b'"' {
                return Some((self.take(end + 1)?, escapes));
            }
            match bytes.get(end + 1)? {
                b'/' | b'u' => escapes = Escapes::Needless,
                _ if escapes == Escapes::None => escapes = Escapes::Needed,
                _ => {}
            }
            end += 2;
        }
    }

    /// What stands between two parts, or ends them.
    fn separator(&mut self) -> Option<u8> {
        let separator = self.peek()?;
        self.take(1)?;
        Some(separator)
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

/// What is escaped in a string.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    None,
    /// Only what must be, in the shortest way.
    Needed,
    /// Perhaps what need not be, or in another way than the shortest.
    Needless,
}

/// Which members are left out.
#[derive(Clone, Copy)]
enum Left<'k> {
    Nothing,
    /// These of this member.
    In(&'k str, &'k [&'k str]),
    These(&'k [&'k str]),
}

/// Writes parts in their canonical form.
struct Writer<'a> {
    items: Vec<Item<'a>>,
    out: String,
}

impl Writer<'_> {
    fn part(&mut self, part: Part<'_>, left: Left<'_>) {
        match part {
            Part::Plain(written) => self.out.push_str(written),
            Part::Escaped(written) => {
                let text: Result<String, _> = serde_json::from_str(written);
                write_text(&text.unwrap_or_default(), &mut self.out);
            }
            Part::Number(written) => write_number(written, &mut self.out),
            Part::List(Items { start, end }) => {
                self.out.push('[');
                for index in start..end {
                    if index > start {
                        self.out.push(',');
                    }
                    if let Some(Item { part, .. }) = self.items.get(index) {
                        self.part(*part, Left::Nothing);
                    }
                }
                self.out.push(']');
            }
            Part::Object(members) => self.object(members, left),
        }
    }

    fn object(&mut self, Items { start, end }: Items, left: Left<'_>) {
        self.out.push('{');
        let empty = self.out.len();
        for index in start..end {
            let Some(Item { key, part }) = self.items.get(index) else {
                continue;
            };
            let next = self.items.get(index + 1).filter(|_| index + 1 < end);
            let is_repeated = next.is_some_and(|next| next.key == *key);
            if is_repeated || matches!(left, Left::These(keys) if keys.contains(&key.as_ref())) {
                continue;
            }
            let inner = match left {
                Left::In(member, keys) if key == member => Left::These(keys),
                Left::In(..) | Left::These(_) | Left::Nothing => Left::Nothing,
            };
            if self.out.len() > empty {
                self.out.push(',');
            }
            match key {
                // Nothing in it is escaped.
                Cow::Borrowed(key) => {
                    self.out.push('"');
                    self.out.push_str(key);
                    self.out.push('"');
                }
                Cow::Owned(key) => write_text(key, &mut self.out),
            }
            self.out.push(':');
            self.part(*part, inner);
        }
        self.out.push('}');
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, value::RawValue};

    use super::canonical_without;
    use crate::model::canonical;

    fn raw(text: &str) -> Box<RawValue> {
        serde_json::from_str(text).unwrap()
    }

    fn canonical_of(text: &str) -> String {
        canonical_without(&raw(text), "", &[]).unwrap()
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
            assert_eq!(canonical_without(&raw(&text), "", &[]).is_some(), read);
        }
    }

    #[test]
    fn only_members_of_that_member_of_the_document_are_left_out() {
        let text = raw(
            r#"{"z":1,"zone":2,"m":{"zone":3,"a":{"zone":4},"a\u0062":5,"zone":6},"n":{"m":{"zone":7}},"m":{"zone":8}}"#,
        );
        assert_eq!(
            canonical_without(&text, "m", &["zone", "ab"]).unwrap(),
            r#"{"m":{},"n":{"m":{"zone":7}},"z":1,"zone":2}"#
        );
        let text = raw(r#"{"m":{"zone":3,"b":[{"zone":1}],"a":{"zone":4},"ab":5,"zone":6}}"#);
        assert_eq!(
            canonical_without(&text, "m", &["zone", "ab"]).unwrap(),
            r#"{"m":{"a":{"zone":4},"b":[{"zone":1}]}}"#
        );
    }
}
