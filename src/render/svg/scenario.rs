//! A scenario: its modules and lines at their places.

use std::fmt::Write as _;

use super::{
    colour, cut, escape, initials,
    places::{NAME, Places, Reach, SMALL, Text},
    text::{Face, held},
};
use crate::plan::{Drawing, Edge, EdgeKind, Fate, Node};

/// Half the size of a node, and where lines end.
const RADIUS: f64 = 30.0;
const RIM: f64 = 36.0;

/// The module that has routes.
const ROUTER: &str = "builtin:BasicRouter";

/// How far a line is straight before and behind the middle of a column that it passes through.
const THROUGH: f64 = 60.0;

/// Draws all: lines below the modules, texts over the lines.
pub(super) fn draw(
    drawing: &Drawing,
    places: &Places,
    target: &dyn Fn(&Node) -> Option<String>,
    out: &mut String,
) {
    for (edge, points) in drawing.edges.iter().zip(&places.lines) {
        let is_error = match edge.kind {
            EdgeKind::Error => " error",
            EdgeKind::Flow | EdgeKind::Route(_) | EdgeKind::Branch(_) | EdgeKind::Tool(_) => "",
        };
        let fate = edge.fate.as_str();
        let path = line(edge, points);
        let _ = write!(out, "<path class=\"edge {fate}{is_error}\" d=\"{path}\"/>");
        if let Some(tip) = tip(edge, drawing, places) {
            let _ = write!(out, "<path class=\"tip {fate}\" d=\"{tip}\"/>");
        }
    }
    for said in &places.texts {
        let class = format!("on {}", said.fate.as_str());
        write_text(said, &class, SMALL, (0.0, 0.0), out);
    }
    // Two texts for each module.
    let names = places.names.chunks(2);
    for ((node, place), names) in drawing.nodes.iter().zip(&places.nodes).zip(names) {
        draw_node(node, *place, names, target(node), out);
    }
}

/// A text whose middle is at a place, which is seen from an origin. What was cut off it is in its
/// title.
fn write_text(text: &Text, class: &str, face: Face, (x0, y0): (f64, f64), out: &mut String) {
    if text.lines.is_empty() {
        return;
    }
    // One after the other, each at its own place: all of them are one text to a reader.
    let _ = write!(out, "<text class=\"{class}\">");
    for (at, (x, y, line)) in text.lines.iter().enumerate() {
        let gap = if at == 0 { "" } else { " " };
        let _ = write!(
            out,
            "{gap}<tspan x=\"{}\" y=\"{}\"{}>{}</tspan>",
            tenth(x - x0),
            tenth(y - y0),
            held(line, face),
            escape(line)
        );
    }
    if text.is_cut {
        let _ = write!(out, "<title>{}</title>", escape(&text.whole));
    }
    out.push_str("</text>");
}

/// A line through its points, from left to right, from rim to rim.
fn line(edge: &Edge, points: &[Reach]) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return String::new();
    };
    if edge.from == edge.to {
        let (x, y) = first.at;
        let (left, right, top) = (x - 14.0, x + 14.0, y - RIM + 4.0);
        return format!(
            "M{left} {top}C{} {1} {2} {1} {right} {top}",
            x - 34.0,
            y - 52.0,
            x + 34.0
        );
    }
    let (mut x0, mut y0) = (first.at.0 + RIM, first.at.1);
    let mut path = format!("M{x0} {y0}");
    let count = points.len();
    for (
        at,
        Reach {
            at: (x, y),
            straight,
        },
    ) in points.iter().enumerate().skip(1)
    {
        let is_last = at + 1 == count;
        // What passes through a column does so straight: names stand over and below it.
        let (begin, end) = match is_last {
            true => (last.at.0 - RIM, last.at.0 - RIM),
            false => (x - THROUGH, x + THROUGH),
        };
        let bent = straight.min(begin);
        if y0 != *y {
            let half = tenth((x0 + bent) / 2.0);
            let _ = write!(path, "C{half} {y0} {half} {y} {bent} {y}");
        }
        if y0 == *y || bent < end {
            let _ = write!(path, "L{end} {y}");
        }
        (x0, y0) = (end, *y);
    }
    path
}

/// The tip of a line that leads back, which nobody would see otherwise.
fn tip(edge: &Edge, drawing: &Drawing, places: &Places) -> Option<String> {
    let known = |at: usize| drawing.nodes.get(at).and(places.nodes.get(at));
    let (from, to) = (known(edge.from)?, known(edge.to)?);
    (from.0 > to.0).then(|| {
        let (x, y) = (to.0 + RIM, to.1);
        format!("M{x} {y}l12-7v14Z")
    })
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn draw_node(
    node: &Node,
    (x, y): (f64, f64),
    names: &[Text],
    target: Option<String>,
    out: &mut String,
) {
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
        "<circle class=\"app\" r=\"{RADIUS}\" fill=\"{}\"/>",
        colour(node.app()),
    );
    match node.module.as_str() {
        // A fork, as Make has it.
        ROUTER => out
            .push_str("<path class=\"fork\" d=\"M-13 0H-4C4 0 2-10 12-10M-4 0C4 0 2 10 12 10\"/>"),
        module => {
            let name = module.strip_prefix("builtin:").unwrap_or(node.app());
            let _ = write!(
                out,
                "<text class=\"ini\" y=\"7\">{}</text>",
                escape(&initials(name))
            );
        }
    }
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
    for ((text, class), face) in names.iter().zip(["lab", "sub"]).zip([NAME, SMALL]) {
        write_text(text, class, face, (x, y), out);
    }
    out.push_str(close);
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
