//! The files of a project: the module's one door to the disk.
//!
//! Nothing outside of the project's folder is read, links followed; nor anything that is no
//! regular file, since reading a pipe or a device may never end.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    diagnostic::{Finding, Report, codes::manifest as codes},
    model::Source,
};

use super::source::decode;

/// The file that makes a folder a project.
pub const PROJECT_FILE: &str = "makeform.yaml";

/// The file of pinned ids beside it.
pub const IDS_FILE: &str = "makeform.ids.yaml";

/// The most bytes that a file may have: many times what Make takes as a blueprint, and little
/// enough to hold in memory.
const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error("there is no such file")]
    Missing,
    #[error("it is a link that leads nowhere")]
    Dangling,
    #[error("it lies outside of the project")]
    Outside,
    #[error("it is no regular file")]
    NoFile,
    #[error("it has {0} bytes, and {MOST_BYTES} are read at most")]
    TooLarge(u64),
    #[error("line {0} is no UTF-8 text")]
    NoText(usize),
    #[error("{0}")]
    Refused(io::Error),
}

/// The folder of the project that a folder belongs to.
pub(super) fn root(start: &Path) -> Result<PathBuf, Report> {
    let missing = |help: &str| {
        let message = format!("there is no {PROJECT_FILE} in {} or above", start.display());
        Report::from_iter([Finding::new(&codes::NO_PROJECT, message).help(help)])
    };
    let start = start
        .canonicalize()
        .map_err(|_| missing("name a folder that exists"))?;
    let found = start
        .ancestors()
        .find(|folder| folder.join(PROJECT_FILE).is_file());
    found.map(Path::to_path_buf).ok_or_else(|| {
        missing(
            "begin a project here with `makeform init`, or name the folder of one with `-C DIR`",
        )
    })
}

/// Reads a file of a project. `path` is relative to the root, perhaps with `..`.
pub(super) fn read(root: &Path, path: &Path) -> Result<Arc<Source>, ReadError> {
    let file = inside(root, &root.join(path))?;
    let metadata = fs::metadata(&file).map_err(refused)?;
    if !metadata.is_file() {
        return Err(ReadError::NoFile);
    }
    if metadata.len() > MOST_BYTES {
        return Err(ReadError::TooLarge(metadata.len()));
    }
    let bytes = fs::read(file).map_err(refused)?;
    decode(written(path), bytes).map_err(ReadError::NoText)
}

/// Whether there is anything of that name in a project, be it a link that leads nowhere.
pub(super) fn is_there(root: &Path, path: &Path) -> bool {
    root.join(path).symlink_metadata().is_ok()
}

/// The names of the files in a folder of a project, in their order; none of one outside.
pub(super) fn names_in(root: &Path, folder: &Path) -> Vec<String> {
    let folder = inside(root, &root.join(folder)).ok();
    let entries = folder.and_then(|folder| fs::read_dir(folder).ok());
    let files = entries.into_iter().flatten().flatten();
    let files = files.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    let mut names: Vec<String> = files
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

/// The file that a path leads to, if that is in the project.
fn inside(root: &Path, path: &Path) -> Result<PathBuf, ReadError> {
    let file = path.canonicalize().map_err(|error| {
        if error.kind() == io::ErrorKind::NotFound && path.is_symlink() {
            ReadError::Dangling
        } else {
            refused(error)
        }
    })?;
    if file.starts_with(root) {
        Ok(file)
    } else {
        Err(ReadError::Outside)
    }
}

fn refused(error: io::Error) -> ReadError {
    if error.kind() == io::ErrorKind::NotFound {
        ReadError::Missing
    } else {
        ReadError::Refused(error)
    }
}

/// A path as users write it: with `/`, steps back resolved.
fn written(path: &Path) -> String {
    let mut parts: Vec<String> = Vec::new();
    for component in path.components() {
        match component {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir if parts.pop().is_some() => {}
            other @ (std::path::Component::Prefix(_)
            | std::path::Component::RootDir
            | std::path::Component::ParentDir
            | std::path::Component::Normal(_)) => {
                parts.push(other.as_os_str().to_string_lossy().into_owned());
            }
        }
    }
    parts.join("/")
}

/// What the patterns of a project match.
#[derive(Debug, Default)]
pub(super) struct Matches {
    /// Paths relative to the root, sorted as users write them; each file once, whatever its
    /// names.
    pub(super) files: Vec<PathBuf>,
    /// What is wrong with a pattern, by its position in the list.
    pub(super) faults: Vec<(usize, PatternFault)>,
}

/// What is wrong with a pattern.
#[derive(Debug)]
pub(super) enum PatternFault {
    /// It is no pattern.
    Malformed(String),
    /// It leads out of the project, or matches a link that does.
    Outside(String),
    /// It matches nothing.
    Nothing,
    /// A folder that may hold matches can't be read.
    Unreadable(String),
}

/// The files that patterns match. The project's own two files are never among them.
pub(super) fn matching(root: &Path, patterns: &[String]) -> Matches {
    let mut matches = Matches::default();
    let mut seen = BTreeSet::new();
    let mut files = BTreeMap::new();
    for (index, pattern) in patterns.iter().enumerate() {
        match matching_one(root, pattern) {
            Ok(found) => {
                if found.is_empty() {
                    matches.faults.push((index, PatternFault::Nothing));
                }
                for path in found {
                    match inside(root, &root.join(&path)) {
                        Ok(file) => {
                            if seen.insert(file) {
                                files.insert(written(&path), path);
                            }
                        }
                        Err(ReadError::Outside) => {
                            let fault = PatternFault::Outside(written(&path));
                            matches.faults.push((index, fault));
                        }
                        // What can't be followed can't be read either: reading says so.
                        Err(
                            ReadError::Missing
                            | ReadError::Dangling
                            | ReadError::NoFile
                            | ReadError::TooLarge(_)
                            | ReadError::NoText(_)
                            | ReadError::Refused(_),
                        ) => {
                            files.insert(written(&path), path);
                        }
                    }
                }
            }
            Err(fault) => matches.faults.push((index, fault)),
        }
    }
    matches.files = files.into_values().collect();
    matches
}

fn matching_one(root: &Path, pattern: &str) -> Result<Vec<PathBuf>, PatternFault> {
    let relative = Path::new(pattern);
    let leaves = relative.is_absolute()
        || relative
            .components()
            .any(|part| part == std::path::Component::ParentDir);
    if leaves {
        return Err(PatternFault::Outside(pattern.to_owned()));
    }
    let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
    let shape = glob::Pattern::new(pattern)
        .map_err(|error| PatternFault::Malformed(error.msg.to_owned()))?;
    let options = glob::MatchOptions {
        // `.makeform` and `.git` hold no manifests.
        require_literal_leading_dot: true,
        require_literal_separator: true,
        ..glob::MatchOptions::new()
    };
    let mut found = Vec::new();
    let mut folders = vec![where_to_look(pattern)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in entries(root, &folder)? {
            let path = folder.join(entry.file_name());
            // Links to folders are not followed: they may lead in circles.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
                if depth > 1 && !hidden {
                    folders.push((path, depth - 1));
                }
            } else if shape.matches_with(&path.to_string_lossy(), options)
                && path != Path::new(PROJECT_FILE)
                && path != Path::new(IDS_FILE)
                && !root.join(&path).is_dir()
            {
                // Left out in silence, what it declares would be deleted.
                if path.to_str().is_none() {
                    let message = format!("{}: its name is not UTF-8", written(&path));
                    return Err(PatternFault::Unreadable(message));
                }
                found.push(path);
            }
        }
    }
    // Of two names of one file the first counts, whatever order the disk has.
    found.sort_unstable();
    Ok(found)
}

/// The folder under which a pattern may match, and how deep.
fn where_to_look(pattern: &str) -> (PathBuf, usize) {
    let parts: Vec<&str> = pattern.split('/').collect();
    let folders = parts.len().saturating_sub(1);
    let literal: Vec<&str> = parts
        .iter()
        .take(folders)
        .take_while(|part| !part.contains(['*', '?', '[']))
        .copied()
        .collect();
    let depth = if parts.contains(&"**") {
        usize::MAX
    } else {
        parts.len() - literal.len()
    };
    (literal.iter().collect(), depth)
}

/// What a folder holds: nothing, if there is none.
fn entries(root: &Path, folder: &Path) -> Result<Vec<fs::DirEntry>, PatternFault> {
    let unreadable =
        |error: io::Error| PatternFault::Unreadable(format!("{}: {error}", written(folder)));
    match fs::read_dir(root.join(folder)) {
        Ok(entries) => entries.collect::<Result<_, _>>().map_err(unreadable),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(unreadable(error)),
    }
}
