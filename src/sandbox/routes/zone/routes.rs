//! Every route of the zone API that the sandbox answers.

use crate::live::transport::Method::{self, Delete, Get, Patch, Post};
use crate::sandbox::routes::table::Handler::{self, Open, Read, Run, Write};
use crate::sandbox::routes::table::Route;

use super::{
    connections, data_stores, data_structures, dlqs, enums, executions, folders, hook_queue, hooks,
    keys, memberships, organizations, roles, scenario_blueprints, scenario_interface,
    scenario_runs, scenarios, teams, usage, users,
};

/// What a token needs for a route that no scope is asked for.
const ANY_TOKEN: &str = "";

const fn route(method: Method, path: &'static str, scope: &'static str, handler: Handler) -> Route {
    Route {
        method,
        path,
        scope,
        handler,
    }
}

/// Words come before placeholders where both fit: the first that matches answers.
#[rustfmt::skip] // a table
pub(crate) const ROUTES: &[Route] = &[
    route(Get, "/ping", ANY_TOKEN, Open(enums::ping)),
    route(Get, "/enums/timezones", ANY_TOKEN, Read(enums::time_zones)),

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
    route(Get, "/users/me/current-authorization", ANY_TOKEN, Read(users::authorization)),
    route(Get, "/users/roles", "user:read", Read(roles::list)),
    route(Get, "/users/{id}/user-organization-roles", "user:read", Read(memberships::organizations_of_user)),
    route(Get, "/users/{id}/user-team-roles", "user:read", Read(memberships::teams_of_user)),
    route(Get, "/users/{id}/user-team-roles/{teamId}", "user:read", Read(memberships::of_user_and_team)),
    route(Post, "/users/{id}/user-team-roles/{teamId}", "user:write", Write(memberships::set_team_role)),

    route(Get, "/scenarios", "scenarios:read", Read(scenarios::list)),
    route(Post, "/scenarios", "scenarios:write", Write(scenarios::create)),
    route(Get, "/scenarios/consumptions", "scenarios:read", Read(usage::consumptions)),
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
    route(Post, "/scenarios/{id}/replay", "scenarios:run", Write(scenario_runs::replay)),
    route(Get, "/scenarios/{id}/logs", "scenarios:read", Read(executions::logs)),
    route(Get, "/scenarios/{id}/logs/{executionId}", "scenarios:read", Read(executions::log)),
    route(Get, "/scenarios/{id}/executions/{executionId}", "scenarios:read", Read(executions::show)),
    route(Post, "/scenarios/{id}/executions/{executionId}/stop", "scenarios:run", Write(scenario_runs::stop_execution)),
    route(Get, "/scenarios/{id}/modules/{moduleId}/logs", "scenarios:read", Read(executions::module_logs)),
    route(Get, "/scenarios/{id}/data/{moduleId}", "scenarios:write", Read(executions::module_data)),
    route(Get, "/scenarios/{id}/usage", "scenarios:read", Read(usage::of_scenario)),
    route(Get, "/teams/{id}/usage", "teams:read", Read(usage::of_team)),
    route(Get, "/organizations/{id}/usage", "organizations:read", Read(usage::of_organization)),

    route(Get, "/dlqs", "dlqs:read", Read(dlqs::list)),
    route(Delete, "/dlqs", "dlqs:write", Write(dlqs::remove_many)),
    route(Post, "/dlqs/retry", "dlqs:write", Write(dlqs::retry_many)),
    route(Get, "/dlqs/{id}", "dlqs:read", Read(dlqs::show)),
    route(Patch, "/dlqs/{id}", "dlqs:write", Write(dlqs::update)),
    route(Delete, "/dlqs/{id}", "dlqs:write", Write(dlqs::remove)),
    route(Get, "/dlqs/{id}/blueprint", "dlqs:read", Read(dlqs::blueprint)),
    route(Get, "/dlqs/{id}/bundle", "dlqs:read", Read(dlqs::bundle)),
    route(Get, "/dlqs/{id}/logs", "dlqs:read", Read(dlqs::logs)),
    route(Get, "/dlqs/{id}/logs/{executionId}", "dlqs:read", Read(dlqs::log)),
    route(Post, "/dlqs/{id}/retry", "dlqs:write", Write(dlqs::retry)),

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
    route(Get, "/hooks/{id}/incomings", "hooks:read", Read(hook_queue::items)),
    route(Delete, "/hooks/{id}/incomings", "hooks:write", Write(hook_queue::remove)),
    route(Get, "/hooks/{id}/incomings/stats", "hooks:read", Read(hook_queue::stats)),
    route(Get, "/hooks/{id}/incomings/{incomingId}", "hooks:read", Read(hook_queue::item)),
    route(Get, "/hooks/{id}/logs", "hooks:read", Read(hook_queue::logs)),
    route(Get, "/hooks/{id}/logs/{logId}", "hooks:read", Read(hook_queue::log)),

    route(Get, "/connections", "connections:read", Read(connections::list)),
    route(Get, "/connections/{id}", "connections:read", Read(connections::show)),
    route(Get, "/keys", "keys:read", Read(keys::list)),
    route(Get, "/keys/{id}", "keys:read", Read(keys::show)),
    route(Get, "/data-stores", "datastores:read", Read(data_stores::list)),
    route(Get, "/data-stores/{id}", "datastores:read", Read(data_stores::show)),
    route(Get, "/data-structures", "udts:read", Read(data_structures::list)),
    route(Get, "/data-structures/{id}", "udts:read", Read(data_structures::show)),
];
