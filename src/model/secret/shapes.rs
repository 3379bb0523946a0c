//! Tokens and keys that their shape gives away, wherever they stand.

use std::ops::Range;

use base64::{
    Engine as _,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use memchr::memmem;

use super::{
    Hit,
    known::is_uuid,
    literal::{entropy, looks_random},
    pieces::words_of,
    placeholder::stands_in,
    vendor::{Class, SHAPES},
};

/// The shortest token of any shape.
const SHORTEST: usize = 16;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);

/// Finds them.
pub(super) fn find(text: &str, hits: &mut Vec<Hit>) {
    if text.len() < SHORTEST {
        return;
    }
    private_keys(text, hits);
    let is_inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    for range in words_of(text, is_inside, 0) {
        if range.len() >= SHORTEST {
            word(text, &range, hits);
        }
    }
    for at in memchr::memchr_iter(b':', text.as_bytes()) {
        pair(text, at, hits);
    }
    for at in memmem::find_iter(text.as_bytes(), b"1//0") {
        let length = run(text, at + 4, Class::Url);
        if length >= 35 && !after_base64(text, at) {
            hits.push(Hit::of_sort(at..at + 4 + length, "Google refresh token"));
        }
    }
    schemes(text, hits);
}

/// A word that may be a token from its first letter on.
fn word(text: &str, range: &Range<usize>, hits: &mut Vec<Hit>) {
    let word = text.get(range.clone()).unwrap_or_default();
    let mut keep = |length: usize, sort: &'static str| {
        hits.push(Hit::of_sort(range.start..range.start + length, sort));
    };
    let fits = SHAPES.iter().find_map(|shape| {
        let body = word.strip_prefix(shape.start)?;
        let length = run(body, 0, shape.class);
        let body = body.get(..length)?;
        // Pictures as text hold anything, but none of these signs.
        let is_told = shape.start.contains(['_', '-', '.']) || !after_base64(text, range.start);
        (length >= shape.least
            && is_told
            && body.bytes().any(|b| b.is_ascii_digit())
            && entropy(body) >= 2.0
            && !stands_in(body)
            && (shape.class == Class::Plain || shape.class == Class::Hex || is_dense(body)))
        .then_some((shape.start.len() + length, shape.sort))
    });
    if let Some((length, sort)) = fits {
        keep(length, sort);
    } else if is_airtable(word) {
        keep(word.len(), "Airtable token");
    } else if is_web_token(word) {
        keep(word.len(), "JSON Web Token");
    } else if is_discord(word) {
        keep(word.len(), "Discord bot token");
    } else if is_mailchimp(word) {
        keep(word.len(), "Mailchimp key");
    } else if is_clickup(word) {
        keep(word.len(), "ClickUp token");
    }
}

/// Whether a text has a stretch without `-`, `_` and `.` that no word is as long as.
fn is_dense(body: &str) -> bool {
    let longest = body.split(['-', '_', '.']).map(str::len).max();
    longest.is_some_and(|longest| longest >= 10)
        || body
            .split(['-', '_', '.'])
            .filter(|part| {
                part.bytes().any(|b| b.is_ascii_digit())
                    && part.bytes().any(|b| b.is_ascii_alphabetic())
            })
            .count()
            >= 3
}

/// How many characters of a class follow a position.
fn run(text: &str, from: usize, class: Class) -> usize {
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    rest.iter().take_while(|b| class.has(**b)).count()
}

/// Whether a position is in the middle of what is written in base 64.
fn after_base64(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let is_of_it = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    before.ends_with(['+', '/']) && before.bytes().rev().take_while(is_of_it).count() >= 24
}

/// Airtable: `pat`, an id, a dot, and the key.
fn is_airtable(word: &str) -> bool {
    let parts = word
        .strip_prefix("pat")
        .and_then(|rest| rest.split_once('.'));
    parts.is_some_and(|(id, key)| {
        (10..=20).contains(&id.len())
            && key.len() >= 30
            && key.bytes().all(|b| b.is_ascii_alphanumeric())
            && key.bytes().any(|b| b.is_ascii_digit())
    })
}

/// A JSON Web Token: header, claims and signature.
fn is_web_token(word: &str) -> bool {
    let mut parts = word.split('.');
    let header = parts.next().unwrap_or_default();
    word.starts_with("eyJ")
        && word.len() >= 30
        && parts.next().is_some_and(|claims| claims.starts_with("eyJ"))
        && parts.next().is_some_and(|signature| !signature.is_empty())
        && decoded(header).is_some_and(|json| json.starts_with("{\""))
}

/// Discord: the bot's id in base 64, a time and a code.
fn is_discord(word: &str) -> bool {
    let parts: Vec<&str> = word.split('.').collect();
    match parts.as_slice() {
        [id, time, code] => {
            (18..=28).contains(&id.len())
                && (5..=7).contains(&time.len())
                && (27..=45).contains(&code.len())
                && decoded(id)
                    .is_some_and(|id| id.len() >= 15 && id.bytes().all(|b| b.is_ascii_digit()))
        }
        _ => false,
    }
}

/// Mailchimp: 32 hexadecimal digits and the data centre.
fn is_mailchimp(word: &str) -> bool {
    word.split_once("-us").is_some_and(|(key, centre)| {
        key.len() == 32
            && key.bytes().all(|b| b.is_ascii_hexdigit())
            && (1..=2).contains(&centre.len())
            && centre.bytes().all(|b| b.is_ascii_digit())
    })
}

/// ClickUp: `pk_`, the user's number, and 32 capitals and digits.
fn is_clickup(word: &str) -> bool {
    let parts = word
        .strip_prefix("pk_")
        .and_then(|rest| rest.split_once('_'));
    parts.is_some_and(|(user, key)| {
        user.len() >= 5
            && user.bytes().all(|b| b.is_ascii_digit())
            && key.len() == 32
            && key.bytes().all(|b| Class::Capitals.has(b))
    })
}

/// Telegram (a bot's number, a colon, the key) and Asana (a user's number, a colon, the key).
fn pair(text: &str, colon: usize, hits: &mut Vec<Hit>) {
    let before = text.get(..colon).unwrap_or_default();
    let digits = before.bytes().rev().take_while(u8::is_ascii_digit).count();
    if digits < 6 {
        return;
    }
    let start = colon - digits;
    let lead = before.get(..start).unwrap_or_default();
    let key = run(text, colon + 1, Class::Url);
    let value = text.get(colon + 1..colon + 1 + key).unwrap_or_default();
    let is_asana = lead.ends_with(['0', '1', '2', '/']) && lead.contains('/') && digits >= 10;
    let is_word = lead
        .chars()
        .next_back()
        .is_some_and(|c| c.is_alphanumeric() || c == '_')
        && !lead.ends_with("bot");
    if key >= 30
        && !is_word
        && value.bytes().any(|b| b.is_ascii_alphabetic())
        && !(value.contains('-') && value.split('-').count() > 4)
    {
        let sort = match is_asana && value.bytes().all(|b| b.is_ascii_hexdigit()) {
            true => "Asana token",
            false => "Telegram bot token",
        };
        hits.push(Hit::of_sort(start..colon + 1 + key, sort));
    }
}

/// What follows a scheme of HTTP: `Basic dXNlcjpwYXNz`, `Bearer ..`, and Make's own
/// `Token <uuid>`.
fn schemes(text: &str, hits: &mut Vec<Hit>) {
    for at in memchr::memchr_iter(b' ', text.as_bytes()) {
        let before = text.get(..at).unwrap_or_default();
        let ends = |scheme: &str| {
            let from = before.len().checked_sub(scheme.len());
            from.and_then(|from| before.get(from..))
                .is_some_and(|end| end.eq_ignore_ascii_case(scheme))
        };
        let (bearer, basic, token) = (ends("bearer"), ends("basic"), ends("token"));
        if !(bearer || basic || token) {
            continue;
        }
        let rest = text.get(at + 1..).unwrap_or_default();
        let is_inside = |b: &u8| b.is_ascii_alphanumeric() || b"_-+/=.~".contains(b);
        let length = rest.bytes().take_while(is_inside).count();
        let value = rest.get(..length).unwrap_or_default();
        let sort = if basic && is_pair_in_base64(value) {
            "password in base 64"
        } else if bearer && length >= 20 && looks_random(value) && !stands_in(value) {
            "bearer token"
        } else if token && is_uuid(value) {
            "Make API token"
        } else {
            continue;
        };
        hits.push(Hit::of_sort(at + 1..at + 1 + length, sort));
    }
}

fn is_pair_in_base64(value: &str) -> bool {
    value.len() >= 8
        && decoded(value).is_some_and(|pair| {
            pair.split_once(':').is_some_and(|(_, password)| {
                password.len() >= 4 && !stands_in(password) && !password.contains("{{")
            })
        })
}

/// What is written in base 64, where it is a text.
fn decoded(value: &str) -> Option<String> {
    let alphabet = match value.contains(['-', '_']) {
        true => &URL_SAFE,
        false => &STANDARD,
    };
    let bytes = GeneralPurpose::new(alphabet, LENIENT).decode(value).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.chars().all(|c| !c.is_control()).then_some(text)
}

/// Private keys, from their first line to their last.
fn private_keys(text: &str, hits: &mut Vec<Hit>) {
    const BEGIN: &str = "-----BEGIN ";
    for start in memmem::find_iter(text.as_bytes(), BEGIN.as_bytes()) {
        let rest = text.get(start..).unwrap_or_default();
        let title = rest.get(BEGIN.len()..).unwrap_or_default();
        let Some((title, body)) = title.split_once("-----") else {
            continue;
        };
        if !title.ends_with("PRIVATE KEY") && !title.ends_with("PRIVATE KEY BLOCK") {
            continue;
        }
        // Between formulas, or with three dots for a body, it is an example.
        if run_of_key(body) < 6 {
            continue;
        }
        let end = rest
            .find("-----END ")
            .and_then(|at| Some(at + 9 + rest.get(at + 9..)?.find("-----")? + 5))
            .unwrap_or(rest.len());
        hits.push(Hit::of_sort(start..start + end, "private key"));
    }
}

/// The longest run of what a key is written in.
fn run_of_key(body: &str) -> usize {
    let body = body.split("-----").next().unwrap_or_default();
    let is_inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let body = body.replace("\\n", "\n");
    let runs = words_of(&body, is_inside, 0).map(|range| range.len());
    runs.max().unwrap_or(0)
}
