//! Codes of reading manifests.

use crate::diagnostic::Code;

/// All codes of this domain.
pub const ALL: &[&Code] = &[];
