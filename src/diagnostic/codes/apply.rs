//! Codes of carrying out a plan.

use crate::diagnostic::Code;

/// All codes of this domain.
pub const ALL: &[&Code] = &[];
