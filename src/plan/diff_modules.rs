//! The modules of two blueprints, paired: which come, go, change or move, and who did that.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use serde_json::Value;

use super::{
    Change, Difference, Sign,
    diff_blueprint::{in_form, key, name_label, name_route, own, part, place, shown, title},
    diff_value::{Base, Sides, Spot},
};
use crate::model::{
    Origin,
    blueprint::{Module, modules},
};

/// The modules of both sides, and of what was applied last.
pub(super) struct Lists<'a> {
    pub(super) before: Vec<Module<'a>>,
    pub(super) after: Vec<Module<'a>>,
    /// Positions in `before`, by key and type.
    index: BTreeMap<(String, Cow<'a, str>), usize>,
    /// Keys of modules that keep their place.
    settled: Vec<bool>,
    base: Option<LastModules<'a>>,
    /// Modules that were elsewhere in what was applied last than in the live blueprint, and than
    /// in the wanted one.
    strayed: [BTreeSet<(String, Cow<'a, str>)>; 2],
}

/// Modules as they were applied last, by key and type.
pub(super) type LastModules<'a> = BTreeMap<(String, Cow<'a, str>), Value>;

pub(super) fn last_modules(base: Base<'_>) -> Option<LastModules<'_>> {
    match base {
        Base::Unknown => None,
        Base::Known(base) => {
            let modules = base.map(modules).unwrap_or_default();
            Some(
                modules
                    .iter()
                    .map(|module| (key(module), own(module)))
                    .collect(),
            )
        }
    }
}

pub(super) fn base_of<'b>(last: Option<&'b LastModules<'_>>, module: &Module<'b>) -> Base<'b> {
    match last {
        None => Base::Unknown,
        Some(last) => Base::Known(last.get(&key(module))),
    }
}

/// The modules of one blueprint that have another place in another one.
fn strayed<'a>(last: &[Module<'a>], now: &[Module<'a>]) -> BTreeSet<(String, Cow<'a, str>)> {
    let index: BTreeMap<_, _> = last.iter().map(key).zip(0..).collect();
    let settled = settled(last, now, &index);
    let moved = last.iter().zip(settled).filter(|(_, stays)| !stays);
    moved.map(|(module, _)| key(module)).collect()
}

impl<'a> Lists<'a> {
    pub(super) fn new(before: &'a Value, after: &'a Value, base: Base<'a>) -> Self {
        let (before, after) = (modules(before), modules(after));
        let index: BTreeMap<_, _> = before.iter().map(key).zip(0..).collect();
        let settled = settled(&before, &after, &index);
        let last = match base {
            Base::Known(Some(base)) => modules(base),
            Base::Known(None) | Base::Unknown => Vec::new(),
        };
        let strayed = [strayed(&last, &before), strayed(&last, &after)];
        Self {
            before,
            after,
            index,
            settled,
            base: last_modules(base),
            strayed,
        }
    }

    pub(super) fn has_after(&self, module: &Module<'_>) -> bool {
        self.after
            .iter()
            .any(|other| other.key == module.key && other.module == module.module)
    }

    fn base_of(&self, module: &Module<'a>) -> Base<'_> {
        base_of(self.base.as_ref(), module)
    }

    /// Who gave a module another place.
    fn mover(&self, module: &Module<'a>) -> Option<Origin> {
        let key = key(module);
        let known = self
            .base
            .as_ref()
            .is_some_and(|base| base.contains_key(&key));
        let [in_make, in_git] = &self.strayed;
        match (in_make.contains(&key), in_git.contains(&key)) {
            _ if !known => None,
            (false, true) => Some(Origin::Git),
            (true, false) => Some(Origin::Make),
            (true, true) => Some(Origin::Both),
            (false, false) => None,
        }
    }

    /// The end of a module that the wanted blueprint has not.
    pub(super) fn unwanted(&self, sides: Sides<'_>, module: &Module<'a>) -> Change {
        let origin = sides.origin(self.base_of(module), Some(&own(module)), None);
        part(sides, module, sides.before, Sign::Remove, origin)
    }

    /// What changes in a module of the wanted blueprint.
    pub(super) fn wanted(&self, sides: Sides<'_>, module: &Module<'a>) -> Option<Change> {
        let position = self.index.get(&key(module));
        let Some((position, live)) = position.and_then(|at| Some((at, self.before.get(*at)?)))
        else {
            let origin = sides.origin(self.base_of(module), None, Some(&own(module)));
            return Some(part(sides, module, sides.after, Sign::Add, origin));
        };
        let spot = Spot {
            shown: shown(module),
            title: Vec::new(),
            before: in_form(live),
            after: in_form(module),
        };
        let (old, new) = (own(live), own(module));
        let mut changes = Vec::new();
        let base = self.base_of(module);
        sides.compare(&spot, Some(&old), Some(&new), base, &mut changes);
        name_route(module, &mut changes);
        name_label(&mut changes);
        let stays = self.settled.get(*position).copied().unwrap_or(false);
        if changes.is_empty() && stays {
            return None;
        }
        let origin = match stays {
            true => Sides::common(&changes),
            // Of the move alone: what differs inside may be somebody else's work.
            false => self.mover(module),
        };
        let difference = if stays {
            Difference::Group {
                sign: Sign::Change,
                note: String::new(),
                changes,
            }
        } else {
            Difference::Moved {
                from: place(live),
                to: place(module),
                changes,
            }
        };
        Some(Change {
            path: shown(module),
            title: title(sides, sides.after, module),
            difference,
            origin,
        })
    }
}

/// Which modules of the live blueprint keep their list and their order in it: in each list, as
/// many as can.
fn settled(
    before: &[Module<'_>],
    after: &[Module<'_>],
    index: &BTreeMap<(String, Cow<'_, str>), usize>,
) -> Vec<bool> {
    let mut lists: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for module in after {
        let position = index.get(&key(module)).copied();
        let live = position.and_then(|at| before.get(at));
        if let (Some(position), Some(live)) = (position, live)
            && live.container == module.container
        {
            lists.entry(&module.container).or_default().push(position);
        }
    }
    let mut settled = vec![false; before.len()];
    for position in lists.into_values().flat_map(|list| longest_rise(&list)) {
        if let Some(slot) = settled.get_mut(position) {
            *slot = true;
        }
    }
    settled
}

/// The longest rising subsequence.
fn longest_rise(positions: &[usize]) -> Vec<usize> {
    // For each position: the length of the longest rise that ends there, and what is before it.
    let mut best: Vec<(usize, Option<usize>)> = Vec::with_capacity(positions.len());
    for (index, position) in positions.iter().enumerate() {
        let previous = positions
            .iter()
            .zip(&best)
            .enumerate()
            .take(index)
            .filter(|(_, (other, _))| *other < position)
            .max_by_key(|(at, (_, (length, _)))| (*length, std::cmp::Reverse(*at)));
        best.push(previous.map_or((1, None), |(at, (_, (length, _)))| (length + 1, Some(at))));
    }
    let last = (0..best.len()).max_by_key(|at| {
        let length = best.get(*at).map_or(0, |(length, _)| *length);
        (length, std::cmp::Reverse(*at))
    });
    let mut rise = Vec::new();
    let mut next = last;
    while let Some(at) = next {
        rise.extend(positions.get(at));
        next = best.get(at).and_then(|(_, previous)| *previous);
    }
    rise
}
