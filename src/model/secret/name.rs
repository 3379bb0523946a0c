//! What the name of a field, header or parameter tells of its value.

/// How likely a value is a secret, by its name alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Telling {
    /// Not at all.
    Nothing,
    /// It may be, if it looks like one too: `key`, `tokenLimit`.
    Likely,
    /// It is, unless it is a placeholder: `password`, `X-Api-Key`.
    Sure,
}

/// Names that end so are those of secrets, in the plural too.
const ENDINGS: [&str; 15] = [
    "accesskey",
    "apikey",
    "authkey",
    "authorization",
    "authpass",
    "credential",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "pwd",
    "secret",
    "secretkey",
    "signingkey",
    "token",
];

/// Whole names of secrets. `shareCookies` is a switch.
const WHOLE: [&str; 3] = ["cookie", "cookies", "setcookie"];

/// Names that hold one of these may be.
const HINTS: [&str; 8] = [
    "apikey",
    "authorization",
    "password",
    "passwd",
    "privatekey",
    "secret",
    "signature",
    "token",
];

/// Whole names that may be.
const SHORT: [&str; 5] = ["auth", "key", "pass", "session", "sig"];

/// Tokens that only say where to go on reading, or are counted.
const HARMLESS_TOKENS: [&str; 8] = [
    "continuation",
    "count",
    "cursor",
    "max",
    "min",
    "next",
    "page",
    "sync",
];

/// Judges a name, whatever its capitals and separators.
pub(super) fn judge(name: &str) -> Telling {
    let letters: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let bare = letters.trim_end_matches(|c: char| c.is_ascii_digit());
    let singular = bare.strip_suffix('s').unwrap_or(bare);
    let harmless =
        || singular.ends_with("token") && HARMLESS_TOKENS.iter().any(|word| letters.contains(word));
    let telling = WHOLE.contains(&bare)
        || ENDINGS
            .iter()
            .any(|ending| bare.ends_with(ending) || singular.ends_with(ending));
    // Tokens in the plural are counted: those of a language model.
    if telling && !bare.ends_with("tokens") && !harmless() {
        Telling::Sure
    } else if SHORT.contains(&bare) || HINTS.iter().any(|hint| letters.contains(hint)) {
        Telling::Likely
    } else {
        Telling::Nothing
    }
}
