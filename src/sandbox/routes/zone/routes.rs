//! Every route of the zone API that the sandbox answers.

use crate::live::transport::Method::{Delete, Get, Patch, Post, Put};
use crate::sandbox::routes::table::Handler::{Open, Read, Run, Write};
use crate::sandbox::routes::table::{Route, route};

use super::{
    connection_data, connections, credential_actions, credential_requests, credentials,
    data_store_removal, data_stores, data_structures, devices, enums, folders, functions, hooks,
    keys, memberships, organizations, records, roles, scenario_blueprints, scenario_interface,
    scenario_runs, scenarios, teams, tokens, users,
};

/// What a token needs for a route that no scope is asked for.
const ANY_TOKEN: &str = "";

/// Words come before placeholders where both fit: the first that matches answers.
#[rustfmt::skip] // a table
pub(crate) const ROUTES: &[Route] = &[
    route(Get, "/ping", ANY_TOKEN, Open(enums::ping)),
    route(Get, "/enums/timezones", ANY_TOKEN, Read(enums::time_zones)),
    route(Get, "/enums/user-api-tokes-scopes", ANY_TOKEN, Read(tokens::scopes)), // spelled so
    route(Get, "/enums/user-api-token-scopes", ANY_TOKEN, Read(tokens::scopes)),

    route(Get, "/organizations", "organizations:read", Read(organizations::list)),
    route(Get, "/organizations/{id}", "organizations:read", Read(organizations::show)),
    route(Get, "/organizations/{id}/user-organization-roles", "organizations:read", Read(memberships::of_organization)),
    route(Get, "/organizations/{id}/user-organization-roles/{userId}", "organizations:read", Read(memberships::of_organization_and_user)),
    route(Get, "/teams", "teams:read", Read(teams::list)),
    route(Get, "/teams/{id}", "teams:read", Read(teams::show)),
    route(Get, "/teams/{id}/user-team-roles", "teams:read", Read(memberships::of_team)),
    route(Get, "/teams/{id}/user-team-roles/{userId}", "teams:read", Read(memberships::of_team_and_user)),
    route(Get, "/users", "user:read", Read(users::list)),
    route(Get, "/users/me", ANY_TOKEN, Read(users::me)),
    route(Get, "/users/me/current-authorization", ANY_TOKEN, Read(tokens::authorization)),
    route(Get, "/users/me/api-tokens", "user:read", Read(tokens::list)),
    route(Post, "/users/me/api-tokens", "user:write", Write(tokens::create)),
    route(Delete, "/users/me/api-tokens/{created}", "user:write", Write(tokens::remove)),
    route(Get, "/users/roles", "user:read", Read(roles::list)),
    route(Get, "/users/{id}/user-organization-roles", "user:read", Read(memberships::organizations_of_user)),
    route(Get, "/users/{id}/user-team-roles", "user:read", Read(memberships::teams_of_user)),
    route(Get, "/users/{id}/user-team-roles/{teamId}", "user:read", Read(memberships::of_user_and_team)),
    route(Post, "/users/{id}/user-team-roles/{teamId}", "user:write", Write(memberships::set_team_role)),

    route(Get, "/scenarios", "scenarios:read", Read(scenarios::list)),
    route(Post, "/scenarios", "scenarios:write", Write(scenarios::create)),
    route(Get, "/scenarios/{id}", "scenarios:read", Read(scenarios::show)),
    route(Patch, "/scenarios/{id}", "scenarios:write", Write(scenarios::update)),
    route(Delete, "/scenarios/{id}", "scenarios:write", Write(scenarios::remove)),
    route(Get, "/scenarios/{id}/blueprint", "scenarios:read", Read(scenario_blueprints::show)),
    route(Get, "/scenarios/{id}/blueprints", "scenarios:read", Read(scenario_blueprints::versions)),
    route(Get, "/scenarios/{id}/interface", "scenarios:read", Read(scenario_interface::show)),
    route(Patch, "/scenarios/{id}/interface", "scenarios:write", Write(scenario_interface::update)),
    route(Get, "/scenarios/{id}/triggers", "scenarios:read", Read(scenario_interface::triggers)),
    route(Post, "/scenarios/{id}/start", "scenarios:write", Write(scenario_runs::start)),
    route(Post, "/scenarios/{id}/stop", "scenarios:write", Write(scenario_runs::stop)),
    route(Post, "/scenarios/{id}/run", "scenarios:run", Run(scenario_runs::run)),
    route(Get, "/scenarios/{id}/logs", "scenarios:read", Read(scenario_runs::logs)),

    route(Get, "/scenarios-folders", "scenarios:read", Read(folders::list)),
    route(Post, "/scenarios-folders", "scenarios:write", Write(folders::create)),
    route(Patch, "/scenarios-folders/{id}", "scenarios:write", Write(folders::update)),
    route(Delete, "/scenarios-folders/{id}", "scenarios:write", Write(folders::remove)),

    route(Get, "/hooks", "hooks:read", Read(hooks::list)),
    route(Post, "/hooks", "hooks:write", Write(hooks::create)),
    route(Get, "/hooks/{id}", "hooks:read", Read(hooks::show)),
    route(Patch, "/hooks/{id}", "hooks:write", Write(hooks::rename)),
    route(Delete, "/hooks/{id}", "hooks:write", Write(hooks::remove)),
    route(Post, "/hooks/{id}/set-data", "hooks:write", Write(hooks::set_data)),
    route(Get, "/hooks/{id}/ping", "hooks:read", Read(hooks::ping)),
    route(Post, "/hooks/{id}/enable", "hooks:write", Write(hooks::enable)),
    route(Post, "/hooks/{id}/disable", "hooks:write", Write(hooks::disable)),
    route(Post, "/hooks/{id}/learn-start", "hooks:write", Write(hooks::learn_start)),
    route(Post, "/hooks/{id}/learn-stop", "hooks:write", Write(hooks::learn_stop)),
    route(Get, "/hooks/{id}/incomings", "hooks:read", Read(hooks::incomings)),
    route(Get, "/hooks/{id}/incomings/stats", "hooks:read", Read(hooks::incoming_stats)),

    route(Get, "/connections", "connections:read", Read(connections::list)),
    route(Post, "/connections", "connections:write", Write(connections::create)),
    route(Get, "/connections/{id}", "connections:read", Read(connections::show)),
    route(Patch, "/connections/{id}", "connections:write", Write(connections::rename)),
    route(Delete, "/connections/{id}", "connections:write", Write(connections::remove)),
    route(Post, "/connections/{id}/test", "connections:write", Read(connection_data::test)),
    route(Post, "/connections/{id}/scoped", "connections:write", Read(connection_data::scoped)),
    route(Get, "/connections/{id}/editable-data-schema", "connections:read", Read(connection_data::schema)),
    route(Post, "/connections/{id}/set-data", "connections:write", Write(connection_data::set_data)),

    route(Get, "/keys", "keys:read", Read(keys::list)),
    route(Post, "/keys", "keys:write", Write(keys::create)),
    route(Get, "/keys/types", "keys:read", Read(keys::types)),
    route(Get, "/keys/{id}", "keys:read", Read(keys::show)),
    route(Patch, "/keys/{id}", "keys:write", Write(keys::update)),
    route(Delete, "/keys/{id}", "keys:write", Write(keys::remove)),

    route(Get, "/data-stores", "datastores:read", Read(data_stores::list)),
    route(Post, "/data-stores", "datastores:write", Write(data_stores::create)),
    route(Delete, "/data-stores", "datastores:write", Write(data_store_removal::several)),
    route(Get, "/data-stores/{id}", "datastores:read", Read(data_stores::show)),
    route(Patch, "/data-stores/{id}", "datastores:write", Write(data_stores::update)),
    route(Delete, "/data-stores/{id}", "datastores:write", Write(data_store_removal::one)),
    route(Get, "/data-stores/{id}/data", "datastores:read", Read(records::list)),
    route(Post, "/data-stores/{id}/data", "datastores:write", Write(records::create)),
    route(Delete, "/data-stores/{id}/data", "datastores:write", Write(records::remove)),
    route(Put, "/data-stores/{id}/data/{key}", "datastores:write", Write(records::replace)),
    route(Patch, "/data-stores/{id}/data/{key}", "datastores:write", Write(records::update)),

    route(Get, "/data-structures", "udts:read", Read(data_structures::list)),
    route(Post, "/data-structures", "udts:write", Write(data_structures::create)),
    route(Get, "/data-structures/{id}", "udts:read", Read(data_structures::show)),
    route(Patch, "/data-structures/{id}", "udts:write", Write(data_structures::update)),
    route(Delete, "/data-structures/{id}", "udts:write", Write(data_structures::remove)),
    route(Post, "/data-structures/{id}/clone", "udts:write", Write(data_structures::clone)),

    route(Get, "/functions", "functions:read", Read(functions::list)),
    route(Post, "/functions", "functions:write", Write(functions::create)),
    route(Post, "/functions/eval", "functions:write", Read(functions::check)),
    route(Get, "/functions/{id}", "functions:read", Read(functions::show)),
    route(Patch, "/functions/{id}", "functions:write", Write(functions::update)),
    route(Delete, "/functions/{id}", "functions:write", Write(functions::remove)),
    route(Get, "/functions/{id}/history", "functions:read", Read(functions::history)),

    route(Get, "/devices", "devices:read", Read(devices::list)),
    route(Get, "/devices/{id}", "devices:read", Read(devices::show)),
    route(Patch, "/devices/{id}", "devices:write", Write(devices::rename)),
    route(Delete, "/devices/{id}", "devices:write", Write(devices::remove)),

    route(Get, "/credential-requests/requests", "credential-requests:read", Read(credential_requests::list)),
    route(Post, "/credential-requests/requests", "credential-requests:write", Write(credential_actions::create)),
    route(Get, "/credential-requests/requests/v2", "credential-requests:read", Read(credential_requests::list)),
    route(Post, "/credential-requests/requests/v2", "credential-requests:write", Write(credential_actions::create)),
    route(Get, "/credential-requests/requests/{id}", "credential-requests:read", Read(credential_requests::show)),
    route(Delete, "/credential-requests/requests/{id}", "credential-requests:write", Write(credential_requests::remove)),
    route(Get, "/credential-requests/requests/{id}/detail", "credential-requests:read", Read(credential_requests::detail)),
    route(Post, "/credential-requests/credentials/{id}/decline", "credential-requests:write", Write(credentials::decline)),
    route(Post, "/credential-requests/credentials/{id}/delete-remote", "credential-requests:write", Write(credentials::delete_remote)),
    route(Post, "/credential-requests/actions/create", "credential-requests:write", Write(credential_actions::create_action)),
    route(Post, "/credential-requests/actions/create-by-credentials", "credential-requests:write", Write(credential_actions::create_by_credentials)),
    route(Post, "/credential-requests/actions/extend", "credential-requests:write", Write(credential_actions::extend)),
    route(Get, "/credential-requests/apps/{name}/{version}/modules-with-credentials", "apps:read", Read(credentials::of_modules)),
];
