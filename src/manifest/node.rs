//! What a YAML or JSON document says, each value with the bytes it stands on.

use std::ops::Range;

use serde_json::Value;

/// A range of bytes of the file.
pub(super) type Span = Range<usize>;

/// The deepest nesting of lists and mappings that is read.
///
/// Real blueprints reach 36. A blueprint comes back from Make inside an answer, and readers of
/// JSON give up at 128 levels: what could not be read back is not accepted in the first place.
pub(super) const MAX_DEPTH: usize = 100;

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) shape: Shape,
}

/// What kind of value it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    Null,
    Bool(bool),
    /// The text of the number as written: no digit is lost.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
    /// It could not be read; a finding says so, and readers pass over it.
    Broken,
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) key: Key,
    pub(super) value: Node,
}

/// A key: always a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Key {
    pub(super) span: Span,
    pub(super) text: String,
}

impl Node {
    /// The value of a key, if this is a mapping that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries()
            .iter()
            .find(|entry| entry.key.text == key)
            .map(|entry| &entry.value)
    }

    /// The entries of a mapping; none for anything else.
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.shape {
            Shape::Map(entries) => entries,
            Shape::Null
            | Shape::Bool(_)
            | Shape::Number(_)
            | Shape::Text(_)
            | Shape::List(_)
            | Shape::Broken => &[],
        }
    }

    /// The items of a list; none for anything else.
    pub(super) fn items(&self) -> &[Self] {
        match &self.shape {
            Shape::List(items) => items,
            Shape::Null
            | Shape::Bool(_)
            | Shape::Number(_)
            | Shape::Text(_)
            | Shape::Map(_)
            | Shape::Broken => &[],
        }
    }

    /// The text of a text.
    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.shape {
            Shape::Text(text) => Some(text),
            Shape::Null
            | Shape::Bool(_)
            | Shape::Number(_)
            | Shape::List(_)
            | Shape::Map(_)
            | Shape::Broken => None,
        }
    }

    /// The value that a path leads to; the nearest on the way, if there is none.
    pub(super) fn nearest(&self, path: &[impl AsRef<str>]) -> &Self {
        let mut at = self;
        for key in path.iter().map(AsRef::as_ref) {
            let index = || key.parse::<usize>().ok();
            match at.get(key).or_else(|| at.items().get(index()?)) {
                Some(inner) => at = inner,
                None => break,
            }
        }
        at
    }

    /// The value in words, for messages.
    pub(super) fn in_words(&self) -> &'static str {
        match &self.shape {
            Shape::Null => "null",
            Shape::Bool(true) => "true",
            Shape::Bool(false) => "false",
            Shape::Number(_) => "a number",
            Shape::Text(_) => "a text",
            Shape::List(_) => "a list",
            Shape::Map(_) => "a mapping",
            Shape::Broken => "something unreadable",
        }
    }

    /// The value as JSON, numbers with their text.
    pub(super) fn to_value(&self) -> Value {
        match &self.shape {
            Shape::Null | Shape::Broken => Value::Null,
            Shape::Bool(flag) => Value::Bool(*flag),
            Shape::Number(text) => text
                .parse()
                .map_or_else(|_| Value::String(text.clone()), Value::Number),
            Shape::Text(text) => Value::String(text.clone()),
            Shape::List(items) => items.iter().map(Self::to_value).collect(),
            Shape::Map(entries) => Value::Object(
                entries
                    .iter()
                    .map(|entry| (entry.key.text.clone(), entry.value.to_value()))
                    .collect(),
            ),
        }
    }

    /// How many values it is made of, itself included, and how deep they are nested.
    pub(super) fn measure(&self) -> (usize, usize) {
        let add = |(size, depth): (usize, usize), node: &Self| {
            let (more, deeper) = node.measure();
            (size + more, depth.max(deeper + 1))
        };
        let inside = self.items().iter().fold((1, 0), add);
        self.entries()
            .iter()
            .map(|entry| &entry.value)
            .fold(inside, add)
    }

    /// Visits it and all that it holds, in the order of the document.
    pub(super) fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Self)) {
        visit(self);
        for item in self.items() {
            item.walk(visit);
        }
        for entry in self.entries() {
            entry.value.walk(visit);
        }
    }
}

/// The length of the JSON number at the beginning of a text, if there is one.
///
/// YAML manifests use the same grammar, so that a number can be sent as it was written; what
/// only YAML calls a number (`007`, `0x1F`, `1_000`, `.5`) is a text.
pub(super) fn number_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes
            .iter()
            .skip(from)
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let sign = usize::from(bytes.first() == Some(&b'-'));
    let whole = match bytes.get(sign)? {
        b'0' => 1,
        _ => digits(sign),
    };
    if whole == 0 {
        return None;
    }
    let mut length = sign + whole;
    if bytes.get(length) == Some(&b'.') {
        let fraction = digits(length + 1);
        if fraction == 0 {
            return None;
        }
        length += 1 + fraction;
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        let exponent = digits(length + 1 + sign);
        if exponent == 0 {
            return None;
        }
        length += 1 + sign + exponent;
    }
    Some(length)
}
