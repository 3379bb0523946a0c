//! Looking for objects in the world's file, as far as the caller's roles reach.

use std::ops::RangeInclusive;
use std::path::Path;

use redb::{ReadOnlyTable, ReadTransaction, ReadableTable};
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

    fn table(
        &self,
        collection: Collection,
    ) -> Result<ReadOnlyTable<u64, &'static [u8]>, WorldError> {
        let opened = self.transaction.open_table(table(collection));
        opened.map_err(WorldError::store(self.path))
    }
}

impl Objects for View<'_> {
    fn each_in<T: DeserializeOwned>(
        &self,
        collection: Collection,
        ids: RangeInclusive<u64>,
        visit: impl FnMut(u64, T),
    ) -> Result<(), WorldError> {
        let table = self.table(collection)?;
        visit_in(&table, self.path, &self.reach, collection, ids, visit)
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
    let object: Option<Value> = found
        .map(|bytes| parse(path, collection, id, bytes.value()))
        .transpose()?;
    Ok(object.filter(|object| reach.sees(collection, id, object)))
}

/// Each object of a range that is within reach.
pub(super) fn visit_in<T: DeserializeOwned>(
    table: &impl ReadableTable<u64, &'static [u8]>,
    path: &Path,
    reach: &Reach,
    collection: Collection,
    ids: RangeInclusive<u64>,
    mut visit: impl FnMut(u64, T),
) -> Result<(), WorldError> {
    let fail = WorldError::store(path);
    for entry in table.range(ids).map_err(&fail)? {
        let (id, bytes) = entry.map_err(&fail)?;
        let (id, bytes) = (id.value(), bytes.value());
        if *reach != Reach::Everything {
            let object: Value = parse(path, collection, id, bytes)?;
            if !reach.sees(collection, id, &object) {
                continue;
            }
        }
        visit(id, parse(path, collection, id, bytes)?);
    }
    Ok(())
}

fn parse<T: DeserializeOwned>(
    path: &Path,
    collection: Collection,
    id: u64,
    bytes: &[u8],
) -> Result<T, WorldError> {
    let parsed = unpack(bytes)
        .map_err(serde::de::Error::custom)
        .and_then(|json| serde_json::from_slice(&json));
    parsed.map_err(|source| WorldError::Object {
        path: path.to_path_buf(),
        collection: collection.name(),
        id,
        source,
    })
}
