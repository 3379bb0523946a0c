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

/// How the files of things that have none yet are laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// Scenarios in folders as in Make, what people edit one at a time in files of its own, and
    /// what is a list in people's heads in one file.
    #[default]
    Folders,
    /// A folder for each kind, and in it a file for each thing.
    Kinds,
}

/// The file of a thing that has none yet.
pub(super) fn place(
    snapshot: &Snapshot,
    names: &Names,
    address: &Address,
    spec: &Spec,
    layout: Layout,
) -> PathBuf {
    let mut path = PathBuf::from(ROOT);
    let kind = plural(address.kind);
    let alone = match spec {
        Spec::Scenario(spec) => {
            path.push(kind);
            if layout == Layout::Folders {
                path.extend(folders(snapshot, names, &spec.folder));
            }
            return path.join(format!("{}.yaml", address.name));
        }
        Spec::DataStructure(_) | Spec::Webhook(_) => true,
        Spec::Agent(_)
        | Spec::Connection(_)
        | Spec::DataStore(_)
        | Spec::Device(_)
        | Spec::Folder(_)
        | Spec::Key(_)
        | Spec::OrganizationRole(_)
        | Spec::Schedule(_)
        | Spec::Team(_)
        | Spec::TeamRole(_)
        | Spec::Variable(_) => false,
    };
    match alone || layout == Layout::Kinds {
        true => path.join(kind).join(format!("{}.yaml", address.name)),
        false => path.join(format!("{kind}.yaml")),
    }
}

/// What the files or folders of a kind are called.
fn plural(kind: Kind) -> String {
    format!("{}s", kind.prefix())
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
