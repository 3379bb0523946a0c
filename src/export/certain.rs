//! Ids of a raw blueprint as references, as far as manifests and ledger tell what they are.
//!
//! Nobody is asked, neither the account nor the user. An id is certain where it is bound or
//! pinned to a thing of the project, or where Make's editor left the name of exactly one such
//! thing beside it. What tells two stories is left as it is, and said.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    diagnostic::{Finding, codes::export as codes},
    model::{
        Address, Bindings, Desired, Kind, RemoteId,
        blueprint::{IdPlace, id_places},
        value_at_mut,
    },
};

/// An id of a kind.
type Object = (Kind, RemoteId);

/// What ids are, from all blueprints of a project together.
#[derive(Debug, Default)]
pub struct Certain {
    certain: BTreeMap<Object, Address>,
    /// Why the others are not.
    doubts: BTreeMap<Object, Doubt>,
}

/// Why it is not certain what an id is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Doubt {
    /// Nothing tells.
    Unknown,
    /// Several things may be it.
    Several(BTreeSet<Address>),
    /// Several ids may be this thing.
    Shared(Address),
}

impl Certain {
    /// Finds out what the ids of these blueprints are.
    pub fn of<'d>(
        documents: impl IntoIterator<Item = &'d Value>,
        desired: &Desired,
        bindings: &Bindings,
    ) -> Self {
        let mut candidates: BTreeMap<Object, BTreeSet<Address>> = BTreeMap::new();
        for document in documents {
            for place in id_places(document) {
                let Some(id) = place.id() else { continue };
                let named = named(desired, &place);
                let found = candidates.entry((place.kind, id)).or_default();
                found.extend(named);
            }
        }
        let known = known_ids(desired, bindings);
        for (object, found) in &mut candidates {
            found.extend(known.get(object).cloned());
        }
        let mut takers: BTreeMap<Address, BTreeSet<Object>> = BTreeMap::new();
        for (object, address) in &known {
            let takers = takers.entry(address.clone()).or_default();
            takers.insert(object.clone());
        }
        for (object, found) in &candidates {
            for address in found {
                let takers = takers.entry(address.clone()).or_default();
                takers.insert(object.clone());
            }
        }
        let mut settled = Self::default();
        for (object, found) in candidates {
            let doubt = match (found.first(), found.len()) {
                (None, _) => Doubt::Unknown,
                (Some(only), 1) if takers.get(only).is_some_and(|ids| ids.len() == 1) => {
                    settled.certain.insert(object, only.clone());
                    continue;
                }
                (Some(only), 1) => Doubt::Shared(only.clone()),
                _ => Doubt::Several(found),
            };
            settled.doubts.insert(object, doubt);
        }
        settled
    }

    /// Writes references for the ids of a blueprint that are certain, and says which are not.
    /// `of`: the scenario that has it.
    pub fn refer(&self, document: &mut Value, of: &Address) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut doubtful: BTreeMap<Object, (BTreeSet<String>, Option<String>)> = BTreeMap::new();
        for place in id_places(document) {
            let Some(id) = place.id() else { continue };
            let object = (place.kind, id);
            if let Some(address) = self.certain.get(&object) {
                found.push((place.path, format!("${{{address}}}")));
                continue;
            }
            let (modules, label) = doubtful.entry(object).or_default();
            modules.extend(place.module.map(|(key, _)| key));
            if label.is_none() {
                *label = place.label.map(str::to_owned);
            }
        }
        for (path, reference) in found {
            if let Some(value) = value_at_mut(document, &path) {
                *value = Value::String(reference);
            }
        }
        let finding = |(object, (modules, label))| self.finding(&object, &modules, label, of);
        doubtful.into_iter().map(finding).collect()
    }

    fn finding(
        &self,
        object: &Object,
        modules: &BTreeSet<String>,
        label: Option<String>,
        of: &Address,
    ) -> Finding {
        let (kind, id) = object;
        let what = kind.prefix();
        let modules: Vec<&str> = modules.iter().map(String::as_str).collect();
        let place = match modules.as_slice() {
            [] => String::new(),
            [module] => format!(" in module {module}"),
            several => format!(" in modules {}", several.join(", ")),
        };
        let called = label.map_or_else(String::new, |label| format!(" (`{label}`)"));
        let why = match self.doubts.get(object) {
            Some(Doubt::Several(several)) => {
                let several: Vec<String> = several.iter().map(ToString::to_string).collect();
                format!("may be {}", several.join(" or "))
            }
            Some(Doubt::Shared(address)) => format!("may be {address}, and so may another id"),
            Some(Doubt::Unknown) | None => "is none that a manifest is known to declare".to_owned(),
        };
        let message = format!("{what} {id}{called}{place} {why}");
        Finding::new(&codes::UNCERTAIN_ID, message)
            .about(of)
            .help(format!(
                "write `${{{what}.NAME}}` there, or pin {id} in makeform.ids.yaml and format again"
            ))
    }
}

/// The declared things that have the name which the editor left beside an id.
fn named(desired: &Desired, place: &IdPlace<'_>) -> Vec<Address> {
    let Some(label) = place.label else {
        return Vec::new();
    };
    let fits = desired.things.iter().filter(|(address, declared)| {
        let types = declared
            .spec
            .as_looked()
            .map(|looked| looked.types.as_slice());
        let types = types.unwrap_or_default();
        let has_type = types.is_empty()
            || place.types.is_empty()
            || types.iter().any(|one| place.types.contains(&one.as_str()));
        address.kind == place.kind
            && has_type
            && declared.spec.match_key().as_deref() == Some(label)
    });
    fits.map(|(address, _)| address.clone()).collect()
}

/// What ledger and pins say.
fn known_ids(desired: &Desired, bindings: &Bindings) -> BTreeMap<Object, Address> {
    let bound = bindings.by_address.iter();
    let bound = bound.map(|(address, binding)| (address, &binding.id));
    let pinned = desired.pins.iter().map(|(address, pin)| (address, &pin.id));
    let declared = |address: &&Address| desired.things.contains_key(*address);
    bound
        .chain(pinned)
        .filter(|(address, _)| declared(address))
        .map(|(address, id)| ((address.kind, id.clone()), address.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::Certain;
    use crate::{
        export::place::nowhere,
        model::{
            Address, Binding, Bindings, Declared, Desired, Lifecycle, Pin, RemoteId, Spec,
            spec::{LookedSpec, WebhookSpec},
        },
    };

    fn desired() -> Desired {
        let connection = |name: &str, kind: &str| {
            Spec::Connection(LookedSpec {
                name: name.to_owned(),
                types: vec![kind.to_owned()],
            })
        };
        let webhook = Spec::Webhook(WebhookSpec {
            name: "Leads".to_owned(),
            ..WebhookSpec::default()
        });
        let things = [
            ("connection.slack", connection("Team Slack", "slack")),
            ("connection.mail", connection("Mail", "smtp")),
            ("connection.mail-too", connection("Mail", "google")),
            ("connection.sheets", connection("Sheets", "google")),
            ("webhook.leads", webhook),
        ];
        let mut desired = Desired::default();
        for (address, spec) in things {
            let declared = Declared {
                spec,
                lifecycle: Lifecycle::default(),
                place: nowhere("a.yaml"),
                places: BTreeMap::new(),
            };
            desired.things.insert(address.parse().unwrap(), declared);
        }
        desired
    }

    fn module(id: u64, connection: u64, tag: &str, label: &str) -> Value {
        json!({"id": id, "module": "a:b", "parameters": {"__IMTCONN__": connection}, "metadata": {
            "parameters": [{"name": "__IMTCONN__", "type": tag}],
            "restore": {"parameters": {"__IMTCONN__": {"label": label}}}}})
    }

    /// The connections that come out, and what is said.
    fn referred(
        modules: &[Value],
        desired: &Desired,
        bindings: &Bindings,
    ) -> (Vec<Value>, Vec<String>) {
        let mut document = json!({"flow": modules});
        let certain = Certain::of([&document], desired, bindings);
        let said = certain.refer(&mut document, &"scenario.a".parse::<Address>().unwrap());
        let flow = document["flow"].as_array().unwrap();
        let found = flow
            .iter()
            .map(|module| module["parameters"]["__IMTCONN__"].clone());
        (
            found.collect(),
            said.into_iter().map(|finding| finding.message).collect(),
        )
    }

    #[test]
    fn a_name_beside_an_id_tells_what_it_is_where_one_thing_has_it() {
        let modules = [
            module(1, 11, "account:slack", "Team Slack"),
            module(2, 12, "account:smtp,imap", "Mail"),
            module(3, 13, "account:slack", "Sheets"),
            module(4, 11, "account:slack", ""),
        ];
        let (found, said) = referred(&modules, &desired(), &Bindings::default());
        assert_eq!(
            found,
            [
                json!("${connection.slack}"),
                json!("${connection.mail}"),
                json!(13),
                json!("${connection.slack}")
            ]
        );
        assert_eq!(
            said,
            ["connection 13 (`Sheets`) in module 3 is none that a manifest is known to declare"]
        );
    }

    #[test]
    fn what_tells_two_stories_is_left_and_said() {
        let tag = "account:google,smtp";
        let modules = [
            module(1, 12, tag, "Mail"),
            module(2, 14, tag, "Sheets"),
            module(3, 15, tag, "Sheets"),
        ];
        let (found, said) = referred(&modules, &desired(), &Bindings::default());
        assert_eq!(found, [json!(12), json!(14), json!(15)]);
        assert_eq!(
            said,
            [
                "connection 12 (`Mail`) in module 1 may be connection.mail or connection.mail-too",
                "connection 14 (`Sheets`) in module 2 may be connection.sheets, and so may another id",
                "connection 15 (`Sheets`) in module 3 may be connection.sheets, and so may another id",
            ]
        );
    }

    #[test]
    fn ledger_and_pins_know_ids_and_a_name_that_says_otherwise_is_a_doubt() {
        let mut desired = desired();
        let pin = Pin {
            id: RemoteId::Int(12),
            place: nowhere("makeform.ids.yaml"),
        };
        desired.pins.insert("connection.mail".parse().unwrap(), pin);
        let mut bindings = Bindings::default();
        let bound = Binding::bare(RemoteId::Int(58));
        bindings
            .by_address
            .insert("webhook.leads".parse().unwrap(), bound);
        let hook = json!({"id": 9, "module": "gateway:CustomWebHook", "parameters": {"hook": 58}});
        let mut document = json!({"flow": [hook, module(1, 12, "account:smtp", "old name"),
            module(2, 13, "account:smtp", "Mail")]});
        let certain = Certain::of([&document], &desired, &bindings);
        let said = certain.refer(&mut document, &"scenario.a".parse::<Address>().unwrap());
        assert_eq!(
            document["flow"][0]["parameters"]["hook"],
            "${webhook.leads}"
        );
        // Another id has the name of what is pinned: one of the two is wrong.
        assert_eq!(document["flow"][1]["parameters"]["__IMTCONN__"], 12);
        assert_eq!(said.len(), 2);
    }
}
