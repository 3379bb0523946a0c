//! `kind.name`: the key of a thing everywhere.

use std::{fmt, str::FromStr};

use super::Kind;

/// The name of a thing, unique in its kind: `[a-z0-9][a-z0-9-]*`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// Whether a text may be a name.
    #[must_use]
    pub fn is_valid(text: &str) -> bool {
        let head = text.bytes().next().is_some_and(|b| b != b'-');
        head && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    }

    /// The name, if the text may be one.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        Self::is_valid(text).then(|| Self(text.to_owned()))
    }

    /// The text of the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The address of a thing: `scenario.lead-sync`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// What it is.
    pub kind: Kind,
    /// What it is called in the project.
    pub name: Name,
}

impl Address {
    /// The address of a kind and a name.
    #[must_use]
    pub fn new(kind: Kind, name: Name) -> Self {
        Self { kind, name }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind.prefix(), self.name)
    }
}

/// Why a text is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// There is no dot.
    #[error("`{0}` is no address: expected `kind.name`, such as `scenario.lead-sync`")]
    NoDot(String),
    /// What stands before the dot is no kind.
    #[error("`{0}` is no kind")]
    UnknownKind(String),
    /// What stands behind the dot is no name.
    #[error("`{0}` is no name: expected lowercase letters, digits and `-`")]
    BadName(String),
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (prefix, name) = text
            .split_once('.')
            .ok_or_else(|| AddressError::NoDot(text.to_owned()))?;
        let kind = Kind::from_prefix(prefix)
            .ok_or_else(|| AddressError::UnknownKind(prefix.to_owned()))?;
        let name = Name::new(name).ok_or_else(|| AddressError::BadName(name.to_owned()))?;
        Ok(Self { kind, name })
    }
}

impl serde::Serialize for Address {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Address {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
