//! What is said where a file can't be read as YAML or JSON.

use std::collections::{BTreeSet, HashMap};

use granit_parser::{ErrorKind, ScanError};

use crate::diagnostic::{Finding, codes::manifest as codes};

use super::{
    node::{Entry, MAX_DEPTH, Span},
    page::Page,
};

/// The entries of a mapping without those whose key stood before, which are reported.
pub(super) fn refuse_duplicates(page: &Page, entries: Vec<Entry>) -> Vec<Entry> {
    let mut seen: HashMap<&str, &Span> = HashMap::with_capacity(entries.len());
    let mut twice = BTreeSet::new();
    for (index, Entry { key, .. }) in entries.iter().enumerate() {
        if let Some(first) = seen.get(key.text.as_str()) {
            page.report(duplicate_key(page, &key.text, &key.span, first));
            twice.insert(index);
        } else {
            seen.insert(&key.text, &key.span);
        }
    }
    if twice.is_empty() {
        return entries;
    }
    let kept = entries.into_iter().enumerate();
    kept.filter(|(index, _)| !twice.contains(index))
        .map(|(_, entry)| entry)
        .collect()
}

/// The finding of a key that stood before in the same mapping.
pub(super) fn duplicate_key(page: &Page, key: &str, span: &Span, first: &Span) -> Finding {
    let message = format!("the key `{key}` stands twice in one mapping");
    page.finding(&codes::DUPLICATE_KEY, span, message)
        .label(page.place(first), "first here")
        .help("remove one of the two")
}

/// The finding of a collection that is nested too deep.
pub(super) fn too_deep(page: &Page, span: &Span) -> Finding {
    let message = format!("lists and mappings are nested more than {MAX_DEPTH} levels deep");
    page.finding(&codes::NESTING_TOO_DEEP, span, message)
}

/// The finding of an expression of Make that YAML takes for a mapping.
pub(super) fn unquoted_braces(page: &Page, start: usize) -> Finding {
    let rest = page.source.text.get(start..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    let expression = line.find("}}").and_then(|end| line.get(..end + 2));
    let expression = expression.unwrap_or(line).trim_end();
    let quote = if expression.contains('"') { '\'' } else { '"' };
    page.finding(
        &codes::UNQUOTED_BRACES,
        &(start..start + expression.len()),
        "an expression of Make must stand in quotes",
    )
    .help(format!("write `{quote}{expression}{quote}`"))
}

/// The finding of a place where a document is no YAML.
pub(super) fn syntax(page: &Page, error: &ScanError) -> Finding {
    let text = &page.source.text;
    let at = error.marker().byte_offset().unwrap_or(text.len());
    let at = at.min(text.len());
    let before = text.get(..at).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text
        .get(line_start..)
        .and_then(|rest| rest.lines().next())
        .unwrap_or_default();
    for opening in [": {{", "- {{"] {
        if let Some(found) = line.find(opening) {
            return unquoted_braces(page, line_start + found + 2);
        }
    }
    let next = text.get(at..).and_then(|rest| rest.chars().next());
    let length = next.filter(|c| *c != '\n').map_or(0, char::len_utf8);
    let span = at..at + length;
    if *error.kind() == ErrorKind::RecursionLimitExceeded {
        return too_deep(page, &span);
    }
    let finding = page.finding(&codes::YAML_SYNTAX, &span, error.info());
    if line.trim_start_matches(' ').starts_with('\t') {
        return finding.help("indent with spaces, not tabs");
    }
    finding
}
