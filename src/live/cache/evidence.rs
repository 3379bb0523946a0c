//! What an account was seen to do where Make's documents leave open what it does.
//!
//! What speaks against trusting a row counts for good, and more than what speaks for it.

use serde::{Deserialize, Serialize};

use crate::model::{Field, Live, Spec};

/// What an account was seen to do with the rows of its scenarios.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Evidence {
    /// Whether a blueprint was another while its row showed the same revision: nothing is taken
    /// from the cache then.
    pub(super) unseen_blueprint: bool,
    /// Whether a row moves when the interface is edited, and nothing else.
    pub(super) interfaces: RowMoves,
    /// Whether a list of scenarios that is asked for custom properties is refused.
    pub(super) lacks_properties: bool,
}

/// Whether an edit moves the revision of a row. The later of two findings in this order stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum RowMoves {
    /// Nobody has seen it yet.
    #[default]
    Unknown,
    /// It was seen to.
    Yes,
    /// It was seen not to.
    No,
}

impl Evidence {
    /// Whether a list that was asked for custom properties was `refused`.
    pub(in crate::live) fn of_properties(refused: bool) -> Self {
        Self {
            lacks_properties: refused,
            ..Self::default()
        }
    }

    /// Whether rows show that an interface was edited; none while nobody has seen it.
    #[must_use]
    pub fn rows_show_interfaces(self) -> Option<bool> {
        match self.interfaces {
            RowMoves::Unknown => None,
            RowMoves::Yes => Some(true),
            RowMoves::No => Some(false),
        }
    }

    /// Adds what else was seen.
    pub fn add(&mut self, other: Self) {
        self.unseen_blueprint |= other.unseen_blueprint;
        self.interfaces = self.interfaces.max(other.interfaces);
        self.lacks_properties |= other.lacks_properties;
    }

    /// What two readings of a scenario show, of which the earlier may be from a cache: what is
    /// another in the same revision was edited without the row's showing it.
    #[must_use]
    pub fn of_readings(earlier: &Live, later: &Live) -> Self {
        let mut evidence = Self::default();
        let (Some(then), Some(now)) = (&earlier.facts.revision, &later.facts.revision) else {
            return evidence;
        };
        let (Spec::Scenario(earlier), Spec::Scenario(later)) = (&earlier.spec, &later.spec) else {
            return evidence;
        };
        if then != now {
            return evidence;
        }
        if let (Field::Set(then), Field::Set(now)) = (&earlier.blueprint, &later.blueprint) {
            evidence.unseen_blueprint = then.digest() != now.digest();
        }
        if let (Field::Set(then), Field::Set(now)) = (&earlier.interface, &later.interface)
            && then != now
        {
            evidence.interfaces = RowMoves::No;
        }
        evidence
    }

    /// What a write of an interface shows, by two readings between which nothing else was sent.
    /// `planned`: an earlier reading, of a row that was settled. `user`: who writes.
    ///
    /// Nothing, unless the row was still that settled one right before the write, and all that it
    /// shows afterwards is this write: nothing else is another, and it is the user who edited it.
    #[must_use]
    pub fn of_interface_write(
        planned: &Live,
        before: &Live,
        after: &Live,
        user: Option<u64>,
    ) -> Self {
        let mut evidence = Self::default();
        let settled = planned.facts.revision.as_ref();
        let (Some(old), Some(new)) = (&before.facts.revision, &after.facts.revision) else {
            return evidence;
        };
        if settled != Some(old) || !differ_in_interface_alone(before, after) {
            return evidence;
        }
        let is_ours = user.is_some() && after.facts.editor == user;
        let moved = new.edited_at >= old.edited_at
            && new.version >= old.version
            && (new.edited_at, new.version) != (old.edited_at, old.version);
        evidence.interfaces = match (moved, is_ours) {
            (true, true) => RowMoves::Yes,
            // Somebody else may have edited it at the same time.
            (true, false) => RowMoves::Unknown,
            (false, _) => RowMoves::No,
        };
        evidence
    }
}

/// Whether two readings of a scenario differ in its interface, and in nothing else.
fn differ_in_interface_alone(before: &Live, after: &Live) -> bool {
    let (Spec::Scenario(old), Spec::Scenario(new)) = (&before.spec, &after.spec) else {
        return false;
    };
    let facts = |live: &Live| {
        let facts = &live.facts;
        (facts.invalid, facts.paused, facts.attached.clone())
    };
    if old.interface == new.interface || facts(before) != facts(after) {
        return false;
    }
    let mut old = old.clone();
    old.interface.clone_from(&new.interface);
    old == *new
}
