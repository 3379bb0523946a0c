//! What seeding made, and why it could not.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::sandbox::WorldError;

/// How many of each thing were made, and what the user should know about them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeedReport {
    /// Scenarios, stand-ins for called ones apart.
    pub scenarios: usize,
    /// Stand-ins for scenarios that others call.
    pub called_scenarios: usize,
    /// Folders of scenarios.
    pub folders: usize,
    /// Webhooks and mailhooks.
    pub hooks: usize,
    /// Connections.
    pub connections: usize,
    /// Keys of the keychain.
    pub keys: usize,
    /// Data stores.
    pub data_stores: usize,
    /// Data structures.
    pub data_structures: usize,
    /// Records of data stores.
    pub records: usize,
    /// Devices.
    pub devices: usize,
    /// Custom functions.
    pub functions: usize,
    /// People, each with a role in the organization and one in the team.
    pub members: usize,
    /// Variables of the team and of the organization.
    pub variables: usize,
    /// What was not made as its file says, a sentence each.
    pub notes: Vec<String>,
}

impl fmt::Display for SeedReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            scenarios,
            called_scenarios,
            folders,
            hooks,
            connections,
            keys,
            data_stores,
            data_structures,
            records,
            devices,
            functions,
            members,
            variables,
            notes,
        } = self;
        let counts = [
            (scenarios, "scenario", "scenarios"),
            (called_scenarios, "called scenario", "called scenarios"),
            (folders, "folder", "folders"),
            (hooks, "hook", "hooks"),
            (connections, "connection", "connections"),
            (keys, "key", "keys"),
            (data_stores, "data store", "data stores"),
            (data_structures, "data structure", "data structures"),
            (records, "record", "records"),
            (devices, "device", "devices"),
            (functions, "function", "functions"),
            (members, "member", "members"),
            (variables, "variable", "variables"),
        ];
        let made: Vec<String> = counts
            .into_iter()
            .filter(|(count, ..)| **count > 0)
            .map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many }))
            .collect();
        match made.as_slice() {
            [] => f.write_str("Made nothing: everything was there.")?,
            made => write!(f, "Made {}.", made.join(", "))?,
        }
        notes.iter().try_for_each(|note| write!(f, "\n{note}"))
    }
}

/// Why a world was not seeded; nothing of the folder is in the world then.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The world has no team 1 to put things into.
    #[error("failed to seed the world: it has no team 1")]
    NoTeam,
    /// The world could not be read or written.
    #[error("failed to seed the world")]
    World(#[from] WorldError),
    /// A file or folder could not be read.
    #[error("failed to read {}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The folder holds no blueprint file.
    #[error("failed to find a blueprint in {}: it holds no *.json file", path.display())]
    NoFiles {
        /// The folder.
        path: PathBuf,
    },
    /// A file is no JSON, or JSON with a key twice in one object.
    #[error("failed to read {}:{line}:{column}: {reason}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column in it, in characters, from 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// A file is JSON, but not of a blueprint.
    #[error("failed to read {}: {reason}", path.display())]
    NoBlueprint {
        /// The file.
        path: PathBuf,
        /// What is missing.
        reason: String,
    },
}

impl SeedError {
    /// For `map_err`: which file or folder could not be read.
    pub(super) fn read(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |source| Self::Read {
            path: path.to_path_buf(),
            source,
        }
    }
}
