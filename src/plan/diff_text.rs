//! Long texts, line by line.

use similar::{ChangeTag, TextDiff};

use super::Line;

/// A text longer than this is compared line by line, even if it is one line.
const LONG: usize = 120;

/// How many unchanged lines are kept on each side of a change.
const CONTEXT: usize = 2;

/// Whether a text is too long to be shown beside another.
pub(super) fn is_long(text: &str) -> bool {
    text.contains('\n') || text.chars().count() > LONG
}

/// Both texts in one list of lines.
pub(super) fn lines(before: &str, after: &str) -> Vec<Line> {
    let diff = TextDiff::from_lines(before, after);
    let all: Vec<(ChangeTag, &str)> = diff
        .iter_all_changes()
        .map(|change| (change.tag(), change.value().trim_end_matches(['\n', '\r'])))
        .collect();
    let near = |at: usize| {
        let from = at.saturating_sub(CONTEXT);
        all.iter()
            .skip(from)
            .take(at - from + CONTEXT + 1)
            .any(|(tag, _)| *tag != ChangeTag::Equal)
    };
    let mut lines = Vec::new();
    let mut gap = 0;
    for (index, (tag, text)) in all.iter().enumerate() {
        if !near(index) {
            gap += 1;
            continue;
        }
        if gap > 0 {
            lines.push(Line::Gap(std::mem::take(&mut gap)));
        }
        lines.push(match tag {
            ChangeTag::Equal => Line::Same((*text).to_owned()),
            ChangeTag::Insert => Line::Added((*text).to_owned()),
            ChangeTag::Delete => Line::Removed((*text).to_owned()),
        });
    }
    if gap > 0 {
        lines.push(Line::Gap(gap));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::lines;
    use crate::plan::Line;

    #[test]
    fn unchanged_lines_far_from_a_change_are_left_out() {
        let before = "a\nb\nc\nd\ne\nf\ng\n";
        let after = "a\nb\nc\nd\nE\nf\ng\n";
        assert_eq!(
            lines(before, after),
            [
                Line::Gap(2),
                Line::Same("c".into()),
                Line::Same("d".into()),
                Line::Removed("e".into()),
                Line::Added("E".into()),
                Line::Same("f".into()),
                Line::Same("g".into()),
            ]
        );
    }
}
