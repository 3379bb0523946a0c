//! The shapes of well-known vendors' tokens.

/// How they begin, and how long the whole must at least be.
const TOKENS: [(&str, usize); 32] = [
    ("AIza", 35),
    ("AKIA", 20),
    ("ASIA", 20),
    ("EAA", 60),
    ("SG.", 40),
    ("eyJhbGciOi", 40),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghr_", 36),
    ("ghs_", 36),
    ("ghu_", 36),
    ("github_pat_", 40),
    ("glpat-", 20),
    ("hf_", 30),
    ("npm_", 36),
    ("ntn_", 40),
    ("pk_live_", 20),
    ("rk_live_", 20),
    ("secret_", 40),
    ("shpat_", 30),
    ("sk_live_", 20),
    ("sk_test_", 20),
    ("sk-", 30),
    ("whsec_", 20),
    ("xapp-", 30),
    ("xoxa-", 30),
    ("xoxb-", 30),
    ("xoxe-", 30),
    ("xoxp-", 30),
    ("xoxr-", 30),
    ("xoxs-", 30),
    ("ya29.", 30),
];

/// Whether a text holds a key that its shape gives away.
pub(super) fn holds_token(text: &str) -> bool {
    text.contains("-----BEGIN ")
        || text
            .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')))
            .any(is_token)
        || text
            .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':')))
            .any(is_bot_token)
}

fn is_token(word: &str) -> bool {
    let known = TOKENS
        .iter()
        .any(|(prefix, length)| word.starts_with(prefix) && word.len() >= *length);
    (known || is_airtable(word) || is_web_token(word)) && word.bytes().any(|b| b.is_ascii_digit())
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
    })
}

/// A JSON Web Token: header, claims and signature.
fn is_web_token(word: &str) -> bool {
    word.starts_with("eyJ") && word.len() >= 30 && word.matches('.').count() >= 2
}

/// Telegram: the number of the bot, a colon, and the key.
fn is_bot_token(word: &str) -> bool {
    let word = word.strip_prefix("bot").unwrap_or(word);
    word.split_once(':').is_some_and(|(bot, key)| {
        bot.len() >= 6
            && bot.bytes().all(|b| b.is_ascii_digit())
            && key.len() >= 30
            && !key.contains(':')
    })
}
