//! Long texts, line by line.

use std::collections::BTreeMap;

use similar::ChangeTag;

use super::{Line, sequence};

/// A text longer than this is compared line by line, even if it is one line.
const LONG: usize = 120;

/// How many unchanged lines are kept on each side of a change.
const CONTEXT: usize = 2;

/// Whether a text is too long to be shown beside another.
pub(super) fn is_long(text: &str) -> bool {
    text.contains('\n') || text.chars().count() > LONG
}

/// Both texts in one list of lines. What ends a line is part of it only where the two sides
/// differ in nothing else.
pub(super) fn lines(before: &str, after: &str) -> Vec<Line> {
    let split = |text| str::split_inclusive(text, '\n').collect::<Vec<_>>();
    let (before, after) = (split(before), split(after));
    let all: Vec<(ChangeTag, &str)> = sequence::steps(&before, &after)
        .iter()
        .flat_map(|step| step.iter_changes(&before, &after))
        .map(|change| (change.tag(), change.value()))
        .collect();
    let of = |tag: ChangeTag| -> BTreeMap<&str, &str> {
        let lines = all.iter().filter(|(of, _)| *of == tag);
        lines.map(|(_, line)| (without_end(line), *line)).collect()
    };
    let (removed, added) = (of(ChangeTag::Delete), of(ChangeTag::Insert));
    let shown = |line: &str, others: &BTreeMap<&str, &str>| {
        let text = without_end(line);
        let twin = others.get(text).is_some_and(|other| *other != line);
        if twin { line } else { text }.to_owned()
    };
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
            ChangeTag::Equal => Line::Same(without_end(text).to_owned()),
            ChangeTag::Insert => Line::Added(shown(text, &removed)),
            ChangeTag::Delete => Line::Removed(shown(text, &added)),
        });
    }
    if gap > 0 {
        lines.push(Line::Gap(gap));
    }
    lines
}

fn without_end(line: &str) -> &str {
    line.trim_end_matches(['\n', '\r'])
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

    #[test]
    fn line_ends_are_shown_where_nothing_else_differs() {
        assert_eq!(
            lines("a\r\nb\r\nc", "a\nb2\nc\n"),
            [
                Line::Removed("a\r\n".into()),
                Line::Removed("b".into()),
                Line::Removed("c".into()),
                Line::Added("a\n".into()),
                Line::Added("b2".into()),
                Line::Added("c\n".into()),
            ]
        );
    }
}
