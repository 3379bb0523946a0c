//! JSON documents held as compressed bytes.

use std::{fmt, sync::Arc};

use lz4_flex::block::{compress_prepend_size, decompress_size_prepended};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::Error as _};
use serde_json::Value;

use super::json;

/// A JSON document, packed to about a quarter, so that what 10,000 scenarios are made of fits in
/// memory; unpacked and parsed only while it is looked at.
///
/// In files it stands as the document that it is.
#[derive(Clone)]
pub struct PackedJson(Arc<[u8]>);

/// Why bytes are no packed document.
#[derive(Debug, thiserror::Error)]
#[error("failed to unpack a document")]
pub struct UnpackError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl PackedJson {
    /// Packs a document.
    #[must_use]
    pub fn new(document: &Value) -> Self {
        Self::of_text(&document.to_string())
    }

    /// Packs a document as it is written.
    pub(super) fn of_text(text: &str) -> Self {
        Self(compress_prepend_size(text.as_bytes()).into())
    }

    /// What [`PackedJson::bytes`] gave.
    #[must_use]
    pub fn from_bytes(packed: &[u8]) -> Self {
        Self(packed.into())
    }

    /// The packed form, to be kept outside of memory.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The document, every number as it was spelled.
    ///
    /// # Errors
    /// When the bytes are not what [`PackedJson::new`] packed.
    pub fn document(&self) -> Result<Value, UnpackError> {
        let text = decompress_size_prepended(&self.0).map_err(|error| UnpackError(error.into()))?;
        serde_json::from_slice(&text).map_err(|error| UnpackError(error.into()))
    }
}

impl PartialEq for PackedJson {
    /// Equal as unordered JSON, numbers by value.
    fn eq(&self, other: &Self) -> bool {
        // What was packed from the same text is the same bytes, and most comparisons are of that.
        self.0 == other.0
            || matches!(
                (self.document(), other.document()),
                (Ok(a), Ok(b)) if json::values_equal(&a, &b)
            )
    }
}

impl From<Value> for PackedJson {
    fn from(document: Value) -> Self {
        Self::new(&document)
    }
}

impl Serialize for PackedJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let document = self.document().map_err(S::Error::custom)?;
        document.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PackedJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from)
    }
}

impl fmt::Debug for PackedJson {
    /// Says how long it is only: its values may be private.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PackedJson({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::PackedJson;

    #[test]
    fn a_packed_document_is_written_as_itself_and_keeps_the_spelling_of_numbers() {
        let text = r#"{"b":[1.0,1e+400,-0],"a":{"text":"é"}}"#;
        let packed: PackedJson = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&packed).unwrap(), text);
        assert_eq!(packed.document().unwrap().to_string(), text);
        assert!(!format!("{packed:?}").contains('é'));
    }

    #[test]
    fn packed_documents_are_equal_by_value() {
        let packed = PackedJson::new(&json!({"a": 1, "b": 2}));
        let other: PackedJson = serde_json::from_str(r#"{"b": 2.0, "a": 1}"#).unwrap();
        assert_eq!(packed, other);
        assert_ne!(packed, PackedJson::new(&json!({"a": 1})));
    }
}
