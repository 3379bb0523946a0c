//! Packed blueprints by what they are.

use std::{
    collections::BTreeSet,
    fs::{self, DirBuilder},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use crate::model::PackedJson;

/// Where they are in a cache.
const FOLDER: &str = "blobs";

/// The folder of blobs.
#[derive(Debug)]
pub(super) struct Blobs {
    cache: PathBuf,
    folder: PathBuf,
}

impl Blobs {
    pub(super) fn at(cache: &Path) -> Self {
        Self {
            cache: cache.to_owned(),
            folder: cache.join(FOLDER),
        }
    }

    /// A document; none if it is not there as it was put. What is not is removed, so that it is
    /// put again.
    pub(super) fn get(&self, name: &str, bytes: u64) -> Option<PackedJson> {
        let path = self.path(name)?;
        let is_whole = fs::metadata(&path).ok()?.len() == bytes;
        let read = is_whole.then(|| fs::read(&path).ok()).flatten();
        match read.filter(|read| self::name(read) == name) {
            Some(read) => Some(PackedJson::from_bytes(&read)),
            None => {
                let _ = fs::remove_file(&path);
                None
            }
        }
    }

    /// Keeps a document. Gives its name and its length; none if it can't be kept.
    pub(super) fn put(&self, packed: &PackedJson) -> Option<(String, u64)> {
        let bytes = packed.bytes();
        let (name, length) = (name(bytes), u64::try_from(bytes.len()).ok()?);
        let path = self.path(&name)?;
        if fs::metadata(&path).is_ok_and(|there| there.len() == length) {
            return Some((name, length));
        }
        let put = || write(&path, bytes);
        put()
            .or_else(|_| prepare(&self.cache).and_then(|()| put()))
            .ok()?;
        Some((name, length))
    }

    /// Removes all but these.
    pub(super) fn sweep(&self, named: &BTreeSet<String>) {
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let is_named = entry
                .file_name()
                .to_str()
                .is_some_and(|name| named.contains(name));
            if !is_named {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Where a blob is; none if that is no name of one, and might lead elsewhere.
    fn path(&self, name: &str) -> Option<PathBuf> {
        let is_name = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_name.then(|| self.folder.join(name))
    }
}

/// The name of a blob: its SHA-256.
pub(super) fn name(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(bytes))
}

/// Writes a file whole or not at all, for the user alone. It is not synced: what a crash leaves of
/// it is found out by its digest.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // A temporary file is 0600 from the start.
    let mut aside = tempfile::NamedTempFile::new_in(folder)?;
    aside.write_all(bytes)?;
    aside.persist(path)?;
    Ok(())
}

/// Makes the folders of a cache, for the user alone. What is in them stays out of git: blueprints
/// hold the URLs of hooks.
pub(super) fn prepare(cache: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(cache.join(FOLDER))?;
    write(&cache.join(".gitignore"), b"*\n")
}
