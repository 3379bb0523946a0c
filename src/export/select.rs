//! What is exported: all, some kinds, or some things, and what those stand on.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{compose::ExportOptions, name::Names, urls::HookUrls};
use crate::model::{
    Address, Field, Kind, RemoteId, Snapshot, Spec,
    blueprint::{id_places, id_places_of_inputs},
    spec::Link,
};

/// The chosen things.
pub(super) struct Selection {
    /// By kind and id.
    pub(super) things: BTreeSet<(Kind, RemoteId)>,
    /// Addresses that were asked for and name nothing.
    pub(super) missing: BTreeSet<Address>,
    /// Things that would have been chosen, had they a name.
    pub(super) nameless: Vec<(Kind, RemoteId)>,
}

/// Chooses by kind and by address. What a chosen thing refers to comes with it, so that the
/// manifests are complete.
pub(super) fn select(
    snapshot: &Snapshot,
    names: &Names,
    urls: &HookUrls<'_>,
    options: &ExportOptions,
) -> Selection {
    let ExportOptions {
        kinds,
        only,
        target: _,
        environment: _,
        known: _,
        layout: _,
        declared: _,
        keep_secrets: _,
        no_personal_data: _,
    } = options;
    let is_all = kinds.is_empty() && only.is_empty();
    let mut found = BTreeSet::new();
    let mut things = BTreeSet::new();
    for (address, kind, id) in names.iter() {
        let named = only.contains(address);
        if named {
            found.insert(address);
        }
        if is_all {
            things.insert((kind, id.clone()));
        } else if (kinds.is_empty() || kinds.contains(&kind)) && (only.is_empty() || named) {
            let chosen = Chosen {
                snapshot,
                names,
                urls,
            };
            chosen.add(kind, id, &mut things);
        }
    }
    let nameless = names
        .nameless()
        .iter()
        .filter(|(kind, _)| only.is_empty() && (kinds.is_empty() || kinds.contains(kind)));
    let nameless = nameless.cloned().collect();
    let missing = only
        .iter()
        .filter(|address| !found.contains(address))
        .cloned()
        .collect();
    Selection {
        things,
        missing,
        nameless,
    }
}

/// What tells one thing from another that it names.
struct Chosen<'a> {
    snapshot: &'a Snapshot,
    names: &'a Names,
    urls: &'a HookUrls<'a>,
}

impl Chosen<'_> {
    /// Adds a thing and what it refers to. Ends where it was before, so circles do no harm.
    fn add(&self, kind: Kind, id: &RemoteId, things: &mut BTreeSet<(Kind, RemoteId)>) {
        let Some(live) = self.snapshot.get(kind, id) else {
            return;
        };
        if !things.insert((kind, id.clone())) {
            return;
        }
        for (kind, id) in self.needs(&live.spec) {
            let address = self.names.address(kind, &id);
            if !address.is_some_and(|address| self.names.is_left_out(address)) {
                self.add(kind, &id, things);
            }
        }
    }

    /// What a thing refers to, by id.
    fn needs(&self, spec: &Spec) -> Vec<(Kind, RemoteId)> {
        let mut needs = Vec::new();
        let fields: &[(Kind, &Field<Link>)] = match spec {
            Spec::Scenario(spec) => {
                let document = spec.blueprint.as_set();
                // One that can't be read is reported where it is declared.
                if let Some(document) = document.and_then(|blueprint| blueprint.document().ok()) {
                    needs = self.named_in(&document);
                }
                if let Some(interface) = spec.interface.as_set() {
                    let places = id_places_of_inputs(&interface.input);
                    needs.extend(places.iter().filter_map(|it| Some((it.kind, it.id()?))));
                }
                &[(Kind::Folder, &spec.folder)]
            }
            Spec::Folder(spec) => &[(Kind::Folder, &spec.parent)],
            Spec::DataStore(spec) => &[(Kind::DataStructure, &spec.data_structure)],
            Spec::Webhook(spec) => &[
                (Kind::Connection, &spec.connection),
                (Kind::DataStructure, &spec.data_structure),
                (Kind::Scenario, &spec.scenario),
            ],
            Spec::Agent(_)
            | Spec::Connection(_)
            | Spec::DataStructure(_)
            | Spec::Device(_)
            | Spec::Key(_)
            | Spec::OrganizationRole(_)
            | Spec::Schedule(_)
            | Spec::Team(_)
            | Spec::TeamRole(_)
            | Spec::Variable(_) => &[],
        };
        needs.extend(fields.iter().filter_map(|(kind, field)| match field {
            Field::Set(Link::Id(id)) => Some((*kind, id.clone())),
            Field::Set(Link::Thing(_)) | Field::Null | Field::Absent => None,
        }));
        needs
    }

    /// What a blueprint names: by id, or by a webhook's URL.
    fn named_in(&self, document: &Value) -> Vec<(Kind, RemoteId)> {
        let places = id_places(document);
        let by_id = places
            .iter()
            .filter_map(|place| Some((place.kind, place.id()?)));
        let called = self.urls.within(document);
        let by_url = called
            .into_iter()
            .filter_map(|address| self.names.thing(address));
        by_id.chain(by_url).collect()
    }
}
