//! Changes as short lines, to be held against.

use crate::plan::{Change, Difference, Shown};

/// The changes as lines: `path: before -> after (origin)`.
pub(in crate::plan) fn lines(changes: &[Change]) -> Vec<String> {
    let text = |shown: &Shown| match shown {
        Shown::Value(value) => value.to_string(),
        Shown::Words(_, words) => words.clone(),
        Shown::Sensitive => "(sensitive)".into(),
        Shown::Unknown(None) => "(known after apply)".into(),
        Shown::Unknown(Some(thing)) => format!("{thing} (id known after apply)"),
    };
    let mut out = Vec::new();
    for change in changes {
        let origin = change
            .origin
            .map_or_else(String::new, |o| format!(" ({})", o.as_str()));
        let path = change.path.join(".");
        match &change.difference {
            Difference::Added(after) => out.push(format!("{path}: + {}{origin}", text(after))),
            Difference::Removed(before) => out.push(format!("{path}: - {}{origin}", text(before))),
            Difference::Changed(before, after) => {
                out.push(format!(
                    "{path}: {} -> {}{origin}",
                    text(before),
                    text(after)
                ));
            }
            Difference::Text { .. } => out.push(format!("{path}: text{origin}")),
            Difference::Part {
                sign,
                note,
                changes,
                ..
            } => {
                out.push(format!(
                    "{path}: {sign:?} [{}] {note}{origin}",
                    change.title
                ));
                out.extend(lines(changes));
            }
            Difference::Moved { from, to, changes } => {
                out.push(format!(
                    "{path}: Move [{}] {from} -> {to}{origin}",
                    change.title
                ));
                out.extend(lines(changes));
            }
            Difference::Group {
                sign,
                note,
                changes,
            } => {
                out.push(format!("{path}: {sign:?} [{}] {note}", change.title));
                out.extend(lines(changes));
            }
        }
    }
    out
}
