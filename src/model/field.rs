//! Absent, null, or set.

/// A field of a spec.
///
/// Absent is not managed: the live value stays. Null clears. On the live side every field that
/// the account has is [`Field::Set`] or [`Field::Null`]; absent there means that the account
/// does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Field<T> {
    /// Not mentioned.
    #[default]
    Absent,
    /// Cleared on purpose.
    Null,
    /// Given.
    Set(T),
}

impl<T> Field<T> {
    /// The value, where one is set.
    pub fn as_set(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Whether the field is not mentioned.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The same field with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Field<U> {
        match self {
            Self::Absent => Field::Absent,
            Self::Null => Field::Null,
            Self::Set(value) => Field::Set(f(value)),
        }
    }

    /// The same field, borrowed.
    pub fn as_ref(&self) -> Field<&T> {
        match self {
            Self::Absent => Field::Absent,
            Self::Null => Field::Null,
            Self::Set(value) => Field::Set(value),
        }
    }
}

impl<T> From<Option<T>> for Field<T> {
    /// `None` is null: the account says that there is none.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Set)
    }
}
