//! Data structures, data stores, and the fields that structures and interfaces are made of.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    diagnostic::{Code, Severity, codes::manifest as codes},
    manifest::{
        fields::Fields,
        node::{Node, Shape},
        page::Page,
        schema::INTERFACE,
        scope::Scope,
        values::{did_you_mean, flag, list, text, whole, wrong_type},
    },
    model::{
        Field, Kind,
        spec::{DataStoreSpec, DataStructureSpec, FIELD_TYPES, Interface},
    },
};

use super::thing::shown_name;

/// The longest name of a data structure, and, by analogy, of a data store.
pub(in crate::manifest) const NAME: usize = 128;

/// The largest data store, in MB.
pub(in crate::manifest) const MOST_MB: u64 = 1_000_000;

pub(super) fn data_store(fields: &mut Fields<'_>, scope: &Scope<'_>, own: &str) -> DataStoreSpec {
    let page = fields.page();
    DataStoreSpec {
        name: shown_name(fields, scope, own, NAME),
        data_structure: fields.field("dataStructure", |node| {
            scope.link(page, node, Kind::DataStructure)
        }),
        max_size_mb: fields.unclearable("maxSizeMB", |node| whole(page, node, 1..=MOST_MB)),
    }
}

pub(super) fn data_structure(
    fields: &mut Fields<'_>,
    scope: &Scope<'_>,
    own: &str,
) -> DataStructureSpec {
    let page = fields.page();
    DataStructureSpec {
        name: shown_name(fields, scope, own, NAME),
        strict: fields.field("strict", |node| flag(page, node)),
        fields: fields.field("fields", |node| parameters(page, scope, node)),
    }
}

/// `interface: { input: [..], output: [..] }`.
pub(super) fn interface(page: &Page, scope: &Scope<'_>, node: &Node) -> Option<Interface> {
    let mut fields = Fields::of(page, node, &INTERFACE)?;
    let mut side = |key| match fields.field(key, |node| parameters(page, scope, node)) {
        Field::Set(parameters) => parameters,
        Field::Null | Field::Absent => Vec::new(),
    };
    let (input, output) = (side("input"), side("output"));
    fields.finish();
    Some(Interface { input, output })
}

/// A list of fields. They stay as they are written: Make may know more of them than is
/// documented.
fn parameters(page: &Page, scope: &Scope<'_>, node: &Node) -> Option<Vec<Value>> {
    let items = list(page, node, "fields")?;
    scope.check_texts(page, node);
    check_all(page, items);
    Some(items.iter().map(Node::to_value).collect())
}

fn check_all(page: &Page, items: &[Node]) {
    let mut seen: BTreeMap<&str, &Node> = BTreeMap::new();
    for item in items {
        let Shape::Map(_) = &item.shape else {
            wrong_type(page, item, "a field: a mapping with `name` and `type`");
            continue;
        };
        check_one(page, item);
        let Some(name) = item.get("name") else {
            report(page, &codes::MISSING_KEY, item, "a field has no `name`");
            continue;
        };
        let Some(written) = text(page, name) else {
            continue;
        };
        if let Some(first) = name.as_text().and_then(|text| seen.insert(text, name)) {
            let message = format!("two fields have the name `{written}`");
            let mut finding = page.finding(&codes::DUPLICATE_KEY, &name.span, message);
            finding.severity = Severity::Warning;
            page.report(finding.label(page.place(&first.span), "first here"));
        }
    }
}

/// Checks the type of a field, and the fields inside it. The items of an array have no name.
fn check_one(page: &Page, item: &Node) {
    match item.get("type") {
        None => {
            report(page, &codes::MISSING_KEY, item, "a field has no `type`");
        }
        Some(node) => {
            if let Some(kind) = text(page, node).filter(|kind| !is_known(kind)) {
                let message = format!("Make documents no type `{kind}` of fields");
                let finding = page.finding(&codes::LOOKS_MISSPELLED, &node.span, message);
                page.report(finding.help(did_you_mean(&kind, FIELD_TYPES)));
            }
        }
    }
    match item.get("spec").map(|spec| (&spec.shape, spec)) {
        Some((Shape::List(items), _)) => check_all(page, items),
        Some((Shape::Map(_), inner)) => check_one(page, inner),
        Some((
            Shape::Null | Shape::Bool(_) | Shape::Number(_) | Shape::Text(_) | Shape::Broken,
            _,
        ))
        | None => {}
    }
}

/// Warns only: accounts hold such fields, and what was exported must be accepted again.
fn report(page: &Page, code: &'static Code, item: &Node, message: &str) {
    let mut finding = page.finding(code, &item.span, message);
    finding.severity = Severity::Warning;
    page.report(finding);
}

/// Interfaces also take what modules take, such as `select` and `url`, of which there is no list:
/// only what is nearly one of the documented words is judged.
fn is_known(kind: &str) -> bool {
    FIELD_TYPES.contains(&kind) || crate::diagnostic::nearest(kind, FIELD_TYPES).is_none()
}
