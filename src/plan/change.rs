//! The differences of a step, as a tree. Computed once; renderers only walk it.

use serde_json::Value;

use crate::model::{Address, Origin, Path};

/// One difference, or a group of them under a heading.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Where it is in the form; a module is named by its id.
    pub path: Path,
    /// What stands before the colon: `schedule`, `mapper.values.0`, `3 google-sheets:addRow "Add lead"`.
    pub title: String,
    /// The difference.
    pub difference: Difference,
    /// Who made it, where the ledger knows the form last applied.
    pub origin: Option<Origin>,
}

/// What differs.
#[derive(Clone, Debug, PartialEq)]
pub enum Difference {
    /// A value that was not there.
    Added(Shown),
    /// A value that goes.
    Removed(Shown),
    /// A value that becomes another.
    Changed(Shown, Shown),
    /// A long text that changes: its values for machines, its lines for people.
    Text {
        /// The old text.
        before: Value,
        /// The new text.
        after: Value,
        /// Both, line by line; unchanged lines far from a change are left out as [`Line::Gap`].
        lines: Vec<Line>,
    },
    /// A part that comes or goes as a whole: a module.
    Part {
        /// Whether it is added or removed.
        sign: Sign,
        /// Where it stands: `after 3`; may be empty.
        note: String,
        /// The part for machines; texts that must not be shown, or are not known yet, are
        /// replaced by words in brackets.
        value: Value,
        /// What people want to see of a part that comes.
        changes: Vec<Change>,
    },
    /// Several differences in one part.
    Group {
        /// What happens to the part as a whole.
        sign: Sign,
        /// What stands behind the colon: `2 of 9 modules`, `after 3`; may be empty.
        note: String,
        /// The differences in it.
        changes: Vec<Change>,
    },
    /// A part that stands elsewhere, and may differ inside.
    Moved {
        /// Where it stood: `after 3`.
        from: String,
        /// Where it is to stand.
        to: String,
        /// The differences in it.
        changes: Vec<Change>,
    },
}

/// What happens to a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It is new.
    Add,
    /// It goes.
    Remove,
    /// It changes inside.
    Change,
}

/// A value as it may be shown. That something is secret is a kind of value here, so that no
/// renderer can forget to hide it.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// As JSON.
    Value(Value),
    /// As JSON for machines, and in words for people: a schedule.
    Words(Value, String),
    /// Never shown.
    Sensitive,
    /// Known after apply; where it will be a thing's id, which thing that is.
    Unknown(Option<Address>),
}

/// A line of a long text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// In both.
    Same(String),
    /// New.
    Added(String),
    /// Gone.
    Removed(String),
    /// This many unchanged lines are left out.
    Gap(usize),
}
