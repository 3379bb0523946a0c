//! The changes of a step as nested lists.

use std::fmt::Write as _;

use serde_json::Value;

use crate::{
    plan::{Change, Difference, Line, Shown, Sign},
    render::{
        svg::{cut, escape},
        text_lines::{TextLine, text_lines},
        words,
    },
};

/// How many characters of a value are shown, and how many lines of a text.
const LONGEST: usize = 600;
const LINES: usize = 200;

/// All changes of a step. `drawn`: its modules can be reached from a drawing.
pub(super) fn changes(changes: &[Change], at: usize, drawn: bool, out: &mut String) {
    out.push_str("<ul class=\"changes\">");
    for change in changes {
        let inner = (drawn && change.path == ["blueprint"]).then_some(at);
        one(change, inner, None, out);
    }
    out.push_str("</ul>\n");
}

/// One change. `modules`: its parts get ids, by which a drawing leads to them.
fn one(change: &Change, modules: Option<usize>, id: Option<String>, out: &mut String) {
    let id = id.map_or_else(String::new, |id| format!(" id=\"{id}\" tabindex=\"-1\""));
    let title = escape(&cut(&change.title, LONGEST));
    let origin = change.origin.map_or_else(String::new, |origin| {
        format!(" <span class=\"origin\">({})</span>", origin.as_str())
    });
    let line = |class: &str, sign: &str, word: &str, rest: &str| {
        format!(
            "<li class=\"{class}\"{id}><span class=\"sig\" aria-hidden=\"true\">{sign}</span><span \
             class=\"vh\">{word} </span><span class=\"t\">{title}</span>{rest}{origin}"
        )
    };
    match &change.difference {
        Difference::Added(after) => {
            let rest = format!(": <ins>{}</ins>", shown(after));
            out.push_str(&line("add", "+", "added", &rest));
        }
        Difference::Removed(before) => {
            let rest = format!(": <del>{}</del>", shown(before));
            out.push_str(&line("del", "-", "removed", &rest));
        }
        Difference::Changed(before, after) => {
            let (before, after) = pair(before, after);
            let rest = format!(
                ": <del>{before}</del> <span aria-hidden=\"true\">→</span><span class=\"vh\"> becomes \
                 </span> <ins>{after}</ins>"
            );
            out.push_str(&line("chg", "~", "changed", &rest));
        }
        Difference::Text {
            before,
            after,
            lines,
        } => {
            let is_new = before.is_null();
            let (class, sign, word) = match is_new {
                true => ("add", "+", "added"),
                false => ("chg", "~", "changed"),
            };
            out.push_str(&line(class, sign, word, ":"));
            text(before, after, lines, out);
        }
        Difference::Part {
            sign,
            note,
            changes,
            ..
        } => {
            let (class, sign, word) = sign_of(*sign);
            out.push_str(&line(class, sign, word, &aside(note)));
            list(changes, None, out);
        }
        Difference::Group {
            sign,
            note,
            changes,
        } => {
            let (class, sign, word) = sign_of(*sign);
            out.push_str(&line(class, sign, word, &aside(note)));
            list(changes, modules, out);
        }
        Difference::Moved { from, to, changes } => {
            let note = format!("was {from}, is to stand {to}");
            out.push_str(&line("mov", "&gt;", "moved", &aside(&note)));
            list(changes, None, out);
        }
    }
    out.push_str("</li>");
}

fn list(changes: &[Change], modules: Option<usize>, out: &mut String) {
    if changes.is_empty() {
        return;
    }
    out.push_str("<ul>");
    for (index, change) in changes.iter().enumerate() {
        one(
            change,
            None,
            modules.map(|at| format!("s{at}m{index}")),
            out,
        );
    }
    out.push_str("</ul>");
}

fn sign_of(sign: Sign) -> (&'static str, &'static str, &'static str) {
    match sign {
        Sign::Add => ("add", "+", "added"),
        Sign::Remove => ("del", "-", "removed"),
        Sign::Change => ("chg", "~", "changed"),
    }
}

fn aside(note: &str) -> String {
    match note.is_empty() {
        true => String::new(),
        false => format!(
            " <span class=\"note\">{}</span>",
            escape(&cut(note, LONGEST))
        ),
    }
}

/// A value, as far as it is shown.
pub(super) fn shown(shown: &Shown) -> String {
    match shown {
        Shown::Value(Value::String(text)) if text.chars().nth(LONGEST).is_some() => {
            let count = text.chars().count();
            let head: String = text.chars().take(LONGEST).collect();
            let head = Value::from(head).to_string();
            format!(
                "<code>{}…</code> <span class=\"note\">({count} characters)</span>",
                escape(head.trim_end_matches('"')),
            )
        }
        Shown::Sensitive => "<i>(sensitive)</i>".to_owned(),
        Shown::Unknown(_) => format!("<i>{}</i>", escape(&words::shown(shown))),
        Shown::Words(..) => escape(&cut(&words::shown(shown), LONGEST)),
        Shown::Value(_) => format!(
            "<code>{}</code>",
            escape(&cut(&words::shown(shown), LONGEST))
        ),
    }
}

/// Two values. Where they differ only behind what is shown, that part is shown.
fn pair(before: &Shown, after: &Shown) -> (String, String) {
    let (Shown::Value(_), Shown::Value(_)) = (before, after) else {
        return (shown(before), shown(after));
    };
    let (one, other) = words::shown_pair(before, after);
    let (one, other) = match one.chars().nth(LONGEST).or(other.chars().nth(LONGEST)) {
        Some(_) => words::clip_pair(&one, &other),
        None => (one, other),
    };
    let code = |text: &str| format!("<code>{}</code>", escape(&cut(text, LONGEST)));
    (code(&one), code(&other))
}

/// A long text, line by line.
fn text(before: &Value, after: &Value, lines: &[Line], out: &mut String) {
    out.push_str("<pre>");
    let shown = text_lines(before, after, lines, Some(LONGEST));
    for TextLine { sign, text } in shown.iter().take(LINES) {
        let text = escape(text);
        let _ = match sign {
            '+' => writeln!(out, "<ins>+ {text}</ins>"),
            '-' => writeln!(out, "<del>- {text}</del>"),
            _ => writeln!(out, "  {text}"),
        };
    }
    if lines.len() > LINES {
        let _ = writeln!(out, "  ({} more lines)", lines.len() - LINES);
    }
    out.push_str("</pre>");
}
