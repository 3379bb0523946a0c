//! JSON documents held as compressed bytes.

use std::{cell::Cell, fmt, io::Read as _, sync::Arc};

use flate2::{Compress, Compression, FlushCompress, Status, bufread::DeflateDecoder};
use lz4_flex::block::{compress_prepend_size, decompress_size_prepended};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::Error as _};
use serde_json::Value;

use super::json;

/// The level from which on more time saves hardly any memory.
const LEVEL: Compression = Compression::new(3);

/// The first byte of what is packed densely, and of what is packed quickly.
const DENSE: u8 = 0;
const QUICK: u8 = 1;

thread_local! {
    /// The compressor of a thread. It takes 300 kB of zeros: asked for anew for each document, they cost more
    /// than to pack it.
    static COMPRESSOR: Cell<Option<Compress>> = const { Cell::new(None) };
}

/// A JSON document, packed to a sixth or quickly to a third, so that what 10,000 scenarios are made of fits in
/// memory; unpacked and parsed only while it is looked at.
///
/// In files it stands as the document that it is.
#[derive(Clone)]
pub struct PackedJson(Arc<[u8]>);

/// Why bytes are no packed document.
#[derive(Debug, thiserror::Error)]
#[error("failed to unpack a document")]
pub struct UnpackError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl From<serde_json::Error> for UnpackError {
    fn from(error: serde_json::Error) -> Self {
        Self(error.into())
    }
}

impl PackedJson {
    /// Packs a document.
    #[must_use]
    pub fn new(document: &Value) -> Self {
        let mut packed = vec![DENSE];
        deflate(document.to_string().as_bytes(), &mut packed);
        Self(packed.into())
    }

    /// Packs a document as it is written, in a sixth of the time and to twice the size: for what
    /// is read by the thousand, and mostly turns out to be what is at hand already.
    pub(super) fn quickly(text: &str) -> Self {
        let mut packed = vec![QUICK];
        packed.append(&mut compress_prepend_size(text.as_bytes()));
        Self(packed.into())
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
        let (how, packed) = self.0.split_first().unwrap_or((&DENSE, &[]));
        let text = match *how {
            QUICK => {
                decompress_size_prepended(packed).map_err(|error| UnpackError(error.into()))?
            }
            _ => {
                let mut text = Vec::new();
                let mut unpacked = DeflateDecoder::new(packed);
                let read = unpacked.read_to_end(&mut text);
                read.map_err(|error| UnpackError(error.into()))?;
                text
            }
        };
        let text = String::from_utf8(text).map_err(|error| UnpackError(error.into()))?;
        Ok(text.parse()?)
    }
}

/// Appends the compressed form of a text.
fn deflate(text: &[u8], packed: &mut Vec<u8>) {
    let mut compressor = match COMPRESSOR.take() {
        Some(mut compressor) => {
            compressor.reset();
            compressor
        }
        None => Compress::new(LEVEL, false),
    };
    packed.reserve(text.len() / 4);
    loop {
        // What it has taken in is never more than there is.
        let taken = usize::try_from(compressor.total_in()).unwrap_or(usize::MAX);
        let rest = text.get(taken..).unwrap_or_default();
        match compressor.compress_vec(rest, packed, FlushCompress::Finish) {
            Ok(Status::Ok | Status::BufError) => packed.reserve(text.len() / 4 + 64),
            // Packing into memory does not fail; if it did, unpacking would say so.
            Ok(Status::StreamEnd) | Err(_) => break,
        }
    }
    COMPRESSOR.set(Some(compressor));
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
    fn however_a_document_is_packed_it_is_the_same() {
        let text = format!(r#"{{"text":"{}","number":1.0}}"#, "ab".repeat(500));
        let dense = PackedJson::new(&serde_json::from_str(&text).unwrap());
        let quick = PackedJson::quickly(&text);
        assert_eq!(dense, quick);
        assert_ne!(dense.bytes(), quick.bytes());
        for packed in [&dense, &quick] {
            assert!(packed.bytes().len() < text.len() / 2);
            let kept = PackedJson::from_bytes(packed.bytes());
            assert_eq!(kept.document().unwrap().to_string(), text);
        }
        for wrong in [&[][..], &[0, 9, 9], &[1, 9, 9], &[1, 9, 0, 0, 0, 9]] {
            assert!(
                PackedJson::from_bytes(wrong).document().is_err(),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn what_was_packed_before_leaves_nothing_behind() {
        // From what hardly packs to what packs well, both longer than any room that is made at first.
        let hardly = (0..20_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_string());
        let texts = [
            hardly.collect::<String>(),
            "a".repeat(300_000),
            String::new(),
        ];
        let documents = texts.map(|text| json!({"text": text}));
        let first = documents.each_ref().map(PackedJson::new);
        for (document, packed) in documents.iter().zip(&first) {
            assert_eq!(packed.document().unwrap(), *document);
            let again = PackedJson::new(document);
            assert_eq!(again.bytes(), packed.bytes());
        }
        assert!(first[1].bytes().len() < 1_000);
    }

    #[test]
    fn packed_documents_are_equal_by_value() {
        let packed = PackedJson::new(&json!({"a": 1, "b": 2}));
        let other: PackedJson = serde_json::from_str(r#"{"b": 2.0, "a": 1}"#).unwrap();
        assert_eq!(packed, other);
        assert_ne!(packed, PackedJson::new(&json!({"a": 1})));
    }
}
