//! Addresses that need no login: whoever knows one can use it.

use std::{borrow::Cow, ops::Range};

use memchr::memmem;

use super::{
    Hit,
    pieces::{has_formula, literal_pieces, without_formulas, words_of},
    placeholder::stands_in,
};

/// What they are.
const URL: &str = "webhook URL";

/// Finds the URLs of webhooks, the addresses of mailhooks, and passwords in URLs.
pub(super) fn find(text: &str, hits: &mut Vec<Hit>) {
    let has = |part: &str| memmem::find(text.as_bytes(), part.as_bytes()).is_some();
    let is_escaped = has("\\/") || has("%2F") || has("%2f");
    if !(has("://") || has("hook.") || has("HOOK.") || is_escaped) {
        return;
    }
    let plain = match is_escaped {
        true => Plain::of(text),
        false => Plain {
            text: Cow::Borrowed(text),
            origin: None,
        },
    };
    let ends = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '"' | '\'' | '<' | '>' | ',' | ';' | '(' | ')' | '\\' | '`'
            )
    };
    for range in words_of(&plain.text, |c| !ends(c), 0) {
        let word = plain.text.get(range.clone()).unwrap_or_default();
        let mut keep = |part: Range<usize>, sort| {
            let part = plain.origin_of(range.start + part.start..range.start + part.end);
            hits.push(Hit::of_sort(part, sort));
        };
        if let Some(part) = mailhook(word) {
            keep(part, "mailhook address");
        }
        urls(word, &mut keep);
    }
}

/// A text without the strokes and codes that JSON and queries write in URLs.
struct Plain<'t> {
    text: Cow<'t, str>,
    /// Where each byte stood, and the end.
    origin: Option<Vec<usize>>,
}

impl<'t> Plain<'t> {
    fn of(text: &'t str) -> Self {
        let (mut plain, mut origin) = (String::new(), Vec::new());
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let codes = [
                ("\\/", '/'),
                ("%2F", '/'),
                ("%2f", '/'),
                ("%3A", ':'),
                ("%3a", ':'),
            ];
            let code = codes.iter().find(|(code, _)| rest.starts_with(code));
            let (length, letter) = match (code, rest.chars().next()) {
                (Some((code, letter)), _) => (code.len(), *letter),
                (None, Some(letter)) => (letter.len_utf8(), letter),
                (None, None) => break,
            };
            origin.extend(std::iter::repeat_n(at, letter.len_utf8()));
            plain.push(letter);
            at += length;
        }
        origin.push(text.len());
        Self {
            text: Cow::Owned(plain),
            origin: Some(origin),
        }
    }

    fn origin_of(&self, range: Range<usize>) -> Range<usize> {
        match &self.origin {
            None => range,
            Some(origin) => {
                let at = |index: usize| origin.get(index).or(origin.last()).copied();
                at(range.start).unwrap_or_default()..at(range.end).unwrap_or_default()
            }
        }
    }
}

fn mailhook(word: &str) -> Option<Range<usize>> {
    let (before, host) = word.rsplit_once('@')?;
    let is_hook = host.len() > 8 && host.get(..5)?.eq_ignore_ascii_case("hook.");
    let start = before.rfind([':', '}']).map_or(0, |at| at + 1);
    let user = before.get(start..)?;
    (is_hook && !user.is_empty()).then_some(start..word.len())
}

/// All URLs of a word; the first may lack its scheme.
fn urls(word: &str, keep: &mut dyn FnMut(Range<usize>, &'static str)) {
    let mut from = 0;
    let mut scheme = 0;
    for (index, piece) in word.split("://").enumerate() {
        let begin = from;
        from += piece.len() + "://".len();
        let after_scheme = index > 0;
        let start = if after_scheme { scheme } else { begin };
        let is_of_scheme = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-');
        let length = piece.bytes().rev().take_while(is_of_scheme).count();
        scheme = begin + piece.len() - length;
        let end = piece.find(['/', '?', '#']).unwrap_or(piece.len());
        let (authority, rest) = piece.split_at_checked(end).unwrap_or_default();
        let user_end = authority.rfind('@');
        if let (true, Some(at)) = (after_scheme, user_end)
            && let Some(part) = password(authority.get(..at).unwrap_or_default())
        {
            keep(begin + part.start..begin + part.end, "password in a URL");
        }
        let host_start = user_end.map_or(0, |at| at + 1);
        let host = authority.get(host_start..).unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default().to_lowercase();
        let path = rest.strip_prefix('/').unwrap_or_default();
        let path_start = begin + end + rest.len() - path.len();
        if let Some(part) = capability(&host, path) {
            let end = path_start + part.end;
            match part.start {
                0 => keep(start..end, URL),
                inner => keep(path_start + inner..end, "key in a URL"),
            }
        }
    }
}

/// Where in `user:password` a literal password stands.
fn password(user: &str) -> Option<Range<usize>> {
    let colon = user.find(':')?;
    let password = user.get(colon + 1..)?;
    let literal = without_formulas(password);
    let is_one = literal == password && !password.is_empty() && !stands_in(password);
    is_one.then_some(colon + 1..user.len())
}

/// What of a path is secret at such a host; from its beginning, where the whole URL is.
fn capability(host: &str, path: &str) -> Option<Range<usize>> {
    // Up to what is no part of it.
    let end = path.find(['?', '#']).unwrap_or(path.len());
    let path = path
        .get(..end)
        .unwrap_or_default()
        .trim_end_matches(['/', '.', '!', ':', ']', '}']);
    let whole = || Some(0..path.len());
    let below = |prefix: &str| {
        let rest = path.strip_prefix(prefix)?;
        is_literal(rest).then_some(0..path.len())
    };
    let long = |part: &str| part.len() >= 20 && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let first = path.split('/').next().unwrap_or_default();
    // Make's own, in any zone.
    if host.starts_with("hook.") || host.contains("}}hook.") {
        return long(first).then_some(0..first.len());
    }
    let domain = |name: &str| {
        host.strip_suffix(name)
            .is_some_and(|sub| sub.is_empty() || sub.ends_with('.'))
    };
    if domain("discord.com") || domain("discordapp.com") {
        let (version, rest) = path.strip_prefix("api/")?.split_once("webhooks/")?;
        return (version.len() <= 4 && is_literal(rest)).then(whole)?;
    }
    match host {
        "hooks.slack.com" => ["services/", "workflows/", "triggers/"]
            .into_iter()
            .find_map(below),
        "hooks.zapier.com" => below("hooks/catch/"),
        "hooks.airtable.com" => below("workflows/"),
        "outlook.office.com" => below("webhook/"),
        "connect.pabbly.com" => below("workflow/sendwebhookdata/"),
        "maker.ifttt.com" => {
            let start = path.find("/with/key/")? + "/with/key/".len();
            let key = path.get(start..)?.split('/').next()?;
            (key.len() >= 10 && !has_formula(key)).then_some(start..start + key.len())
        }
        _ if domain("m.pipedream.net") => (host.len() > 24).then(whole)?,
        _ if domain("webhook.office.com") => is_literal(path).then(whole)?,
        _ => {
            let rest = path.strip_prefix("wh/")?;
            long(rest.split('/').next()?).then(whole)?
        }
    }
}

/// Whether anything of a path stands there literally that could be a key.
fn is_literal(path: &str) -> bool {
    let pieces = literal_pieces(path);
    let key = |piece: &Range<usize>| {
        let piece = path.get(piece.clone()).unwrap_or_default();
        piece.contains(|c: char| c.is_ascii_alphanumeric())
    };
    pieces.iter().any(key) && !path.split('/').any(stands_in)
}
