//! `makeform.ids.yaml`: which id an address has, where its name says too little.

use std::collections::BTreeMap;

use crate::{
    diagnostic::codes::manifest as codes,
    model::{Address, Pin, RemoteId},
};

use super::{
    document::check_version,
    fields::Fields,
    node::{Node, Shape},
    page::Page,
    project::Project,
    schema::IDS,
    values::{bad_value, did_you_mean, text, with_meant_address, wrong_type},
    yaml,
};

/// The pins of one target. The others are checked all the same.
pub(super) fn read(page: &Page, project: &Project, target: &str) -> BTreeMap<Address, Pin> {
    let mut pins = BTreeMap::new();
    for document in yaml::read(page).documents {
        if document.shape == Shape::Null {
            continue;
        }
        let Some(mut fields) = Fields::of(page, &document, &IDS) else {
            continue;
        };
        check_version(&mut fields);
        fields.required("kind", |node| {
            let kind = text(page, node)?;
            if kind != "Ids" {
                bad_value(page, node, format!("this file is no {kind}"), "write `Ids`");
            }
            Some(())
        });
        let spec = fields.required("spec", Some);
        fields.finish();
        for entry in spec.into_iter().flat_map(Node::entries) {
            let name = entry.key.text.as_str();
            if !project.targets.contains_key(name) {
                let message = format!("the project has no target `{name}`");
                let known = project.targets.keys().map(String::as_str);
                let finding = page.finding(&codes::UNUSED_PIN, &entry.key.span, message);
                page.report(finding.help(did_you_mean(name, known)));
            }
            let read = pins_of(page, &entry.value);
            if name == target {
                pins.extend(read);
            }
        }
    }
    pins
}

/// Ids by addresses.
pub(super) fn pins_of(page: &Page, node: &Node) -> BTreeMap<Address, Pin> {
    let mut pins = BTreeMap::new();
    if !matches!(node.shape, Shape::Map(_) | Shape::Null) {
        wrong_type(page, node, "a mapping from addresses to ids");
    }
    for entry in node.entries() {
        let address = match entry.key.text.parse::<Address>() {
            Ok(address) => address,
            Err(error) => {
                let finding = page.finding(&codes::BAD_VALUE, &entry.key.span, error.to_string());
                page.report(with_meant_address(finding, &entry.key.text));
                continue;
            }
        };
        let place = page.place(&entry.value.span);
        match &entry.value.shape {
            Shape::Number(id) | Shape::Text(id) => {
                let id = RemoteId::from(id.as_str());
                pins.insert(address, Pin { id, place });
            }
            Shape::Null | Shape::Bool(_) | Shape::List(_) | Shape::Map(_) | Shape::Broken => {
                wrong_type(page, &entry.value, "an id");
            }
        }
    }
    pins
}
