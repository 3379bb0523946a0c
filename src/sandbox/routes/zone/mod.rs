//! The API of Make's zones, kind by kind.

mod apps;
mod blueprint;
mod connections;
mod data_stores;
mod data_structures;
mod enums;
mod folders;
mod hooks;
mod keys;
mod memberships;
mod organizations;
mod roles;
mod routes;
mod scenario_blueprints;
mod scenario_interface;
mod scenario_row;
mod scenario_runs;
mod scenarios;
mod scheduling;
mod scope;
mod teams;
mod tokens;
mod users;

pub(super) use enums::time_zone;
pub(super) use routes::ROUTES;
