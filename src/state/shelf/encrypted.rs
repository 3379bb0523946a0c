//! A shelf whose documents are encrypted on their way there.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use super::{Change, Document, Doing, Note, Shelf, Version};
use crate::state::{Cipher, format::LOCK};

/// Encrypts what goes to a shelf, and decrypts what comes from it.
#[derive(Debug)]
pub(in crate::state) struct EncryptedShelf {
    shelf: Arc<dyn Shelf>,
    cipher: Cipher,
    /// Whether anything that was read here was encrypted.
    was_encrypted: AtomicBool,
}

impl EncryptedShelf {
    pub(in crate::state) fn new(shelf: Arc<dyn Shelf>, cipher: Cipher) -> Self {
        Self {
            shelf,
            cipher,
            was_encrypted: AtomicBool::new(false),
        }
    }
}

impl Shelf for EncryptedShelf {
    fn name(&self) -> String {
        self.shelf.name()
    }

    fn is_shared(&self) -> Doing<'_, bool> {
        self.shelf.is_shared()
    }

    fn refresh(&self) -> Doing<'_, ()> {
        self.shelf.refresh()
    }

    fn is_atomic(&self) -> bool {
        self.shelf.is_atomic()
    }

    fn read<'a>(&'a self, name: &'a str) -> Doing<'a, Option<Document>> {
        Box::pin(async move {
            let Some(Document { bytes, version }) = self.shelf.read(name).await? else {
                return Ok(None);
            };
            let opened = self.cipher.open(bytes).await?;
            self.was_encrypted
                .fetch_or(opened.was_encrypted, Ordering::Relaxed);
            Ok(Some(Document {
                bytes: opened.bytes,
                version,
            }))
        })
    }

    fn list<'a>(&'a self, prefix: &'a str) -> Doing<'a, Vec<String>> {
        self.shelf.list(prefix)
    }

    fn write<'a>(&'a self, batch: &'a [Change], note: &'a Note) -> Doing<'a, Vec<Version>> {
        Box::pin(async move {
            let was_encrypted = self.was_encrypted.load(Ordering::Relaxed);
            let mut sealed = Vec::with_capacity(batch.len());
            for change in batch {
                let bytes = match change.name == LOCK {
                    true => change.bytes.clone(),
                    false => {
                        self.cipher
                            .seal(change.bytes.clone(), was_encrypted)
                            .await?
                    }
                };
                sealed.push(Change {
                    bytes,
                    ..change.clone()
                });
            }
            self.shelf.write(&sealed, note).await
        })
    }

    fn delete<'a>(&'a self, names: &'a [String], note: &'a Note) -> Doing<'a, ()> {
        self.shelf.delete(names, note)
    }
}
