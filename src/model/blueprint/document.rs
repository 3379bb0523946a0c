//! One blueprint as a packed document and a digest.

use std::{fmt, sync::Arc};

use serde_json::Value;

use crate::model::{PackedJson, UnpackError, json};

/// A blueprint, whole: what it does and what Make's editor keeps with it.
#[derive(Clone)]
pub struct Blueprint {
    packed: PackedJson,
    digest: Arc<str>,
    references: bool,
}

impl Blueprint {
    /// Packs a document. `references`: whether its strings may hold `${..}` references.
    #[must_use]
    pub fn new(document: &Value, references: bool) -> Self {
        Self {
            packed: PackedJson::new(document),
            digest: json::digest_of(document).into(),
            references,
        }
    }

    /// The document.
    ///
    /// # Errors
    /// As [`PackedJson::document`].
    pub fn document(&self) -> Result<Value, UnpackError> {
        self.packed.document()
    }

    /// The digest of the document's canonical form: equal exactly when two documents are equal
    /// as unordered JSON.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Whether strings of the document may hold references.
    #[must_use]
    pub fn has_references(&self) -> bool {
        self.references
    }
}

impl PartialEq for Blueprint {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest && self.references == other.references
    }
}

impl Eq for Blueprint {}

impl fmt::Debug for Blueprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blueprint({})", self.digest)
    }
}
