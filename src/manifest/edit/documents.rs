//! Whole documents that come and go.

use serde_json::Value;

use super::{lines::Lines, tree};
use crate::manifest::emit::to_yaml_stream;

/// A file without one of its documents. What stands above all of them, and is parted from the
/// first by a blank line or a `---`, is the file's own and stays; so is a line that tells editors
/// of a schema.
pub(super) fn removed(text: &str, index: usize) -> Option<String> {
    let tree = tree::read(text)?;
    let lines = Lines::new(text, &tree.comments);
    let document = tree.documents.get(index)?;
    let following = tree.documents.get(index + 1);
    let next = following.and_then(|next| next.marker.as_ref());
    if following.is_some() && next.is_none() {
        return None;
    }
    let (from, to) = match (index, &document.marker, next) {
        // The next one begins the file, where this one began it.
        (0, None, Some(next)) => {
            let own = lines.with_comments_above(document.root.span.start);
            (after_modelines(&lines, own), lines.next(next.start))
        }
        (_, Some(marker), Some(next)) => (marker.start, next.start),
        (0, _, None) => return Some(String::new()),
        (_, Some(marker), None) => (marker.start, text.len()),
        (_, None, _) => return None,
    };
    let mut made = text.get(..from)?.to_owned();
    made.push_str(text.get(to..)?);
    Some(made)
}

/// Behind the comments at the beginning of a file that are meant for tools.
fn after_modelines(lines: &Lines<'_>, mut at: usize) -> usize {
    loop {
        let line = lines.get(at..lines.end(at));
        if !line.starts_with("# yaml-language-server:") {
            return at;
        }
        at = lines.next(at);
    }
}

/// A file with documents below its own.
pub(super) fn added(mut text: String, added: &[Value]) -> Option<String> {
    if added.is_empty() {
        return Some(text);
    }
    let new = to_yaml_stream(added).ok()?;
    let newline = Lines::new(&text, &[]).newline;
    let has_any = !super::nodes(&text)?.is_empty();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push_str(newline);
    }
    let new = match has_any {
        true => format!("---\n{new}"),
        false => new,
    };
    text.push_str(&new.replace('\n', newline));
    Some(text)
}
