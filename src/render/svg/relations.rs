//! What depends on what: a box for each thing, and lines between them.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{
    colour, cut, escape, initials,
    places::SMALL,
    text::{Face, held, lines},
};
use crate::{plan::Relations, render::layered::lay_out};

/// One column to the next, and one row to the next.
const COLUMN: f64 = 310.0;
const ROW: f64 = 64.0;

/// Half of a box.
const HALF: (f64, f64) = (105.0, 22.0);

/// The letters of addresses, and the room that they have.
const ADDRESS: Face = Face {
    size: 12.0,
    is_bold: false,
};
const ROOM: f64 = 162.0;

/// What is said before a box, over the line and below it: of lines that come, and of lines that
/// lead back.
type Said = BTreeMap<usize, Vec<String>>;

/// Draws all of it: the size, and what is drawn.
pub(super) fn draw(relations: &Relations) -> ((f64, f64), String) {
    let uses = relations.uses.iter();
    let ends: Vec<(usize, usize)> = uses.map(|link| (link.from, link.to)).collect();
    let layout = lay_out(relations.things.len(), &ends);
    let mut out = String::new();
    let point = |(layer, row): (f64, f64)| (layer * COLUMN + 125.0, row * ROW + 40.0);
    let mut said = Said::new();
    for (link, bends) in relations.uses.iter().zip(&layout.bends) {
        let place = |at: usize| layout.nodes.get(at).map(|place| point(*place));
        let (Some(from), Some(to)) = (place(link.from), place(link.to)) else {
            continue;
        };
        let leads_back = from.0 > to.0;
        let at = if leads_back { link.from } else { link.to };
        let how = match link.from == link.to {
            true => format!("{} itself", link.how),
            false => link.how.to_owned(),
        };
        let list = said.entry(at).or_default();
        if !list.contains(&how) {
            list.push(how);
        }
        if from == to {
            // Around the upper left corner of its box.
            let (x, y) = (from.0 - HALF.0, from.1 - HALF.1);
            let (low, high) = (y + 14.0, y - 14.0);
            let (out_x, over_x, end) = (x - 18.0, x - 4.0, x + 16.0);
            let _ = write!(
                out,
                "<path class=\"edge solid\" d=\"M{x} {low}C{out_x} {low} {over_x} {high} {end} {y}\"/>",
            );
            continue;
        }
        let way = if leads_back { -HALF.0 } else { HALF.0 };
        let (mut x0, mut y0) = (from.0 + way, from.1);
        let mut path = format!("M{x0} {y0}");
        // The last part is straight: what is said of the line stands over it.
        let straight = (to.0 - way.signum() * (HALF.0 + 50.0), to.1);
        // What passes through a column does so straight: boxes stand over and below it.
        let through = way.signum() * HALF.0;
        let bends = bends.iter().map(|bend| (point(*bend), through));
        for ((x, y), through) in bends.chain(std::iter::once((straight, 0.0))) {
            let (begin, half) = (x - through, (x0 + x - through) / 2.0);
            let _ = write!(path, "C{half} {y0} {half} {y} {begin} {y}");
            if through != 0.0 {
                let _ = write!(path, "L{} {y}", x + through);
            }
            (x0, y0) = (x + through, y);
        }
        let _ = write!(path, "L{} {y0}", to.0 - way);
        let _ = write!(out, "<path class=\"edge solid\" d=\"{path}\"/>");
        let back = if leads_back { 8 } else { -8 };
        let _ = write!(
            out,
            "<path class=\"tip\" d=\"M{} {y0}l{back}-4v8Z\"/>",
            to.0 - way
        );
    }
    for (at, hows) in &said {
        let Some((x, y)) = layout.nodes.get(*at).map(|place| point(*place)) else {
            continue;
        };
        for (how, up) in hows.iter().zip([-6.0, 15.0, -19.0, 28.0]) {
            let _ = write!(
                out,
                "<text class=\"on end\" x=\"{}\" y=\"{}\">{}</text>",
                x - HALF.0 - 12.0,
                y + up,
                escape(how)
            );
        }
    }
    for (thing, place) in relations.things.iter().zip(&layout.nodes) {
        let (x, y) = point(*place);
        let name = thing.name.as_deref().unwrap_or_default();
        let (address, _) = lines(&thing.address, ADDRESS, ROOM, 1);
        let (shown, _) = lines(name, SMALL, ROOM, 1);
        let _ = write!(
            out,
            "<g class=\"thing\" transform=\"translate({x} {y})\" role=\"img\" aria-label=\"{0}\">\
             <title>{0}</title><rect x=\"-105\" y=\"-22\" width=\"210\" height=\"44\" rx=\"10\"/>\
             <circle class=\"app\" cx=\"-84\" r=\"15\" fill=\"{1}\"/><text class=\"ini small\" \
             x=\"-84\" y=\"4\">{2}</text>",
            escape(format!("{} {}", thing.address, cut(name, 200)).trim()),
            colour(thing.kind.prefix()),
            escape(&initials(thing.kind.prefix())),
        );
        // Without a name, the address stands in the middle.
        let up = if shown.is_empty() { 4 } else { -2 };
        for (class, face, y, line) in [
            ("tl", ADDRESS, up, address.first()),
            ("ts", SMALL, 13, shown.first()),
        ] {
            if let Some(line) = line {
                let _ = write!(
                    out,
                    "<text class=\"{class}\" x=\"-62\" y=\"{y}\"{}>{}</text>",
                    held(line, face),
                    escape(line)
                );
            }
        }
        out.push_str("</g>");
    }
    let (layers, rows) = layout.size;
    ((layers.max(1.0) * COLUMN - 60.0, rows * ROW + 16.0), out)
}
