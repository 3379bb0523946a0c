//! What is exported: all, some kinds, or some things, and what those stand on.

use std::collections::BTreeSet;

use super::{compose::ExportOptions, name::Names};
use crate::model::{Address, Field, Kind, RemoteId, Snapshot, Spec, spec::Link};

/// The chosen things.
pub(super) struct Selection {
    /// By kind and id.
    pub(super) things: BTreeSet<(Kind, RemoteId)>,
    /// Addresses that were asked for and name nothing.
    pub(super) missing: Vec<Address>,
    /// Things that would have been chosen, had they a name.
    pub(super) nameless: Vec<(Kind, RemoteId)>,
}

/// Chooses by kind and by address. What a chosen thing refers to comes with it, so that the
/// manifests are complete.
pub(super) fn select(snapshot: &Snapshot, names: &Names, options: &ExportOptions) -> Selection {
    let ExportOptions {
        kinds,
        only,
        target: _,
        environment: _,
    } = options;
    let mut found = BTreeSet::new();
    let mut things = BTreeSet::new();
    for (address, kind, id) in names.iter() {
        let named = only.contains(address);
        if named {
            found.insert(address);
        }
        if (kinds.is_empty() || kinds.contains(&kind)) && (only.is_empty() || named) {
            add(snapshot, kind, id, &mut things);
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

/// Adds a thing and what it refers to. Ends where it was before, so circles do no harm.
fn add(snapshot: &Snapshot, kind: Kind, id: &RemoteId, things: &mut BTreeSet<(Kind, RemoteId)>) {
    let Some(live) = snapshot.get(kind, id) else {
        return;
    };
    if !things.insert((kind, id.clone())) {
        return;
    }
    let fields: &[(Kind, &Field<Link>)] = match &live.spec {
        Spec::Scenario(spec) => &[(Kind::Folder, &spec.folder)],
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
    for (kind, field) in fields {
        if let Field::Set(Link::Id(id)) = field {
            add(snapshot, *kind, id, things);
        }
    }
}
