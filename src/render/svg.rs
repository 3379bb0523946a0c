//! Drawings as SVG, in the manner of Make's editor: round nodes with the initials of their apps,
//! dotted lines, filters on them.
//!
//! What is added, removed, changed or moved has its own colour, its own shape around the node, and
//! its own sign. There is no inline style: a page with a strict policy may hold it.

use std::fmt::Write as _;

use crate::plan::{Drawing, Edge, EdgeKind, Fate, Node, Relations};

use super::{
    layered::{Layout, lay_out},
    words::printable,
};

/// One layer to the next, and one row to the next, in pixels.
const STEP: (f64, f64) = (190.0, 140.0);

/// Half the size of a node.
const RADIUS: f64 = 30.0;

/// How many characters of a label, and of a text on a line, are drawn.
const LABEL: usize = 24;
const ON_LINE: usize = 22;

/// Colours on which white letters can be read.
const COLOURS: [&str; 11] = [
    "#6d28d9", "#b91c1c", "#0f766e", "#1d4ed8", "#a21caf", "#3f6212", "#9a3412", "#075985",
    "#be185d", "#166534", "#7c2d12",
];

/// What drawings look like, in a page as well as alone.
pub(super) const STYLE: &str = include_str!("html/drawing.css");

/// Scenarios as a document of their own, one below the other, each with its title.
pub fn svg(drawings: &[(String, Drawing)]) -> String {
    let (mut width, mut height): (f64, f64) = (0.0, 0.0);
    let mut body = String::new();
    for (title, drawing) in drawings {
        let placed = lay_out(drawing.nodes.len(), &ends(drawing));
        let size = size(&placed);
        let _ = write!(
            body,
            "<text class=\"title\" x=\"20\" y=\"{}\">{}</text><g transform=\"translate(0 {})\">",
            height + 28.0,
            escape(title),
            height + 40.0,
        );
        parts(drawing, &placed, &|_| None, &mut body);
        body.push_str("</g>");
        width = width.max(size.0);
        height += size.1 + 40.0;
    }
    document((width, height), &body)
}

/// What depends on what, as a document of its own.
pub fn svg_of_relations(relations: &Relations) -> String {
    let (size, body) = relations_body(relations);
    document(size, &body)
}

/// What depends on what, as a part of a page.
pub(super) fn relations_figure(relations: &Relations) -> String {
    let (size, body) = relations_body(relations);
    figure_of(size, "What depends on what", &body)
}

/// A scenario, as a part of a page. A node that `target` gives the id of an element leads there.
pub(super) fn figure(
    drawing: &Drawing,
    what: &str,
    target: &dyn Fn(&Node) -> Option<String>,
) -> String {
    let placed = lay_out(drawing.nodes.len(), &ends(drawing));
    let mut body = String::new();
    parts(drawing, &placed, target, &mut body);
    figure_of(size(&placed), what, &body)
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

fn ends(drawing: &Drawing) -> Vec<(usize, usize)> {
    let edges = drawing.edges.iter();
    edges.map(|edge| (edge.from, edge.to)).collect()
}

fn size(layout: &Layout) -> (f64, f64) {
    let (layers, rows) = layout.size;
    (layers.max(1.0) * STEP.0, rows * STEP.1)
}

/// Where a place of a layout is drawn.
fn point((layer, row): (f64, f64)) -> (f64, f64) {
    let y = row * STEP.1 + 54.0;
    (layer * STEP.0 + STEP.0 / 2.0, (y * 10.0).round() / 10.0)
}

fn parts(
    drawing: &Drawing,
    layout: &Layout,
    target: &dyn Fn(&Node) -> Option<String>,
    out: &mut String,
) {
    let at = |index: usize| layout.nodes.get(index).map(|place| point(*place));
    for (edge, bends) in drawing.edges.iter().zip(&layout.bends) {
        if let (Some(from), Some(to)) = (at(edge.from), at(edge.to)) {
            draw_edge(edge, from, to, bends, out);
        }
    }
    for (index, node) in drawing.nodes.iter().enumerate() {
        if let Some(place) = at(index) {
            draw_node(node, place, target(node), out);
        }
    }
}

fn draw_edge(
    edge: &Edge,
    from: (f64, f64),
    to: (f64, f64),
    bends: &[(f64, f64)],
    out: &mut String,
) {
    let is_error = if edge.kind == EdgeKind::Error {
        " error"
    } else {
        ""
    };
    let fate = edge.fate.as_str();
    let (path, middle) = line(from, to, bends, RADIUS + 6.0);
    let _ = write!(out, "<path class=\"edge {fate}{is_error}\" d=\"{path}\"/>");
    let words = edge.words();
    if words.is_empty() {
        return;
    }
    let sign = edge.fate.sign();
    let sign = if sign.is_empty() {
        String::new()
    } else {
        format!("{sign} ")
    };
    let (x, y) = middle;
    let _ = write!(
        out,
        "<text class=\"on {fate}\" x=\"{x}\" y=\"{}\">{}{}<title>{}</title></text>",
        y - 8.0,
        escape(&sign),
        escape(&cut(&words, ON_LINE)),
        escape(&cut(&words, 400)),
    );
}

/// A line, from the rim of one node to the rim of another one, and its middle.
fn line(from: (f64, f64), to: (f64, f64), bends: &[(f64, f64)], rim: f64) -> (String, (f64, f64)) {
    if from == to {
        let (x, y) = from;
        let (left, right, top) = (x - 14.0, x + 14.0, y - rim);
        let path = format!(
            "M{left} {top}C{} {1} {2} {1} {right} {top}",
            x - 40.0,
            y - 74.0,
            x + 40.0
        );
        return (path, (x, y - 70.0));
    }
    let way = if to.0 >= from.0 { rim } else { -rim };
    let mut points = vec![(from.0 + way, from.1)];
    points.extend(bends.iter().map(|bend| point(*bend)));
    points.push((to.0 - way, to.1));
    let mut path = format!("M{} {}", from.0 + way, from.1);
    let mut before = None;
    let mut middle = from;
    for &(x, y) in &points {
        if let Some((x0, y0)) = before.replace((x, y)) {
            let half = (x0 + x) / 2.0;
            match y0 == y {
                true => {
                    let _ = write!(path, "L{x} {y}");
                }
                false => {
                    let _ = write!(path, "C{half} {y0} {half} {y} {x} {y}");
                }
            }
            // Near the end, where the lines of several routes are apart.
            middle = (x0 + (x - x0) * 0.55, y0 + (y - y0) * 0.6);
        }
    }
    let (x, y) = middle;
    (path, ((x * 10.0).round() / 10.0, (y * 10.0).round() / 10.0))
}

fn draw_node(node: &Node, (x, y): (f64, f64), target: Option<String>, out: &mut String) {
    let fate = node.fate.as_str();
    let title = title(node);
    let (open, close) = match &target {
        Some(id) => (
            format!(
                "<a href=\"#{}\" aria-label=\"{}\"",
                escape(id),
                escape(&title)
            ),
            "</a>",
        ),
        None => (
            format!("<g role=\"img\" aria-label=\"{}\"", escape(&title)),
            "</g>",
        ),
    };
    let _ = write!(
        out,
        "{open} class=\"node {fate}\" transform=\"translate({x} {y})\">"
    );
    let _ = write!(out, "<title>{}</title>", escape(&title));
    // Beside its colour, each has a shape of its own.
    out.push_str(match node.fate {
        Fate::Same => "",
        Fate::Added => "<circle class=\"ring\" r=\"37\"/>",
        Fate::Removed => "<circle class=\"ring\" r=\"37\"/>",
        Fate::Changed => {
            "<rect class=\"ring\" x=\"-36\" y=\"-36\" width=\"72\" height=\"72\" rx=\"12\"/>"
        }
        Fate::Moved => "<path class=\"ring\" d=\"M0-46L46 0L0 46L-46 0Z\"/>",
    });
    let _ = write!(
        out,
        "<circle class=\"app\" r=\"{RADIUS}\" fill=\"{}\"/><text class=\"ini\" y=\"7\">{}</text>",
        colour(node.app()),
        escape(&initials(node.app())),
    );
    if node.fate == Fate::Removed {
        // Over the app, so that it is seen.
        out.push_str("<path class=\"ring\" d=\"M-26 26L26-26\"/>");
    }
    if node.fate != Fate::Same {
        let _ = write!(
            out,
            "<circle class=\"badge\" cx=\"27\" cy=\"-27\" r=\"11\"/><text class=\"sig\" x=\"27\" \
             y=\"-22\">{}</text>",
            escape(node.fate.sign()),
        );
    }
    let name = node.label.as_deref().or_else(|| Some(node.action()));
    let name = name.filter(|name| !name.is_empty()).unwrap_or(node.app());
    let below = match node.label {
        Some(_) => format!("{} {}", node.key, node.module),
        None => format!("{} {}", node.key, node.app()),
    };
    let _ = write!(
        out,
        "<text class=\"lab\" y=\"58\">{}</text><text class=\"sub\" y=\"73\">{}</text>{close}",
        escape(&cut(name, LABEL)),
        escape(&cut(&below, LABEL + 4)),
    );
}

/// A module in words: `changed: 3 google-sheets:addRow "Add lead"`.
fn title(node: &Node) -> String {
    let mut title = match node.fate {
        Fate::Same => String::new(),
        Fate::Added | Fate::Removed | Fate::Changed | Fate::Moved => {
            format!("{}: ", node.fate.as_str())
        }
    };
    let _ = write!(title, "{} {}", node.key, cut(&node.module, 200));
    if let Some(label) = &node.label {
        let _ = write!(title, " \"{}\"", cut(label, 200));
    }
    if let Some(note) = &node.note {
        let _ = write!(title, " ({note})");
    }
    title
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

fn relations_body(relations: &Relations) -> ((f64, f64), String) {
    let ends: Vec<(usize, usize)> = relations
        .uses
        .iter()
        .map(|link| (link.from, link.to))
        .collect();
    let layout = lay_out(relations.things.len(), &ends);
    let mut out = String::new();
    let wide = |(layer, row): (f64, f64)| (layer * 300.0 + 125.0, row * 64.0 + 40.0);
    for (link, bends) in relations.uses.iter().zip(&layout.bends) {
        let place = |at: usize| layout.nodes.get(at).map(|place| wide(*place));
        let (Some(from), Some(to)) = (place(link.from), place(link.to)) else {
            continue;
        };
        if from == to {
            continue;
        }
        let way = if to.0 >= from.0 { 105.0 } else { -105.0 };
        let mut path = format!("M{} {}", from.0 + way, from.1);
        let mut before = (from.0 + way, from.1);
        let last = std::iter::once((to.0 - way, to.1));
        for (x, y) in bends.iter().map(|bend| wide(*bend)).chain(last) {
            let half = (before.0 + x) / 2.0;
            let _ = write!(path, "C{half} {} {half} {y} {x} {y}", before.1);
            before = (x, y);
        }
        let _ = write!(out, "<path class=\"edge solid\" d=\"{path}\"/>");
        let _ = write!(
            out,
            "<text class=\"on\" x=\"{}\" y=\"{}\">{}</text>",
            to.0 - way * 1.4,
            to.1 - 6.0,
            escape(link.how)
        );
    }
    for (thing, place) in relations.things.iter().zip(&layout.nodes) {
        let (x, y) = wide(*place);
        let name = thing.name.as_deref().unwrap_or_default();
        let _ = write!(
            out,
            "<g class=\"thing\" transform=\"translate({x} {y})\" role=\"img\" aria-label=\"{0}\">\
             <title>{0}</title><rect x=\"-105\" y=\"-22\" width=\"210\" height=\"44\" rx=\"10\"/>\
             <circle class=\"app\" cx=\"-84\" r=\"15\" fill=\"{1}\"/><text class=\"ini small\" \
             x=\"-84\" y=\"4\">{2}</text><text class=\"tl\" x=\"-62\" y=\"-2\">{3}</text><text \
             class=\"ts\" x=\"-62\" y=\"13\">{4}</text></g>",
            escape(format!("{} {}", thing.address, cut(name, 200)).trim()),
            colour(thing.kind.prefix()),
            escape(&initials(thing.kind.prefix())),
            escape(&cut(&thing.address, LABEL)),
            escape(&cut(name, LABEL + 2)),
        );
    }
    let (layers, rows) = layout.size;
    ((layers.max(1.0) * 300.0 - 50.0, rows * 64.0 + 16.0), out)
}

/// The beginning of a text that is too long.
pub(super) fn cut(text: &str, most: usize) -> String {
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
pub(super) fn escape(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{cut, escape, initials, svg};
    use crate::plan::drawing_of;

    #[test]
    fn texts_stay_texts() {
        assert_eq!(
            escape("<script>\"'&\u{1b}\u{202e}"),
            "&lt;script&gt;&quot;&#39;&amp;\\u001b\\u202e"
        );
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("abcd", 4), "abcd");
        assert_eq!(
            (initials("google-sheets"), initials("slack")),
            ("GS".into(), "SL".into())
        );
        assert_eq!(initials("---"), "?");
    }

    #[test]
    fn a_drawing_has_a_circle_for_each_module() {
        let drawing = drawing_of(&json!({"flow": [
            {"id": 1, "module": "a:b", "onerror": [{"id": 2, "module": "builtin:Break"}]},
            {"id": 3, "module": "slack:Post</text><script>", "metadata": {"designer": {"name": "<b>"}}},
        ]}));
        let svg = svg(&[("scenario.a".to_owned(), drawing)]);
        assert_eq!(svg.matches("class=\"app\"").count(), 3);
        assert_eq!(svg.matches("<path class=\"edge").count(), 2);
        assert!(!svg.contains("<script>") && !svg.contains("<b>"), "{svg}");
    }
}
