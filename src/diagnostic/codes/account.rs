//! Codes of the account and its API.

use crate::diagnostic::Code;

/// All codes of this domain.
pub const ALL: &[&Code] = &[];
