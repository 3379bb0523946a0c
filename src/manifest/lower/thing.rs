//! Any thing: which fields its kind has.

use crate::{
    diagnostic::codes::manifest as codes,
    manifest::{
        document::Thing,
        fields::Fields,
        node::{Node, Shape},
        page::Page,
        scope::Scope,
        values::{bad_value, limit, list, text},
    },
    model::{
        Declared, Kind, Lifecycle, Spec,
        spec::{ConnectionSpec, FolderSpec, TeamRoleSpec},
    },
};

use super::{lifecycle::lifecycle, scenario::scenario, schedule::schedule, webhook::webhook};

/// The longest name of a folder.
const FOLDER_NAME: usize = 100;

/// Reads the spec of a thing. `None` where too little of it can be read; findings say why.
pub(in crate::manifest) fn lower(
    page: &Page,
    scope: &Scope<'_>,
    thing: &Thing,
) -> Option<Declared> {
    let empty = Node {
        span: thing.name.clone(),
        shape: Shape::Null,
    };
    let node = thing.document.get("spec").unwrap_or(&empty);
    let kind = thing.address.kind;
    let mut fields = Fields::of(page, node, what(kind))?;
    let places = fields.places();
    let name = thing.address.name.as_str();
    let lifecycle = match kind {
        Kind::Folder | Kind::Scenario | Kind::TeamRole | Kind::Webhook => {
            fields.later(&["team"]);
            lifecycle(&mut fields, kind)
        }
        Kind::Connection | Kind::Schedule => Lifecycle::default(),
    };
    let spec = match kind {
        Kind::Connection => connection(&mut fields, scope, name).map(Spec::Connection),
        Kind::Folder => Some(Spec::Folder(folder(&mut fields, scope, name))),
        Kind::Scenario => {
            let spec = scenario(&mut fields, scope, name);
            Some(Spec::Scenario(Box::new(spec)))
        }
        Kind::Schedule => schedule(&mut fields, scope).map(Spec::Schedule),
        Kind::TeamRole => team_role(&mut fields, scope).map(Spec::TeamRole),
        Kind::Webhook => Some(Spec::Webhook(webhook(&mut fields, scope, name))),
    };
    fields.finish();
    Some(Declared {
        spec: spec?,
        lifecycle,
        place: page.place(&thing.name),
        places,
    })
}

fn what(kind: Kind) -> &'static str {
    match kind {
        Kind::Connection => "a Connection",
        Kind::Folder => "a Folder",
        Kind::Scenario => "a Scenario",
        Kind::Schedule => "a Schedule",
        Kind::TeamRole => "a TeamRole",
        Kind::Webhook => "a Webhook",
    }
}

/// `spec.name`, or else the thing's own.
pub(super) fn shown_name(
    fields: &mut Fields<'_>,
    scope: &Scope<'_>,
    own: &str,
    most: usize,
) -> String {
    let page = fields.page();
    let name = fields.optional("name", |node| {
        let name = scope.plain(page, node)?;
        limit(page, node, &name, most);
        Some(name)
    });
    name.unwrap_or_else(|| own.to_owned())
}

fn folder(fields: &mut Fields<'_>, scope: &Scope<'_>, own: &str) -> FolderSpec {
    let page = fields.page();
    FolderSpec {
        name: shown_name(fields, scope, own, FOLDER_NAME),
        parent: fields.field("parent", |node| scope.link(page, node, Kind::Folder)),
    }
}

fn connection(fields: &mut Fields<'_>, scope: &Scope<'_>, own: &str) -> Option<ConnectionSpec> {
    let page = fields.page();
    let name = shown_name(fields, scope, own, usize::MAX);
    let types = fields.optional("type", |node| match &node.shape {
        Shape::List(_) => {
            let items = list(page, node, "types")?;
            Some(items.iter().filter_map(|item| text(page, item)).collect())
        }
        Shape::Null
        | Shape::Bool(_)
        | Shape::Number(_)
        | Shape::Text(_)
        | Shape::Map(_)
        | Shape::Broken => {
            // Make's own tags list alternatives so: `smtp,google-restricted`.
            let types = text(page, node)?;
            Some(
                types
                    .split(',')
                    .map(|word| word.trim().to_owned())
                    .collect(),
            )
        }
    });
    Some(ConnectionSpec {
        name,
        types: types.unwrap_or_default(),
    })
}

fn team_role(fields: &mut Fields<'_>, scope: &Scope<'_>) -> Option<TeamRoleSpec> {
    let page = fields.page();
    let email = fields.required("email", |node| {
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
    });
    let role = fields.required("role", |node| {
        let role = scope.plain(page, node)?;
        if role.eq_ignore_ascii_case("owner") {
            let message = "a team has no owner, an organization has";
            let finding = page.finding(&codes::BAD_VALUE, &node.span, message);
            page.report(finding.help("write viewer, builder, admin, or a role's own name"));
        }
        Some(role)
    });
    Some(TeamRoleSpec {
        email: email?,
        role: role?,
    })
}
