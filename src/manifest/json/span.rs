//! Where a value stands in a text that is sound JSON.

use memchr::{memchr2, memchr3};

use crate::manifest::node::Span;

/// The bytes of the value that a path leads to; of the nearest around it that is written there, if
/// that is not.
pub(in crate::manifest) fn span_of(text: &str, path: &[impl AsRef<str>]) -> Span {
    let mut scan = Scan { text, at: 0 };
    scan.skip_blanks();
    for key in path {
        let start = scan.at;
        if !scan.enter(key.as_ref()) {
            scan.at = start;
            break;
        }
    }
    let start = scan.at;
    scan.skip_value();
    start..scan.at
}

/// The bytes of a key of the object that begins at a place; none there if it has no such key.
pub(in crate::manifest) fn key_of(text: &str, object: usize, key: &str) -> Span {
    let mut scan = Scan { text, at: object };
    match scan.find_key(key) {
        Some(span) => span,
        None => object..object,
    }
}

/// Passes over values without making anything of them.
struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl Scan<'_> {
    fn rest(&self) -> &[u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// Goes to the value of a key, or to an item of a list by its index.
    fn enter(&mut self, key: &str) -> bool {
        match self.peek() {
            Some(b'{') if self.find_key(key).is_some() => {
                self.skip_blanks();
                self.at += 1;
                self.skip_blanks();
                true
            }
            Some(b'[') => key.parse().is_ok_and(|index| self.find_item(index)),
            Some(_) | None => false,
        }
    }

    /// Goes behind a key of the object that begins here.
    fn find_key(&mut self, key: &str) -> Option<Span> {
        self.at += 1;
        loop {
            self.skip_blanks();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return None;
            }
            self.skip_string();
            let written = self.text.get(start..self.at)?;
            let plain = written.get(1..written.len().checked_sub(1)?)?;
            let is_it = match plain.contains('\\') {
                false => plain == key,
                true => serde_json::from_str::<String>(written).is_ok_and(|text| text == key),
            };
            if is_it {
                return Some(start..self.at);
            }
            self.skip_blanks();
            self.at += 1;
            self.skip_blanks();
            self.skip_value();
            self.skip_blanks();
            self.at += 1;
        }
    }

    /// Goes to an item of the list that begins here.
    fn find_item(&mut self, index: usize) -> bool {
        self.at += 1;
        for _ in 0..index {
            self.skip_blanks();
            self.skip_value();
            self.skip_blanks();
            if self.peek() != Some(b',') {
                return false;
            }
            self.at += 1;
        }
        self.skip_blanks();
        self.peek().is_some_and(|next| next != b']')
    }

    fn skip_value(&mut self) {
        match self.peek() {
            Some(b'"') => self.skip_string(),
            Some(b'{') => self.skip_nested(b'{', b'}'),
            Some(b'[') => self.skip_nested(b'[', b']'),
            _ => {
                let ends = |byte: &u8| byte.is_ascii_whitespace() || b",]}".contains(byte);
                let rest = self.rest();
                self.at += rest.iter().position(ends).unwrap_or(rest.len());
            }
        }
    }

    /// Only brackets of the outer sort and strings matter: the text is sound.
    fn skip_nested(&mut self, open: u8, close: u8) {
        let mut depth = 0_usize;
        while let Some(found) = memchr3(open, close, b'"', self.rest()) {
            self.at += found;
            match self.peek() {
                Some(b'"') => {
                    self.skip_string();
                    continue;
                }
                Some(byte) if byte == open => depth += 1,
                _ => depth -= 1,
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
        self.at = self.text.len();
    }

    fn skip_string(&mut self) {
        self.at += 1;
        while let Some(found) = memchr2(b'"', b'\\', self.rest()) {
            self.at += found;
            let escaped = self.peek() == Some(b'\\');
            self.at += 1 + usize::from(escaped);
            if !escaped {
                return;
            }
        }
        self.at = self.text.len();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{key_of, span_of};
    use crate::model::{Path, blueprint::random, value_at};

    #[test]
    fn the_nearest_that_is_written_stands_for_what_is_not() {
        let text = r#" {"a": [1, {"b\u0041": "x]}\"" , "c":{}}, []], "d" : null} "#;
        let at = |path: &[&str]| text.get(span_of(text, path)).unwrap();
        assert_eq!(at(&[]), text.trim());
        assert_eq!(at(&["a", "0"]), "1");
        assert_eq!(at(&["a", "1", "bA"]), r#""x]}\"""#);
        assert_eq!(at(&["a", "1", "c"]), "{}");
        assert_eq!(at(&["a", "1", "c", "nothing"]), "{}");
        assert_eq!(at(&["a", "2", "0"]), "[]");
        assert_eq!(at(&["a", "3"]), at(&["a"]));
        assert_eq!(at(&["d", "x"]), "null");
        assert_eq!(text.get(key_of(text, 1, "d")), Some(r#""d""#));
        assert_eq!(key_of(text, 1, "none"), 1..1);
    }

    /// Each path of a document.
    fn paths(value: &Value, path: &mut Path, found: &mut Vec<Path>) {
        found.push(path.clone());
        let members = value.as_object().into_iter().flatten();
        let members = members.map(|(key, value)| (key.clone(), value));
        let items = value.as_array().into_iter().flatten().enumerate();
        let items = items.map(|(index, value)| (index.to_string(), value));
        for (key, value) in members.chain(items) {
            path.push(key);
            paths(value, path, found);
            path.pop();
        }
    }

    proptest! {
        #[test]
        fn each_value_is_found_where_it_stands(document in random::blueprint()) {
            let text = serde_json::to_string_pretty(&document).unwrap();
            let mut all = Vec::new();
            paths(&document, &mut Vec::new(), &mut all);
            for path in all {
                let written = text.get(span_of(&text, &path)).unwrap();
                let found: Value = serde_json::from_str(written).unwrap_or(json!("no JSON"));
                prop_assert_eq!(Some(&found), value_at(&document, &path), "{:?}", path);
            }
        }
    }
}
