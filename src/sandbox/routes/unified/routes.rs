//! Every route of the unified dialect. Scopes are those of the zone dialect: `read`, `write` and
//! `execute` of an OAuth login stand for all that end so.

use crate::live::transport::Method::{Delete, Get, Patch, Post};
use crate::sandbox::routes::table::Handler::{Read, Run, Write};
use crate::sandbox::routes::table::{Route, route};

use super::{executions, members, scenarios, webhooks};

#[rustfmt::skip] // a table
pub(crate) const ROUTES: &[Route] = &[
    route(Get, "/scenarios", "scenarios:read", Read(scenarios::list)),
    route(Post, "/scenarios", "scenarios:write", Write(scenarios::create)),
    route(Get, "/scenarios/{id}", "scenarios:read", Read(scenarios::show)),
    route(Patch, "/scenarios/{id}", "scenarios:write", Write(scenarios::update)),
    route(Delete, "/scenarios/{id}", "scenarios:write", Write(scenarios::remove)),
    route(Post, "/scenarios/{id}/execute", "scenarios:run", Run(executions::execute)),
    route(Get, "/scenarios/{id}/executions", "scenarios:read", Read(executions::list)),
    route(Get, "/executions/{id}", "scenarios:read", Read(executions::show)),
    route(Delete, "/executions/{id}", "scenarios:run", Write(executions::stop)),
    route(Get, "/webhooks", "hooks:read", Read(webhooks::list)),
    route(Post, "/webhooks", "hooks:write", Write(webhooks::create)),
    route(Delete, "/webhooks/{id}", "hooks:write", Write(webhooks::remove)),
    route(Get, "/organizations/{id}/users", "organizations:read", Read(members::list)),
    route(Post, "/organizations/{id}/users", "organizations:write", Write(members::add)),
    route(Patch, "/organizations/{id}/users/{userId}", "organizations:write", Write(members::change)),
];
