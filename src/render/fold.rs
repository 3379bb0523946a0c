//! Texts in lines of a given width.

use unicode_width::UnicodeWidthStr as _;

/// How many columns a text takes: wide characters take two, marks on others none.
pub(super) fn columns(text: &str) -> usize {
    text.width()
}

/// A text with as many blanks behind it as fill so many columns.
pub(super) fn padded(text: &str, width: usize) -> String {
    let blanks = width.saturating_sub(columns(text));
    format!("{text}{:blanks$}", "")
}

/// The least columns that the rest of a line has, however narrow the terminal is.
const LEAST: usize = 20;

/// How far the rest of a line stands in from its beginning.
const HANGING: usize = 4;

/// A text whose lines fit into so many columns, colours left aside: longer ones go on further in, on
/// lines of their own, so that no terminal breaks them within a word.
#[must_use]
pub fn fitted(text: &str, width: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if columns(&uncoloured(line)) <= width {
            out.push_str(line);
            continue;
        }
        let indent = line.len() - line.trim_start_matches(' ').len();
        let rest = (indent + HANGING).min(width.saturating_sub(LEAST));
        out.push_str(line.get(..indent).unwrap_or_default());
        let (mut at, mut is_first) = (indent, true);
        for word in line.get(indent..).unwrap_or_default().split(' ') {
            let length = columns(&uncoloured(word));
            // What has no room on a line of its own either is broken by the terminal.
            let stays = at + 1 + length <= width || rest + length > width;
            match (is_first, stays) {
                (true, _) => {}
                (false, true) => {
                    out.push(' ');
                    at += 1;
                }
                (false, false) => {
                    out.push('\n');
                    out.push_str(&padded("", rest));
                    at = rest;
                }
            }
            out.push_str(word);
            at += length;
            is_first = false;
        }
    }
    out
}

/// A text without our own colours; what stands in names and values is written out anyway.
pub(super) fn uncoloured(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split('\u{1b}');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push_str(part.split_once('m').map_or("", |(_, rest)| rest));
    }
    // It takes no column.
    out.truncate(out.trim_end_matches('\n').len());
    out
}

#[cfg(test)]
mod tests {
    use super::{columns, fitted, padded};

    #[test]
    fn lines_that_are_too_long_go_on_further_in() {
        let text = "  + folder.crm\n      + name: \"a name of many words that goes on\"\n\nEnd.\n";
        assert_eq!(fitted(text, 100), text);
        assert_eq!(
            fitted(text, 32),
            "  + folder.crm\n      + name: \"a name of many\n          words that goes on\"\n\nEnd.\n"
        );
        // Colours take no column, and a word that is too long is left where it is.
        let coloured = "\u{1b}[32m+\u{1b}[0m 1234567890 1234567";
        assert_eq!(fitted(coloured, 20), coloured);
        let word = "x".repeat(60);
        assert_eq!(fitted(&format!("a {word}"), 30), format!("a {word}"));
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(columns("名前"), 4);
        assert_eq!(padded("名前", 6), "名前  ");
        assert_eq!(padded("longer", 2), "longer");
    }
}
