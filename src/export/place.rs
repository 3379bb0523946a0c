//! Which file a thing goes to.

use std::{path::PathBuf, sync::Arc};

use super::name::Names;
use crate::model::{Address, Field, Kind, Place, RemoteId, Snapshot, Source, Spec, spec::Link};

/// Where all manifests are, as a pattern of `makeform.yaml` finds them.
const ROOT: &str = "manifests";

/// A place in a file that is not written yet.
pub(super) fn nowhere(file: &str) -> Place {
    let source = Source {
        name: file.to_owned(),
        text: String::new(),
    };
    Place::new(&Arc::new(source), 0..0)
}

/// The file of a thing: what people edit one at a time stands alone, scenarios in their folders,
/// and what is a list in people's heads stands in one file.
pub(super) fn place(snapshot: &Snapshot, names: &Names, address: &Address, spec: &Spec) -> PathBuf {
    let root = PathBuf::from(ROOT);
    match spec {
        Spec::Scenario(spec) => {
            let mut path = root.join("scenarios");
            path.extend(folders(snapshot, names, &spec.folder));
            path.join(format!("{}.yaml", address.name))
        }
        Spec::Webhook(_) => root.join("webhooks").join(format!("{}.yaml", address.name)),
        Spec::Folder(_) => root.join("folders.yaml"),
        Spec::Agent(_) => root.join("agents.yaml"),
        Spec::Connection(_) => root.join("connections.yaml"),
        Spec::DataStore(_) => root.join("data-stores.yaml"),
        Spec::DataStructure(_) => {
            let file = format!("{}.yaml", address.name);
            root.join("data-structures").join(file)
        }
        Spec::Device(_) => root.join("devices.yaml"),
        Spec::Key(_) => root.join("keys.yaml"),
        Spec::OrganizationRole(_) => root.join("organization-roles.yaml"),
        Spec::Schedule(_) => root.join("schedules.yaml"),
        Spec::Team(_) => root.join("teams.yaml"),
        Spec::TeamRole(_) => root.join("team-roles.yaml"),
        Spec::Variable(_) => root.join("variables.yaml"),
    }
}

/// The names of a folder and of those around it, the outermost first.
fn folders(snapshot: &Snapshot, names: &Names, folder: &Field<Link>) -> Vec<String> {
    let mut path = Vec::new();
    let mut seen: Vec<&RemoteId> = Vec::new();
    let mut next = folder.as_set();
    while let Some(Link::Id(id)) = next {
        let Some(address) = names.address(Kind::Folder, id) else {
            break;
        };
        if seen.contains(&id) {
            break;
        }
        seen.push(id);
        path.push(address.name.to_string());
        next = match snapshot.get(Kind::Folder, id).map(|live| &live.spec) {
            Some(Spec::Folder(spec)) => spec.parent.as_set(),
            _ => None,
        };
    }
    path.reverse();
    path
}
