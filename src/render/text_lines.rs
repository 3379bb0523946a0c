//! The lines of a long text that changes, as they are shown.

use serde_json::Value;

use crate::plan::Line;

use super::words;

/// One line: what is put before it, and what it says.
pub(super) struct TextLine {
    /// `+`, `-`, or a blank where it stays.
    pub(super) sign: char,
    pub(super) text: String,
}

/// The lines of a text between `before` and `after`. What is longer than `longest` is cut: a line that
/// takes the place of another one around the place where the two differ, so that it can be seen.
pub(super) fn text_lines(
    before: &Value,
    after: &Value,
    lines: &[Line],
    longest: Option<usize>,
) -> Vec<TextLine> {
    let alike = before.is_null() || words::blends_alike(&words::json(before), &words::json(after));
    let changed = |text: &str| match (words::line(text), alike) {
        (line, true) => line,
        (line, false) => words::unblended(&line),
    };
    let is_long = |text: &str| longest.is_some_and(|most| text.chars().nth(most).is_some());
    let counterparts = counterparts(lines);
    lines
        .iter()
        .zip(counterparts)
        .map(|(line, counterpart)| {
            let (sign, text) = match line {
                Line::Same(text) => (' ', words::line(text)),
                Line::Added(text) => ('+', changed(text)),
                Line::Removed(text) => ('-', changed(text)),
                Line::Gap(number) => (
                    ' ',
                    format!("({})", words::count(*number, "unchanged line")),
                ),
            };
            let counterpart = counterpart.map(changed);
            let is_cut = is_long(&text) || counterpart.as_deref().is_some_and(is_long);
            let text = match counterpart {
                _ if !is_cut => text,
                Some(other) => words::clip_pair(&text, &other).0,
                None => words::clip(&text),
            };
            TextLine { sign, text }
        })
        .collect()
}

/// For each line the one that takes its place, or whose place it takes: the first of those that go and the
/// first of those that come behind them, and so on.
fn counterparts(lines: &[Line]) -> Vec<Option<&str>> {
    let mut counterparts = vec![None; lines.len()];
    let mut gone: Vec<(usize, &str)> = Vec::new();
    let mut come = 0;
    for (at, line) in lines.iter().enumerate() {
        match line {
            Line::Removed(text) => {
                if come > 0 {
                    (gone, come) = (Vec::new(), 0);
                }
                gone.push((at, text));
            }
            Line::Added(text) => {
                if let Some((from, before)) = gone.get(come).copied() {
                    if let Some(counterpart) = counterparts.get_mut(from) {
                        *counterpart = Some(text.as_str());
                    }
                    if let Some(counterpart) = counterparts.get_mut(at) {
                        *counterpart = Some(before);
                    }
                }
                come += 1;
            }
            Line::Same(_) | Line::Gap(_) => (gone, come) = (Vec::new(), 0),
        }
    }
    counterparts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::text_lines;
    use crate::plan::Line;

    fn shown(lines: &[Line]) -> Vec<String> {
        let lines = text_lines(&json!("a"), &json!("b"), lines, Some(240));
        let lines = lines.into_iter();
        lines
            .map(|line| format!("{}{}", line.sign, line.text))
            .collect()
    }

    #[test]
    fn what_differs_far_behind_in_a_long_line_is_seen() {
        let same = "x".repeat(900);
        let lines = [
            Line::Removed(format!("{same}approve{same}")),
            Line::Removed(format!("{same}1")),
            Line::Added(format!("{same}reject{same}")),
            Line::Added(format!("{same}2")),
            Line::Added(same),
        ];
        let shown = shown(&lines);
        for (line, (sign, differs)) in
            shown
                .iter()
                .zip([('-', "approve"), ('-', "1"), ('+', "reject"), ('+', "2")])
        {
            assert!(line.starts_with(sign), "{line}");
            assert!(line.contains(&format!("xx{differs}")), "{line}");
            assert!(line.chars().count() < 300, "{line}");
        }
        assert!(shown[4].ends_with("(660 more characters)"), "{}", shown[4]);
    }
}
