//! Texts of accounts and files in Markdown.
//!
//! They stand in code alone: in fences, code spans, and `<code>` elements. GitHub and GitLab look for
//! mentions, issues, links, formulas and emoji nowhere in these, and nothing in them is Markdown or
//! HTML, so that there is one rule per place and no list of signs to keep up.

use std::fmt::Write as _;

use crate::render::words;

/// A text as a code span, for paragraphs and lists.
pub(super) fn span(text: &str) -> String {
    let text = words::clip(&words::printable(text));
    if text.trim().is_empty() {
        return "`\"\"`".to_owned();
    }
    let ticks = "`".repeat(longest_run(&text, '`') + 1);
    // The blanks are no part of the span; without them a tick of the text would lengthen those around it.
    let blank = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) {
        " "
    } else {
        ""
    };
    format!("{ticks}{blank}{text}{blank}{ticks}")
}

/// A text as an element of HTML, for lines that Markdown does not read.
pub(super) fn element(text: &str) -> String {
    let mut out = "<code>".to_owned();
    for char in words::clip(&words::printable(text)).chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(char),
        }
    }
    out + "</code>"
}

/// Lines as a fenced block. They must be printable already.
pub(super) fn fence(language: &str, lines: &str, out: &mut String) {
    let ticks = "`".repeat((longest_run(lines, '`') + 1).max(3));
    let lines = lines.trim_end_matches('\n');
    let _ = writeln!(out, "{ticks}{language}\n{lines}\n{ticks}");
}

fn longest_run(text: &str, of: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for char in text.chars() {
        run = if char == of { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::{element, fence, span};

    #[test]
    fn what_stands_in_code_can_not_end_it() {
        assert_eq!(span("plain"), "`plain`");
        assert_eq!(span("a``b"), "```a``b```");
        assert_eq!(span("`"), "`` ` ``");
        assert_eq!(span(" a "), "`  a  `");
        assert_eq!(span(""), "`\"\"`");
        assert_eq!(span("a\n\u{202e}b"), r"`a\n\u202eb`");
        assert_eq!(
            element("</code><img src=x onerror='a'>&\""),
            "<code>&lt;/code&gt;&lt;img src=x onerror=&#39;a&#39;&gt;&amp;&quot;</code>"
        );
        let mut out = String::new();
        fence("diff", "+ ```\n+ ````js\n", &mut out);
        assert_eq!(out, "`````diff\n+ ```\n+ ````js\n`````\n");
    }
}
