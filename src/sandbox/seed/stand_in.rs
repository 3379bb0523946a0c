//! Stand-ins for what blueprint files name: one thing for each id, unless two files can't mean
//! the same one.
//!
//! In go the places of the files, file after file; out come the id that each place shall have,
//! the things to make, and a note for each id that could not stay. Nothing is read or written.

use std::collections::BTreeMap;

use super::place::Place;
use super::reference::{Named, Sort};

/// Who has a hook; nothing else is had by anyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// Nobody yet.
    Nobody,
    /// The scenario of this file, by its number.
    File(usize),
    /// A scenario that was in the world before, or everything of another team.
    Foreign,
}

/// A thing that files may name.
#[derive(Clone, Debug)]
pub(super) struct StandIn {
    /// What it is made with.
    pub(super) named: Named,
    /// Whether it was in the world before.
    pub(super) there: bool,
    /// The scenario that a hook starts.
    pub(super) scenario: Option<u64>,
    /// Who has it.
    owner: Owner,
    /// Whether its label is from a file, not made up.
    labelled: bool,
    /// The types it may still have; empty while nothing says so.
    types: Vec<String>,
    /// The file that named it first; none if it was there before.
    first: Option<usize>,
    /// The last file whose user was told that its id is another one.
    told: Option<usize>,
}

/// Everything that the files of a folder name.
#[derive(Debug, Default)]
pub(super) struct StandIns {
    /// By the id that the files have; several where one id has to stand for several things.
    known: BTreeMap<(Sort, u64), Vec<StandIn>>,
    /// The highest id of each sort, in the files and in the world.
    highest: BTreeMap<Sort, u64>,
}

impl StandIns {
    /// Takes note that an id is in use, so that no new thing gets it.
    pub(super) fn reserve(&mut self, sort: Sort, id: u64) {
        let highest = self.highest.entry(sort).or_default();
        *highest = id.max(*highest);
    }

    /// Takes note of a thing that is in the world.
    pub(super) fn add_existing(&mut self, sort: Sort, named: Named, owner: Owner) {
        self.reserve(sort, named.id);
        let types = Some(named.type_name.clone()).filter(|one| !one.is_empty());
        let thing = StandIn {
            named,
            there: true,
            scenario: None,
            owner,
            labelled: true,
            types: types.into_iter().collect(),
            first: None,
            told: None,
        };
        self.known
            .entry((sort, thing.named.id))
            .or_default()
            .push(thing);
    }

    /// The id that a place of a file shall have. All ids of all files must be reserved before.
    pub(super) fn settle(
        &mut self,
        place: &Place<'_>,
        file: usize,
        files: &[String],
        notes: &mut Vec<String>,
    ) -> u64 {
        let (sort, asked) = (place.sort, place.id);
        let things = self.known.entry((sort, asked)).or_default();
        let first = things.first().cloned();
        let found = things.iter().position(|thing| thing.serves(place, file));
        let index = found.unwrap_or_else(|| {
            let id = if first.is_none() {
                asked
            } else {
                next(&mut self.highest, sort)
            };
            things.push(StandIn::new(place, id, file));
            things.len() - 1
        });
        let Some(thing) = things.get_mut(index) else {
            return asked;
        };
        thing.learn(place, file);
        let id = thing.named.id;
        if id != asked && thing.told.replace(file) != Some(file) {
            notes.extend(first.map(|first| first.conflict(place, file, files, id)));
        }
        id
    }

    /// An id that nothing has.
    pub(super) fn fresh(&mut self, sort: Sort) -> u64 {
        next(&mut self.highest, sort)
    }

    /// Says which scenario a hook starts.
    pub(super) fn give_hook(&mut self, id: u64, scenario: u64) {
        let hooks = self
            .known
            .iter_mut()
            .filter(|((sort, _), _)| *sort == Sort::Hook);
        let hook = hooks
            .flat_map(|(_, things)| things)
            .find(|thing| thing.named.id == id);
        if let Some(hook) = hook {
            hook.scenario = Some(scenario);
        }
    }

    /// All things, by sort and by the id that files have for them.
    pub(super) fn take(&mut self) -> impl Iterator<Item = (Sort, StandIn)> + use<> {
        std::mem::take(&mut self.known)
            .into_iter()
            .flat_map(|((sort, _), things)| things.into_iter().map(move |thing| (sort, thing)))
    }
}

/// The id after the highest one.
fn next(highest: &mut BTreeMap<Sort, u64>, sort: Sort) -> u64 {
    let highest = highest.entry(sort).or_default();
    *highest += 1;
    *highest
}

impl StandIn {
    fn new(place: &Place<'_>, id: u64, file: usize) -> Self {
        let named = Named {
            id,
            label: format!("{} {id}", place.sort.noun()),
            type_name: place.likely.clone(),
        };
        Self {
            named,
            there: false,
            scenario: None,
            owner: Owner::Nobody,
            labelled: false,
            types: place.types.clone(),
            first: Some(file),
            told: None,
        }
    }

    /// Whether a place can mean this thing.
    fn serves(&self, place: &Place<'_>, file: usize) -> bool {
        let free = match self.owner {
            Owner::Nobody => true,
            Owner::File(owner) => owner == file,
            Owner::Foreign => false,
        };
        free && self.agrees(place)
    }

    fn agrees(&self, place: &Place<'_>) -> bool {
        self.types.is_empty()
            || place.types.is_empty()
            || self.types.iter().any(|one| place.types.contains(one))
    }

    /// Gives it to a file, and takes over what the place knows of it.
    fn learn(&mut self, place: &Place<'_>, file: usize) {
        if place.sort == Sort::Hook {
            self.owner = Owner::File(file);
        }
        if self.there {
            return;
        }
        if let (false, Some(label)) = (self.labelled, &place.label) {
            self.labelled = true;
            self.named.label.clone_from(label);
        }
        if self.types.is_empty() {
            self.types.clone_from(&place.types);
        } else if !place.types.is_empty() {
            self.types.retain(|one| place.types.contains(one));
        }
        if !self.types.is_empty() && !self.types.contains(&self.named.type_name) {
            let likely = self.types.iter().find(|one| **one == place.likely);
            self.named.type_name = likely.or(self.types.first()).cloned().unwrap_or_default();
        }
    }

    /// Says why a place could not have this thing.
    fn conflict(&self, place: &Place<'_>, file: usize, files: &[String], now: u64) -> String {
        let name = |file: usize| files.get(file).map_or("?", String::as_str);
        let there = self.first.map_or("the world", name);
        let reason = if !self.agrees(place) {
            let (ours, theirs) = (place.types.join(" or "), self.types.join(" or "));
            format!("is of type {ours}, but of type {theirs} in {there}")
        } else if self.owner == Owner::Foreign {
            "belongs to something else in the world".to_owned()
        } else {
            format!("feeds the scenario of {there}, and a hook feeds only one")
        };
        let (noun, asked, here) = (place.sort.noun(), place.id, name(file));
        format!("{here}: {noun} {asked} {reason}; here it is {now} now.")
    }
}
