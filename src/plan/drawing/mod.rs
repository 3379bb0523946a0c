//! What is drawn of a scenario: its modules and the lines between them, before and after in one.
//!
//! Renderings draw this one value, and none of them looks at a blueprint. What must not be shown
//! is covered here, by the marks of the forms, as it is in the changes.

mod catalogue;
mod merge;
mod relations;
mod side;
#[cfg(test)]
mod tests;
mod week;

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Action, Step};
use crate::model::{Form, Mark, Path, blueprint::functional, secret};

pub use catalogue::{Catalogue, Entry, Lately, catalogue};
pub use relations::{Relations, Thing, Use, relations};
pub use week::{Week, week};

use self::{merge::merge, side::Side};

/// The modules of a scenario, and the lines between them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawing {
    /// Every module of both sides, once: in the order of the wanted blueprint, what goes behind
    /// what it stood behind.
    pub nodes: Vec<Node>,
    /// The lines between them.
    pub edges: Vec<Edge>,
}

/// A module.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its id, as plans name it: `3`, `3#2`. One that goes and one that comes may have the same.
    pub key: String,
    /// Its type: `google-sheets:addRow`; may be empty.
    pub module: String,
    /// The label that its author gave it.
    pub label: Option<String>,
    /// What else there is to say: `parked`.
    pub note: Option<String>,
    /// What happens to it.
    pub fate: Fate,
    /// The path of its changes in the plan: `blueprint`, `flow`, `3`.
    pub path: Path,
    /// Where it stands on the canvas of Make's editor, if that is known.
    pub at: Option<(f64, f64)>,
}

/// What happens to a module or a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// It stays as it is.
    Same,
    /// It is new.
    Added,
    /// It goes.
    Removed,
    /// It changes inside.
    Changed,
    /// It stands elsewhere, and may change inside.
    Moved,
}

/// A line from a module to another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Where it begins: an index of [`Drawing::nodes`].
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// What kind of line it is.
    pub kind: EdgeKind,
    /// When it is taken, before and after, in words; none where there is no filter on that side.
    pub filter: (Option<String>, Option<String>),
    /// Whether its route is switched off.
    pub disabled: bool,
    /// What happens to it.
    pub fate: Fate,
}

/// What kind of line it is. Numbers count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EdgeKind {
    /// One module after the other.
    Flow,
    /// Into a route of a router.
    Route(usize),
    /// Into a branch of an if-else.
    Branch(usize),
    /// To a tool of an agent.
    Tool(usize),
    /// To what is done on an error.
    Error,
}

impl Fate {
    /// Its name: `added`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Moved => "moved",
        }
    }

    /// What stands for it where there are no colours; empty for what stays.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Same => "",
            Self::Added => "+",
            Self::Removed => "-",
            Self::Changed => "~",
            Self::Moved => ">",
        }
    }
}

impl Node {
    /// The app: `google-sheets`.
    #[must_use]
    pub fn app(&self) -> &str {
        self.module
            .split_once(':')
            .map_or(self.module.as_str(), |(app, _)| app)
    }

    /// What the app does: `addRow`.
    #[must_use]
    pub fn action(&self) -> &str {
        self.module.split_once(':').map_or("", |(_, action)| action)
    }
}

impl Edge {
    /// What stands on the line: `route 2: only if ..`; empty for a plain line.
    #[must_use]
    pub fn words(&self) -> String {
        self.lines().join(" ")
    }

    /// The same in lines: where the filter changes, what it becomes is the second one.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut parts = Vec::new();
        let mut becomes = None;
        match self.kind {
            EdgeKind::Flow => {}
            EdgeKind::Route(number) => parts.push(format!("route {number}")),
            EdgeKind::Branch(number) => parts.push(format!("branch {number}")),
            EdgeKind::Tool(number) => parts.push(format!("tool {number}")),
            EdgeKind::Error => parts.push("on an error".to_owned()),
        }
        if self.disabled {
            parts.push("switched off".to_owned());
        }
        match &self.filter {
            (None, None) => {}
            (Some(before), Some(after)) if before == after => parts.push(after.clone()),
            (before, after) if self.fate == Fate::Changed => {
                let words = |filter: &Option<String>| {
                    let filter = filter.clone();
                    filter.unwrap_or_else(|| "always".to_owned())
                };
                parts.push(words(before));
                becomes = Some(format!("-> {}", words(after)));
            }
            (Some(one), None) | (None, Some(one)) => parts.push(one.clone()),
            (Some(_), Some(after)) => parts.push(after.clone()),
        }
        let head = Some(parts.join(": ")).filter(|head| !head.is_empty());
        head.into_iter().chain(becomes).collect()
    }
}

/// What is drawn of a step: none for a step on something else than a scenario, and for one that
/// says nothing of its blueprint.
#[must_use]
pub fn drawing(step: &Step) -> Option<Drawing> {
    let (before, after) = match step.action {
        Action::Delete | Action::Forget => (step.before.as_ref(), None),
        Action::Create | Action::Update | Action::Replace | Action::Adopt => {
            (step.before.as_ref(), step.after.as_ref())
        }
    };
    let (before, after) = (Read::from(before), Read::from(after));
    let (before, after) = match (before, after) {
        (None, None) => return None,
        // An update that leaves the blueprint alone may know one side of it only.
        (None, Some(one)) | (Some(one), None) if is_change(step.action) => {
            return Some(merge(&one.side(), &one.side(), &step.changes));
        }
        (before, after) => (before.unwrap_or_default(), after.unwrap_or_default()),
    };
    Some(merge(&before.side(), &after.side(), &step.changes))
}

fn is_change(action: Action) -> bool {
    match action {
        Action::Update | Action::Adopt | Action::Replace => true,
        Action::Create | Action::Delete | Action::Forget => false,
    }
}

/// The blueprint of a form, parsed.
#[derive(Default)]
struct Read {
    whole: Value,
    functional: Value,
    marks: BTreeMap<Path, Mark>,
}

impl Read {
    fn from(form: Option<&Form>) -> Option<Self> {
        let form = form?;
        let whole = form.blueprint.as_ref()?.document().ok()?;
        Some(Self {
            functional: functional(&whole),
            whole,
            marks: form.marks.clone(),
        })
    }

    fn side(&self) -> Side<'_> {
        Side::new(&self.functional, &self.whole, &self.marks)
    }
}

/// What is drawn of a blueprint of which nothing changes. What looks like a secret in it is
/// covered.
#[must_use]
pub fn drawing_of(document: &Value) -> Drawing {
    let form = functional(document);
    let marks = secret::sensitive_paths(&form).into_iter().map(|path| {
        let path: Path = std::iter::once("blueprint".to_owned())
            .chain(path)
            .collect();
        (path, Mark::Sensitive("the rule for secrets".to_owned()))
    });
    let marks = marks.collect();
    let side = Side::new(&form, document, &marks);
    merge(&side, &side, &[])
}
