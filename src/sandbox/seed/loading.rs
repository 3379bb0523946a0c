//! What blueprint files ask for -> rows of a world: a scenario for each file, and stand-ins for
//! what they name, unless the world has them.
//!
//! All of it happens within one transaction, which the caller opens. No file is read here.

use fastrand::Rng;
use serde_json::{Value, json};

use crate::sandbox::{Batch, Collection, WorldError};

use super::blueprint_files::BlueprintFile;
use super::place::{each_place, hook_of};
use super::reference::{Named, Sort};
use super::report::SeedReport;
use super::rows::{self, Scenario, TEAM};
use super::stand_in::{Owner, StandIn, StandIns};
use super::walk;

/// When everything that is loaded was made and last changed, as far as its world knows.
const LOADED: &str = "2026-01-01T00:00:00.000Z";

/// The rows that are made, within one transaction.
pub(super) struct Loading {
    stand_ins: StandIns,
    author: Value,
    report: SeedReport,
}

impl Loading {
    /// Looks at what the world has.
    pub(super) fn begin(
        batch: &mut Batch<'_>,
        mut stand_ins: StandIns,
    ) -> Result<Self, WorldError> {
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

    /// Makes the rows of all files, or of the stand-ins alone.
    pub(super) fn load(
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
        let scheduling = json!({"type": kind});
        let scenario = Scenario {
            hook,
            scheduling,
            ..self.plain(id, &blueprint)
        };
        put(batch, scenario, blueprint)?;
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
        if there {
            return match scenario {
                Some(scenario) => feed(batch, id, scenario),
                None => Ok(()),
            };
        }
        match sort {
            Sort::Hook => {
                // The id is the seed: the same hook has the same URL in every world.
                let row = rows::hook(&mut Rng::with_seed(id), &named, scenario, Value::Null);
                batch.put(Collection::Hooks, id, &row)?;
            }
            Sort::Scenario => {
                let blueprint = called(&named.label);
                let scenario = Scenario {
                    active: true,
                    ..self.plain(id, &blueprint)
                };
                put(batch, scenario, blueprint)?;
            }
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

    /// A scenario that is off and runs when it is told to.
    fn plain(&self, id: u64, blueprint: &Value) -> Scenario {
        let name = blueprint
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        Scenario {
            id,
            name: name.to_owned(),
            description: String::new(),
            hook: None,
            folder: None,
            active: false,
            invalid: false,
            incomplete: 0,
            packages: walk::packages(blueprint),
            scheduling: json!({"type": "on-demand"}),
            version: 1,
            next_module: walk::next_module(blueprint),
            created: LOADED.to_owned(),
            edited: LOADED.to_owned(),
            next_run: None,
            author: self.author.clone(),
            editor: self.author.clone(),
        }
    }
}

/// Gives a hook that was nobody's to a scenario.
fn feed(batch: &mut Batch<'_>, hook: u64, scenario: u64) -> Result<(), WorldError> {
    let Some(mut row) = batch.get(Collection::Hooks, hook)? else {
        return Ok(());
    };
    if let Some(fields) = row.as_object_mut() {
        fields.insert("scenarioId".to_owned(), json!(scenario));
    }
    batch.put(Collection::Hooks, hook, &row)
}

fn put(batch: &mut Batch<'_>, scenario: Scenario, blueprint: Value) -> Result<(), WorldError> {
    let id = scenario.id;
    batch.put(Collection::Scenarios, id, &scenario.row())?;
    batch.put(
        Collection::Blueprints,
        id,
        &rows::blueprint(blueprint, json!([])),
    )
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
