//! Which organization a target turned out to mean, remembered for the next command: its first
//! requests are then held at the right gate, before Make has said anything.

use std::{collections::BTreeMap, fs, io, io::Write as _, path::PathBuf};

use super::Gates;

/// Ids by the organization's name in the target (empty where it names none), by host.
type Found = BTreeMap<String, BTreeMap<String, u64>>;

impl Gates {
    /// The organization that a target meant last time.
    pub(super) fn found_before(&self, host: &str, wanted: Option<&str>) -> Option<u64> {
        let found = self.read_found()?;
        found.get(host)?.get(wanted.unwrap_or_default()).copied()
    }

    /// Remembers which organization a target means. A note that can't be kept is done without.
    pub(super) fn remember(&self, host: &str, wanted: Option<&str>, organization: u64) {
        let mut found = self.read_found().unwrap_or_default();
        let ids = found.entry(host.to_owned()).or_default();
        ids.insert(wanted.unwrap_or_default().to_owned(), organization);
        let write = || -> io::Result<()> {
            let (folder, path) = self.found_file().ok_or(io::ErrorKind::NotFound)?;
            fs::create_dir_all(&folder)?;
            let mut file = tempfile::NamedTempFile::new_in(&folder)?;
            file.write_all(&serde_json::to_vec(&found)?)?;
            file.persist(path)?;
            Ok(())
        };
        let _ = write();
    }

    fn read_found(&self) -> Option<Found> {
        let (_, path) = self.found_file()?;
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    fn found_file(&self) -> Option<(PathBuf, PathBuf)> {
        let folder = self.folder.clone()?;
        let path = folder.join("organizations.json");
        Some((folder, path))
    }
}
