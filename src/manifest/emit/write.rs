//! A file in its place, whole or not at all.

use std::{fs, io, io::Write as _, path::Path};

/// Writes a file: aside, synced, then renamed over what is there. Makes its folders.
///
/// # Errors
/// When the file system refuses; what was there before stays.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_by(path, bytes, readable(&mut tempfile::Builder::new()))
}

/// The same, readable by its owner only, whatever it was before.
///
/// # Errors
/// When the file system refuses; what was there before stays.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A temporary file is 0600 from the start.
    write_by(path, bytes, &mut tempfile::Builder::new())
}

/// Lets only the owner of a file read it.
///
/// # Errors
/// When the file system refuses.
pub fn make_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))
    }
    #[cfg(not(unix))]
    {
        fs::metadata(path).map(|_| ())
    }
}

fn write_by(path: &Path, bytes: &[u8], builder: &mut tempfile::Builder<'_, '_>) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut aside = builder.tempfile_in(folder)?;
    aside.write_all(bytes)?;
    aside.as_file().sync_all()?;
    aside.persist(path)?;
    Ok(())
}

/// Lets others read the file as far as the umask allows: left alone, such files are the owner's.
#[cfg(unix)]
fn readable<'a, 'p, 's>(
    builder: &'a mut tempfile::Builder<'p, 's>,
) -> &'a mut tempfile::Builder<'p, 's> {
    use std::os::unix::fs::PermissionsExt as _;
    builder.permissions(fs::Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn readable<'a, 'p, 's>(
    builder: &'a mut tempfile::Builder<'p, 's>,
) -> &'a mut tempfile::Builder<'p, 's> {
    builder
}

#[cfg(test)]
mod tests {
    use super::write;

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/c.yaml");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(path.parent().unwrap().read_dir().unwrap().count(), 1);
    }
}
