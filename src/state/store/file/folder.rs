//! The folder of one target: bytes in, bytes out, and on disk when we say so.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::full::is_full;
use crate::state::{Cipher, StateError};

/// The folder of one target.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    path: PathBuf,
    cipher: Cipher,
    /// Whether anything that was read here was encrypted.
    was_encrypted: Arc<AtomicBool>,
}

impl Folder {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            cipher: Cipher::default(),
            was_encrypted: Arc::default(),
        }
    }

    /// The same, whose documents are encrypted.
    pub(super) fn encrypted(mut self, cipher: Cipher) -> Self {
        self.cipher = cipher;
        self
    }

    /// What a document says; none if there is none of that name.
    pub(super) async fn open(&self, name: &str) -> Result<Option<Vec<u8>>, StateError> {
        match self.read(name)? {
            Some(bytes) => self.in_clear(name, bytes).await.map(Some),
            None => Ok(None),
        }
    }

    /// What the bytes of a document say.
    pub(super) async fn in_clear(&self, name: &str, bytes: Vec<u8>) -> Result<Vec<u8>, StateError> {
        let opened = self.cipher.open(bytes).await;
        let opened = opened.map_err(|error| error.of(self.file(name)))?;
        self.was_encrypted
            .fetch_or(opened.was_encrypted, Ordering::Relaxed);
        Ok(opened.bytes)
    }

    /// The bytes of a document, or of lines of one.
    pub(super) async fn sealed(&self, name: &str, clear: Vec<u8>) -> Result<Vec<u8>, StateError> {
        let was_encrypted = self.was_encrypted.load(Ordering::Relaxed);
        let sealed = self.cipher.seal(clear, was_encrypted).await;
        sealed.map_err(|error| error.of(self.file(name)))
    }

    /// The path of one of its files.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Makes the folder, for the user alone, and keeps it and its siblings out of git.
    pub(super) fn create(&self) -> Result<(), StateError> {
        private_folder(&self.path).map_err(failed("create", &self.path))?;
        let Some(parent) = self.path.parent() else {
            return Ok(());
        };
        let ignore = parent.join(".gitignore");
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&ignore)
        {
            Ok(mut file) => file.write_all(b"*\n").map_err(failed("write", &ignore)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(failed("write", &ignore)(error)),
        }
    }

    /// A file's bytes; none if there is no such file.
    pub(super) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StateError> {
        let path = self.file(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed("read", &path)(error)),
        }
    }

    /// The files of one of its folders whose names begin so: `history/`.
    pub(super) fn list(&self, prefix: &str) -> Result<Vec<String>, StateError> {
        let (folder, start) = prefix.split_once('/').unwrap_or(("", prefix));
        let path = self.file(folder);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed("read", &path)(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed("read", &path))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(start) {
                names.push(format!("{folder}/{name}"));
            }
        }
        names.sort();
        Ok(names)
    }

    /// Opens the file that is locked, making it if need be.
    pub(super) fn lock_file(&self, name: &str) -> Result<File, StateError> {
        let path = self.file(name);
        private_file()
            .read(true)
            .write(true)
            .create(true)
            .open(&path)
            .map_err(failed("open", &path))
    }

    /// Replaces a file: written aside, synced, renamed, and the folder synced, so that after a
    /// crash either the old or the new content is there, whole.
    pub(super) fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), StateError> {
        self.replace_by(name, bytes, |_| Ok(())).map(|_| ())
    }

    /// The same by a file with which something is done before anybody else sees it. Gives it back.
    pub(super) fn replace_by(
        &self,
        name: &str,
        bytes: &[u8],
        prepare: impl FnOnce(&File) -> io::Result<()>,
    ) -> Result<File, StateError> {
        let path = self.file(name);
        let folder = path.parent().unwrap_or(&self.path);
        let write = || -> io::Result<File> {
            private_folder(folder)?;
            let mut aside = tempfile::NamedTempFile::new_in(folder)?;
            aside.write_all(bytes)?;
            aside.as_file().sync_all()?;
            prepare(aside.as_file())?;
            let file = aside.persist(&path).map_err(|error| error.error)?;
            sync_folder(folder)?;
            Ok(file)
        };
        write().map_err(failed("write", &path))
    }

    /// Writes a file whole, unless there is one of that name.
    pub(super) fn put_if_absent(&self, name: &str, bytes: &[u8]) -> Result<(), StateError> {
        let path = self.file(name);
        let folder = path.parent().unwrap_or(&self.path);
        let write = || -> io::Result<()> {
            private_folder(folder)?;
            let mut aside = tempfile::NamedTempFile::new_in(folder)?;
            aside.write_all(bytes)?;
            aside.as_file().sync_all()?;
            match aside.persist_noclobber(&path) {
                Ok(_) => sync_folder(folder),
                Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                Err(error) => Err(error.error),
            }
        };
        write().map_err(failed("write", &path))
    }

    /// Opens a file for appending behind its first `length` bytes; what is there beyond them is
    /// cut off.
    pub(super) fn append_to(&self, name: &str, length: u64) -> Result<Appender, StateError> {
        let path = self.file(name);
        let open = || -> io::Result<File> {
            let mut file = OpenOptions::new().write(true).open(&path)?;
            if file.metadata()?.len() != length {
                file.set_len(length)?;
                file.sync_all()?;
            }
            file.seek(SeekFrom::Start(length))?;
            Ok(file)
        };
        let file = open().map_err(failed("open", &path))?;
        Ok(Appender { file, path })
    }
}

/// A file that is only ever appended to.
#[derive(Debug)]
pub(super) struct Appender {
    file: File,
    path: PathBuf,
}

impl Appender {
    /// Appends bytes and returns when they are on disk.
    ///
    /// After an error part of them may be there; nothing must be appended behind it.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), StateError> {
        let mut write = |bytes: &[u8]| {
            self.file
                .write_all(bytes)
                .and_then(|()| self.file.sync_data())
        };
        let written = match is_full(&self.path) {
            true => write(bytes.get(..bytes.len() / 2).unwrap_or_default())
                .and_then(|()| Err(io::ErrorKind::StorageFull.into())),
            false => write(bytes),
        };
        written.map_err(failed("write", &self.path))
    }
}

/// An I/O error with what was being done to which path.
fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StateError {
    move |source| StateError::Io {
        doing,
        path: path.to_owned(),
        source,
    }
}

/// Makes a folder and those above it, for the user alone.
fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Options that make files for the user alone.
fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a rename in a folder durable, where the system knows such a thing.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(path)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
