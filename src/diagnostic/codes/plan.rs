//! Codes of planning: decisions and guards.

use crate::diagnostic::Code;

/// All codes of this domain.
pub const ALL: &[&Code] = &[];
