//! A scenario.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Link, Schedule};
use crate::model::{Address, Blueprint, Field, reference::Template};

/// When a scenario runs: said here, or by a Schedule that several share.
#[derive(Clone, Debug, PartialEq)]
pub enum ScheduleUse {
    /// Said in the scenario's own manifest, or read from the account.
    Inline(Schedule),
    /// `schedule: schedule.office-hours`.
    Shared(Address),
}

/// A scenario: name, blueprint, schedule, and whether it is on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScenarioSpec {
    /// The name that Make shows; at most 120 characters. Wins over the blueprint's own.
    pub name: String,
    /// Its folder; null is the top level.
    pub folder: Field<Link>,
    /// At most 240 characters.
    pub description: Field<Template>,
    /// Whether it is switched on.
    pub active: Field<bool>,
    /// When it runs.
    pub schedule: Field<ScheduleUse>,
    /// What it does.
    pub blueprint: Field<Blueprint>,
    /// Settings of `metadata.scenario`; each wins over the blueprint's own.
    pub settings: Settings,
    /// The inputs that a run takes, and what it gives back. Inputs need an on-demand schedule.
    pub interface: Field<Interface>,
    /// Values of the organization's custom properties, by their names. All of them: what is not
    /// named is taken away.
    pub custom_properties: Field<Map<String, Value>>,
    /// A word or a number; in the unified dialect only.
    pub priority: Field<Value>,
}

/// What a scenario takes and gives: fields as those of data structures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interface {
    /// `input_spec`.
    pub input: Vec<Value>,
    /// `output_spec`.
    pub output: Vec<Value>,
}

/// The scenario settings, which Make keeps inside the blueprint as `metadata.scenario`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `maxErrors`: consecutive errors before Make switches the scenario off.
    pub max_errors: Field<u64>,
    /// `autoCommit`: commit after each module.
    pub auto_commit: Field<bool>,
    /// `autoCommitTriggerLast`: commit the trigger last.
    pub auto_commit_trigger_last: Field<bool>,
    /// `sequential`: no parallel runs.
    pub sequential: Field<bool>,
    /// `confidential`: keep no data of runs.
    pub confidential: Field<bool>,
    /// `dataLoss`, in Make `dataloss`: go on when storage is full.
    pub data_loss: Field<bool>,
    /// `keepIncomplete`, in Make `dlq`: keep incomplete executions.
    pub keep_incomplete: Field<bool>,
    /// `freshVariables`: refresh variables in each run.
    pub fresh_variables: Field<bool>,
    /// `roundtrips`: the most cycles of one run.
    pub roundtrips: Field<u64>,
}

impl Settings {
    /// Each setting as its name in manifests, its name in `metadata.scenario`, and its value;
    /// null where the manifest clears it.
    pub fn entries(&self) -> Vec<(&'static str, &'static str, Field<Value>)> {
        let Self {
            max_errors,
            auto_commit,
            auto_commit_trigger_last,
            sequential,
            confidential,
            data_loss,
            keep_incomplete,
            fresh_variables,
            roundtrips,
        } = self;
        let number = |field: &Field<u64>| field.as_ref().map(|n| Value::from(*n));
        let flag = |field: &Field<bool>| field.as_ref().map(|b| Value::from(*b));
        vec![
            ("maxErrors", "maxErrors", number(max_errors)),
            ("autoCommit", "autoCommit", flag(auto_commit)),
            (
                "autoCommitTriggerLast",
                "autoCommitTriggerLast",
                flag(auto_commit_trigger_last),
            ),
            ("sequential", "sequential", flag(sequential)),
            ("confidential", "confidential", flag(confidential)),
            ("dataLoss", "dataloss", flag(data_loss)),
            ("keepIncomplete", "dlq", flag(keep_incomplete)),
            ("freshVariables", "freshVariables", flag(fresh_variables)),
            ("roundtrips", "roundtrips", number(roundtrips)),
        ]
    }
}
