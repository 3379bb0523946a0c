//! The variables that manifests name already, and where.

use std::collections::BTreeMap;

use super::{document_of, place::Place};
use crate::model::{
    Address, Desired, Trail, each_text,
    reference::{Part, Reference, Template},
};

/// The texts of a project that name variables of the environment, by the place of each.
#[derive(Clone, Debug, Default)]
pub(in crate::export) struct Former(BTreeMap<(Address, Place), String>);

impl Former {
    /// Those of the manifests of a target.
    pub(in crate::export) fn of(desired: &Desired) -> Self {
        let mut former = BTreeMap::new();
        for (address, declared) in &desired.things {
            let written = |text: &Template| Some(text.to_string());
            let Some(document) = document_of(&declared.spec, written) else {
                continue;
            };
            each_text(&document, &Trail::from(&[]), &mut |text, trail| {
                if text.contains("${env.") {
                    let place = Place::of(&document, &trail.path());
                    former.insert((address.clone(), place), text.to_owned());
                }
            });
        }
        Self(former)
    }

    /// The variable that stands for a value at a place, where the text around it is the same.
    pub(super) fn variable(
        &self,
        address: &Address,
        place: &Place,
        text: &str,
        value: &str,
    ) -> Option<String> {
        let written = self.0.get(&(address.clone(), place.clone()))?;
        let template = Template::parse(written);
        let (before, after) = text.split_once(value)?;
        let mut parts = template.parts().iter().peekable();
        let lead = match parts.next_if(|part| matches!(part, Part::Text(_))) {
            Some(Part::Text(lead)) => lead.as_str(),
            Some(Part::Reference(_)) | None => "",
        };
        // Of several variables in one text, those before it may stand for anything.
        let mut name = None;
        let mut lead = lead;
        while let Some(part) = parts.next() {
            if let Part::Reference(Reference::Env(variable)) = part
                && before.ends_with(lead)
            {
                let tail = match parts.peek() {
                    Some(Part::Text(tail)) => tail.as_str(),
                    Some(Part::Reference(_)) | None => "",
                };
                if after.starts_with(tail) {
                    name = Some(variable.clone());
                    break;
                }
            }
            lead = match part {
                Part::Text(text) => text,
                Part::Reference(_) => "",
            };
        }
        name
    }
}
