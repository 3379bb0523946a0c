//! Texts of an account in a drawing: escaped, and no wider than the room that they have.
//!
//! Nobody knows here with which font a drawing will be shown. Widths are those of a wide one
//! (DejaVu Sans), rounded up. A text with other letters than Latin ones says how wide it is to be,
//! and viewers set it so.

use crate::render::words::printable;

/// How a text is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Face {
    /// Pixels.
    pub(super) size: f64,
    /// Whether it is bold.
    pub(super) is_bold: bool,
}

/// The beginning of a text that is too long.
pub(in crate::render) fn cut(text: &str, most: usize) -> String {
    // Not all of 100 kB is looked at for 20 characters.
    let mut chars = text.chars();
    let head: String = chars.by_ref().take(most).collect();
    match chars.next() {
        Some(_) => {
            let shorter: String = head.chars().take(most.saturating_sub(1)).collect();
            format!("{shorter}…")
        }
        None => head,
    }
}

/// A text of an account as text of HTML or XML, between tags as well as in a quoted attribute.
pub(in crate::render) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in printable(text).chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // No XML has these.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            char => out.push(char),
        }
    }
    out
}

/// How wide a character is at most, in parts of the size of its letters.
fn advance(char: char) -> f64 {
    match char {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | ' ' => 0.34,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '!' | '/' | '\\' | '-' => 0.45,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 1.0,
        '+' | '=' | '<' | '>' | '~' | '^' | '#' => 0.84,
        '_' | '`' | '"' | '*' | '{' | '}' | '?' => 0.64,
        'A'..='Z' | '&' => 0.8,
        ' '..='~' => 0.64,
        '\u{a0}'..='\u{17f}' => 1.1,
        '\u{180}'..='\u{52f}' => 0.72,
        '\u{2e80}'..='\u{ffdc}' => 1.0,
        '\u{1f000}'..='\u{1ffff}' => 1.3,
        _ => 0.9,
    }
}

/// Whether fonts may have letters of any width for a text.
fn is_foreign(text: &str) -> bool {
    text.chars().any(|char| char > '\u{17f}' && char != '…')
}

/// How wide a text is at most, in pixels.
pub(super) fn width(text: &str, face: Face) -> f64 {
    let weight = if face.is_bold { 1.13 } else { 1.0 };
    let ems: f64 = text.chars().map(advance).sum();
    (ems * face.size * weight).ceil()
}

/// The attribute that holds a text of foreign letters to its width.
pub(super) fn held(text: &str, face: Face) -> String {
    match is_foreign(text) {
        true => format!(
            " textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\"",
            width(text, face)
        ),
        false => String::new(),
    }
}

/// A text in lines of some width, broken between words where that can be; and whether that is all
/// of it. Line breaks and what steers are written out.
pub(super) fn lines(text: &str, face: Face, room: f64, most: usize) -> (Vec<String>, bool) {
    // More than this fits into no drawing.
    let head = cut(text, 400);
    let mut rest: Vec<char> = printable(&head).chars().collect();
    let mut out = Vec::new();
    while !rest.is_empty() && out.len() < most {
        let mut fits = 0;
        let mut line = String::new();
        for char in &rest {
            line.push(*char);
            if width(&line, face) > room {
                break;
            }
            fits += 1;
        }
        if fits == rest.len() {
            out.push(rest.iter().collect());
            rest.clear();
            break;
        }
        if out.len() + 1 == most {
            break;
        }
        let head = rest.get(..fits).unwrap_or_default();
        let blank = head.iter().rposition(|char| *char == ' ');
        // A line of half a word reads better than a line that is all but empty.
        let end = blank.filter(|at| at * 2 >= fits).unwrap_or(fits).max(1);
        let behind = rest.split_off(end.min(rest.len()));
        out.push(
            rest.iter()
                .collect::<String>()
                .trim_end_matches(' ')
                .to_owned(),
        );
        rest = behind;
        if rest.first() == Some(&' ') {
            rest.remove(0);
        }
    }
    if rest.is_empty() {
        return (out, head.len() == text.len());
    }
    let mut last = String::new();
    for char in &rest {
        last.push(*char);
        if width(&format!("{last}…"), face) > room {
            last.pop();
            break;
        }
    }
    out.push(format!("{}…", last.trim_end_matches(' ')));
    (out, false)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Face, cut, escape, lines, width};

    const FACE: Face = Face {
        size: 11.0,
        is_bold: false,
    };

    #[test]
    fn texts_stay_texts() {
        assert_eq!(
            escape("<script>\"'&\u{1b}\u{202e}"),
            "&lt;script&gt;&quot;&#39;&amp;\\u001b\\u202e"
        );
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("abcd", 4), "abcd");
    }

    #[test]
    fn lines_are_broken_between_words() {
        let (two, whole) = lines("route 2: only if `status` equals `won`", FACE, 150.0, 2);
        assert_eq!(two, ["route 2: only if `status`", "equals `won`"]);
        assert!(whole);
        let (two, whole) = lines(&"word ".repeat(30), FACE, 60.0, 2);
        assert_eq!(two, ["word", "word w…"]);
        assert!(!whole);
        assert_eq!(lines("", FACE, 60.0, 2), (vec![], true));
        // Of blanks only those at which a line is broken go.
        let (two, _) = lines("wwwwwwwww\u{2000} w", FACE, 110.0, 2);
        assert_eq!(two, ["wwwwwwwww\u{2000}", "w"]);
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_its_room(
            text in "\\PC{0,60}|[a-zWM ]{0,80}|[\u{1b}\u{202e}]{0,9}", most in 1..4_usize,
        ) {
            let (lines, whole) = lines(&text, FACE, 120.0, most);
            prop_assert!(lines.len() <= most);
            for line in &lines {
                prop_assert!(width(line, FACE) <= 120.0, "{line}");
            }
            let letters = |text: &str| text.chars().filter(|char| *char != ' ').collect::<String>();
            let joined = letters(&lines.concat());
            let all = letters(&crate::render::words::printable(&text));
            match whole {
                true => prop_assert_eq!(joined, all),
                false => prop_assert!(all.starts_with(joined.trim_end_matches('…')), "{}", joined),
            }
        }
    }
}
