//! Where a project keeps its ledgers.

use std::{fmt, str::FromStr};

use crate::model::{Bucket, LocationError};

/// Where the ledgers of a project's targets are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum StateLocation {
    /// In `.makeform/<target>` of the project's folder.
    #[default]
    File,
    /// In a ref of the project's own repository.
    Git,
    /// In an object store.
    Object(Bucket),
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

#[cfg(test)]
mod tests {
    use super::StateLocation;

    #[test]
    fn a_location_is_read_and_shown_alike() {
        for text in [
            "file",
            "git",
            "s3://bucket/prefix",
            "gs://bucket",
            "az://container/p",
        ] {
            let location: StateLocation = text.parse().unwrap();
            assert_eq!(location.to_string(), text);
        }
        let slash: StateLocation = "s3://bucket/".parse().unwrap();
        assert_eq!(slash.to_string(), "s3://bucket");
        for text in ["", "File", "s3://", "ftp://x"] {
            assert!(text.parse::<StateLocation>().is_err(), "{text}");
        }
    }
}
