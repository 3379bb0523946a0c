//! An invented account: what a team that has used Make for some years has in it.
//!
//! In go a number of scenarios and a seed; out come connections, keys, data stores, data
//! structures, folders, hooks, people and scenarios with their blueprints, in team 1 of a world.
//! Scenarios are made and written some at a time, so that ten thousand need little memory.

use std::collections::BTreeSet;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::sandbox::{Batch, Collection, World, WorldError};

use super::blueprint::{Generator, Size, Start};
use super::dice::{chance, pick, weighted};
use super::reference::{Named, Pool, Sort};
use super::report::{SeedError, SeedReport};
use super::rows::{self, Scenario, TEAM};
use super::schedule::schedule;
use super::{walk, words};

/// Scenarios written in one transaction: few enough to be small in memory, many enough that
/// waiting for the disk takes no time.
const STRIDE: usize = 100;

/// The latest moment at which anything in an invented account happened: 2026-10-30.
const NOW: i64 = 1_793_318_400;

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
    let mut account = Account::new(*options);
    let found = world.batch(|batch| {
        let found = batch.get(Collection::Teams, TEAM)?.is_some();
        if found {
            account.furnish(batch)?;
        }
        Ok(found)
    })?;
    if !found {
        return Err(SeedError::NoTeam);
    }
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
    world.batch(|batch| account.spare_hooks(batch))?;
    Ok(account.report)
}

/// An account while it is made.
struct Account {
    rng: Rng,
    scenarios: usize,
    pool: Pool,
    people: Vec<Value>,
    folders: Vec<u64>,
    /// Scenario names given out, to repeat one only where that is meant.
    names: BTreeSet<String>,
    report: SeedReport,
}

impl Account {
    fn new(options: SeedOptions) -> Self {
        Self {
            rng: Rng::with_seed(options.seed),
            scenarios: options.scenarios,
            pool: Pool::default(),
            people: Vec::new(),
            folders: Vec::new(),
            names: BTreeSet::new(),
            report: SeedReport::default(),
        }
    }

    /// Everything but scenarios and their hooks.
    fn furnish(&mut self, batch: &mut Batch<'_>) -> Result<(), WorldError> {
        self.members(batch)?;
        self.folders(batch)?;
        let hundredths = |rate: usize, least: usize| (self.scenarios * rate / 100).max(least);
        // The first of them give each type once, so that every module finds what it needs.
        let amounts = [
            (Sort::Connection, hundredths(13, CONNECTION_TYPES.len())),
            (Sort::Key, hundredths(4, KEY_TYPES.len())),
            (Sort::DataStructure, hundredths(5, 2)),
            (Sort::DataStore, hundredths(3, 2)),
        ];
        for (sort, amount) in amounts {
            for index in 0..amount {
                self.thing(batch, sort, index)?;
            }
        }
        self.report.connections = self.pool.connections.len();
        self.report.keys = self.pool.keys.len();
        self.report.data_stores = self.pool.data_stores.len();
        self.report.data_structures = self.pool.data_structures.len();
        Ok(())
    }

    /// Invites people, and remembers those who were there.
    fn members(&mut self, batch: &mut Batch<'_>) -> Result<(), WorldError> {
        let mut emails = BTreeSet::new();
        batch.each(Collection::Users, |_, user| {
            emails.extend(user.get("email").and_then(Value::as_str).map(str::to_owned));
            self.people.push(user);
        })?;
        for _ in 0..(self.scenarios / 40).clamp(2, 40) {
            let name = words::person(&mut self.rng);
            let email = words::email(&name);
            if !emails.insert(email.clone()) {
                continue;
            }
            let user = batch.next_id(Collection::Users)?;
            let row = json!({"id": user, "name": name, "email": email, "language": "en",
                "timezoneId": 113, "localeId": 18, "countryId": 1, "features": {}, "avatar": "",
                "lastLogin": self.moment(0, 200)});
            batch.put(Collection::Users, user, &row)?;
            let role = weighted(&mut self.rng, &[(2, 12), (16, 13), (2, 14)]).unwrap_or(13);
            batch.put(
                Collection::UserOrganizationRoles,
                Collection::pair(user, 1),
                &json!({
                "userId": user, "organizationId": 1, "usersRoleId": role, "invitation": null}),
            )?;
            let role = weighted(&mut self.rng, &[(2, 1), (10, 3), (4, 4), (4, 6)]).unwrap_or(3);
            batch.put(
                Collection::UserTeamRoles,
                Collection::pair(user, TEAM),
                &json!({
                "usersRoleId": role, "userId": user, "teamId": TEAM, "changeable": true,
                "ssoPending": false}),
            )?;
            self.people.push(row);
            self.report.members += 1;
        }
        for person in &mut self.people {
            if let Some(fields) = person.as_object_mut() {
                fields.retain(|key, _| matches!(key.as_str(), "id" | "name" | "email"));
            }
        }
        Ok(())
    }

    /// Folders for clients and subjects, and some within them.
    fn folders(&mut self, batch: &mut Batch<'_>) -> Result<(), WorldError> {
        let mut named = BTreeSet::new();
        for _ in 0..(self.scenarios * 6).div_ceil(100) {
            let parent = if chance(&mut self.rng, 350) {
                self.rng.choice(&self.folders).copied()
            } else {
                None
            };
            let name = match parent {
                Some(_) => pick(
                    &mut self.rng,
                    &["Archive", "Drafts", "Helpers", "Monthly", "Old"],
                )
                .to_owned(),
                None if self.rng.bool() => words::client(&mut self.rng).to_owned(),
                None => words::step_name(&mut self.rng),
            };
            // Two folders of a name are found, but not side by side.
            if !named.insert((parent, name.clone())) {
                continue;
            }
            let id = batch.next_id(Collection::Folders)?;
            batch.put(Collection::Folders, id, &rows::folder(id, &name, parent))?;
            self.folders.push(id);
            self.report.folders += 1;
        }
        Ok(())
    }

    fn thing(&mut self, batch: &mut Batch<'_>, sort: Sort, index: usize) -> Result<(), WorldError> {
        let rng = &mut self.rng;
        let client = words::client(rng);
        let (collection, shelf, type_name, label) = match sort {
            Sort::Key => {
                let type_name = one_of(rng, KEY_TYPES, index);
                let label = format!("{client} {type_name}");
                (Collection::Keys, &mut self.pool.keys, type_name, label)
            }
            Sort::DataStore => {
                let label = format!("{client}: {}", words::subject(rng));
                (
                    Collection::DataStores,
                    &mut self.pool.data_stores,
                    "",
                    label,
                )
            }
            Sort::DataStructure => {
                let label = format!("{} of {client}", words::subject(rng));
                (
                    Collection::DataStructures,
                    &mut self.pool.data_structures,
                    "",
                    label,
                )
            }
            Sort::Connection | Sort::Hook | Sort::Scenario => {
                let type_name = one_of(rng, CONNECTION_TYPES, index);
                // The editor proposes the first form, and many leave it at that.
                let label = match rng.u8(..8) {
                    0 => format!("My {type_name} connection"),
                    1..5 => {
                        let owner = words::email(&words::person(rng));
                        format!("My {type_name} connection ({owner})")
                    }
                    _ => format!("{client} {type_name}"),
                };
                (
                    Collection::Connections,
                    &mut self.pool.connections,
                    type_name,
                    label,
                )
            }
        };
        let id = batch.next_id(collection)?;
        let named = Named {
            id,
            label,
            type_name: type_name.to_owned(),
        };
        batch.put(collection, id, &rows::thing(sort, &named))?;
        shelf.push(named);
        Ok(())
    }

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
        let blueprint = Generator::new(self.rng.u64(..), &self.pool).blueprint(&name, &start, size);
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
                self.rng.choice(&self.folders).copied()
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
            created: self.moment(age, age + 30),
            edited: self.moment(0, age),
            next_run: (active && timed).then(|| self.moment(-1, 0)),
            author: self.rng.choice(&self.people).cloned().unwrap_or_default(),
            editor: self.rng.choice(&self.people).cloned().unwrap_or_default(),
            name,
        };
        if called {
            let label = scenario.name.clone();
            self.pool.scenarios.push(Named {
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
        let further = match self.pool.choose(&mut self.rng, Sort::Connection, type_name) {
            Some(connection) => json!({"__IMTCONN__": connection.id}),
            None => match self.rng.choice(&self.pool.data_structures) {
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

    /// Hooks that somebody made and never used.
    fn spare_hooks(&mut self, batch: &mut Batch<'_>) -> Result<(), WorldError> {
        for number in 0..self.scenarios.div_ceil(50) {
            let name = format!("test {} {number}", words::subject(&mut self.rng));
            self.hook(batch, &name, None)?;
        }
        Ok(())
    }

    /// A moment between so many days before the account's present and so many.
    fn moment(&mut self, latest: i64, earliest: i64) -> String {
        let day = 86_400_000;
        let before = self
            .rng
            .i64(latest * day..(earliest * day).max(latest * day + 1));
        Timestamp::from_millisecond(NOW * 1000 - before)
            .map(|moment| moment.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
            .unwrap_or_default()
    }
}

/// Types of connections, the most frequent ones several times.
const CONNECTION_TYPES: &[&str] = &[
    "google",
    "slack2",
    "airtable3",
    "google-restricted",
    "openai-gpt-3",
    "smtp",
    "hubspotcrm",
    "notion2",
    "telegram",
    "imap",
    "app#acme-crm",
    "ai-provider",
    "google",
    "google",
    "google",
    "slack3",
    "airtable2",
    "google-restricted",
    "openai-gpt-3",
    "notion3",
];

const KEY_TYPES: &[&str] = &[
    "apikeyauth",
    "basicauth",
    "apikeyauth",
    "proxy",
    "apikeyauth",
];

const HOOK_TYPES: &[(u32, &str)] = &[
    (74, "gateway-webhook"),
    (8, "gateway-mailhook"),
    (7, "telegram"),
    (6, "jotform"),
    (5, "airtable3"),
];

/// The table in order as far as it goes, then entries of it by chance.
fn one_of(rng: &mut Rng, table: &[&'static str], index: usize) -> &'static str {
    table
        .get(index)
        .copied()
        .unwrap_or_else(|| pick(rng, table))
}

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
        assert!(of(Collection::Folders).any(|folder| folder["parentId"].is_u64()));
        let names: std::collections::BTreeSet<&str> = scenarios
            .iter()
            .filter_map(|row| row["name"].as_str())
            .collect();
        assert!((380..400).contains(&names.len()), "{} names", names.len());
        assert!(names.iter().all(|name| name.chars().count() <= 120));
    }
}
