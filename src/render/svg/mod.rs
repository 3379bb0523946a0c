//! Drawings as SVG, in the manner of Make's editor: round nodes with the initials of their apps,
//! dotted lines, filters on them.
//!
//! What is added, removed, changed or moved has its own colour, its own shape around the node, and
//! its own sign. There is no inline style: a page with a strict policy may hold it.

mod places;
mod relations;
mod scenario;
#[cfg(test)]
mod tests;
mod text;

use std::fmt::Write as _;

use crate::plan::{Drawing, Node, Relations};

use self::places::Places;

pub(super) use text::{cut, escape};

/// Colours on which white letters can be read.
const COLOURS: [&str; 11] = [
    "#6d28d9", "#b91c1c", "#0f766e", "#1d4ed8", "#a21caf", "#3f6212", "#9a3412", "#075985",
    "#be185d", "#166534", "#7c2d12",
];

/// What drawings look like, in a page as well as alone.
pub(super) const STYLE: &str = include_str!("../html/drawing.css");

/// A drawing as a part of a page.
pub(super) struct Figure {
    /// The drawing.
    pub(super) svg: String,
    /// The texts that stand in it shortened, whole.
    pub(super) shortened: Vec<String>,
}

/// Scenarios as a document of their own, one below the other, each with its title.
pub fn svg(drawings: &[(String, Drawing)]) -> String {
    let (mut width, mut height): (f64, f64) = (0.0, 0.0);
    let mut body = String::new();
    for (title, drawing) in drawings {
        let places = Places::of(drawing);
        let _ = write!(
            body,
            "<text class=\"title\" x=\"20\" y=\"{}\">{}</text><g transform=\"translate(0 {})\">",
            height + 28.0,
            escape(&cut(title, 200)),
            height + 40.0,
        );
        scenario::draw(drawing, &places, &|_| None, &mut body);
        body.push_str("</g>");
        width = width.max(places.size.0);
        height += places.size.1 + 40.0;
    }
    document((width, height), &body)
}

/// What depends on what, as a document of its own.
pub fn svg_of_relations(relations: &Relations) -> String {
    let (size, body) = relations::draw(relations);
    document(size, &body)
}

/// What depends on what, as a part of a page.
pub(super) fn relations_figure(relations: &Relations) -> String {
    let (size, body) = relations::draw(relations);
    figure_of(size, "What depends on what", &body)
}

/// A scenario, as a part of a page. A node that `target` gives the id of an element leads there.
pub(super) fn figure(
    drawing: &Drawing,
    what: &str,
    target: &dyn Fn(&Node) -> Option<String>,
) -> Figure {
    let places = Places::of(drawing);
    let mut body = String::new();
    scenario::draw(drawing, &places, target, &mut body);
    let texts = places.names.iter().chain(&places.texts);
    let shortened = texts.filter(|text| text.is_cut);
    Figure {
        svg: figure_of(places.size, what, &body),
        shortened: shortened.map(|text| text.whole.clone()).collect(),
    }
}

fn figure_of((width, height): (f64, f64), what: &str, body: &str) -> String {
    format!(
        "<svg class=\"drawing\" role=\"group\" aria-label=\"{}\" width=\"{width}\" \
         height=\"{height}\" viewBox=\"0 0 {width} {height}\">{body}</svg>",
        escape(what)
    )
}

fn document((width, height): (f64, f64), body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" class=\"drawing alone\"><style>{STYLE}</style>{body}</svg>\n"
    )
}

/// The same colour for the same app.
fn colour(app: &str) -> &'static str {
    if app == "builtin" {
        return "#475569";
    }
    let hash = app.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    let count = u32::try_from(COLOURS.len()).unwrap_or(1);
    let index = usize::try_from((hash ^ (hash >> 13)) % count).unwrap_or(0);
    COLOURS.get(index).copied().unwrap_or("#475569")
}

/// `google-sheets` is `GS`, `slack` is `SL`.
fn initials(app: &str) -> String {
    let mut words = app.split(|char: char| !char.is_alphanumeric());
    let mut words = words.by_ref().filter(|word| !word.is_empty());
    let letters: String = match (words.next(), words.next()) {
        (Some(first), Some(second)) => first
            .chars()
            .take(1)
            .chain(second.chars().take(1))
            .collect(),
        (Some(only), None) => only.chars().take(2).collect(),
        (None, _) => "?".to_owned(),
    };
    letters.to_uppercase()
}
