//! A data store. What it holds is the user's, and never touched.

use super::Link;
use crate::model::Field;

/// A data store of the team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataStoreSpec {
    /// The name that Make shows; at most 128 characters.
    pub name: String,
    /// The structure of its records; null is none.
    pub data_structure: Field<Link>,
    /// The most that it may hold, in MB of 1,048,576 bytes. Make writes it so, and reads it back
    /// as a text that holds bytes.
    pub max_size_mb: Field<u64>,
}
