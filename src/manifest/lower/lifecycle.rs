//! `lifecycle`: how a thing may change.

use crate::{
    diagnostic::codes::manifest as codes,
    manifest::{
        fields::Fields,
        node::Node,
        page::Page,
        schema::LIFECYCLE,
        values::{did_you_mean, flag, list, text},
    },
    model::{HealthRule, Kind, Lifecycle, Path, spec::Settings},
};

pub(super) fn lifecycle(fields: &mut Fields<'_>, kind: Kind) -> Lifecycle {
    let page = fields.page();
    let read = fields.optional("lifecycle", |node| {
        let mut fields = Fields::of(page, node, &LIFECYCLE)?;
        let prevent_destroy = fields.optional("preventDestroy", |node| flag(page, node));
        let ignored = fields.optional("ignoreChanges", |node| list(page, node, "fields"));
        fields.finish();
        Some(Lifecycle {
            prevent_destroy: prevent_destroy.unwrap_or(false),
            ignore_changes: ignored
                .unwrap_or_default()
                .iter()
                .filter_map(|node| ignored_path(page, node, kind))
                .collect(),
            health: HealthRule::default(),
        })
    });
    read.unwrap_or_default()
}

/// A field, or a JSON Pointer into the form: `description`, `/blueprint/flow/3/mapper`.
pub(in crate::manifest) fn ignored_path(page: &Page, node: &Node, kind: Kind) -> Option<Path> {
    let written = text(page, node)?;
    let segments = written.strip_prefix('/').unwrap_or(&written);
    let path: Path = segments
        .split('/')
        .map(|segment| segment.replace("~1", "/").replace("~0", "~"))
        .collect();
    let field = path.first().map(String::as_str).unwrap_or_default();
    let known = fields_of(kind);
    // An app's hook has fields that only the app knows.
    if kind != Kind::Webhook && !known.contains(&field) {
        let message = format!("a {kind} has no field `{field}`");
        let help = did_you_mean(field, known.iter().copied());
        page.report(
            page.finding(&codes::BAD_VALUE, &node.span, message)
                .help(help),
        );
        return None;
    }
    Some(match path.as_slice() {
        [settings, name, rest @ ..] if settings == "settings" => {
            // Settings are compared where Make keeps them.
            let entries = Settings::default().entries();
            let entry = entries.into_iter().find(|(ours, _, _)| ours == name);
            let make = entry.map_or(name.as_str(), |(_, make, _)| make);
            let inside = ["blueprint", "metadata", "scenario", make];
            let inside = inside.into_iter().map(str::to_owned);
            inside.chain(rest.iter().cloned()).collect()
        }
        [settings] if settings == "settings" => {
            let inside = ["blueprint", "metadata", "scenario"];
            inside.into_iter().map(str::to_owned).collect()
        }
        _ => path,
    })
}

/// The fields of a kind that changes of can be ignored.
pub(in crate::manifest) fn fields_of(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Scenario => &[
            "name",
            "folder",
            "description",
            "active",
            "schedule",
            "blueprint",
            "settings",
            "interface",
            "customProperties",
            "priority",
        ],
        Kind::DataStore => &["name", "dataStructure", "maxSizeMB"],
        Kind::DataStructure => &["name", "strict", "fields"],
        Kind::Folder => &["name", "parent"],
        Kind::OrganizationRole | Kind::TeamRole => &["role"],
        Kind::Team => &["name", "limits"],
        Kind::Variable => &["type", "value"],
        Kind::Agent
        | Kind::Connection
        | Kind::Device
        | Kind::Key
        | Kind::Schedule
        | Kind::Webhook => &[],
    }
}
