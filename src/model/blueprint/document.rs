//! One blueprint as a packed document and a digest.

use std::{borrow::Cow, fmt, sync::Arc};

use serde_json::{Value, value::RawValue};

use super::filled::{fill, fillings};
use crate::model::{
    PackedJson, UnpackError,
    canonical_text::canonical_without,
    json::{self, digest_of_text},
};

/// A blueprint, whole: what it does and what Make's editor keeps with it.
#[derive(Clone)]
pub struct Blueprint {
    packed: PackedJson,
    digest: Arc<str>,
    references: bool,
    /// What stands in place of the texts with references of what is packed, as JSON, where the
    /// document is held so.
    fillings: Option<Arc<str>>,
}

impl Blueprint {
    /// Packs a document. `references`: whether its strings may hold `${..}` references.
    #[must_use]
    pub fn new(document: &Value, references: bool) -> Self {
        Self {
            packed: PackedJson::new(document),
            digest: digest_of(document).into(),
            references,
            fillings: None,
        }
    }

    /// Packs a document as it was written, without references; none if it is nested so deeply that
    /// it can't be parsed.
    #[must_use]
    pub fn written(document: &RawValue) -> Option<Self> {
        let canonical = canonical_without(document, "metadata", &COMPUTED)?;
        Some(Self {
            packed: PackedJson::quickly(document.get()),
            digest: digest_of_text(&canonical).into(),
            references: false,
            fillings: None,
        })
    }

    /// A blueprint that was packed before, without references. Nothing is computed again, so that
    /// both parts have to be what [`Blueprint::packed`] and [`Blueprint::digest`] gave.
    #[must_use]
    pub fn from_packed(packed: PackedJson, digest: &str) -> Self {
        Self {
            packed,
            digest: digest.into(),
            references: false,
            fillings: None,
        }
    }

    /// The same document, held with a draft of it, so that the two take the memory of one; none where
    /// it differs from the draft in anything but what the references of that stand for.
    #[must_use]
    pub fn held_with(&self, draft: &Self) -> Option<Self> {
        if !draft.references {
            return (self == draft).then(|| draft.clone());
        }
        let fillings = fillings(&draft.document().ok()?, &self.document().ok()?)?;
        let fillings = Value::Array(fillings).to_string();
        Some(Self {
            packed: draft.packed.clone(),
            digest: Arc::clone(&self.digest),
            references: false,
            fillings: Some(fillings.into()),
        })
    }

    /// The packed document.
    #[must_use]
    pub fn packed(&self) -> Cow<'_, PackedJson> {
        let filled = self.fillings.as_ref().and_then(|_| self.document().ok());
        match filled {
            Some(document) => Cow::Owned(PackedJson::new(&document)),
            None => Cow::Borrowed(&self.packed),
        }
    }

    /// The document.
    ///
    /// # Errors
    /// As [`PackedJson::document`].
    pub fn document(&self) -> Result<Value, UnpackError> {
        let mut document = self.packed.document()?;
        if let Some(fillings) = &self.fillings {
            let fillings = serde_json::from_str(fillings).map_err(UnpackError::from)?;
            fill(&mut document, fillings);
        }
        Ok(document)
    }

    /// The digest of the document's canonical form: equal exactly when two documents are equal
    /// as unordered JSON, but for what Make writes into them by itself.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Whether a document without references is this one. Nothing is unpacked.
    #[must_use]
    pub fn is_of(&self, document: &Value) -> bool {
        !self.references && *self.digest == *digest_of(document)
    }

    /// Whether strings of the document may hold references.
    #[must_use]
    pub fn has_references(&self) -> bool {
        self.references
    }
}

/// Whether a document is a blueprint of `modules` and the `connections` between them, as the
/// unified dialect takes it beside the editor's exports, which have a `flow`.
#[must_use]
pub fn is_graph(document: &Value) -> bool {
    document.get("flow").is_none() && document.get("modules").is_some()
}

/// Keys of `metadata` that Make computes whenever a blueprint is saved, whatever was sent.
pub(super) const COMPUTED: [&str; 2] = ["instant", "zone"];

fn digest_of(document: &Value) -> String {
    let metadata = document.get("metadata").and_then(Value::as_object);
    if !metadata.is_some_and(|map| COMPUTED.iter().any(|key| map.contains_key(*key))) {
        return json::digest_of(document);
    }
    let mut rest = document.get("metadata").cloned().unwrap_or_default();
    if let Value::Object(metadata) = &mut rest {
        metadata.retain(|key, _| !COMPUTED.contains(&key.as_str()));
    }
    let members = document.as_object().into_iter().flatten();
    let members = members.map(|(key, value)| match key.as_str() {
        "metadata" => (key.as_str(), &rest),
        key => (key, value),
    });
    json::digest_of_members(members.collect())
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

#[cfg(test)]
mod tests {
    use serde_json::{json, value::RawValue};

    use super::Blueprint;

    #[test]
    fn what_make_computes_is_kept_and_makes_no_difference() {
        let sent = json!({"flow": [], "metadata": {"version": 1}});
        let stored = json!({"flow": [], "metadata": {"version": 1, "instant": true, "zone": "x"}});
        let packed = Blueprint::new(&stored, false);
        assert_eq!(packed, Blueprint::new(&sent, false));
        assert_eq!(packed.document().unwrap(), stored);
        let other = json!({"flow": [], "metadata": {"version": 2, "instant": true}});
        assert_ne!(packed, Blueprint::new(&other, false));
    }

    #[test]
    fn what_is_read_from_a_text_is_the_same_blueprint() {
        let text = r#"{"metadata": {"zone": "x", "version": 1.0, "instant": true}, "flow": []}"#;
        let raw: Box<RawValue> = serde_json::from_str(text).unwrap();
        let written = Blueprint::written(&raw).unwrap();
        let sent = json!({"flow": [], "metadata": {"version": 1}});
        assert_eq!(written, Blueprint::new(&sent, false));
        assert_eq!(
            written.document().unwrap().to_string(),
            text.replace(' ', "")
        );
    }
}
