//! The files of a project's things, one after the other.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{
    blueprint_text, blueprint_text::editor_text, document::manifest, yaml::to_yaml_stream,
};
use crate::{
    manifest::{blueprint_file::MARKER, editor_file_name},
    model::{Address, Blueprint, Declared, Desired, UnpackError, blueprint::split},
};

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where, relative to the project.
    pub path: PathBuf,
    /// What.
    pub bytes: Vec<u8>,
}

/// Why a file can't be made.
#[derive(Debug, thiserror::Error)]
pub enum EmitError {
    /// A value has no form in YAML.
    #[error("failed to write YAML: {0}")]
    Yaml(String),
    /// The blueprint of a thing can't be read.
    #[error("failed to write the blueprint of {address}")]
    Blueprint {
        /// The thing.
        address: Address,
        /// Why.
        #[source]
        source: UnpackError,
    },
}

/// The manifests of all things that have a place, each made as it is asked for.
///
/// Things that share a place stand there as one document below the other, by address. A
/// scenario's blueprint lies in files of its own beside its manifest: what it does, and what the
/// editor needs.
pub fn files<'a>(
    desired: &'a Desired,
    places: &'a BTreeMap<Address, PathBuf>,
) -> impl Iterator<Item = Result<File, EmitError>> + 'a {
    let mut by_path: BTreeMap<&Path, Vec<(&Address, &Declared)>> = BTreeMap::new();
    for (address, declared) in &desired.things {
        if let Some(path) = places.get(address) {
            by_path.entry(path).or_default().push((address, declared));
        }
    }
    by_path.into_iter().flat_map(|(path, things)| {
        let manifests = std::iter::once(manifest_file(path, &things));
        manifests.chain(things.into_iter().flat_map(|(address, declared)| {
            let blueprint = blueprint_of(declared);
            let files = blueprint.map(|blueprint| blueprint_of_thing(path, address, blueprint));
            match files.transpose() {
                Ok(files) => files.into_iter().flatten().map(Ok).collect(),
                Err(error) => vec![Err(error)],
            }
        }))
    })
}

fn manifest_file(path: &Path, things: &[(&Address, &Declared)]) -> Result<File, EmitError> {
    let documents: Vec<_> = things
        .iter()
        .map(|(address, declared)| manifest(address, declared, &blueprint_name(address)))
        .collect();
    Ok(File {
        path: path.to_owned(),
        bytes: to_yaml_stream(&documents)?.into_bytes(),
    })
}

fn blueprint_of_thing(
    manifest: &Path,
    address: &Address,
    blueprint: &Blueprint,
) -> Result<Vec<File>, EmitError> {
    let document = blueprint
        .document()
        .map_err(|source| EmitError::Blueprint {
            address: address.clone(),
            source,
        })?;
    let path = manifest.with_file_name(blueprint_name(address));
    Ok(blueprint_files(&path, document, blueprint.has_references()))
}

/// The one or two files of a blueprint. `path`: that of what it does. `references`: whether its
/// texts may hold any.
#[must_use]
pub fn blueprint_files(path: &Path, document: Value, references: bool) -> Vec<File> {
    let (mut does, editor) = split(document);
    let mark = |document: &mut Value| {
        if let Value::Object(members) = document
            && references
        {
            members.shift_insert(0, MARKER.to_owned(), Value::from(1));
        }
    };
    mark(&mut does);
    let mut files = vec![File {
        path: path.to_owned(),
        bytes: blueprint_text(&does).into_bytes(),
    }];
    if !editor.is_empty() {
        let mut editor = editor.into_value();
        mark(&mut editor);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        files.push(File {
            path: path.with_file_name(editor_file_name(&name)),
            bytes: editor_text(&editor).into_bytes(),
        });
    }
    files
}

pub(super) fn blueprint_name(address: &Address) -> String {
    format!("{}.blueprint.json", address.name)
}

fn blueprint_of(declared: &Declared) -> Option<&Blueprint> {
    declared.spec.as_scenario()?.blueprint.as_set()
}
