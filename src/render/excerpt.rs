//! The lines of a file that a finding points at, cut to what can be drawn.
//!
//! Blueprints come as megabytes in a single line, and hold what their authors pasted into them.

use std::ops::Range;

use crate::model::Place;

use super::words;

/// The longest line that is drawn whole.
const LONGEST_LINE: usize = 400;

/// How much of a longer line is drawn on either side of where a place begins.
const AROUND: usize = 60;

/// A few lines of a file, safe to draw, with the places in them.
pub(super) struct Excerpt {
    /// The lines.
    pub(super) text: String,
    /// The number of the first one, from 1.
    pub(super) first_line: usize,
    /// Where in `text` the places are.
    pub(super) spans: Vec<Range<usize>>,
}

impl Excerpt {
    /// One excerpt with all places of one file, or none if its lines are too long for that.
    pub(super) fn of_all(places: &[&Place]) -> Option<Self> {
        let text = &places.first()?.source.text;
        let ranges: Vec<Range<usize>> = places.iter().map(|place| clamped(place)).collect();
        let first = ranges.iter().map(|range| range.start).min()?;
        let last = ranges.iter().map(|range| range.end).max()?;
        let lines = line_start(text, first)..line_end(text, last);
        let shown = text.get(lines.clone())?;
        if shown.lines().any(|line| line.len() > LONGEST_LINE) {
            return None;
        }
        let spans = ranges
            .iter()
            .map(|range| {
                let at = |offset: usize| {
                    text.get(lines.start..offset)
                        .map_or(0, |before| drawable(before).len())
                };
                at(range.start)..at(range.end)
            })
            .collect();
        Some(Self {
            text: drawable(shown),
            first_line: line_number(text, lines.start),
            spans,
        })
    }

    /// The part of a line around the beginning of a place.
    pub(super) fn of_one(place: &Place) -> Self {
        let text = &place.source.text;
        let range = clamped(place);
        let line = line_start(text, range.start)..line_end(text, range.start);
        let from = text.floor_char_boundary(range.start.saturating_sub(AROUND).max(line.start));
        let to = text.ceil_char_boundary((range.start + AROUND).min(line.end));
        let end = range.end.clamp(range.start, to);
        let part = |range: Range<usize>| drawable(text.get(range).unwrap_or_default());
        let ellipsis = |cut: bool| if cut { "..." } else { "" };
        let before = format!("{}{}", ellipsis(from > line.start), part(from..range.start));
        let inside = part(range.start..end);
        let after = format!("{}{}", part(end..to), ellipsis(to < line.end));
        let span = Range {
            start: before.len(),
            end: before.len() + inside.len(),
        };
        Self {
            spans: vec![span],
            text: format!("{before}{inside}{after}"),
            first_line: line_number(text, line.start),
        }
    }
}

/// The range of a place, inside its text and between characters, whatever the place says.
fn clamped(place: &Place) -> Range<usize> {
    let text = &place.source.text;
    let start = text.floor_char_boundary(place.span.start);
    let end = text.floor_char_boundary(place.span.end.max(start));
    start..end
}

fn line_start(text: &str, offset: usize) -> usize {
    text.get(..offset)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |at| at + 1)
}

fn line_end(text: &str, offset: usize) -> usize {
    text.get(offset..)
        .and_then(|after| after.find('\n'))
        .map_or(text.len(), |at| offset + at)
}

fn line_number(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or_default();
    before.bytes().filter(|byte| *byte == b'\n').count() + 1
}

/// Lines as they can be drawn: what ends them is no part of them.
fn drawable(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    words::lines(text.strip_suffix('\r').unwrap_or(&text))
}
