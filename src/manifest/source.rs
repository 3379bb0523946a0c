//! Bytes -> the text of a file.

use std::sync::Arc;

use crate::model::Source;

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
