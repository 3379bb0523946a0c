//! The API of Make's zones, kind by kind.

mod allowance;
mod apps;
mod blueprint;
mod connection_data;
mod connections;
mod credential_actions;
mod credential_requests;
mod credentials;
mod data_stores;
mod data_structures;
mod devices;
mod enums;
mod folders;
mod function_code;
mod functions;
mod hooks;
mod key_types;
mod keys;
mod memberships;
mod organizations;
mod record_data;
mod records;
mod references;
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
mod users;
mod uses;

pub(super) use routes::ROUTES;
