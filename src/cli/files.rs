//! Files that commands write: aside, synced, then renamed.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

use anyhow::Context as _;

use crate::manifest::emit::{self, GIT_ATTRIBUTES, git_attributes};

/// Writes a file whole or not at all. It can be read by its owner only. What is no file, as a pipe or a
/// terminal, is written to; where a link leads is written, and the link stays.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let failed = || format!("failed to write {}", path.display());
    let there = fs::metadata(path).ok();
    if there.as_ref().is_some_and(|there| !there.is_file()) {
        let open = fs::OpenOptions::new().write(true).open(path);
        return open
            .and_then(|mut open| open.write_all(bytes))
            .with_context(failed);
    }
    let led = there.and_then(|_| path.canonicalize().ok());
    let path = led.as_deref().unwrap_or(path);
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    if !folder.is_dir() {
        let missing = anyhow::anyhow!("there is no folder {}: make it first", folder.display());
        return Err(missing.context(failed()));
    }
    let write = || -> io::Result<()> {
        // A temporary file is 0600 from the start.
        let mut aside = tempfile::NamedTempFile::new_in(folder)?;
        aside.write_all(bytes)?;
        aside.as_file().sync_all()?;
        aside.persist(path)?;
        Ok(())
    };
    write().with_context(failed)
}

/// Tells git, in the `.gitattributes` of a project, which of its files are generated. What stands
/// there stays. Whether there was anything to tell.
pub(crate) fn mark_generated(root: &Path) -> anyhow::Result<bool> {
    let path = root.join(GIT_ATTRIBUTES);
    let existing = match fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            return Err(error).with_context(|| format!("failed to read {}", path.display()));
        }
    };
    let Some(text) = git_attributes(existing.as_deref()) else {
        return Ok(false);
    };
    emit::write(&path, text.as_bytes())
        .with_context(|| format!("failed to write {}", path.display()))?;
    Ok(true)
}
