//! Words that stand where a secret is to come.

/// Whole texts that say nothing, or say of which sort a secret is.
const NO_SECRETS: [&str; 35] = [
    "anonymous",
    "apikey",
    "api_key",
    "auto",
    "basic",
    "bearer",
    "changeme",
    "default",
    "demo",
    "demo_key",
    "disabled",
    "dummy",
    "enabled",
    "false",
    "fixme",
    "guest",
    "hidden",
    "n/a",
    "none",
    "null",
    "oauth",
    "oauth2",
    "optional",
    "password",
    "public",
    "required",
    "secret",
    "string",
    "tbd",
    "test",
    "text",
    "todo",
    "token",
    "true",
    "undefined",
];

/// Words of which one is enough to tell a placeholder.
const STANDING_IN: [&str; 11] = [
    "changeme",
    "dummy",
    "enter",
    "example",
    "insert",
    "masked",
    "placeholder",
    "redacted",
    "removed",
    "replace",
    "your",
];

/// Words that passwords of several words seldom have, and sentences often.
const OF_SENTENCES: [&str; 22] = [
    "a", "an", "and", "for", "from", "here", "in", "is", "key", "my", "of", "or", "password",
    "secret", "string", "that", "the", "to", "token", "used", "user", "with",
];

/// Whether a value is no secret but stands in for one: `<TOKEN>`, `YOUR_API_KEY`, `changeme`,
/// `REDACTED`, `xxxx`, `***`, and what a shell left as it was: `$TOKEN`, `${TOKEN}`.
#[must_use]
pub fn stands_in(text: &str) -> bool {
    let text = text.trim().trim_start_matches('$');
    let bracketed = [('<', '>'), ('[', ']'), ('{', '}'), ('%', '%'), ('(', ')')];
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
            .all(|c| matches!(c, 'x' | '*' | '.' | '-' | '_' | '•' | '…' | '?'))
        || lower
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| STANDING_IN.contains(&word) || is_filler(word))
        || STANDING_IN.iter().any(|word| lower.starts_with(word))
        || lower.contains("changeme")
        || lower.contains("change_me")
        || lower.contains("your_")
        || lower.contains("****")
        || is_sentence(&lower)
}

/// `xxxx`, `0000`.
fn is_filler(word: &str) -> bool {
    let mut letters = word.chars();
    let first = letters.next();
    word.len() >= 4 && matches!(first, Some('x' | '0')) && letters.all(|c| Some(c) == first)
}

/// `the password of the user`.
fn is_sentence(lower: &str) -> bool {
    let words: Vec<&str> = lower.split_whitespace().collect();
    words.len() >= 2
        && words
            .iter()
            .any(|word| OF_SENTENCES.contains(&word.trim_matches(|c: char| !c.is_alphanumeric())))
}
