//! Teams, and who has which role in them and in the organization.

use crate::{
    diagnostic::codes::manifest as codes,
    manifest::{
        fields::Fields,
        page::Page,
        schema::LIMITS,
        scope::Scope,
        values::{bad_value, whole},
    },
    model::{
        Field,
        spec::{OrganizationRoleSpec, TeamRoleSpec, TeamSpec},
    },
};

use super::thing::shown_name;

/// The longest name of a team.
pub(in crate::manifest) const TEAM_NAME: usize = 128;

pub(super) fn team(fields: &mut Fields<'_>, scope: &Scope<'_>, own: &str) -> TeamSpec {
    let page = fields.page();
    let name = shown_name(fields, scope, own, TEAM_NAME);
    let limits = fields.field("limits", |node| {
        let mut fields = Fields::of(page, node, &LIMITS)?;
        let operations = fields.field("operations", |node| whole(page, node, 0..=u64::MAX));
        fields.finish();
        Some(operations)
    });
    TeamSpec {
        name,
        operations_limit: match limits {
            Field::Set(limit) => limit,
            Field::Null => Field::Null,
            Field::Absent => Field::Absent,
        },
    }
}

pub(super) fn team_role(fields: &mut Fields<'_>, scope: &Scope<'_>) -> Option<TeamRoleSpec> {
    let page = fields.page();
    let email = fields.required("email", |node| email(page, scope, node));
    let help = "write viewer, builder, admin, or a role's own name";
    let role = role(
        fields,
        scope,
        "a team has no owner, an organization has",
        help,
    );
    Some(TeamRoleSpec {
        email: email?,
        role: role?,
    })
}

pub(super) fn organization_role(
    fields: &mut Fields<'_>,
    scope: &Scope<'_>,
) -> Option<OrganizationRoleSpec> {
    let page = fields.page();
    let email = fields.required("email", |node| email(page, scope, node));
    let message = "nobody is made an owner by a manifest: only a transfer in Make does that";
    let help = "write viewer, builder, admin, or a role's own name";
    let role = role(fields, scope, message, help);
    let name = fields.optional("name", |node| scope.plain(page, node));
    let note = fields.optional("note", |node| scope.plain(page, node));
    Some(OrganizationRoleSpec {
        email: email?,
        role: role?,
        name,
        note,
    })
}

fn email(page: &Page, scope: &Scope<'_>, node: &crate::manifest::node::Node) -> Option<String> {
    let email = scope.plain(page, node)?;
    let valid = email
        .split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty())
        && !email.contains(char::is_whitespace);
    if !valid {
        bad_value(page, node, format!("`{email}` is no e-mail address"), "");
        return None;
    }
    Some(email)
}

fn role(fields: &mut Fields<'_>, scope: &Scope<'_>, no_owner: &str, help: &str) -> Option<String> {
    let page = fields.page();
    fields.required("role", |node| {
        let role = scope.plain(page, node)?;
        if role.eq_ignore_ascii_case("owner") {
            let finding = page.finding(&codes::BAD_VALUE, &node.span, no_owner);
            page.report(finding.help(help));
        }
        Some(role)
    })
}
