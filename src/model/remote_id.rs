//! Ids in Make.

use std::fmt;

use serde::{Deserialize, Serialize, de::Error};
use serde_json::Value;

/// The id of a thing in the account: a number for nearly all kinds.
///
/// A team role has no id of its own: it is known by the user's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RemoteId {
    /// A number, as of scenarios and hooks.
    Int(u64),
    /// A text, as of AI agents.
    Text(String),
}

impl RemoteId {
    /// The number, where the id is one.
    #[must_use]
    pub fn as_int(&self) -> Option<u64> {
        match self {
            Self::Int(id) => Some(*id),
            Self::Text(_) => None,
        }
    }

    /// The id as JSON.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::Int(id) => Value::from(*id),
            Self::Text(id) => Value::from(id.as_str()),
        }
    }

    /// The id that a JSON value holds.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => number.as_u64().map(Self::Int),
            Value::String(text) => Some(Self::from(text.as_str())),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

impl From<&str> for RemoteId {
    fn from(text: &str) -> Self {
        text.parse()
            .map_or_else(|_| Self::Text(text.to_owned()), Self::Int)
    }
}

impl fmt::Display for RemoteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(id) => id.fmt(f),
            Self::Text(id) => id.fmt(f),
        }
    }
}

impl Serialize for RemoteId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RemoteId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::from_value(&value).ok_or_else(|| D::Error::custom("expected an id"))
    }
}
