//! Names and values inside a text: headers, queries, forms, and JSON that is sent as text.

use std::ops::Range;

use memchr::memchr2_iter;

use super::{
    Hit,
    known::is_expression,
    literal::{credentials, is_credential, is_scheme},
    name::{Context, Telling, judge},
    pieces::literal_words,
    placeholder::stands_in,
};

/// Finds the secrets that a text assigns to names: `Authorization: Bearer ..`, `?apikey=..`,
/// `{"password": ".."}`.
pub(super) fn find(text: &str, hits: &mut Vec<Hit>) {
    for at in memchr2_iter(b'=', b':', text.as_bytes()) {
        let name = name_before(text, at);
        if name.len() < 3 {
            continue;
        }
        let is_parameter = text.as_bytes().get(at) == Some(&b'=');
        let read = read(text, at + 1, is_parameter);
        let context = match (is_parameter, &read.form) {
            (true, Form::Plain) => Context::Parameter,
            _ => Context::Field,
        };
        let telling = judge(name, context);
        if telling == Telling::Nothing {
            continue;
        }
        let value = text.get(read.range.clone()).unwrap_or_default();
        let parts = match read.form {
            Form::Plain if is_parameter => match is_code(value, text, read.range.end) {
                true => Vec::new(),
                false => credentials(value, telling),
            },
            Form::Plain => header(value, telling),
            Form::Quoted => credentials(value, telling),
        };
        let start = read.range.start;
        let moved = parts
            .into_iter()
            .map(|part| Hit::named(start + part.start..start + part.end, name));
        hits.extend(moved);
    }
}

/// The name that ends before a position, its closing quotation mark aside.
fn name_before(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or_default();
    let before = before.trim_end_matches([' ', '\t']);
    let before = before.trim_end_matches(['"', '\'', '\\', '`']);
    let is_of_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let length = before.bytes().rev().take_while(is_of_name).count();
    before.get(before.len() - length..).unwrap_or_default()
}

/// How a value is written.
enum Form {
    /// `"value"`, as in JSON and in code.
    Quoted,
    /// `=value` as in queries and forms, `: value` as in headers and in prose.
    Plain,
}

struct Read {
    range: Range<usize>,
    form: Form,
}

/// The value that follows a name.
fn read(text: &str, from: usize, is_parameter: bool) -> Read {
    let after = text.get(from..).unwrap_or_default();
    let trimmed = after.trim_start_matches([' ', '\t', '\n', '\r']);
    let opened = trimmed.trim_start_matches('\\');
    let plain = |start: usize, ends: &dyn Fn(char) -> bool| {
        let rest = text.get(start..).unwrap_or_default();
        let length = match rest.starts_with("{{") || rest.starts_with("${") {
            // Up to and including the formula, so that it is seen as one.
            true => rest.find('}').map_or(rest.len(), |at| at + 1),
            false => rest.find(ends).unwrap_or(rest.len()),
        };
        Read {
            range: start..start + length,
            form: Form::Plain,
        }
    };
    if opened.starts_with(['"', '\'', '`']) {
        let start = text.len() - opened.len() + 1;
        let ends = |c: char| matches!(c, '"' | '\'' | '`' | '\\' | '\n');
        let inside = plain(start, &ends);
        return Read {
            form: Form::Quoted,
            ..inside
        };
    }
    if is_parameter {
        let ends = |c: char| c.is_whitespace() || "&;,#\"'<>()\\".contains(c);
        return plain(from, &ends);
    }
    let blanks = after.trim_start_matches([' ', '\t']);
    let ends = |c: char| matches!(c, '\n' | '\r' | '"' | '\'' | '\\');
    plain(text.len() - blanks.len(), &ends)
}

/// Whether what stands behind `=` is an expression of a program: `input.password`, `read(x)`.
fn is_code(value: &str, text: &str, end: usize) -> bool {
    text.as_bytes().get(end) == Some(&b'(') || is_expression(value)
}

/// Prose says `Password: see below`; a header has a scheme, a pair, or letters and digits.
fn header(value: &str, telling: Telling) -> Vec<Range<usize>> {
    if telling < Telling::Token {
        return Vec::new();
    }
    let mut words = literal_words(value).into_iter();
    let text = |range: &Range<usize>| value.get(range.clone()).unwrap_or_default();
    let Some(first) = words.next() else {
        return Vec::new();
    };
    if is_scheme(text(&first)) {
        let key = words.next().filter(|key| {
            let key = text(key);
            key.chars().count() >= 4 && !stands_in(key) && !key.contains(['{', '$'])
        });
        let is_basic = |word: &str| matches!(word.to_lowercase().as_str(), "basic" | "bearer");
        let is_known = is_basic(text(&first)) || key.as_ref().is_some_and(|key| is_key(text(key)));
        return key.into_iter().filter(|_| is_known).collect();
    }
    // `password: input.password2,`
    let bare = text(&first).trim_end_matches([',', ';', ')', '}']);
    let is_secret = is_key(bare) && !is_expression(bare) && is_credential(bare, telling);
    let part = is_secret.then_some(first.start..first.start + bare.len());
    part.into_iter().collect()
}

fn is_key(word: &str) -> bool {
    word.chars().count() >= 6
        && word.chars().any(|c| c.is_ascii_digit())
        && word.chars().any(char::is_alphabetic)
}
