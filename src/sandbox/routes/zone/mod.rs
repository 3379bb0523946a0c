//! The API of Make's zones, kind by kind.

mod agents;
mod apps;
mod blueprint;
mod connected_systems;
mod connections;
mod custom_properties;
mod custom_property_items;
mod custom_property_structures;
mod custom_roles;
mod data_stores;
mod data_structures;
mod enums;
mod folders;
mod hooks;
mod invitations;
mod keys;
mod memberships;
mod organization_roles;
mod organizations;
mod private_spaces;
mod public_templates;
mod removal;
mod role_table;
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
mod variables;

pub(super) use routes::ROUTES;
