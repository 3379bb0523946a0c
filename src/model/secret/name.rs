//! What the name of a field, header or parameter tells of its value.

/// How likely a value is a secret, by its name alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Telling {
    /// Not at all.
    Nothing,
    /// It is seldom, and then a long one without a break: `key` of a record.
    Faint,
    /// It may be, if it looks like one too: `tokenLimit`, `?key=`.
    Likely,
    /// It often is, or the name of a coin: `token`.
    Token,
    /// It is, unless it is a placeholder: `password`, `X-Api-Key`.
    Sure,
}

/// Where a name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
    /// It is the key of a field.
    Field,
    /// It is the name of a header, or of a parameter of a query or form.
    Parameter,
}

/// Names that end so are those of secrets, in the plural too.
const ENDINGS: [&str; 24] = [
    "accesskey",
    "accountkey",
    "apikey",
    "apipassword",
    "authkey",
    "authorization",
    "authpass",
    "credential",
    "encryptionkey",
    "licensekey",
    "masterkey",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "pwd",
    "secret",
    "secretkey",
    "serverkey",
    "servicekey",
    "sharedkey",
    "signingkey",
    "subscriptionkey",
];

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
const SHORT: [&str; 7] = ["auth", "code", "hash", "key", "pass", "session", "sig"];

/// Of these, the ones that a field of a module seldom means so.
const SELDOM: [&str; 4] = ["code", "hash", "key", "session"];

/// Names of parameters that end with `key` and mean no secret.
const HARMLESS_KEYS: [&str; 14] = [
    "cachekey",
    "dedupkey",
    "deduplicationkey",
    "foreignkey",
    "groupkey",
    "idempotencykey",
    "issuekey",
    "partitionkey",
    "primarykey",
    "projectkey",
    "publickey",
    "rowkey",
    "sitekey",
    "sortkey",
];

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

/// What names end with that tell of a secret, and are none: `tokenAddress`, `passwordHint`.
const ABOUT: [&str; 23] = [
    "address",
    "at",
    "by",
    "column",
    "count",
    "date",
    "description",
    "enabled",
    "endpoint",
    "expiry",
    "field",
    "hint",
    "id",
    "in",
    "label",
    "length",
    "limit",
    "name",
    "policy",
    "symbol",
    "type",
    "uri",
    "url",
];

/// Judges a name, whatever its capitals and separators.
pub(super) fn judge(name: &str, context: Context) -> Telling {
    if name.len() < 3 || name.len() > 80 {
        return Telling::Nothing;
    }
    let letters: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let bare = letters.trim_end_matches(|c: char| c.is_ascii_digit());
    let singular = bare.strip_suffix('s').unwrap_or(bare);
    let ends = |ending: &str| bare.ends_with(ending) || singular.ends_with(ending);
    if ENDINGS.into_iter().any(ends) {
        return Telling::Sure;
    }
    if matches!(bare, "cookie" | "cookies" | "setcookie") {
        return Telling::Likely;
    }
    let harmless = || HARMLESS_TOKENS.iter().any(|word| letters.contains(word));
    // Tokens in the plural are counted: those of a language model.
    if bare.ends_with("token") && !harmless() {
        return Telling::Token;
    }
    if SHORT.contains(&bare) {
        return match context {
            Context::Field if SELDOM.contains(&bare) => Telling::Faint,
            Context::Parameter if bare == "code" => Telling::Faint,
            Context::Field | Context::Parameter => Telling::Likely,
        };
    }
    let is_about = || {
        let last = last_word(name);
        ABOUT.contains(&last.as_str()) || ABOUT.contains(&last.trim_end_matches('s'))
    };
    if HINTS.iter().any(|hint| letters.contains(hint)) {
        return match is_about() || singular.ends_with("token") && harmless() {
            true => Telling::Nothing,
            false => Telling::Likely,
        };
    }
    let is_key = context == Context::Parameter
        && (bare.ends_with("key") && !HARMLESS_KEYS.contains(&bare) || bare == "appid");
    match is_key {
        true => Telling::Likely,
        false => Telling::Nothing,
    }
}

/// The last word of a name: `address` of `tokenAddress` and of `token_address`.
fn last_word(name: &str) -> String {
    let mut word = String::new();
    let mut after = None;
    for c in name.chars() {
        let begins = c.is_ascii_uppercase() && after.is_none_or(|c: char| !c.is_ascii_uppercase());
        if begins || !c.is_ascii_alphanumeric() {
            word.clear();
        }
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        }
        after = Some(c);
    }
    word
}
