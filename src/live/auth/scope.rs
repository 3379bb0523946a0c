//! What a token must be for, by what makeform does with it.

use crate::{live::transport::Method, model::Dialect};

/// Something that makeform does, and the scope that it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The command.
    pub command: &'static str,
    /// What of it needs the scope.
    pub what: &'static str,
    /// The scope, as the zones name it.
    pub scope: &'static str,
}

const fn need(command: &'static str, what: &'static str, scope: &'static str) -> Need {
    Need {
        command,
        what,
        scope,
    }
}

/// All of it, command by command. What `plan` needs, all others need too.
#[rustfmt::skip] // a table
pub const NEEDS: &[Need] = &[
    need("plan", "the organization and its plan", "organizations:read"),
    need("plan", "the team and the roles in it", "teams:read"),
    need("plan", "scenarios and folders", "scenarios:read"),
    need("plan", "webhooks", "hooks:read"),
    need("plan", "who the members are", "user:read"),
    need("plan", "connections that manifests refer to", "connections:read"),
    need("plan", "keys that manifests refer to", "keys:read"),
    need("plan", "devices that manifests refer to", "devices:read"),
    need("plan", "agents that manifests refer to", "agents:read"),
    need("plan", "data stores", "datastores:read"),
    need("plan", "data structures", "udts:read"),
    need("plan", "variables of teams", "team-variables:read"),
    need("plan", "variables of the organization", "organization-variables:read"),
    need("plan", "custom properties of scenarios", "custom-property-structures:read"),
    need("apply", "scenarios and folders", "scenarios:write"),
    need("apply", "webhooks", "hooks:write"),
    need("apply", "roles of members", "user:write"),
    need("apply", "invitations", "organizations:write"),
    need("apply", "teams", "teams:write"),
    need("apply", "data stores", "datastores:write"),
    need("apply", "data structures", "udts:write"),
    need("apply", "variables of teams", "team-variables:write"),
    need("apply", "variables of the organization", "organization-variables:write"),
    need("run", "starting scenarios", "scenarios:run"),
    need("incomplete", "listing and showing", "dlqs:read"),
    need("incomplete", "retrying and deleting", "dlqs:write"),
];

/// The same for a token of the unified dialect, which has three scopes.
#[rustfmt::skip] // a table
pub const UNIFIED_NEEDS: &[Need] = &[
    need("plan", "scenarios, webhooks and members", "read"),
    need("apply", "scenarios, webhooks and members", "write"),
    need("run", "starting scenarios", "execute"),
    need("executions", "stopping one", "execute"),
];

/// What can't be done with these scopes.
#[must_use]
pub fn lacking(dialect: Dialect, held: &[String]) -> Vec<&'static Need> {
    let needs = match dialect {
        Dialect::Zone => NEEDS,
        Dialect::Unified => UNIFIED_NEEDS,
    };
    needs
        .iter()
        .filter(|need| !held.iter().any(|held| covers(held, need.scope)))
        .collect()
}

/// The scope that a request needs, as its dialect names it; nothing where none is known.
#[must_use]
pub(in crate::live) fn needed(dialect: Dialect, method: Method, path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let action = if method.is_read() { "read" } else { "write" };
    match (dialect, parts.as_slice()) {
        (Dialect::Zone, _) => {}
        (Dialect::Unified, [.., "execute"]) => return Some("execute".to_owned()),
        (Dialect::Unified, ["executions", ..]) if action == "write" => {
            return Some("execute".to_owned());
        }
        (Dialect::Unified, _) => return Some(action.to_owned()),
    }
    let resource = match parts.as_slice() {
        ["scenarios", _, "run"] | ["executions", .., "stop"] => {
            return Some("scenarios:run".to_owned());
        }
        ["users", "me" | "unread-notifications", ..] => return None,
        ["organizations", _, "variables", ..] => "organization-variables",
        ["teams", _, "variables", ..] => "team-variables",
        ["organizations", _, "invite", ..] => "organizations",
        ["custom-property-structures", ..] => "custom-property-structures",
        ["scenarios" | "scenarios-folders" | "executions", ..] => "scenarios",
        ["hooks", ..] => "hooks",
        ["connections", ..] => "connections",
        ["keys", ..] => "keys",
        ["devices", ..] => "devices",
        ["agents", ..] => "agents",
        ["data-stores", ..] => "datastores",
        ["data-structures", ..] => "udts",
        ["dlqs", ..] => "dlqs",
        ["users", ..] => "user",
        ["teams", ..] => "teams",
        ["organizations", ..] => "organizations",
        _ => return None,
    };
    Some(format!("{resource}:{action}"))
}

/// Whether a scope covers another. `read`, `write` and `execute` are those of the unified
/// dialect; two resources are spelled in two ways by Make's own pages.
fn covers(held: &str, needed: &str) -> bool {
    let (resource, action) = needed.split_once(':').unwrap_or(("", needed));
    match held.split_once(':') {
        Some((of, to)) => {
            let of = match of {
                "teams-variables" => "team-variables",
                "organizations-variables" => "organization-variables",
                of => of,
            };
            of == resource && to == action
        }
        None => held == "*" || held == action || (held == "execute" && action == "run"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Dialect, Method, NEEDS, UNIFIED_NEEDS, lacking, needed};

    #[test]
    fn a_request_tells_which_scope_it_needs() {
        for (method, path, scope) in [
            (
                Method::Get,
                "/scenarios/7/blueprint",
                Some("scenarios:read"),
            ),
            (Method::Patch, "/scenarios/7", Some("scenarios:write")),
            (Method::Post, "/scenarios/7/run", Some("scenarios:run")),
            (Method::Get, "/hooks", Some("hooks:read")),
            (
                Method::Post,
                "/teams/3/variables",
                Some("team-variables:write"),
            ),
            (Method::Delete, "/teams/3", Some("teams:write")),
            (Method::Get, "/users/me", None),
            (Method::Get, "/something-new", None),
        ] {
            let found = needed(Dialect::Zone, method, path);
            assert_eq!(found.as_deref(), scope, "{path}");
            if let Some(scope) = scope {
                assert!(NEEDS.iter().any(|need| need.scope == scope), "{scope}");
            }
        }
        for (method, path, scope) in [
            (Method::Get, "/scenarios", "read"),
            (Method::Patch, "/scenarios/7", "write"),
            (Method::Post, "/scenarios/7/execute", "execute"),
            (Method::Delete, "/executions/7", "execute"),
        ] {
            let found = needed(Dialect::Unified, method, path);
            assert_eq!(found.as_deref(), Some(scope), "{path}");
            assert!(UNIFIED_NEEDS.iter().any(|need| need.scope == scope));
        }
    }

    fn missing(held: &[&str]) -> Vec<&'static str> {
        let held: Vec<String> = held.iter().map(|&scope| scope.to_owned()).collect();
        let lacking = lacking(Dialect::Zone, &held);
        lacking.iter().map(|need| need.scope).collect()
    }

    #[test]
    fn a_token_of_the_unified_dialect_has_three_scopes() {
        let lacking = |held: &[&str]| {
            let held: Vec<String> = held.iter().map(|&scope| scope.to_owned()).collect();
            let lacking = lacking(Dialect::Unified, &held);
            lacking
                .iter()
                .map(|need| need.command)
                .collect::<Vec<&str>>()
        };
        assert_eq!(lacking(&["read", "write", "execute"]), [] as [&str; 0]);
        assert_eq!(lacking(&["read"]), ["apply", "run", "executions"]);
        assert_eq!(lacking(&["write", "execute"]), ["plan"]);
    }

    #[test]
    fn what_scopes_do_not_allow_is_told_in_both_dialects_words() {
        assert_eq!(missing(&["*"]), [] as [&str; 0]);
        assert_eq!(missing(&["read", "write", "execute"]), [] as [&str; 0]);
        assert_eq!(missing(&[]).len(), NEEDS.len());
        let all_but_hooks: Vec<&str> = NEEDS
            .iter()
            .map(|need| need.scope)
            .filter(|scope| *scope != "hooks:write")
            .map(|scope| match scope {
                "team-variables:read" => "teams-variables:read",
                scope => scope,
            })
            .collect();
        assert_eq!(missing(&all_but_hooks), ["hooks:write"]);
        assert!(
            missing(&["read"])
                .iter()
                .all(|scope| !scope.ends_with(":read"))
        );
        assert!(missing(&["read"]).contains(&"scenarios:run"));
    }
}
