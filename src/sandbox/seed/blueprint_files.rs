//! A folder of blueprint files, as Make's editor exports them, loaded as an account.
//!
//! In go files; out come one scenario for each and stand-ins for what they name: connections,
//! keys, hooks, data stores, data structures and called scenarios, with the ids and labels of
//! the files. All files are read and checked before anything is written, and everything is
//! written at once. Their blueprints are kept in memory as text until then.

use std::fs;
use std::path::{Path, PathBuf};

use fastrand::Rng;
use serde_json::{Value, json};

use crate::sandbox::{Batch, Collection, World, WorldError};

use super::place::{each_place, hook_of};
use super::reference::{Named, Sort};
use super::report::{SeedError, SeedReport};
use super::rows::{self, Scenario, TEAM};
use super::stand_in::{Owner, StandIn, StandIns};
use super::strict_json;
use super::walk;

/// When everything that is loaded was made and last changed, as far as its world knows.
const LOADED: &str = "2026-01-01T00:00:00.000Z";

/// Loads each `*.json` below a folder into team 1 of a world, in the order of their paths: a
/// scenario for each, inactive, and stand-ins for what they name; or the stand-ins alone.
pub fn seed_blueprints(
    world: &World,
    dir: &Path,
    stand_ins_only: bool,
) -> Result<SeedReport, SeedError> {
    let mut stand_ins = StandIns::default();
    let mut files = Vec::new();
    for path in json_files(dir)? {
        files.push(BlueprintFile::read(dir, path, &mut stand_ins)?);
    }
    if files.is_empty() {
        return Err(SeedError::NoFiles {
            path: dir.to_path_buf(),
        });
    }
    let report = world.batch(|batch| {
        if batch.get(Collection::Teams, TEAM)?.is_none() {
            return Ok(None);
        }
        Loading::begin(batch, stand_ins)?
            .load(batch, &files, stand_ins_only)
            .map(Some)
    })?;
    report.ok_or(SeedError::NoTeam)
}

/// The `*.json` files below a folder, sorted by path.
fn json_files(dir: &Path) -> Result<Vec<PathBuf>, SeedError> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(SeedError::read(&folder))? {
            let path = entry.map_err(SeedError::read(&folder))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                found.push(path);
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// A file that holds a blueprint.
struct BlueprintFile {
    /// Its path below the folder, for notes.
    name: String,
    /// The blueprint, minified.
    text: String,
}

impl BlueprintFile {
    /// Reads and checks a file, and reserves the ids in it.
    fn read(dir: &Path, path: PathBuf, stand_ins: &mut StandIns) -> Result<Self, SeedError> {
        let text = fs::read_to_string(&path).map_err(SeedError::read(&path))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let parsed = strict_json::parse(text);
        let mut blueprint = parsed.map_err(|fault| SeedError::Json {
            path: path.clone(),
            line: fault.line,
            column: fault.column,
            reason: fault.reason,
        })?;
        if !blueprint.get("flow").is_some_and(Value::is_array) {
            let reason = "it has no list of modules called `flow`".to_owned();
            return Err(SeedError::NoBlueprint { path, reason });
        }
        let name = path
            .strip_prefix(dir)
            .unwrap_or(&path)
            .display()
            .to_string();
        if !blueprint.get("name").is_some_and(Value::is_string)
            && let Some(fields) = blueprint.as_object_mut()
        {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            fields.insert("name".to_owned(), json!(stem));
        }
        each_place(&mut blueprint, &mut |place| {
            stand_ins.reserve(place.sort, place.id)
        });
        Ok(Self {
            name,
            text: blueprint.to_string(),
        })
    }
}

/// The rows that are made, within one transaction.
struct Loading {
    stand_ins: StandIns,
    author: Value,
    report: SeedReport,
}

impl Loading {
    /// Looks at what the world has.
    fn begin(batch: &mut Batch<'_>, mut stand_ins: StandIns) -> Result<Self, WorldError> {
        for sort in Sort::ALL {
            let type_field = if sort == Sort::Connection {
                "accountName"
            } else {
                "typeName"
            };
            batch.each(collection(sort), |id, row| {
                let text = |field| row.get(field).and_then(Value::as_str).unwrap_or_default();
                let named = Named {
                    id,
                    label: text("name").to_owned(),
                    type_name: text(type_field).to_owned(),
                };
                let ours = row.get("teamId").and_then(Value::as_u64) == Some(TEAM);
                let had = row.get("scenarioId").is_some_and(Value::is_u64);
                let owner = if !ours || had {
                    Owner::Foreign
                } else {
                    Owner::Nobody
                };
                stand_ins.add_existing(sort, named, owner);
            })?;
        }
        for sort in Sort::ALL {
            // Fresh ids lie above all that the world has ever given out.
            stand_ins.reserve(sort, batch.next_id(collection(sort))?);
        }
        let mut people = Vec::new();
        batch.each(Collection::Users, |_, user| people.push(user))?;
        let author = people.first().map_or(Value::Null, |user| {
            json!({"id": user.get("id"), "name": user.get("name"), "email": user.get("email")})
        });
        Ok(Self {
            stand_ins,
            author,
            report: SeedReport::default(),
        })
    }

    fn load(
        mut self,
        batch: &mut Batch<'_>,
        files: &[BlueprintFile],
        stand_ins_only: bool,
    ) -> Result<SeedReport, WorldError> {
        let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
        for (number, file) in files.iter().enumerate() {
            let Ok(mut blueprint) = serde_json::from_str(&file.text) else {
                continue; // never: the text was written from a value
            };
            let (stand_ins, notes) = (&mut self.stand_ins, &mut self.report.notes);
            each_place(&mut blueprint, &mut |mut place| {
                let id = stand_ins.settle(&place, number, &names, notes);
                place.rename(id);
            });
            if !stand_ins_only {
                self.scenario(batch, blueprint)?;
            }
        }
        for (sort, thing) in self.stand_ins.take() {
            self.thing(batch, sort, thing)?;
        }
        Ok(self.report)
    }

    /// The scenario of a file, off, with its hook if an event starts it.
    fn scenario(&mut self, batch: &mut Batch<'_>, blueprint: Value) -> Result<(), WorldError> {
        let id = self.stand_ins.fresh(Sort::Scenario);
        let first = blueprint
            .pointer("/flow/0")
            .and_then(Value::as_object)
            .cloned();
        let mut first = first.unwrap_or_default();
        let hook = hook_of(&mut first);
        if let Some(hook) = hook {
            self.stand_ins.give_hook(hook, id);
        }
        let instant = hook.is_some() || first.get("listener") == Some(&Value::Bool(true));
        let kind = if instant { "immediately" } else { "on-demand" };
        self.put(batch, id, hook, kind, false, blueprint)?;
        self.report.scenarios += 1;
        Ok(())
    }

    /// A thing that files name, unless the world has it.
    fn thing(
        &mut self,
        batch: &mut Batch<'_>,
        sort: Sort,
        thing: StandIn,
    ) -> Result<(), WorldError> {
        let StandIn {
            named,
            there,
            scenario,
            ..
        } = thing;
        let id = named.id;
        match sort {
            Sort::Hook if there => {
                // It was nobody's, and may have become the trigger of a file's scenario.
                let Some(scenario) = scenario else {
                    return Ok(());
                };
                let Some(mut row) = batch.get(Collection::Hooks, id)? else {
                    return Ok(());
                };
                if let Some(fields) = row.as_object_mut() {
                    fields.insert("scenarioId".to_owned(), json!(scenario));
                }
                return batch.put(Collection::Hooks, id, &row);
            }
            _ if there => return Ok(()),
            Sort::Hook => {
                // The id is the seed: the same hook has the same URL in every world.
                let row = rows::hook(&mut Rng::with_seed(id), &named, scenario, Value::Null);
                batch.put(Collection::Hooks, id, &row)?;
            }
            Sort::Scenario => self.put(batch, id, None, "on-demand", true, called(&named.label))?,
            Sort::Connection | Sort::Key | Sort::DataStore | Sort::DataStructure => {
                batch.put(collection(sort), id, &rows::thing(sort, &named))?;
            }
        }
        let report = &mut self.report;
        *match sort {
            Sort::Connection => &mut report.connections,
            Sort::Key => &mut report.keys,
            Sort::Hook => &mut report.hooks,
            Sort::DataStore => &mut report.data_stores,
            Sort::DataStructure => &mut report.data_structures,
            Sort::Scenario => &mut report.called_scenarios,
        } += 1;
        Ok(())
    }

    fn put(
        &self,
        batch: &mut Batch<'_>,
        id: u64,
        hook: Option<u64>,
        kind: &str,
        active: bool,
        blueprint: Value,
    ) -> Result<(), WorldError> {
        let name = blueprint
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let scenario = Scenario {
            id,
            name: name.to_owned(),
            description: String::new(),
            hook,
            folder: None,
            active,
            invalid: false,
            incomplete: 0,
            packages: walk::packages(&blueprint),
            scheduling: json!({"type": kind}),
            version: 1,
            next_module: walk::next_module(&blueprint),
            created: LOADED.to_owned(),
            edited: LOADED.to_owned(),
            next_run: None,
            author: self.author.clone(),
            editor: self.author.clone(),
        };
        batch.put(Collection::Scenarios, id, &scenario.row())?;
        batch.put(
            Collection::Blueprints,
            id,
            &rows::blueprint(blueprint, json!([])),
        )
    }
}

/// The smallest scenario that others can call.
fn called(name: &str) -> Value {
    json!({
        "name": name,
        "flow": [{"id": 1, "module": "scenario-service:StartSubscenario", "version": 1,
            "parameters": {}, "mapper": {}, "metadata": {"designer": {"x": 0, "y": 0}}}],
        "metadata": {"version": 1, "designer": {"orphans": []}},
    })
}

/// Where a world keeps things of a sort.
fn collection(sort: Sort) -> Collection {
    match sort {
        Sort::Connection => Collection::Connections,
        Sort::Key => Collection::Keys,
        Sort::Hook => Collection::Hooks,
        Sort::DataStore => Collection::DataStores,
        Sort::DataStructure => Collection::DataStructures,
        Sort::Scenario => Collection::Scenarios,
    }
}
