//! Specs as written -> specs of the model, kind by kind, with all that is wrong with them.

mod blueprint;
mod data;
mod health;
mod lifecycle;
mod moments;
mod people;
mod scenario;
mod schedule;
#[cfg(test)]
mod schedule_tests;
mod thing;
mod variable;
mod webhook;

pub(super) use data::{MOST_MB, NAME as DATA_NAME};
pub(super) use lifecycle::{fields_of, ignored_path};
pub(super) use moments::{DAYS, MONTHS};
pub(super) use people::TEAM_NAME;
pub(super) use scenario::{DESCRIPTION, SCENARIO_NAME};
pub(super) use schedule::{MOST_RUNS, RHYTHMS};
pub(super) use thing::{FOLDER_NAME, lower};
pub(super) use variable::NAME as VARIABLE_NAME;
pub(super) use webhook::{HOOK_NAME, METHODS, OWN_TYPES};
