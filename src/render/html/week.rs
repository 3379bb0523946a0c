//! Schedules on the grid of a week, before and after.

use std::fmt::Write as _;

use crate::{
    plan::{Shown, Week, week},
    render::svg::escape,
};

use super::changes::shown;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// The side of an hour, in pixels.
const CELL: usize = 11;

/// Two schedules, if either runs in a weekly rhythm.
pub(super) fn weeks(before: Option<&Shown>, after: Option<&Shown>, out: &mut String) {
    let read = |shown: Option<&Shown>| match shown? {
        Shown::Words(value, _) | Shown::Value(value) => week(value),
        Shown::Sensitive | Shown::Unknown(_) => None,
    };
    let grids = (read(before), read(after));
    if grids.0.is_none() && grids.1.is_none() {
        return;
    }
    out.push_str("<div class=\"weeks\">");
    for (name, words, grid) in [("before", before, &grids.0), ("after", after, &grids.1)] {
        let words = words.map_or_else(|| "no schedule".to_owned(), shown);
        let _ = write!(out, "<figure><figcaption>{name}: {words}</figcaption>");
        match grid {
            Some(grid) => draw(grid, name, out),
            None => out.push_str("<p class=\"note\">in no weekly rhythm</p>"),
        }
        out.push_str("</figure>");
    }
    out.push_str("</div>\n");
}

/// A week as a picture.
pub(super) fn draw(week: &Week, name: &str, out: &mut String) {
    let runs: f64 = week.0.iter().flatten().sum();
    let (width, height) = (24 * CELL + 34, 7 * CELL + 18);
    let what = escape(&format!("{name}: {runs:.0} runs a week"));
    let _ = write!(
        out,
        "<svg class=\"week\" role=\"img\" aria-label=\"{what}\" width=\"{width}\" \
         height=\"{height}\" viewBox=\"0 0 {width} {height}\"><title>{what}</title>"
    );
    let mut lines = String::new();
    for column in 0..=24_usize {
        let _ = write!(lines, "M{} 0V{}", 30 + column * CELL, 7 * CELL);
    }
    for (row, (day, hours)) in DAYS.iter().zip(&week.0).enumerate() {
        let y = row * CELL;
        let _ = write!(out, "<text x=\"0\" y=\"{}\">{day}</text>", y + 9);
        let _ = write!(lines, "M30 {y}H{}", 30 + 24 * CELL);
        // Hours of one kind beside each other are one box.
        let levels: Vec<u8> = hours.iter().map(|runs| level(*runs)).collect();
        let mut from = 0;
        for alike in levels.chunk_by(|one, other| one == other) {
            let level = alike.first().copied().unwrap_or(0);
            if level > 0 {
                let _ = write!(
                    out,
                    "<rect class=\"l{level}\" x=\"{}\" y=\"{y}\" width=\"{}\" height=\"{CELL}\"/>",
                    30 + from * CELL,
                    alike.len() * CELL,
                );
            }
            from += alike.len();
        }
    }
    let _ = write!(lines, "M30 {}H{}", 7 * CELL, 30 + 24 * CELL);
    let _ = write!(out, "<path class=\"grid\" d=\"{lines}\"/>");
    for hour in [0_usize, 6, 12, 18] {
        let _ = write!(
            out,
            "<text x=\"{}\" y=\"{}\">{hour:02}</text>",
            30 + hour * CELL,
            7 * CELL + 13
        );
    }
    out.push_str("</svg>");
}

/// How dark an hour is.
fn level(runs: f64) -> u8 {
    match runs {
        runs if runs <= 0.0 => 0,
        runs if runs <= 1.0 => 1,
        runs if runs <= 6.0 => 2,
        runs if runs <= 20.0 => 3,
        _ => 4,
    }
}
