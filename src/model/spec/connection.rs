//! A connection: looked up in the account by name and type, never created.

/// A reference to a connection. Its secrets pass through no API, so Make's user sets it up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionSpec {
    /// The name that Make shows.
    pub name: String,
    /// The type, as Make's API has it in `accountName`: `slack`, `google`. Any of several types
    /// where the manifest lists alternatives; none named means any type.
    pub types: Vec<String>,
}
