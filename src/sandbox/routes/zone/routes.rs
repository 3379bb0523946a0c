//! Every route of the zone API that the sandbox answers.

use crate::live::transport::Method::{self, Delete, Get, Patch, Post};
use crate::sandbox::routes::table::Handler::{self, Open, Read, Run, Write};
use crate::sandbox::routes::table::Route;

use super::{
    connections, data_stores, data_structures, enums, folders, hooks, keys, memberships,
    organizations, roles, scenario_blueprints, scenario_interface, scenario_runs, scenarios, teams,
    users,
};

const fn route(method: Method, path: &'static str, handler: Handler) -> Route {
    Route {
        method,
        path,
        handler,
    }
}

/// Words come before placeholders where both fit: the first that matches answers.
#[rustfmt::skip] // a table
pub(crate) const ROUTES: &[Route] = &[
    route(Get, "/ping", Open(enums::ping)),
    route(Get, "/enums/timezones", Read(enums::time_zones)),

    route(Get, "/organizations", Read(organizations::list)),
    route(Get, "/organizations/{id}", Read(organizations::show)),
    route(Get, "/organizations/{id}/user-organization-roles", Read(memberships::of_organization)),
    route(Get, "/organizations/{id}/user-organization-roles/{userId}", Read(memberships::of_organization_and_user)),
    route(Get, "/teams", Read(teams::list)),
    route(Get, "/teams/{id}", Read(teams::show)),
    route(Get, "/teams/{id}/user-team-roles", Read(memberships::of_team)),
    route(Get, "/teams/{id}/user-team-roles/{userId}", Read(memberships::of_team_and_user)),
    route(Get, "/users", Read(users::list)),
    route(Get, "/users/me", Read(users::me)),
    route(Get, "/users/me/current-authorization", Read(users::authorization)),
    route(Get, "/users/roles", Read(roles::list)),
    route(Get, "/users/{id}/user-organization-roles", Read(memberships::organizations_of_user)),
    route(Get, "/users/{id}/user-team-roles", Read(memberships::teams_of_user)),
    route(Get, "/users/{id}/user-team-roles/{teamId}", Read(memberships::of_user_and_team)),
    route(Post, "/users/{id}/user-team-roles/{teamId}", Write(memberships::set_team_role)),

    route(Get, "/scenarios", Read(scenarios::list)),
    route(Post, "/scenarios", Write(scenarios::create)),
    route(Get, "/scenarios/{id}", Read(scenarios::show)),
    route(Patch, "/scenarios/{id}", Write(scenarios::update)),
    route(Delete, "/scenarios/{id}", Write(scenarios::remove)),
    route(Get, "/scenarios/{id}/blueprint", Read(scenario_blueprints::show)),
    route(Get, "/scenarios/{id}/blueprints", Read(scenario_blueprints::versions)),
    route(Get, "/scenarios/{id}/interface", Read(scenario_interface::show)),
    route(Patch, "/scenarios/{id}/interface", Write(scenario_interface::update)),
    route(Get, "/scenarios/{id}/triggers", Read(scenario_interface::triggers)),
    route(Post, "/scenarios/{id}/start", Write(scenario_runs::start)),
    route(Post, "/scenarios/{id}/stop", Write(scenario_runs::stop)),
    route(Post, "/scenarios/{id}/run", Run(scenario_runs::run)),
    route(Get, "/scenarios/{id}/logs", Read(scenario_runs::logs)),

    route(Get, "/scenarios-folders", Read(folders::list)),
    route(Post, "/scenarios-folders", Write(folders::create)),
    route(Patch, "/scenarios-folders/{id}", Write(folders::update)),
    route(Delete, "/scenarios-folders/{id}", Write(folders::remove)),

    route(Get, "/hooks", Read(hooks::list)),
    route(Post, "/hooks", Write(hooks::create)),
    route(Get, "/hooks/{id}", Read(hooks::show)),
    route(Patch, "/hooks/{id}", Write(hooks::rename)),
    route(Delete, "/hooks/{id}", Write(hooks::remove)),
    route(Post, "/hooks/{id}/set-data", Write(hooks::set_data)),
    route(Get, "/hooks/{id}/ping", Read(hooks::ping)),
    route(Post, "/hooks/{id}/enable", Write(hooks::enable)),
    route(Post, "/hooks/{id}/disable", Write(hooks::disable)),
    route(Post, "/hooks/{id}/learn-start", Write(hooks::learn_start)),
    route(Post, "/hooks/{id}/learn-stop", Write(hooks::learn_stop)),
    route(Get, "/hooks/{id}/incomings", Read(hooks::incomings)),
    route(Get, "/hooks/{id}/incomings/stats", Read(hooks::incoming_stats)),

    route(Get, "/connections", Read(connections::list)),
    route(Get, "/connections/{id}", Read(connections::show)),
    route(Get, "/keys", Read(keys::list)),
    route(Get, "/keys/{id}", Read(keys::show)),
    route(Get, "/data-stores", Read(data_stores::list)),
    route(Get, "/data-stores/{id}", Read(data_stores::show)),
    route(Get, "/data-structures", Read(data_structures::list)),
    route(Get, "/data-structures/{id}", Read(data_structures::show)),
];
