//! What of a text stands there literally.

use std::ops::Range;

/// The stretches of a text outside of Make's `{{..}}` and of `${..}`.
pub(super) fn literal_pieces(text: &str) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut from = 0;
    while let Some((start, end)) = next_formula(text, from) {
        if start > from {
            pieces.push(from..start);
        }
        from = end;
    }
    if from < text.len() {
        pieces.push(from..text.len());
    }
    pieces
}

/// What is left of a text when they are taken out.
pub(super) fn without_formulas(text: &str) -> String {
    let pieces = literal_pieces(text);
    let parts = pieces.into_iter().filter_map(|piece| text.get(piece));
    parts.collect()
}

/// The words of a text that stand outside of formulas, each with where it begins.
pub(super) fn literal_words(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    for piece in literal_pieces(text) {
        let start = piece.start;
        let inside = text.get(piece).unwrap_or_default();
        words.extend(words_of(inside, |c| !c.is_whitespace(), start));
    }
    words
}

/// The longest runs of characters of a class, as ranges that begin at `offset`.
pub(super) fn words_of(
    text: &str,
    is_inside: impl Fn(char) -> bool,
    offset: usize,
) -> impl Iterator<Item = Range<usize>> {
    let mut rest = text.char_indices().peekable();
    let length = text.len();
    std::iter::from_fn(move || {
        let (start, _) = rest.find(|(_, c)| is_inside(*c))?;
        while rest.next_if(|(_, c)| is_inside(*c)).is_some() {}
        let end = rest.peek().map_or(length, |(at, _)| *at);
        Some(offset + start..offset + end)
    })
}

/// Whether anything in it is a formula.
pub(super) fn has_formula(text: &str) -> bool {
    next_formula(text, 0).is_some()
}

/// Where the next formula begins and ends.
fn next_formula(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    loop {
        let rest = text.get(at..)?;
        let start = at + rest.find(['{', '$'])?;
        let rest = text.get(start..)?;
        let closing = match rest {
            _ if rest.starts_with("{{") => "}}",
            _ if rest.starts_with("${") => "}",
            _ => {
                at = start + 1;
                continue;
            }
        };
        match rest.find(closing) {
            Some(end) => return Some((start, start + end + closing.len())),
            None => at = start + 2,
        }
    }
}
