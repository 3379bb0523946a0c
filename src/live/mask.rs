//! Taking secrets out of a server's words.
//!
//! A server may quote what it was sent: its errors then hold the token, or a value that a
//! manifest took from the environment. What is known to be secret is replaced wherever it
//! stands, before the words get into an error; what only looks secret, word by word after that.

use std::collections::BTreeSet;

use secrecy::{ExposeSecret as _, SecretString};
use url::form_urlencoded::byte_serialize;

use crate::model::secret;

/// The longest piece of an answer that an error quotes, in characters.
const QUOTED: usize = 300;

/// A value of fewer characters says nothing, and stands in many words.
const SHORTEST: usize = 4;

/// What must not be shown.
#[derive(Clone, Default)]
pub(super) struct Mask {
    /// Lowercase, the longest first: one may hold another.
    secrets: Vec<SecretString>,
}

impl Mask {
    /// Adds a value that must not be shown, in the spellings in which servers quote.
    pub(super) fn add(&mut self, value: &SecretString) {
        let value = value.expose_secret().trim().to_ascii_lowercase();
        if value.chars().count() < SHORTEST {
            return;
        }
        let bare = match is_uuid(&value) {
            true => value.replace('-', ""),
            false => value.clone(),
        };
        let escaped = serde_json::Value::from(value.as_str()).to_string();
        let escaped = escaped.trim_matches('"').to_owned();
        let in_query = byte_serialize(value.as_bytes()).collect::<String>();
        let in_query = in_query.to_ascii_lowercase();
        let spellings = BTreeSet::from([value, bare, escaped, in_query]);
        self.secrets.extend(spellings.into_iter().map(Into::into));
        self.secrets
            .sort_by_key(|secret| std::cmp::Reverse(secret.expose_secret().len()));
    }

    /// A server's words on one line, shortened, without anything that lets the reader call a
    /// hook or use a token.
    pub(super) fn quoted(&self, text: &str) -> String {
        let text = self.without_secrets(text);
        let words: Vec<&str> = text.split_whitespace().map(shown).collect();
        let line = words.join(" ");
        match line.char_indices().nth(QUOTED) {
            Some((end, _)) => format!("{}..", line.get(..end).unwrap_or_default()),
            None => line,
        }
    }

    /// Whether a text holds what must not be shown.
    pub(super) fn is_in(&self, text: &str) -> bool {
        let lower = text.to_ascii_lowercase();
        let mut secrets = self.secrets.iter();
        secrets.any(|secret| lower.contains(secret.expose_secret()))
    }

    fn without_secrets(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.secrets {
            let secret = secret.expose_secret();
            // Of the same length as the text, byte for byte.
            let lower = text.to_ascii_lowercase();
            let mut rest = text.as_str();
            let mut kept = String::new();
            let mut from = 0;
            for (at, found) in lower.match_indices(secret) {
                let (before, after) = rest.split_at_checked(at - from).unwrap_or((rest, ""));
                kept.push_str(before);
                kept.push_str("(secret)");
                rest = after.get(found.len()..).unwrap_or_default();
                from = at + found.len();
            }
            kept.push_str(rest);
            text = kept;
        }
        text
    }
}

fn shown(word: &str) -> &str {
    let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let lower = word.to_ascii_lowercase();
    if lower.contains("://") || is_hook(&lower) {
        "(URL)"
    } else if lower.contains("@hook") {
        "(address)"
    } else if is_uuid(bare) {
        "(token)"
    } else if !secret::sensitive_paths(&bare.into()).is_empty() {
        "(secret)"
    } else {
        word
    }
}

/// Whether a word holds a hook's address without its scheme, or in an escaped form.
fn is_hook(lower: &str) -> bool {
    lower
        .split_once("hook.")
        .is_some_and(|(_, rest)| ["/", "\\", "%2f"].iter().any(|slash| rest.contains(slash)))
}

/// Whether a text has the form of an API token.
pub(super) fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::Mask;

    const TOKEN: &str = "5a4db0c5-0000-4000-8000-00000000000f";

    fn mask(secrets: &[&str]) -> Mask {
        let mut mask = Mask::default();
        for secret in secrets {
            mask.add(&(*secret).into());
        }
        mask
    }

    #[test]
    fn it_knows_what_it_hides_in_a_text() {
        let mut mask = Mask::default();
        mask.add(&"Zq8Value".into());
        assert!(mask.is_in(r#"{"default":"a zq8value b"}"#));
        assert!(!mask.is_in(r#"{"default":"Zq8"}"#));
    }

    #[test]
    fn a_token_is_found_in_any_spelling_and_inside_of_words() {
        for token in [TOKEN, "my-legacy-token", "eyJhbGciOi.Abc.def"] {
            let mask = mask(&[token]);
            for spelling in [
                token.to_owned(),
                token.to_uppercase(),
                format!("a={token}&b"),
                format!("tok{token}tok{token}"),
                format!("Authorization: Token {token},x"),
            ] {
                let text = mask.quoted(&format!("ä {spelling} ß"));
                assert!(
                    !text.to_lowercase().contains(&token.to_lowercase()),
                    "{text}"
                );
                assert!(text.starts_with('ä') && text.ends_with('ß'), "{text}");
            }
        }
        let bare = TOKEN.replace('-', "");
        assert_eq!(mask(&[TOKEN]).quoted(&bare), "(secret)");
    }

    #[test]
    fn other_secrets_are_hidden_and_short_ones_are_left() {
        let mask = mask(&["two words", "no", "a\"b\"c", "two words and more"]);
        assert_eq!(mask.quoted("no 'Two words'"), "no '(secret)'");
        assert_eq!(mask.quoted("two words and more"), "(secret)");
        assert_eq!(mask.quoted(r#"{"x":"a\"b\"c"}"#), r#"{"x":"(secret)"}"#);
    }

    #[test]
    fn hooks_and_tokens_are_hidden_by_their_looks() {
        let mask = Mask::default();
        for text in [
            "https://hook.eu1.make.com/abc123",
            "hook.eu1.make.com/abc123",
            "x=HOOK.eu1.make.com/abc123",
            r"https:\/\/hook.eu1.make.com\/abc123",
            "https%3A%2F%2Fhook.eu1.make.com%2Fabc123",
            "abc123@hook.eu1.make.com",
            "xoxb-7312998104321-abc123abc123abc123",
            "'ghp_abc123abc123abc123abc123abc123abc123'",
        ] {
            let quoted = mask.quoted(text);
            assert!(!quoted.contains("abc123"), "{quoted}");
        }
        let harmless = "no such hook. See module 3";
        assert_eq!(mask.quoted(harmless), harmless);
    }
}
