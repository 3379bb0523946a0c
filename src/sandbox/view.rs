//! Looking for objects in the world's file, as far as the caller's roles reach.

use std::ops::RangeInclusive;
use std::path::Path;

use redb::{ReadOnlyTable, ReadTransaction, ReadableTable, ReadableTableMetadata as _};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::collection::Collection;
use super::error::WorldError;
use super::packed::unpack;
use super::reach::Reach;
use super::store::table;

/// What both a look and a transaction can do: find objects.
pub(crate) trait Objects {
    /// Calls `visit` with each object of a collection whose id is in `ids`, in order of ids. Of
    /// an object that is only looked at for a field or two, a small `T` is read faster than a
    /// [`Value`].
    fn each_in<T: DeserializeOwned>(
        &self,
        collection: Collection,
        ids: RangeInclusive<u64>,
        visit: impl FnMut(u64, T),
    ) -> Result<(), WorldError> {
        self.each_likely(collection, ids, |_| true, visit)
    }

    /// The same, but for objects whose JSON shows that they are of no interest: those are not
    /// parsed.
    fn each_likely<T: DeserializeOwned>(
        &self,
        collection: Collection,
        ids: RangeInclusive<u64>,
        is_likely: impl Fn(&[u8]) -> bool,
        visit: impl FnMut(u64, T),
    ) -> Result<(), WorldError>;

    /// One object.
    fn object(&self, collection: Collection, id: u64) -> Result<Option<Value>, WorldError>;
}

/// A look at the world at one moment.
pub(crate) struct View<'a> {
    transaction: ReadTransaction,
    path: &'a Path,
    reach: Reach,
}

impl<'a> View<'a> {
    pub(super) fn new(transaction: ReadTransaction, path: &'a Path) -> Self {
        Self {
            transaction,
            path,
            reach: Reach::Everything,
        }
    }

    /// From now on sees what is within reach only.
    pub(crate) fn keep_to(&mut self, reach: &Reach) {
        self.reach = reach.clone();
    }

    /// One object as it stands in the file, whether it is within reach or not: to tell whether it
    /// is still what it was.
    pub(crate) fn stored(
        &self,
        collection: Collection,
        id: u64,
    ) -> Result<Option<Vec<u8>>, WorldError> {
        let table = self.table(collection)?;
        let found = table.get(id).map_err(WorldError::store(self.path))?;
        Ok(found.map(|bytes| bytes.value().to_vec()))
    }

    /// How many objects a collection has, whether they are within reach or not.
    pub(crate) fn count(&self, collection: Collection) -> Result<u64, WorldError> {
        let counted = self.table(collection)?.len();
        counted.map_err(WorldError::store(self.path))
    }

    fn table(
        &self,
        collection: Collection,
    ) -> Result<ReadOnlyTable<u64, &'static [u8]>, WorldError> {
        let opened = self.transaction.open_table(table(collection));
        opened.map_err(WorldError::store(self.path))
    }
}

impl Objects for View<'_> {
    fn each_likely<T: DeserializeOwned>(
        &self,
        collection: Collection,
        ids: RangeInclusive<u64>,
        is_likely: impl Fn(&[u8]) -> bool,
        visit: impl FnMut(u64, T),
    ) -> Result<(), WorldError> {
        let table = self.table(collection)?;
        let within = (&self.reach, collection, ids);
        visit_in(&table, self.path, within, is_likely, visit)
    }

    fn object(&self, collection: Collection, id: u64) -> Result<Option<Value>, WorldError> {
        let table = self.table(collection)?;
        find(&table, self.path, &self.reach, collection, id)
    }
}

/// One object, if it is there and within reach.
pub(super) fn find(
    table: &impl ReadableTable<u64, &'static [u8]>,
    path: &Path,
    reach: &Reach,
    collection: Collection,
    id: u64,
) -> Result<Option<Value>, WorldError> {
    let found = table.get(id).map_err(WorldError::store(path))?;
    let parse = |bytes: &[u8]| {
        let json = unpack(bytes).map_err(serde::de::Error::custom)?;
        let json = str::from_utf8(&json).map_err(serde::de::Error::custom)?;
        json.parse()
    };
    let object: Option<Value> = found
        .map(|bytes| parse(bytes.value()))
        .transpose()
        .map_err(|source| WorldError::Object {
            path: path.to_path_buf(),
            collection: collection.name(),
            id,
            source,
        })?;
    Ok(object.filter(|object| reach.sees(collection, id, object)))
}

/// Each object of a range that is within reach.
pub(super) fn visit_in<T: DeserializeOwned>(
    table: &impl ReadableTable<u64, &'static [u8]>,
    path: &Path,
    (reach, collection, ids): (&Reach, Collection, RangeInclusive<u64>),
    is_likely: impl Fn(&[u8]) -> bool,
    mut visit: impl FnMut(u64, T),
) -> Result<(), WorldError> {
    let fail = WorldError::store(path);
    let wrong = |id, source| WorldError::Object {
        path: path.to_path_buf(),
        collection: collection.name(),
        id,
        source,
    };
    for entry in table.range(ids).map_err(&fail)? {
        let (id, bytes) = entry.map_err(&fail)?;
        let id = id.value();
        let unpacked = unpack(bytes.value()).map_err(serde::de::Error::custom);
        let json = unpacked.map_err(|source| wrong(id, source))?;
        if !is_likely(&json) {
            continue;
        }
        let is_seen = reach.sees_json(collection, id, &json);
        if is_seen.map_err(|source| wrong(id, source))? {
            let object = serde_json::from_slice(&json).map_err(|source| wrong(id, source))?;
            visit(id, object);
        }
    }
    Ok(())
}
