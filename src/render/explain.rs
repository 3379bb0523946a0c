//! What the code of a finding means.

use std::fmt::Write as _;

use crate::diagnostic::Code;

use super::{Role, Style, Table, words};

/// A code: its summary, its explanation and its example.
#[must_use]
pub fn explain_text(code: &Code, style: &Style) -> String {
    let role = words::role_of_severity(code.severity);
    let mut out = format!(
        "{}: {}\n",
        style.paint(role, &format!("{}[{code}]", code.severity.as_str())),
        style.paint(Role::Heading, code.summary)
    );
    for paragraph in code.explanation.split("\n\n") {
        let _ = writeln!(out, "\n{}", filled(paragraph, style.width));
    }
    out.push_str("\nExample:\n\n");
    for line in code.example.trim_matches('\n').lines() {
        let line = format!("  {line}");
        let _ = writeln!(out, "{}", style.paint(Role::Code, line.trim_end()));
    }
    out
}

/// All codes with their summaries.
#[must_use]
pub fn codes_text(codes: &[&Code], style: &Style) -> String {
    let mut table = Table::new(["CODE", "SEVERITY", "SUMMARY"]);
    for code in codes {
        table.row([
            code.name.to_owned(),
            code.severity.as_str().to_owned(),
            code.summary.to_owned(),
        ]);
    }
    table.text(style)
}

/// A paragraph in lines of at most 80 columns, fewer where the screen is narrower.
fn filled(paragraph: &str, width: usize) -> String {
    let width = width.min(80);
    let mut out = String::new();
    let mut column = 0;
    for word in paragraph.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{codes_text, explain_text};
    use crate::{
        diagnostic::{Code, Severity},
        render::Style,
    };

    const UNKNOWN_KEY: Code = Code {
        name: "unknown-key",
        severity: Severity::Error,
        summary: "A manifest has a key that makeform does not know",
        explanation: "Keys that nobody reads are how typing errors go unseen for months, so \
                      makeform refuses them.\n\nUse the nearest known name.",
        example: "spec:\n  shedule: { every: 15m }\n",
    };

    #[test]
    fn a_code_is_explained_in_paragraphs_with_its_example() {
        let narrow = Style {
            width: 60,
            ..Style::plain()
        };
        insta::assert_snapshot!(explain_text(&UNKNOWN_KEY, &narrow), @r#"
        error[unknown-key]: A manifest has a key that makeform does not know

        Keys that nobody reads are how typing errors go unseen for
        months, so makeform refuses them.

        Use the nearest known name.

        Example:

          spec:
            shedule: { every: 15m }
        "#);
        insta::assert_snapshot!(codes_text(&[&UNKNOWN_KEY], &narrow), @r#"
        CODE         SEVERITY  SUMMARY
        unknown-key  error     A manifest has a key that makeform does not know
        "#);
    }
}
