//! Ids of a form of the past as what they mean today.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::model::{
    Address, Bindings, Kind, Path, RemoteId,
    blueprint::{IdPlace, id_places, id_places_of_inputs},
    reference::Reference,
    value_at_mut,
};

/// What ids of the past mean.
pub(super) struct Ids<'a> {
    /// Which address each object had.
    pub(super) addresses: &'a BTreeMap<(Kind, RemoteId), Address>,
    /// The id that each thing had.
    pub(super) then: &'a BTreeMap<Address, RemoteId>,
    /// The things that go back: those that are made anew get another id.
    pub(super) restored: &'a BTreeSet<Address>,
    /// The ids of today.
    pub(super) bindings: &'a Bindings,
}

/// The fields that name another thing.
const LINKS: [(&str, Kind); 5] = [
    ("connection", Kind::Connection),
    ("dataStructure", Kind::DataStructure),
    ("folder", Kind::Folder),
    ("parent", Kind::Folder),
    ("scenario", Kind::Scenario),
];

impl Ids<'_> {
    /// Writes references for the ids of things that go back, and today's ids for those of others,
    /// into fields.
    pub(super) fn in_fields(&self, fields: &mut Map<String, Value>) {
        for (field, kind) in LINKS {
            if let Some(value) = fields.get_mut(field)
                && let Some(id) = RemoteId::from_value(value)
                && let Some(now) = self.meaning(kind, &id, value)
            {
                *value = now;
            }
        }
        let inputs = fields
            .get_mut("interface")
            .and_then(|interface| interface.get_mut("input"));
        if let Some(inputs) = inputs {
            let list = inputs.as_array().map(Vec::as_slice).unwrap_or_default();
            let found = self.found(id_places_of_inputs(list));
            put(inputs, found);
        }
    }

    /// The same in a blueprint.
    pub(super) fn in_document(&self, document: &mut Value) {
        let found = self.found(id_places(document));
        put(document, found);
    }

    /// The things that known places of a blueprint and of fields name by their ids.
    pub(super) fn named(
        &self,
        fields: &Map<String, Value>,
        document: Option<&Value>,
    ) -> BTreeSet<Address> {
        let places = document.map(id_places).unwrap_or_default();
        let in_document = places
            .iter()
            .filter_map(|place| Some((place.kind, place.id()?)));
        let in_fields = LINKS
            .iter()
            .filter_map(|(field, kind)| Some((*kind, RemoteId::from_value(fields.get(*field)?)?)));
        let bound = self.bindings.by_address.iter();
        let bound: BTreeMap<(Kind, &RemoteId), &Address> = bound
            .map(|(address, binding)| ((address.kind, &binding.id), address))
            .collect();
        in_document
            .chain(in_fields)
            .filter_map(|(kind, id)| bound.get(&(kind, &id)).map(|&address| address.clone()))
            .collect()
    }

    fn found(&self, places: Vec<IdPlace<'_>>) -> Vec<(Path, Value)> {
        let meant = places.into_iter().filter_map(|place| {
            let id = place.id()?;
            let now = self.meaning(place.kind, &id, place.value)?;
            let now = match now.as_str() {
                // Most ids are numbers: of one that stands there as a text, the reference says so.
                Some(text) if place.is_written_number() => Value::from(text.replace('}', ".id}")),
                _ => now,
            };
            Some((place.path, now))
        });
        meant.collect()
    }

    /// What stands for an id now; none where it stays. `as_written`: how it stands there.
    fn meaning(&self, kind: Kind, id: &RemoteId, as_written: &Value) -> Option<Value> {
        let address = self.addresses.get(&(kind, id.clone()))?;
        if self.restored.contains(address) {
            return Some(reference(address));
        }
        let now = &self.bindings.by_address.get(address)?.id;
        if now == id {
            return None;
        }
        Some(match as_written.as_str() {
            Some(text) => Value::from(text.replace(&id.to_string(), &now.to_string())),
            None => now.to_value(),
        })
    }
}

fn reference(address: &Address) -> Value {
    let reference = Reference::Thing {
        address: address.clone(),
        attribute: None,
    };
    Value::from(reference.to_string())
}

fn put(document: &mut Value, found: Vec<(Path, Value)>) {
    for (path, now) in found {
        if let Some(value) = value_at_mut(document, &path) {
            *value = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::Ids;
    use crate::model::{Binding, Bindings, Kind, RemoteId};

    #[test]
    fn ids_of_what_goes_back_are_references_and_others_are_those_of_today() {
        let at = |text: &str| text.parse().unwrap();
        let held = |kind, id, address| ((kind, RemoteId::Int(id)), at(address));
        let addresses = [
            held(Kind::Webhook, 58, "webhook.leads"),
            held(Kind::Scenario, 901, "scenario.child"),
            held(Kind::DataStore, 7, "data-store.moved"),
            held(Kind::Folder, 3, "folder.crm"),
            held(Kind::Folder, 4, "folder.gone"),
        ]
        .into();
        let restored = ["webhook.leads", "scenario.child", "folder.crm"]
            .map(at)
            .into();
        let mut bindings = Bindings::default();
        let moved = Binding::bare(RemoteId::Int(8));
        bindings.by_address.insert(at("data-store.moved"), moved);
        let ids = Ids {
            addresses: &addresses,
            then: &BTreeMap::new(),
            restored: &restored,
            bindings: &bindings,
        };
        let mut document = json!({"flow": [
            {"id": 1, "module": "gateway:CustomWebHook", "parameters": {"hook": 58}},
            {"id": 2, "module": "a:b", "parameters": {"hook": "58", "datastore": 7, "__IMTCONN__": 58}},
            {"id": 3, "module": "scenario-service:CallSubscenario", "parameters": {"scenario": "SCN_901"}},
            {"id": 4, "module": "a:b", "parameters": {"datastore": "7"}},
        ]});
        ids.in_document(&mut document);
        assert_eq!(
            document["flow"],
            json!([
                {"id": 1, "module": "gateway:CustomWebHook", "parameters": {"hook": "${webhook.leads}"}},
                {"id": 2, "module": "a:b", "parameters": {"hook": "${webhook.leads.id}", "datastore": 8, "__IMTCONN__": 58}},
                {"id": 3, "module": "scenario-service:CallSubscenario", "parameters": {"scenario": "${scenario.child}"}},
                {"id": 4, "module": "a:b", "parameters": {"datastore": "8"}},
            ])
        );
        let mut fields = json!({"folder": 3, "parent": 4, "dataStructure": null});
        ids.in_fields(fields.as_object_mut().unwrap());
        assert_eq!(
            fields,
            json!({"folder": "${folder.crm}", "parent": 4, "dataStructure": null})
        );
    }
}
