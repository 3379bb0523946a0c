//! Names and values inside a text: headers, queries, forms, and JSON that is sent as text.

use super::{
    literal::{is_credential, is_placeholder, without_formulas},
    name::{Telling, judge},
};

/// Whether a text assigns a secret to a name: `Authorization: Bearer ..`, `?apikey=..`,
/// `{"password": ".."}`.
pub(super) fn assigns_a_secret(text: &str) -> bool {
    if !text.contains(['=', ':']) {
        return false;
    }
    text.match_indices(['=', ':']).any(|(at, sign)| {
        let (before, after) = text.split_at_checked(at).unwrap_or_default();
        let after = after.strip_prefix(sign).unwrap_or_default();
        let telling = judge(name_at_end(before));
        telling != Telling::Nothing
            && match Assigned::read(sign, after) {
                Assigned::Quoted(value) | Assigned::Parameter(value) => {
                    is_credential(value, telling)
                }
                Assigned::Header(value) => telling == Telling::Sure && is_header(value),
            }
    })
}

/// The name that a text ends with, its closing quotation mark aside.
fn name_at_end(text: &str) -> &str {
    let text = text.trim_end().trim_end_matches(['"', '\'', '\\']);
    text.rsplit(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
        .next()
        .unwrap_or_default()
}

/// What follows a name, and how it is written.
enum Assigned<'t> {
    /// `: "value"`, as in JSON and in code.
    Quoted(&'t str),
    /// `=value`, as in queries and forms.
    Parameter(&'t str),
    /// `: value`, as in headers and in prose.
    Header(&'t str),
}

impl<'t> Assigned<'t> {
    fn read(sign: &str, after: &'t str) -> Self {
        let trimmed = after.trim_start();
        let opened = trimmed.trim_start_matches('\\');
        if let Some(value) = opened.strip_prefix(['"', '\'']) {
            return Self::Quoted(until(value, |c| matches!(c, '"' | '\'' | '\\' | '\n')));
        }
        if sign == "=" {
            let ends = |c: char| c.is_whitespace() || "&;,#\"'<>()".contains(c);
            return Self::Parameter(until_outside_formulas(after, ends));
        }
        Self::Header(until(trimmed, |c| matches!(c, '\n' | '"' | '\'')))
    }
}

fn until(text: &str, ends: impl Fn(char) -> bool) -> &str {
    text.split(ends).next().unwrap_or_default()
}

/// The same, where a formula begins first: up to and including it, so that it is seen as one.
fn until_outside_formulas(text: &str, ends: impl Fn(char) -> bool) -> &str {
    if text.starts_with("{{") {
        let end = text.find("}}").map_or(text.len(), |at| at + "}}".len());
        return text.get(..end).unwrap_or_default();
    }
    until(text, ends)
}

/// Prose says `Password: see below`; a header has a scheme, a pair, or letters and digits.
fn is_header(value: &str) -> bool {
    let literal = without_formulas(value);
    let mut words = literal.split_whitespace();
    let first = words.next().unwrap_or_default();
    if ["basic", "bearer"].contains(&first.to_lowercase().as_str()) {
        let key = words.next().unwrap_or_default();
        return key.chars().count() >= 4 && !is_placeholder(key);
    }
    first.chars().count() >= 6
        && first.chars().any(|c| c.is_ascii_digit())
        && first.chars().any(char::is_alphabetic)
        && is_credential(first, Telling::Sure)
}
