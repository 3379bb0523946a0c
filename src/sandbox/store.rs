//! The world's file: JSON objects by collection and id, counters, and nothing about Make.
//!
//! Several processes may use one file at once: any number read, one at a time writes. Each
//! transaction is whole or not there, whatever kills the process. Objects are parsed when they
//! are asked for and kept by nobody.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use redb::{
    Builder, ConcurrencyMode, Database, ReadableDatabase, ReadableTable, Table, TableDefinition,
    WriteTransaction,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::collection::Collection;
use super::counts::{ByRoute, Counts};
use super::error::WorldError;
use super::packed::pack;
use super::reach::Reach;
use super::view::{find, visit_in};

pub(crate) use super::view::{Objects, View};

/// What the store may keep of its file in memory. Small: big worlds are read through once, in
/// order, and memory belongs to whoever asked.
const CACHE_BYTES: usize = 8 * 1024 * 1024;

/// The format of the file; another number is refused.
const FORMAT: u64 = 1;

/// The key of that number in [`META`].
const FORMAT_KEY: &str = "format";

/// The format, and the next id of each collection.
const META: TableDefinition<'static, &'static str, u64> = TableDefinition::new("meta");

/// Requests answered, by route.
const REQUESTS: TableDefinition<'static, &'static str, u64> = TableDefinition::new("requests");

pub(super) fn table(collection: Collection) -> TableDefinition<'static, u64, &'static [u8]> {
    TableDefinition::new(collection.name())
}

/// An open world file.
pub(crate) struct Store {
    database: Database,
    path: PathBuf,
    /// Requests counted since the last transaction that wrote.
    pub(crate) counts: Counts,
}

impl Store {
    /// Opens the file, or makes it and lets `fill` put the first objects into it.
    pub(crate) fn open(
        path: PathBuf,
        fill: impl FnOnce(&mut Batch<'_>) -> Result<(), WorldError>,
    ) -> Result<Self, WorldError> {
        let database = Builder::new()
            .set_cache_size(CACHE_BYTES)
            .set_concurrency_mode(ConcurrencyMode::MultiWriter)
            .create(&path)
            .map_err(WorldError::store(&path))?;
        let store = Self {
            database,
            path,
            counts: Counts::default(),
        };
        if store.format()?.is_none() {
            // Another process may have come first: it is asked again under the writers' lock.
            store.write(|batch| match batch.format()? {
                None => batch.begin(fill),
                Some(_) => Ok(()),
            })?;
        }
        match store.format()? {
            Some(FORMAT) => {
                store.add_tables()?;
                Ok(store)
            }
            found => Err(WorldError::Format {
                path: store.path,
                found: found.unwrap_or_default(),
                known: FORMAT,
            }),
        }
    }

    /// A look at the world as it is now; what is written meanwhile does not change it.
    pub(crate) fn read(&self) -> Result<View<'_>, WorldError> {
        let transaction = self
            .database
            .begin_read()
            .map_err(WorldError::store(&self.path))?;
        Ok(View::new(transaction, &self.path))
    }

    /// Carries out `change` as one transaction: all of it is on disk when this returns `Ok`,
    /// and nothing of it when it returns an error.
    pub(crate) fn write<T, E: From<WorldError>>(
        &self,
        change: impl FnOnce(&mut Batch<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let transaction = self
            .database
            .begin_write()
            .map_err(WorldError::store(&self.path))?;
        let mut batch = Batch::new(&transaction, &self.path)?;
        let result = change(&mut batch)?; // an error drops the transaction: nothing is kept
        let counts = self.counts.take();
        let written = batch.add_counts(&counts);
        drop(batch);
        let committed =
            written.and_then(|()| transaction.commit().map_err(WorldError::store(&self.path)));
        if let Err(error) = committed {
            self.counts.give_back(counts);
            return Err(error.into());
        }
        Ok(result)
    }

    /// Requests answered since the world was made: those in the file and those on the way.
    pub(crate) fn requests(&self) -> Result<ByRoute, WorldError> {
        let fail = WorldError::store(&self.path);
        let mut all = self.counts.peek();
        let transaction = self
            .database
            .begin_read()
            .map_err(WorldError::store(&self.path))?;
        let table = transaction
            .open_table(REQUESTS)
            .map_err(WorldError::store(&self.path))?;
        for entry in table.iter().map_err(&fail)? {
            let (route, count) = entry.map_err(&fail)?;
            *all.entry(route.value().to_owned()).or_default() += count.value();
        }
        Ok(all)
    }

    /// Empties the world and fills it anew.
    pub(crate) fn reset(
        &self,
        fill: impl FnOnce(&mut Batch<'_>) -> Result<(), WorldError>,
    ) -> Result<(), WorldError> {
        self.counts.take();
        self.write(|batch| {
            batch.clear()?;
            batch.begin(fill)
        })
    }

    /// Adds the tables that a world lacks because it is older than their collections.
    fn add_tables(&self) -> Result<(), WorldError> {
        let transaction = self.database.begin_read();
        let tables = transaction
            .map_err(WorldError::store(&self.path))?
            .list_tables()
            .map_err(WorldError::store(&self.path))?
            .count();
        match tables < Collection::ALL.len() + 2 {
            true => self.write(|_| Ok(())), // opening them makes them
            false => Ok(()),
        }
    }

    fn format(&self) -> Result<Option<u64>, WorldError> {
        let transaction = self
            .database
            .begin_read()
            .map_err(WorldError::store(&self.path))?;
        match transaction.open_table(META) {
            Ok(meta) => {
                let found = meta
                    .get(FORMAT_KEY)
                    .map_err(WorldError::store(&self.path))?;
                Ok(found.map(|value| value.value()))
            }
            Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(WorldError::store(&self.path)(error)),
        }
    }
}

/// One transaction that writes: objects are put, found and removed in it, and all of it is kept
/// or nothing. Made by [`World::batch`](super::World::batch).
pub struct Batch<'a> {
    objects: BTreeMap<Collection, Table<'a, u64, &'static [u8]>>,
    meta: Table<'a, &'static str, u64>,
    requests: Table<'a, &'static str, u64>,
    path: &'a Path,
    reach: Reach,
}

impl<'a> Batch<'a> {
    fn new(transaction: &'a WriteTransaction, path: &'a Path) -> Result<Self, WorldError> {
        let mut objects = BTreeMap::new();
        for collection in Collection::ALL {
            let opened = transaction.open_table(table(collection));
            objects.insert(collection, opened.map_err(WorldError::store(path))?);
        }
        let meta = transaction
            .open_table(META)
            .map_err(WorldError::store(path))?;
        let requests = transaction
            .open_table(REQUESTS)
            .map_err(WorldError::store(path))?;
        Ok(Self {
            objects,
            meta,
            requests,
            path,
            reach: Reach::Everything,
        })
    }

    /// From now on sees and changes what is within reach only.
    pub(crate) fn keep_to(&mut self, reach: &Reach) {
        self.reach = reach.clone();
    }

    fn denied(&self, collection: Collection, id: u64) -> WorldError {
        WorldError::OutOfReach {
            collection: collection.name(),
            id,
        }
    }

    /// Puts an object, in place of any that has this id.
    pub fn put(
        &mut self,
        collection: Collection,
        id: u64,
        object: &Value,
    ) -> Result<(), WorldError> {
        if !self.reach.changes(collection, id, object) {
            return Err(self.denied(collection, id));
        }
        let bytes = pack(object.to_string());
        if let Some(table) = self.objects.get_mut(&collection) {
            table
                .insert(id, bytes.as_slice())
                .map_err(WorldError::store(self.path))?;
        }
        Ok(())
    }

    /// Removes an object; says whether there was one.
    pub fn remove(&mut self, collection: Collection, id: u64) -> Result<bool, WorldError> {
        if self.reach != Reach::Everything && self.get(collection, id)?.is_none() {
            return Ok(false);
        }
        match self.objects.get_mut(&collection) {
            Some(table) => Ok(table
                .remove(id)
                .map_err(WorldError::store(self.path))?
                .is_some()),
            None => Ok(false),
        }
    }

    /// Removes all objects that stand under `owner` by [`Collection::pair`].
    pub fn remove_of(&mut self, collection: Collection, owner: u64) -> Result<(), WorldError> {
        let ids = Collection::pair(owner, 0)..=Collection::pair(owner, u64::MAX);
        match self.objects.get_mut(&collection) {
            Some(table) => table
                .retain_in(ids, |_, _| false)
                .map_err(WorldError::store(self.path)),
            None => Ok(()),
        }
    }

    /// Takes the next id of a collection: no id is given out twice, not even after its object
    /// is gone, nor one at or below the id of an object that is there.
    pub fn next_id(&mut self, collection: Collection) -> Result<u64, WorldError> {
        let fail = WorldError::store(self.path);
        let stored = self
            .meta
            .get(collection.name())
            .map_err(&fail)?
            .map(|id| id.value());
        let above = match self.objects.get(&collection) {
            Some(table) => table.last().map_err(&fail)?.map(|(id, _)| id.value() + 1),
            None => None,
        };
        let id = stored
            .unwrap_or(collection.first_id())
            .max(above.unwrap_or(0));
        self.meta.insert(collection.name(), id + 1).map_err(&fail)?;
        Ok(id)
    }

    /// One object, as this transaction has it. Where the caller may only look, it is refused:
    /// whoever takes it within a change is about to change it.
    pub fn get(&self, collection: Collection, id: u64) -> Result<Option<Value>, WorldError> {
        let found = match self.objects.get(&collection) {
            Some(table) => find(table, self.path, &self.reach, collection, id)?,
            None => None,
        };
        match found {
            Some(object) if !self.reach.changes(collection, id, &object) => {
                Err(self.denied(collection, id))
            }
            found => Ok(found),
        }
    }

    /// Calls `visit` with each object of a collection, in order of ids.
    pub fn each(
        &self,
        collection: Collection,
        visit: impl FnMut(u64, Value),
    ) -> Result<(), WorldError> {
        self.each_in(collection, 0..=u64::MAX, visit)
    }

    fn format(&self) -> Result<Option<u64>, WorldError> {
        let found = self
            .meta
            .get(FORMAT_KEY)
            .map_err(WorldError::store(self.path))?;
        Ok(found.map(|value| value.value()))
    }

    fn begin(
        &mut self,
        fill: impl FnOnce(&mut Self) -> Result<(), WorldError>,
    ) -> Result<(), WorldError> {
        self.meta
            .insert(FORMAT_KEY, FORMAT)
            .map_err(WorldError::store(self.path))?;
        fill(self)
    }

    fn clear(&mut self) -> Result<(), WorldError> {
        let fail = WorldError::store(self.path);
        for table in self.objects.values_mut() {
            table.retain(|_, _| false).map_err(&fail)?;
        }
        self.meta.retain(|_, _| false).map_err(&fail)?;
        self.requests.retain(|_, _| false).map_err(&fail)
    }

    fn add_counts(&mut self, counts: &ByRoute) -> Result<(), WorldError> {
        let fail = WorldError::store(self.path);
        for (route, count) in counts {
            let so_far = self
                .requests
                .get(route.as_str())
                .map_err(&fail)?
                .map(|n| n.value());
            let sum = so_far.unwrap_or_default() + count;
            self.requests.insert(route.as_str(), sum).map_err(&fail)?;
        }
        Ok(())
    }
}

impl Objects for Batch<'_> {
    fn each_likely<T: DeserializeOwned>(
        &self,
        collection: Collection,
        ids: RangeInclusive<u64>,
        is_likely: impl Fn(&[u8]) -> bool,
        visit: impl FnMut(u64, T),
    ) -> Result<(), WorldError> {
        let within = (&self.reach, collection, ids);
        match self.objects.get(&collection) {
            Some(table) => visit_in(table, self.path, within, is_likely, visit),
            None => Ok(()),
        }
    }

    fn object(&self, collection: Collection, id: u64) -> Result<Option<Value>, WorldError> {
        self.get(collection, id)
    }
}
