//! What a project says of all its plans.

use std::collections::BTreeMap;

use super::{Kind, Path};

/// What `makeform.yaml` says of plans, whatever the manifests ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How much may be deleted at once, and how much of what is bound may be missing.
    pub mass_delete: Threshold,
    /// How much may be changed at once.
    pub mass_update: Threshold,
    /// How many operations a month a plan may add, as far as that can be foretold; none where a
    /// project sets no limit.
    pub max_operations_increase: Option<u64>,
    /// What is neither compared nor written, in all things of a kind: JSON Pointers into the form,
    /// modules by id.
    pub ignored: BTreeMap<Kind, Vec<Path>>,
}

/// How much is too much at once: a share of many things, or a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// More than this share of all things is too much, in percent..
    pub percent: u64,
    /// ..of at least this many: below, one thing is already a large share.
    pub least: u64,
    /// More things than this are too much, whatever the share.
    pub count: u64,
}

impl Policy {
    /// What counts where a project says nothing of deletions.
    pub const MASS_DELETE: Threshold = Threshold {
        percent: 30,
        least: 10,
        count: 20,
    };

    /// The same of updates, which lose nothing that the journal does not keep.
    pub const MASS_UPDATE: Threshold = Threshold {
        percent: 50,
        least: 20,
        count: 100,
    };

    /// What is ignored in all things of a kind.
    #[must_use]
    pub fn ignored_in(&self, kind: Kind) -> &[Path] {
        self.ignored.get(&kind).map_or(&[], Vec::as_slice)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            mass_delete: Self::MASS_DELETE,
            mass_update: Self::MASS_UPDATE,
            max_operations_increase: None,
            ignored: BTreeMap::new(),
        }
    }
}

impl Threshold {
    /// Whether some of all things are too many.
    #[must_use]
    pub fn is_exceeded(&self, some: usize, all: usize) -> bool {
        let [some, all] = [some, all].map(|number| u64::try_from(number).unwrap_or(u64::MAX));
        let share = some.saturating_mul(100) > all.saturating_mul(self.percent);
        some > self.count || (all >= self.least && share)
    }
}

#[cfg(test)]
mod tests {
    use super::Policy;

    #[test]
    fn a_share_counts_of_many_things_only_and_a_number_always() {
        let is_exceeded = |some, all| Policy::MASS_DELETE.is_exceeded(some, all);
        assert!(!is_exceeded(9, 9));
        assert!(!is_exceeded(3, 10) && is_exceeded(4, 10));
        assert!(!is_exceeded(20, 1000) && is_exceeded(21, 1000));
    }
}
