//! The files that an update changes: read once, changed in memory, written at the end.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde_json::{Map, Value};

use crate::{
    cli::error::Stop,
    diagnostic::{Finding, Report, codes::export as codes},
    manifest::{
        edit::{self, Documents},
        emit,
    },
    model::{Address, Place, Source},
};

/// Manifests and what becomes of them, and all other files.
pub(super) struct Sheets<'a> {
    root: &'a Path,
    manifests: BTreeMap<PathBuf, Sheet>,
    /// Whole files: their bytes, or nothing where they go.
    others: BTreeMap<PathBuf, Option<Vec<u8>>>,
}

/// A file of manifests.
struct Sheet {
    text: String,
    documents: Vec<Value>,
    changed: Documents,
    added: Vec<Value>,
}

/// What there is to write: relative paths, and their bytes or nothing.
pub(super) type Outcome = BTreeMap<PathBuf, Option<Vec<u8>>>;

impl<'a> Sheets<'a> {
    pub(super) fn new(root: &'a Path) -> Self {
        Self {
            root,
            manifests: BTreeMap::new(),
            others: BTreeMap::new(),
        }
    }

    /// The manifest of a thing, as it is to be.
    pub(super) fn manifest(&mut self, path: &Path, address: &Address) -> Result<Value, Stop> {
        let (sheet, index) = self.find(path, address)?;
        let changed = sheet.changed.get(&index).cloned().flatten();
        let there = sheet.documents.get(index).cloned();
        Ok(changed.or(there).unwrap_or_default())
    }

    /// Says what the manifest of a thing is to be.
    pub(super) fn set(&mut self, path: &Path, address: &Address, value: Value) -> Result<(), Stop> {
        let (sheet, index) = self.find(path, address)?;
        sheet.changed.insert(index, Some(value));
        Ok(())
    }

    /// Takes the manifest of a thing away.
    pub(super) fn remove(&mut self, path: &Path, address: &Address) -> Result<(), Stop> {
        let (sheet, index) = self.find(path, address)?;
        sheet.changed.insert(index, None);
        Ok(())
    }

    /// Writes manifests below those of a file; the file is new if there is none.
    pub(super) fn add(&mut self, path: &Path, text: &[u8]) -> Result<(), Stop> {
        if !self.root.join(path).exists() {
            self.put(path, Some(text.to_vec()));
            return Ok(());
        }
        let text = String::from_utf8_lossy(text);
        let documents = edit::documents(&text).unwrap_or_default();
        self.open(path)?.added.extend(documents);
        Ok(())
    }

    /// Says what a file is to be that holds no manifests.
    pub(super) fn put(&mut self, path: &Path, bytes: Option<Vec<u8>>) {
        self.others.insert(path.to_owned(), bytes);
    }

    /// All texts of a value of the manifests that were opened, as they are to be.
    pub(super) fn documents(&self) -> impl Iterator<Item = (&PathBuf, &Value)> {
        self.manifests.iter().flat_map(|(path, sheet)| {
            let all = sheet.documents.iter().enumerate();
            let stay = all.filter_map(|(index, value)| match sheet.changed.get(&index) {
                Some(changed) => changed.as_ref(),
                None => Some(value),
            });
            stay.chain(&sheet.added).map(move |value| (path, value))
        })
    }

    /// What a file that holds no manifests is to be, if that is said.
    pub(super) fn other(&self, path: &Path) -> Option<&Option<Vec<u8>>> {
        self.others.get(path)
    }

    /// Opens a file of manifests.
    pub(super) fn look_at(&mut self, path: &Path) -> Result<(), Stop> {
        self.open(path).map(|_| ())
    }

    fn open(&mut self, path: &Path) -> Result<&mut Sheet, Stop> {
        if !self.manifests.contains_key(path) {
            let text = read(&self.root.join(path))?;
            let documents = edit::documents(&text);
            let documents = documents.ok_or_else(|| by_hand(path, &text, None, None))?;
            let sheet = Sheet {
                text,
                documents,
                changed: Documents::new(),
                added: Vec::new(),
            };
            self.manifests.insert(path.to_owned(), sheet);
        }
        let opened = self.manifests.get_mut(path);
        opened.ok_or_else(|| anyhow::anyhow!("{} can't be read", path.display()).into())
    }

    fn find(&mut self, path: &Path, address: &Address) -> Result<(&mut Sheet, usize), Stop> {
        let sheet = self.open(path)?;
        let is_it = |document: &Value| {
            let name = document.pointer("/metadata/name").and_then(Value::as_str);
            let kind = document.get("kind").and_then(Value::as_str);
            name == Some(address.name.as_str()) && kind == Some(address.kind.as_str())
        };
        match sheet.documents.iter().position(is_it) {
            Some(index) => Ok((sheet, index)),
            None => Err(by_hand(path, &sheet.text, Some(address), None)),
        }
    }

    /// All files that differ from what is there.
    ///
    /// # Errors
    /// Each place that can't be edited safely.
    pub(super) fn outcome(&self) -> Result<Outcome, Stop> {
        let mut outcome = Outcome::new();
        let mut report = Report::default();
        for (path, sheet) in &self.manifests {
            match edit::edit(&sheet.text, &sheet.changed, &sheet.added) {
                Ok(text) if text == sheet.text => {}
                // A file whose last manifest goes, goes.
                Ok(text) if edit::documents(&text).is_none_or(|left| left.is_empty()) => {
                    outcome.insert(path.clone(), None);
                }
                Ok(text) => {
                    outcome.insert(path.clone(), Some(text.into_bytes()));
                }
                Err(refused) => report.push(sheet.refused(path, &refused)),
            }
        }
        if !report.is_empty() {
            return Err(Stop::Findings(report));
        }
        for (path, bytes) in &self.others {
            let there = match fs::read(self.root.join(path)) {
                Ok(there) => Some(there),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => {
                    let context = format!("failed to read {}", path.display());
                    return Err(anyhow::Error::new(error).context(context).into());
                }
            };
            if there != *bytes {
                outcome.insert(path.clone(), bytes.clone());
            }
        }
        Ok(outcome)
    }
}

impl Sheet {
    fn refused(&self, path: &Path, refused: &edit::Refused) -> Finding {
        let Some((index, field)) = &refused.field else {
            return finding_by_hand(path, &self.text, None, None);
        };
        let document = self.documents.get(*index);
        let address = document.and_then(|document| {
            let kind = document.get("kind")?.as_str()?;
            let name = document.pointer("/metadata/name")?.as_str()?;
            let kind = crate::model::Kind::from_manifest(kind)?;
            Some(Address::new(kind, crate::model::Name::new(name)?))
        });
        let at = edit::place_of(&self.text, *index, field);
        let field = field.join(".");
        finding_by_hand(path, &self.text, address.as_ref(), Some((&field, at)))
    }
}

/// Writes all files; the number of them. Folders that are left empty stay.
/// `is_private`: nobody else may read them.
pub(super) fn write(root: &Path, outcome: &Outcome, is_private: bool) -> Result<usize, Stop> {
    let (gone, made): (Vec<_>, Vec<_>) = outcome.iter().partition(|(_, bytes)| bytes.is_none());
    for (path, bytes) in made {
        // A link stays one.
        let path = root.join(path);
        let path = fs::canonicalize(&path).unwrap_or(path);
        let permissions = fs::metadata(&path).map(|found| found.permissions());
        let bytes = bytes.as_deref().unwrap_or_default();
        let written = match is_private {
            true => emit::write_private(&path, bytes),
            false => emit::write(&path, bytes),
        };
        written.with_context(|| format!("failed to write {}", path.display()))?;
        if is_private {
            continue;
        }
        if let Ok(permissions) = permissions {
            fs::set_permissions(&path, permissions)
                .with_context(|| format!("failed to write {}", path.display()))?;
        }
    }
    let files: BTreeSet<PathBuf> = gone.into_iter().map(|(path, _)| root.join(path)).collect();
    for path in &files {
        fs::remove_file(path).with_context(|| format!("failed to delete {}", path.display()))?;
    }
    Ok(outcome.len())
}

/// The text of a file of the project.
pub(super) fn read(path: &Path) -> Result<String, Stop> {
    let read = fs::read_to_string(path);
    Ok(read.with_context(|| format!("failed to read {}", path.display()))?)
}

/// Puts a field of a `spec` in its place; none takes it away.
pub(super) fn assign(manifest: &mut Value, field: &[&str], value: Option<Value>) {
    let mut slot = manifest;
    let keys = std::iter::once(&"spec").chain(field);
    let keys: Vec<&str> = keys.copied().collect();
    let Some((last, parents)) = keys.split_last() else {
        return;
    };
    for key in parents {
        if !slot.get(key).is_some_and(Value::is_object)
            && let Value::Object(members) = slot
        {
            members.insert((*key).to_owned(), Value::Object(Map::new()));
        }
        let Some(inner) = slot.get_mut(key) else {
            return;
        };
        slot = inner;
    }
    let Value::Object(members) = slot else {
        return;
    };
    match value {
        None => drop(members.shift_remove(*last)),
        Some(value) if members.contains_key(*last) => {
            members.insert((*last).to_owned(), value);
        }
        // What a thing is called comes first.
        Some(value) if *last == "name" => {
            members.shift_insert(0, (*last).to_owned(), value);
        }
        Some(value) => drop(members.insert((*last).to_owned(), value)),
    }
}

fn by_hand(
    path: &Path,
    text: &str,
    address: Option<&Address>,
    field: Option<(&str, Option<std::ops::Range<usize>>)>,
) -> Stop {
    Stop::finding(finding_by_hand(path, text, address, field))
}

/// That a place can't be edited.
fn finding_by_hand(
    path: &Path,
    text: &str,
    address: Option<&Address>,
    field: Option<(&str, Option<std::ops::Range<usize>>)>,
) -> Finding {
    let source = Source {
        name: path.to_string_lossy().into_owned(),
        text: text.to_owned(),
    };
    let (what, at) = match field {
        Some((field, at)) => (format!("`{field}` can't be changed in place"), at),
        None => ("this file can't be changed in place".to_owned(), None),
    };
    let place = Place::new(&std::sync::Arc::new(source), at.unwrap_or(0..0));
    let finding = Finding::new(&codes::UPDATE_BY_HAND, what).at(place);
    let finding = finding.help("change it by hand to what the account has, and run this again");
    match address {
        Some(address) => finding.about(address),
        None => finding,
    }
}
