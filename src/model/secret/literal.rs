//! Whether a value is a literal key or password, rather than a formula or a placeholder.

use std::{collections::BTreeMap, ops::Range};

use super::{
    known::{is_date, is_hex_address, is_location, is_uuid, is_wordy},
    name::Telling,
    pieces::{has_formula, literal_words},
    placeholder::stands_in,
};

/// The parts of a value under such a name that are secret.
pub(super) fn credentials(text: &str, telling: Telling) -> Vec<Range<usize>> {
    if telling == Telling::Nothing {
        return Vec::new();
    }
    if has_formula(text) {
        return match telling {
            Telling::Nothing | Telling::Faint | Telling::Likely => Vec::new(),
            Telling::Token | Telling::Sure => beside_formulas(text, telling),
        };
    }
    let part = bare(text);
    let value = text.get(part.clone()).unwrap_or_default();
    if is_credential(value, telling) {
        return vec![part];
    }
    // `session=..; theme=dark`, as in cookies.
    if telling == Telling::Likely && value.contains('=') {
        return pairs(text);
    }
    Vec::new()
}

/// Whether a literal value under such a name is a secret.
pub(super) fn is_credential(value: &str, telling: Telling) -> bool {
    if stands_in(value) {
        return false;
    }
    match telling {
        Telling::Nothing => false,
        Telling::Faint => {
            value.len() >= 24
                && looks_random(value)
                && value.bytes().any(|b| b.is_ascii_uppercase())
                && value.bytes().any(|b| b.is_ascii_lowercase())
                && !is_uuid(value)
                && entropy(value) >= 3.8
        }
        Telling::Likely => looks_random(value) && !is_hex_address(value) && !is_wordy(value),
        Telling::Token => {
            let is_mixed =
                value.chars().any(char::is_alphabetic) && value.chars().any(|c| c.is_ascii_digit());
            value.chars().count() >= 8
                && (is_mixed || value.len() >= 20)
                && !value.contains(char::is_whitespace)
                && entropy(value) >= 2.0
                && !is_hex_address(value)
                && !is_wordy(value)
                && !is_location(value)
                && !is_date(value)
        }
        Telling::Sure => {
            value.chars().count() >= 4 && !is_location(value) && !is_hex_constant(value)
        }
    }
}

/// An address of 20 bytes is no key, whatever it is called; one of 32 may be.
fn is_hex_constant(value: &str) -> bool {
    value.len() == 42 && is_hex_address(value)
}

/// What of a value stands beside formulas and is no scheme, no `token=`.
fn beside_formulas(text: &str, telling: Telling) -> Vec<Range<usize>> {
    let words = literal_words(text).into_iter().filter(|range| {
        let word = text.get(range.clone()).unwrap_or_default();
        word.chars().count() >= 8
            && word.chars().any(char::is_alphanumeric)
            && !word.ends_with(['=', ':'])
            && !is_scheme(word)
            // `Zoho-oauthtoken {{1.access_token}}`
            && !(range.start == 0 && is_scheme_like(word))
            && is_credential(word, telling)
    });
    words.collect()
}

fn is_scheme_like(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_alphabetic() || c == '-')
}

/// The values of `name=value; name=value` that look like keys.
fn pairs(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for pair in text.split_inclusive(';') {
        let inside = pair.trim_end_matches(';').trim_end();
        if let Some((name, value)) = inside.split_once('=')
            && is_credential(value, Telling::Likely)
        {
            let from = start + name.len() + 1;
            found.push(from..from + value.len());
        }
        start += pair.len();
    }
    found
}

/// Whether a text could be a key by its looks alone.
pub(super) fn looks_random(text: &str) -> bool {
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || b"_-+/=.~:|!@#$%^&*".contains(&b);
    text.len() >= 12
        && text.bytes().all(is_letter)
        && text.bytes().any(|b| b.is_ascii_digit())
        && text.bytes().any(|b| b.is_ascii_alphabetic())
        && !is_location(text)
        && !is_date(text)
        && entropy(text) >= 3.0
}

pub(super) fn is_scheme(word: &str) -> bool {
    let schemes = ["apikey", "basic", "bearer", "bot", "key", "oauth", "token"];
    schemes
        .iter()
        .any(|scheme| word.eq_ignore_ascii_case(scheme))
}

/// Where the value of a header stands, without `Bearer` and blanks around it.
pub(super) fn bare(text: &str) -> Range<usize> {
    let trimmed = text.trim();
    let start = text.len() - text.trim_start().len();
    let end = start + trimmed.len();
    match trimmed.split_once(' ') {
        Some((scheme, rest)) if is_scheme(scheme.trim_end_matches(':')) => {
            end - rest.trim_start().len()..end
        }
        Some(_) | None => start..end,
    }
}

/// Shannon entropy, in bits for each character.
pub(super) fn entropy(text: &str) -> f64 {
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
