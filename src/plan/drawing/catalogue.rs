//! What there is to tell of the scenarios of an account: what runs, when, on what, called by whom.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Drawing, Relations, Week, drawing_of, relations, week};
use crate::model::{
    Address, Consumptions, Desired, Facts, Kind, RemoteId, RunTally, Snapshot, Spec,
    spec::{Link, ScenarioSpec},
};

/// The scenarios of an account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue {
    /// The scenarios, by address.
    pub entries: Vec<Entry>,
    /// What depends on what.
    pub relations: Relations,
    /// How many things of each kind there are.
    pub counts: BTreeMap<Kind, usize>,
    /// Since when operations are counted.
    pub since: Option<Timestamp>,
}

/// What the account tells of its past.
#[derive(Clone, Debug, Default)]
pub struct Lately {
    /// What its scenarios consumed; none where Make does not tell.
    pub consumed: Option<Consumptions>,
    /// How often they ran of late and failed; none where nobody asked.
    pub runs: Option<BTreeMap<RemoteId, RunTally>>,
}

/// A scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its address.
    pub address: Address,
    /// What Make shows.
    pub name: String,
    /// The folder that it is in.
    pub folder: Option<String>,
    /// Whether it is switched on.
    pub active: bool,
    /// When it runs, in words.
    pub schedule: Option<String>,
    /// The same on the grid of a week.
    pub week: Option<Week>,
    /// What it uses: `connection.crm`, `calls scenario.news`.
    pub uses: Vec<String>,
    /// What calls or starts it.
    pub called_by: Vec<String>,
    /// What is wrong with it, as far as the account's lists tell.
    pub trouble: Vec<String>,
    /// The operations since [`Catalogue::since`], where Make tells.
    pub operations: Option<u64>,
    /// How often it ran of late and failed, where that was asked for.
    pub runs: Option<RunTally>,
    /// Its modules.
    pub drawing: Drawing,
}

/// The catalogue of what was exported from a snapshot. `objects`: the object that each thing is;
/// names do not tell where two have one.
#[must_use]
pub fn catalogue(
    desired: &Desired,
    objects: &BTreeMap<Address, RemoteId>,
    snapshot: &Snapshot,
    past: &Lately,
) -> Catalogue {
    let relations = relations(desired);
    let mut counts = BTreeMap::new();
    for address in desired.things.keys() {
        *counts.entry(address.kind).or_insert(0) += 1;
    }
    let entries = desired.things.iter().filter_map(|(address, declared)| {
        let spec = declared.spec.as_scenario()?;
        let live = objects
            .get(address)
            .and_then(|id| snapshot.get(Kind::Scenario, id));
        let entry = entry(
            address,
            spec,
            live.map(|live| &live.facts),
            desired,
            &relations,
        );
        Some(match live {
            Some(live) => entry.with(past, &live.id),
            None => entry,
        })
    });
    Catalogue {
        entries: entries.collect(),
        counts,
        relations,
        since: past.consumed.as_ref().and_then(|consumed| consumed.since),
    }
}

impl Entry {
    /// With what the account tells of its past.
    fn with(mut self, past: &Lately, id: &RemoteId) -> Self {
        self.operations = past.consumed.as_ref().map(|all| {
            let own = all.scenarios.iter().find(|(other, _)| other == id);
            own.map_or(0, |(_, consumed)| consumed.operations)
        });
        self.runs = past.runs.as_ref().and_then(|runs| runs.get(id).cloned());
        if self.runs.as_ref().is_some_and(|runs| runs.last_failed) {
            self.trouble.push("its last run failed".to_owned());
        }
        self
    }
}

fn entry(
    address: &Address,
    spec: &ScenarioSpec,
    facts: Option<&Facts>,
    desired: &Desired,
    relations: &Relations,
) -> Entry {
    let schedule = desired.schedule_of(spec);
    let folder = spec.folder.as_set().and_then(|link| match link {
        Link::Thing(address) => {
            let spec = &desired.things.get(address)?.spec;
            let is_folder = matches!(spec, Spec::Folder(_));
            spec.match_key().filter(|_| is_folder)
        }
        Link::Id(id) => Some(format!("id {id}")),
    });
    let own = address.to_string();
    let name = |at: usize| relations.things.get(at).map(|thing| thing.address.as_str());
    let is_own = |at: usize| name(at) == Some(own.as_str());
    let mut uses = Vec::new();
    let mut called_by = Vec::new();
    for link in &relations.uses {
        if is_own(link.from)
            && let Some(name) = name(link.to)
        {
            // It stands under "uses".
            uses.push(match link.how {
                "uses" => name.to_owned(),
                how => format!("{how} {name}"),
            });
        }
        if is_own(link.to)
            && let Some(name) = name(link.from)
        {
            called_by.push(name.to_owned());
        }
    }
    let blueprint = spec.blueprint.as_set();
    let document = blueprint.and_then(|blueprint| blueprint.document().ok());
    Entry {
        address: address.clone(),
        name: spec.name.clone(),
        folder,
        active: spec.active.as_set().copied().unwrap_or(false),
        schedule: schedule.map(|schedule| schedule.in_words()),
        week: schedule.and_then(|schedule| week(&schedule.to_make())),
        uses,
        called_by,
        trouble: facts.map(trouble).unwrap_or_default(),
        operations: None,
        runs: None,
        drawing: document
            .map(|document| drawing_of(&document))
            .unwrap_or_default(),
    }
}

fn trouble(facts: &Facts) -> Vec<String> {
    let mut found = Vec::new();
    if facts.invalid {
        found.push("Make can't run it because of errors".to_owned());
    }
    if facts.paused {
        found.push("it is paused".to_owned());
    }
    match facts.incomplete {
        Some(1) => found.push("1 incomplete execution".to_owned()),
        Some(count) if count > 1 => found.push(format!("{count} incomplete executions")),
        Some(_) | None => {}
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Lately, catalogue};
    use crate::{
        model::{Consumed, Consumptions, Field, Kind, RemoteId, RunTally},
        plan::testing::{World, doing, every, make},
    };

    fn things_id(world: &World) -> RemoteId {
        let mut ids = world
            .snapshot
            .of(Kind::Scenario)
            .map(|live| live.id.clone());
        ids.next().unwrap()
    }

    #[test]
    fn what_runs_when_and_with_which_trouble_is_told() {
        let mut world = World::new();
        let mut one = doing("One", json!([{"id": 1, "module": "a:b"}]));
        one.active = Field::Set(true);
        one.schedule = every(15);
        world.declare("scenario.one", make(one));
        world.settle();
        let things = world.snapshot.live.get_mut(&Kind::Scenario).unwrap();
        for live in things.values_mut() {
            assert!(matches!(live.id, RemoteId::Int(_)));
            live.facts.invalid = true;
            live.facts.incomplete = Some(3);
        }
        let id = things_id(&world);
        let tally = RunTally {
            runs: 8,
            errors: 2,
            warnings: 0,
            since: None,
            last_failed: true,
            is_part: false,
        };
        let objects = [("scenario.one".parse().unwrap(), id.clone())].into();
        let consumed = Consumed {
            operations: 41,
            ..Consumed::none()
        };
        let past = Lately {
            consumed: Some(Consumptions {
                since: None,
                scenarios: vec![(id.clone(), consumed)],
            }),
            runs: Some([(id, tally.clone())].into()),
        };
        let catalogue = catalogue(&world.desired, &objects, &world.snapshot, &past);
        let [entry] = catalogue.entries.as_slice() else {
            unreachable!("{catalogue:?}");
        };
        assert!(entry.active);
        assert_eq!(entry.schedule.as_deref(), Some("every 15m"));
        assert_eq!(entry.week.as_ref().unwrap().0[0][0], 4.0);
        assert_eq!(entry.drawing.nodes.len(), 1);
        let trouble = [
            "Make can't run it because of errors",
            "3 incomplete executions",
            "its last run failed",
        ];
        assert_eq!(entry.trouble, trouble);
        assert_eq!((entry.operations, &entry.runs), (Some(41), &Some(tally)));
    }
}
