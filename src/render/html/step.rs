//! A step of a plan in a page.

use std::fmt::Write as _;

use crate::{
    model::Kind,
    plan::{Difference, Fate, Node, Outlook, Shown, Sign, Step, drawing},
    render::{
        forecast_text::outlook_text,
        step_text::{last_edit, verb},
        svg::{escape, figure},
        upcoming::upcoming_text,
        words,
    },
};

use super::{canvas, changes::changes, week::weeks};

/// How many modules are drawn: a larger scenario is listed only.
const MOST: usize = 400;

/// A step: what is done with what and why, what that does to a month, its drawing, its changes.
pub(super) fn step(step: &Step, outlook: Option<&Outlook>, at: usize, out: &mut String) {
    let action = step.action;
    let address = escape(&step.address.to_string());
    let _ = writeln!(
        out,
        "<article id=\"s{at}\" tabindex=\"-1\" data-action=\"{0}\" data-kind=\"{1}\" \
         aria-labelledby=\"h{at}\">\n<h2 id=\"h{at}\"><span class=\"sig {0}\" \
         aria-hidden=\"true\">{2}</span> {address} <small>{3}</small></h2>",
        action.as_str(),
        step.address.kind.prefix(),
        escape(action.symbol()),
        verb(step),
    );
    let mut notes: Vec<String> = Vec::new();
    if let Some(id) = &step.id {
        notes.push(format!("id {id}"));
    }
    if let Some(place) = &step.place {
        notes.push(place.to_string());
    }
    notes.extend(step.reasons.iter().map(words::reason));
    notes.extend(last_edit(step));
    if step.unchanged > 0 {
        notes.push(format!(
            "{} unchanged",
            words::count(step.unchanged, "attribute")
        ));
    }
    if !notes.is_empty() {
        let notes: Vec<String> = notes.iter().map(|note| escape(note)).collect();
        let _ = writeln!(out, "<p class=\"why\">{}</p>", notes.join(" · "));
    }
    soon(step, outlook, out);
    let drawn = draw(step, at, out);
    if let Some((before, after)) = schedules(step) {
        weeks(before, after, out);
    }
    if !step.changes.is_empty() {
        changes(&step.changes, at, drawn, out);
    }
    out.push_str("</article>\n");
}

/// What a step does to a month, and when its scenario runs next: in the words of the other
/// renderings.
fn soon(step: &Step, outlook: Option<&Outlook>, out: &mut String) {
    let upcoming = step.upcoming.as_ref();
    let lines = [
        ("month", outlook.map(outlook_text)),
        (
            "next",
            upcoming.map(|upcoming| upcoming_text(upcoming, 0, usize::MAX)),
        ),
    ];
    for (class, text) in lines {
        if let Some(text) = text {
            let _ = writeln!(out, "<p class=\"soon {class}\">{}</p>", escape(&text));
        }
    }
}

/// Draws a scenario, if anything of its modules changes. Whether it did.
fn draw(step: &Step, at: usize, out: &mut String) -> bool {
    if step.address.kind != Kind::Scenario || !step.changes_blueprint() {
        return false;
    }
    let Some(drawing) = drawing(step) else {
        return false;
    };
    if drawing.nodes.is_empty() || drawing.nodes.len() > MOST {
        return false;
    }
    let target = |node: &Node| Some(format!("s{at}m{}", index_of(step, node)?));
    let what = format!("Modules of {}, before and after", step.address);
    let figure = figure(&drawing, &what, &target);
    canvas(&step.address.to_string(), &figure, out);
    true
}

/// Which of the changes of a blueprint is about a module.
fn index_of(step: &Step, node: &Node) -> Option<usize> {
    let blueprint = step
        .changes
        .iter()
        .find(|change| change.path == ["blueprint"])?;
    let Difference::Group { changes, .. } = &blueprint.difference else {
        return None;
    };
    changes.iter().position(|change| {
        let fits = match (&change.difference, node.fate) {
            (
                Difference::Part {
                    sign: Sign::Remove, ..
                },
                fate,
            ) => fate == Fate::Removed,
            (Difference::Part { .. }, fate) => fate == Fate::Added,
            (Difference::Moved { .. }, fate) => fate == Fate::Moved,
            (Difference::Group { .. }, fate) => fate == Fate::Changed,
            (
                Difference::Added(_)
                | Difference::Removed(_)
                | Difference::Changed(..)
                | Difference::Text { .. },
                _,
            ) => false,
        };
        fits && change.path == node.path
    })
}

/// The schedules before and after, if that changes.
fn schedules(step: &Step) -> Option<(Option<&Shown>, Option<&Shown>)> {
    let change = step
        .changes
        .iter()
        .find(|change| change.path == ["schedule"])?;
    match &change.difference {
        Difference::Added(after) => Some((None, Some(after))),
        Difference::Removed(before) => Some((Some(before), None)),
        Difference::Changed(before, after) => Some((Some(before), Some(after))),
        Difference::Text { .. }
        | Difference::Part { .. }
        | Difference::Group { .. }
        | Difference::Moved { .. } => None,
    }
}
