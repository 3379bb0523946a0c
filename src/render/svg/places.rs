//! Where all of a scenario's drawing stands: its modules, its lines, and what is written on them.
//!
//! Each text has room of its own. The names of modules stand below them and are held to their
//! column. What is said of a line stands where the line ends: before its module, in a gap that is
//! made as wide as the longest such text; a line over several columns passes through a place in
//! which nothing else stands, and has its text there. What does not fit is shortened.

use super::text::{Face, cut, lines, width};
use crate::{
    plan::{Drawing, Edge, Fate, Node},
    render::layered::lay_out,
};

/// The letters of names, of what stands below them, and of what stands on lines.
pub(super) const NAME: Face = Face {
    size: 12.0,
    is_bold: true,
};
pub(super) const SMALL: Face = Face {
    size: 11.0,
    is_bold: false,
};

/// The width of a column without gaps, and one row to the next.
const COLUMN: f64 = 190.0;
const ROW: f64 = 144.0;

/// The middle of the first row.
const TOP: f64 = 54.0;

/// What a text may take of its column.
const ROOM: f64 = 182.0;

/// The widest text on a line, and how far it stays away from the middle of its module.
const ON_LINE: f64 = 160.0;
const AWAY: f64 = 50.0;

/// One line of a text to the next.
const LINE: f64 = 13.0;

/// How many lines of text are on one end: half of them over it.
const MOST: usize = 6;

/// What is drawn, with its places in pixels.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// The middles of the modules.
    pub(super) nodes: Vec<(f64, f64)>,
    /// For each line, the points that it goes through, ends included, from left to right.
    pub(super) lines: Vec<Vec<Reach>>,
    /// What stands on lines.
    pub(super) texts: Vec<Text>,
    /// What stands below the modules.
    pub(super) names: Vec<Text>,
    /// Width and height of all.
    pub(super) size: (f64, f64),
}

/// A point of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    /// Where.
    pub(super) at: (f64, f64),
    /// From where on the line leads straight there.
    pub(super) straight: f64,
}

/// A text in one or more lines, each about its middle.
#[derive(Clone, Debug)]
pub(super) struct Text {
    /// Its lines: the middle, the base line, and what stands there.
    pub(super) lines: Vec<(f64, f64, String)>,
    /// What happens to what it is about.
    pub(super) fate: Fate,
    /// All of it.
    pub(super) whole: String,
    /// Whether its lines are less than that.
    pub(super) is_cut: bool,
}

/// What is said of lines where they end, before the places are known.
struct End<'d> {
    layer: usize,
    /// None: at a bend, which no other line has.
    node: Option<usize>,
    bend: Option<(f64, f64)>,
    edges: Vec<&'d Edge>,
}

impl Places {
    /// Finds a place for everything.
    pub(super) fn of(drawing: &Drawing) -> Self {
        let ends: Vec<(usize, usize)> = drawing.edges.iter().map(|e| (e.from, e.to)).collect();
        let layout = lay_out(drawing.nodes.len(), &ends);
        let layer_of = |node: usize| layout.nodes.get(node).map_or(0, |place| whole(place.0));
        let stands = ends_of(drawing, &layout.bends, &layer_of);
        let texts: Vec<(&End<'_>, Vec<Text>)> = stands.iter().map(|end| (end, said(end))).collect();
        let layers = whole(layout.size.0).max(1);
        let mut gaps = vec![0.0_f64; layers];
        for (end, texts) in texts.iter().filter(|(end, _)| end.node.is_some()) {
            if let Some(gap) = gaps.get_mut(end.layer) {
                *gap = texts.iter().map(Text::width).fold(*gap, f64::max);
            }
        }
        let mut columns = Vec::new();
        let mut right = 0.0;
        for gap in &gaps {
            // Half of the column is there before the middle anyway; the names of the modules
            // before need theirs, and the lines some room to bend.
            let more = match *gap > 0.0 {
                true => (AWAY + gap + 14.0 - COLUMN / 2.0).max(0.0),
                false => 0.0,
            };
            columns.push(right + more + COLUMN / 2.0);
            right += more + COLUMN;
        }
        let point = |(layer, row): (f64, f64)| {
            let x = columns.get(whole(layer)).copied().unwrap_or(0.0);
            (round(x), round(row * ROW + TOP))
        };
        let straight = |layer: usize| {
            let x = columns.get(layer).copied().unwrap_or(0.0);
            match gaps.get(layer).copied().unwrap_or(0.0) {
                0.0 => x,
                gap => x - AWAY - gap - 4.0,
            }
        };
        let nodes: Vec<(f64, f64)> = layout.nodes.iter().map(|place| point(*place)).collect();
        let lines = drawing
            .edges
            .iter()
            .zip(&layout.bends)
            .map(|(edge, bends)| {
                let mut points: Vec<(f64, f64)> = [edge.from]
                    .iter()
                    .filter_map(|at| layout.nodes.get(*at).copied())
                    .chain(bends.iter().copied())
                    .chain(layout.nodes.get(edge.to).copied())
                    .collect();
                points.sort_by(|a, b| a.0.total_cmp(&b.0));
                let reach = |place: &(f64, f64)| Reach {
                    at: point(*place),
                    straight: round(straight(whole(place.0))),
                };
                points.iter().map(reach).collect()
            });
        let lines = lines.collect();
        let named = drawing.nodes.iter().zip(&nodes);
        Self {
            lines,
            names: named.flat_map(|(node, at)| names(node, *at)).collect(),
            texts: texts
                .into_iter()
                .flat_map(|(end, texts)| {
                    let at = end.node.and_then(|node| nodes.get(node).copied());
                    match (at, end.bend) {
                        (Some(at), _) => stacked(texts, at),
                        (None, Some(bend)) => centred(texts, point(bend)),
                        (None, None) => Vec::new(),
                    }
                })
                .collect(),
            nodes,
            size: (round(right), round(layout.size.1 * ROW + 6.0)),
        }
    }
}

/// Where the lines end of which something is said, and which lines these are.
fn ends_of<'d>(
    drawing: &'d Drawing,
    bends: &[Vec<(f64, f64)>],
    layer_of: &dyn Fn(usize) -> usize,
) -> Vec<End<'d>> {
    let mut ends: Vec<End<'_>> = Vec::new();
    for (edge, bends) in drawing.edges.iter().zip(bends) {
        if edge.words().is_empty() {
            continue;
        }
        if let Some(bend) = bends.last() {
            ends.push(End {
                layer: whole(bend.0),
                node: None,
                bend: Some(*bend),
                edges: vec![edge],
            });
            continue;
        }
        // A line that leads back ends, for the eye, where it begins.
        let node = match layer_of(edge.from) > layer_of(edge.to) {
            true => edge.from,
            false => edge.to,
        };
        match ends.iter_mut().find(|end| end.node == Some(node)) {
            Some(end) => end.edges.push(edge),
            None => ends.push(End {
                layer: layer_of(node),
                node: Some(node),
                bend: None,
                edges: vec![edge],
            }),
        }
    }
    ends
}

/// What is said at an end: in two lines each where there is room, else in one.
fn said(end: &End<'_>) -> Vec<Text> {
    let count = end.edges.len();
    let each = if count > 2 { 1 } else { 2 };
    let shown = if count > MOST { MOST - 1 } else { count };
    let text = |edge: &&Edge| {
        let sign = edge.fate.sign();
        let gap = if sign.is_empty() { "" } else { " " };
        let whole = format!("{sign}{gap}{}", edge.words());
        Text::new(&whole, edge.fate, SMALL, ON_LINE, each)
    };
    let (first, rest) = end.edges.split_at(shown.min(count));
    let mut texts: Vec<Text> = first.iter().map(text).collect();
    if !rest.is_empty() {
        let all: Vec<String> = rest.iter().map(|edge| edge.words()).collect();
        let mut more = Text::new(
            &format!("{} more", rest.len()),
            Fate::Same,
            SMALL,
            ON_LINE,
            1,
        );
        more.whole = cut(&all.join("; "), 400);
        more.is_cut = true;
        texts.push(more);
    }
    texts
}

/// Texts before a module: over the line as long as there is room, then below it.
fn stacked(texts: Vec<Text>, (x, y): (f64, f64)) -> Vec<Text> {
    let over = MOST / 2;
    let mut placed = Vec::new();
    let (mut above, mut below): (Vec<Text>, Vec<Text>) = (Vec::new(), Vec::new());
    let mut used = 0;
    for text in texts {
        used += text.lines.len();
        match used <= over {
            true => above.push(text),
            false => below.push(text),
        }
    }
    let height: usize = above.iter().map(|text| text.lines.len()).sum();
    #[expect(clippy::cast_precision_loss, reason = "a handful of lines")]
    let mut base = y - 8.0 - (height as f64 - 1.0) * LINE;
    for list in [above, below] {
        for mut text in list {
            for (line_x, line_y, line) in &mut text.lines {
                *line_x = round(x - AWAY - width(line, SMALL) / 2.0);
                *line_y = round(base);
                base += LINE;
            }
            placed.push(text);
        }
        base = y + 15.0;
    }
    placed
}

/// A text over a bend.
fn centred(texts: Vec<Text>, (x, y): (f64, f64)) -> Vec<Text> {
    let mut texts = texts;
    for text in &mut texts {
        #[expect(clippy::cast_precision_loss, reason = "two lines")]
        let mut base = y - 8.0 - (text.lines.len() as f64 - 1.0) * LINE;
        for (line_x, line_y, _) in &mut text.lines {
            (*line_x, *line_y) = (x, round(base));
            base += LINE;
        }
    }
    texts
}

/// What stands below a module: its name, and its number and type.
fn names(node: &Node, (x, y): (f64, f64)) -> [Text; 2] {
    let name = node.label.as_deref().or_else(|| Some(node.action()));
    let name = name.filter(|name| !name.is_empty()).unwrap_or(node.app());
    let below = match node.label {
        Some(_) => format!("{} {}", node.key, node.module),
        None => format!("{} {}", node.key, node.app()),
    };
    let mut name = Text::new(name, node.fate, NAME, ROOM, 2);
    let mut base = y + 58.0;
    for (line_x, line_y, _) in &mut name.lines {
        (*line_x, *line_y) = (x, round(base));
        base += LINE + 2.0;
    }
    let mut below = Text::new(&below, node.fate, SMALL, ROOM, 1);
    for (line_x, line_y, _) in &mut below.lines {
        (*line_x, *line_y) = (x, round(base));
    }
    [name, below]
}

impl Text {
    fn new(whole: &str, fate: Fate, face: Face, room: f64, most: usize) -> Self {
        let (lines, is_whole) = lines(whole, face, room, most);
        Self {
            lines: lines.into_iter().map(|line| (0.0, 0.0, line)).collect(),
            fate,
            whole: cut(whole, 400),
            is_cut: !is_whole,
        }
    }

    fn width(&self) -> f64 {
        let widths = self.lines.iter().map(|(.., line)| width(line, SMALL));
        widths.fold(0.0, f64::max)
    }
}

/// The layer of a place: a small whole number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "layers are counted from 0, and modules are few"
)]
fn whole(layer: f64) -> usize {
    layer.max(0.0) as usize
}

fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
