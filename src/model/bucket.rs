//! A place in an object store: `s3://bucket/prefix`, as `makeform.yaml` writes it.

use std::{fmt, str::FromStr};

/// Whose object store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cloud {
    /// S3, or what speaks like it.
    S3,
    /// Google Cloud Storage.
    Google,
    /// Azure Blob Storage.
    Azure,
}

impl Cloud {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::S3, Self::Google, Self::Azure];

    /// What stands before `://`.
    #[must_use]
    pub fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Google => "gs",
            Self::Azure => "az",
        }
    }
}

/// A bucket (a container, in Azure), and what the names of objects in it begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Whose.
    pub cloud: Cloud,
    /// Its name.
    pub name: String,
    /// The prefix, without a slash at either end; it may be empty.
    pub prefix: String,
}

/// Why a text names no bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LocationError {
    /// It begins otherwise.
    #[error("it is none of `file`, `git`, `s3://..`, `gs://..` and `az://..`")]
    Scheme,
    /// The bucket's name is none.
    #[error("a bucket's name has 3 to 63 lower-case letters, digits, `-`, `_` and `.`")]
    Bucket,
    /// The prefix would be another one in the store.
    #[error("a prefix is made of letters, digits, `-`, `_`, `.` and single slashes")]
    Prefix,
}

impl FromStr for Bucket {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, rest) = text.split_once("://").ok_or(LocationError::Scheme)?;
        let mut clouds = Cloud::ALL.into_iter();
        let cloud = clouds.find(|cloud| cloud.scheme() == scheme);
        let cloud = cloud.ok_or(LocationError::Scheme)?;
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let is_name = (3..=63).contains(&name.len())
            && name
                .bytes()
                .all(|byte| is_plain(byte) || b"-_.".contains(&byte))
            && name.bytes().next().is_some_and(is_plain);
        if !is_name {
            return Err(LocationError::Bucket);
        }
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        let is_part = |part: &str| {
            !matches!(part, "" | "." | "..")
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        if !prefix.is_empty() && !prefix.split('/').all(is_part) {
            return Err(LocationError::Prefix);
        }
        Ok(Self {
            cloud,
            name: name.to_owned(),
            prefix: prefix.to_owned(),
        })
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.cloud.scheme(), self.name)?;
        match self.prefix.as_str() {
            "" => Ok(()),
            prefix => write!(f, "/{prefix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bucket, LocationError};

    #[test]
    fn a_location_is_read_and_written_as_it_stands_in_the_project() {
        for text in ["s3://acme-ledgers/make", "gs://acme", "az://acme_1/a/b.c"] {
            assert_eq!(text.parse::<Bucket>().unwrap().to_string(), text);
        }
        let slash: Bucket = "s3://acme/make/".parse().unwrap();
        assert_eq!(slash.prefix, "make");
        for (text, error) in [
            ("git", LocationError::Scheme),
            ("s4://acme", LocationError::Scheme),
            ("s3://", LocationError::Bucket),
            ("s3://Acme/x", LocationError::Bucket),
            ("s3://../x", LocationError::Bucket),
            ("s3://acme//x", LocationError::Prefix),
            ("s3://acme/../x", LocationError::Prefix),
            ("s3://acme/a b", LocationError::Prefix),
            ("s3://acme/x?y", LocationError::Prefix),
        ] {
            assert_eq!(text.parse::<Bucket>(), Err(error), "{text}");
        }
    }
}
