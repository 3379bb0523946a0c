//! `${webhook.leads.url}`: references in manifests and in blueprints that carry the marker.
//!
//! Grammar: `${`, a kind's prefix or one of `var`, `env`, `target`, `.`, a name, perhaps
//! `.attribute`, `}`. Anything else stays as it stands, and `$${` is a literal `${`. Make's own
//! `{{..}}` is never touched.

use std::fmt;

use serde_json::Value;

use super::{Address, Kind, Name};

/// What a reference names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// The id of a thing (no attribute), or another of its attributes, such as `url`.
    Thing {
        /// The thing.
        address: Address,
        /// `None` is its id.
        attribute: Option<String>,
    },
    /// `${var.NAME}`: a variable of the target.
    Var(String),
    /// `${env.NAME}`: an environment variable, declared under `env:` and never shown.
    Env(String),
    /// `${target.name}`: an attribute of the target.
    Target(String),
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Thing {
                address,
                attribute: None,
            } => write!(f, "${{{address}}}"),
            Self::Thing {
                address,
                attribute: Some(name),
            } => write!(f, "${{{address}.{name}}}"),
            Self::Var(name) => write!(f, "${{var.{name}}}"),
            Self::Env(name) => write!(f, "${{env.{name}}}"),
            Self::Target(name) => write!(f, "${{target.{name}}}"),
        }
    }
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text as it stands, escapes removed.
    Text(String),
    /// A reference.
    Reference(Reference),
}

/// A text that may hold references.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

impl Template {
    /// Reads a text as written in a manifest.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let (before, from) = rest.split_at(at);
            if let Some(before) = before.strip_suffix('$') {
                literal.push_str(before);
                literal.push_str("${");
                rest = from.strip_prefix("${").unwrap_or_default();
                continue;
            }
            literal.push_str(before);
            match reference_at(from) {
                Some((reference, after)) => {
                    if !literal.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut literal)));
                    }
                    parts.push(Part::Reference(reference));
                    rest = after;
                }
                None => {
                    literal.push_str("${");
                    rest = from.strip_prefix("${").unwrap_or_default();
                }
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Self { parts }
    }

    /// A text that holds no reference, whatever it looks like.
    #[must_use]
    pub fn literal(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            parts: if text.is_empty() {
                Vec::new()
            } else {
                vec![Part::Text(text)]
            },
        }
    }

    /// The pieces in order; no two neighbours are both text.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The references in order.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.parts.iter().filter_map(|part| match part {
            Part::Reference(reference) => Some(reference),
            Part::Text(_) => None,
        })
    }

    /// The reference that is the whole text, if it is one.
    #[must_use]
    pub fn single(&self) -> Option<&Reference> {
        match self.parts.as_slice() {
            [Part::Reference(reference)] => Some(reference),
            _ => None,
        }
    }

    /// The text, if it holds no reference.
    #[must_use]
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }
}

impl fmt::Display for Template {
    /// The text as a manifest writes it, escapes included.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Text(text) => f.write_str(&escape(text))?,
                Part::Reference(reference) => reference.fmt(f)?,
            }
        }
        Ok(())
    }
}

/// A literal text as a manifest has to write it: `${` becomes `$${` where it would be read as a
/// reference or as an escape.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        if before.ends_with('$') || reference_at(from).is_some() {
            out.push('$');
        }
        out.push_str("${");
        rest = from.strip_prefix("${").unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Escapes all texts of a document that holds no references: it then reads as it stands where
/// some are looked for.
pub fn escape_texts(value: &mut Value) {
    match value {
        Value::String(text) if text.contains("${") => *text = escape(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        Value::Array(items) => items.iter_mut().for_each(escape_texts),
        Value::Object(members) => members.values_mut().for_each(escape_texts),
    }
}

/// The reference at the beginning of a text that starts with `${`, and what follows it.
fn reference_at(text: &str) -> Option<(Reference, &str)> {
    let (inside, after) = text.strip_prefix("${")?.split_once('}')?;
    let (head, rest) = inside.split_once('.')?;
    let reference = match head {
        "var" => Reference::Var(identifier(rest)?),
        "env" => Reference::Env(identifier(rest)?),
        "target" => Reference::Target(identifier(rest)?),
        _ => {
            let kind = Kind::from_prefix(head)?;
            let (name, attribute) = match rest.split_once('.') {
                Some((name, attribute)) => (name, Some(identifier(attribute)?)),
                None => (rest, None),
            };
            Reference::Thing {
                address: Address::new(kind, Name::new(name)?),
                attribute,
            }
        }
    };
    Some((reference, after))
}

/// The name of a variable or an attribute: letters, digits, `_` and `-`.
fn identifier(text: &str) -> Option<String> {
    let valid = !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    valid.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Part, Reference, Template, escape};
    use proptest::prelude::*;

    #[test]
    fn what_is_no_reference_stays_as_it_stands() {
        for text in [
            "${}",
            "${foo.bar}",
            "${webhook}",
            "{{1.id}}",
            "${webhook.A}",
            "$",
            "${var.}",
            "`${x}`",
        ] {
            assert_eq!(Template::parse(text).as_literal(), Some(text));
        }
    }

    #[test]
    fn references_and_escapes_are_told_apart() {
        let template = Template::parse("a ${webhook.leads.url} $${env.X} ${var.sheet}");
        assert_eq!(template.references().count(), 2);
        assert_eq!(
            template.to_string(),
            "a ${webhook.leads.url} $${env.X} ${var.sheet}"
        );
        assert!(matches!(template.parts().get(2), Some(Part::Text(text)) if text == " ${env.X} "));
        let single = Template::parse("${env.CRM_TOKEN}");
        assert_eq!(single.single(), Some(&Reference::Env("CRM_TOKEN".into())));
    }

    proptest! {
        #[test]
        fn an_escaped_text_reads_back_as_itself(text in "[$\\{\\}a-z.]{0,12}|(\\$|\\{|env\\.X\\}|\\$\\{var\\.a\\}){0,6}") {
            let template = Template::parse(&escape(&text));
            prop_assert_eq!(template.as_literal(), Some(text.as_str()));
        }

        #[test]
        fn a_template_prints_as_what_reads_back_the_same(text in "(\\$|\\{|\\}|a|env\\.X\\}|\\$\\{var\\.a\\}){0,8}") {
            let template = Template::parse(&text);
            prop_assert_eq!(Template::parse(&template.to_string()), template);
        }
    }
}
