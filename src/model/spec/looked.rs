//! What is looked up in the account by name and type, and never created: connections, keys,
//! devices and agents. Their secrets pass through no API, so Make's user sets them up.

/// A reference to a connection, a key, a device or an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookedSpec {
    /// The name that Make shows.
    pub name: String,
    /// The type, as Make's API has it: of a connection its `accountName` (`slack`, `google`), of
    /// a key its `typeName` (`apikeyauth`), of a device any of its `scope`. Agents have none. Any
    /// of several types where the manifest lists alternatives; none named means any type.
    pub types: Vec<String>,
}
