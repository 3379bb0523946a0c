//! Codes: the stable names of findings.

use std::fmt;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing can be done before it is mended.
    Error,
    /// It can go on, but is probably not what was meant.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// The word that reports show.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// The stable, kebab-case name of one thing that can be found, and what `explain` says of it.
#[derive(Debug)]
pub struct Code {
    /// The name: `unknown-key`. Unique, and never reused for another meaning.
    pub name: &'static str,
    /// How bad it is, unless a finding says otherwise.
    pub severity: Severity,
    /// One line.
    pub summary: &'static str,
    /// What it means, why it is so, and what to do: a few sentences.
    pub explanation: &'static str,
    /// A short example that provokes it, mends it, or looks into it.
    pub example: &'static str,
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Code {}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
