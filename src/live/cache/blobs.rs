//! Packed blueprints by what they are, many to a file.
//!
//! A file for each would cost more than all else that reading it takes. So those of a run stand
//! one after the other in a file of their own, which is written aside and renamed, and never
//! changed after that. What later runs replaced stays in it until most of it is replaced: then
//! what is left moves to another file.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    fs::{self, DirBuilder, File},
    io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use crate::model::PackedJson;

/// Where they are in a cache.
const FOLDER: &str = "blobs";

/// What the names of files begin with that are being written.
const ASIDE: &str = ".new-";

/// How long one may be written at: an older one was left by a process that died.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// How many files there may be before the small ones are put together.
const MANY: usize = 32;

/// What is small then, in bytes.
const SMALL: u64 = 1024 * 1024;

/// The folder of blobs.
#[derive(Debug)]
pub(super) struct Blobs {
    cache: PathBuf,
    folder: PathBuf,
    /// What this process writes.
    pack: Option<Pack>,
}

/// A file that is being written.
#[derive(Debug)]
struct Pack {
    name: String,
    file: BufWriter<NamedTempFile>,
    length: u64,
}

/// What a blob is, and where it stands: `SHA256@FILE+OFFSET`.
struct Place<'a> {
    digest: &'a str,
    pack: &'a str,
    at: u64,
}

impl Blobs {
    pub(super) fn at(cache: &Path) -> Self {
        Self {
            cache: cache.to_owned(),
            folder: cache.join(FOLDER),
            pack: None,
        }
    }

    /// A document; none if it is not there as it was put.
    pub(super) fn get(&self, name: &str, bytes: u64) -> Option<PackedJson> {
        self.read(name, bytes)
            .map(|read| PackedJson::from_bytes(&read))
    }

    /// Keeps a document, to be found after [`Blobs::finish`]. `known` is the name and the length
    /// under which it may be there already. Gives those that it has now; none if it can't be kept.
    pub(super) fn put(
        &mut self,
        packed: &PackedJson,
        known: Option<(&str, u64)>,
    ) -> Option<(String, u64)> {
        let bytes = packed.bytes();
        let digest = digest(bytes);
        if let Some((name, length)) = known
            && Place::of(name).is_some_and(|place| place.digest == digest)
            && self.get(name, length).is_some()
        {
            return Some((name.to_owned(), length));
        }
        let placed = self.append(bytes, &digest);
        if placed.is_err() {
            // Where one was lost, what follows would not be where it is said to be.
            self.pack = None;
        }
        placed.ok()
    }

    /// Makes what was put so far to be found, by others too.
    pub(super) fn finish(&mut self) {
        let Some(Pack { name, file, .. }) = self.pack.take() else {
            return;
        };
        // What fails here is not there, which is found out by who looks for it.
        let _ = file
            .into_inner()
            .map(|file| file.persist(self.folder.join(name)));
    }

    /// Moves blobs out of files that hold little else that is still named, and out of small ones
    /// if there are many. In goes every name that there is, with the length of its blob.
    pub(super) fn gather<'a>(&mut self, named: impl Iterator<Item = (&'a mut String, u64)>) {
        let mut packs: BTreeMap<String, Vec<(&mut String, u64)>> = BTreeMap::new();
        for (name, bytes) in named {
            if let Some(pack) = Place::of(name).map(|place| place.pack.to_owned()) {
                packs.entry(pack).or_default().push((name, bytes));
            }
        }
        let many = packs.len() > MANY;
        for (pack, blobs) in packs {
            let used: u64 = blobs.iter().map(|(_, bytes)| bytes).sum();
            let Ok(length) = fs::metadata(self.folder.join(pack)).map(|file| file.len()) else {
                continue;
            };
            if used * 2 >= length && !(many && length < SMALL) {
                continue;
            }
            for (name, bytes) in blobs {
                let read = self.read(name, bytes);
                let moved = read.and_then(|read| self.append(&read, &digest(&read)).ok());
                if let Some((moved, _)) = moved {
                    *name = moved;
                }
            }
        }
    }

    /// Removes all but these.
    pub(super) fn sweep(&self, named: &BTreeSet<String>) {
        let named = named.iter().filter_map(|name| Place::of(name));
        let packs: BTreeSet<&str> = named.map(|place| place.pack).collect();
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_str().unwrap_or_default();
            let is_written = || {
                let changed = entry.metadata().and_then(|file| file.modified());
                let age = changed.ok().and_then(|time| time.elapsed().ok());
                name.starts_with(ASIDE) && age.is_none_or(|age| age < LONGEST)
            };
            if !packs.contains(name) && !is_written() {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// The bytes of a blob, if they are there as they were put.
    fn read(&self, name: &str, bytes: u64) -> Option<Vec<u8>> {
        let place = Place::of(name)?;
        let mut file = File::open(self.folder.join(place.pack)).ok()?;
        file.seek(SeekFrom::Start(place.at)).ok()?;
        let mut read = Vec::new();
        file.take(bytes).read_to_end(&mut read).ok()?;
        (digest(&read) == place.digest).then_some(read)
    }

    fn append(&mut self, bytes: &[u8], digest: &str) -> io::Result<(String, u64)> {
        let mut pack = match self.pack.take() {
            Some(pack) => pack,
            None => self.begin()?,
        };
        pack.file.write_all(bytes)?;
        let length = u64::try_from(bytes.len()).map_err(io::Error::other)?;
        let place = Place {
            digest,
            pack: &pack.name,
            at: pack.length,
        };
        let name = place.to_string();
        pack.length += length;
        self.pack = Some(pack);
        Ok((name, length))
    }

    /// Begins a file. A temporary file is 0600 from the start.
    fn begin(&self) -> io::Result<Pack> {
        let mut aside = tempfile::Builder::new();
        aside.prefix(ASIDE);
        let file = aside.tempfile_in(&self.folder).or_else(|_| {
            prepare(&self.cache)?;
            aside.tempfile_in(&self.folder)
        });
        Ok(Pack {
            name: format!("{:016x}", fastrand::u64(..)),
            file: BufWriter::new(file?),
            length: 0,
        })
    }
}

impl<'a> Place<'a> {
    /// Reads a name; none if it is none, and might lead elsewhere.
    fn of(name: &'a str) -> Option<Self> {
        let (digest, rest) = name.split_once('@')?;
        let (pack, at) = rest.split_once('+')?;
        let is_name = pack.len() == 16 && pack.bytes().all(|byte| byte.is_ascii_hexdigit());
        let at = u64::from_str(at).ok().filter(|_| is_name)?;
        Some(Self { digest, pack, at })
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { digest, pack, at } = self;
        write!(f, "{digest}@{pack}+{at}")
    }
}

/// The SHA-256 of what is kept.
pub(super) fn digest(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(bytes))
}

/// Writes a file whole or not at all, for the user alone. It is not synced: what a crash leaves of
/// it is found out by its digest.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // A temporary file is 0600 from the start.
    let mut aside = NamedTempFile::new_in(folder)?;
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
