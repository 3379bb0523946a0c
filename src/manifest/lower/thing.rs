//! Any thing: which fields its kind has.

use crate::{
    manifest::{
        document::Thing,
        fields::Fields,
        node::{Node, Shape},
        page::Page,
        schema::keys,
        scope::Scope,
        values::{limit, list, text},
    },
    model::{
        Declared, Kind, Lifecycle, Spec,
        spec::{FolderSpec, LookedSpec},
    },
};

use super::{
    data::{data_store, data_structure},
    health::health,
    lifecycle::lifecycle,
    people::{organization_role, team, team_role},
    scenario::scenario,
    schedule::schedule,
    variable::variable,
    webhook::webhook,
};

/// The longest name of a folder.
pub(in crate::manifest) const FOLDER_NAME: usize = 100;

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
    let mut fields = Fields::of(page, node, keys(kind))?;
    let places = fields.places();
    let name = thing.address.name.as_str();
    let lifecycle = match kind {
        Kind::DataStore
        | Kind::DataStructure
        | Kind::Folder
        | Kind::TeamRole
        | Kind::Variable
        | Kind::Webhook => {
            fields.later(&["team"]);
            lifecycle(&mut fields, kind)
        }
        Kind::Scenario => {
            fields.later(&["team"]);
            Lifecycle {
                health: health(&mut fields),
                ..lifecycle(&mut fields, kind)
            }
        }
        // They are the organization's.
        Kind::OrganizationRole | Kind::Team => lifecycle(&mut fields, kind),
        Kind::Agent | Kind::Connection | Kind::Device | Kind::Key | Kind::Schedule => {
            Lifecycle::default()
        }
    };
    let spec = match kind {
        Kind::Agent => Some(Spec::Agent(looked(&mut fields, scope, name, false))),
        Kind::Connection => Some(Spec::Connection(looked(&mut fields, scope, name, true))),
        Kind::DataStore => Some(Spec::DataStore(data_store(&mut fields, scope, name))),
        Kind::DataStructure => {
            let spec = data_structure(&mut fields, scope, name);
            Some(Spec::DataStructure(spec))
        }
        Kind::Device => Some(Spec::Device(looked(&mut fields, scope, name, true))),
        Kind::Folder => Some(Spec::Folder(folder(&mut fields, scope, name))),
        Kind::Key => Some(Spec::Key(looked(&mut fields, scope, name, true))),
        Kind::OrganizationRole => organization_role(&mut fields, scope).map(Spec::OrganizationRole),
        Kind::Scenario => {
            let spec = scenario(&mut fields, scope, name);
            Some(Spec::Scenario(Box::new(spec)))
        }
        Kind::Schedule => schedule(&mut fields, scope.known.dialect).map(Spec::Schedule),
        Kind::Team => Some(Spec::Team(team(&mut fields, scope, name))),
        Kind::TeamRole => team_role(&mut fields, scope).map(Spec::TeamRole),
        Kind::Variable => variable(&mut fields, scope, name).map(Spec::Variable),
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

/// What is looked up by name and, where things of the kind have one, by type.
fn looked(fields: &mut Fields<'_>, scope: &Scope<'_>, own: &str, has_type: bool) -> LookedSpec {
    let page = fields.page();
    let name = shown_name(fields, scope, own, usize::MAX);
    if !has_type {
        let types = Vec::new();
        return LookedSpec { name, types };
    }
    let types = fields.optional("type", |node| types(page, node));
    LookedSpec {
        name,
        types: types.unwrap_or_default(),
    }
}

fn types(page: &Page, node: &Node) -> Option<Vec<String>> {
    match &node.shape {
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
            let words = types.split(',').map(|word| word.trim().to_owned());
            Some(words.collect())
        }
    }
}
