//! The canonical text of JSON as it was written, made without values: what is read by the thousand
//! is digested so.
//!
//! To build values of a blueprint, only to write them out again in another order, takes ten times
//! as long as to find its parts in the text that came. Most of these are canonical as they stand,
//! and are copied whole.

use std::borrow::Cow;

use memchr::memchr2;
use serde_json::value::RawValue;

use super::json::{is_canonical_number, write_number, write_text};

/// How deep lists and objects may stand in each other: as deep as `serde_json` parses.
const DEEPEST: usize = 127;

/// How deep those are of which members may be left out: the document, and its members.
const FILTERED: usize = 2;

/// How long an item of a blueprint is at the least, on average, in bytes.
const LENGTH: usize = 32;

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
        text,
        at: 0,
        blanks: 0,
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
    /// What is canonical as it was written.
    Plain(&'a str),
    /// A string in which something is escaped that need not be.
    Escaped(&'a str),
    /// A number that is written in another way than the canonical one.
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

/// An item of a list, or a member of an object.
struct Item<'a> {
    /// What it is called; nothing in a list.
    key: Cow<'a, str>,
    part: Part<'a>,
    /// Whether the part is the member with its key.
    has_key: bool,
}

/// Reads JSON that is known to be well formed.
struct Reader<'a> {
    text: &'a str,
    /// Where the next byte stands.
    at: usize,
    /// How many times there were blanks between parts.
    blanks: usize,
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
            _ => {
                let start = self.at;
                let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']') || is_blank(*byte);
                let rest = self.text.as_bytes().get(start..)?;
                self.at += rest.iter().position(ends).unwrap_or(rest.len());
                let written = self.since(start)?;
                match written.starts_with(['t', 'f', 'n']) || is_canonical_number(written) {
                    true => Part::Plain(written),
                    false => Part::Number(written),
                }
            }
        })
    }

    fn list(&mut self, depth: usize) -> Option<Part<'a>> {
        let (start, blanks, outer) = (self.at, self.blanks, self.open.len());
        self.at += 1;
        if self.peek()? == b']' {
            self.at += 1;
        } else {
            loop {
                let part = self.part(depth)?;
                self.open.push(Item {
                    key: Cow::Borrowed(""),
                    part,
                    has_key: true,
                });
                if self.separator()? == b']' {
                    break;
                }
            }
        }
        let items = self.open.get(outer..)?;
        if self.blanks == blanks && items.iter().all(Item::is_plain) {
            self.open.truncate(outer);
            return self.since(start).map(Part::Plain);
        }
        Some(Part::List(self.close(outer)))
    }

    fn object(&mut self, depth: usize) -> Option<Part<'a>> {
        let (start, blanks, outer) = (self.at, self.blanks, self.open.len());
        self.at += 1;
        if self.peek()? == b'}' {
            self.at += 1;
        } else {
            loop {
                self.peek()?;
                let (member, blanks) = (self.at, self.blanks);
                let key = match self.string()? {
                    (written, Escapes::None) => Cow::Borrowed(written.get(1..written.len() - 1)?),
                    (written, Escapes::Needed | Escapes::Needless) => {
                        Cow::Owned(serde_json::from_str(written).ok()?)
                    }
                };
                self.separator()?; // the colon
                let mut part = self.part(depth)?;
                let is_plain = matches!(part, Part::Plain(_)) && matches!(key, Cow::Borrowed(_));
                let has_key = is_plain && self.blanks == blanks;
                if has_key {
                    part = Part::Plain(self.since(member)?);
                }
                self.open.push(Item { key, part, has_key });
                if self.separator()? == b'}' {
                    break;
                }
            }
        }
        let members = self.open.get_mut(outer..)?;
        if !members.is_sorted_by(|a, b| a.key < b.key) {
            members.sort_by(|a, b| a.key.cmp(&b.key));
        } else if depth > FILTERED && self.blanks == blanks && members.iter().all(Item::is_plain) {
            self.open.truncate(outer);
            return self.since(start).map(Part::Plain);
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
        let bytes = self.text.as_bytes();
        let (start, mut escapes) = (self.at, Escapes::None);
        self.at += 1;
        loop {
            self.at += memchr2(b'"', b'\\', bytes.get(self.at..)?)?;
            if *bytes.get(self.at)? == b'"' {
                self.at += 1;
                return Some((self.since(start)?, escapes));
            }
            match bytes.get(self.at + 1)? {
                b'/' | b'u' => escapes = Escapes::Needless,
                _ if escapes == Escapes::None => escapes = Escapes::Needed,
                _ => {}
            }
            self.at += 2;
        }
    }

    /// What stands between two parts, or ends them.
    fn separator(&mut self) -> Option<u8> {
        let separator = self.peek()?;
        self.at += 1;
        Some(separator)
    }

    /// The next byte that is not blank; the reader then stands before it.
    fn peek(&mut self) -> Option<u8> {
        let mut next = *self.text.as_bytes().get(self.at)?;
        if is_blank(next) {
            self.blanks += 1;
            while is_blank(next) {
                self.at += 1;
                next = *self.text.as_bytes().get(self.at)?;
            }
        }
        Some(next)
    }

    fn since(&self, start: usize) -> Option<&'a str> {
        self.text.get(start..self.at)
    }
}

impl Item<'_> {
    /// Whether it is canonical as it was written, with its key.
    fn is_plain(&self) -> bool {
        self.has_key && matches!(self.part, Part::Plain(_))
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
            let Some(Item { key, part, has_key }) = self.items.get(index) else {
                continue;
            };
            let next = self.items.get(index + 1).filter(|_| index + 1 < end);
            let is_repeated = next.is_some_and(|next| next.key == *key);
            if is_repeated || matches!(left, Left::These(keys) if keys.contains(&key.as_ref())) {
                continue;
            }
            if self.out.len() > empty {
                self.out.push(',');
            }
            let inner = match left {
                Left::In(member, keys) if key == member => Left::These(keys),
                Left::In(..) | Left::These(_) | Left::Nothing => Left::Nothing,
            };
            if !has_key {
                write_text(key, &mut self.out);
                self.out.push(':');
            }
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
