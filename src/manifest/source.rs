//! Bytes -> the text of a file.

use std::sync::Arc;

use crate::model::Source;

use super::node::Span;

/// The text of a file, without a byte-order mark.
///
/// # Errors
/// The number of the line that is no UTF-8.
pub(super) fn decode(name: String, bytes: Vec<u8>) -> Result<Arc<Source>, usize> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = error.as_bytes().iter().take(valid);
        before.filter(|byte| **byte == b'\n').count() + 1
    })?;
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    Ok(Arc::new(Source { name, text }))
}

/// The same file with what stands in these ranges overwritten: findings show lines of the file,
/// and no line may show a secret. Nothing moves.
pub(super) fn blot(source: &Arc<Source>, spans: &[Span]) -> Arc<Source> {
    if spans.is_empty() {
        return Arc::clone(source);
    }
    let mut text = String::with_capacity(source.text.len());
    for (at, letter) in source.text.char_indices() {
        let hidden = letter.is_alphanumeric() && spans.iter().any(|span| span.contains(&at));
        if hidden {
            text.push_str(&"x".repeat(letter.len_utf8()));
        } else {
            text.push(letter);
        }
    }
    let name = source.name.clone();
    Arc::new(Source { name, text })
}
