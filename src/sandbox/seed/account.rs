//! An invented account: what a team that has used Make for some years has in it.
//!
//! In go a number of scenarios and a seed; out come connections, keys, data stores, data
//! structures, folders, hooks, people, variables and scenarios with their blueprints, in team 1
//! of a world.
//! Scenarios are made and written some at a time, so that ten thousand need little memory.

use std::collections::BTreeSet;

use fastrand::Rng;
use serde_json::{Value, json};

use crate::sandbox::{Batch, Collection, World, WorldError};

use super::blueprint::{Generator, Size, Start};
use super::dice::{chance, weighted};
use super::reference::{Named, Sort};
use super::report::{SeedError, SeedReport};
use super::rows::{self, Scenario, TEAM, moment};
use super::schedule::schedule;
use super::team::Team;
use super::{variables, walk, words};

/// Scenarios written in one transaction: few enough to be small in memory, many enough that
/// waiting for the disk takes no time.
const STRIDE: usize = 100;

/// What to invent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeedOptions {
    /// How many scenarios, those that others call included.
    pub scenarios: usize,
    /// Decides everything else: the same seed gives the same account.
    pub seed: u64,
}

/// Invents an account and puts it into team 1 of a world, beside what is there.
///
/// `progress` is told the number of scenarios made so far, now and then and at the end.
pub fn seed_account(
    world: &World,
    options: &SeedOptions,
    progress: &mut dyn FnMut(usize),
) -> Result<SeedReport, SeedError> {
    let mut rng = Rng::with_seed(options.seed);
    let mut report = SeedReport::default();
    let team = world.batch(|batch| match batch.get(Collection::Teams, TEAM)? {
        Some(_) => Team::furnish(batch, &mut rng, options.scenarios, &mut report).map(Some),
        None => Ok(None),
    })?;
    let team = team.ok_or(SeedError::NoTeam)?;
    let mut account = Account {
        rng,
        team,
        names: BTreeSet::new(),
        report,
    };
    // What others call comes first: from then on it can be called.
    let called = (options.scenarios * 3)
        .div_ceil(100)
        .min(options.scenarios / 4);
    let mut kinds = (0..options.scenarios).map(|index| index < called);
    loop {
        let stride: Vec<bool> = kinds.by_ref().take(STRIDE).collect();
        if stride.is_empty() {
            break;
        }
        world.batch(|batch| {
            stride
                .iter()
                .try_for_each(|called| account.scenario(batch, *called))
        })?;
        progress(account.report.scenarios);
    }
    // By dice of their own: what was made before there were variables is made as it was.
    let mut rng = Rng::with_seed(!options.seed);
    account.report.variables =
        world.batch(|batch| variables::put(batch, &mut rng, options.scenarios))?;
    // Hooks that somebody made and never used.
    let spare = options.scenarios.div_ceil(50);
    world.batch(|batch| account.spare_hooks(batch, spare))?;
    Ok(account.report)
}

/// An account while its scenarios are made.
struct Account {
    rng: Rng,
    team: Team,
    /// Scenario names given out, to repeat one only where that is meant.
    names: BTreeSet<String>,
    report: SeedReport,
}

impl Account {
    /// One scenario with its blueprint, and its hook if it has one.
    fn scenario(&mut self, batch: &mut Batch<'_>, called: bool) -> Result<(), WorldError> {
        let id = batch.next_id(Collection::Scenarios)?;
        let name = self.name();
        let start = match called {
            true => Start::Called,
            false if chance(&mut self.rng, 380) => self.hook(batch, &name, Some(id))?,
            false => Start::Polling,
        };
        let size = Size::usual(&mut self.rng);
        let blueprint =
            Generator::new(self.rng.u64(..), &self.team.pool).blueprint(&name, &start, size);
        let active = called || chance(&mut self.rng, 640);
        let scheduling = schedule(&mut self.rng, &start);
        let timed = scheduling
            .get("type")
            .is_some_and(|kind| kind != "on-demand" && kind != "immediately");
        let age = self.rng.i64(30..1_200);
        let scenario = Scenario {
            id,
            description: self.description(),
            hook: match &start {
                Start::Hook(hook) => Some(hook.id),
                Start::Polling | Start::Called => None,
            },
            folder: if chance(&mut self.rng, 780) {
                self.rng.choice(&self.team.folders).copied()
            } else {
                None
            },
            active,
            invalid: !active && chance(&mut self.rng, 60),
            incomplete: if chance(&mut self.rng, 30) {
                self.rng.u64(1..40)
            } else {
                0
            },
            packages: walk::packages(&blueprint),
            scheduling,
            version: self.rng.u64(1..60),
            next_module: walk::next_module(&blueprint),
            created: moment(&mut self.rng, age, age + 30),
            edited: moment(&mut self.rng, 0, age),
            next_run: (active && timed).then(|| moment(&mut self.rng, -1, 0)),
            author: self
                .rng
                .choice(&self.team.people)
                .cloned()
                .unwrap_or_default(),
            editor: self
                .rng
                .choice(&self.team.people)
                .cloned()
                .unwrap_or_default(),
            name,
        };
        if called {
            let label = scenario.name.clone();
            self.team.pool.scenarios.push(Named {
                id,
                label,
                type_name: String::new(),
            });
        }
        batch.put(Collection::Scenarios, id, &scenario.row())?;
        let inputs = match start {
            Start::Called => blueprint.pointer("/flow/0/metadata/interface").cloned(),
            Start::Hook(_) | Start::Polling => None,
        };
        let kept = rows::blueprint(blueprint, inputs.unwrap_or(json!([])));
        batch.put(Collection::Blueprints, id, &kept)?;
        self.report.scenarios += 1;
        Ok(())
    }

    /// A name; one in fifty was given to another scenario as well.
    fn name(&mut self) -> String {
        let mut name = words::scenario_name(&mut self.rng);
        if chance(&mut self.rng, 20) && !self.names.is_empty() {
            let place = self.rng.usize(..self.names.len());
            return self.names.iter().nth(place).cloned().unwrap_or(name);
        }
        let mut copies = 1;
        let plain = name.clone();
        while !self.names.insert(name.clone()) {
            copies += 1;
            name = format!("{plain} ({copies})");
        }
        name
    }

    fn description(&mut self) -> String {
        match self.rng.u8(..20) {
            0..9 => String::new(),
            // What the API was seen to give for a description that nobody wrote.
            9..12 => "\n".to_owned(),
            12 => format!(
                "{}\n{}",
                words::sentence(&mut self.rng),
                words::sentence(&mut self.rng)
            ),
            _ => words::sentence(&mut self.rng),
        }
    }

    fn hook(
        &mut self,
        batch: &mut Batch<'_>,
        name: &str,
        scenario: Option<u64>,
    ) -> Result<Start, WorldError> {
        let id = batch.next_id(Collection::Hooks)?;
        let type_name = weighted(&mut self.rng, HOOK_TYPES).unwrap_or("gateway-webhook");
        let label = if chance(&mut self.rng, 30) {
            "My gateway-webhook webhook".to_owned()
        } else {
            format!("{name} in").chars().take(128).collect()
        };
        let named = Named {
            id,
            label,
            type_name: type_name.to_owned(),
        };
        let further = match self
            .team
            .pool
            .choose(&mut self.rng, Sort::Connection, type_name)
        {
            Some(connection) => json!({"__IMTCONN__": connection.id}),
            None => match self.rng.choice(&self.team.pool.data_structures) {
                Some(structure) if type_name == "gateway-webhook" && id % 5 == 0 => {
                    json!({"udt": structure.id})
                }
                _ => Value::Null,
            },
        };
        let row = rows::hook(&mut self.rng, &named, scenario, further);
        batch.put(Collection::Hooks, id, &row)?;
        self.report.hooks += 1;
        Ok(Start::Hook(named))
    }

    fn spare_hooks(&mut self, batch: &mut Batch<'_>, amount: usize) -> Result<(), WorldError> {
        for number in 0..amount {
            let name = format!("test {} {number}", words::subject(&mut self.rng));
            self.hook(batch, &name, None)?;
        }
        Ok(())
    }
}

/// Types of hooks, and how often each is met.
const HOOK_TYPES: &[(u32, &str)] = &[
    (74, "gateway-webhook"),
    (8, "gateway-mailhook"),
    (7, "telegram"),
    (6, "jotform"),
    (5, "airtable3"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::Value;

    use super::{SeedOptions, SeedReport, seed_account};
    use crate::sandbox::{Collection, World, WorldOptions};

    type Rows = BTreeMap<(Collection, u64), Value>;

    fn seeded(scenarios: usize, seed: u64) -> (Rows, SeedReport, Vec<usize>) {
        let folder = tempfile::tempdir().unwrap();
        let world = World::open(folder.path(), WorldOptions::default()).unwrap();
        let mut progress = Vec::new();
        let options = SeedOptions { scenarios, seed };
        let report = seed_account(&world, &options, &mut |done| progress.push(done)).unwrap();
        let mut rows = Rows::new();
        world
            .batch(|batch| {
                Collection::ALL.iter().try_for_each(|collection| {
                    batch.each(*collection, |id, row| {
                        rows.insert((*collection, id), row);
                    })
                })
            })
            .unwrap();
        (rows, report, progress)
    }

    #[test]
    fn the_same_seed_gives_the_same_account_byte_for_byte() {
        let text = |rows: &Rows| rows.values().map(Value::to_string).collect::<Vec<_>>();
        assert_eq!(text(&seeded(30, 4).0), text(&seeded(30, 4).0));
        assert_ne!(text(&seeded(30, 4).0), text(&seeded(30, 5).0));
    }

    #[test]
    fn an_account_has_what_accounts_have() {
        let (rows, report, progress) = seeded(400, 1);
        assert_eq!(
            (report.scenarios, progress),
            (400, vec![100, 200, 300, 400])
        );
        let of = |wanted| {
            rows.iter()
                .filter(move |((collection, _), _)| *collection == wanted)
                .map(|(_, row)| row)
        };
        let scenarios: Vec<&Value> = of(Collection::Scenarios).collect();
        let count = |is: &dyn Fn(&Value) -> bool| scenarios.iter().filter(|row| is(row)).count();
        for kind in [
            "immediately",
            "indefinitely",
            "once",
            "daily",
            "weekly",
            "monthly",
            "yearly",
            "on-demand",
        ] {
            assert!(
                count(&|row| row["scheduling"]["type"] == kind) > 0,
                "{kind}"
            );
        }
        assert!((220..320).contains(&count(&|row| row["isActive"] == true)));
        assert!(count(&|row| row["description"] == "\n") > 0);
        // Each hook feeds one scenario, which says so too and runs at once; some feed none.
        for hook in of(Collection::Hooks) {
            let Some(id) = hook["scenarioId"].as_u64() else {
                continue;
            };
            let scenario = &rows[&(Collection::Scenarios, id)];
            assert_eq!(
                (&scenario["hookId"], &scenario["scheduling"]["type"]),
                (&hook["id"], &Value::from("immediately"))
            );
            let first = &rows[&(Collection::Blueprints, id)]["blueprint"]["flow"][0]["parameters"];
            assert!([&first["hook"], &first["__IMTHOOK__"]].contains(&&hook["id"]));
        }
        assert_eq!(
            of(Collection::Hooks)
                .filter(|hook| hook.get("scenarioId").is_none())
                .count(),
            8
        );
        // What stands in the rows of data stores is so.
        let mut full = 0;
        for store in of(Collection::DataStores) {
            let records: Vec<&Value> = of(Collection::Records)
                .filter(|record| record["dataStoreId"] == store["id"])
                .collect();
            assert_eq!(store["records"], records.len());
            let size: u64 = records
                .iter()
                .map(|record| crate::sandbox::record::size(record))
                .sum();
            assert_eq!(store["size"], size.to_string());
            full += usize::from(records.len() > 10 && store["datastructureId"].is_u64());
        }
        assert_eq!(full, 1);
        assert!(of(Collection::DataStructures).any(|structure| structure["strict"] == true));
        assert_eq!((of(Collection::Devices).count(), report.devices), (3, 3));
        assert_eq!(
            (of(Collection::Functions).count(), report.functions),
            (5, 5)
        );
        let is_huge = |row: &Value| row["uid"].is_number() && row["uid"].as_u64().is_none();
        assert!(of(Collection::Connections).any(is_huge));
        assert!(of(Collection::Connections).all(|row| row.get("connectedSystemId").is_some()));
        assert_eq!(
            (report.variables, of(Collection::Variables).count()),
            (10, 10)
        );
        for variable in of(Collection::Variables) {
            let (kind, value) = (&variable["typeId"], &variable["value"]);
            assert_eq!(kind == 1, value.is_number(), "{variable}");
            assert_eq!(kind == 3, value.is_boolean(), "{variable}");
        }
        assert!(of(Collection::Folders).any(|folder| folder["parentId"].is_u64()));
        let names: std::collections::BTreeSet<&str> = scenarios
            .iter()
            .filter_map(|row| row["name"].as_str())
            .collect();
        assert!((380..400).contains(&names.len()), "{} names", names.len());
        assert!(names.iter().all(|name| name.chars().count() <= 120));
    }
}
