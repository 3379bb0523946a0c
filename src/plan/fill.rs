//! What apply learns of the things that it makes, filled into the forms that wait for it.

use std::collections::BTreeMap;

use secrecy::SecretString;

use super::resolve::{Notes, Resolver, Standing};
use crate::model::{
    Address, Blueprint, Form, Mark, Path, RemoteId, Variables,
    reference::{Reference, Template},
    value_at_mut,
};

/// What apply has learned of the things that it made.
#[derive(Clone, Debug, Default)]
pub struct Known {
    things: BTreeMap<Address, Standing>,
}

impl Known {
    /// Remembers the id of a thing, and its URL where it has one.
    pub fn learn(&mut self, address: &Address, id: RemoteId, url: Option<SecretString>) {
        self.things
            .insert(address.clone(), Standing::Known { id, url });
    }
}

/// A form with its unknown values filled in. Sensitive ones among them are marked.
///
/// # Errors
/// With the first thing of which something is still unknown.
pub fn fill(form: &Form, known: &Known) -> Result<Form, Address> {
    if form.is_known() {
        return Ok(form.clone());
    }
    let variables = Variables::default();
    let resolver = Resolver::new(&variables, known.things.clone());
    let mut filled = form.clone();
    let mut document = match &form.blueprint {
        Some(blueprint) => blueprint.document().ok(),
        None => None,
    };
    for path in form.marks.iter().filter_map(unknown) {
        let value = match path.split_first() {
            Some((head, rest)) if head == "blueprint" => document
                .as_mut()
                .and_then(|value| value_at_mut(value, rest)),
            Some((head, rest)) => filled
                .fields
                .get_mut(head)
                .and_then(|value| value_at_mut(value, rest)),
            None => None,
        };
        let Some(value) = value else { continue };
        let Some(text) = value.as_str() else { continue };
        let mut notes = Notes::default();
        let resolved = resolver.text(&Template::parse(text), path, &mut notes);
        for reference in notes.unresolved {
            if let Reference::Thing { address, .. } = reference {
                return Err(address);
            }
        }
        *value = resolved;
        filled.marks.remove(path);
        filled.marks.extend(notes.marks);
    }
    if let Some(document) = document {
        filled.blueprint = Some(Blueprint::new(&document, false));
    }
    Ok(filled)
}

fn unknown<'a>((path, mark): (&'a Path, &Mark)) -> Option<&'a Path> {
    (*mark == Mark::Unknown).then_some(path)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Known, fill};
    use crate::model::{Blueprint, Form, Mark, RemoteId};

    #[test]
    fn what_was_unknown_is_filled_in_once_it_is_known() {
        let mut form = Form::default();
        form.set("folder", "${folder.crm}");
        form.blueprint = Some(Blueprint::new(
            &json!({"flow": [{"parameters": {"hook": "${webhook.leads}"}, "mapper": {"url": "${webhook.leads.url}", "raw": "${webhook.leads}"}}]}),
            false,
        ));
        for path in [
            "folder",
            "blueprint.flow.0.parameters.hook",
            "blueprint.flow.0.mapper.url",
        ] {
            let path = path.split('.').map(str::to_owned).collect();
            form.marks.insert(path, Mark::Unknown);
        }
        let mut known = Known::default();
        known.learn(&"folder.crm".parse().unwrap(), RemoteId::Int(7), None);
        assert_eq!(
            fill(&form, &known).unwrap_err().to_string(),
            "webhook.leads"
        );

        let url = Some("https://hook.test/abc".to_owned().into());
        known.learn(&"webhook.leads".parse().unwrap(), RemoteId::Int(58), url);
        let filled = fill(&form, &known).unwrap();
        assert!(filled.is_known());
        assert_eq!(filled.get("folder"), Some(&json!(7)));
        assert_eq!(
            filled.blueprint.unwrap().document().unwrap(),
            json!({"flow": [{"parameters": {"hook": 58}, "mapper": {"url": "https://hook.test/abc", "raw": "${webhook.leads}"}}]})
        );
        assert_eq!(filled.marks.len(), 1);
    }
}
