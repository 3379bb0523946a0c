//! Addresses that need no login: whoever knows one can use it.

use super::literal::{is_placeholder, without_formulas};

/// Whether a text holds the URL of a webhook, the address of a mailhook, or a URL with a
/// password in it.
pub(super) fn holds_capability(text: &str) -> bool {
    // JSON may write slashes with a stroke before them.
    let text = text.replace("\\/", "/");
    text.split(|c: char| {
        c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | ',' | ';' | '(' | ')')
    })
    .any(|word| is_mailhook(word) || word.split("://").enumerate().any(is_capability))
}

fn is_mailhook(word: &str) -> bool {
    word.rsplit_once('@').is_some_and(|(user, host)| {
        !without_formulas(user).is_empty() && host.to_lowercase().starts_with("hook.")
    })
}

/// A part between two `://`: the first one has no scheme.
fn is_capability((index, url): (usize, &str)) -> bool {
    let end = url.find(['/', '?', '#']).unwrap_or(url.len());
    let (authority, rest) = url.split_at_checked(end).unwrap_or_default();
    let (user, host) = authority
        .rsplit_once('@')
        .map_or((None, authority), |(user, host)| (Some(user), host));
    if index > 0 && user.is_some_and(has_password) {
        return true;
    }
    let host = host.split(':').next().unwrap_or_default().to_lowercase();
    is_capability_path(&host, rest.trim_start_matches('/'))
}

/// `user:password`, literally.
fn has_password(user: &str) -> bool {
    let literal = without_formulas(user);
    literal
        .split_once(':')
        .is_some_and(|(_, password)| !password.is_empty() && !is_placeholder(password))
}

fn is_capability_path(host: &str, path: &str) -> bool {
    let literal = |rest: &str| without_formulas(rest).contains(|c: char| c.is_alphanumeric());
    let below = |prefix: &str| path.strip_prefix(prefix).is_some_and(literal);
    let long = |part: &str| part.len() >= 20 && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let first = |path: &str| {
        let part = path.split(['/', '?', '#']).next();
        part.is_some_and(long)
    };
    // Make's own, in any zone.
    if host.starts_with("hook.") || host.contains("}}hook.") {
        return first(path);
    }
    let domain = |name: &str| {
        host.strip_suffix(name)
            .is_some_and(|sub| sub.is_empty() || sub.ends_with('.'))
    };
    if domain("discord.com") || domain("discordapp.com") {
        let path = path.strip_prefix("api/").unwrap_or_default();
        return path
            .split_once("webhooks/")
            .is_some_and(|(version, rest)| version.len() <= 4 && literal(rest));
    }
    match host {
        "hooks.slack.com" => ["services/", "workflows/", "triggers/"]
            .into_iter()
            .any(below),
        "hooks.zapier.com" => below("hooks/catch/"),
        "outlook.office.com" => below("webhook/"),
        _ => {
            (domain("webhook.office.com") && literal(path))
                || path.strip_prefix("wh/").is_some_and(first)
        }
    }
}
