//! Files that commands write: aside, synced, then renamed.

use std::{
    io::{self, Write as _},
    path::Path,
};

use anyhow::Context as _;

/// Writes a file whole or not at all. It can be read by its owner only.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    let write = || -> io::Result<()> {
        // A temporary file is 0600 from the start.
        let mut aside = tempfile::NamedTempFile::new_in(folder)?;
        aside.write_all(bytes)?;
        aside.as_file().sync_all()?;
        aside.persist(path)?;
        Ok(())
    };
    write().with_context(|| format!("failed to write {}", path.display()))
}
