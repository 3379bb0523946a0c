//! What looks like a secret in a blueprint, judged by the field it stands in.
//!
//! A field is secret as a whole, never a part of it. The rule hides rather too much: a wrongly
//! hidden value costs a look into the file, a shown one a new key. It is no promise that
//! nothing else is secret.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Path;

/// The paths of all texts in a document that look like secrets.
#[must_use]
pub fn sensitive_paths(document: &Value) -> BTreeSet<Path> {
    let mut found = BTreeSet::new();
    search(document, None, &mut Vec::new(), &mut found);
    found
}

/// Goes through a value that stands under a name: a key, or the `name` beside a `value`.
fn search(value: &Value, name: Option<&str>, path: &mut Path, found: &mut BTreeSet<Path>) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(text) => {
            let by_name = name.is_some_and(names_a_secret) && is_credential(text);
            if by_name || is_capability(text) || holds_vendor_token(text) {
                found.insert(path.clone());
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                search(item, None, path, found);
                path.pop();
            }
        }
        Value::Object(map) => {
            // A row of a table of headers or parameters.
            let row = ["name", "key"]
                .into_iter()
                .find_map(|key| map.get(key).and_then(Value::as_str));
            for (key, item) in map {
                let name = match (key.as_str(), row) {
                    ("value", Some(row)) => row,
                    (key, _) => key,
                };
                path.push(key.clone());
                search(item, Some(name), path, found);
                path.pop();
            }
        }
    }
}

/// Whether a header, parameter or field of this name is likely to hold a secret.
fn names_a_secret(name: &str) -> bool {
    let letters: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let telling = [
        "apikey",
        "authorization",
        "authpass",
        "password",
        "privatekey",
        "secret",
        "token",
    ];
    letters == "key" || telling.iter().any(|word| letters.contains(word))
}

/// Whether a text is a literal key or password, rather than a formula or a placeholder.
fn is_credential(text: &str) -> bool {
    let text = text.trim();
    let bare = text
        .split_once(' ')
        .filter(|(scheme, _)| {
            ["basic", "bearer", "key", "token"].contains(&scheme.to_lowercase().as_str())
        })
        .map_or(text, |(_, rest)| rest.trim());
    bare.chars().count() >= 12
        && !bare.contains(char::is_whitespace)
        && !bare.contains("{{")
        && !is_hex_address(bare)
        && bare.chars().any(|c| c.is_ascii_digit())
        && bare.chars().any(char::is_alphabetic)
        && !is_placeholder(bare)
        && entropy(bare) >= 3.0
}

/// `0x` and hexadecimal digits: the address of a coin or contract, often called "token".
fn is_hex_address(text: &str) -> bool {
    text.strip_prefix("0x")
        .is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn is_placeholder(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words = [
        "changeme",
        "example",
        "insert",
        "placeholder",
        "redacted",
        "replace",
        "xxxx",
        "your",
        "****",
    ];
    lower.starts_with('<') || words.iter().any(|word| lower.contains(word))
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

/// Whether a text holds an address that needs no login: whoever knows it can use it.
fn is_capability(text: &str) -> bool {
    // The address of a mailhook.
    if let Some((_, host)) = text.rsplit_once('@')
        && host.starts_with("hook.")
    {
        return true;
    }
    text.split("://").skip(1).any(|rest| {
        let end = rest
            .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>'))
            .unwrap_or(rest.len());
        let (url, _) = rest.split_at(end);
        let (host, path) = url.split_once('/').unwrap_or((url, ""));
        is_capability_path(host, path) || has_secret_parameter(path)
    })
}

fn is_capability_path(host: &str, path: &str) -> bool {
    let host = host.split_once(':').map_or(host, |(name, _)| name);
    let long = |part: &str| part.len() >= 20 && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let first = path.split(['/', '?', '#']).next().unwrap_or("");
    match host {
        "discord.com" | "discordapp.com" => path.starts_with("api/webhooks/"),
        "hooks.slack.com" => path.starts_with("services/"),
        "api.telegram.org" => first
            .strip_prefix("bot")
            .and_then(|token| token.split_once(':'))
            .is_some_and(|(bot, key)| {
                bot.bytes().all(|b| b.is_ascii_digit()) && key.len() >= 20 && !key.contains("{{")
            }),
        // Make's own, in any zone.
        _ if host.starts_with("hook.") => long(first),
        _ => path
            .strip_prefix("wh/")
            .is_some_and(|udid| long(udid.split(['/', '?']).next().unwrap_or(""))),
    }
}

/// Whether the query of an address holds a key: `?key=..`.
fn has_secret_parameter(path: &str) -> bool {
    path.split_once('?').is_some_and(|(_, query)| {
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .any(|(name, value)| names_a_secret(name) && is_credential(value))
    })
}

/// The beginnings of well-known vendors' tokens, and how long the whole must at least be.
const VENDOR_TOKENS: [(&str, usize); 18] = [
    ("AIza", 35),
    ("AKIA", 20),
    ("EAAC", 40),
    ("SG.", 40),
    ("eyJhbGciOi", 40),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghs_", 36),
    ("github_pat_", 40),
    ("glpat-", 20),
    ("pk_live_", 20),
    ("rk_live_", 20),
    ("sk_live_", 20),
    ("sk_test_", 20),
    ("sk-", 30),
    ("xapp-", 30),
    ("xoxb-", 30),
    ("xoxp-", 30),
];

fn holds_vendor_token(text: &str) -> bool {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')))
        .any(|word| {
            VENDOR_TOKENS.iter().any(|(prefix, length)| {
                word.starts_with(prefix)
                    && word.len() >= *length
                    && word.bytes().any(|b| b.is_ascii_digit())
            })
        })
}

#[cfg(test)]
mod tests {
    use super::sensitive_paths;
    use serde_json::{Value, json};

    fn is_sensitive(value: &Value) -> bool {
        !sensitive_paths(value).is_empty()
    }

    fn header(name: &str, value: &str) -> Value {
        json!({"mapper": {"headers": [{"name": "Accept", "value": "text/html"}, {"name": name, "value": value}]}})
    }

    #[test]
    fn literal_keys_in_headers_and_parameters_are_found() {
        let found = sensitive_paths(&header("x-rapidapi-key", "9f8a7c6b5d4e3f2a1b0c"));
        let path = ["mapper", "headers", "1", "value"].map(str::to_owned);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [path.to_vec()]);
        for value in [
            header("Authorization", "Bearer q8Zr41kPxT7w2LmN"),
            json!({"qs": [{"name": "apikey", "value": "a1b2c3d4e5f6g7h8"}]}),
            json!({"url": "https://maps.test/v1?q=x&key=Zx81Kd02Lmq93Pw7"}),
            json!({"authPass": "correct4horse7battery"}),
        ] {
            assert!(is_sensitive(&value), "{value}");
        }
    }

    #[test]
    fn addresses_that_need_no_login_and_vendors_tokens_are_found_anywhere() {
        let hook = format!(
            "https://hook.eu1.make.com/{}",
            "k3j9x8w7v6u5t4s3r2q1p0o9n8m7l6k5"
        );
        let telegram = format!(
            "https://api.telegram.org/bot12345678:{}/sendMessage",
            "A".repeat(35)
        );
        let slack = format!("token is xoxb-{}", "1234567890-abcdefghij".repeat(2));
        for text in [
            hook.as_str(),
            "call \"https://hook.us1.make.com/k3j9x8w7v6u5t4s3r2q1\" please",
            "k3j9x8w7v6u5t4s3r2q1@hook.eu1.make.com",
            &telegram,
            "https://discord.com/api/webhooks/1/abc",
            &slack,
        ] {
            assert!(is_sensitive(&json!({ "text": text })), "{text}");
        }
    }

    #[test]
    fn formulas_placeholders_and_hexadecimal_addresses_are_not() {
        for value in [
            header("Authorization", "Bearer {{var.organization.crmToken1}}"),
            header("apikey", "YOUR_API_KEY_1234567"),
            header("apikey", "<YOUR KEY 1234567>"),
            header("X-Request-Id", "q8Zr41kPxT7w2LmN"),
            json!({"token": "0x52908400098527886E0F7030069857D2E4169EE7"}),
            json!({"url": "https://api.telegram.org/bot{{var.team.bot}}/sendMessage"}),
            json!({"spreadsheetId": "/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms"}),
            json!({"nextPageToken": "{{2.token}}"}),
        ] {
            assert!(!is_sensitive(&value), "{value}");
        }
    }
}
