//! Packed blueprints by what they are, sealed, many to a file.
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

use super::key::{CacheKey, Text};
use crate::model::PackedJson;

/// How many bytes are written to a file at once.
const AT_ONCE: usize = 256 * 1024;

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
    /// What they are sealed with.
    key: CacheKey,
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

/// What a blob is before it is sealed, and where it stands: `SHA256@FILE+OFFSET`.
struct Place<'a> {
    digest: &'a str,
    pack: &'a str,
    at: u64,
}

impl Blobs {
    pub(super) fn at(cache: &Path, key: &CacheKey) -> Self {
        Self {
            cache: cache.to_owned(),
            folder: cache.join(FOLDER),
            key: key.clone(),
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
        let read = self.key.open(Text::Blob, &read)?;
        (digest(&read) == place.digest).then_some(read)
    }

    fn append(&mut self, bytes: &[u8], digest: &str) -> io::Result<(String, u64)> {
        let mut pack = match self.pack.take() {
            Some(pack) => pack,
            None => self.begin()?,
        };
        let sealed = self.key.seal(Text::Blob, bytes);
        let sealed = sealed.ok_or_else(|| io::Error::other("it can't be sealed"))?;
        pack.file.write_all(&sealed)?;
        let length = u64::try_from(sealed.len()).map_err(io::Error::other)?;
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
            file: BufWriter::with_capacity(AT_ONCE, file?),
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

/// Makes the folders of a cache, for the user alone. What is in them stays out of git.
pub(super) fn prepare(cache: &Path) -> io::Result<()> {
    private_folder(&cache.join(FOLDER))?;
    write(&cache.join(".gitignore"), b"*\n")
}

/// Makes a folder, and those above it, for the user alone.
pub(super) fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path, time::SystemTime};

    use serde_json::json;

    use super::{super::key::CacheKey, Blobs, FOLDER, LONGEST};
    use crate::model::PackedJson;

    /// All blobs of a test are of one user.
    fn at(cache: &Path) -> Blobs {
        Blobs::at(cache, &CacheKey::kept_in(&cache.join("settings")).unwrap())
    }

    fn document(number: usize) -> PackedJson {
        PackedJson::new(&json!({ "number": number, "text": "x".repeat(500 + number) }))
    }

    /// Puts documents into a file of their own.
    fn put(cache: &Path, numbers: impl Iterator<Item = usize>) -> Vec<(String, u64)> {
        let mut blobs = at(cache);
        let put = numbers.map(|number| blobs.put(&document(number), None).unwrap());
        let put = put.collect();
        blobs.finish();
        put
    }

    fn gather(cache: &Path, named: &mut [(String, u64)]) {
        let mut blobs = at(cache);
        blobs.gather(named.iter_mut().map(|(name, bytes)| (name, *bytes)));
        blobs.finish();
        blobs.sweep(&named.iter().map(|(name, _)| name.clone()).collect());
    }

    fn files(cache: &Path) -> usize {
        fs::read_dir(cache.join(FOLDER)).unwrap().count()
    }

    fn check(cache: &Path, number: usize, (name, bytes): &(String, u64)) {
        let found = at(cache).get(name, *bytes);
        assert_eq!(found.as_ref(), Some(&document(number)), "{number}");
    }

    #[test]
    fn what_is_there_already_is_not_put_again() {
        let folder = tempfile::tempdir().unwrap();
        let named = put(folder.path(), 0..1);
        let (name, bytes) = &named[0];
        let mut blobs = at(folder.path());
        let again = blobs.put(&document(0), Some((name, *bytes))).unwrap();
        assert_eq!(again, named[0]);
        let other = blobs.put(&document(1), Some((name, *bytes))).unwrap();
        assert_ne!(other, named[0]);
        blobs.finish();
        check(folder.path(), 1, &other);
        assert_eq!(files(folder.path()), 2);
    }

    #[test]
    fn what_is_left_in_a_file_that_is_mostly_replaced_moves_to_another() {
        let folder = tempfile::tempdir().unwrap();
        let mut named = put(folder.path(), 0..10);
        named.truncate(6);
        let before = named.clone();
        gather(folder.path(), &mut named);
        assert_eq!(named, before, "most of it is still named");
        named.truncate(2);
        gather(folder.path(), &mut named);
        assert_ne!(named, before);
        assert_eq!(files(folder.path()), 1);
        for (number, place) in named.iter().enumerate() {
            check(folder.path(), number, place);
        }
    }

    #[test]
    fn many_small_files_become_one() {
        let folder = tempfile::tempdir().unwrap();
        let many = (0..33).flat_map(|number| put(folder.path(), number..number + 1));
        let mut named: Vec<_> = many.collect();
        gather(folder.path(), &mut named[..32]);
        assert_eq!(files(folder.path()), 32);
        named[32] = put(folder.path(), 32..33).remove(0);
        gather(folder.path(), &mut named);
        assert_eq!(files(folder.path()), 1);
        for (number, place) in named.iter().enumerate() {
            check(folder.path(), number, place);
        }
    }

    #[test]
    fn what_another_process_writes_at_stays_unless_it_is_a_day_old() {
        let folder = tempfile::tempdir().unwrap();
        let mut other = at(folder.path());
        let place = other.put(&document(0), None).unwrap();
        at(folder.path()).sweep(&BTreeSet::new());
        other.finish();
        check(folder.path(), 0, &place);
        let left = folder.path().join(FOLDER).join(".new-left");
        let file = fs::File::create(&left).unwrap();
        file.set_modified(SystemTime::now() - 2 * LONGEST).unwrap();
        at(folder.path()).sweep(&[place.0].into());
        assert!(!left.exists());
        assert_eq!(files(folder.path()), 1);
    }

    #[test]
    fn a_name_leads_nowhere_else_and_damage_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (name, bytes) = put(folder.path(), 0..1).remove(0);
        let blobs = at(folder.path());
        let (digest, place) = name.split_once('@').unwrap();
        for wrong in [
            String::new(),
            digest.to_owned(),
            format!("{digest}@../blobs/{place}"),
            format!("{digest}@{}", place.replace("+0", "+1")),
            format!("{digest}@{}", place.replace("+0", "+99999999999")),
            format!("{}@{place}", digest.replace(|_: char| true, "0")),
        ] {
            assert!(blobs.get(&wrong, bytes).is_none(), "{wrong}");
        }
        assert!(blobs.get(&name, bytes - 1).is_none());
        assert!(blobs.get(&name, bytes).is_some());
    }
}
