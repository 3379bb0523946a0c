//! The API of Make's zones, kind by kind.

mod apps;
pub(in crate::sandbox) mod blueprint;
mod connections;
mod data_stores;
mod data_structures;
mod dlqs;
pub(in crate::sandbox) mod enums;
mod executions;
mod folders;
mod hook_queue;
mod hooks;
mod keys;
mod memberships;
mod organizations;
mod roles;
mod routes;
mod scenario_blueprints;
mod scenario_interface;
pub(in crate::sandbox) mod scenario_row;
mod scenario_runs;
mod scenarios;
mod scheduling;
pub(in crate::sandbox) mod scope;
mod teams;
mod usage;
mod users;

pub(super) use routes::ROUTES;
