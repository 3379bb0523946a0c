//! Where a project keeps its ledgers: `state` in `makeform.yaml`.

use std::{fmt, str::FromStr};

use super::{Bucket, LocationError};

/// Where the ledgers of a project are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum StateLocation {
    /// In a folder of this machine: `.makeform/<target>`.
    #[default]
    File,
    /// In refs of the project's own repository.
    Git,
    /// In an object store.
    Object(Bucket),
}

impl StateLocation {
    /// Whether others have the same ledger.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        match self {
            Self::File => false,
            Self::Git | Self::Object(_) => true,
        }
    }
}

impl FromStr for StateLocation {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "file" => Ok(Self::File),
            "git" => Ok(Self::Git),
            _ => text.parse().map(Self::Object),
        }
    }
}

impl fmt::Display for StateLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("file"),
            Self::Git => f.write_str("git"),
            Self::Object(bucket) => bucket.fmt(f),
        }
    }
}
