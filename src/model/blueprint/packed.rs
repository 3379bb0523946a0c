//! One blueprint as compressed bytes and a digest.

use std::{fmt, sync::Arc};

use serde_json::Value;

use crate::model::json;

/// A blueprint, whole: what it does and what Make's editor keeps with it.
///
/// Packed to about a fifth, so that the blueprints of 10,000 scenarios fit in memory; unpacked
/// and parsed only while it is looked at.
#[derive(Clone)]
pub struct Blueprint {
    packed: Arc<[u8]>,
    digest: Arc<str>,
    references: bool,
}

/// Why a text is no blueprint.
#[derive(Debug, thiserror::Error)]
#[error("failed to unpack a blueprint")]
pub struct BlueprintError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl Blueprint {
    /// Packs a document. `references`: whether its strings may hold `${..}` references.
    #[must_use]
    pub fn new(document: &Value, references: bool) -> Self {
        let text = document.to_string();
        Self {
            packed: lz4_flex::compress_prepend_size(text.as_bytes()).into(),
            digest: json::digest_of(document).into(),
            references,
        }
    }

    /// The document.
    ///
    /// # Errors
    /// When the bytes are not what [`Blueprint::new`] packed.
    pub fn document(&self) -> Result<Value, BlueprintError> {
        let bytes = lz4_flex::decompress_size_prepended(&self.packed)
            .map_err(|error| BlueprintError(error.into()))?;
        serde_json::from_slice(&bytes).map_err(|error| BlueprintError(error.into()))
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
