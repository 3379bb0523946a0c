//! Whether a value is a literal key or password, rather than a formula or a placeholder.

use std::collections::BTreeMap;

use super::name::Telling;

/// Whether a value under such a name is a secret.
pub(super) fn is_credential(text: &str, telling: Telling) -> bool {
    match telling {
        Telling::Nothing => false,
        Telling::Likely => looks_random(without_scheme(text.trim())),
        Telling::Sure => is_password(text.trim()),
    }
}

/// Whether a value is literal at all: what is under the name of a secret is one, if so.
fn is_password(text: &str) -> bool {
    let literal = without_formulas(text);
    if literal == text {
        let bare = without_scheme(text);
        return bare.chars().count() >= 4 && !is_placeholder(bare) && !is_hex_address(bare);
    }
    // Some of it comes from a formula: what stands beside it may be a scheme, or `token=`.
    let literal = literal.trim_start();
    let bare = literal
        .split_once(' ')
        .filter(|(scheme, _)| scheme.chars().all(|c| c.is_ascii_alphabetic() || c == '-'))
        .map_or(literal, |(_, rest)| rest);
    bare.split_whitespace().any(|word| {
        word.chars().count() >= 8
            && word.chars().any(char::is_alphanumeric)
            && !word.ends_with(['=', ':'])
            && !is_scheme(word)
            && !is_placeholder(word)
    })
}

/// Whether a text could be a key by its looks alone.
fn looks_random(text: &str) -> bool {
    text.chars().count() >= 12
        && !text.contains(char::is_whitespace)
        && !text.contains("{{")
        && !is_hex_address(text)
        && text.chars().any(|c| c.is_ascii_digit())
        && text.chars().any(char::is_alphabetic)
        && !is_placeholder(text)
        && entropy(text) >= 3.0
}

/// What is left of a text when Make's `{{..}}` is taken out.
pub(super) fn without_formulas(text: &str) -> String {
    let mut parts = text.split("{{");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once("}}") {
            Some((_, rest)) => out.push_str(rest),
            None => {
                out.push_str("{{");
                out.push_str(part);
            }
        }
    }
    out
}

fn is_scheme(word: &str) -> bool {
    ["basic", "bearer", "bot", "key", "oauth", "token"].contains(&word.to_lowercase().as_str())
}

/// A header's value without `Bearer`.
fn without_scheme(text: &str) -> &str {
    match text.split_once(' ') {
        Some((scheme, rest)) if is_scheme(scheme) => rest.trim(),
        _ => text,
    }
}

/// `0x` and hexadecimal digits: the address of a coin or contract, often called "token".
fn is_hex_address(text: &str) -> bool {
    text.strip_prefix("0x")
        .is_some_and(|digits| digits.len() == 40 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Words that stand where a secret is to come, or say of which sort it is.
const NO_SECRETS: [&str; 20] = [
    "apikey", "auto", "basic", "bearer", "changeme", "default", "disabled", "enabled", "false",
    "none", "null", "oauth", "oauth2", "optional", "password", "required", "string", "text",
    "token", "true",
];

/// Words of which one is enough to tell a placeholder.
const STANDING_IN: [&str; 8] = [
    "changeme",
    "enter",
    "example",
    "insert",
    "placeholder",
    "redacted",
    "replace",
    "your",
];

pub(super) fn is_placeholder(text: &str) -> bool {
    let bracketed = [('<', '>'), ('[', ']'), ('{', '}'), ('%', '%')];
    if bracketed
        .iter()
        .any(|(open, close)| text.starts_with(*open) && text.ends_with(*close))
    {
        return true;
    }
    let is_name = |c: char| c.is_ascii_uppercase() || c == '_';
    if text.contains('_') && text.chars().all(is_name) {
        return true;
    }
    let lower = text.to_lowercase();
    NO_SECRETS.contains(&lower.as_str())
        || lower
            .chars()
            .all(|c| matches!(c, 'x' | '*' | '.' | '-' | '•'))
        || lower
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| STANDING_IN.contains(&word) || is_filler(word))
        || STANDING_IN.iter().any(|word| lower.starts_with(word))
}

/// `xxxx`.
fn is_filler(word: &str) -> bool {
    word.len() >= 4 && word.bytes().all(|b| b == b'x')
}

/// Shannon entropy, in bits for each character.
fn entropy(text: &str) -> f64 {
    let mut counts: BTreeMap<char, u32> = BTreeMap::new();
    for c in text.chars() {
        *counts.entry(c).or_default() += 1;
    }
    let total = f64::from(counts.values().sum::<u32>());
    counts
        .values()
        .map(|count| {
            let share = f64::from(*count) / total;
            -share * share.log2()
        })
        .sum()
}
