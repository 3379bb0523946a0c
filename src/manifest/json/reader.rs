//! The text of a page -> a value.

use memchr::memchr2;
use serde_json::{Map, Value};

use crate::{
    diagnostic::{Finding, codes::manifest as codes},
    manifest::{
        findings::{duplicate_key, too_deep},
        node::{MAX_DEPTH, Span, number_length},
        page::Page,
    },
};

use super::span::key_of;

/// The document of a file. `None` where it is no JSON: a finding says where. Of two values of a key
/// the first counts, and a finding says so too.
pub(in crate::manifest) fn read(page: &Page) -> Option<Value> {
    let mut reader = Reader { page, at: 0 };
    let document = reader.value(0).and_then(|value| {
        reader.skip_blanks();
        match reader.peek() {
            None => Ok(value),
            Some(_) => Err(reader.expected("the end of the file")),
        }
    });
    document.map_err(|finding| page.report(*finding)).ok()
}

struct Reader<'a> {
    page: &'a Page,
    at: usize,
}

/// The first thing that is no JSON ends the reading.
type Stop = Box<Finding>;

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.page.source.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.page.source.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn fault(&self, span: Span, message: impl Into<String>) -> Stop {
        Box::new(self.page.finding(&codes::JSON_SYNTAX, &span, message))
    }

    fn expected(&self, what: &str) -> Stop {
        let next = self.rest().chars().next();
        let found = next.map_or("the end of the file".to_owned(), |c| format!("{c:?}"));
        let end = self.at + next.map_or(0, char::len_utf8);
        self.fault(self.at..end, format!("expected {what}, found {found}"))
    }

    fn value(&mut self, depth: usize) -> Result<Value, Stop> {
        self.skip_blanks();
        match self.peek() {
            Some(b'{' | b'[') if depth >= MAX_DEPTH => {
                Err(Box::new(too_deep(self.page, &(self.at..self.at + 1))))
            }
            Some(b'{') => self.object(depth).map(Value::Object),
            Some(b'[') => self.array(depth).map(Value::Array),
            Some(b'"') => self.string().map(Value::String),
            _ => self.literal(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Map<String, Value>, Stop> {
        let mut members = Map::new();
        let opening = self.at;
        self.at += 1;
        self.skip_blanks();
        if self.take(b'}') {
            return Ok(members);
        }
        loop {
            self.skip_blanks();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.expected("a key in double quotes"));
            }
            let key = self.string()?;
            let span = start..self.at;
            self.skip_blanks();
            if !self.take(b':') {
                return Err(self.expected("`:`"));
            }
            let value = self.value(depth + 1)?;
            if members.contains_key(&key) {
                let first = key_of(&self.page.source.text, opening, &key);
                self.page
                    .report(duplicate_key(self.page, &key, &span, &first));
            } else {
                members.insert(key, value);
            }
            self.skip_blanks();
            if self.take(b'}') {
                return Ok(members);
            }
            if !self.take(b',') {
                return Err(self.expected("`,` or `}`"));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Value>, Stop> {
        let mut items = Vec::new();
        self.at += 1;
        self.skip_blanks();
        if self.take(b']') {
            return Ok(items);
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_blanks();
            if self.take(b']') {
                return Ok(items);
            }
            if !self.take(b',') {
                return Err(self.expected("`,` or `]`"));
            }
        }
    }

    fn literal(&mut self) -> Result<Value, Stop> {
        let words = [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
        ];
        for (word, value) in words {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        let number = number_length(self.rest()).and_then(|length| {
            let text = self.rest().get(..length)?;
            Some((length, text.parse().ok()?))
        });
        let Some((length, number)) = number else {
            return Err(self.expected("a value"));
        };
        self.at += length;
        Ok(Value::Number(number))
    }

    /// A string, from its opening quote to behind its closing one.
    fn string(&mut self) -> Result<String, Stop> {
        let opening = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let end = memchr2(b'"', b'\\', rest.as_bytes()).unwrap_or(rest.len());
            let plain = rest.get(..end).unwrap_or_default();
            if let Some(raw) = plain.bytes().position(|byte| byte < 0x20) {
                let raw = self.at + raw;
                let message = "a string must not hold a raw control character";
                return Err(self.fault(raw..raw + 1, message));
            }
            text.push_str(plain);
            self.at += end;
            match self.peek() {
                Some(b'\\') => text.push(self.escape()?),
                Some(_) => {
                    self.at += 1;
                    return Ok(text);
                }
                None => return Err(self.fault(opening..opening + 1, "this string does not end")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Stop> {
        let start = self.at;
        self.at += 1;
        let letter = self.peek();
        self.at += 1;
        let escaped = match letter {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(start),
            Some(_) | None => {
                return Err(self.fault(start..start + 1, "this is no escape that JSON knows"));
            }
        };
        Ok(escaped)
    }

    /// What stands behind `\u`, together with the second half of a surrogate pair.
    fn unicode(&mut self, start: usize) -> Result<char, Stop> {
        let first = self.hex(start)?;
        let code = match first {
            0xD800..=0xDBFF if self.rest().starts_with("\\u") => {
                self.at += 2;
                let second = self.hex(start)?;
                match second {
                    0xDC00..=0xDFFF => 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00),
                    _ => first,
                }
            }
            _ => first,
        };
        char::from_u32(code).ok_or_else(|| {
            let message = "half a surrogate pair is no character";
            self.fault(start..self.at, message)
        })
    }

    fn hex(&mut self, start: usize) -> Result<u32, Stop> {
        let digits = self.rest().get(..4).unwrap_or_default();
        let valid = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let code = u32::from_str_radix(digits, 16).ok().filter(|_| valid);
        match code {
            Some(code) => {
                self.at += 4;
                Ok(code)
            }
            None => Err(self.fault(start..start + 2, "`\\u` takes four hexadecimal digits")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use serde_json::Value;

    use super::read;
    use crate::{manifest::page::Page, model::Source};

    /// The document, and `line:column code` of each finding.
    fn parse(text: &str) -> (Option<Value>, Vec<String>) {
        let source = Source {
            name: "a.json".to_owned(),
            text: text.to_owned(),
        };
        let page = Page::new(Arc::new(source));
        let value = read(&page);
        let report = page.into_report();
        let findings = report.sorted().into_iter().map(|finding| {
            let (line, column) = finding.place.as_ref().unwrap().line_column();
            format!("{line}:{column} {}", finding.code)
        });
        let findings = findings.collect();
        (value, findings)
    }

    #[test]
    fn mistakes_are_findings_with_their_places() {
        for (text, finding) in [
            ("{\n  \"a\": 1,\r\n  \"a\": 2 }", "3:3 duplicate-key"),
            ("[\"\\ud83d\"]", "1:3 json-syntax"),
            ("[\"\\ude00\"]", "1:3 json-syntax"),
            ("[\"\\ud83d\\ud83d\"]", "1:3 json-syntax"),
            ("[\"a\nb\"]", "1:4 json-syntax"),
            ("[\"é\", \"a]", "1:7 json-syntax"),
            ("[1,]", "1:4 json-syntax"),
            ("{\"a\" 1}", "1:6 json-syntax"),
            ("{a: 1}", "1:2 json-syntax"),
            ("[01]", "1:3 json-syntax"),
            ("[+1]", "1:2 json-syntax"),
            ("[nul]", "1:2 json-syntax"),
            ("[1] x", "1:5 json-syntax"),
            ("", "1:1 json-syntax"),
            ("\"\\u00é9\"", "1:2 json-syntax"),
        ] {
            assert_eq!(parse(text).1, [finding], "{text:?}");
        }
        assert_eq!(parse(&"[".repeat(200)).1, ["1:101 nesting-too-deep"]);
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert_eq!(parse(&deep).1, Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn what_it_reads_is_what_another_reader_reads(text in "([\\[\\]{},:]|\"\"|\"[a-c]\"|\"\\\\\\\\(u[0-9a-f]{4}|n|x)\"|-?[0-9.]{1,3}|1e5|null|true| |\n){0,12}") {
            let (value, findings) = parse(&text);
            // serde_json lets the second of two keys win; here it is refused.
            if findings.iter().any(|finding| finding.ends_with("duplicate-key")) {
                return Ok(());
            }
            prop_assert_eq!(value, serde_json::from_str::<Value>(&text).ok());
        }
    }
}
