//! Where a project keeps its ledgers.

use std::fmt;

/// Where the ledgers of a project's targets are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum StateLocation {
    /// In `.makeform/<target>` of the project's folder.
    #[default]
    File,
    /// In a ref of the project's own repository.
    Git,
    /// In an object store: the address of a bucket, and what names begin with there.
    Object(String),
}

/// What the addresses of object stores begin with.
const STORES: [&str; 3] = ["s3://", "gs://", "az://"];

impl StateLocation {
    /// Reads `file`, `git` or the address of an object store; none if it is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "file" => Some(Self::File),
            "git" => Some(Self::Git),
            _ => {
                let of_store = |store: &&str| text.len() > store.len() && text.starts_with(*store);
                let is_object = STORES.iter().any(|store| of_store(&store));
                is_object.then(|| Self::Object(text.trim_end_matches('/').to_owned()))
            }
        }
    }

    /// Whether others than this machine find it there.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        match self {
            Self::File => false,
            Self::Git | Self::Object(_) => true,
        }
    }
}

impl fmt::Display for StateLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("file"),
            Self::Git => f.write_str("git"),
            Self::Object(address) => f.write_str(address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::StateLocation;

    #[test]
    fn a_location_is_read_and_shown_alike() {
        for text in ["file", "git", "s3://bucket/prefix", "gs://b", "az://c/p"] {
            let location = StateLocation::parse(text).unwrap();
            assert_eq!(location.to_string(), text);
            assert_eq!(location.is_shared(), text != "file");
        }
        let slash = StateLocation::parse("s3://bucket/").unwrap();
        assert_eq!(slash.to_string(), "s3://bucket");
        for text in ["", "File", "s3://", "ftp://x"] {
            assert_eq!(StateLocation::parse(text), None, "{text}");
        }
    }
}
