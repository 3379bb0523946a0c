//! The one walk over a tree of changes. Each format supplies what it writes for its leaves.

use serde_json::Value;

use crate::plan::{Change, Difference, Line, Shown, Sign};

/// What a format does with the parts of a tree, in their order.
pub(super) trait Format {
    /// One value comes, goes, or becomes another; never neither.
    fn leaf(&mut self, change: &Change, before: Option<&Shown>, after: Option<&Shown>);

    /// A long text changes.
    fn text(&mut self, change: &Change, before: &Value, after: &Value, lines: &[Line]);

    /// A part comes or goes as a whole. What people want to see of it follows where the format
    /// says so, then [`Format::leave`].
    fn part(&mut self, change: &Change, sign: Sign, note: &str, part: Part<'_>) -> bool;

    /// A part stands elsewhere; its changes follow, then [`Format::leave`].
    fn moved(&mut self, change: &Change, from: &str, to: &str, changes: &[Change]);

    /// A group begins; its changes follow, then [`Format::leave`].
    fn enter(&mut self, change: &Change, sign: Sign, note: &str, changes: &[Change]);

    /// The group that began last ends.
    fn leave(&mut self);
}

/// A part that comes or goes as a whole.
pub(super) struct Part<'p> {
    /// For machines.
    pub(super) value: &'p Value,
    /// For people.
    pub(super) changes: &'p [Change],
}

/// Takes a format through a tree.
pub(super) fn walk(changes: &[Change], format: &mut impl Format) {
    for change in changes {
        match &change.difference {
            Difference::Added(after) => format.leaf(change, None, Some(after)),
            Difference::Removed(before) => format.leaf(change, Some(before), None),
            Difference::Changed(before, after) => format.leaf(change, Some(before), Some(after)),
            Difference::Text {
                before,
                after,
                lines,
            } => format.text(change, before, after, lines),
            Difference::Part {
                sign,
                note,
                value,
                changes,
            } => {
                if format.part(change, *sign, note, Part { value, changes }) {
                    walk(changes, format);
                    format.leave();
                }
            }
            Difference::Moved { from, to, changes } => {
                format.moved(change, from, to, changes);
                walk(changes, format);
                format.leave();
            }
            Difference::Group {
                sign,
                note,
                changes,
            } => {
                format.enter(change, *sign, note, changes);
                walk(changes, format);
                format.leave();
            }
        }
    }
}
