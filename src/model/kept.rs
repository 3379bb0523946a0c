//! What a journal keeps of a thing's form before a step: enough to go back to it.

use serde::{Deserialize, Serialize};

use super::{PackedJson, Path};

/// A form, whole: what it does, what the editor keeps with it, and what must not be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The comparable form; `(sensitive)` where a value is hidden.
    pub form: PackedJson,
    /// What Make's editor keeps with the blueprint: see [`super::blueprint::EditorPart`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub editor: Option<PackedJson>,
    /// The values that are hidden in both.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<Hidden>,
}

/// A value that a journal does not say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    /// Where it stands: in the form; below `editor`, in what the editor keeps; `url`, of a webhook.
    pub path: Path,
    /// What is kept in its place.
    pub cover: Cover,
}

/// What is kept in the place of a sensitive value. All texts are lower-case hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cover {
    /// The value, for whoever has the key.
    Sealed {
        /// What the key was derived with.
        salt: String,
        /// What this value was sealed with.
        nonce: String,
        /// The sealed text of the value's JSON.
        text: String,
    },
    /// A hash that shows whether another value is the same.
    Hashed {
        /// What it was made with.
        salt: String,
        /// The hash.
        hash: String,
    },
}
